"""When which letter is written, to whom, from which facts, until when, and what forbids it: `RULES`, all of it data.

Sources: the ward's programmes as collected in domain.md §2.2; numbers marked "ours" are our
defaults, for a ward to change here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from records.letters import EventKind as On


class To(StrEnum):
    """Who gets the letter."""

    SPOUSES = "spouses"
    PARENTS = "parents"  # a mother alone is addressed alone
    BEREAVED = "bereaved"
    APPLICANT = "applicant"
    CONTRIBUTOR = "contributor"
    AUTHOR = "author"  # of a report or a suggestion
    HONOURED = "honoured"


class Kind(StrEnum):
    """What weighs where the stops are concerned."""

    FESTIVE = "festive"  # never into a house of mourning; waits when somebody had a letter today
    KIND = "kind"  # thanks: waits likewise, mourning does not forbid it
    OWED = "owed"  # an apology: the ward owes it, on paper even to whoever wants no messages
    SOLEMN = "solemn"  # condolence: never without a person, never with buttons, paper first


@dataclass(frozen=True)
class Forbid:
    """When one of the *facts* holds one of these *words* (as whole words, folded), there is no letter."""

    facts: tuple[str, ...]
    words: tuple[str, ...]
    why: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """On this event, that template to them.

    `takes` names for a fact of the template where else it may stand in the event; `after` are
    facts that must be there before it may go, with what a clerk reads while they are not.
    `stale_after` counts from the day in `counts_from`, else from the event. `two_tellers`:
    somebody else than who told it must have confirmed it. `encloses` reminds the clerk of a paper
    to put in by hand; a sheet the house itself sends along is an `enclosures.Enclosure`.
    """

    on: On
    template: str
    to: To
    kind: Kind
    stale_after: timedelta
    counts_from: str = ""
    after: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forbids: tuple[Forbid, ...] = ()
    encloses: str = ""
    two_tellers: bool = False
    moves_promise: bool = False  # signing it puts the dossier's promise off, once


_NOT_NEW: Final = Forbid(
    ("registration_type", "remark"),
    ("dang ky lai", "cap lai", "trich luc", "ghi chu ket hon", "ghi chu ly hon", "ghi vao so"),
    "không phải đăng ký mới",
)
_SAID_NO: Final = Forbid(
    ("wants_letter", "remark"), ("khong", "false", "khong nhan thu", "tu choi thu"), "không muốn nhận thư"
)
_HURTS: Final = (
    "tre em", "tai nan", "tu tu", "tu sat", "tu van", "vu an", "an mang", "dich benh", "giao thong",
)  # fmt: skip
_DELICATE: Final = Forbid(("remark", "cause", "viewing"), _HURTS, "hoàn cảnh mất cần người quyết định")
_FAMILY_NO: Final = Forbid(("remark",), ("gia dinh tu choi", "khong phung vieng"), "gia đình từ chối")
_SECRET: Final = Forbid(
    ("remark", "category"), ("to cao", "toi pham", "an danh", "khieu nai"), "có thể lộ người tố cáo"
)
_THEIRS: Final = Forbid(
    ("state", "remark"),
    ("bo sung", "tam dung", "tu choi", "dung giai quyet", "rut ho so"),
    "không phải lỗi của phường: dùng Mẫu 02, 03 hoặc 05",
)
_OTHER_ROAD: Final = Forbid(
    ("remark",), ("khieu nai", "to cao", "boi thuong"), "việc đang đi theo thủ tục khác"
)
_DUTY: Final = Forbid(
    ("remark", "form"),
    ("bat buoc", "chua vao so", "qua tang can bo"),
    "khoản bắt buộc, chưa vào sổ, hoặc quà riêng",
)
_IN_OFFICE: Final = Forbid(
    ("remark",),
    ("can bo", "cong chuc", "nhiem vu duoc giao", "da co giay khen"),
    "thuộc thi đua, khen thưởng",
)

_DOSSIER: Final[Mapping[str, tuple[str, ...]]] = {
    "recipient": ("applicant_name",),
    "dossier_code": ("code", "receipt_code"),
    "original_due_on": ("due_on",),
    "specific_reason": ("delay_reason", "reason"),
    "officer_name": ("officer",),
}
_MONTH: Final = timedelta(days=30)  # ours
_BIRTH_AFTER: Final = {"handed_over_on": "chưa ghi ngày trao giấy khai sinh"}
_MARRIAGE_AFTER: Final = {"handed_over_on": "chưa ghi ngày trao Giấy chứng nhận kết hôn"}

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        on=On.MARRIAGE,
        template="marriage_congratulation",
        to=To.SPOUSES,
        kind=Kind.FESTIVE,
        stale_after=_MONTH,
        counts_from="handed_over_on",
        after=_MARRIAGE_AFTER,
        takes={"certificate_date": ("handed_over_on",), "neighbourhood": ("group",)},
        forbids=(_NOT_NEW, _SAID_NO),
    ),
    Rule(
        on=On.BIRTH,
        template="birth_congratulation",
        to=To.PARENTS,
        kind=Kind.FESTIVE,
        stale_after=_MONTH,
        counts_from="handed_over_on",
        after=_BIRTH_AFTER,
        takes={"child_names": ("child_name",), "birth_date": ("child_born",)},
        forbids=(
            Forbid(_NOT_NEW.facts, (*_NOT_NEW.words, "nguoi lon", "qua han"), _NOT_NEW.why),
            _SAID_NO,
        ),
        encloses="thông tin bảo hiểm y tế, tiêm chủng",
    ),
    Rule(
        on=On.DEATH_REPORTED,
        template="condolence",
        to=To.BEREAVED,
        kind=Kind.SOLEMN,
        stale_after=timedelta(days=7),  # later a person decides; perhaps a visit instead
        takes={"death_date": ("died_on",)},
        forbids=(_DELICATE, _FAMILY_NO),
        encloses="quy định nếp sống văn minh trong việc tang: tờ riêng, đưa ban lễ tang",
        two_tellers=True,
    ),
    Rule(
        on=On.DUE_SOON,
        template="apology_due_soon",
        to=To.APPLICANT,
        kind=Kind.OWED,
        stale_after=timedelta(days=10),
        takes=_DOSSIER,
        forbids=(_THEIRS,),
        encloses="phiếu hẹn mới",
        moves_promise=True,
    ),
    Rule(
        on=On.OVERDUE,
        template="apology_overdue",
        to=To.APPLICANT,
        kind=Kind.OWED,
        stale_after=_MONTH,
        takes=_DOSSIER,
        forbids=(_THEIRS,),
        encloses="phiếu hẹn mới",
        moves_promise=True,
    ),
    Rule(
        on=On.CONTRIBUTION,
        template="thanks_contribution",
        to=To.CONTRIBUTOR,
        kind=Kind.KIND,
        stale_after=_MONTH,
        takes={
            "recipient": ("giver",),
            "purpose": ("cause",),
            "contribution_date": ("received_on",),
        },
        forbids=(_DUTY,),
    ),
    Rule(
        on=On.VALUABLE_FEEDBACK,
        template="thanks_feedback",
        to=To.AUTHOR,
        kind=Kind.KIND,
        stale_after=_MONTH,
        takes={"recipient": ("contact_name",), "feedback_code": ("code",)},
        forbids=(_SECRET,),
        encloses="kết quả xử lý",
    ),
    Rule(
        on=On.INITIATIVE_RECOGNISED,
        template="commendation",
        to=To.HONOURED,
        kind=Kind.FESTIVE,
        stale_after=_MONTH,
        takes={"recipient": ("name",), "neighbourhood": ("group",)},
        forbids=(_IN_OFFICE,),
        encloses="giấy mời dự hội nghị",
    ),
    Rule(
        on=On.ACHIEVEMENT,
        template="praise",
        to=To.HONOURED,
        kind=Kind.FESTIVE,
        stale_after=timedelta(days=14),
        takes={"recipient": ("name",), "neighbourhood": ("group",)},
        forbids=(_IN_OFFICE,),
    ),
    Rule(
        on=On.SERVICE_FAULT_CONFIRMED,
        template="apology_service_fault",
        to=To.AUTHOR,
        kind=Kind.OWED,
        stale_after=_MONTH,
        takes={"recipient": ("contact_name",), "feedback_code": ("code",)},
        forbids=(_OTHER_ROAD,),
    ),
    Rule(
        on=On.DOSSIER_LOST_OR_WRONG,
        template="apology_lost_or_wrong_result",
        to=To.APPLICANT,
        kind=Kind.OWED,
        stale_after=_MONTH,
        takes={"recipient": _DOSSIER["recipient"], "dossier_code": _DOSSIER["dossier_code"]},
        forbids=(_OTHER_ROAD,),
        encloses="hướng dẫn sửa không thu phí",
    ),
)
_BY_TEMPLATE: Final = {rule.template: rule for rule in RULES}


def of_event(kind: On) -> tuple[Rule, ...]:
    """Return the rules an event of this kind moves."""
    return tuple(rule for rule in RULES if rule.on is kind)


def of_template(name: str) -> Rule | None:
    """Return the rule that writes letters of this template; None for greetings."""
    return _BY_TEMPLATE.get(name)
