"""Who may see what of a case: its resident everything, anybody with the key its thread, others its state.

Wrong codes and wrong keys are counted per account, answered alike, and after a few nothing is
looked up at all for a while.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from feedback import codes, history
from feedback.alerts import address_of
from feedback.work import Work
from knowledge.calendar import here
from records.cases import Feedback, Guess
from records.dialect import upsert
from records.tables import Address

MOST_MISSES = 10  # in an hour, of one account
WINDOW = timedelta(hours=1)
_NOTHING = "0" * 64  # no key has this seal


class View(StrEnum):
    """How much of a case somebody may see."""

    ALL = "all"  # it is theirs
    THREAD = "thread"  # they have the key
    STATE = "state"  # they know the code


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What looking a code up came to. `case` is None when there is nothing to show: `why` says how.

    `why` is "" | "wrong_digit" | "missing" | "wait".
    """

    case: Feedback | None = None
    view: View = View.STATE
    why: str = ""


async def look(work: Work, who: Address, text: str) -> Looked:
    """Look up the case *text* names for *who*; a wrong key and a missing code are told alike."""
    said = codes.named(text)
    if said is None or not said.right:
        return Looked(why="missing" if said is None else "wrong_digit")
    if await _tired(work, who):
        return Looked(why="wait")
    case = await history.by_name(work.db, said, here(work.now).year)
    if case is not None and address_of(case) == who:
        return Looked(case=case, view=View.ALL)
    whole = said.check is not None and said.year is not None
    found = _by_key(case, codes.key_in(text)) if whole else None
    return found or await _missed(work, who)


def _by_key(case: Feedback | None, key: str) -> Looked | None:
    """Return what a stranger with the whole code, and perhaps a key, may see.

    A case that is not there costs the same work as a wrong key: one look, one hash, one miss noted.
    """
    if not key:
        return Looked(case=case, view=View.STATE) if case is not None else None
    code, sealed = (case.code, case.pin_sha256) if case is not None else ("", "")
    fits = codes.opens(code, key, sealed or _NOTHING)
    return Looked(case=case, view=View.THREAD) if fits and case is not None else None


async def _tired(work: Work, who: Address) -> bool:
    known = await work.db.get(Guess, (who.channel, who.user), populate_existing=True)
    return known is not None and work.now - known.since < WINDOW and known.misses >= MOST_MISSES


async def _missed(work: Work, who: Address) -> Looked:
    known = await work.db.get(Guess, (who.channel, who.user), populate_existing=True)
    running = known is not None and work.now - known.since < WINDOW
    values = {
        "channel": who.channel,
        "user": who.user,
        "since": known.since if known is not None and running else work.now,
        "misses": (known.misses if known is not None and running else 0) + 1,
    }
    await upsert(work.db, Guess, ("channel", "user"), values, change=("since", "misses"))
    return Looked(why="missing")
