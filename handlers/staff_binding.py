"""A one-time code binds: a staff person's own account in private, the group of a desk in a group.

Whatever is wrong with a code is told in one sentence, and never with the code in it.
"""

from handlers import handover
from handlers.phrases import staff as phrases
from handlers.staff_case import speaker, unknown
from handlers.talk import Reply, Turn
from records import staff, trace
from records.cases import Permission, Staff
from records.tables import Address, ChannelName

_LENGTHS = range(6, 17)  # letters that may be meant as a code, mistyped ones too
_GIVES_WORK = (Permission.ASSIGN_FEEDBACK, Permission.MANAGE_STAFF)


async def canbo(turn: Turn) -> Reply:
    """Bind by code; without one, show staff what they can do and lead a resident to a person."""
    who = turn.incoming.sender
    if not looks_like_code(turn.argument) or who.channel is ChannelName.WEB:
        person = await staff.by_account(turn.db, who)
        return await handover.begin(turn) if person is None else Reply(text=phrases.desk_of(person.name))
    if not await staff.may_try(turn.db, who, turn.now):
        return Reply(text=phrases.WRONG_CODE)
    person = await _person_by_code(turn)
    if person is None or person.id is None:
        await staff.note_miss(turn.db, who, turn.now)
        return Reply(text=phrases.WRONG_CODE)
    await staff.bind(turn.db, who, person.id, turn.now)
    await _leave_trace(turn, person, "staff.bound", str(who.channel))
    turn.memory.leave_step()
    desk = next((desk.name for desk in turn.ward.desks.desks if desk.code == person.desk), "")
    return Reply(text=phrases.bound(person.name, desk))


def looks_like_code(argument: str) -> bool:
    """Tell whether somebody means a code and not a question: one word, or groups with a digit among them."""
    bare = "".join(letter for letter in argument if letter.isalnum())
    one_word = " " not in argument.strip() or (
        len(bare) == staff.CODE_LENGTH and any(letter.isdigit() for letter in bare)
    )
    return bare.isascii() and len(bare) in _LENGTHS and one_word


async def _person_by_code(turn: Turn) -> Staff | None:
    if await staff.desk_of_code(turn.db, turn.argument, turn.now):
        return None  # it binds a group; it stays valid for that
    found = await staff.use_code(turn.db, turn.argument, turn.now)
    person = await turn.db.get(Staff, found.staff_id) if found and found.staff_id else None
    return person if person is not None and person.disabled_at is None else None


async def room(turn: Turn) -> Reply:
    """Bind the group (or its topic) in which a desk's code is said, by somebody who may."""
    if not looks_like_code(turn.argument):
        return await unknown(turn)
    who = speaker(turn) or turn.incoming.sender
    if not await staff.may_try(turn.db, who, turn.now):
        return Reply(text=phrases.WRONG_CODE)
    desk = await _desk_by_code(turn, speaker(turn))
    if desk is None:
        await staff.note_miss(turn.db, who, turn.now)
        return Reply(text=phrases.WRONG_CODE)
    person = await staff.by_account(turn.db, speaker(turn))
    by = person.id if person is not None else None
    await staff.bind_room(turn.db, turn.incoming.sender, desk, by, turn.now)
    await _leave_trace(turn, person, "room.bound", desk)
    return Reply(text=phrases.room_bound(turn.ward.desks.desk(desk).name))


async def _desk_by_code(turn: Turn, who: Address | None) -> str | None:
    """Take the code out of the world if it may bind this group; a person's own code said aloud is spent."""
    desk = await staff.desk_of_code(turn.db, turn.argument, turn.now)
    known = desk in {one.code for one in turn.ward.desks.desks}
    if not desk or (known and await _may_bind(turn, who, desk)):
        await staff.use_code(turn.db, turn.argument, turn.now)
        return desk if known else None
    return None


async def _may_bind(turn: Turn, who: Address | None, desk: str) -> bool:
    person = await staff.by_account(turn.db, who)
    if person is None:
        return not await staff.anybody_bound(turn.db)
    return person.desk == desk or any(staff.may(person, permission) for permission in _GIVES_WORK)


async def _leave_trace(turn: Turn, person: Staff | None, what: str, on: str) -> None:
    who = f"staff:{person.id}" if person is not None else "code"
    await trace.leave(turn.db, who=who, what=what, on=on, detail={}, now=turn.now)
