"""Who of the staff speaks, which case they mean, and where it stands when what they pressed is no longer true."""

from collections.abc import Awaitable, Callable

from feedback import clock, history, notices, routing
from feedback.codes import Named
from feedback.states import OPEN, Incomplete, NotAllowed, Stale
from handlers import staff_words, welcome
from handlers.phrases import common
from handlers.phrases import staff as phrases
from handlers.staff_words import Order
from handlers.talk import Choice, Handler, Reply, Turn
from knowledge.calendar import here
from records import staff
from records.cases import Feedback, FeedbackState, Permission, Staff
from records.tables import Address

Deed = Callable[[Turn, Staff, Order], Awaitable[Reply]]


def speaker(turn: Turn) -> Address | None:
    """Return the account that speaks; None for somebody who hides behind a group."""
    return turn.incoming.author if turn.incoming.group else turn.incoming.sender


async def person_of(turn: Turn) -> Staff | None:
    """Return the staff person who speaks and works on cases; None for everybody else."""
    person = await staff.by_account(turn.db, speaker(turn))
    return person if person is not None and works(person) else None


def works(person: Staff) -> bool:
    """Tell whether *person* has to do with cases at all."""
    return staff.may(person, Permission.ANSWER_FEEDBACK) or staff.may(person, Permission.ASSIGN_FEEDBACK)


async def unknown(turn: Turn) -> Reply:
    """Answer as an unknown command is answered: whoever is not staff learns nothing."""
    if turn.incoming.group:
        return Reply(text=common.GROUP)
    return await welcome.menu(turn.saying(""))


def by_staff(deed: Deed) -> Handler:
    """Return *deed* as a handler: for staff only, and for a case that is named."""

    async def handler(turn: Turn) -> Reply:
        person = await person_of(turn)
        if person is None:
            return await unknown(turn)
        said = staff_words.order(turn.argument)
        if said is None:
            return Reply(text=phrases.WHICH_CASE)
        return await trying(turn, person, said.case, lambda: deed(turn, person, said), lost=said.rest)

    return handler


async def trying(
    turn: Turn, person: Staff, said: Named, deed: Callable[[], Awaitable[Reply]], lost: str = ""
) -> Reply:
    """Do *deed* whole or not at all; a refusal is said, a case that moved is shown with what was *lost*."""
    try:
        async with turn.db.begin_nested():
            return await deed()
    except (NotAllowed, Incomplete) as refusal:
        return Reply(text=str(refusal))
    except Stale:
        turn.memory.leave_step()
        return await _standing(turn, person, said, lost)


async def find(turn: Turn, person: Staff, said: Named) -> Feedback:
    """Return the case *said* names, if *person* may act on it. Raises NotAllowed, alike for one that is not there."""
    case = await history.by_name(turn.db, said, here(turn.now).year) if said.right else None
    wrong = case is not None and said.check is not None and not case.code.endswith(f"-{said.check}")
    if case is None or wrong or not routing.may_answer(turn.work, person, case):
        raise NotAllowed(notices.NOT_YOURS)
    return case


async def _standing(turn: Turn, person: Staff, said: Named, lost: str) -> Reply:
    try:
        case = await find(turn, person, said)
    except NotAllowed as refusal:
        return Reply(text=str(refusal))
    text = phrases.standing(
        shown(turn, case), phrases.STATES[case.state], await officer(turn, case), due(turn, case)
    )
    if lost and not turn.incoming.group:
        text = f"{text}\n{phrases.kept_words(lost)}"
    return Reply(text=text, choices=fresh(person, case))


def shown(turn: Turn, case: Feedback) -> str:
    """Return how the case is named to staff; of a discreet one no more than its field."""
    return notices.shown(case, turn.concerns.of(case.category))


def due(turn: Turn, case: Feedback) -> str:
    """Return the deadline of an open case, with the time that is left."""
    if case.state not in OPEN:
        return ""
    return notices.deadline(case, clock.minutes_left(turn.calendar, case.due_at, turn.now))


async def officer(turn: Turn, case: Feedback) -> str:
    """Return the name of whoever holds the case, or nothing."""
    person = await turn.db.get(Staff, case.officer_id) if case.officer_id is not None else None
    return person.name if person is not None else ""


def fresh(person: Staff, case: Feedback) -> tuple[Choice, ...]:
    """Return what *person* may do with the case as it is now."""
    if case.state in (FeedbackState.NEW, FeedbackState.REOPENED) and case.officer_id in (None, person.id):
        return offered(notices.for_claiming(case))
    own = case.officer_id == person.id or staff.may(person, Permission.ASSIGN_FEEDBACK)
    if case.state is FeedbackState.ASSIGNED and own:
        return offered(notices.for_holding(case))
    return offered(notices.for_claiming(case)[-1:])


def offered(choices: notices.Choices) -> tuple[Choice, ...]:
    """Return what a notice offers as choices of a conversation."""
    return tuple(Choice(label, say) for label, say in choices)
