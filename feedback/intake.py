"""Take a case: number it, say by when it is answered, show it to the desk that answers for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from feedback import alerts, clock, codes, history, notices, routing, similar
from feedback.work import Work
from knowledge import concerns, privacy
from knowledge.calendar import here
from knowledge.concerns import Category, Level
from records import attachments, counters
from records.cases import EntryKind, Feedback, FeedbackPhoto, FeedbackState, Source
from records.tables import Address, Attachment

MAX_PHOTOS = 10  # of one report; more are thanked for and left out


@dataclass(frozen=True, kw_only=True)
class Report:
    """What somebody reports, complete enough to be taken.

    `draft` names the attempt: submitting it again gives the same case. `photos` are the
    platform's references. `callback` says when somebody wants to be called.
    """

    draft: str
    text: str
    category: str
    level: Level
    source: Source
    who: Address | None = None
    place: str = ""
    quarter: str = ""
    latitude: float | None = None
    longitude: float | None = None
    photos: tuple[str, ...] = ()
    hide_photos: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    callback: str = ""
    behalf: bool = False
    about_desk: str = ""
    external_code: str = ""
    entered_by: int | None = None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A case, and the key that opens its details from anywhere; empty if it had been taken before."""

    case: Feedback
    key: str


async def take(work: Work, report: Report) -> Taken:
    """Take *report* once: it gets its number, its deadline and its desk in this transaction."""
    known = (await work.db.exec(select(Feedback).where(col(Feedback.draft) == report.draft))).first()
    if known is not None:
        return Taken(case=known, key="")
    key = codes.new_key()
    case = await _opened(work, report, key)
    await _keep_photos(work, case, report)
    await history.note(
        work.db, case, EntryKind.SAID, work.now, text=report.text, public=True, by=report.entered_by
    )
    await _show(work, case)
    return Taken(case=case, key=key)


_AS_TOLD = (
    *("draft", "source", "text", "category", "level", "quarter", "latitude", "longitude"),
    *("hide_photos", "behalf", "about_desk", "entered_by"),
)


async def _opened(work: Work, report: Report, key: str) -> Feedback:
    """Number the case, reckon its deadline, choose its desk."""
    category = work.concerns.of(report.category)
    desk = routing.desk_for(work, report.category, report.about_desk)
    year = here(work.now).year
    number = await counters.count(work.db, f"feedback:{year}")
    code = codes.code_of(year, number)
    due_at = clock.due(work.calendar, category.term(report.level, here(work.now).date()), work.now)
    case = Feedback(
        code=code,
        year=year,
        number=number,
        kind=category.kind,
        discreet=category.discreet,
        pin_sha256=codes.seal(code, key),
        desk=desk.code,
        taken_at=work.now,
        clock_from=work.now,
        due_at=due_at,
        first_due_at=due_at,
        **_told(report, category),
    )
    start_clock(work, case)
    work.db.add(case)
    await work.db.flush()
    return case


def _told(report: Report, category: Category) -> dict[str, Any]:
    """Return the columns that hold what was said; personal numbers are covered where others may look."""
    masked = privacy.mask(report.text)
    return {name: getattr(report, name) for name in _AS_TOLD} | {
        "channel": report.who.channel if report.who else None,
        "user": report.who.user if report.who else None,
        "title": concerns.title_of(masked) or category.title,
        "public_text": masked,
        "place": privacy.mask(report.place)[:300],
        "contact_name": report.contact_name[:100],
        "contact_phone": report.contact_phone[:20],
        "callback": report.callback[:100],
        "external_code": report.external_code[:40],
    }


def start_clock(work: Work, case: Feedback) -> None:
    """Set when the ladder is looked at next, and until when somebody must have claimed the case."""
    moments = clock.ladder(work.calendar, work.ward.desks.ladder, case.clock_from, case.due_at)
    case.next_alert_at = clock.next_moment(moments, work.now)
    unclaimed = case.officer_id is None and case.state in (FeedbackState.NEW, FeedbackState.REOPENED)
    case.claim_by = claim_by(work, case) if unclaimed else None


def claim_by(work: Work, case: Feedback) -> datetime:
    """Return until when a case may stay without an owner."""
    return work.calendar.add_working_minutes(work.now, work.ward.desks.claim_minutes[case.level])


async def _keep_photos(work: Work, case: Feedback, report: Report) -> None:
    if report.who is not None:
        await keep_photos(work, case, report.who, report.photos)


async def keep_photos(
    work: Work, case: Feedback, who: Address, refs: Sequence[str], *, after: bool = False
) -> int:
    """Let the photos *refs* that *who* sent belong to *case*; return how many it has now of that kind."""
    known = await history.photos(work.db, case, after=after)
    have = {photo.id for photo in known}
    for ref in refs:
        photo = await attachments.of(work.db, who, ref)
        if photo is None or photo.id in have or len(have) >= MAX_PHOTOS or attachments.is_lost(photo):
            continue
        have.add(photo.id)
        work.db.add(FeedbackPhoto(feedback_id=case.id or 0, attachment_id=photo.id or 0, after=after))
    await work.db.flush()
    return len(have)


async def _show(work: Work, case: Feedback) -> None:
    """Tell the desk at once: the text first, the photos as they are here."""
    category = work.concerns.of(case.category)
    photos = [photo for photo in await history.photos(work.db, case) if photo.kind == "photo"]
    left = clock.minutes_left(work.calendar, case.due_at, work.now)
    others = [] if case.discreet else [other.code for other in await similar.to(work.db, case)]
    elsewhere = bool(work.ward.desks.bodies_for(case.category))
    text = notices.taken(
        case,
        category,
        photos=len(photos),
        left=left,
        similar=others,
        refer_by=clock.refer_by(work.calendar, case.taken_at, work.ward.desks) if elsewhere else None,
    )
    choices = notices.for_claiming(case)
    await alerts.tell_room(work, case, f"taken:{case.cycle}", text, choices=choices)
    person = await routing.on_duty(work, case)
    if person is not None:
        await alerts.tell_staff(work, case, person, f"taken:{case.cycle}", text, choices=choices)
    await alerts.show_photos(work, case)


async def photo_refused(work: Work, photo: Attachment) -> None:
    """Let no case hold a file that was looked at and is not kept."""
    gone = delete(FeedbackPhoto).where(col(FeedbackPhoto.attachment_id) == photo.id)
    await (await work.db.connection()).execute(gone)


async def photo_arrived(work: Work, photo: Attachment) -> None:
    """Show a photo that has come in late: to the desk, or to the resident if it shows the result."""
    found = await work.db.exec(
        select(Feedback, FeedbackPhoto.after)
        .join(FeedbackPhoto, col(FeedbackPhoto.feedback_id) == col(Feedback.id))
        .where(col(FeedbackPhoto.attachment_id) == photo.id)
    )
    for case, after in found.all():
        if not after:
            await alerts.show_photos(work, case)
        elif case.answered_at is not None and photo.sha256 is not None:
            text = notices.heading(case)
            await alerts.tell_resident(work, case, f"after:{photo.id}", text, attachments=[photo.sha256])
