"""A bot of the Zalo Bot Platform as a `bot.channel.Channel`: plain words in, plain words out."""

import asyncio
import hmac
import logging
import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.channel import (
    Arrival,
    Limits,
    Misconfigured,
    Outgoing,
    Refused,
    SendError,
    Throttled,
    Untrusted,
    Window,
)
from bot.settings import ZaloBotSettings
from bot.zalo_bot import errors, reading
from bot.zalo_bot.wire import Answer, Api
from handlers.talk import Incoming, plain
from records.tables import ChannelName

SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105  the name of a header
WEBHOOK_PATH = "/webhooks/zalo-bot"
MAX_TEXT = 2000
PER_SECOND = 5.0  # no rate is documented, and a free bot has fifty people: no need to find it out
IN_FLIGHT = 4
PAUSE = timedelta(seconds=0.5)
FIRST_TRY_S = 5  # `start` waits so long for the registration, which then goes on behind
REST_S = (1, 300)  # between two tries to register: the first pause, the longest

log = logging.getLogger(__name__)


class ZaloBotChannel:
    """One bot. Makes no call before `start`, and none after `stop`.

    `is_called`: Zalo brings the events to our webhook; otherwise a poller has to fetch them.
    `trouble` is the last reason why the registration failed.
    """

    name: ChannelName = ChannelName.ZALO_BOT

    def __init__(
        self, settings: ZaloBotSettings, *, public_url: str | None, clock: Callable[[], datetime]
    ) -> None:
        if settings.token is None:
            raise Misconfigured("The Zalo bot has no token")
        self.limits: Limits = Limits(per_second=PER_SECOND, in_flight=IN_FLIGHT)
        self.clock = clock
        self.trouble: str | None = None
        self._settings = settings
        self._secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
        self._public_url = (public_url or "").rstrip("/")
        self._api = Api(settings.api_url, settings.token.get_secret_value(), settings.send_timeout_s)
        self._registering: asyncio.Task[None] | None = None

    @property
    def is_called(self) -> bool:
        """Tell whether there is an address for Zalo to call, and a secret to know it by."""
        return bool(self._secret and self._public_url)

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Arrival]:
        """Check the secret, then name the event. Raises Untrusted or Unreadable."""
        given = headers.get(SECRET_HEADER, "").encode("utf-8", "backslashreplace")
        if not self._secret or not hmac.compare_digest(given, self._secret.encode()):
            raise Untrusted("the secret header is missing or wrong")
        event = reading.event_in(reading.load(body))
        return (reading.name(event, body.decode()),)

    def read(self, arrival: Arrival, now: datetime) -> Incoming | None:
        """Understand one stored event; None for what says nothing to us. Raises Unreadable."""
        return reading.read(arrival, now)

    async def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Do nothing: there are no buttons, and the 200 is all that Zalo wants to hear."""

    def window(self, heard_at: datetime | None, now: datetime, user: str = "") -> Window:
        """A bot may write to whoever wrote once; its chat is not known before."""
        del heard_at, now, user
        return Window.OPEN

    def pause_after(self, user: str) -> timedelta:  # noqa: ARG002  the protocol's signature; everybody is alike
        """Tell how long to leave a person or group in peace after a message."""
        return PAUSE

    async def send(self, message: Outgoing) -> str:
        """Send the words by one call and return the platform's message id. Raises SendError only.

        Choices stand numbered in the text. Attachments are left out: a picture would need a
        public address, and staff see them on their own pages. A message of attachments alone
        is therefore done without a call, and has no id.
        """
        text = unicodedata.normalize("NFC", plain(message.text)).strip()
        if message.attachments:
            log.info("message %s goes without its %d attachments", message.key, len(message.attachments))
            if not text:
                return ""
        if not 0 < len(text) <= MAX_TEXT:
            raise Refused(f"tin dài {len(text)} ký tự, Zalo Bot nhận 1 đến {MAX_TEXT}")
        result = await self._asked("sendMessage", {"chat_id": message.to.user, "text": text})
        sent = result.get("message_id") if isinstance(result, dict) else ""
        return sent if isinstance(sent, str) else ""

    async def fetch(self, ref: str) -> bytes:  # noqa: ARG002  the protocol's signature
        """Refuse: no event of this platform is read as something to fetch."""
        raise Refused("Zalo Bot không đưa tệp cho trợ lý")

    async def updates(self) -> Any:
        """Wait for one event; None when nothing came. Raises SendError.

        The platform forgets an event once it has given it: there is nothing to confirm.
        """
        wait_s = self._settings.poll_timeout_s
        answer = await self._api.call("getUpdates", {"timeout": str(wait_s)}, wait_s=wait_s)
        return None if answer.code == errors.NOTHING_NEW else _granted(answer)

    async def start(self) -> None:
        """Tell Zalo where to call, or that we fetch; go on trying behind if it is down."""
        if self._registering is None:
            self._registering = asyncio.create_task(self._register(), name="zalo bot registration")
        await asyncio.wait({self._registering}, timeout=FIRST_TRY_S)

    async def stop(self) -> None:
        """Let go of the network."""
        task, self._registering = self._registering, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._api.close()

    async def _asked(self, method: str, values: Mapping[str, str]) -> Any:
        return _granted(await self._api.call(method, values))

    async def _register(self) -> None:
        """Open the way in; a webhook left over from before would stop the fetching."""
        rest, longest = REST_S
        while True:
            try:
                await self._open_the_way()
            except SendError as error:
                self.trouble = str(error)
                level = logging.ERROR if isinstance(error, Misconfigured | Refused) else logging.WARNING
                log.log(level, "Zalo bot registration failed, to be tried again: %s", error)
                pause_s = error.retry_after.total_seconds() if isinstance(error, Throttled) else rest
                rest = min(2 * rest, longest)
                await asyncio.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311  spreads, hides nothing
            else:
                self.trouble = None
                return

    async def _open_the_way(self) -> None:
        if self.is_called:
            where = {"url": self._public_url + WEBHOOK_PATH, "secret_token": self._secret}
            await self._asked("setWebhook", where)
        else:
            await self._asked("deleteWebhook", {})


def _granted(answer: Answer) -> Any:
    """Return the result. Raises the SendError that a refusal means."""
    if answer.code:
        raise errors.error_of(answer.code, answer.said)
    return answer.result
