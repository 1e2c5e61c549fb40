"""Updates on their way to the bot: by long polling or by webhook, never by both.

An update stays pending until it is confirmed: by a higher offset, or by a 2xx.
"""

import asyncio
import itertools
import json
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from .clock import Clock
from .courier import Courier, post
from .records import Json
from .telegram_wire import Call, Refusal

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS = (443, 80, 88, 8443)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_WEBHOOK_TIMEOUT_S = 60

_POLL_AND_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first"
)
_TWO_POLLS = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


class Inbox:
    """The queue of one bot."""

    def __init__(self, clock: Clock, pauses: Sequence[float]) -> None:
        """Start empty, without a webhook."""
        self.pending: dict[int, Json] = {}
        self._clock = clock
        self._pauses = pauses
        self._serial = itertools.count(700_000_001)
        self._chats: dict[int, int] = {}  # update_id: chat, for the order within a chat
        self._allowed: list[str] = []
        self._url = ""
        self._secret = ""
        self._connections = 40
        self._complaint: Json = {}
        self._courier: Courier[Json] | None = None
        self._closing: asyncio.Future[None] | None = None
        self._poll = 0
        self._changed = asyncio.Event()

    def add(self, kind: str, content: Json, chat_id: int) -> Json:
        """Queue an update, unless its kind is not wanted; return it either way."""
        update = {"update_id": next(self._serial), kind: content}
        if kind in self._allowed or (not self._allowed and kind not in _NOT_BY_DEFAULT):
            self.repeat(update, chat_id)
        return update

    def repeat(self, update: Json, chat_id: int) -> None:
        """Queue an update, perhaps one that was delivered before."""
        # The text as of now: a later edit must not change what is on its way.
        frozen: Json = json.loads(json.dumps(update))
        self.pending[update["update_id"]] = frozen
        self._chats[update["update_id"]] = chat_id
        if self._courier:
            self._courier.add(chat_id, frozen)
        self._wake()

    async def emptied(self, within: float) -> None:
        """Return when every update is confirmed. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while self.pending:
                await self._changed.wait()

    async def get_updates(self, call: Call) -> list[Json]:
        """Answer `getUpdates`; an older call still waiting gets 409, as on the platform."""
        if self._url:
            raise Refusal(409, _POLL_AND_WEBHOOK)
        self._poll += 1
        mine = self._poll
        self._wake()
        self._allow(call)
        self._confirm(call.number("offset"))
        limit = min(max(call.number("limit", 100), 1), 100)
        try:
            async with asyncio.timeout(min(call.number("timeout"), 50)):
                while not self.pending:
                    await self._changed.wait()
                    if mine != self._poll:
                        raise Refusal(409, _TWO_POLLS)
        except TimeoutError:
            return []
        return [self.pending[one] for one in sorted(self.pending)[:limit]]

    def set_webhook(self, call: Call) -> bool:
        """Answer `setWebhook`; an empty address means none. Raises Refusal."""
        url, secret = call.text("url"), call.text("secret_token")
        _check_address(url)
        if secret and not _SECRET.fullmatch(secret):
            why = "Bad Request: secret token contains unallowed characters"
            raise Refusal(400, why)
        connections = call.number("max_connections", 40)
        if not 1 <= connections <= 100:
            raise Refusal(400, "Bad Request: max_connections must be between 1 and 100")
        self._drop_if_asked(call)
        self._allow(call)
        self._url, self._secret, self._connections = url, secret, connections
        self._complaint = {}
        self._poll += 1  # ends a poll that still waits
        self._wake()
        self._send_by_webhook()
        return True

    def delete_webhook(self, call: Call) -> bool:
        """Answer `deleteWebhook`; what is pending waits for a poll."""
        self._drop_if_asked(call)
        self._url = ""
        self._send_by_webhook()
        return True

    def webhook_info(self) -> Json:
        """Answer `getWebhookInfo`."""
        info: Json = {
            "url": self._url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
            **self._complaint,
        }
        if self._url:
            info |= {"max_connections": self._connections, "ip_address": "127.0.0.1"}
        if self._allowed:
            info["allowed_updates"] = self._allowed
        return info

    async def close(self) -> None:
        """Stop posting and end waiting polls."""
        self._poll += 1
        self._wake()
        if self._courier:
            await self._courier.close()

    def _send_by_webhook(self) -> None:
        if self._courier:
            # Its tasks are cancelled now; nobody has to wait for their end.
            self._closing = asyncio.ensure_future(self._courier.close())
            self._courier = None
        if not self._url:
            return
        self._courier = Courier(self._deliver, pauses=self._pauses, connections=self._connections)
        for number in sorted(self.pending):
            self._courier.add(self._chats[number], self.pending[number])

    async def _deliver(self, update: Json, tried: int) -> bool:
        del tried  # Telegram does not tell which attempt this is
        if update["update_id"] not in self.pending:
            return True
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret
        body = json.dumps(update).encode()
        wrong = await post(self._url, body, headers, _WEBHOOK_TIMEOUT_S)
        if wrong:
            date = int(self._clock.epoch())
            self._complaint = {"last_error_date": date, "last_error_message": wrong}
            return False
        self.pending.pop(update["update_id"], None)
        self._wake()
        return True

    def _confirm(self, offset: int) -> None:
        numbers = sorted(self.pending)
        keep = numbers[offset:] if offset < 0 else [one for one in numbers if one >= offset]
        for number in set(numbers) - set(keep):
            del self.pending[number]
        self._wake()

    def _allow(self, call: Call) -> None:
        wanted = call.payload.get("allowed_updates")
        if isinstance(wanted, list):  # left out means as before
            self._allowed = wanted

    def _drop_if_asked(self, call: Call) -> None:
        if call.payload.get("drop_pending_updates"):
            self.pending.clear()
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _check_address(url: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    if parts.hostname in _LOOPBACK:
        return
    if parts.scheme != "https":
        raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in _PORTS:
        why = "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
        raise Refusal(400, why)
