"""Letters decided in a chat: the clerk checks, the chairperson signs, one by one, beside the picture and the record.

Every button carries the letter's version: a stale or forwarded one does nothing. The picture goes
out before the words, in a delivery of its own.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from handlers import welcome
from handlers.phrases import approval as phrases
from handlers.talk import Choice, Handler, Reply, Turn
from handlers.verify import verify
from letters import desk, frozen, matching, notices, occasions, waiting
from letters.desk import Hand
from letters.errors import LetterError
from letters.states import NotAllowed, Stale
from letters.work import Work, at_hand
from records import outbox, staff
from records.cases import Permission, Staff
from records.letters import Letter
from records.tables import Purpose

_NUMBER = re.compile(r"[0-9]{1,9}")  # what a column of whole numbers holds
WORDS, REASON = "letter:words", "letter:reason"
Deed = Callable[[Turn, Work, Hand, int], Awaitable[Reply]]
_START = Choice("Xem từng thư", "/thutung")


async def _person(turn: Turn) -> Staff | None:
    """Return who speaks, if letters are their work; in private only."""
    if turn.incoming.group:
        return None
    person = await staff.by_account(turn.db, turn.incoming.sender)
    if person is None:
        return None
    mine = (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
    return person if any(staff.may(person, one) for one in mine) else None


async def begin(turn: Turn) -> Reply:
    """Tell how many letters wait, by kind."""
    person, work = await _person(turn), at_hand(turn.db, turn.now)
    if person is None:
        return await welcome.menu(turn.saying(""))
    if work is None:
        return Reply(text=phrases.NO_LETTERS)
    found = await waiting.for_person(work, person)
    turn.memory.data = {"later": [], "signed": 0, "back": 0, "chat": 0, "paper": 0}
    if not found:
        return Reply(text=phrases.NOTHING_WAITS)
    to_sign = staff.may(person, Permission.SIGN_LETTERS)
    return Reply(text=phrases.summary(waiting.counts(found), to_sign=to_sign), choices=(_START,), solemn=True)


async def one_by_one(turn: Turn) -> Reply:
    """Show the next letter, or sum the round up."""
    person, work = await _person(turn), at_hand(turn.db, turn.now)
    if person is None or work is None:
        return await welcome.menu(turn.saying(""))
    return await _next(turn, work, person)


async def _next(turn: Turn, work: Work, person: Staff, lead: str = "") -> Reply:
    turn.memory.step = ""
    found = await waiting.for_person(work, person)
    later = _data(turn)["later"]
    left = [one for one in found if one.id not in later]
    if not left:
        text = "\n".join(part for part in (lead, _end(turn)) if part)
        return Reply(text=text, solemn=True)
    done = _data(turn)["signed"] + _data(turn)["back"] + len(later)
    place = phrases.place(done + 1, done + len(left))
    return await _show(turn, work, person, left[0], "\n".join(part for part in (lead, place) if part))


def _end(turn: Turn) -> str:
    data = _data(turn)
    if not data["signed"] + data["back"]:
        return phrases.NOTHING_WAITS
    return phrases.end(data["signed"], data["back"], data["chat"], data["paper"])


def _data(turn: Turn) -> dict[str, Any]:
    turn.memory.data = {"later": [], "signed": 0, "back": 0, "chat": 0, "paper": 0, **turn.memory.data}
    return turn.memory.data


async def _show(turn: Turn, work: Work, person: Staff, letter: Letter, place: str) -> Reply:
    """Put the picture into the chat, and return the card with its buttons."""
    seen = await waiting.shown(work, letter)
    unsure = matching.unresolved(seen.recipients)
    if unsure:
        return await _ask_who(work, letter, unsure[0].place, place)
    if frozen.has_words(letter):
        await _put_picture(turn, work, letter)
    text = notices.card(letter, seen.title, seen.recipients, seen.event, place)
    if letter.occasion is not None:
        text = place + phrases.greeting(seen.title, letter, await occasions.outlook(work, letter))
    to_sign = staff.may(person, Permission.SIGN_LETTERS)
    offered = notices.for_deciding(letter) if to_sign else notices.for_checking(letter)
    return Reply(text=text, choices=_choices(offered), solemn=True)


async def _put_picture(turn: Turn, work: Work, letter: Letter) -> None:
    try:
        name = await work.shelf.media.save_image(await frozen.picture(work, letter))
    except LetterError:
        return  # it cannot be printed; signing it will say why
    key = f"letterview:{letter.id}:{letter.version}:{turn.incoming.key}"[:200]
    title = notices.title_of(frozen.text_of(letter).title)
    await outbox.put(
        turn.db,
        key=key,
        to=turn.incoming.sender,
        purpose=Purpose.REPLY,
        text=title,
        now=turn.now,
        attachments=[name],
    )


async def _ask_who(work: Work, letter: Letter, number: int, place: str) -> Reply:
    rows = {row.place: row for row in await matching.recipients(work, letter.id or 0)}
    told = await desk.candidates(work, rows[number])
    tail = f"{letter.id} {letter.version} {number}"
    choices = [
        Choice(f"Người {n}", f"/thunguoi {tail} {one}", two) for n, (one, two) in enumerate(told.items(), 1)
    ]
    none = Choice(
        "Không ai", f"/thunguoi {tail} {desk.NOBODY}", "Không ai trong số này: giao theo địa chỉ trong sổ"
    )
    asked = phrases.WHICH_PERSON.format(name=rows[number].name)
    return Reply(text=f"{place}{asked}", choices=(*choices[:4], none), solemn=True)


def _choices(offered: notices.Choices) -> tuple[Choice, ...]:
    return tuple(Choice(label, say) for label, say in offered)


# --- deciding ----------------------------------------------------------------------------------


def _by_staff(deed: Deed) -> Handler:
    """Return *deed* as a handler of a button "/… LETTER VERSION": whole, or nothing at all."""

    async def handler(turn: Turn) -> Reply:
        person, work = await _person(turn), at_hand(turn.db, turn.now)
        said = turn.argument.split()
        if person is None or work is None:
            return await welcome.menu(turn.saying(""))
        if len(said) < 2 or not all(map(_NUMBER.fullmatch, said)):  # noqa: PLR2004  number, version
            return Reply(text=phrases.GONE)
        hand = Hand(person=person, version=int(said[1]))
        try:
            async with turn.db.begin_nested():
                return await deed(turn, work, hand, int(said[0]))
        except Stale:
            return await _next(turn, work, person, phrases.STALE)
        except NotAllowed as refusal:
            return Reply(text=str(refusal), choices=(_START,))

    return handler


async def _sign(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    letter = await desk.sign(work, number, hand)
    rows = await matching.recipients(work, number)
    data = _data(turn)
    data["signed"] += 1
    data["paper" if notices.by_hand(letter, rows) else "chat"] += 1
    return await _next(turn, work, hand.person, phrases.signed(letter, notices.leaves(letter, rows)))


async def _check(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    await desk.check(work, number, hand)
    return await _next(turn, work, hand.person, phrases.CHECKED)


async def _later(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    _data(turn)["later"].append(number)
    return await _next(turn, work, hand.person)


async def _choose(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    said = [int(one) for one in turn.argument.split()]
    if len(said) != 4:  # noqa: PLR2004  number, version, place, person
        return Reply(text=phrases.GONE)
    await desk.choose(work, number, hand, said[2], said[3])
    return await _next(turn, work, hand.person, phrases.CHOSEN)


def _ask(step: str, question: str) -> Deed:
    async def deed(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
        await desk.open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
        turn.memory.step = step
        _data(turn).update(letter=number, version=hand.version)
        return Reply(text=question, solemn=True)

    return deed


async def heard(turn: Turn) -> Reply:
    """Take what was typed as the new words, or as the reason, of the letter that was shown."""
    person, work = await _person(turn), at_hand(turn.db, turn.now)
    step, data = turn.memory.step, _data(turn)
    turn.memory.step = ""
    if person is None or work is None or "letter" not in data:
        return await welcome.menu(turn.saying(""))
    if turn.incoming.text.strip().lower() in ("thôi", "thoi"):
        return await _next(turn, work, person, phrases.LEFT)
    hand = Hand(person=person, version=data["version"])
    try:
        async with turn.db.begin_nested():
            return await _take(turn, work, hand, step)
    except Stale:
        return await _next(turn, work, person, phrases.STALE)
    except NotAllowed as refusal:
        turn.memory.step = step
        return Reply(text=str(refusal))


async def _take(turn: Turn, work: Work, hand: Hand, step: str) -> Reply:
    data, text = _data(turn), turn.incoming.text
    if step == WORDS:
        await desk.edit(work, data["letter"], hand, text.split("\n\n"))
        said = phrases.KEPT_WORDS
    else:
        await desk.reject(work, data["letter"], hand, text)
        said = phrases.NOT_SENT
    data["back"] += 1
    return await _next(turn, work, hand.person, said)


COMMANDS: dict[str, Handler] = {
    "/thu": begin,
    "/thutung": one_by_one,
    "/thuky": _by_staff(_sign),
    "/thusoat": _by_staff(_check),
    "/thusau": _by_staff(_later),
    "/thunguoi": _by_staff(_choose),
    "/thusua": _by_staff(_ask(WORDS, phrases.WRITE_WORDS)),
    "/thuthoi": _by_staff(_ask(REASON, phrases.WRITE_REASON)),
    "/xm": verify,
}
STEPS: dict[str, Handler] = {WORDS: heard, REASON: heard}


async def morning(work: Work) -> int:
    """Tell every signer and clerk once a day what waits for them; return how many were told."""
    told = 0
    for person in await staff.everybody(work.db):
        found = await waiting.for_person(work, person)
        for to in (await staff.accounts(work.db, person.id or 0))[:1] if found else ():
            to_sign = staff.may(person, Permission.SIGN_LETTERS)
            told += await outbox.put(
                work.db,
                key=f"alert:letters:{work.today}:{person.login}",
                to=to,
                purpose=Purpose.ALERT,
                text=phrases.summary(waiting.counts(found), to_sign=to_sign),
                now=work.now,
                choices=[(_START.label, _START.say)],
            )
    return told
