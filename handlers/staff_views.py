"""What staff look at: the thread of a case, its photos, what waits at the desk, what is due."""

from datetime import datetime, timedelta

from feedback import history, pending, routing
from feedback.alerts import ALBUM
from feedback.notices import LEVELS
from handlers import staff_private
from handlers.phrases import staff as phrases
from handlers.phrases import when
from handlers.staff_case import due, find, fresh, officer, person_of, shown, unknown
from handlers.staff_words import Order
from handlers.talk import MAX_CHOICES, Choice, Reply, Turn, bold
from knowledge.calendar import here
from knowledge.concerns import Level
from records import outbox, staff, trace
from records.cases import EntryKind, Feedback, FeedbackEntry, Permission, Staff
from records.tables import Purpose

MOST = 10  # cases listed at once
LINES = 8  # of the history
LINE_LETTERS = 160  # of one line of it
TEXT_LETTERS = 900  # of what the resident wrote
NOON = 12


async def look(turn: Turn, person: Staff, said: Order) -> Reply:
    """Show the thread of a case, in the private chat only."""
    if turn.incoming.group:
        private = await staff_private.enter(turn)
        await staff_private.say(private, await look(private, person, said))
        return Reply(text=phrases.go_private(person.name))
    case = await find(turn, person, said.case)
    contact = _contact(case) if _may_call(person, case) else ""
    if contact or case.discreet:
        await _leave_trace(turn, person, case, phone=bool(contact))
    photos = await history.photos(turn.db, case)
    text = phrases.thread(
        heading=_heading(turn, case),
        facts=await _facts(turn, case),
        text=(case.text or phrases.ERASED)[:TEXT_LETTERS],
        contact=contact,
        lines=await _lines(turn, case),
    )
    pictures = (Choice("Xem ảnh", f"/anh {case.code}"),) if photos else ()
    acts = tuple(choice for choice in fresh(person, case) if not choice.say.startswith("/xem"))
    return Reply(text=text, choices=(*acts, *pictures)[:MAX_CHOICES], solemn=True)


def _heading(turn: Turn, case: Feedback) -> str:
    """Return the code, the field and the place; in private a discreet case is named as well."""
    field = turn.concerns.of(case.category).title
    return " · ".join(part for part in (bold(case.code), field, case.title, case.place) if part)


def _may_call(person: Staff, case: Feedback) -> bool:
    """Only whoever holds the case, or gives work out, sees how to reach the resident."""
    return case.officer_id == person.id or staff.may(person, Permission.ASSIGN_FEEDBACK)


def _contact(case: Feedback) -> str:
    parts = (case.contact_phone, case.contact_name, case.callback and f"gọi {case.callback}")
    return ", ".join(part for part in parts if part)


async def _leave_trace(turn: Turn, person: Staff, case: Feedback, *, phone: bool) -> None:
    detail = {"phone": phone, "discreet": case.discreet}
    who = f"staff:{person.id}"
    await trace.leave(turn.db, who=who, what="feedback.viewed", on=case.code, detail=detail, now=turn.now)


async def _facts(turn: Turn, case: Feedback) -> list[str]:
    holder = await officer(turn, case)
    desk = turn.ward.desks.desk(case.desk).name
    before = len(await history.photos(turn.db, case, after=False))
    after = len(await history.photos(turn.db, case, after=True))
    level = f"Mức {LEVELS[Level(case.level)]}"
    facts = [
        " · ".join(part for part in (level, due(turn, case)) if part),
        f"{desk} · {phrases.STATES[case.state]} · {holder or 'chưa ai giữ'}",
    ]
    if case.latitude is not None and case.longitude is not None:
        facts.append(f"Tọa độ: {case.latitude:.5f}, {case.longitude:.5f}")
    counted = [f"{before} ảnh của người dân"] if before else []
    counted += [f"{after} ảnh sau xử lý"] if after else []
    return [*facts, ", ".join(counted)] if counted else facts


async def _lines(turn: Turn, case: Feedback) -> list[str]:
    lines = [line for line in await history.lines(turn.db, case) if line.kind is not EntryKind.SAID]
    names = {person.id: person.name for person in await staff.everybody(turn.db)}
    return [_line(line, names.get(line.staff_id, "")) for line in lines[-LINES:]]


