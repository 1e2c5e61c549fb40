"""Not here, but there: another office's matter, with its address; or a life event with its list."""

from handlers import buttons, events
from handlers.phrases import there as phrases
from handlers.talk import Choice, Reply, Turn
from knowledge.elsewhere import Elsewhere
from knowledge.events import LifeEvent
from knowledge.instead import as_well, instead
from knowledge.match import Match


async def show(turn: Turn) -> Reply:
    """Tell where the matter of a key is done ("/noikhac ho_chieu")."""
    entry = turn.catalogue.get_elsewhere(turn.argument.strip())
    if entry is None:
        return Reply(text=phrases.GONE, choices=(buttons.FIELDS, buttons.BACK))
    return _tell(turn, entry, None)


def answer(turn: Turn, found: list[Match], beside: list[Match]) -> Reply | None:
    """Answer what another office or a life event fits better than the procedures *found*."""
    meant = instead(turn.catalogue, found, beside)
    if meant is None:
        return None
    best, near = meant
    turn.memory.procedure, turn.memory.near = "", []
    return events.tell(turn, best) if isinstance(best, LifeEvent) else _tell(turn, best, near)


def offered(turn: Turn, found: list[Match], beside: list[Match]) -> tuple[Choice, ...]:
    """Return the button of what fits about as well as the procedures *found*; none if nothing does."""
    near = as_well(turn.catalogue, found, beside)
    return (_button(near),) if near else ()


def _tell(turn: Turn, entry: Elsewhere, near: Elsewhere | LifeEvent | None) -> Reply:
    turn.memory.leave_step()
    turn.memory.misses = 0
    other = (_button(near),) if near else ()
    choices = (*other, buttons.WRONG, buttons.PERSON, buttons.BACK)
    return Reply(text=phrases.elsewhere(entry), choices=choices)


def _button(near: Elsewhere | LifeEvent) -> Choice:
    if isinstance(near, LifeEvent):
        return events.button(near)
    return Choice(buttons.short(near.name), f"/noikhac {near.key}", phrases.elsewhere_line(near))
