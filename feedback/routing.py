"""Who answers for a case: from the ward's file, the duty roster, and who is away today.

Nobody hears of a case that is about their own unit; it goes one rung up instead.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from feedback.work import Work
from knowledge.calendar import Calendar, here
from knowledge.desks import Desk
from records import staff
from records.cases import Feedback, Permission, Staff

OFFICER, HEAD, VICE_CHAIR, CHAIR = "officer", "head", "vice_chair", "chair"
RUNGS = (OFFICER, HEAD, VICE_CHAIR, CHAIR)


def desk_for(work: Work, category: str, about_desk: str = "") -> Desk:
    """Return the desk that handles *category*; never the one the case is about."""
    return work.ward.desks.of_category(category, excluding=about_desk)


def turn_of(calendar: Calendar, day: date, people: int) -> int:
    """Return whose turn it is on *day* among so many; each takes one working day."""
    first = date(day.year, 1, 1)
    worked = sum(
        calendar.is_working_day(first + timedelta(days=past)) for past in range((day - first).days + 1)
    )
    return worked % people


def working_day(work: Work) -> date:
    """Return the working day on which somebody will see what happens now."""
    return here(work.calendar.add_working_minutes(work.now, 0)).date()


async def on_duty(work: Work, case: Feedback) -> Staff | None:
    """Return who is to take a case nobody claimed: whose turn it is, else the first one there, else up."""
    desk = work.ward.desks.desk(case.desk)
    day = working_day(work)
    turn = turn_of(work.calendar, day, len(desk.on_duty)) if desk.on_duty else 0
    for login in (*desk.on_duty[turn:], *desk.on_duty[:turn]):
        person = await staff.by_login(work.db, login)
        if person is None or person.id is None or not _fit(person, case):
            continue
        if await staff.absence(work.db, person.id, day) is None:
            return person
    return await _first(work, case, RUNGS[1:])


async def holder(work: Work, case: Feedback, rung: str) -> Staff | None:
    """Return who stands on *rung* of the ladder for *case* today: the person, or whoever stands in.

    Nobody there: the next rung up. None when the ladder ends.
    """
    return await _first(work, case, RUNGS[RUNGS.index(rung) :])


async def _first(work: Work, case: Feedback, rungs: Iterable[str]) -> Staff | None:
    day = working_day(work)
    for rung in rungs:
        person = await staff.present(work.db, await _named(work, case, rung), day)
        if person is not None and _fit(person, case):
            return person
    return None


async def _named(work: Work, case: Feedback, rung: str) -> Staff | None:
    """Return whom the ward's file (or the case) names on *rung*."""
    if rung == OFFICER:
        return await work.db.get(Staff, case.officer_id) if case.officer_id is not None else None
    desks = work.ward.desks
    desk = desks.desk(case.desk)
    login = {HEAD: desk.head, VICE_CHAIR: desk.vice_chair, CHAIR: desks.chair}[rung]
    return await staff.by_login(work.db, login)


def _fit(person: Staff, case: Feedback) -> bool:
    """Tell whether *person* may see *case*: still here, allowed to answer, not of the unit it is about."""
    allowed = staff.may(person, Permission.ANSWER_FEEDBACK) or staff.may(person, Permission.ASSIGN_FEEDBACK)
    return allowed and not (case.about_desk and person.desk == case.about_desk)


def may_answer(work: Work, person: Staff, case: Feedback) -> bool:
    """Tell whether *person* may act on *case*: of its desk or on duty for it, or allowed to assign everywhere."""
    if not _fit(person, case):
        return False
    desk = work.ward.desks.desk(case.desk)
    named = person.desk == case.desk or person.login in (desk.head, *desk.on_duty)
    own = named and staff.may(person, Permission.ANSWER_FEEDBACK)
    return own or person.id == case.officer_id or staff.may(person, Permission.ASSIGN_FEEDBACK)
