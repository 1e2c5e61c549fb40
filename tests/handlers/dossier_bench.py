"""Staff and residents who speak of dossiers and deaths, led as the house's router leads them."""

import pytest

from handlers import deaths, dossier, dossier_desk, welcome
from handlers.talk import Reply, Turn
from knowledge.fold import fold
from tests.handlers import staff_bench

COMMANDS = {**dossier.COMMANDS, **dossier_desk.COMMANDS, **deaths.COMMANDS}
STEPS = {**dossier_desk.STEPS, **deaths.STEPS}


async def route(turn: Turn) -> Reply | None:
    """A command, a choice on offer, a step we are in, free words about a dossier; else the menu."""
    text = turn.incoming.text
    for number, (label, say, line) in enumerate(turn.memory.choices, start=1):
        if fold(text) in (str(number), fold(label), fold(line)):
            text = say
    step = STEPS.get(turn.memory.step)
    if not text.startswith("/") and step is None:
        text = dossier.command(text) or text
    word, _, argument = text.partition(" ")
    if word in COMMANDS:
        return await COMMANDS[word](turn.saying(argument.strip()))
    return await step(turn) if step else await welcome.menu(turn)


@pytest.fixture(autouse=True)
def led(monkeypatch):
    """Let everybody of the bench be led by this router."""
    monkeypatch.setattr(staff_bench, "route", route)
