"""A unit chooses what becomes of a dossier that will be late: done in time, or an apology with one new date.

The reason and the date go into the event that moves the apology; the promise itself moves when
the letter is signed. A button carries the date it speaks of: an older one does nothing.
"""

from dataclasses import replace
from datetime import date

from feedback.work import Work
from handlers.phrases import dossier as phrases
from handlers.staff_case import speaker, unknown
from handlers.talk import Choice, Reply, Turn
from knowledge.calendar import here
from letters import lateness, stops
from letters.errors import LetterError
from records import dossiers, events, outbox, staff, trace
from records.cases import Permission, Staff
from records.dossiers import SecondAppointment
from records.importers import dates
from records.letters import Dossier, DossierState, EventKind
from records.tables import Purpose

REASON, DATE, SURE = "dossier:reason", "dossier:date", "dossier:sure"
OFFERED = 4  # days shown as buttons
SHORTEST = 15  # letters of a reason
_SEES_ALL = (Permission.DRAFT_LETTERS, Permission.IMPORT_RECORDS, Permission.ASSIGN_FEEDBACK)
_BARE = Choice("Bỏ", "/hs bo")


async def choose(turn: Turn) -> Reply:
    """Show the dossier to its unit, or do what a button says: "/hs CODE VERB DUE"."""
    person = await staff.by_account(turn.db, speaker(turn))
    if person is None:
        return await unknown(turn)
    code, _, rest = turn.argument.partition(" ")
    if code == "bo":
        return _drop(turn)
    if not code:
        return Reply(text=phrases.WHICH)
    row = await dossiers.by_code(turn.db, code, lock=True)
    if row is None or not may_see(turn.work, person, row):
        return Reply(text=phrases.GONE)
    if turn.incoming.group and not rest.startswith("xong "):
        return Reply(text=phrases.GO_PRIVATE)
    return await _act(turn, person, row, rest)


def may_see(work: Work, person: Staff, row: Dossier) -> bool:
    """Tell whether *person* works on this dossier, or on letters and registers of all units."""
    own = person.desk == lateness.desk_of(work.ward, row).code
    everywhere = any(staff.may(person, permission) for permission in _SEES_ALL)
    return everywhere or (own and staff.may(person, Permission.ANSWER_FEEDBACK))


async def _act(turn: Turn, person: Staff, row: Dossier, rest: str) -> Reply:
    verb, _, due = rest.partition(" ")
    if not verb:
        return _shown(row)
    if row.state is not DossierState.TAKEN or row.current_due_on is None:
        return Reply(text=phrases.NOT_OPEN)
    if verb == "ngay":
        return await _date_chosen(turn, row, due)
    if due != row.current_due_on.isoformat():
        return replace(_shown(row), text=f"{phrases.MOVED}\n{phrases.for_staff(row)}")
    act = {"xong": _in_time, "xinloi": _apologise, "ghi": _note}.get(verb)
    return await act(turn, person, row) if act is not None else _shown(row)


def _shown(row: Dossier) -> Reply:
    if row.state is not DossierState.TAKEN or row.current_due_on is None:
        return Reply(text=phrases.for_staff(row))
    tail = f"{row.receipt_code} %s {row.current_due_on}"
    choices = (
        Choice("Xong đúng hẹn", f"/hs {tail % 'xong'}"),
        Choice("Xin lỗi, hẹn lại", f"/hs {tail % 'xinloi'}"),
    )
    fit = tuple(choice for choice in choices if len(choice.say.encode()) <= 64)  # noqa: PLR2004  Telegram's
    return Reply(text=phrases.for_staff(row), choices=fit)


async def _in_time(turn: Turn, person: Staff, row: Dossier) -> Reply:
    """The unit stands for the date: the apology is taken back until the last day to sign one."""
    due = row.current_due_on or date.min
    await events.cancel(turn.db, [lateness.key(EventKind.DUE_SOON, row, due)], turn.now)
    await _traced(turn, person, row, "dossier.in_time")
    return Reply(text=phrases.will_be_done(row))


# --- the apology ---------------------------------------------------------------------------------


async def _apologise(turn: Turn, person: Staff, row: Dossier) -> Reply:
    if row.reappointments:
        late = SecondAppointment(row.receipt_code, row.current_due_on, here(turn.now).date())
        await tell_chair(turn.work, late)
        await _traced(turn, person, row, "dossier.second_refused")
        return Reply(text=phrases.second(late))
    turn.memory.step = REASON
    turn.memory.data = {"code": row.receipt_code, "due": str(row.current_due_on)}
    return Reply(text=phrases.ASK_REASON, choices=(_BARE,))


async def reason(turn: Turn) -> Reply:
    """Take the reason; one that could stand in any letter is not one."""
    row = await _meant(turn)
    if isinstance(row, Reply):
        return row
    said = " ".join(turn.text.split())[:500]
    try:
        stops.consider("apology_due_soon", {"specific_reason": said})
    except LetterError:
        return Reply(text=phrases.VAGUE, choices=(_BARE,))
    if len(said) < SHORTEST:
        return Reply(text=phrases.VAGUE, choices=(_BARE,))
    turn.memory.data["reason"] = said
    turn.memory.step = DATE
    return _ask_date(turn, row, phrases.ask_date(row))


