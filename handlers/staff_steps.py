"""An officer writes to the resident, in the private chat: asked, shown as it will be read, sent once.

`begin` opens an act; typed words come to `heard`, buttons ("/cb VERB …") to `press`. Nothing
is done before [Gửi], which carries the case's version and the seal of the very preview.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from feedback import codes
from feedback.acts import Hand
from feedback.codes import Named
from feedback.states import NotAllowed
from handlers import staff_asking as asking
from handlers import staff_doing as doings
from handlers import staff_hearing as hearing
from handlers import staff_private
from handlers.phrases import staff as phrases
from handlers.staff_case import Deed, find, person_of, trying, unknown
from handlers.staff_deeds import hold
from handlers.staff_doing import CONFIRM, Doing
from handlers.staff_words import Order
from handlers.talk import Reply, Turn
from records.cases import Feedback, Outcome, Staff

STEP = "staff:"
_OUTCOMES = frozenset(str(outcome) for outcome in Outcome)


def begin(act: str) -> Deed:
    """Return the deed that opens *act*; pressed in a group, it goes on in the officer's private chat."""

    async def deed(turn: Turn, person: Staff, said: Order) -> Reply:
        if not turn.incoming.group:
            return await _begin(turn, person, said, act)
        private = await staff_private.enter(turn)
        reply = await _begin(private, person, said, act)
        await staff_private.say(private, reply)
        return Reply(text=phrases.go_private(person.name))

    return deed


async def _begin(turn: Turn, person: Staff, said: Order, act: str) -> Reply:
    case = await find(turn, person, said.case)
    hand = Hand(person=person, version=said.version)
    case = await doings.openable(turn.work, case.code, hand, act)
    doing = Doing(act=act, code=case.code, version=case.version)
    if said.rest:
        hearing.first_words(turn, case, doing, said.rest)
    return await go_on(turn, case, doing)


async def go_on(turn: Turn, case: Feedback, doing: Doing, lead: str = "") -> Reply:
    """Keep what is known and ask what is missing; at last show what will be read."""
    question = doings.open_question(doing)
    if question == CONFIRM:
        text = await doings.preview(turn.work, case, doing)
        doing.shown = doings.seal(doing, text)
        reply = asking.preview(doing, text)
    else:
        reply = asking.ask(turn, case, doing, question)
    doings.save(turn, doing)
    turn.memory.step = f"{STEP}{question}"
    return replace(reply, text=f"{lead}\n{reply.text}") if lead else reply


async def heard(turn: Turn) -> Reply:
    """Take what was typed as the answer to the question asked last."""
    question = turn.memory.step.removeprefix(STEP)

    async def hear(case: Feedback, doing: Doing) -> Reply:
        told = await hearing.hear(turn, case, doing, question)
        return await go_on(turn, case, doing, told)

    return await _with_case(turn, hear, typed=turn.text)


async def _with_case(
    turn: Turn, then: Callable[[Feedback, Doing], Awaitable[Reply]], typed: str = ""
) -> Reply:
    """Go on with the case of this conversation as it was shown; the speaker is checked anew."""
    person, doing = await person_of(turn), doings.load(turn)
    if person is None:
        turn.memory.leave_step()
        return await unknown(turn)
    if doing is None:
        return Reply(text=phrases.NOTHING_TO_SEND)
    named = _named(doing.code)

    async def deed() -> Reply:
        hand = Hand(person=person, version=doing.version)
        return await then(await doings.openable(turn.work, doing.code, hand, doing.act), doing)

    return await trying(turn, person, named, deed, lost=typed or doing.text)


def _named(code: str) -> Named:
    named = codes.named(code)
    if named is None:
        raise NotAllowed(phrases.GONE)
    return named


# --- buttons -----------------------------------------------------------------------------------


async def press(turn: Turn) -> Reply:
    """Do what a button of these questions says: "/cb VERB ARGUMENT"."""
    if await person_of(turn) is None or turn.incoming.group:
        return await unknown(turn)
    verb, _, argument = turn.argument.partition(" ")
    if verb == "bo":
        return _drop(turn)
    choose = _BUTTONS.get(verb)
    if choose is None or not turn.memory.step.startswith(STEP):
        return Reply(text=phrases.NOTHING_TO_SEND)
    return await _with_case(turn, lambda case, doing: choose(turn.saying(argument), case, doing))


def _drop(turn: Turn) -> Reply:
    text = phrases.DROPPED if turn.memory.step.startswith(STEP) else phrases.NOTHING_TO_SEND
    turn.memory.leave_step()
    return Reply(text=text)


async def _send(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    """Do the act if the button stands under the preview that is true now; a second tap finds nothing."""
    if turn.memory.step != f"{STEP}{CONFIRM}":
        return Reply(text=phrases.NOTHING_TO_SEND)
    seal = doings.seal(doing, await doings.preview(turn.work, case, doing))
    if turn.argument != f"{doing.version} {seal}" or seal != doing.shown:
        return await go_on(turn, case, doing, phrases.CHANGED)
    person = await person_of(turn)
    if person is None:
        return await unknown(turn)
    case = await doings.do(turn.work, Hand(person=person, version=doing.version), doing)
    turn.memory.leave_step()
    reply = asking.sent(case, doing)
    if doing.act in (doings.PROGRESS, doings.EXTENSION):
        held = hold(turn, case)
        return replace(reply, choices=held.choices)
    return reply


async def _edit(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    """Ask anew what was answered last."""
    doing.text, doing.silent, doing.original = "", False, ""
    if doing.act == doings.EXTENSION:
        doing.due = ""
    return await go_on(turn, case, doing)


async def _outcome(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    if turn.argument in _OUTCOMES and doing.act == doings.CLOSING:
        hearing.end(doing, Outcome(turn.argument))
    return await go_on(turn, case, doing)


async def _date(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    return await go_on(turn, case, doing, hearing.date_chosen(turn, case, doing, turn.argument))


async def _desk(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    if turn.argument in {desk.code for desk in asking.desks(turn, case)}:
        doing.desk = turn.argument
    return await go_on(turn, case, doing)


async def _more_desks(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    doing.page += 1
    return await go_on(turn, case, doing)


async def _body(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    hearing.body_chosen(turn, doing, turn.argument)
    return await go_on(turn, case, doing)


async def _no_words(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    doing.silent = doing.act == doings.REFERRAL
    return await go_on(turn, case, doing)


_BUTTONS: dict[str, Callable[[Turn, Feedback, Doing], Awaitable[Reply]]] = {
    "gui": _send,
    "sua": _edit,
    "kq": _outcome,
    "han": _date,
    "to": _desk,
    "totiep": _more_desks,
    "noi": _body,
    "thoi": _no_words,
}

STEPS = {
    f"{STEP}{question}": heard
    for question in (
        *(doings.TEXT, doings.DUE, doings.OUTCOME, doings.ORIGINAL),
        *(doings.DESK, doings.BODY, CONFIRM),
    )
}
