"""What the bot platform's numbers mean for us. They are HTTP's; few of them are documented.

Sure are 401 (token), 429 (too fast) and 408 (nothing new, while fetching); 400 and 404 follow
from the calls where they were seen; 403 and 413 are our inference. Source: zalo.md §13,
November 2026. A number nobody told of is taken for an outage in which the message may have
arrived: an alert is repeated once, and then a person decides.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.channel import Misconfigured, Refused, SendError, Throttled, Unavailable, Unreachable

NOTHING_NEW = 408
REFUSED = 400
TOKEN = 401
PAUSE = timedelta(minutes=1)  # they do not say how long

_NOBODY_THERE = ("chat not found", "user not found", "chat_id")
_ODD = re.compile(r"[^\w .,:()/'-]", re.ASCII)
_MOST_WORDS = 80  # characters of the platform's own words that reach the staff

_MEANINGS: Mapping[int, Callable[[str], SendError]] = {
    400: Refused,
    401: Misconfigured,
    403: Unreachable,  # who blocked the bot, or a group it was removed from
    404: Misconfigured,  # no such bot, or no such address of the API
    409: Misconfigured,
    413: Refused,
    429: lambda why: Throttled(why, PAUSE),
}


def error_of(code: int, said: str) -> SendError:
    """Return the one `SendError` that says what to do about the refusal *code*."""
    why = f"Zalo Bot {code}: {_ODD.sub(' ', said)[:_MOST_WORDS]}".removesuffix(": ")
    if code == REFUSED and any(sign in said.lower() for sign in _NOBODY_THERE):
        return Unreachable(why)
    make = _MEANINGS.get(code)
    return make(why) if make else Unavailable(why, doubtful=True)
