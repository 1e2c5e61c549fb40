"""Life events: a child is born, somebody dies, a shop opens; what to do, in order."""

from collections.abc import Iterator

from handlers import buttons
from handlers.phrases import there as phrases
from handlers.talk import Choice, Reply, Turn
from knowledge.events import LifeEvent

STEPS = 4  # choices that lead to a card; the fifth place says it was not meant


async def show(turn: Turn) -> Reply:
    """Tell the life event of a key ("/sukien sinh_con")."""
    happening = turn.catalogue.get_event(turn.argument.strip())
    if happening is None:
        return Reply(text=phrases.GONE, choices=(buttons.FIELDS, buttons.BACK))
    return tell(turn, happening)


def tell(turn: Turn, happening: LifeEvent) -> Reply:
    """List what must be done, and lead to the first cards."""
    turn.memory.leave_step()
    turn.memory.misses = 0
    choices = list(dict.fromkeys(_leading(turn, happening)))[:STEPS]
    return Reply(text=phrases.event(happening), choices=(*choices, buttons.WRONG))


def button(happening: LifeEvent) -> Choice:
    """Return the button that leads to a life event."""
    return Choice(buttons.short(happening.name), f"/sukien {happening.key}", phrases.event_line(happening))


def _leading(turn: Turn, happening: LifeEvent) -> Iterator[Choice]:
    """Yield the cards of the steps; one the edition lacks has no button."""
    for step in happening.steps:
        procedure = turn.catalogue.get(step.code) if step.code else None
        if procedure:
            yield buttons.choice(procedure)
