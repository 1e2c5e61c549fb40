"""The words between a channel and a conversation: what came in, what goes back, what is remembered."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.work import Work
from handlers.memory import Memory
from knowledge.calendar import Calendar
from knowledge.catalogue import Catalogue
from knowledge.concerns import Concerns
from knowledge.ward import Ward
from knowledge.wording import BOLD_OFF, BOLD_ON, PIECE, bold, numbered, pieces, plain
from records.tables import Address

MAX_TEXT = 4096  # characters of one message we look at; platforms allow no more
MAX_CHOICES = 5  # Zalo shows five buttons; so nobody is offered more
LABEL_LENGTH = 20  # characters a button shows on a narrow phone
SAY_BYTES = 64  # a Telegram button carries no more

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    r"""Return *text* in NFC, without control characters, invisible marks and lone surrogates.

    >>> clean("Nga\u0300y\x02 mai\ud800")
    'Ngày mai'
    """
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text[: 4 * MAX_TEXT]))[:MAX_TEXT].strip()


@dataclass(frozen=True, kw_only=True)
class Place:
    """A point a resident shared, in degrees, and what the platform calls it."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One thing a resident said, on any channel.

    `text` is `clean`; for a pressed button it is what the button says. `photos` and `voice`
    are the platform's references, to be fetched later. `album` names photos sent together.
    `unsupported` names a thing we cannot open ("file", "video", "sticker"). `phone` is the
    person's own number, given by the platform's button. `group` is a chat of several people;
    `author` is then who of them spoke, by the address of their private chat.
    """

    key: str
    sender: Address
    text: str = ""
    sent_at: datetime
    photos: tuple[str, ...] = ()
    album: str | None = None
    voice: str | None = None
    place: Place | None = None
    phone: str | None = None
    unsupported: str | None = None
    edited: bool = False
    group: bool = False
    author: Address | None = None
    pressed: bool = False


@dataclass(frozen=True)
class Choice:
    """A button: what it shows, the words it says when pressed, and its line in the numbered list.

    `label` has `LABEL_LENGTH` characters at most, `say` `SAY_BYTES` bytes; `line` may be longer.
    """

    label: str
    say: str
    line: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What goes back: a text, and the choices that stand numbered under it.

    `key` replaces the usual one when several messages share one answer (an album); such an
    answer waits `delay`, and is rewritten while it waits. A `solemn` one is said without a
    greeting: danger, a denunciation, a refusal to keep something. An `exact` one quotes what
    somebody else will read, so no form of address is changed in it.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    key: str | None = None
    delay: timedelta = timedelta()
    solemn: bool = False
    exact: bool = False


def with_numbers(text: str, choices: Sequence[Choice]) -> str:
    """Return *text* with the choices numbered under it, each by its line or its label."""
    return numbered(text, [choice.line or choice.label for choice in choices])


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Everything a handler may look at. `memory` may be changed; it is kept with the reply."""

    incoming: Incoming
    memory: Memory
    ward: Ward
    catalogue: Catalogue
    calendar: Calendar
    concerns: Concerns
    db: AsyncSession
    now: datetime
    argument: str = field(default="")

    @property
    def text(self) -> str:
        """Return what was said, or the argument of the command that led here."""
        return self.argument or self.incoming.text

    @property
    def work(self) -> Work:
        """Return what an act on a case works with."""
        return Work(db=self.db, ward=self.ward, concerns=self.concerns, calendar=self.calendar, now=self.now)

    def saying(self, argument: str) -> "Turn":
        """Return the same turn, as if *argument* had been said."""
        return replace(self, argument=argument)


Handler = Callable[[Turn], Awaitable[Reply | None]]

__all__ = [
    "BOLD_OFF",
    "BOLD_ON",
    "PIECE",
    "Choice",
    "Handler",
    "Incoming",
    "Place",
    "Reply",
    "Turn",
    "bold",
    "clean",
    "pieces",
    "plain",
    "with_numbers",
]
