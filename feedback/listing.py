"""Cases as rows for those who handle them: for lists, for a sheet, for one page of everything.

Rows carry covered words and never a name or a telephone; of a discreet case only its field.
`whole` is the exception: everything. What strangers may see comes from `public`; `collection`
only gives it the form of a map.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from feedback import history, notices, public
from feedback.ladder import overdue
from feedback.public import PublicCase
from feedback.states import OPEN
from feedback.work import Work
from knowledge import privacy
from knowledge.calendar import here
from knowledge.concerns import Concerns
from knowledge.wording import plain
from records.cases import Feedback, FeedbackEntry, FeedbackState, Outcome, Source, Staff

BOM: Final = "\ufeff"  # without it Excel reads UTF-8 as something else
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # a sheet would run a cell that begins so
SOURCES: Final[Mapping[str, str]] = {
    Source.TELEGRAM: "Telegram",
    Source.ZALO: "Zalo",
    Source.WEB: "khung chat web",
    Source.PHONE: "điện thoại",
    Source.COUNTER: "tại quầy",
    Source.PAPER_BOX: "thùng thư góp ý",
    Source.OPEN311: "ứng dụng khác (Open311)",
}
STATES: Final[Mapping[str, str]] = {
    FeedbackState.NEW: "mới nhận",
    FeedbackState.ASSIGNED: "đang xử lý",
    FeedbackState.ANSWERED: "đã trả lời",
    FeedbackState.REOPENED: "mở lại",
    FeedbackState.CLOSED: "đã đóng",
    FeedbackState.REFERRED: "đã chuyển nơi khác",
}
COLUMNS: Final = (
    ("code", "Mã"),
    ("state", "Tình trạng"),
    ("category_title", "Lĩnh vực"),
    ("title", "Việc"),
    ("place", "Nơi"),
    ("quarter", "Khu phố"),
    ("level", "Mức"),
    ("desk", "Đơn vị giữ việc"),
    ("officer", "Người giữ việc"),
    ("source", "Nguồn"),
    ("taken_at", "Nhận lúc"),
    ("due_at", "Hạn trả lời"),
    ("late", "Đang quá hạn"),
    ("answered_at", "Trả lời lúc"),
    ("closed_at", "Đóng lúc"),
    ("outcome", "Kết quả"),
    ("rating", "Đánh giá (1 hài lòng – 3 chưa)"),
    ("reopened", "Số lần mở lại"),
    ("text", "Nội dung (đã che số riêng)"),
    ("answer", "Trả lời (đã che số riêng)"),
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cases: by state, taken since, of a desk, or those that are late now."""

    state: FeedbackState | None = None
    since: datetime | None = None
    desk: str = ""
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A case with the login of who has it."""

    case: Feedback
    officer: str


async def cases(db: AsyncSession, wanted: Wanted, now: datetime) -> list[Listed]:
    """Return the cases that are *wanted*, the oldest first."""
    statement = (
        select(Feedback, Staff.login)
        .outerjoin(Staff, col(Staff.id) == col(Feedback.officer_id))
        .where(*_conditions(wanted, now))
        .order_by(col(Feedback.id))
    )
    return [Listed(case=case, officer=login or "") for case, login in (await db.exec(statement)).all()]


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(col(Feedback.state) == wanted.state)
    if wanted.since is not None:
        found.append(col(Feedback.taken_at) >= wanted.since)
    if wanted.desk:
        found.append(col(Feedback.desk) == wanted.desk)
    if wanted.late:  # as `ladder.overdue` says it of one case
        found += [
            col(Feedback.state).in_(sorted(OPEN)),
            col(Feedback.paused_at).is_(None),
            col(Feedback.due_at) < now,
        ]
    return found


def row(listed: Listed, concerns: Concerns, now: datetime) -> dict[str, Any]:
    """Return one case for a list; of a discreet one neither its title nor its place."""
    case = listed.case
    field, hidden = _field(concerns, case.category), not may_be_public(case, concerns)
    return {
        "code": case.code,
        "state": str(case.state),
        "category": case.category,
        "category_title": field,
        "title": field if hidden else case.title,
        "place": "" if hidden else case.place,
        "quarter": "" if hidden else case.quarter,
        "level": case.level,
        "desk": case.desk,
        "officer": listed.officer,
        "source": str(case.source),
        "taken_at": _told(case.taken_at),
        "due_at": _told(case.due_at),
        "late": overdue(case, now),
        "answered_at": _told(case.answered_at),
        "closed_at": _told(case.closed_at),
        "outcome": str(case.outcome) if case.outcome else None,
        "rating": case.rating,
        "reopened": case.cycle,
        "discreet": case.discreet,
        "published_at": _told(case.published_at),
    }


def export_row(listed: Listed, concerns: Concerns, now: datetime) -> dict[str, Any]:
    """Return one case for an export: its row, and the words with every number covered."""
    return row(listed, concerns, now) | _words(listed.case, concerns)


def may_be_public(case: Feedback, concerns: Concerns) -> bool:
    """Tell whether anything of *case* may be shown to everybody."""
    discreet = case.discreet or any(
        item.discreet for item in concerns.categories if item.code == case.category
    )
    return not discreet and case.erased_at is None


def public_row(case: PublicCase) -> dict[str, Any]:
    """Return what everybody may see of a case."""
    return {
        "code": case.code,
        "kind": case.kind,
        "category": case.category,
        "category_title": case.field,
        "title": case.title,
        "place": case.place,
        "state": str(case.state),
        "desk": case.desk,
        "taken_at": _told(case.taken_at),
        "due_at": _told(case.due_at),
        "answered_at": _told(case.answered_at),
        "published_at": _told(case.published_at),
        "outcome": case.outcome,
        "text": case.text,
        "answer": case.answer,
    }


async def whole(db: AsyncSession, listed: Listed, concerns: Concerns, now: datetime) -> dict[str, Any]:
    """Return all of a case: the words as they were written, the contact, the photos, every line."""
    case = listed.case
    logins = dict((await db.exec(select(Staff.id, Staff.login))).all())
    photos = await history.photos(db, case)
    after = {photo.id for photo in await history.photos(db, case, after=True)}
    return {
        **row(listed, concerns, now),
        "title": case.title,
        "place": case.place,
        "quarter": case.quarter,
        "text": case.text,
        "contact_name": case.contact_name,
        "contact_phone": case.contact_phone,
        "callback": case.callback,
        "channel": case.channel,
        "answer": plain(case.answer) if case.answer else case.answer,
        "referred_to": case.referred_to,
        "extension_reason": case.extension_reason,
        "entered_by": logins.get(case.entered_by),
        "erased_at": _told(case.erased_at),
        "photos": [
            {"kind": photo.kind, "sha256": photo.sha256, "after": photo.id in after} for photo in photos
        ],
        "thread": [_line(line, logins) for line in await history.lines(db, case)],
    }


async def for_everybody(work: Work, since: datetime | None) -> list[PublicCase]:
    """Return all cases strangers may see, the newest first."""
    found: list[PublicCase] = []
    page = 1
    while more := await public.find(work, public.Wanted(since=since, page=page), lambda _: False):
        found += more
        page += 1
    return found


def collection(found: Iterable[PublicCase]) -> dict[str, Any]:
    """Return the cases that have a point as GeoJSON (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "id": case.code,
            "geometry": {"type": "Point", "coordinates": [case.longitude, case.latitude]},
            "properties": public_row(case),
        }
        for case in found
        if case.latitude is not None and case.longitude is not None
    ]
    return {"type": "FeatureCollection", "features": features}


