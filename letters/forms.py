"""Forms Zalo approved beforehand (ZBS template messages): which the ward has, and how one is filled in.

A form carries no words of ours, only parameters; each has its longest length. Nothing is cut to fit:
a form that cannot be filled in whole is not sent. `FACTS` says what each kind may tell: nothing of
what a dossier is about, no telephone number, no link.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from knowledge.sheet import Sheet
from letters.facts import composed
from letters.rules import Kind

TABLE: Final = "zbs"
LONGEST: Final = 200  # characters of any parameter (zalo.md §10)
MOST: Final = 10  # parameters of a form (zalo.md §10)
TAGS: Final = (1, 2)  # transaction, customer care; 3 is advertising
_NAME_LENGTH: Final = 60
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Carried = dict[str, Any]  # a form as `Delivery.template` keeps it


class FormKind(StrEnum):
    """What a form may be for. Festive words and condolence have none, whatever Zalo would allow."""

    RESULT_READY = "result_ready"
    APOLOGY = "apology"
    THANKS = "thanks"


FACTS: Final[Mapping[FormKind, tuple[str, ...]]] = {
    FormKind.RESULT_READY: ("code", "place", "ward_name"),
    FormKind.APOLOGY: ("code", "recipient", "original_due_on", "new_due_on", "letter_number", "ward_name"),
    FormKind.THANKS: ("code", "recipient", "contribution_date", "letter_number", "ward_name"),
}
IDENTIFYING: Final = ("code", "recipient")  # Zalo approves no form that names no transaction
OF_LETTERS: Final[Mapping[Kind, FormKind]] = {Kind.OWED: FormKind.APOLOGY, Kind.KIND: FormKind.THANKS}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One gap of a form: Zalo's name for it, our fact, and how many characters it takes."""

    name: str
    fact: str
    longest: int


@dataclass(frozen=True, kw_only=True)
class Form:
    """One approved form. `tag` is Zalo's: 1 transaction, 2 customer care."""

    kind: FormKind
    template_id: str
    parameters: tuple[Parameter, ...]
    approved_on: date
    tag: int


def read_forms(sheet: Sheet) -> tuple[Form, ...]:
    """Read the tables `[[zbs]]`; what is wrong is noted in the sheet."""
    found: list[Form] = []
    for part in sheet.parts(TABLE):
        form = _form(part)
        if any(one.kind is form.kind for one in found):
            part.note("kind", f"đã có một mẫu cho {form.kind}; mỗi loại chỉ một mẫu")
        found.append(form)
    return tuple(found)


def _form(sheet: Sheet) -> Form:
    kind = _kind(sheet)
    form = Form(
        kind=kind,
        template_id=_word(sheet, "template_id"),
        parameters=tuple(_parameter(part, kind) for part in sheet.parts("parameters")),
        approved_on=sheet.day("approved_on"),
        tag=_tag(sheet),
    )
    sheet.finish()
    names = [one.name for one in form.parameters]
    if not any(one.fact in IDENTIFYING for one in form.parameters):
        sheet.note("parameters", "phải có ít nhất một tham số nêu code (mã) hoặc recipient (người nhận)")
    if len(set(names)) < len(names) or len(names) > MOST:
        sheet.note("parameters", f"tối đa {MOST} tham số, không trùng tên")
    return form


def _kind(sheet: Sheet) -> FormKind:
    said = sheet.text("kind")
    if said in set(FormKind):
        return FormKind(said)
    sheet.note(
        "kind",
        "tin mẫu chỉ dùng cho result_ready (có kết quả), apology (xin lỗi), thanks (cảm ơn); "
        "lời chúc và thư chia buồn không gửi bằng tin mẫu",
    )
    return FormKind.RESULT_READY


def _tag(sheet: Sheet) -> int:
    tag = sheet.number("tag", 1, 3)
    if tag not in TAGS:
        sheet.note("tag", "loại 3 là tin quảng cáo, phường không gửi; ghi 1 (giao dịch) hoặc 2 (chăm sóc)")
    return tag


def _parameter(sheet: Sheet, kind: FormKind) -> Parameter:
    found = Parameter(
        name=_word(sheet, "name"),
        fact=sheet.one_of("fact", FACTS[kind]),
        longest=sheet.number("longest", 1, LONGEST),
    )
    sheet.finish()
    return found


def _word(sheet: Sheet, key: str) -> str:
    """Read a name as Zalo makes them: short, without spaces."""
    word = sheet.text(key)
    if word and (len(word) > _NAME_LENGTH or not word.replace("_", "").replace("-", "").isalnum()):
        sheet.note(key, "chỉ gồm chữ, số, dấu gạch; chép đúng như trang của Zalo")
    return word


def usable(forms: Sequence[Form], kind: FormKind, today: date) -> Form | None:
    """Return the ward's form of this kind that is approved by *today*."""
    return next((one for one in forms if one.kind is kind and one.approved_on <= today), None)


def filled(form: Form, facts: Mapping[str, object]) -> Carried | None:
    """Return *form* with its gaps filled; None where a fact is missing or longer than its gap."""
    data: dict[str, str] = {}
    for one in form.parameters:
        value = said(facts.get(one.fact))
        if not value or len(value) > one.longest:
            return None
        data[one.name] = value
    return {"id": form.template_id, "data": data}


def said(value: object) -> str:
    """Return a fact as a form shows it: one line, composed, a day as people write it.

    >>> said("2026-11-30"), said("  Nguyễn  Văn Mẫu "), said(None)
    ('30/11/2026', 'Nguyễn Văn Mẫu', '')
    """
    if value is None:
        return ""
    text = composed(str(value))
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}" if _DAY.fullmatch(text) else text
    except ValueError:
        return text
