"""Is this letter really the ward's? Somebody types its code; the answer names no person and no matter."""

from handlers.phrases import approval as phrases
from handlers.talk import Reply, Turn
from letters import frozen, notices, register
from records import staff


async def verify(turn: Turn) -> Reply:
    """Say whether a code is a letter's ("xm 7F3K-9QX2"); guessing is bounded as for codes of staff."""
    code = register.code_in(turn.text)
    if code is None:
        return Reply(text=phrases.TYPE_CODE)
    who, hotline = turn.incoming.sender, turn.ward.hotline
    if not await staff.may_try(turn.db, who, turn.now):
        return Reply(text=phrases.TOO_MANY.format(hotline=hotline))
    letter = await register.by_code(turn.db, code)
    if letter is None:
        await staff.note_miss(turn.db, who, turn.now)
        return Reply(text=phrases.WRONG_CODE.format(hotline=hotline))
    text = frozen.text_of(letter)
    signed_as = text.signatory.lines[-1].capitalize()
    return Reply(text=notices.verified(letter, text.title, f"{signed_as} {text.signatory.name}"))


COMMANDS = {"/xm": verify}
