"""Is this letter really the ward's? Somebody types its code; the answer names no person and no matter."""

import re
from dataclasses import replace
from typing import Final

from handlers.phrases import approval as phrases
from handlers.talk import Choice, Reply, Turn
from letters import frozen, notices, register
from records import staff

_ASKS: Final = re.compile(r"xm(?P<gap>[\s.:-]*)(?P<code>[^\s.:-].*)?", re.IGNORECASE)


def asked(text: str, *, in_a_step: bool) -> str:
    """Return what *text* asks to be verified: "xm 7F3K-9QX2", "xm7f3k9qx2"; nothing for other words.

    In the middle of a step only a whole code counts: an answer may begin with "xm" too.

    >>> asked("XM7f3k9qx2", in_a_step=True), asked("xm gì đó", in_a_step=True), asked("xm gì đó", in_a_step=False)
    ('7f3k9qx2', '', 'gì đó')
    """
    found = _ASKS.fullmatch(text.strip())
    if found is None or not found["code"]:
        return ""
    spaced = bool(found["gap"]) and not in_a_step
    return found["code"] if spaced or register.code_in(found["code"]) is not None else ""


async def verify(turn: Turn) -> Reply:
    """Say whether a code is a letter's ("xm 7F3K-9QX2"); what was being done goes on afterwards."""
    reply = await _verified(turn)
    if not turn.memory.step:
        return reply
    kept = tuple(Choice(label, say, line) for label, say, line in turn.memory.choices)
    return replace(reply, text=f"{reply.text}\n{phrases.GO_ON}", choices=kept)


async def _verified(turn: Turn) -> Reply:
    """Look the code up; guessing is bounded as for codes of staff."""
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
