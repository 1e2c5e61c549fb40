"""What the resident does after a case was taken: adds, follows, rates, objects, reopens."""

from collections.abc import Sequence
from datetime import timedelta

from feedback import alerts, clock, history, intake, notices
from feedback.acts import resume, set_clock
from feedback.states import OPEN, NotAllowed
from feedback.work import Work
from knowledge.calendar import here
from knowledge.concerns import Level
from records.cases import EntryKind, Feedback, FeedbackState, Follower
from records.dialect import insert_new
from records.tables import Address

REOPEN_FOR = timedelta(days=60)  # after the answer; later it is a new report
TO_THE_CHAIR = 2  # from the second reopening on the chairperson hears of it too


async def add(work: Work, case: Feedback, who: Address, text: str, photos: Sequence[str] = ()) -> None:
    """Add what the resident tells, and let a clock that waited for it run on."""
    if case.state not in OPEN:
        raise NotAllowed
    resume(work, case)
    set_clock(work, case)
    case.version += 1
    work.db.add(case)
    kept = await intake.keep_photos(work, case, who, photos)
    await history.note(work.db, case, EntryKind.ADDED, work.now, text=text, public=True)
    category = work.concerns.of(case.category)
    told = notices.added(case, category, text, len(photos) and kept)
    await alerts.climb(work, case, ("officer",), f"added:{case.version}", told)
    await alerts.show_photos(work, case)


async def worsen(work: Work, case: Feedback) -> None:
    """Make a case urgent: the deadline comes nearer, never further, and the desk's head hears of it."""
    case.level = Level.URGENT
    term = work.concerns.of(case.category).term(Level.URGENT, here(work.now).date())
    resume(work, case)
    case.due_at = min(case.due_at, clock.due(work.calendar, term, work.now))
    case.version += 1
    set_clock(work, case)
    work.db.add(case)
    await history.note(work.db, case, EntryKind.ADDED, work.now, text=notices.MORE_DANGEROUS, public=True)
    category = work.concerns.of(case.category)
    told = notices.added(case, category, notices.MORE_DANGEROUS, 0)
    await alerts.tell_room(work, case, f"worse:{case.version}", told, choices=notices.for_claiming(case))
    await alerts.climb(work, case, ("officer", "head"), f"worse:{case.version}", told)


async def rate(work: Work, case: Feedback, mark: int) -> None:
    """Keep a mark from 1 (content) to 3 (not content); a case somebody is content with comes to rest."""
    case.rating = mark
    await history.note(work.db, case, EntryKind.RATED, work.now, text=str(mark))
    if case.state is FeedbackState.ANSWERED:
        await close(work, case)
    work.db.add(case)
    await work.db.flush()


async def close(work: Work, case: Feedback) -> None:
    """Let an answered case come to rest."""
    case.state, case.closed_at = FeedbackState.CLOSED, work.now
    case.version += 1
    set_clock(work, case)
    work.db.add(case)
    await history.note(work.db, case, EntryKind.CLOSED, work.now)


def may_reopen(work: Work, case: Feedback) -> bool:
    """Tell whether the resident may still say that it is not done."""
    return (
        case.state in (FeedbackState.ANSWERED, FeedbackState.CLOSED, FeedbackState.REFERRED)
        and case.answered_at is not None
        and work.now - case.answered_at <= REOPEN_FOR
        and case.erased_at is None
    )


async def reopen(work: Work, case: Feedback, reason: str, *, worse: bool = False) -> None:
    """Take the case up again with a new deadline; who closed it and the one above hear why."""
    if not may_reopen(work, case):
        raise NotAllowed
    if worse:
        case.level = Level.URGENT
    case.state, case.cycle = FeedbackState.REOPENED, case.cycle + 1
    case.officer_id, case.closed_by = case.closed_by, None
    case.closed_at = case.rating = case.extended_at = None
    case.clock_from = work.now
    term = work.concerns.of(case.category).term(Level(case.level), here(work.now).date())
    case.due_at = clock.due(work.calendar, term, work.now)
    case.version += 1
    set_clock(work, case)
    work.db.add(case)
    await history.note(work.db, case, EntryKind.REOPENED, work.now, text=reason, public=True)
    rungs = ["officer", "head", "vice_chair"] if work.ward.desks.reopened_to_deputy else ["officer", "head"]
    rungs += ["chair"] if case.cycle >= TO_THE_CHAIR else []
    left = clock.minutes_left(work.calendar, case.due_at, work.now)
    text = notices.reopened(case, work.concerns.of(case.category), reason, left)
    await alerts.tell_room(work, case, f"reopened:{case.cycle}", text, choices=notices.for_claiming(case))
    await alerts.climb(work, case, rungs, f"reopened:{case.cycle}", text)


async def object_to(work: Work, case: Feedback, text: str) -> None:
    """Tell the chairperson that the resident does not accept a new date."""
    await history.note(work.db, case, EntryKind.OBJECTED, work.now, text=text, public=True)
    told = notices.objected(case, work.concerns.of(case.category), text)
    await alerts.climb(work, case, ("chair",), f"objected:{case.version}", told)


async def follow(work: Work, case: Feedback, who: Address) -> bool:
    """Let somebody else hear how *case* ends; False if they do already."""
    row = {"feedback_id": case.id, "channel": who.channel, "user": who.user, "since": work.now}
    return await insert_new(work.db, Follower, row)
