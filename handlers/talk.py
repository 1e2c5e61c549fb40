"""The words between a channel and a conversation: what came in, what goes back, what is remembered."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from handlers.memory import Memory
from knowledge.calendar import Calendar
from knowledge.catalogue import Catalogue
from knowledge.ward import Ward
from records.tables import Address

BOLD_ON, BOLD_OFF = "\x02", "\x03"  # no keyboard types them and `clean` drops them, so nobody can forge them
MAX_TEXT = 4096  # characters of one message we look at; platforms allow no more
MAX_CHOICES = 5  # Zalo shows five buttons; so nobody is offered more
LABEL_LENGTH = 20  # characters a button shows on a narrow phone
PIECE = 1900  # characters of one delivery: Zalo takes 2,000, Telegram 4,096
SAY_BYTES = 64  # a Telegram button carries no more

CHOOSE = "Chọn hoặc gõ số:"

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    r"""Return *text* in NFC, without control characters, invisible marks and lone surrogates.

    >>> clean("Nga\u0300y\x02 mai\ud800")
    'Ngày mai'
    """
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text[: 4 * MAX_TEXT]))[:MAX_TEXT].strip()


def bold(text: str) -> str:
    """Return *text* marked to stand out where the channel can."""
    return f"{BOLD_ON}{text}{BOLD_OFF}"


def plain(text: str) -> str:
    """Return *text* without marks."""
    return text.replace(BOLD_ON, "").replace(BOLD_OFF, "")


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
    person's own number, given by the platform's button. `group` is a chat of several people.
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
    greeting: danger, a denunciation, a refusal to keep something.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    key: str | None = None
    delay: timedelta = timedelta()
    solemn: bool = False


def with_numbers(text: str, choices: Sequence[Choice]) -> str:
    r"""Return *text* with the choices numbered under it, for whoever cannot press a button.

    >>> with_numbers("Loại nào ạ?", [Choice("Cư trú", "/a"), Choice("Khác", "/b", "Loại khác")])
    'Loại nào ạ?\n\nChọn hoặc gõ số:\n1. Cư trú\n2. Loại khác'
    """
    if not choices:
        return text
    lines = [f"{number}. {choice.line or choice.label}" for number, choice in enumerate(choices, start=1)]
    return "\n".join([text, "", CHOOSE, *lines])


def pieces(text: str, limit: int = PIECE) -> list[str]:
    r"""Cut *text* into pieces of at most *limit* characters, between lines where possible.

    >>> pieces("một\nhai\nba", limit=8)
    ['một\nhai', 'ba']
    """
    found, rest = [], text
    while len(rest) > limit:
        cut = max(rest.rfind("\n", 1, limit + 1), 0) or max(rest.rfind(" ", 1, limit + 1), 0) or limit
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest or not found else found


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Everything a handler may look at. `memory` may be changed; it is kept with the reply."""

    incoming: Incoming
    memory: Memory
    ward: Ward
    catalogue: Catalogue
    calendar: Calendar
    db: AsyncSession
    now: datetime
    argument: str = field(default="")

    @property
    def text(self) -> str:
        """Return what was said, or the argument of the command that led here."""
        return self.argument or self.incoming.text

    def saying(self, argument: str) -> "Turn":
        """Return the same turn, as if *argument* had been said."""
        return replace(self, argument=argument)


Handler = Callable[[Turn], Awaitable[Reply | None]]
