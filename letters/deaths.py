"""A death is told by one person of the office and confirmed by another: what both acts do to the records.

Nothing is written and nobody is marked before the second person agrees. Who may do either is
for the callers to know, and what is said to whom.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlmodel import col, select

from letters import stopping
from letters.work import Work
from records import events, importing, trace
from records.cases import Staff
from records.events import Outcome
from records.importers import Kind, dates, kinds
from records.importers.cells import READERS, Unread
from records.importing import Buried
from records.letters import CivilEvent, EventKind

OLDEST: Final = 125  # years; more is a slip
YEAR: Final = 4  # figures
_TYPES: Final[Mapping[str, str]] = {  # the facts a form tells → how each is read
    "deceased_name": "name",
    "deceased_sex": "sex",
    "group": "text",
    "address": "text",
    "family_name": "name",
    "family_relation": "text",
    "viewing": "text",
}
NEEDED: Final = frozenset({"deceased_name", "deceased_sex", "deceased_born", "died_on", "group"})
Fact = str | int | date | bool | None


def read(said: Mapping[str, str], today: date) -> tuple[dict[str, Fact], dict[str, str]]:
    """Return the facts of a form, and for each field that cannot be taken why."""
    facts: dict[str, Fact] = {}
    wrong: dict[str, str] = {}
    for name in (*_TYPES, "deceased_born", "died_on"):
        text = said.get(name, "").strip()
        if not text:
            if name in NEEDED:
                wrong[name] = "chưa ghi"
            continue
        try:
            facts[name] = _fact(name, text, today)
        except (Unread, dates.NoDate) as error:
            wrong[name] = error.why
    if said.get("delicate"):
        facts["delicate"] = True
    if not wrong and _before_birth(facts):
        wrong["died_on"] = "ngày mất trước ngày sinh"
    return facts, wrong


def _fact(name: str, text: str, today: date) -> Fact:
    if name == "deceased_born":
        return _born(text, today)
    if name == "died_on":
        day = dates.read(text, last=today).day
        if day > today:
            raise Unread("ngày này chưa tới")
        return day
    return str(READERS[_TYPES[name]](text))[:300]


def _born(text: str, today: date) -> int | date:
    alone = int(text) if len(text) == YEAR and text.isdecimal() else None
    found = alone if alone is not None else dates.read_birth(text, last=today)
    born = found if isinstance(found, int) else found.day
    year = born if isinstance(born, int) else born.year
    if not today.year - OLDEST <= year <= today.year or (isinstance(born, date) and born > today):
        raise Unread("năm sinh không hợp lý")
    return born


def _before_birth(facts: Mapping[str, Fact]) -> bool:
    born, died = facts.get("deceased_born"), facts.get("died_on")
    if not isinstance(died, date):
        return False
    return died < born if isinstance(born, date) else isinstance(born, int) and died.year < born


async def report(work: Work, facts: Mapping[str, Fact], by: Staff) -> Outcome:
    """Note what one person tells; somebody told of before gets what is new about them."""
    died_on = facts["died_on"]
    if not isinstance(died_on, date):  # `read` has seen to it
        raise TypeError("died_on")
    told = {**facts, "reporter_name": by.name, "reported_on": work.today}
    outcome = await events.note(
        work.db,
        key=kinds.form(Kind.DEATH_REPORTS).key(told),
        kind=EventKind.DEATH_REPORTED,
        happened_on=died_on,
        facts=told,
        now=work.now,
        reported_by=by.login,
    )
    await _traced(work, outcome.event, "death.reported", by)
    return outcome


async def waiting(work: Work, number: int, revision: int) -> CivilEvent | None:
    """Return the report that waits under this number, locked, if it still says what was shown."""
    wanted = select(CivilEvent).where(col(CivilEvent.id) == number).with_for_update()
    event = (await work.db.exec(wanted.execution_options(populate_existing=True))).first()
    if event is None or event.kind is not EventKind.DEATH_REPORTED or event.revision != revision:
        return None
    return None if event.confirmed_by or event.cancelled_at is not None else event


async def confirm(work: Work, event: CivilEvent, by: Staff) -> Buried | None:
    """Stand for what somebody else told, and mark who died; None when it is the same person.

    Of two who may be meant nobody is chosen: both houses are kept from anything festive.
    """
    if not await events.confirm(work.db, event, by.login, work.now):
        return None
    await _traced(work, event, "death.confirmed", by)
    days = work.shelf.policy.mourning_days
    buried = await importing.bury(work.db, event.facts, work.now, mourning_days=days)
    if buried.resident is not None:
        await stopping.mourn(work.db, buried.resident, work.now, days=days)
    return buried


async def deny(work: Work, event: CivilEvent, by: Staff) -> None:
    """Say that it was a mistake; nothing was written, nobody was marked."""
    await events.cancel(work.db, [event.key], work.now)
    await _traced(work, event, "death.denied", by)


async def _traced(work: Work, event: CivilEvent, what: str, by: Staff) -> None:
    detail = {"revision": event.revision}
    await trace.leave(work.db, who=by.login, what=what, on=f"event:{event.id}", detail=detail, now=work.now)
