"""Letters decided in a chat: the clerk checks, the chairperson signs, one by one, beside the picture and the record.

What lacks something is completed by typed answers; what was halted goes on or is written anew.
"""

from collections.abc import Sequence

from handlers import approval_round, welcome
from handlers.approval_desk import Deed, by_staff, data_of, next_one, person_of, through
from handlers.phrases import approval as phrases
from handlers.phrases import approval_open as open_phrases
from handlers.talk import Handler, Reply, Turn
from handlers.verify import verify
from letters import asking, desk, gaps, matching, notices, resuming
from letters.desk import Hand
from letters.gaps import Gap
from letters.states import NotAllowed, Stale
from letters.work import Work, at_hand
from records.cases import Permission
from records.letters import LetterState

WORDS, REASON, FACT, QUESTION = "letter:words", "letter:reason", "letter:fact", "letter:question"
morning = approval_round.morning


async def _sign(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    letter = await desk.sign(work, number, hand)
    rows = await matching.recipients(work, number)
    data = data_of(turn)
    data["signed"] += 1
    data["paper" if notices.by_hand(letter, rows) else "chat"] += 1
    return await next_one(turn, work, hand.person, phrases.signed(letter, notices.leaves(letter, rows)))


async def _check(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    await desk.check(work, number, hand)
    return await next_one(turn, work, hand.person, phrases.CHECKED)


async def _later(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    data_of(turn)["later"].append(number)
    return await next_one(turn, work, hand.person)


async def _choose(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    said = [int(one) for one in turn.argument.split()]
    if len(said) != 4:  # noqa: PLR2004  number, version, place, person
        return Reply(text=phrases.GONE)
    await desk.choose(work, number, hand, said[2], said[3])
    return await next_one(turn, work, hand.person, phrases.CHOSEN)


async def _redraft(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    letter = await desk.redraft(work, number, hand)
    if letter.state is LetterState.INCOMPLETE:
        data_of(turn)["later"].append(number)  # said now; not again in this round
        return await next_one(turn, work, hand.person, open_phrases.still(await gaps.of(work, letter)))
    return await next_one(turn, work, hand.person, open_phrases.written_anew(letter))


async def _resume(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    letter = await resuming.resume(work, number, hand)
    rows = await matching.recipients(work, number)
    return await next_one(turn, work, hand.person, open_phrases.goes_on(notices.leaves(letter, rows)))


# --- what is typed ------------------------------------------------------------------------------


def _ask(step: str, question: str, *needed: Permission) -> Deed:
    async def deed(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
        await desk.open_letter(work, number, hand, *(needed or _EITHER))
        turn.memory.step = step
        data_of(turn).update(letter=number, version=hand.version)
        return Reply(text=question, solemn=True)

    return deed


_EITHER = (Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)


async def _ask_fact(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    """Ask for the first fact that is missing."""
    letter = await desk.open_letter(work, number, hand, Permission.DRAFT_LETTERS)
    missing = _typed(await gaps.of(work, letter))
    if not missing:
        raise NotAllowed(open_phrases.NOTHING_TO_TYPE)
    turn.memory.step = FACT
    data_of(turn).update(letter=number, version=letter.version, fact=missing[0].name)
    return Reply(text=open_phrases.ask(missing[0], len(missing)), solemn=True)


def _typed(missing: Sequence[Gap]) -> list[Gap]:
    return [gap for gap in missing if gap.name]


async def heard(turn: Turn) -> Reply:
    """Take what was typed as the new words, the reason, the fact or the question, for the letter that was shown."""
    person, work = await person_of(turn), at_hand(turn.db, turn.now)
    step, data = turn.memory.step, data_of(turn)
    turn.memory.step = ""
    if person is None or work is None or "letter" not in data:
        return await welcome.menu(turn.saying(""))
    if turn.incoming.text.strip().lower() in ("thôi", "thoi"):
        return await next_one(turn, work, person, phrases.LEFT)
    hand = Hand(person=person, version=data["version"])
    try:
        async with turn.db.begin_nested():
            return await _TAKE[step](turn, work, hand, data["letter"])
    except Stale:
        return await next_one(turn, work, person, phrases.STALE)
    except NotAllowed as refusal:
        turn.memory.step = step
        return Reply(text=str(refusal))


async def _take_words(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    await desk.edit(work, number, hand, turn.incoming.text.split("\n\n"))
    data_of(turn)["back"] += 1
    return await next_one(turn, work, hand.person, phrases.KEPT_WORDS)


async def _take_reason(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    await desk.reject(work, number, hand, turn.incoming.text)
    data_of(turn)["back"] += 1
    return await next_one(turn, work, hand.person, phrases.NOT_SENT)


async def _take_question(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    told = await asking.ask_back(work, number, hand, turn.incoming.text)
    data_of(turn)["back"] += 1
    return await next_one(turn, work, hand.person, open_phrases.asked(told))


async def _take_fact(turn: Turn, work: Work, hand: Hand, number: int) -> Reply:
    """Keep the fact; ask for the next one, or tell that the letter is there."""
    letter = await desk.supply(work, number, hand, {data_of(turn)["fact"]: turn.incoming.text})
    missing = await gaps.of(work, letter)
    if _typed(missing):
        now = Hand(person=hand.person, version=letter.version)
        return await _ask_fact(turn, work, now, number)
    if missing:
        data_of(turn)["later"].append(number)
        return await next_one(turn, work, hand.person, open_phrases.still(missing))
    return await next_one(turn, work, hand.person, open_phrases.written_anew(letter))


_TAKE: dict[str, Deed] = {
    WORDS: _take_words,
    REASON: _take_reason,
    QUESTION: _take_question,
    FACT: _take_fact,
}

COMMANDS: dict[str, Handler] = {
    **approval_round.COMMANDS,
    "/thutung": through(""),
    "/thuthieu": through("lacking"),
    "/thudung": through("halted"),
    "/thuky": by_staff(_sign),
    "/thusoat": by_staff(_check),
    "/thusau": by_staff(_later),
    "/thunguoi": by_staff(_choose),
    "/thusoanlai": by_staff(_redraft),
    "/thugui": by_staff(_resume),
    "/thubosung": by_staff(_ask_fact),
    "/thusua": by_staff(_ask(WORDS, phrases.WRITE_WORDS)),
    "/thuthoi": by_staff(_ask(REASON, phrases.WRITE_REASON)),
    "/thuhoi": by_staff(_ask(QUESTION, open_phrases.WRITE_QUESTION, Permission.SIGN_LETTERS)),
    "/xm": verify,
}
STEPS: dict[str, Handler] = dict.fromkeys(_TAKE, heard)
