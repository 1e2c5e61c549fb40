"""What the deliveries of a letter are called, so that queueing one again is a no-op.

`letter:<letter>:<recipient>:<channel>` is the picture with its line, with `:2` the paper, with `:3`
the sheet the ward encloses, with `:z` Zalo's approved form which says that the letter waits;
`letter:<letter>:r<resident>:<channel>` is a greeting.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col

from records.tables import ChannelName, Delivery

CHANNELS: Final = (ChannelName.ZALO, ChannelName.TELEGRAM, ChannelName.WEB)  # the best first
PAPER: Final = ":2"
ENCLOSED: Final = ":3"
FORM: Final = ":z"


def key(letter_id: int, recipient_id: int, channel: ChannelName) -> str:
    """Return the key of the picture for one recipient on one channel."""
    return f"letter:{letter_id}:{recipient_id}:{channel}"


def of_recipients(letter_id: int, recipients: Iterable[int]) -> ColumnElement[bool]:
    """Return what picks everything that may have been queued for these; named one by one, for the index."""
    named = [
        key(letter_id, one, channel) + part
        for one in recipients
        for channel in CHANNELS
        for part in ("", PAPER, ENCLOSED, FORM)
    ]
    return col(Delivery.key).in_(named)


def of_letter(letter_id: int) -> ColumnElement[bool]:
    """Return what picks every delivery of a letter or greeting."""
    return col(Delivery.key).startswith(f"letter:{letter_id}:")
