"""The Zalo Bot Platform, played on loopback for one bot (reference, section 13).

It keeps nothing: an event is given once, to whoever fetches, or brought to the webhook. Of a
group the bot sees only what mentions or answers it. `wrapped` events come inside
{"ok", "result"}, as older documents have it.
"""

import asyncio
import hashlib
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web

from .clock import Clock
from .courier import Courier, post
from .door import Door
from .faults import Dialect, Faults
from .rates import Window
from .records import Accepted, Hearing, Json, Ledger, Refused
from .zalo_wire import written

TOKEN = "4382000000000001:BBtest-token_of_the_bot"
_LOOPBACK = ("127.0.0.1", "localhost")
_SECRET_LENGTH = range(8, 257)
_TEXT_LENGTH = range(1, 2001)
_LONGEST_POLL_S = 50
_MONTH_S = 30 * 86_400


class BotRefusal(Exception):
    """The platform says no; the HTTP status is 200 all the same."""

    def __init__(self, code: int, why: str) -> None:
        """Keep what the answer will say."""
        super().__init__(why)
        self.code = code
        self.why = why


@dataclass
class Chat:
    """A conversation of two, or a group. `known`: the bot may write here."""

    id: str
    kind: str
    known: bool = False
    closed_because: str = ""
    hearing: Hearing = field(default_factory=Hearing)

    @property
    def heard(self) -> list[str]:
        """Return every text the bot wrote, in order."""
        return self.hearing.texts

    async def hears(self, *fragments: str, within: float = 5) -> str:
        """Wait for a text of the bot."""
        return await self.hearing.hears(*fragments, within=within)


class Person(Chat):
    """Somebody with Zalo; everything they do returns the event it became."""

    def __init__(self, chat_id: str, name: str, peer: "ZaloBotPeer") -> None:
        """Use `ZaloBotPeer.person` instead."""
        super().__init__(chat_id, "PRIVATE")
        self.name = name
        self._peer = peer

    def says(self, text: str, *, to: Chat | None = None, mention: bool = True) -> Json:
        """Write *text*; in a group after the bot's name, or else the bot never sees it."""
        shown = f"@{self._peer.display_name} {text}" if to and mention else text
        return self.sends("message.text.received", to=to, seen=mention or to is None, text=shown)

    def sends(self, event_name: str, *, to: Chat | None = None, seen: bool = True, **content: Any) -> Json:
        """Send any event; the other acts are made of this."""
        chat = to or self
        chat.known = True
        chat.hearing.spoke()
        message = {
            "from": {"id": self.id, "display_name": self.name, "is_bot": False},
            "chat": {"id": chat.id, "chat_type": chat.kind},
            "message_id": self._peer.new_id(),
            "date": self._peer.clock.epoch_ms(),
            **content,
        }
        event = {"event_name": event_name, "message": message}
        if seen:
            self._peer.emit(event, chat.id)
        return event


