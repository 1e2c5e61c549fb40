"""A round of letters from above: how many wait and what they lack, three to look at, all put off to another hour."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from handlers import welcome
from handlers.approval_desk import (
    HALTED,
    LACKING,
    START,
    by_staff,
    data_of,
    fresh,
    person_of,
    put_picture,
)
from handlers.phrases import approval as phrases
from handlers.phrases import approval_open as open_phrases
from handlers.talk import Choice, Handler, Reply, Turn
from knowledge import when
from letters import desk, gaps, reminding, rules, samples, waiting
from letters.desk import Hand
from letters.rules import Kind
from letters.samples import Sample
from letters.work import Work, at_hand
from records import staff
from records.cases import Permission, Staff
from records.letters import Letter

SAMPLES: Final = Choice("Xem 3 thư mẫu", "/thumau")
_STAMP: Final = "%Y%m%d%H%M"


async def begin(turn: Turn) -> Reply:
    """Tell how many letters wait, by kind; how many lack something, and how many were halted."""
    person, work = await person_of(turn), at_hand(turn.db, turn.now)
    if person is None:
        return await welcome.menu(turn.saying(""))
    if work is None:
        return Reply(text=phrases.NO_LETTERS)
    fresh(turn)
    told = await _told(work, person)
    if told is None:
        return Reply(text=phrases.NOTHING_WAITS)
    text, choices = told
    return Reply(text=text, choices=choices, solemn=True)


async def _told(work: Work, person: Staff) -> tuple[str, tuple[Choice, ...]] | None:
    """Return what *person* is told of their letters, and what they may do; None when nothing waits."""
    found = await waiting.for_person(work, person)
    lacking, halted = await waiting.lacking(work, person), await waiting.halted(work, person)
    to_sign = staff.may(person, Permission.SIGN_LETTERS)
    parts = [phrases.summary(waiting.counts(found), to_sign=to_sign)] if found else []
    if lacking:
        parts.append(open_phrases.lacking(len(lacking), await gaps.lines(work, lacking)))
    if halted:
        parts.append(open_phrases.stopped(len(halted)))
    put_off = Choice("Hoãn tất cả", f"/thuhoan {work.today:%Y%m%d}")
    offered = (
        (START, bool(found)),
        (SAMPLES, bool(found)),
        (LACKING, bool(lacking)),
        (HALTED, bool(halted)),
        (put_off, bool(found)),
    )
    return ("\n".join(parts), tuple(choice for choice, fits in offered if fits)) if parts else None


async def morning(work: Work) -> int:
    """Tell every signer and clerk once a day what waits for them and what is missing; return how many were told."""
    told = 0
    for person in await staff.everybody(work.db):
        accounts = await staff.accounts(work.db, person.id or 0)
        said = await _told(work, person) if accounts else None
        if said is not None:
            text, choices = said
            told += await reminding.tell(work, person, accounts[0], text, _plain(choices))
    return told


def _plain(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    return [(choice.label, choice.say) for choice in choices]


# --- three to look at ----------------------------------------------------------------------------


async def sample(turn: Turn) -> Reply:
    """Show three pictures: of each kind that waits, or, with a letter named, of its kind."""
    if turn.argument:
        return await _OF_ONE(turn)
    person, work = await person_of(turn), at_hand(turn.db, turn.now)
    if person is None or work is None:
        return await welcome.menu(turn.saying(""))
    found = await waiting.for_person(work, person)
    return await _shown(turn, work, await samples.of_each_kind(work, found), (START,))


async def _sample_of(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    letter = await desk.open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    if letter.occasion is not None:
        return await _shown(turn, work, await samples.of_greeting(work, letter), (START,))
    found = await waiting.for_person(work, hand.person)
    return await _shown(turn, work, await samples.of_kind(work, letter, found), (START,))


_OF_ONE: Final = by_staff(_sample_of)


async def _shown(turn: Turn, work: Work, found: Sequence[Sample], choices: tuple[Choice, ...]) -> Reply:
    made = 0
    for place, one in enumerate(found, start=1):
        made += await put_picture(turn, work, one.letter, one.says, place)
    return Reply(text=open_phrases.samples(made), choices=choices if made else (), solemn=True)


# --- all put off -----------------------------------------------------------------------------------


async def put_off(turn: Turn) -> Reply:
    """Ask until when, then leave everything as it is and ask again then; nothing is signed."""
    person, work = await person_of(turn), at_hand(turn.db, turn.now)
    if person is None or work is None:
        return await welcome.menu(turn.saying(""))
    said = turn.argument.split()
    if not said or said[0] != f"{work.today:%Y%m%d}":
        return Reply(text=phrases.GONE)
    found = await waiting.for_person(work, person)
    moments = [reminding.next_morning(work), *reminding.hours_left(work.now, work.today)]
    if len(said) == 1 and found:
        return Reply(text=_until_when(found), choices=_moments(moments, said[0]), solemn=True)
    chosen = next((one for one in moments if said[1:] == [f"{one:{_STAMP}}"]), None)
    if chosen is None or not found:
        return Reply(text=phrases.GONE)
    data_of(turn)["later"] = []
    to = turn.incoming.sender
    await reminding.put_off(work, person, to, chosen, text=open_phrases.ASKED_AGAIN, choices=_plain((START,)))
    return Reply(text=open_phrases.put_off(len(found), when.moment(chosen)), solemn=True)


def _until_when(found: Sequence[Letter]) -> str:
    kinds = [rule.kind for one in found if (rule := rules.of_template(one.template)) is not None]
    return open_phrases.until_when(len(found), kinds.count(Kind.SOLEMN), kinds.count(Kind.OWED))


def _moments(moments: Sequence[datetime], stamp: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"{when.clock(one)} hôm nay" if f"{one:%Y%m%d}" == stamp else when.moment(one),
            f"/thuhoan {stamp} {one:{_STAMP}}",
        )
        for one in moments
    )


COMMANDS: dict[str, Handler] = {"/thu": begin, "/thumau": sample, "/thuhoan": put_off}
