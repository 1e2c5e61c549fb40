"""A death is told by somebody of the ward, fact by fact, and confirmed by somebody else with a button.

Only staff accounts that may bring in records or draft letters tell or confirm; a resident's words
never make a death. Nothing is written and nobody is marked before the second person agrees.
"""

from collections.abc import Callable, Mapping
from datetime import date

from handlers.phrases import deaths as phrases
from handlers.staff_case import speaker, unknown
from handlers.talk import Choice, Reply, Turn
from knowledge.calendar import here
from letters import deaths
from letters.deaths import OLDEST
from letters.work import Work, on_duty
from records import events, outbox, staff
from records.cases import Permission, Staff
from records.columns import row_number
from records.importers import dates
from records.importers.cells import READERS, Unread
from records.importing import Buried
from records.letters import CivilEvent
from records.tables import Purpose

STEP = "death:"
SURE = "sure"
OPTIONAL = frozenset({"address", "family", "relation", "viewing"})
_MAY = (Permission.IMPORT_RECORDS, Permission.DRAFT_LETTERS)
_DROP = Choice("Bỏ", "/baotu bo")
_SKIP = Choice("Bỏ qua", "/baotu qua")
_OFFERED: Mapping[str, tuple[Choice, ...]] = {
    "sex": (Choice("Nam", "/baotu nam"), Choice("Nữ", "/baotu nữ")),
    "delicate": (Choice("Không", "/baotu không"), Choice("Có", "/baotu có")),
}
_FACTS = {  # what was asked → the fact, as registers name it
    "name": "deceased_name",
    "sex": "deceased_sex",
    "born": "deceased_born",
    "died": "died_on",
    "group": "group",
    "address": "address",
    "family": "family_name",
    "relation": "family_relation",
    "viewing": "viewing",
}


async def may(turn: Turn) -> Staff | None:
    """Return the person who speaks, if they may tell of a death or confirm one."""
    person = await staff.by_account(turn.db, speaker(turn))
    return person if person is not None and allowed(person) else None


def allowed(person: Staff) -> bool:
    """Tell whether *person* may tell of a death or confirm one."""
    return any(staff.may(person, permission) for permission in _MAY)


# --- telling -------------------------------------------------------------------------------------


async def begin(turn: Turn) -> Reply:
    """Begin to tell of a death, or take what a button says."""
    person = await may(turn)
    if person is None:
        return await unknown(turn)
    if turn.incoming.group:
        return Reply(text=phrases.PRIVATE)
    if turn.argument == "bo":
        return _drop(turn)
    if turn.argument == "gui":
        return await _send(turn, person)
    if turn.argument and turn.memory.step.startswith(STEP):
        return await heard(turn)
    turn.memory.data = {"said": {}}
    return _ask(turn, "name")


def _ask(turn: Turn, what: str, lead: str = "") -> Reply:
    turn.memory.step = f"{STEP}{what}"
    offered = _OFFERED.get(what, (_SKIP,) if what in OPTIONAL else ())
    text = phrases.ASK[what]
    return Reply(text=f"{lead}\n{text}" if lead else text, choices=(*offered, _DROP), solemn=True)


async def heard(turn: Turn) -> Reply:
    """Take the answer to what was asked last; a wrong one is asked again, with why."""
    if await may(turn) is None:
        turn.memory.leave_step()
        return await unknown(turn)
    what = turn.memory.step.removeprefix(STEP)
    said: dict[str, str] = turn.memory.data.setdefault("said", {})
    if what == SURE:
        return _summary(turn, said)
    skipped = turn.text == "qua" and what in OPTIONAL
    try:
        said[what] = "" if skipped else _read(what, turn.text, said, here(turn.now).date())
    except (Unread, dates.NoDate) as wrong:
        return _ask(turn, what, phrases.wrong(wrong.why))
    left = [
        name
        for name in phrases.ASK
        if name not in said and not (name == "relation" and not said.get("family"))
    ]
    return _ask(turn, left[0]) if left else _summary(turn, said)


def _summary(turn: Turn, said: Mapping[str, str]) -> Reply:
    turn.memory.step = f"{STEP}{SURE}"
    told = {**said, "died": phrases.day(date.fromisoformat(said["died"]))}
    return Reply(
        text=phrases.summary(told), choices=(Choice("Gửi xác nhận", "/baotu gui"), _DROP), solemn=True
    )


def _drop(turn: Turn) -> Reply:
    text = phrases.DROPPED if turn.memory.step.startswith(STEP) else phrases.NOTHING
    turn.memory.leave_step()
    return Reply(text=text, solemn=True)


def _read(what: str, text: str, said: Mapping[str, str], today: date) -> str:
    """Return what was typed as the fact it is. Raises Unread or NoDate, with why."""
    read = _READ.get(what)
    return read(text, said, today) if read else str(READERS["text"](text))[:300]


def _name(text: str, _said: Mapping[str, str], _today: date) -> str:
    return str(READERS["name"](text))


def _sex(text: str, _said: Mapping[str, str], _today: date) -> str:
    return str(READERS["sex"](text))


