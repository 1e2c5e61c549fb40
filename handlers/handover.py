"""Hand a resident over to a person: keep the question, promise an hour, never lose it."""

import re

from handlers import hours
from handlers.phrases import handover as phrases
from handlers.phrases import safety as safety_phrases
from handlers.phrases import when
from handlers.talk import Choice, Reply, Turn
from handlers.words import BEHALF, CANNOT_WALK
from knowledge.fold import fold
from records import handovers
from records.tables import Handover

QUESTION = "handover:question"
CANCEL = Choice("Bỏ, không gửi", "/xoa")
_BACK = Choice("Về đầu", "/menu")
_CARD_NUMBER = re.compile(r"(?<!\d)(?:\d[ .]?){11}\d(?!\d)")  # twelve digits: a personal id number


async def begin(turn: Turn) -> Reply:
    """Invite a question for the staff, saying when they answer."""
    _ask(turn, QUESTION, topic=turn.memory.bound(turn.now))
    by = when.moment(hours.answer_by(turn))
    if turn.calendar.is_open(turn.now):
        return Reply(text=phrases.ask_open(by), choices=(CANCEL,))
    opens = when.moment(turn.calendar.next_open(turn.now))
    return Reply(text=phrases.ask_closed(when.clock(turn.now), opens, by), choices=(CANCEL,))


async def question(turn: Turn) -> Reply:
    """Keep the question that was asked for."""
    row = await keep(turn, turn.text, topic=str(turn.memory.data.get("topic", "")))
    turn.memory.leave_step()
    turn.memory.photos = []
    return _kept(row, turn.text)


async def keep(turn: Turn, text: str, *, topic: str, minutes: int = hours.ANSWER_MINUTES) -> Handover:
    """Keep *text* for the staff; numbers of identity cards are taken out first."""
    return await handovers.leave(
        turn.db,
        turn.incoming.sender,
        topic=topic,
        question=_CARD_NUMBER.sub("…", text),
        photos=turn.memory.photos,
        now=turn.now,
        answer_by=hours.answer_by(turn, minutes),
    )


def needs_visit(text: str) -> bool:
    """Tell whether somebody asks on behalf of a person who cannot come."""
    said = fold(text)
    cannot = any(fold(words) in said for words in CANNOT_WALK)
    return cannot and any(fold(words) in said for words in (*BEHALF, "má", "mẹ", "ba", "cha", "ông", "bà"))


def home_visit(turn: Turn) -> Reply:
    """Offer that somebody comes to the house."""
    _ask(turn, QUESTION, topic="tại nhà")
    return Reply(text=phrases.HOME_VISIT, choices=(CANCEL,))


async def wrong_answer(turn: Turn) -> Reply:
    """Have a card checked that a resident found wrong, and ask what was different."""
    code = turn.memory.bound(turn.now)
    row = await keep(turn, turn.incoming.text, topic=f"kiểm tra {code}".strip(), minutes=hours.CHECK_MINUTES)
    _ask(turn, "handover:more", topic=f"kiểm tra {code}".strip())
    return Reply(text=phrases.wrong_answer(when.moment(row.answer_by)), choices=(_BACK,))


async def more(turn: Turn) -> Reply:
    """Keep what a resident adds to a doubt."""
    await keep(turn, turn.text, topic=str(turn.memory.data.get("topic", "")), minutes=hours.CHECK_MINUTES)
    turn.memory.leave_step()
    return Reply(text=phrases.WRONG_ANSWER_MORE, choices=(_BACK,))


def _ask(turn: Turn, step: str, *, topic: str) -> None:
    turn.memory.step, turn.memory.data, turn.memory.misses = step, {"topic": topic}, 0


def _kept(row: Handover, text: str) -> Reply:
    told = phrases.kept(row.id or 0, when.moment(row.answer_by))
    if _CARD_NUMBER.search(text):
        told = f"{safety_phrases.HIDDEN_NUMBER}\n{told}"
    return Reply(text=told, choices=(Choice("Việc của tôi", "/viec"), _BACK))
