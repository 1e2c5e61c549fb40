"""Our answers in Telegram's clothes: HTML, buttons, files."""

import html
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channel import Refused
from handlers.talk import BOLD_OFF, BOLD_ON, SAY_BYTES, Choice, plain

MAX_TEXT = 4096  # UTF-16 units after the tags are read (telegram.md §3)
MAX_CAPTION = 1024
MAX_PHOTO = 10 * 2**20  # bytes; a larger picture travels as a file
MAX_FILE = 50 * 2**20
SHORT_LABEL = 12  # characters; two such buttons fit beside each other on a narrow phone

_BOLD = re.compile(f"{BOLD_ON}([^{BOLD_ON}{BOLD_OFF}]+){BOLD_OFF}")
_PICTURES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}
_OTHERS = {b"%PDF-": ".pdf", b"PK\x03\x04": ".zip"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class File:
    """A file ready to be sent; a `picture` is shown in the chat, others are offered."""

    name: str
    content: bytes
    picture: bool


def html_text(text: str) -> str:
    r"""Return *text* with its marks as tags and everything else literally.

    >>> html_text("\x02Lệ phí\x03: <b>5.000</b> & \ud800miễn")
    '<b>Lệ phí</b>: &lt;b&gt;5.000&lt;/b&gt; &amp; miễn'
    """
    return plain(_BOLD.sub(r"<b>\1</b>", html.escape(_whole(text), quote=False)))


def plain_text(text: str) -> str:
    """Return *text* as it reads without any marks."""
    return plain(_whole(text))


def check_length(text: str, most: int) -> None:
    """Raise Refused when *text* is longer than *most* UTF-16 units, as Telegram counts."""
    units = len(plain_text(text).encode("utf-16-le")) // 2
    if units > most:
        raise Refused(f"The text has {units} UTF-16 units; here Telegram takes {most}")


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Return the buttons, one a row, or two where both are short; None for no choices.

    A button Telegram would refuse is left out: its number stands in the text all the same.
    """
    buttons = [
        InlineKeyboardButton(_whole(one.label), callback_data=one.say) for one in choices if _fits(one)
    ]
    if not buttons:
        return None
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        if rows and len(rows[-1]) == 1 and _short(button) and _short(rows[-1][0]):
            rows[-1].append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(rows)


def load_file(path: Path) -> File:
    """Read the file to be sent; its first bytes say what it is. Raises Refused."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise Refused("The attachment is larger than 50 MB")
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"The attachment cannot be read: {type(error).__name__}") from error
    picture = _ending(content, _PICTURES)
    ending = picture or _ending(content, _OTHERS)
    name = path.name if path.suffix else f"{path.name[:12]}{ending}"
    return File(name=name, content=content, picture=bool(picture) and len(content) <= MAX_PHOTO)


def _whole(text: str) -> str:
    """Drop lone surrogates: no encoding can carry them."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _fits(choice: Choice) -> bool:
    say = _whole(choice.say)
    fits = bool(choice.label.strip()) and say == choice.say and 0 < len(say.encode()) <= SAY_BYTES
    if not fits:
        log.warning("a button of %d characters is left out: Telegram would refuse it", len(choice.say))
    return fits


def _short(button: InlineKeyboardButton) -> bool:
    return len(button.text) <= SHORT_LABEL


def _ending(content: bytes, kinds: dict[bytes, str]) -> str:
    return next((ending for magic, ending in kinds.items() if content.startswith(magic)), "")
