"""What a channel is, and the five ways sending may fail.

SendError
├── Throttled      slow down         → same message later; the whole channel waits, `only_this_chat`
│                                      does, or nothing else (`only_this_message`)
├── Unavailable    they are down     → same message later; perhaps it arrived (`doubtful`)
├── Unreachable    person is gone    → message fails, address is switched off
├── Refused        message is wrong  → message fails, staff see why
└── Misconfigured  we are wrong      → channel stops, staff are alerted

A channel works in two steps on the way in. `accept` looks at the bytes just long enough to
trust them and to name them, because the platform waits; `read` understands them later, when
they are safe on disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from handlers.talk import Choice, Incoming
from records.tables import Address, ChannelName, DeliveryState


class Untrusted(Exception):
    """The call does not come from the platform: nothing is stored, nothing is said."""


class Unreadable(Exception):
    """The call comes from the platform but is not what it promised; repeating would not help."""


class SendError(Exception):
    """Sending failed. The subclass says whose turn it is; the text is for staff, without secrets."""


class Throttled(SendError):
    """The platform asks us to slow down: the whole channel waits `retry_after`, or `only_this_chat` does.

    `only_this_message`: others go on, to the same person too.
    """

    def __init__(
        self,
        why: str,
        retry_after: timedelta,
        *,
        only_this_chat: bool = False,
        only_this_message: bool = False,
    ) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.only_this_chat = only_this_chat
        self.only_this_message = only_this_message


class Unavailable(SendError):
    """The platform is down. `doubtful`: it may have accepted the message before it failed."""

    def __init__(self, why: str, *, doubtful: bool) -> None:
        super().__init__(why)
        self.doubtful = doubtful


class Unreachable(SendError):
    """This address does not work any more. `moved_to`: the platform named a new id for it."""

    def __init__(self, why: str, *, moved_to: str | None = None) -> None:
        super().__init__(why)
        self.moved_to = moved_to


class Refused(SendError):
    """The platform will never take this message; the address itself is fine."""


class Misconfigured(SendError):
    """Our credentials or rights are wrong: nothing can be sent until a person acts."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One event as it came: enough to store it under its key and to answer the platform.

    `key` is the same for every repeat of the event, at most 200 characters. `user` is the
    chat it belongs to (a group's id in a group). `body` is the event itself, as JSON text.
    `answerable`: the platform waits for a sign of its own (a button's spinner).
    """

    key: str
    user: str
    body: str
    answerable: bool = False


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The platform tells that messages reached the phone, or were read."""

    refs: tuple[str, ...]
    state: DeliveryState
    at: datetime


class Presence(StrEnum):
    """How a person came or went without saying a word."""

    CAME = "came"  # followed or unblocked us: greet them
    TOUCHED = "touched"  # pressed something that opens the platform's window
    LEFT = "left"  # blocked or unfollowed us: the address is off
    WITHDREW = "withdrew"  # asked the platform to take their data back: forget them


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A person came or went. Events may arrive late: compare `at` before doing anything."""

    who: Address
    what: Presence
    at: datetime
    moved_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One call to a platform: text with the marks of `handlers.talk.bold`, choices, files.

    `attachments` are SHA-256 names in the media store. `heard_at` is when the person last
    said something to us, for platforms with a window. `template` is a form the platform
    approved, `{"id": …, "data": {…}}`: it goes instead of the text.
    """

    key: str
    to: Address
    text: str
    choices: tuple[Choice, ...] = ()
    attachments: tuple[str, ...] = ()
    heard_at: datetime | None = None
    template: Mapping[str, Any] | None = None  # Any: JSON as it is kept


class Window(StrEnum):
    """Whether the platform lets us write to somebody now."""

    OPEN = "open"
    COUNTED = "counted"  # it costs: from a monthly number
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How fast one may send: messages a second for all, and how many side by side."""

    per_second: float
    in_flight: int = 10


class Channel(Protocol):
    """One messaging platform. Knows its wire format and nothing of our work."""

    name: ChannelName
    limits: Limits

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Arrival]:
        """Check one webhook call and name what it brings. Raises Untrusted or Unreadable."""
        ...

    def read(self, arrival: Arrival, now: datetime) -> Incoming | Receipt | Movement | None:
        """Understand one stored event; None when it is deliberately ignored. Raises Unreadable."""
        ...

    async def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Say to the platform what it wants to hear besides 200. Best effort; never raises."""
        ...

    def window(self, heard_at: datetime | None, now: datetime, user: str = "") -> Window:
        """Tell whether *user*, last heard at *heard_at*, may be written to now."""
        ...

    def pause_after(self, user: str) -> timedelta:
        """Tell how long to leave this person or group in peace after a message."""
        ...

    async def send(self, message: Outgoing) -> str:
        """Send by one call and return the platform's message id. Raises SendError only."""
        ...

    async def fetch(self, ref: str) -> bytes:
        """Bring in a photo or voice note a resident sent. Raises SendError, as `send` does."""
        ...

    async def start(self) -> None:
        """Do what must be done before the first message (register, look at the account)."""
        ...

    async def stop(self) -> None:
        """Let go of what the channel holds."""
        ...
