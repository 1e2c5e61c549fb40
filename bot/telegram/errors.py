"""What each trouble of the Bot API means for us: every error has exactly one meaning.

The order matters: in python-telegram-bot a `BadRequest` *is a* `NetworkError`, and taken for
one a permanent refusal would be repeated for ever. Source: telegram.md §5.
"""

from datetime import timedelta

from telegram import error as tg

from bot.channel import Misconfigured, Refused, SendError, Throttled, Unavailable, Unreachable

# All that broken JSON, or JSON of another shape than promised, makes Python or the library raise.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RuntimeError)

_NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid")
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_closed")
_LENGTH = 180  # characters of their explanation that we keep
_PATIENCE = timedelta(seconds=5)  # when they do not say how long


class NotSent(tg.NetworkError):
    """The call never reached Telegram: no connection, or something in between refused it."""


class TooLarge(tg.NetworkError):
    """A file or an answer is larger than allowed."""


class Unparsed(Refused):
    """Telegram did not understand our HTML: the text itself may still be sent plain."""


class TopicGone(Refused):
    """The topic was deleted or closed: the group's General topic is still there."""


def meaning(error: tg.TelegramError) -> SendError:
    """Return the one `SendError` that says what to do about *error*."""
    why = error.message[:_LENGTH]
    match error:
        case tg.RetryAfter():
            return Throttled(why, _span(error.retry_after))
        case tg.ChatMigrated():
            return Unreachable(why, moved_to=str(error.new_chat_id))
        case tg.Forbidden():
            return Unreachable(why)
        case tg.BadRequest():
            return _refusal(why)
        case tg.InvalidToken() | tg.Conflict():
            return Misconfigured(why)
    return _outage(error, why)


def _refusal(why: str) -> SendError:
    words = why.lower()
    if any(sign in words for sign in _NOBODY_THERE):
        return Unreachable(why)
    if any(sign in words for sign in _NO_TOPIC):
        return TopicGone(why)
    if "can't parse entities" in words:
        return Unparsed(why)
    if "temporarily unavailable" in words:  # a file that was sent a moment ago
        return Unavailable(why, doubtful=False)
    return Refused(why)


def _outage(error: tg.TelegramError, why: str) -> SendError:
    if why.startswith("Too Many Requests"):
        return Throttled(why, _PATIENCE)
    if isinstance(error, TooLarge):
        return Refused(why)
    return Unavailable(why, doubtful=not isinstance(error, NotSent))


def _span(value: float | timedelta) -> timedelta:
    """Return *value* as a span: PTB_TIMEDELTA decides which of the two the library gives."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)
