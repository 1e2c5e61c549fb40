"""Staff in their own chat: the map of their commands and steps, and the words they type.

`staff_case` says who speaks and which case is meant, `staff_deeds` what takes one word,
`staff_steps` what is written and shown first, `staff_views` what is looked at, `staff_box`
the restricted box, `staff_entry` what is entered for a resident, `staff_binding` the codes.
Whoever is not staff gets the menu from every command here, as from one that does not exist.
"""

import re
from dataclasses import replace
from datetime import timedelta

from feedback import acts, codes, history, intake, pending
from feedback.acts import Hand
from feedback.codes import Named
from feedback.states import OPEN, NotAllowed, Stale
from handlers import (
    staff_binding,
    staff_box,
    staff_deeds,
    staff_doing,
    staff_entry,
    staff_steps,
    staff_views,
    staff_words,
)
from handlers.phrases import staff as phrases
from handlers.staff_case import by_staff, find, person_of, unknown
from handlers.staff_deeds import TOLD
from handlers.talk import Handler, Reply, Turn
from handlers.words import SAYINGS
from knowledge.fold import fold
from records.cases import Feedback, Staff

QUIET = timedelta(seconds=2)  # silence after which an album is complete
canbo = staff_binding.canbo

COMMANDS: dict[str, Handler] = {
    "/canbo": canbo,
    "/nhan": by_staff(staff_deeds.claim),
    "/giao": by_staff(staff_deeds.give),
    "/ghichu": by_staff(staff_deeds.remark),
    "/xem": by_staff(staff_views.look),
    "/anh": by_staff(staff_views.photos),
    **{f"/{act}": by_staff(staff_steps.begin(act)) for act in staff_doing.NEEDS},
    "/cb": staff_steps.press,
    "/viecto": staff_views.desk,
    "/denhan": staff_views.due_today,
    "/tinkin": staff_box.box,
    "/nhapho": staff_entry.begin,
}


async def told(turn: Turn) -> Reply:
    """Take free words after a case was shown as its progress."""
    person, named = await person_of(turn), codes.named(str(turn.memory.data.get("code", "")))
    if person is None or named is None:
        turn.memory.leave_step()
        return await unknown(turn)
    handler = COMMANDS[f"/{staff_doing.PROGRESS}"]
    return await handler(turn.saying(f"{turn.memory.data['code']} {turn.text}")) or Reply(text=phrases.GONE)


STEPS: dict[str, Handler] = {
    TOLD: told,
    **staff_steps.STEPS,
    **staff_box.STEPS,
    **staff_entry.STEPS,
}

_SAID = frozenset(fold(saying) for sayings in SAYINGS.values() for saying in sayings)
_NUMBER = re.compile(r"(?:chon |so |muc |cau |cai )?\d\s*[.)]?")


async def first(turn: Turn) -> Reply | None:
    """Answer what only staff would mean, in private: words of the office, an answer at a step, photos.

    None for everybody and everything else; a resident costs one question to the database at
    most. To be asked before words of danger and codes are looked for: an officer who writes
    "đã dập cháy ở PA26-0417-7" reports on the work.
    """
    incoming = turn.incoming
    if incoming.group or incoming.pressed or incoming.edited or incoming.text.startswith("/"):
        return None
    if incoming.photos:
        return await _photos(turn)
    if not incoming.text or _chosen(turn):
        return None
    person = await person_of(turn)
    return await _words(turn, person) if person is not None else None


async def _words(turn: Turn, person: Staff) -> Reply | None:
    at_step = turn.memory.step not in ("", TOLD)
    command = staff_words.command(turn.incoming.text)
    if at_step and not staff_words.is_whole(command):
        command = ""  # what is typed there is the answer, even if it begins like an order
    if command:
        word, _, argument = command.partition(" ")
        return await COMMANDS[word](turn.saying(argument))
    if turn.memory.step in STEPS:
        return await STEPS[turn.memory.step](turn)
    return None if turn.memory.step else await _answer_to_alert(turn, person)


def _chosen(turn: Turn) -> bool:
    """Tell whether what was typed is a choice on offer, or a word everybody may say anywhere."""
    bare = fold(turn.incoming.text).strip(" .!?")
    labels = {fold(name) for label, _, line in turn.memory.choices for name in (label, line) if name}
    anywhere = bare in _SAID or bool(staff_words.claim(turn.incoming.text))
    return bare in labels or anywhere or _NUMBER.fullmatch(bare) is not None


async def _answer_to_alert(turn: Turn, person: Staff) -> Reply | None:
    """Take free words as progress when the last thing we wrote was an alert of a case they hold."""
    code = await pending.last_shown(turn.db, turn.incoming.sender)
    case = await history.by_code(turn.db, code) if code else None
    if case is None or case.officer_id != person.id or case.state not in OPEN:
        return None
    if len(turn.incoming.text.strip()) < acts.SHORTEST:
        return None
    turn.memory.data = {"code": case.code}
    return await told(turn)


# --- photos of the work ------------------------------------------------------------------------


async def _photos(turn: Turn) -> Reply | None:
    """Keep photos of an officer as "after" photos of the case that is meant; None when none is."""
    shown = str(turn.memory.data.get("code", "")) if turn.memory.step in STEPS else ""
    named = staff_words.caption(turn.incoming.text) or codes.named(shown)
    person = await person_of(turn) if named is not None else None
    if person is None or named is None:
        return None
    try:
        async with turn.db.begin_nested():
            reply = await _keep(turn, person, named)
    except (NotAllowed, Stale):
        return None
    album = turn.incoming.album
    if album is None:
        return reply
    sender = turn.incoming.sender
    key = f"after:{sender.channel}:{sender.user}:{album}"
    return replace(reply, key=key[:200], delay=QUIET)


async def _keep(turn: Turn, person: Staff, named: Named) -> Reply:
    case = await find(turn, person, named)
    case = await acts.to_speak(turn.work, case.code, Hand(person=person))
    photos = turn.incoming.photos
    number = await intake.keep_photos(turn.work, case, turn.incoming.sender, photos, after=True)
    lead = phrases.photos_kept(case.code, number)
    return await _go_on(turn, case, lead)


async def _go_on(turn: Turn, case: Feedback, lead: str) -> Reply:
    """Ask again what was being asked; words beside the photo are an answer to it."""
    doing = staff_doing.load(turn)
    if doing is None or doing.code != case.code or turn.memory.step not in staff_steps.STEPS:
        return Reply(text=lead)
    if turn.incoming.text and staff_words.caption(turn.incoming.text) is None:
        reply = await staff_steps.heard(turn)
        return replace(reply, text=f"{lead}\n{reply.text}")
    return await staff_steps.go_on(turn, case, doing, lead)
