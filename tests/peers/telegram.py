"""Telegram's Bot API, played on loopback for one bot.

Start here; `telegram_chats` is the person's side, `telegram_groups` what happens
to groups, `telegram_sending` the bot's side, `telegram_inbox` the way of updates, `telegram_limits` the numbers.
"""

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .clock import Clock
from .door import Door
from .faults import Dialect, Faults
from .records import Accepted, Json, Ledger, Refused
from .telegram_chats import Chat, Exchange, Person
from .telegram_files import Shelf
from .telegram_groups import Group, face_of
from .telegram_inbox import Inbox
from .telegram_limits import TelegramLimits, over
from .telegram_profile import Profile
from .telegram_sending import Sending
from .telegram_wire import Call, Refusal, granted, read_call, refused

TOKEN = "123456789:AAtest-token_of_the_peer"
_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


class TelegramPeer:
    """A Telegram server with one bot, for `async with`.

    *webhook_pauses* are the seconds between attempts at a webhook, the last of
    them for ever. *limits* are the fields of `TelegramLimits`; None lifts one.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "phuong_thu_bot",
        port: int = 0,
        webhook_pauses: Sequence[float] = (0.02, 0.05, 0.1),
        **limits: int | None,
    ) -> None:
        """Prepare; nothing listens before `async with`."""
        self.token = token
        self.clock = Clock()
        self.faults = Faults()
        self.limits = TelegramLimits(**limits)
        self.profile = Profile(self.limits)
        self.calls: list[Call] = []
        self._ledger = Ledger()
        self._inbox = Inbox(self.clock, webhook_pauses)
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}
        self._door = Door(port)
        bot = _user(int(token.partition(":")[0]), "Phường", is_bot=True, username=username)
        self._exchange = Exchange(bot, self.clock, Shelf(), self._inbox.add)
        self._sending = Sending(self._exchange, self._ledger, self.limits)
        self._methods = self._all_methods()

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        await self._door.open(
            [
                web.get("/file/bot{token}/{path:.+}", self._download),
                web.route("*", "/bot{token}/{method}", self._answer),
            ]
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop posting, stop listening."""
        await self._inbox.close()
        await self._door.close()

    @property
    def base_url(self) -> str:
        """Return the address that stands for https://api.telegram.org."""
        return self._door.url

    @property
    def accepted(self) -> list[Accepted]:
        """Return everything that reached a person, also where the answer was lost."""
        return self._ledger.accepted

    @property
    def refused(self) -> list[Refused]:
        """Return every call that was turned down."""
        return self._ledger.refused

    def worst_second(self) -> int:
        """Return the largest number of sends accepted in any trailing second."""
        return self._ledger.worst_second()

    def person(self, number: int, first_name: str = "Lan", *, started: bool = False) -> Person:
        """Return the person with this id; *started* means they wrote some time ago."""
        if number not in self._people:
            face = {"id": number, "type": "private", "first_name": first_name}
            chat = self._exchange.chats[number] = Chat(number, face, known=started)
            user = _user(number, first_name, is_bot=False, language_code="vi")
            person = self._people[number] = Person(user, chat, self._exchange)
            if started:
                chat.known = True
            return person
        return self._people[number]

    def group(
        self, number: int, title: str = "Tổ", *, forum: bool = False, bot_sees_all: bool = True
    ) -> Group:
        """Return the group with this negative id; the bot is not in it yet.

        It is a supergroup if it has topics, or a number as those have (-100…).
        """
        if number not in self._groups:
            chat = Chat(number, face_of(number, title, forum=forum), topics={} if forum else None)
            self._exchange.chats[number] = chat
            self._groups[number] = Group(chat, self._exchange, bot_sees_all=bot_sees_all)
        return self._groups[number]

    def redeliver(self, update: Json) -> None:
        """Deliver *update* once more, as after a confirmation that was lost."""
        content: Json = next(one for name, one in update.items() if name != "update_id")
        chat = content.get("chat") or content["message"]["chat"]
        self._inbox.repeat(update, chat["id"])

    async def delivered(self, within: float = 15) -> None:
        """Return when the bot has confirmed every update. Raises TimeoutError."""
        await self._inbox.emptied(within)

    def _all_methods(self) -> dict[str, Callable[[Call], Any]]:
        sending, inbox, profile = self._sending, self._inbox, self.profile
        return {
            "answerCallbackQuery": self._answer_callback,
            "createForumTopic": sending.create_topic,
            "deleteWebhook": inbox.delete_webhook,
            "editMessageReplyMarkup": sending.edit_markup,
            "editMessageText": sending.edit_text,
            "getFile": self._get_file,
            "getMe": lambda _: self._exchange.bot,
            "getMyCommands": profile.get_commands,
            "getUpdates": inbox.get_updates,
            "getWebhookInfo": lambda _: inbox.webhook_info(),
            "sendChatAction": sending.chat_action,
            "sendDocument": sending.send_document,
            "sendMediaGroup": sending.send_media_group,
            "sendMessage": sending.send_message,
            "sendPhoto": sending.send_photo,
            "setMyCommands": profile.set_commands,
            "setMyDescription": profile.set_description,
            "setMyShortDescription": profile.set_short_description,
            "setWebhook": inbox.set_webhook,
        }

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        dialect = Dialect(
            throttled=lambda seconds: refused(_slow_down(seconds)),
            expired_token=lambda: refused(Refusal(401, "Unauthorized")),
            ok_false=lambda: web.json_response({"ok": False, "description": "Internal"}),
        )
        return await self.faults.surround(method, request, dialect, lambda: self._handle(method, request))

    async def _handle(self, method: str, request: web.Request) -> web.Response:
        call = Call(method=method, payload={}, files={})
        try:
            if request.match_info["token"] != self.token:
                raise Refusal(401, "Unauthorized")
            if method not in self._methods:
                raise Refusal(404, "Not Found: method not found")
            call = await read_call(method, request)
            result = self._methods[method](call)
            answer = granted(await result if isinstance(result, Awaitable) else result)
        except web.HTTPRequestEntityTooLarge:
            return self._turned_down(call, Refusal(413, "Request Entity Too Large"))
        except Refusal as refusal:
            return self._turned_down(call, refusal)
        self.calls.append(call)
        return answer

    def _turned_down(self, call: Call, refusal: Refusal) -> web.Response:
        self._ledger.refused.append(
            Refused(
                method=call.method,
                chat_id=call.payload.get("chat_id"),
                code=refusal.code,
                why=refusal.why,
                payload=call.payload,
                at=self.clock.tick(),
            )
        )
        return refused(refusal)

    def _answer_callback(self, call: Call) -> bool:
        query, text, now = call.text("callback_query_id"), call.text("text"), self.clock.tick()
        asked_at, person = self._exchange.callbacks.get(query, (None, None))
        if asked_at is None or person is None:
            raise Refusal(400, _TOO_OLD)
        if over(now - asked_at, self.limits.callback_answer_within_s):
            raise Refusal(400, _TOO_OLD)
        if over(len(text), self.limits.callback_answer):
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        del self._exchange.callbacks[query]
        if text:
            person.toasts.append(text)
        self._ledger.accepted.append(
            Accepted(
                method=call.method,
                chat_id=person.id,
                text=text,
                payload=call.payload,
                message_id=query,
                at=now,
                paced=False,
            )
        )
        return True

    def _get_file(self, call: Call) -> Json:
        file_id = call.text("file_id")
        stored = self._exchange.shelf.stored.get(file_id)
        if stored is None:
            raise Refusal(400, "Bad Request: invalid file_id")
        if over(len(stored.content), self.limits.download_bytes):
            raise Refusal(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id[-16:],
            "file_size": len(stored.content),
            "file_path": stored.path,
        }

    async def _download(self, request: web.Request) -> web.Response:
        dialect = Dialect(
            throttled=lambda seconds: refused(_slow_down(seconds)),
            expired_token=lambda: refused(Refusal(401, "Unauthorized")),
            ok_false=lambda: refused(Refusal(404, "Not Found")),
        )
        return await self.faults.surround("file", request, dialect, lambda: self._file(request))

    async def _file(self, request: web.Request) -> web.Response:
        content = self._exchange.shelf.at(request.match_info["path"])
        if request.match_info["token"] != self.token or content is None:
            return refused(Refusal(404, "Not Found"))
        return web.Response(body=content, content_type="application/octet-stream")


def _slow_down(seconds: float) -> Refusal:
    whole = max(1, round(seconds))
    return Refusal(429, f"Too Many Requests: retry after {whole}", retry_after=whole)


def _user(number: int, first_name: str, *, is_bot: bool, **more: str) -> Json:
    user: Json = {"id": number, "is_bot": is_bot, "first_name": first_name, **more}
    if is_bot:
        user |= {
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
    return user
