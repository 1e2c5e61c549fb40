"""The restricted box in the private chat of the two named persons; for everybody else it is not there."""

import hashlib

from feedback import notices, restricted
from feedback.states import NotAllowed
from handlers.phrases import staff as phrases
from handlers.phrases import when
from handlers.staff_case import unknown
from handlers.talk import MAX_CHOICES, Choice, Reply, Turn
from records import staff
from records.cases import RestrictedMessage, Staff

TEXT, CONFIRM = "staff:kin", "staff:kingui"
SHOWN = 10  # codes listed at once
LONGEST, SHORTEST = 1500, 5  # letters of an answer
_DROP = Choice("Bỏ", "/tinkin bo")


async def box(turn: Turn) -> Reply:
    """List the box, open one message, or act on the answer that is being written: "/tinkin KIN-… tra"."""
    person = await staff.by_account(turn.db, turn.incoming.sender) if not turn.incoming.group else None
    if person is None:
        return await unknown(turn)
    word, _, more = turn.argument.partition(" ")
    try:
        if not word:
            return await _list(turn, person)
        if word in ("gui", "sua", "bo"):
            return await _finish(turn, person, word, more)
        return await _open(turn, person, word, answer=more == "tra")
    except NotAllowed:
        return await _refused(turn, person)


async def _refused(turn: Turn, person: Staff) -> Reply:
    """One of the two hears that the code is wrong; to others the box is not there."""
    try:
        await restricted.box(turn.work, person)
    except NotAllowed:
        return await unknown(turn)
    return Reply(text=notices.NOT_YOURS, solemn=True)


async def _list(turn: Turn, person: Staff) -> Reply:
    rows = await restricted.box(turn.work, person)
    if not rows:
        return Reply(text=phrases.BOX_EMPTY, solemn=True)
    told = [(row.code, when.moment(row.due_at)) for row in rows[:SHOWN]]
    choices = tuple(Choice(row.code, f"/tinkin {row.code}") for row in rows[:MAX_CHOICES])
    return Reply(text=phrases.box(told), choices=choices, solemn=True)


async def _open(turn: Turn, person: Staff, code: str, *, answer: bool) -> Reply:
    row = await restricted.read(turn.work, person, code)
    if answer:
        if row.answered_at is not None:
            return Reply(text=notices.RESTRICTED_ANSWERED, solemn=True)
        turn.memory.step, turn.memory.data = TEXT, {"box": row.code}
        return Reply(text=f"{row.code} · {phrases.RESTRICTED_ANSWER}", choices=(_DROP,), solemn=True)
    text = phrases.restricted(row.code, row.text or phrases.ERASED, when.moment(row.due_at))
    reply = (Choice("Trả lời", f"/tinkin {row.code} tra"),) if row.answered_at is None else ()
    return Reply(text=text, choices=(*reply, Choice("Hộp kín", "/tinkin")), solemn=True)


async def heard(turn: Turn) -> Reply:
    """Show the answer as the person who wrote will read it."""
    person = await staff.by_account(turn.db, turn.incoming.sender)
    code = str(turn.memory.data.get("box", ""))
    if person is None or not code:
        turn.memory.leave_step()
        return await unknown(turn)
    try:
        row = await restricted.read(turn.work, person, code)
    except NotAllowed:
        turn.memory.leave_step()
        return await unknown(turn)
    if not SHORTEST <= len(turn.text.strip()) <= LONGEST:
        return Reply(text=phrases.RESTRICTED_ANSWER, choices=(_DROP,), solemn=True)
    turn.memory.step, turn.memory.data = CONFIRM, {"box": code, "text": turn.text}
    return _preview(row, turn.text)


def _preview(row: RestrictedMessage, text: str) -> Reply:
    seal = _seal(row.code, text)
    choices = (Choice("Gửi", f"/tinkin gui {seal}"), Choice("Sửa", "/tinkin sua"), _DROP)
    told = phrases.preview(phrases.SENDER_READS, notices.restricted_answer(row, text))
    return Reply(text=told, choices=choices, solemn=True, exact=True)


def _seal(code: str, text: str) -> str:
    return hashlib.sha256(f"{code}:{text}".encode()).hexdigest()[:10]


async def _finish(turn: Turn, person: Staff, word: str, seal: str) -> Reply:
    code, text = (str(turn.memory.data.get(name, "")) for name in ("box", "text"))
    if not code:
        await restricted.box(turn.work, person)  # raises for whom the box is not there
        return Reply(text=phrases.NOTHING_TO_SEND, solemn=True)
    if word == "sua":
        return await _open(turn, person, code, answer=True)
    if word == "gui" and (turn.memory.step != CONFIRM or seal != _seal(code, text)):
        row = await restricted.read(turn.work, person, code)
        return _preview(row, text) if text else Reply(text=phrases.NOTHING_TO_SEND, solemn=True)
    if word == "gui":
        await restricted.answer(turn.work, person, code, text)
    turn.memory.leave_step()
    told = phrases.RESTRICTED_SENT.format(code=code) if word == "gui" else phrases.DROPPED
    return Reply(text=told, solemn=True)


STEPS = {TEXT: heard, CONFIRM: heard}
