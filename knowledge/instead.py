"""Not here, but there: when an everyday name means another office's matter or a life event."""

from collections.abc import Sequence

from knowledge import match
from knowledge.catalogue import Catalogue
from knowledge.elsewhere import Elsewhere
from knowledge.events import LifeEvent
from knowledge.match import Match

FITS = 75.0  # score from which such a name is meant; measured on the dev questions, 2026-11-20
CLEARLY = 8.0  # so much better than a sure procedure it must fit
EXACT = 100.0


def instead(
    cards: Catalogue, found: Sequence[Match], beside: Sequence[Match]
) -> tuple[Elsewhere | LifeEvent, Elsewhere | LifeEvent | None] | None:
    """Return what is meant instead of the procedures *found*, and what is nearly meant; or None.

    *found* and *beside* are what `Index.look` gave for the question.

    A sure procedure stays unless the other name fits clearly better, or is word for word what
    was asked while the procedure is not. A life event named word for word always comes first:
    its list leads on to the card.
    """
    if not beside or beside[0].score < FITS:
        return None
    answer, score, best = _answer(cards, beside[0]), beside[0].score, found[0].score if found else 0.0
    if score >= EXACT:
        ahead = best < EXACT or isinstance(answer, LifeEvent)
    else:
        ahead = score > best + (CLEARLY if match.is_sure(found) else 0)
    if answer is None or not ahead:
        return None
    near = beside[1] if len(beside) > 1 and beside[1].score >= score - CLEARLY else None
    return answer, _answer(cards, near) if near else None


def as_well(
    cards: Catalogue, found: Sequence[Match], beside: Sequence[Match]
) -> Elsewhere | LifeEvent | None:
    """Return what is to be offered beside a choice of *found*, for it fits about as well; or None."""
    if not beside or beside[0].score < FITS or beside[0].score < found[0].score - CLEARLY:
        return None
    return _answer(cards, beside[0])


def _answer(cards: Catalogue, found: Match) -> Elsewhere | LifeEvent | None:
    """Return what the names of a match belong to; both kinds may use the same key."""
    answers: tuple[Elsewhere | LifeEvent, ...] = (*cards.elsewhere, *cards.events)
    return next((answer for answer in answers if answer.as_names() == found.procedure), None)