def _ask_date(turn: Turn, row: Dossier, text: str) -> Reply:
    start = max(row.current_due_on or date.min, here(turn.now).date())
    days = [turn.calendar.add_working_days(start, n) for n in range(1, OFFERED + 1)]
    labels = zip(days, phrases.dates(days), strict=True)
    choices = tuple(Choice(label, f"/hs {row.receipt_code} ngay {day}"[:64]) for day, label in labels)
    return Reply(text=text, choices=(*choices, _BARE))


async def day(turn: Turn) -> Reply:
    """Take a typed date."""
    row = await _meant(turn)
    return row if isinstance(row, Reply) else await _date_chosen(turn, row, turn.text)


async def _date_chosen(turn: Turn, row: Dossier, said: str) -> Reply:
    if turn.memory.step not in (DATE, SURE) or turn.memory.data.get("code") != row.receipt_code:
        return Reply(text=phrases.NOTHING)
    due_on = _day_said(said, here(turn.now).date())
    after = max(row.current_due_on or date.min, here(turn.now).date())
    if due_on is None or due_on <= after or not turn.calendar.is_working_day(due_on):
        return _ask_date(turn, row, phrases.BAD_DATE)
    turn.memory.data["date"], turn.memory.step = due_on.isoformat(), SURE
    text = phrases.preview(row, str(turn.memory.data["reason"]), due_on)
    sure = Choice("Ghi, trình ký", f"/hs {row.receipt_code} ghi {row.current_due_on}"[:64])
    return Reply(text=text, choices=(sure, _BARE))


def _day_said(said: str, today: date) -> date | None:
    """Read "25/11", "25/11/2026" or "2026-11-25"; without a year the next such day is meant."""
    parts = said.strip().replace("-", "/").replace(".", "/").split("/")
    whole = [said.strip()] if len(parts) > 2 else [f"{said.strip()}/{today.year + n}" for n in (0, 1)]  # noqa: PLR2004  day, month, year
    for one in whole:
        try:
            found = dates.read(one).day
        except dates.NoDate:
            return None
        if found > today:
            return found
    return None


async def unsure(turn: Turn) -> Reply:
    """Whatever is typed before the button is pressed is a new date."""
    return await day(turn)


async def _note(turn: Turn, person: Staff, row: Dossier) -> Reply:
    """Write reason and date into the event; the letter is drafted from it, or drafted anew."""
    kept = turn.memory.data
    if turn.memory.step != SURE or kept.get("code") != row.receipt_code or row.current_due_on is None:
        return Reply(text=phrases.NOTHING)
    due_on = date.fromisoformat(str(kept["date"]))
    overdue = row.current_due_on < here(turn.now).date()
    kind = EventKind.OVERDUE if overdue else EventKind.DUE_SOON
    facts = await lateness.facts(turn.db, turn.ward, row)
    await events.note(
        turn.db,
        key=lateness.key(kind, row, row.current_due_on),
        kind=kind,
        happened_on=row.current_due_on,
        facts={**facts, "specific_reason": kept["reason"], "new_due_on": due_on},
        now=turn.now,
        reported_by=person.login,
    )
    await _traced(turn, person, row, "dossier.apology")
    turn.memory.leave_step()
    return Reply(text=phrases.noted(row, due_on))


async def _meant(turn: Turn) -> Dossier | Reply:
    """Return the dossier of this conversation if it still stands as it was shown; who speaks is asked anew."""
    person = await staff.by_account(turn.db, turn.incoming.sender)
    row = await dossiers.by_code(turn.db, str(turn.memory.data.get("code", "")), lock=True)
    if person is None or row is None or not may_see(turn.work, person, row):
        turn.memory.leave_step()
        return await unknown(turn)
    if str(row.current_due_on) != turn.memory.data.get("due") or row.state is not DossierState.TAKEN:
        turn.memory.leave_step()
        return replace(_shown(row), text=f"{phrases.MOVED}\n{phrases.for_staff(row)}")
    return row


def _drop(turn: Turn) -> Reply:
    text = phrases.DROPPED if turn.memory.step in STEPS else phrases.NOTHING
    if turn.memory.step in STEPS:
        turn.memory.leave_step()
    return Reply(text=text)


async def tell_chair(work: Work, late: SecondAppointment) -> None:
    """Tell the chairperson, once, that a promise was to be put off a second time."""
    chair = await staff.by_login(work.db, work.ward.desks.chair)
    chair = await staff.present(work.db, chair, here(work.now).date())
    accounts = await staff.accounts(work.db, chair.id or 0) if chair is not None else []
    for where in accounts[:1]:
        await outbox.put(
            work.db,
            key=f"alert:dossiers:second:{late.code}:{late.due_on}:{late.wanted}",
            to=where,
            purpose=Purpose.ALERT,
            text=phrases.second_to_chair(late),
            now=work.now,
        )


async def _traced(turn: Turn, person: Staff, row: Dossier, what: str) -> None:
    detail = {"due_on": str(row.current_due_on)}
    on = f"dossier:{row.id}"
    await trace.leave(turn.db, who=person.login, what=what, on=on, detail=detail, now=turn.now)


COMMANDS = {"/hs": choose}
STEPS = {REASON: reason, DATE: day, SURE: unsure}
