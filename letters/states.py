"""Where a letter may go from where it is: the only list of allowed moves."""

from collections.abc import Mapping
from typing import Final

from records.letters import LetterState as S

STEPS: Final[Mapping[S, frozenset[S]]] = {
    S.INCOMPLETE: frozenset({S.INCOMPLETE, S.DRAFTED, S.REJECTED, S.WITHHELD}),
    S.DRAFTED: frozenset({S.INCOMPLETE, S.DRAFTED, S.CHECKED, S.REJECTED, S.WITHHELD}),
    S.CHECKED: frozenset({S.INCOMPLETE, S.DRAFTED, S.SIGNED, S.REJECTED, S.WITHHELD}),
    S.SIGNED: frozenset({S.RELEASED, S.HALTED, S.WITHHELD}),
    S.RELEASED: frozenset({S.FINISHED, S.HALTED}),
    S.FINISHED: frozenset(),
    S.REJECTED: frozenset({S.INCOMPLETE, S.DRAFTED, S.WITHHELD}),  # written anew by a person
    S.HALTED: frozenset({S.INCOMPLETE, S.DRAFTED, S.SIGNED, S.WITHHELD}),  # while nothing of it has left
    S.WITHHELD: frozenset({S.INCOMPLETE, S.DRAFTED, S.WITHHELD}),
}
UNSIGNED: Final = frozenset({S.INCOMPLETE, S.DRAFTED, S.CHECKED})
ON_ITS_WAY: Final = frozenset({S.SIGNED, S.RELEASED})
TITLES: Final[Mapping[S, str]] = {
    S.INCOMPLETE: "còn thiếu",
    S.DRAFTED: "chờ soát",
    S.CHECKED: "chờ ký",
    S.SIGNED: "đã ký, chờ gửi",
    S.RELEASED: "đang gửi",
    S.FINISHED: "xong",
    S.REJECTED: "trả lại",
    S.HALTED: "đã dừng",
    S.WITHHELD: "không gửi",
}


class NotAllowed(Exception):
    """This person may not do this, or not now. The text says why, and what to do, to be read by staff."""


class Stale(Exception):
    """The letter has moved on since the button was made; nothing was done."""


def allowed(now: S, then: S) -> bool:
    """Tell whether a letter may go from *now* to *then*."""
    return then in STEPS[now]
