"""What everybody may see of cases: the only way a case leaves the house.

A column that is not named in `_COLUMNS` is private. What a resident wrote, what was answered
and the photos are read from the database only where the ward has published the case; numbers
that lead to a person are covered once more. Discreet and erased cases do not exist here, and
restricted messages stand in a table this module does not know.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlmodel import and_, case, col, func, not_, or_, select

from feedback.notices import OUTCOMES
from feedback.states import OPEN
from feedback.work import Work
from knowledge import privacy
from knowledge.concerns import OTHER, Category
from knowledge.wording import plain
from records.cases import EntryKind, Feedback, FeedbackEntry, FeedbackPhoto, FeedbackState, Outcome
from records.tables import Attachment

MOST = 1000  # cases in one page
PLACES = 3  # decimals of a coordinate: about 100 metres, a stretch of street and not a house
STATES: Mapping[FeedbackState, str] = {
    FeedbackState.NEW: "đã tiếp nhận",
    FeedbackState.ASSIGNED: "đang xử lý",
    FeedbackState.ANSWERED: "đã trả lời",
    FeedbackState.REOPENED: "đang xử lý lại",
    FeedbackState.CLOSED: "đã trả lời, đã đóng",
    FeedbackState.REFERRED: "đã chuyển nơi có thẩm quyền",
}
_CODE = re.compile(r"PA[0-9]{2}-[0-9]{4,6}-[0-9]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")

Has = Callable[[str], bool]  # tells whether a photo is still in the media store


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photo of a published case; `after` was taken when the work was done."""

    name: str
    after: bool


