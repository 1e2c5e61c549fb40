"""What a peer remembers: what it accepted, what it refused, what a person heard.

`accepted` is the truth about people: everything in it reached one, even if
the sender was never told because a fault ate the answer.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# Any: a platform's JSON has no closed shape, and judging it is this package's work.
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Button:
    """A button as the person sees it; `data` comes back, `url` opens a page."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """One thing that reached a person. `at` is in monotonic seconds.

    `text` is what the eye sees, without tags; `payload` is what was sent.
    `paced` is true for what counts against the rates (not for edits).
    """

    method: str
    chat_id: int | str
    text: str
    payload: Json
    message_id: int | str
    at: float
    buttons: tuple[Button, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    paced: bool = True


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One call the platform turned down, with its code and its reason."""

    method: str
    chat_id: int | str | None
    code: int
    why: str
    payload: Json
    at: float


@dataclass
class Ledger:
    """The two lists every peer shows, and the question asked of them."""

    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def worst_second(self) -> int:
        """Return the largest number of sends accepted in any trailing second."""
        worst = 0
        recent: deque[float] = deque()
        for at in sorted(one.at for one in self.accepted if one.paced):
            recent.append(at)
            while recent[0] <= at - 1:
                recent.popleft()
            worst = max(worst, len(recent))
        return worst


class Hearing:
    """The visible texts one chat received, in order, and waiting for the next."""

    def __init__(self) -> None:
        """Start in silence."""
        self.texts: list[str] = []
        self._since = 0
        self._news = asyncio.Event()

    def add(self, text: str) -> None:
        """Take in *text* and wake whoever waits; a picture without words is silent."""
        if not text:
            return
        self.texts.append(text)
        # A fresh event each time, so that no waiter sees old news as new.
        self._news.set()
        self._news = asyncio.Event()

    def spoke(self) -> None:
        """Remember that the person spoke: answers are what comes from now on."""
        self._since = len(self.texts)

    async def hears(self, *fragments: str, within: float = 5) -> str:
        """Return the first text since the person last spoke holding all *fragments*.

        Wait up to *within* seconds for it. Raises AssertionError with what was
        heard instead.
        """
        try:
            async with asyncio.timeout(within):
                while True:
                    news = self._news
                    for text in self.texts[self._since :]:
                        if all(fragment in text for fragment in fragments):
                            return text
                    await news.wait()
        except TimeoutError:
            heard = self.texts[self._since :]
            msg = f"{fragments} not heard within {within} s; heard {heard}"
            raise AssertionError(msg) from None