class ZaloBotPeer:
    """A server with one bot, for `async with`. None lifts a limit."""

    def __init__(
        self,
        *,
        wrapped: bool = False,
        messages_per_month: int | None = 3000,
        people: int | None = 50,
        webhook_pauses: Sequence[float] = (0.02, 0.05, 0.1),
        port: int = 0,
    ) -> None:
        """Prepare; nothing listens before `async with`."""
        self.token, self.display_name = TOKEN, "Bot Phường An Thịnh"
        self.clock, self.faults, self.wrapped = Clock(), Faults(), wrapped
        self.webhook_url = self.webhook_secret = ""
        self.methods: list[str] = []
        self.pending: deque[Json] = deque()
        self._people_allowed = people
        self._month = Window(messages_per_month, _MONTH_S)
        self._ledger, self._door = Ledger(), Door(port)
        self._chats: dict[str, Chat] = {}
        self._serial = itertools.count(1)
        self._news = asyncio.Event()
        self._courier: Courier[Json] = Courier(self._deliver, pauses=webhook_pauses, connections=4)

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        await self._door.open([web.route("*", "/bot{token}/{method}", self._answer)])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop posting, stop listening."""
        await self._courier.close()
        await self._door.close()

    @property
    def base_url(self) -> str:
        """Return the address that stands for https://bot-api.zaloplatforms.com."""
        return self._door.url

    @property
    def accepted(self) -> list[Accepted]:
        """Return everything that reached somebody, also where the answer was lost."""
        return self._ledger.accepted

    @property
    def refused(self) -> list[Refused]:
        """Return every call that was turned down."""
        return self._ledger.refused

    def person(self, chat_id: str, name: str = "Lan") -> Person:
        """Return the person with this id. Raises PermissionError beyond the plan's number."""
        found = self._chats.get(chat_id)
        if isinstance(found, Person):
            return found
        people = sum(isinstance(one, Person) for one in self._chats.values())
        if self._people_allowed is not None and people >= self._people_allowed:
            raise PermissionError(chat_id)
        person = self._chats[chat_id] = Person(chat_id, name, self)
        return person

    def group(self, chat_id: str) -> Chat:
        """Return the group with this id."""
        return self._chats.setdefault(chat_id, Chat(chat_id, "GROUP"))

    def new_id(self) -> str:
        """Return a message id that looks like Zalo's."""
        return hashlib.sha256(f"bot message {next(self._serial)}".encode()).hexdigest()[:20]

    def emit(self, event: Json, key: str) -> None:
        """Bring *event* to the webhook, or keep it for the next fetch."""
        if self.webhook_url:
            self._courier.add(key, event)
        else:
            self.pending.append(event)
            self._news.set()

    def parcel(self, event: Json) -> bytes:
        """Return *event* as it is posted."""
        return written({"ok": True, "result": event} if self.wrapped else event)

    async def delivered(self) -> None:
        """Return when the webhook took every event."""
        await self._courier.idle()

    async def _deliver(self, event: Json, tried: int) -> bool:
        del tried
        headers = {"Content-Type": "application/json", "X-Bot-Api-Secret-Token": self.webhook_secret}
        return not await post(self.webhook_url, self.parcel(event), headers, 2)

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.methods.append(method)
        dialect = Dialect(
            throttled=lambda _: _no(BotRefusal(429, "Quota exceeded")),
            expired_token=_wrong_token,
            ok_false=lambda: web.json_response({"ok": False, "description": "Internal"}),
        )
        return await self.faults.surround(method, request, dialect, lambda: self._handle(method, request))

    async def _handle(self, method: str, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.token:
            return _wrong_token()
        body: Json = {}
        try:
            if request.method != "POST" or request.content_type != "application/json":
                raise BotRefusal(400, "Bad request: POST with JSON expected")
            body = await request.json()
            result = await self._work(method, body)
        except BotRefusal as refusal:
            self._turned_down(method, body, refusal)
            return _no(refusal)
        return web.json_response({"ok": True, "result": result})

    async def _work(self, method: str, body: Json) -> Json:
        if method == "getMe":
            who = {"id": self.token.partition(":")[0], "account_name": "bot.anthinh"}
            return who | {"account_type": "BASIC", "can_join_groups": True}
        if method == "getUpdates":
            return await self._fetched(body)
        if method in ("setWebhook", "deleteWebhook", "getWebhookInfo"):
            return self._webhook(method, body)
        if method == "sendMessage":
            return self._sent(method, body, _text(body, "text"))
        if method == "sendPhoto":
            if urlsplit(_text(body, "photo")).scheme != "https":
                raise BotRefusal(400, "Bad request: photo must be a public URL")
            return self._sent(method, body, str(body.get("caption", "")))
        raise BotRefusal(404, "Not found")

    async def _fetched(self, body: Json) -> Json:
        if self.webhook_url:
            raise BotRefusal(400, "Bad request: webhook is set")
        wait = body.get("timeout", "30")
        if not isinstance(wait, str) or not wait.isdecimal():
            raise BotRefusal(400, "Bad request: timeout is invalid")
        try:
            async with asyncio.timeout(min(int(wait), _LONGEST_POLL_S)):
                while not self.pending:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise BotRefusal(408, "Request timeout") from None
        return self.pending.popleft()

    def _webhook(self, method: str, body: Json) -> Json:
        if method == "setWebhook":
            url, secret = str(body.get("url", "")), str(body.get("secret_token", ""))
            parts = urlsplit(url)
            if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
                raise BotRefusal(400, "Bad request: url must be HTTPS")
            if len(secret) not in _SECRET_LENGTH:
                raise BotRefusal(400, "Bad request: secret_token is invalid")
            self.webhook_url, self.webhook_secret = url, secret
        elif method == "deleteWebhook":
            self.webhook_url = self.webhook_secret = ""
        return {"url": self.webhook_url, "updated_at": self.clock.epoch_ms()}

    def _sent(self, method: str, body: Json, text: str) -> Json:
        chat = self._chats.get(str(body.get("chat_id", "")))
        if chat is None or not chat.known:
            raise BotRefusal(400, "Bad request: chat not found")
        if chat.closed_because:
            raise BotRefusal(403, chat.closed_because)
        now = self.clock.tick()
        if self._month.wait_s(now):
            raise BotRefusal(429, "Quota exceeded")
        self._month.note(now)
        message_id = self.new_id()
        chat.hearing.add(text)
        self._ledger.accepted.append(
            Accepted(method=method, chat_id=chat.id, text=text, payload=body, message_id=message_id, at=now)
        )
        return {"message_id": message_id, "date": self.clock.epoch_ms()}

    def _turned_down(self, method: str, body: Json, refusal: BotRefusal) -> None:
        self._ledger.refused.append(
            Refused(
                method=method,
                chat_id=body.get("chat_id"),
                code=refusal.code,
                why=refusal.why,
                payload=body,
                at=self.clock.tick(),
            )
        )


def _text(body: Json, name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or len(found) not in _TEXT_LENGTH:
        raise BotRefusal(400, f"Bad request: {name} is invalid")
    return found


def _no(refusal: BotRefusal) -> web.Response:
    return web.json_response({"ok": False, "error_code": refusal.code, "description": refusal.why})


def _wrong_token() -> web.Response:
    page = "<html><body>Unauthorized</body></html>"
    return web.Response(status=401, text=page, content_type="text/html")