@dataclass(frozen=True, kw_only=True)
class PublicCase:
    """One case as a stranger may see it.

    `title` is the category's as long as the ward has not published the case; `text`, `photos`,
    and of an answered case `outcome` and `answer`, are empty until then. `place` names streets
    and quarters of the ward's own list only. `changed_at` is when it was answered, of an open
    case when something last happened to it.
    """

    code: str
    kind: str
    category: str
    field: str
    title: str
    text: str
    place: str
    latitude: float | None
    longitude: float | None
    state: FeedbackState
    desk: str
    taken_at: datetime
    due_at: datetime
    changed_at: datetime
    answered_at: datetime | None
    published_at: datetime | None
    outcome: str
    answer: str
    photos: tuple[Photo, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether the ward still owes an answer."""
        return self.state in OPEN


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cases are asked for; what is empty or None does not narrow.

    `codes` overrides everything else. `since` and `until` are about when a case was taken,
    `changed_since` and `changed_until` about its last change, its publication included.
    `only_answers`: published and answered, the latest answer first.
    """

    codes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    quarter: str = ""
    is_open: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    changed_since: datetime | None = None
    changed_until: datetime | None = None
    only_answers: bool = False
    page: int = 1
    size: int = MOST


_CLOSED = col(Feedback.state).not_in(sorted(OPEN))
_PUBLISHED = col(Feedback.published_at).is_not(None)
_ANSWERED = and_(_PUBLISHED, _CLOSED)
_LAST_LINE = (
    select(func.max(col(FeedbackEntry.at)))
    .where(col(FeedbackEntry.feedback_id) == col(Feedback.id), FeedbackEntry.kind != EntryKind.INTERNAL)
    .correlate(Feedback)
    .scalar_subquery()
)
_ANSWERED_AT = func.coalesce(col(Feedback.answered_at), col(Feedback.closed_at), col(Feedback.taken_at))
_CHANGED_AT = case((_CLOSED, _ANSWERED_AT), else_=func.coalesce(_LAST_LINE, col(Feedback.taken_at)))


def _if(condition: ColumnElement[bool], column: Any, name: str) -> Any:
    """Read *column* only where *condition* holds: elsewhere it does not even leave the database."""
    return case((condition, col(column)), else_=None).label(name)


_COLUMNS = (
    *(col(Feedback.code), col(Feedback.kind), col(Feedback.category), col(Feedback.state)),
    *(col(Feedback.place), col(Feedback.quarter), col(Feedback.latitude), col(Feedback.longitude)),
    *(col(Feedback.desk), col(Feedback.taken_at), col(Feedback.due_at), col(Feedback.published_at)),
    _CHANGED_AT.label("changed_at"),
    _if(_CLOSED, Feedback.answered_at, "answered_at"),
    _if(_PUBLISHED, Feedback.title, "title"),
    _if(_PUBLISHED, Feedback.public_text, "public_text"),
    _if(_ANSWERED, Feedback.outcome, "outcome"),
    _if(_ANSWERED, Feedback.answer, "answer"),
    _if(_ANSWERED, Feedback.referred_to, "referred_to"),
)


async def find(work: Work, wanted: Wanted, has: Has) -> list[PublicCase]:
    """Return what *wanted* names, the newest first; *has* tells which photos can be shown."""
    order = _ANSWERED_AT if wanted.only_answers else col(Feedback.taken_at)
    size = min(wanted.size, MOST)
    rows: Sequence[Any] = (
        await work.db.exec(
            select(*_COLUMNS)  # type: ignore[call-overload]  # its overloads end at four columns
            .where(*_conditions(work, wanted))
            .order_by(order.desc(), col(Feedback.id).desc())
            .offset((wanted.page - 1) * size)
            .limit(size)
        )
    ).all()
    photos = await _photos(work, [row.code for row in rows if row.published_at is not None], has)
    return await asyncio.to_thread(lambda: [_case(work, row, photos.get(row.code, ())) for row in rows])


async def one(work: Work, code: str, has: Has) -> PublicCase | None:
    """Return the case *code*; None also for one nobody may see."""
    found = await find(work, Wanted(codes=(code,)), has)
    return found[0] if found else None


async def count(work: Work, wanted: Wanted) -> int:
    """Return how many cases *wanted* names on all pages."""
    found = await work.db.exec(select(func.count()).select_from(Feedback).where(*_conditions(work, wanted)))
    return found.one()


async def shows(work: Work, name: str) -> bool:
    """Tell whether photo *name* belongs to a published case that shows its photos."""
    found = await work.db.exec(_photo_rows(work).where(col(Attachment.sha256) == name).limit(1))
    return found.first() is not None


def _conditions(work: Work, wanted: Wanted) -> list[ColumnElement[bool]]:
    narrowed = _named(wanted.codes) if wanted.codes else [*_about(wanted), *_between(wanted)]
    return [*_for_everybody(work), *narrowed]


def _for_everybody(work: Work) -> list[ColumnElement[bool]]:
    """Leave out what is nobody's business; also what a later edition of the fields calls discreet."""
    discreet = [category.code for category in work.concerns.categories if category.discreet]
    return [
        col(Feedback.discreet).is_(False),
        col(Feedback.erased_at).is_(None),
        col(Feedback.category).not_in(discreet),
    ]


def _named(codes: Collection[str]) -> list[ColumnElement[bool]]:
    """Look for what can be a code at all: a stranger may send anything."""
    return [col(Feedback.code).in_([code for code in codes if _CODE.fullmatch(code)])]


def _about(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_ANSWERED] if wanted.only_answers else []
    if wanted.categories:
        found.append(col(Feedback.category).in_(wanted.categories))
    if wanted.quarter:
        found.append(col(Feedback.quarter) == wanted.quarter)
    if wanted.is_open is not None:
        found.append(not_(_CLOSED) if wanted.is_open else _CLOSED)
    return found


def _between(wanted: Wanted) -> list[ColumnElement[bool]]:
    published_at = col(Feedback.published_at)
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(col(Feedback.taken_at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(Feedback.taken_at) <= wanted.until)
    if wanted.changed_since is not None:
        found.append(or_(wanted.changed_since <= _CHANGED_AT, published_at >= wanted.changed_since))
    if wanted.changed_until is not None:
        not_later = or_(published_at.is_(None), published_at <= wanted.changed_until)
        found.append(and_(wanted.changed_until >= _CHANGED_AT, not_later))
    return found


def _photo_rows(work: Work) -> Any:
    """Select the photos everybody may see."""
    return (
        select(Feedback.code, Attachment.sha256, FeedbackPhoto.after, Feedback.state)
        .join(FeedbackPhoto, col(FeedbackPhoto.feedback_id) == col(Feedback.id))
        .join(Attachment, col(Attachment.id) == col(FeedbackPhoto.attachment_id))
        .where(
            *_for_everybody(work),
            _PUBLISHED,
            col(Feedback.hide_photos).is_(False),
            or_(_CLOSED, col(FeedbackPhoto.after).is_(False)),
            col(Attachment.kind) == "photo",
            col(Attachment.sha256).is_not(None),
        )
    )


async def _photos(work: Work, codes: Sequence[str], has: Has) -> dict[str, tuple[Photo, ...]]:
    """Return the photos of published *codes* that are here, those of the report first."""
    if not codes:
        return {}
    query = _photo_rows(work).where(col(Feedback.code).in_(codes))
    order = (col(FeedbackPhoto.after), col(Attachment.id))
    found: dict[str, tuple[Photo, ...]] = {}
    for row in (await work.db.exec(query.order_by(*order))).all():
        photo = Photo(name=row.sha256, after=row.after)
        if has(photo.name) and photo not in found.get(row.code, ()):
            found[row.code] = (*found.get(row.code, ()), photo)
    return found


def _case(work: Work, row: Row[Any], photos: tuple[Photo, ...]) -> PublicCase:
    category = _category(work, row.category)
    return PublicCase(
        code=row.code,
        kind=row.kind,
        category=category.code,
        field=category.title,
        title=_covered(row.title) or category.title,
        text=_covered(row.public_text),
        place=_place(work, row.place, row.quarter),
        latitude=None if row.latitude is None else round(row.latitude, PLACES),
        longitude=None if row.longitude is None else round(row.longitude, PLACES),
        state=row.state,
        desk=_desk(work, row.desk),
        taken_at=row.taken_at,
        due_at=row.due_at,
        changed_at=row.changed_at,
        answered_at=row.answered_at,
        published_at=row.published_at,
        outcome=OUTCOMES[row.outcome] if row.outcome is not None else "",
        answer=_answer(row),
        photos=photos,
    )


def _answer(row: Row[Any]) -> str:
    """Return the answer; of a case passed on, where it went: that letter quotes the resident's address."""
    if row.outcome is Outcome.NOT_OURS and row.referred_to:
        return (
            f"Việc này không thuộc thẩm quyền của phường; phường đã chuyển đến {_covered(row.referred_to)}."
        )
    return _covered(row.answer)


def _covered(text: str | None) -> str:
    return privacy.mask(_UNSEEN.sub("", plain(text or ""))).strip()


def _place(work: Work, told: str, quarter: str) -> str:
    """Return street and quarter as the ward's own list has them; free words may name a house or a person."""
    places = work.ward.places
    found = places.understand(told) if told else None
    streets = [street.shown for street in places.streets if found is not None and street.name == found.street]
    code = quarter or (found.quarter if found is not None else "")
    quarters = [known.name for known in places.quarters if known.code == code]
    parts = [*streets, *(name[:1].lower() + name[1:] if streets else name for name in quarters)]
    return ", ".join(parts)


def _desk(work: Work, code: str) -> str:
    """Return the desk's name; of a desk the ward's file no longer has, the committee's."""
    return next((desk.name for desk in work.ward.desks.desks if desk.code == code), work.ward.committee)


def _category(work: Work, code: str) -> Category:
    known = {category.code for category in work.concerns.categories}
    return work.concerns.of(code if code in known else OTHER)
