"""Where a case may go from where it is: the only list of allowed moves."""

from collections.abc import Mapping

from records.cases import FeedbackState as S

STEPS: Mapping[S, frozenset[S]] = {
    S.NEW: frozenset({S.NEW, S.ASSIGNED, S.REFERRED}),  # new -> new: another desk
    S.ASSIGNED: frozenset(
        {S.NEW, S.ASSIGNED, S.ANSWERED, S.REFERRED}
    ),  # assigned -> assigned: another officer
    S.ANSWERED: frozenset({S.CLOSED, S.REOPENED}),
    S.REFERRED: frozenset({S.REOPENED}),  # "you sent me to the wrong place"
    S.REOPENED: frozenset({S.NEW, S.ASSIGNED, S.REFERRED}),
    S.CLOSED: frozenset({S.REOPENED}),
}
OPEN = frozenset({S.NEW, S.ASSIGNED, S.REOPENED})  # somebody owes the resident an answer


class NotAllowed(Exception):
    """This person may not do this, or not now. The text says why, to be read by staff."""


class Stale(Exception):
    """The case has moved on since the button was made; nothing was done."""


class Incomplete(Exception):
    """Something the act needs was not said: the text asks for it."""


def allowed(now: S, then: S) -> bool:
    """Tell whether a case may go from *now* to *then*."""
    return then in STEPS[now]
