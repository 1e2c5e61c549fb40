"""The pile of letters in front of one person: who they are, which pile, the next letter and its picture.

Three piles: what waits for a decision, what lacks something, what was halted. A button carries
the letter's version: a stale or forwarded one does nothing.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from handlers import welcome
from handlers.phrases import approval as phrases
from handlers.phrases import approval_open as open_phrases
from handlers.talk import Choice, Handler, Reply, Turn
from letters import desk, frozen, gaps, matching, notices, occasions, waiting
from letters.desk import Hand
from letters.errors import LetterError
from letters.states import NotAllowed, Stale
from letters.work import Work, at_hand
from records import outbox, staff
from records.cases import Permission, Staff
from records.letters import Letter
from records.tables import Purpose

NUMBER: Final = re.compile(r"[0-9]{1,9}")  # what a column of whole numbers holds
START: Final = Choice("Xem từng thư", "/thutung")
LACKING: Final = Choice(*gaps.BUTTON)
HALTED: Final = Choice("Xem thư đã dừng", "/thudung")
Deed = Callable[[Turn, Work, Hand, int], Awaitable[Reply]]
Pile = Callable[[Work, Staff], Awaitable[list[Letter]]]
PILES: Final[dict[str, Pile]] = {
    "": waiting.for_person,
    "lacking": waiting.lacking,
    "halted": waiting.halted,
}


async def person_of(turn: Turn) -> Staff | None:
    """Return who speaks, if letters are their work; in private only."""
    if turn.incoming.group:
        return None
    person = await staff.by_account(turn.db, turn.incoming.sender)
    if person is None:
        return None
    mine = (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
    return person if any(staff.may(person, one) for one in mine) else None


def fresh(turn: Turn, pile: str = "") -> None:
    """Begin a round through *pile*."""
    turn.memory.data = {"later": [], "signed": 0, "back": 0, "chat": 0, "paper": 0, "pile": pile}


def data_of(turn: Turn) -> dict[str, Any]:
    """Return what this round remembers."""
    before = turn.memory.data
    fresh(turn)
    turn.memory.data |= before
    return turn.memory.data


def through(pile: str) -> Handler:
    """Return what goes through a pile from its beginning."""

    async def handler(turn: Turn) -> Reply:
        person, work = await person_of(turn), at_hand(turn.db, turn.now)
        if person is None or work is None:
            return await welcome.menu(turn.saying(""))
        if data_of(turn)["pile"] != pile:
            fresh(turn, pile)
        return await next_one(turn, work, person)

    return handler


def by_staff(deed: Deed) -> Callable[[Turn], Awaitable[Reply]]:
    """Return *deed* as a handler of a button "/… LETTER VERSION": whole, or nothing at all."""

    async def handler(turn: Turn) -> Reply:
        person, work = await person_of(turn), at_hand(turn.db, turn.now)
        said = turn.argument.split()
        if person is None or work is None:
            return await welcome.menu(turn.saying(""))
        if len(said) < 2 or not all(map(NUMBER.fullmatch, said)):  # noqa: PLR2004  number, version
            return Reply(text=phrases.GONE)
        hand = Hand(person=person, version=int(said[1]))
        try:
            async with turn.db.begin_nested():
                return await deed(turn, work, hand, int(said[0]))
        except Stale:
            return await next_one(turn, work, person, phrases.STALE)
        except NotAllowed as refusal:
            return Reply(text=str(refusal), choices=(START,))

    return handler


async def next_one(turn: Turn, work: Work, person: Staff, lead: str = "") -> Reply:
    """Show the next letter of the pile, or sum the round up."""
    turn.memory.step = ""
    data = data_of(turn)
    later = data["later"]
    found = await PILES[data["pile"]](work, person)
    left = [one for one in found if one.id not in later]
    if not left:
        text = "\n".join(part for part in (lead, _end(data)) if part)
        return Reply(text=text, solemn=True)
    done = data["signed"] + data["back"] + len(later)
    place = phrases.place(done + 1, done + len(left))
    return await _show(turn, work, person, left[0], "\n".join(part for part in (lead, place) if part))


def _end(data: dict[str, Any]) -> str:
    if data["pile"]:
        return open_phrases.NO_MORE[data["pile"]]
    if not data["signed"] + data["back"]:
        return phrases.NOTHING_WAITS
    return phrases.end(data["signed"], data["back"], data["chat"], data["paper"])


async def _show(turn: Turn, work: Work, person: Staff, letter: Letter, place: str) -> Reply:
    """Put the picture into the chat, and return the card with its buttons."""
    seen = await waiting.shown(work, letter)
    unsure = matching.unresolved(seen.recipients) if data_of(turn)["pile"] != "halted" else []
    if unsure:
        return await _ask_who(work, letter, unsure[0].place, place)
    if frozen.has_words(letter):
        await put_picture(turn, work, letter)
    text = notices.card(letter, seen.title, seen.recipients, seen.event, place)
    if letter.occasion is not None:
        text = place + phrases.greeting(seen.title, letter, await occasions.outlook(work, letter))
    more, offered = await _what_may_be_said(turn, work, person, letter)
    return Reply(text="\n".join(part for part in (text, more) if part), choices=offered, solemn=True)


async def _what_may_be_said(
    turn: Turn, work: Work, person: Staff, letter: Letter
) -> tuple[str, tuple[Choice, ...]]:
    """Return what is said under the card, and the buttons, by pile and by what *person* may do."""
    to_sign = staff.may(person, Permission.SIGN_LETTERS)
    pile = data_of(turn)["pile"]
    if pile == "lacking":
        missing = await gaps.of(work, letter)
        typed = any(gap.name for gap in missing)
        return open_phrases.lacks(letter, missing), _choices(notices.for_mending(letter, typed=typed))
    if pile == "halted":
        may_draft = staff.may(person, Permission.DRAFT_LETTERS) and not await desk.has_left(work, letter)
        told = open_phrases.halted(await waiting.who_halted(work, letter), letter.reason)
        return told, _choices(notices.for_halted(letter, may_draft=may_draft, may_sign=to_sign))
    return "", _choices(notices.for_deciding(letter) if to_sign else notices.for_checking(letter))


async def put_picture(turn: Turn, work: Work, letter: Letter, says: str = "", place: int = 0) -> bool:
    """Put *letter* as a picture into the chat; False where it cannot be printed: signing it will say why."""
    try:
        name = await work.shelf.media.save_image(await frozen.picture(work, letter))
    except LetterError:
        return False
    key = f"letterview:{letter.id}:{letter.version}:{place}:{turn.incoming.key}"[:200]
    return await outbox.put(
        turn.db,
        key=key,
        to=turn.incoming.sender,
        purpose=Purpose.REPLY,
        text=says or notices.title_of(frozen.text_of(letter).title),
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
    return tuple(Choice(label, say, _LINES.get(label, "")) for label, say in offered)


_LINES: Final = {"Hỏi lại phòng": "Hỏi lại phòng chuyên môn"}
