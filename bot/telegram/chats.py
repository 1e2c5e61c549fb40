"""What an address of Telegram says: a chat ("1001", "-1002233445566"), or a topic in it ("-1002233445566/7").

A person's number is positive, a group's negative. The General topic of a forum is the chat
itself: it has no number, and writing to "topic 1" fails (telegram.md §5). Twenty messages a
minute are for a group with all its topics; `Pace` counts them.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channel import Unreachable

GENERAL = 1  # the number some clients give the General topic; the Bot API wants none
MINUTE = timedelta(seconds=61)  # a second more than theirs: not every call is equally long on its way

_SLASH = "/"


@dataclass(frozen=True)
class Chat:
    """Where a message goes. `topic` is None outside a forum and for its General topic."""

    id: int
    topic: int | None = None

    def __str__(self) -> str:
        return str(self.id) if self.topic is None else f"{self.id}{_SLASH}{self.topic}"

    @property
    def general(self) -> "Chat":
        """Return the same chat without the topic."""
        return replace(self, topic=None)

    @property
    def group(self) -> bool:
        """Tell whether several people read here."""
        return self.id < 0


def chat_of(user: str) -> Chat:
    """Return the chat that the address *user* names. Raises Unreachable.

    >>> chat_of("-1002233445566/7")
    Chat(id=-1002233445566, topic=7)
    """
    number, slash, topic = user.partition(_SLASH)
    try:
        return Chat(int(number), int(topic) if slash else None)
    except ValueError as error:
        raise Unreachable("This is no chat of Telegram") from error


class Pace:
    """How many messages groups got in the last minute, by the chat's number without its topic.

    Kept in memory: after a restart, or beside a second instance, Telegram's own 429 decides.
    *pause_s* is the rest a group gets on average; 0 means that nothing is counted.
    """

    def __init__(self, pause_s: float, clock: Callable[[], datetime]) -> None:
        self._most = max(1, int(60 / pause_s)) if pause_s else 0
        self._clock = clock
        self._sent: defaultdict[int, deque[datetime]] = defaultdict(deque)

    def wait(self, chat: Chat) -> timedelta:
        """Return how long it is until this group may hear one more."""
        if not self._most or not chat.group:
            return timedelta()
        now, times = self._clock(), self._sent[chat.id]
        while times and times[0] <= now - MINUTE:
            times.popleft()
        return timedelta() if len(times) < self._most else times[-self._most] + MINUTE - now

    def note(self, chat: Chat, wait: timedelta) -> None:
        """Count one message that leaves after *wait*."""
        if self._most and chat.group:
            self._sent[chat.id].append(self._clock() + wait)
