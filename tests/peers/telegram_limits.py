"""Telegram's documented limits, each of which a constructor may change or lift.

Source: core.telegram.org/bots/api and /bots/faq, November 2026.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

from .rates import Bucket, Window
from .telegram_wire import Refusal


@dataclass(frozen=True, kw_only=True)
class TelegramLimits:
    """None lifts a limit. Lengths of texts are UTF-16 units, files are bytes.

    A private chat takes `per_chat_per_second` in the long run, and after a
    rest `per_chat_allowance` more at once: the manual says one a second but
    forgives short bursts. An album counts as one send.
    """

    per_second: int | None = 30
    per_chat_per_second: int | None = 1
    per_chat_allowance: int | None = 2
    per_group_per_minute: int | None = 20
    text: int | None = 4096
    caption: int | None = 1024
    buttons: int | None = 100
    buttons_in_a_row: int | None = 8
    callback_answer: int | None = 200
    callback_answer_within_s: int | None = 300
    photo_bytes: int | None = 10 * 2**20
    photo_sides: int | None = 10_000  # width + height
    photo_ratio: int | None = 20
    upload_bytes: int | None = 50 * 2**20
    download_bytes: int | None = 20 * 2**20
    topic_name: int | None = 128
    commands: int | None = 100


def over(value: float, limit: int | None) -> bool:
    """Return whether *value* breaks *limit*."""
    return limit is not None and value > limit


class Pace:
    """The three rates of sending. A send that is too fast counts for nothing."""

    def __init__(self, limits: TelegramLimits) -> None:
        """Begin after a long rest."""
        per_second, allowance = limits.per_chat_per_second, limits.per_chat_allowance or 0
        per_minute = limits.per_group_per_minute
        self._all = Window(limits.per_second, 1)
        self._private = defaultdict[int, Bucket](lambda: Bucket(per_second, allowance))
        self._group = defaultdict[int, Window](lambda: Window(per_minute, 60))

    def step(self, chat_id: int, now: float) -> None:
        """Count one send to *chat_id*. Raises Refusal with `retry_after`."""
        own = self._group[chat_id] if chat_id < 0 else self._private[chat_id]
        wait_s = max(self._all.wait_s(now), own.wait_s(now))
        if wait_s > 0:
            seconds = max(1, math.ceil(wait_s))
            why = f"Too Many Requests: retry after {seconds}"
            raise Refusal(429, why, retry_after=seconds)
        self._all.note(now)
        own.note(now)
