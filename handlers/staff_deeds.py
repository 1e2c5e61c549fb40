"""What staff do with a case in one word: take it, give it to somebody, leave a remark."""

from feedback import acts, alerts, notices, routing
from feedback.acts import Hand
from handlers import staff_private
from handlers.buttons import short
from handlers.phrases import staff as phrases
from handlers.staff_case import find, offered, shown
from handlers.staff_words import Order
from handlers.talk import MAX_CHOICES, Choice, Reply, Turn
from knowledge.fold import fold
from records import staff
from records.cases import Feedback, Staff

TOLD = "staff:told"  # a case was shown: the next free words are its progress


async def claim(turn: Turn, person: Staff, said: Order) -> Reply:
    """Take a case; the desk hears who has it, the officer goes on in private."""
    private = await staff_private.enter(turn) if turn.incoming.group else turn
    case = await find(turn, person, said.case)
    case = await acts.claim(turn.work, case.code, Hand(person=person, version=said.version))
    text = notices.claimed(case, person.name, turn.now)
    if turn.incoming.sender not in await staff.rooms(turn.db, case.desk):
        await alerts.tell_room(turn.work, case, f"claimed:{case.version}", text)
    if private is turn:
        return hold(turn, case)
    reply = hold(private, case)
    await staff_private.say(private, reply)
    return Reply(text=text)


def hold(turn: Turn, case: Feedback) -> Reply:
    """Tell an officer in private what they may do with a case that is theirs."""
    if not turn.memory.step or turn.memory.step == TOLD:
        turn.memory.step, turn.memory.data = TOLD, {"code": case.code}
    return Reply(text=phrases.yours(shown(turn, case)), choices=offered(notices.for_holding(case)))


async def give(turn: Turn, person: Staff, said: Order) -> Reply:
    """Give a case to somebody by name; who is meant is asked when several are."""
    case = await find(turn, person, said.case)
    meant = await _meant(turn, case, said)
    if not meant:
        told = phrases.NO_SUCH_PERSON if said.rest or said.person else phrases.GIVE_HOW
        return Reply(text=told)
    if len(meant) > 1:
        tail = f"{case.code} {case.version}"
        choices = [Choice(short(one.name), f"/giao {tail} #{one.id}", one.name) for one in meant]
        return Reply(text=phrases.WHICH_PERSON, choices=tuple(choices[:MAX_CHOICES]))
    case = await acts.assign(turn.work, case.code, Hand(person=person, version=said.version), meant[0])
    return Reply(text=phrases.given(case.code, meant[0].name))


async def _meant(turn: Turn, case: Feedback, said: Order) -> list[Staff]:
    words = fold(said.rest).split()
    fit = [one for one in await staff.everybody(turn.db) if routing.may_answer(turn.work, one, case)]
    if said.person is not None:
        return [one for one in fit if one.id == said.person]
    named = [one for one in fit if words and set(words) <= set(fold(f"{one.name} {one.login}").split())]
    own = [one for one in named if one.desk == case.desk]
    return own or named


async def remark(turn: Turn, person: Staff, said: Order) -> Reply:
    """Leave a line only staff see."""
    case = await find(turn, person, said.case)
    if not said.rest:
        return Reply(text=phrases.REMARK_HOW)
    await acts.remark(turn.work, case.code, Hand(person=person, version=said.version), said.rest)
    return Reply(text=phrases.remarked(case.code))
