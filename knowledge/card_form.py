"""A card as a form: its facts as the texts a clerk types, and back to a card by the schema of the files.

A list stands with a line for each item; what belongs together on a line is parted by `|`, as
"Tờ khai | 1 bản chính | nộp trực tiếp". What is wrong is told by the name of its field.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from knowledge.card_reasons import said_of
from knowledge.catalogue import plain_card, read_card
from knowledge.procedure import FeeKind, Online, Procedure

LONGEST_LINE: Final = 300
MOST_LINES: Final = 60
LISTS: Final = ("aliases", "sibling_words", "legal_basis", "mistakes")
NUMBERS: Final = ("working_days", "calendar_days", "fee_vnd")
TEXTS: Final = ("short_name", "differs", "where", "result", "time_limit", "fee", "source", "as_of")
TITLES: Final[Mapping[str, str]] = {
    "short_name": "Tên ngắn",
    "name": "Tên đầy đủ",
    "aliases": "Tên thường gọi",
    "sibling_words": "Chữ chỉ việc khác",
    "differs": "Khác thẻ gần giống ở chỗ",
    "detail": "Mức soạn",
    "full": "Mức soạn",
    "papers": "Giấy tờ cần mang",
    "where": "Nơi nộp",
    "online": "Nộp trực tuyến",
    "time_limit": "Thời gian giải quyết",
    "working_days": "Số ngày làm việc",
    "calendar_days": "Số ngày theo lịch",
    "same_day_until": "Trả trong ngày nếu nộp trước",
    "fee": "Lệ phí, bằng lời",
    "fee_kind": "Loại lệ phí",
    "fee_vnd": "Lệ phí, bằng số (đồng)",
    "result": "Kết quả",
    "legal_basis": "Căn cứ pháp lý",
    "mistakes": "Chỗ hay vướng",
    "cases": "Trường hợp hay gặp",
    "source": "Trang nguồn",
    "as_of": "Nguồn bản tháng",
    "checked_on": "Ngày kiểm tra",
    "successors": "Mã thay thế",
    "handler": "Nơi giải quyết",
    "field": "Lĩnh vực",
    "field_slug": "Lĩnh vực",
    "code": "Mã thủ tục",
}
FEES: Final[Mapping[str, str]] = {
    FeeKind.UNKNOWN: "Nguồn chưa nêu",
    FeeKind.FREE: "Không thu (nguồn ghi rõ)",
    FeeKind.AMOUNT: "Một mức cho mọi người",
    FeeKind.PROVINCE: "Do HĐND tỉnh, thành phố quy định",
    FeeKind.CASE: "Tùy trường hợp",
}
WAYS: Final[Mapping[str, str]] = {
    Online.UNKNOWN: "Nguồn chưa nêu",
    Online.FULL: "Nộp được trực tuyến",
    Online.PARTIAL: "Nộp được một phần",
    Online.NONE: "Nguồn không ghi cách nộp trực tuyến",
}
_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_HOUR: Final = re.compile(r"([01]?\d|2[0-3])[:h]([0-5]\d)")


@dataclass(frozen=True)
class Problem:
    """One thing wrong: the field's name in the form, and what to do."""

    field: str
    what: str

    def __str__(self) -> str:
        """Return it as one line for the clerk."""
        return f"{TITLES.get(self.field, self.field)}: {self.what}"


def typed(card: Procedure) -> dict[str, str]:
    """Return *card* as it stands in the form."""
    said = {name: getattr(card, name) for name in TEXTS}
    said |= {name: "\n".join(getattr(card, name)) for name in LISTS}
    said |= {name: "" if getattr(card, name) is None else str(getattr(card, name)) for name in NUMBERS}
    until = card.same_day_until
    return said | {
        "papers": "\n".join(_joined(one.name, one.copies, one.when) for one in card.papers),
        "cases": "\n".join(_joined(one.label, one.text) for one in card.cases),
        "same_day_until": f"{until.hour}:{until.minute:02}" if until else "",
        "online": str(card.online),
        "fee_kind": str(card.fee_kind),
        "detail": "full" if card.full else "brief",
        "checked_on": card.checked_on.isoformat(),
    }


def read(said: Mapping[str, str], old: Procedure, today: date) -> tuple[Procedure | None, list[Problem]]:
    """Return the card the form says, in the place of *old*; or what is wrong with it, and no card."""
    problems: list[Problem] = []
    clean = {name: tidy(text) for name, text in said.items()}
    raw: dict[str, Any] = {
        "code": old.code,
        "name": old.name,
        "handler": str(old.handler),
        "successors": list(old.successors),
        "detail": clean.get("detail", ""),
        "online": clean.get("online", ""),
        "fee_kind": clean.get("fee_kind", ""),
        **{name: clean.get(name, "") for name in TEXTS},
        **{name: _lines(clean.get(name, ""), name, problems) for name in LISTS},
        **{name: _number(clean.get(name, ""), name, problems) for name in NUMBERS},
        "papers": _rows(clean.get("papers", ""), "papers", ("name", "copies", "when"), problems),
        "cases": _rows(clean.get("cases", ""), "cases", ("label", "text"), problems),
        "same_day_until": _hour(clean.get("same_day_until", ""), problems),
        "checked_on": _day(clean.get("checked_on", ""), today, problems) or today,
    }
    card, wrong = read_card(raw, {"name": old.field, "slug": old.field_slug}, said_of)
    problems += [_problem(field, what) for field, what in wrong]
    problems += _uneven(raw)
    told = {problem.field: problem for problem in reversed(problems)}  # one, the first, for each field
    return (None if told else card), sorted(told.values(), key=lambda one: _place(one.field))


