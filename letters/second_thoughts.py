"""A decision taken back within seconds, as long as nothing came of it: the letter stands where it stood."""

from dataclasses import dataclass
from typing import Final

from letters import frozen
from letters.desk import Hand, open_letter
from letters.drafting import settle_on
from letters.states import UNSIGNED, Stale
from letters.work import Work
from records.cases import Permission
from records.letters import Letter, LetterState

_GAP: Final = 200


@dataclass(frozen=True, kw_only=True)
class Before:
    """Where a letter stood before it was rejected."""

    state: LetterState
    gap: str


def before(letter: Letter) -> Before:
    """Return where *letter* stands now."""
    return Before(state=letter.state, gap=letter.gap)


async def unreject(work: Work, number: int, hand: Hand, stood: Before) -> Letter:
    """Put a letter that was just rejected back where it stood. Raises NotAllowed or Stale.

    Who checked it still has: rejecting changed no word. `hand.version` is that of the rejection.
    """
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    fits = stood.state in UNSIGNED and (stood.state is LetterState.INCOMPLETE or frozen.has_words(letter))
    if letter.state is not LetterState.REJECTED or not fits:
        raise Stale
    await settle_on(work, letter, stood.state, gap=stood.gap[:_GAP], by=hand.person.login)
    return letter
