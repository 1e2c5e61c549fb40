"""What the clock does with cases: warns, hands on what nobody claimed, lets answered ones rest.

Each case is looked at in a transaction of its own. Looking twice changes nothing: alerts are
named after the deadline they belong to. After a long silence only the latest step is told.
"""

from datetime import datetime

from feedback import acts, alerts, clock, history, notices, replies, routing
from feedback.states import OPEN
from feedback.work import Work
from knowledge.calendar import here
from records.cases import Feedback, FeedbackState, Staff

AT_ONCE = 200  # cases one tick looks at


async def look(work: Work, number: int) -> int:
    """Do what is due for one case; return how many people were told."""
    case = await work.db.get(Feedback, number, with_for_update=True)
    if case is None:
        return 0
    told = await _claims(work, case)
    if case.next_alert_at is not None and case.next_alert_at <= work.now:
        told += await _due(work, case)
    work.db.add(case)
    await work.db.flush()
    return told


async def _claims(work: Work, case: Feedback) -> int:
    unclaimed = case.officer_id is None and case.state in (FeedbackState.NEW, FeedbackState.REOPENED)
    if not unclaimed or case.claim_by is None or case.claim_by > work.now:
        return 0
    planned = case.next_alert_at
    given = await acts.give_unclaimed(work, case)
    case.next_alert_at = planned  # a step of the ladder that is due this very minute is not skipped
    return 1 if given is not None else 0


async def _due(work: Work, case: Feedback) -> int:
    if case.paused_at is not None:
        return await _no_answer(work, case)
    if case.state is FeedbackState.ANSWERED:
        await _rest(work, case)
        return 0
    if case.state not in OPEN:
        case.next_alert_at = None
        return 0
    return await _climb(work, case)


async def _climb(work: Work, case: Feedback) -> int:
    """Alert whom the ladder names for the latest step that is due."""
    moments = clock.ladder(work.calendar, work.ward.desks.ladder, case.clock_from, case.due_at)
    step = clock.last_of(moments, case.next_alert_at or work.now, work.now)
    case.next_alert_at = clock.next_moment(moments, work.now)
    if step is None:
        return 0
    desk = work.ward.desks.desk(case.desk)
    officer = await work.db.get(Staff, case.officer_id) if case.officer_id is not None else None
    left = clock.minutes_left(work.calendar, case.due_at, step.at)
    text = notices.warning(
        case, work.concerns.of(case.category), left, desk.name, officer.name if officer else ""
    )
    what = f"{step.name}:{here(case.due_at):%y%m%d%H%M}"
    told = await alerts.climb(work, case, step.to, what, text)
    return len(told)


async def _no_answer(work: Work, case: Feedback) -> int:
    """The resident was silent too long: the clock runs on and the officer decides."""
    acts.resume(work, case)
    case.version += 1
    acts.set_clock(work, case)
    days = work.ward.desks.wait_working_days
    text = notices.silent(case, work.concerns.of(case.category), days)
    person = await routing.holder(work, case, routing.OFFICER)
    if person is None:
        return 0
    choices = notices.for_holding(case)
    await alerts.tell_staff(work, case, person, f"silent:{case.version}", text, choices=choices)
    return 1


async def _rest(work: Work, case: Feedback) -> None:
    """Nobody objected: close the case and ask for a mark."""
    await replies.close(work, case)
    await alerts.tell_resident(work, case, "rest", notices.at_rest(case), choices=notices.marks(case))


async def waiting(work: Work) -> list[int]:
    """Return the cases that want to be looked at now."""
    return list(await history.waiting_until(work.db, work.now, AT_ONCE))


def overdue(case: Feedback, now: datetime) -> bool:
    """Tell whether *case* is open and past its deadline, the time it waited not counted."""
    return case.state in OPEN and case.paused_at is None and case.due_at < now