def _line(line: FeedbackEntry, who: str) -> str:
    return phrases.entry(
        when.moment(line.at), phrases.ENTRIES[line.kind], who, (line.text or "")[:LINE_LETTERS]
    )


async def photos(turn: Turn, person: Staff, said: Order) -> Reply:
    """Send the photos of a case that have arrived, in the private chat only."""
    if turn.incoming.group:
        private = await staff_private.enter(turn)
        await staff_private.say(private, await photos(private, person, said))
        return Reply(text=phrases.go_private(person.name))
    case = await find(turn, person, said.case)
    arrived = [photo.sha256 for photo in await history.photos(turn.db, case) if photo.sha256][:ALBUM]
    if not arrived:
        return Reply(text=phrases.NO_PHOTOS)
    if case.discreet:
        await _leave_trace(turn, person, case, phone=False)
    for number, name in enumerate(arrived, start=1):
        await outbox.put(
            turn.db,
            key=f"photos:{turn.incoming.key}:{number}",
            to=turn.incoming.sender,
            purpose=Purpose.REPLY,
            text=f"{case.code} · {number}/{len(arrived)}",
            now=turn.now,
            attachments=[name],
        )
    return Reply(text=phrases.PHOTOS_FOLLOW.format(code=case.code))


# --- lists -------------------------------------------------------------------------------------


async def desk(turn: Turn) -> Reply:
    """List what is open at the speaker's desk, the most pressing first."""
    person = await person_of(turn)
    if person is None:
        return await unknown(turn)
    cases = await _open(turn, person)
    if not cases:
        return Reply(text=phrases.NOTHING_OPEN)
    rows = [await _row(turn, case) for case in cases[:MOST]]
    return Reply(
        text=phrases.desk_list(_desk_name(turn, person), rows, len(cases) - len(rows)),
        choices=_to_look(cases),
        solemn=True,
    )


async def due_today(turn: Turn) -> Reply:
    """List what is due today or past; when nothing is, say what this week still brings."""
    person = await person_of(turn)
    if person is None:
        return await unknown(turn)
    cases = await _open(turn, person)
    today = pending.due(cases, _end_of_day(turn.now, 0))
    if today:
        rows = [await _row(turn, case) for case in today[:MOST]]
        text = phrases.due_list(rows, len(today) - len(rows))
        return Reply(text=text, choices=_to_look(today), solemn=True)
    week = pending.due(cases, _end_of_day(turn.now, 6 - here(turn.now).weekday()))
    first = _half_day(week[0].due_at) if week else ""
    return Reply(text=phrases.nothing_due(len(week), first))


async def _open(turn: Turn, person: Staff) -> list[Feedback]:
    cases = await pending.of_desk(turn.db, _desk(turn, person))
    return [case for case in cases if routing.may_answer(turn.work, person, case)]


def _desk(turn: Turn, person: Staff) -> str | None:
    """Return the desk whose work *person* sees; all of them for whoever gives out work from above."""
    own = any(desk.code == person.desk for desk in turn.ward.desks.desks)
    return person.desk if own or not staff.may(person, Permission.ASSIGN_FEEDBACK) else None


def _desk_name(turn: Turn, person: Staff) -> str:
    code = _desk(turn, person)
    return next((desk.name for desk in turn.ward.desks.desks if desk.code == code), turn.ward.committee)


async def _row(turn: Turn, case: Feedback) -> str:
    holder = await officer(turn, case)
    waits = "chờ người dân trả lời" if case.paused_at is not None else due(turn, case)
    return phrases.row(shown(turn, case), waits, holder)


def _to_look(cases: list[Feedback]) -> tuple[Choice, ...]:
    return tuple(Choice(case.code, f"/xem {case.code}") for case in cases[:MAX_CHOICES])


def _end_of_day(now: datetime, days: int) -> datetime:
    return here(now).replace(hour=23, minute=59, second=59, microsecond=0) + timedelta(days=days)


def _half_day(moment: datetime) -> str:
    """Return "chiều thứ Năm"."""
    local = here(moment)
    return f"{'sáng' if local.hour < NOON else 'chiều'} {when.WEEKDAYS[local.weekday()]}"
