"""Buttons that several handlers offer, and how the name of a procedure becomes one."""

from handlers.talk import LABEL_LENGTH, Choice
from knowledge import card_text
from knowledge.procedure import Procedure

PERSON = Choice(card_text.PERSON, "/canbo", card_text.PERSON_LINE)
FIELDS = Choice("Xem theo lĩnh vực", "/linhvuc")
BACK = Choice("Về đầu", "/menu")
WRONG = Choice(card_text.WRONG, "/khongdung")


def choice(procedure: Procedure) -> Choice:
    """Return the button of a procedure, with what tells it from its siblings."""
    differs = f" — {procedure.differs}" if procedure.differs else ""
    return Choice(short(procedure.short_name), f"/tthc {procedure.code}", f"{procedure.short_name}{differs}")


def short(name: str) -> str:
    """Return *name* cut at a word to what a button shows."""
    if len(name) <= LABEL_LENGTH:
        return name
    return name[: LABEL_LENGTH - 1].rsplit(" ", 1)[0] + "…"