def _yes(text: str, _said: Mapping[str, str], _today: date) -> str:
    return "có" if READERS["yes"](text) else "không"


def _born(text: str, _said: Mapping[str, str], today: date) -> str:
    bare = text.strip()
    found = int(bare) if len(bare) == 4 and bare.isdecimal() else dates.read_birth(text, last=today)  # noqa: PLR2004  a year
    year = found if isinstance(found, int) else found.day.year
    if not today.year - OLDEST <= year <= today.year or (not isinstance(found, int) and found.day > today):
        raise Unread("năm sinh không hợp lý")
    return str(found) if isinstance(found, int) else found.day.isoformat()


def _died(text: str, said: Mapping[str, str], today: date) -> str:
    bare = text.strip().replace("-", "/").replace(".", "/")
    whole = [text.strip()] if bare.count("/") != 1 else [f"{bare}/{today.year - past}" for past in (0, 1)]
    days = [dates.read(one, last=today).day for one in whole]
    died = next((day for day in days if day <= today), None)
    if died is None:
        raise Unread("ngày này chưa tới")
    if died.isoformat() < said.get("born", "") or str(died.year) < said.get("born", "")[:4]:
        raise Unread("ngày mất trước ngày sinh")
    return died.isoformat()


_READ: Mapping[str, Callable[[str, Mapping[str, str], date], str]] = {
    "name": _name,
    "family": _name,
    "sex": _sex,
    "born": _born,
    "died": _died,
    "delicate": _yes,
}


async def _send(turn: Turn, person: Staff) -> Reply:
    """Note what was told, and ask everybody else who may confirm."""
    said = turn.memory.data.get("said", {})
    if turn.memory.step != f"{STEP}{SURE}":
        return Reply(text=phrases.NOTHING, solemn=True)
    turn.memory.leave_step()
    facts = _facts(said)
    outcome = await deaths.report(on_duty(turn.db, turn.now), facts, person)
    asked = await _ask_others(turn, outcome.event, said, person)
    lead = phrases.KNOWN if outcome.noted is not events.Noted.NEW else phrases.SENT
    return Reply(text=lead if asked else phrases.NOBODY, solemn=True)


def _facts(said: Mapping[str, str]) -> dict[str, deaths.Fact]:
    born = said["born"]
    told: dict[str, deaths.Fact] = {fact: said[name] for name, fact in _FACTS.items() if said.get(name)}
    told["deceased_born"] = int(born) if born.isdecimal() else date.fromisoformat(born)
    told["died_on"] = date.fromisoformat(said["died"])
    return {**told, "delicate": True} if said.get("delicate") == "có" else told


async def _ask_others(turn: Turn, event: CivilEvent, said: Mapping[str, str], reporter: Staff) -> int:
    told = {**said, "died": phrases.day(date.fromisoformat(said["died"]))}
    text, asked = phrases.to_confirm(told, reporter.name), 0
    tail = f"{event.id} {event.revision}"
    for person in await staff.everybody(turn.db):
        accounts = await staff.accounts(turn.db, person.id or 0)
        if not allowed(person) or person.login == event.reported_by or not accounts:
            continue
        asked += await outbox.put(
            turn.db,
            key=f"alert:death:{event.id}:{event.revision}:{person.login}",
            to=accounts[0],
            purpose=Purpose.ALERT,
            text=text,
            now=turn.now,
            choices=(("Đúng, xác nhận", f"/xntu {tail}"), ("Báo nhầm", f"/xntu {tail} sai")),
        )
    return asked


# --- confirming ----------------------------------------------------------------------------------


async def confirm(turn: Turn) -> Reply:
    """Confirm what somebody else told, or say that it is a mistake: "/xntu ID REVISION [sai]"."""
    person = await may(turn)
    if person is None:
        return await unknown(turn)
    if turn.incoming.group:
        return Reply(text=phrases.PRIVATE)
    number, _, rest = turn.argument.partition(" ")
    revision, _, verdict = rest.partition(" ")
    work = on_duty(turn.db, turn.now)
    event = await _waiting(work, number, revision)
    if event is None:
        return Reply(text=phrases.GONE, solemn=True)
    if verdict == "sai":
        await deaths.deny(work, event, person)
        return Reply(text=phrases.DENIED, solemn=True)
    buried = await deaths.confirm(work, event, person)
    if buried is None:
        return Reply(text=phrases.NOT_YOURSELF, solemn=True)
    return Reply(text=f"{phrases.CONFIRMED}\n{_marked(buried)}", solemn=True)


async def _waiting(work: Work, number: str, revision: str) -> CivilEvent | None:
    """Return the event of a button, locked, if it still stands as the button says."""
    wanted, shown = row_number(number), row_number(revision)
    return await deaths.waiting(work, wanted, shown) if wanted and shown else None


def _marked(buried: Buried) -> str:
    if buried.resident is not None:
        return phrases.ONE
    return phrases.SEVERAL if buried.candidates else phrases.UNKNOWN


COMMANDS = {"/baotu": begin, "/xntu": confirm}
STEPS = {f"{STEP}{what}": heard for what in (*phrases.ASK, SURE)}
