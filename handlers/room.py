"""In a group: bind it to a desk, take the work that is shown there, and go on in private.

Who acts is the author, never the group. Whoever is not staff hears what everybody hears who
calls us in a group.
"""

from handlers import dossier_desk, staff, staff_binding, staff_doing, staff_words
from handlers.phrases import common
from handlers.phrases import staff as phrases
from handlers.staff_case import person_of
from handlers.talk import Handler, Reply, Turn
from records import staff as people

_HERE = ("/nhan", "/giao", "/ghichu", "/xem", "/anh")
COMMANDS: dict[str, Handler] = {
    "/canbo": staff_binding.room,
    **{command: staff.COMMANDS[command] for command in _HERE},
    **{f"/{act}": staff.COMMANDS[f"/{act}"] for act in staff_doing.NEEDS},
    **dossier_desk.COMMANDS,
}
_LISTS = ("/viecto", "/denhan")


async def answer(turn: Turn) -> Reply | None:
    """Answer one thing said in a group; None when silence is right."""
    incoming = turn.incoming
    if incoming.edited or not incoming.text:
        return None
    if not incoming.text.startswith("/"):
        return await _words(turn)
    word, _, argument = incoming.text.partition(" ")
    word = word.lower()
    turn = turn.saying(argument.strip())
    if word in _LISTS:
        return await _list(turn, word)
    if word not in COMMANDS:
        return Reply(text=common.GROUP)
    if word != "/canbo" and await person_of(turn) is None:
        return await _stranger(turn)
    return await COMMANDS[word](turn)


async def _words(turn: Turn) -> Reply | None:
    """Take the words of the office from staff; everything else people say to each other is not for us."""
    command = staff_words.command(turn.incoming.text)
    word, _, argument = command.partition(" ")
    if not command or await person_of(turn) is None:
        return None
    if word in _LISTS:
        return await _list(turn, word)
    return await COMMANDS[word](turn.saying(argument)) if word in COMMANDS else None


async def _list(turn: Turn, word: str) -> Reply:
    """Show a desk's work in its own group only."""
    person, bound = await person_of(turn), await people.room(turn.db, turn.incoming.sender)
    if person is None or bound is None or bound.desk != person.desk:
        return Reply(text=common.GROUP)
    return await staff.COMMANDS[word](turn) or Reply(text=common.GROUP)


async def _stranger(turn: Turn) -> Reply:
    """In the group of a desk an unknown account hears how it is bound; elsewhere nothing of the kind."""
    if await people.room(turn.db, turn.incoming.sender) is None:
        return Reply(text=common.GROUP)
    return Reply(text=phrases.NOT_BOUND)