def sheet(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows of `export_row` as CSV that a spreadsheet opens and does not run."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([label for _, label in COLUMNS])
    for told in rows:
        writer.writerow([harmless(cell(name, told[name])) for name, _ in COLUMNS])
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return *cell* so that no spreadsheet takes it for a formula.

    >>> harmless("=HYPERLINK(1)"), harmless("hẻm 84")
    ("'=HYPERLINK(1)", 'hẻm 84')
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _words(case: Feedback, concerns: Concerns) -> dict[str, str]:
    """Return what was said and answered, covered; nothing of what is not for everybody."""
    open_to_all = may_be_public(case, concerns)
    return {
        "text": privacy.mask(case.public_text or "") if open_to_all else "",
        "answer": privacy.mask(plain(case.answer or "")) if open_to_all else "",
    }


def _line(line: FeedbackEntry, logins: Mapping[int | None, str]) -> dict[str, Any]:
    return {
        "at": _told(line.at),
        "kind": str(line.kind),
        "by": logins.get(line.staff_id, "") if line.staff_id is not None else "",
        "public": line.public,
        "text": plain(line.text) if line.text else line.text,
    }


def _field(concerns: Concerns, code: str) -> str:
    """Return what a category is called; one the file no longer has, by its code."""
    return next((item.title for item in concerns.categories if item.code == code), code)


def _told(moment: datetime | None) -> str | None:
    return here(moment).isoformat(timespec="seconds") if moment else None


def cell(name: str, value: object) -> str:
    """Return *value* of the column *name* as people read it."""
    if value is None:
        return ""
    if name.endswith("_at"):
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "có" if value else ""
    return _IN_WORDS.get(name, {}).get(str(value), str(value))


_IN_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {str(state): said for state, said in STATES.items()},
    "source": {str(source): said for source, said in SOURCES.items()},
    "level": {str(level): said for level, said in notices.LEVELS.items()},
    "outcome": {str(outcome): notices.OUTCOMES[outcome] for outcome in Outcome},
}