def fingerprint(card: Procedure) -> str:
    """Return a name for exactly these facts, so that nobody overwrites what they have not seen."""
    return hashlib.sha256(json.dumps(plain_card(card), sort_keys=True).encode()).hexdigest()[:16]


def tidy(text: str) -> str:
    """Return *text* in NFC, each line trimmed, without control characters and invisible marks."""
    seen = (letter for letter in text if letter == "\n" or unicodedata.category(letter)[0] != "C")
    lines = unicodedata.normalize("NFC", "".join(seen)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def shown(card: Procedure, name: str) -> str:
    """Return one fact of *card* in words, for a list of differences."""
    value = getattr(card, name)
    words: dict[str, Callable[[], str]] = {
        "full": lambda: "đủ chi tiết" if value else "chỉ có tên",
        "online": lambda: WAYS[value],
        "fee_kind": lambda: FEES[value],
        "checked_on": lambda: f"{value:%d/%m/%Y}",
        "handler": lambda: str(value),
        "same_day_until": lambda: f"{value.hour}:{value.minute:02}" if value else "",
    }
    if name in words:
        return words[name]()
    if name in typed(card):
        return typed(card)[name]
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _joined(*parts: str) -> str:
    return " | ".join(parts).rstrip("| ")


def _lines(text: str, name: str, problems: list[Problem]) -> list[str]:
    lines = [line for line in text.split("\n") if line]
    if len(lines) > MOST_LINES:
        problems.append(Problem(name, f"có {len(lines)} dòng; nhiều nhất {MOST_LINES} dòng"))
    long = next((line for line in lines if len(line) > LONGEST_LINE), "")
    if long:
        problems.append(Problem(name, f"dòng “{long[:30]}…” dài quá {LONGEST_LINE} chữ cái; rút gọn lại"))
    twice = next((line for place, line in enumerate(lines) if line in lines[:place]), "")
    if twice:
        problems.append(Problem(name, f"“{twice[:60]}” ghi hai lần; xóa bớt một dòng"))
    return lines


def _rows(text: str, name: str, keys: tuple[str, ...], problems: list[Problem]) -> list[dict[str, str]]:
    rows = []
    for line in _lines(text, name, problems) if name != "cases" else [one for one in text.split("\n") if one]:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) > len(keys):
            what = f"dòng “{line[:40]}” có {len(parts)} phần; mỗi dòng nhiều nhất {len(keys)} phần"
            problems.append(Problem(name, what))
        rows.append(dict(zip(keys, parts, strict=False)))
    return rows


def _number(text: str, name: str, problems: list[Problem]) -> int | None:
    bare = re.sub(r"[. ]|đồng|đ$", "", text) if name == "fee_vnd" else text
    if not bare:
        return None
    if bare.isascii() and bare.isdecimal() and len(bare) <= 9:  # noqa: PLR2004  a fee of a milliard is a mistake
        return int(bare)
    example = "số tiền đồng, ví dụ 8000 hoặc 8.000" if name == "fee_vnd" else "một con số, ví dụ 5"
    problems.append(Problem(name, f"“{text[:30]}” không phải {example}; chưa rõ thì để trống"))
    return None


def _hour(text: str, problems: list[Problem]) -> str | None:
    match = _HOUR.fullmatch(text)
    if text and not match:
        problems.append(
            Problem("same_day_until", f"“{text[:30]}” không phải giờ, ví dụ 15:00; không có thì để trống")
        )
    return f"{int(match[1]):02}:{match[2]}" if match else None


def _day(text: str, today: date, problems: list[Problem]) -> date | None:
    """Read a day as the browser or as people write it; what was checked was checked until today."""
    match = _DAY.fullmatch(text)
    try:
        found = date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text)
    except ValueError:
        what = (
            f"“{text[:30]}” không phải ngày có thật, ví dụ 20/11/2026"
            if text
            else "cần ngày đã đối chiếu với nguồn"
        )
        problems.append(Problem("checked_on", what))
        return None
    if found > today:
        what = f"ngày {found:%d/%m/%Y} chưa tới; ghi ngày đã thật sự đối chiếu với nguồn"
        problems.append(Problem("checked_on", what))
    return found


def _uneven(raw: Mapping[str, Any]) -> list[Problem]:
    """Return what does not fit together: a fee that is none, two ways of counting days."""
    found = []
    if raw["fee_kind"] == FeeKind.FREE and raw["fee_vnd"]:
        found.append(Problem("fee_vnd", "đã chọn “Không thu” thì để trống, hoặc chọn loại lệ phí khác"))
    if raw["working_days"] is not None and raw["calendar_days"] is not None:
        found.append(Problem("calendar_days", "chỉ ghi một trong hai: ngày làm việc, hoặc ngày theo lịch"))
    return found


def _problem(field: str, what: str) -> Problem:
    name, *rest = field.split(".")
    if rest and rest[0].isdecimal():
        what = f"dòng {int(rest[0]) + 1}: {what}"
    return Problem(name, what)


def _place(field: str) -> int:
    return list(TITLES).index(field) if field in TITLES else len(TITLES)
