"""Telegram as a `bot.channel.Channel`: trust and name, understand, send, fetch."""

import asyncio
import hmac
import logging
import os
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from telegram import Bot, LinkPreviewOptions, Message, constants
from telegram import error as tg

from bot.channel import (
    Arrival,
    Limits,
    Misconfigured,
    Movement,
    Outgoing,
    Refused,
    SendError,
    Throttled,
    Unavailable,
    Unreachable,
    Untrusted,
    Window,
)
from bot.settings import TelegramSettings
from bot.telegram import reading, registration, writing
from bot.telegram.chats import Chat, Pace, chat_of
from bot.telegram.errors import MALFORMED, TopicGone, Unparsed, meaning
from bot.telegram.request import AiohttpRequest
from handlers.talk import Incoming
from records.tables import ChannelName

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the name of a header
ACKNOWLEDGE_S = 3  # a spinner on a button is not worth more
POLL_GRACE_S = 10  # an answer later than this after the poll's own end never comes
FIRST_TRY_S = 5  # `start` waits so long for the registration, which then goes on behind
REST_S = (1, 300)  # between two tries to register: the first pause, the longest
# How long a message for a group that heard much is held here: less than the sender's own limit,
# and short once so many are held that residents would miss the place.
LONGEST_WAIT, SHORT_WAIT, MOST_HELD = timedelta(seconds=35), timedelta(seconds=5), 4
_SLOWLY = 3  # times as long as a message: 20 MB over the line of an office
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

_T = TypeVar("_T")
log = logging.getLogger(__name__)


class TelegramChannel:
    """One bot. Makes no call before `start`, and none after `stop`.

    `public_url` is where the world reaches us (webhook mode only); `media_path` tells where an
    attachment lies. `trouble` is the last reason why the registration failed.
    """

    name = ChannelName.TELEGRAM

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        per_second: float,
        person_pause_s: float,
        group_pause_s: float,
        public_url: str | None,
        media_path: Callable[[str], Path],
        clock: Callable[[], datetime],
    ) -> None:
        if settings.token is None:
            raise Misconfigured("Telegram has no token")
        _keep_quiet()
        token, api = settings.token.get_secret_value(), settings.api_url.rstrip("/")
        self.limits = Limits(per_second=per_second)
        self.clock = clock
        self.trouble: str | None = None
        self._settings = settings
        self._secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
        self._pauses = timedelta(seconds=person_pause_s), timedelta(seconds=group_pause_s)
        self._public_url = (public_url or "").rstrip("/")
        self._media_path = media_path
        timeout_s = settings.send_timeout_s
        self._request = AiohttpRequest(token=token, timeout_s=timeout_s, upload_s=timeout_s)
        self._bot = Bot(
            token,
            base_url=lambda token: f"{api}/bot{token}",
            base_file_url=lambda token: f"{api}/file/bot{token}",
            request=self._request,
            get_updates_request=self._request,
        )
        self._username = ""
        self._pace = Pace(group_pause_s, clock)
        self._held = 0
        self._registering: asyncio.Task[None] | None = None

    @property
    def username(self) -> str:
        """Return the name by which people find the bot; "" until Telegram has told it."""
        return self._username

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Arrival]:
        """Check the secret, then name the update. Raises Untrusted or Unreadable."""
        given = headers.get(SECRET_HEADER, "").encode("utf-8", "backslashreplace")
        if not self._secret or not hmac.compare_digest(given, self._secret.encode()):
            raise Untrusted("the secret header is missing or wrong")
        return (reading.name(reading.load(body), body.decode()),)

    def read(self, arrival: Arrival, now: datetime) -> Incoming | Movement | None:
        """Understand one stored update; None for what says nothing to us. Raises Unreadable."""
        return reading.read(arrival, now, self._username)

    async def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Stop the spinner on every pressed button, side by side. Never raises."""
        queries = [query for query in map(reading.callback_id, arrivals) if query]
        # A press that is too old, or a platform that is down: the reply itself will tell.
        await asyncio.gather(*map(self._answer, queries), return_exceptions=True)

    def window(self, heard_at: datetime | None, now: datetime, user: str = "") -> Window:
        """Telegram lets a bot write at any time to whoever wrote once."""
        del heard_at, now, user
        return Window.OPEN

    def pause_after(self, user: str) -> timedelta:
        """Return the pause for a person or for a group; longer for a group that heard much.

        The topics of a group share its twenty messages a minute.
        """
        person, group = self._pauses
        chat = chat_of(user)
        if not chat.group:
            return person
        return max(group, self._pace.wait(chat))

    async def send(self, message: Outgoing) -> str:
        """Send and return "<chat>:<message>". Raises SendError only.

        A text whose marks Telegram does not understand goes out once more without them, one
        for a topic that is gone to the group's General topic; all of it stays within twice
        the time for one call.
        """
        chat = chat_of(message.to.user)
        await self._turn_of(chat)
        try:
            async with asyncio.timeout(2 * self._settings.send_timeout_s):
                number = await self._send_there(chat, message)
        except (
            Throttled
        ) as error:  # Telegram does not say whose fault it was, but groups have a rate of their own
            raise Throttled(str(error), error.retry_after, only_this_chat=chat.group) from error
        except TimeoutError as error:
            raise Unavailable("Timed out", doubtful=True) from error
        return f"{chat.id}:{number}"

    async def fetch(self, ref: str) -> bytes:
        """Bring in what *ref* names, 20 MB at most. Raises SendError.

        The path that Telegram gives for it works together with the token only, and is not kept.
        """
        file_id = ref.partition(":")[2]
        wish, limit_s = {"file_id": file_id}, self._settings.send_timeout_s
        found = await self._asked(self._raw("getFile", wish, limit_s=limit_s))
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str):
            raise Refused("Telegram does not give this file")
        return await self._asked(self._download(path))

    async def updates(self, offset: int | None) -> list[Any]:
        """Wait for updates from *offset* on, as raw JSON. Raises SendError.

        Asking with an offset tells Telegram to forget everything before it.
        """
        wait_s = self._settings.poll_timeout_s
        wish: dict[str, object] = {"timeout": wait_s, "allowed_updates": _json_list(reading.KINDS)}
        if offset is not None:
            wish["offset"] = offset
        found = await self._asked(self._raw("getUpdates", wish, limit_s=wait_s + POLL_GRACE_S))
        if not isinstance(found, list):
            raise Unavailable("getUpdates did not give a list", doubtful=False)
        return found

    async def start(self) -> None:
        """Open the way in, menu and description; go on trying behind if Telegram is down."""
        await self._request.initialize()
        if self._registering is None:
            self._registering = asyncio.create_task(self._register(), name="telegram registration")
        await asyncio.wait({self._registering}, timeout=FIRST_TRY_S)

    async def stop(self) -> None:
        """Let go of the network; calls under way end as `Unavailable`."""
        task, self._registering = self._registering, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._request.shutdown()

    async def _asked(self, call: Coroutine[Any, Any, _T]) -> _T:
        """Await one call; each of its troubles gets the one meaning it has for us."""
        try:
            return await call
        except tg.TelegramError as error:
            raise meaning(error) from error
        except MALFORMED as error:
            why = f"The answer is not what was promised: {type(error).__name__}"
            raise Unavailable(why, doubtful=True) from error

    async def _raw(self, method: str, values: Mapping[str, object], *, limit_s: float) -> Any:
        """Call *method* and return its result as it came, with the fields no library knows yet."""
        address = f"{self._bot.base_url}/{method}?{urlencode(values)}"
        return await self._request.post(address, read_timeout=limit_s)

    async def _download(self, path: str) -> bytes:
        address, limit_s = f"{self._bot.base_file_url}/{quote(path)}", _SLOWLY * self._settings.send_timeout_s
        try:
            return await self._request.retrieve(address, read_timeout=limit_s)
        except tg.InvalidToken as error:  # 404: what it means for a method is not what it means for a file
            raise tg.BadRequest("The file is gone") from error

    async def _answer(self, query: str) -> None:
        await self._bot.answer_callback_query(query, read_timeout=ACKNOWLEDGE_S)

    async def _turn_of(self, chat: Chat) -> None:
        """Wait until *chat* may hear one more, if that is soon. Raises Throttled."""
        wait = self._pace.wait(chat)
        if wait > (LONGEST_WAIT if self._held < MOST_HELD else SHORT_WAIT):
            raise Throttled("This group has heard enough for a minute", wait, only_this_chat=True)
        self._pace.note(chat, wait)
        if not wait:
            return
        self._held += 1
        try:
            await asyncio.sleep(wait.total_seconds())
        finally:
            self._held -= 1

    async def _send_there(self, chat: Chat, message: Outgoing) -> int:
        try:
            return await self._send_marked(chat, message)
        except TopicGone as error:
            if chat.topic is None:
                raise
            log.warning("message %s goes to the general topic: %s", message.key, error)
            return await self._send_marked(chat.general, message)
        except Unreachable as error:
            if chat.topic is None or error.moved_to is None:
                raise
            moved = chat_of(error.moved_to)
            raise Unreachable(str(error), moved_to=str(Chat(moved.id, chat.topic))) from error

    async def _send_marked(self, chat: Chat, message: Outgoing) -> int:
        try:
            return await self._send_once(chat, message, marked=True)
        except Unparsed as error:
            log.warning("message %s goes out without marks: %s", message.key, error)
            return await self._send_once(chat, message, marked=False)

    async def _send_once(self, chat: Chat, message: Outgoing, *, marked: bool) -> int:
        text = writing.html_text(message.text) if marked else writing.plain_text(message.text)
        how: dict[str, Any] = {
            "parse_mode": constants.ParseMode.HTML if marked else None,
            "reply_markup": writing.keyboard(message.choices),
            "message_thread_id": chat.topic,
        }
        if message.attachments:
            file = await self._attached(message)
            return await self._asked(_number_of(self._send_file(chat.id, file, caption=text, **how)))
        writing.check_length(message.text, writing.MAX_TEXT)
        call = self._bot.send_message(chat.id, text, link_preview_options=_NO_PREVIEW, **how)
        return await self._asked(_number_of(call))

    async def _attached(self, message: Outgoing) -> writing.File:
        if len(message.attachments) > 1:
            raise Refused("One message carries one attachment on Telegram")
        writing.check_length(message.text, writing.MAX_CAPTION)
        return await asyncio.to_thread(writing.load_file, self._media_path(message.attachments[0]))

    def _send_file(self, chat: int, file: writing.File, **more: Any) -> Coroutine[Any, Any, Message]:
        if file.picture:
            return self._bot.send_photo(chat, file.content, filename=file.name, **more)
        return self._bot.send_document(chat, file.content, filename=file.name, **more)

    async def _register(self) -> None:
        """Do every step once; a step that fails is tried again, after growing pauses."""
        todo = registration.steps(self._bot, webhook_url=self._webhook_url(), secret=self._secret or None)
        todo.append(self._learn_our_name)
        rest, longest = REST_S
        while todo:
            self.trouble = await self._try(todo)
            if todo:
                rest = min(2 * rest, longest)
                await asyncio.sleep(rest * random.uniform(0.5, 1))  # noqa: S311  spreads, hides nothing

    async def _try(self, todo: list[registration.Step]) -> str | None:
        """Work *todo* off from the front; return what went wrong."""
        try:
            while todo:
                await self._asked(_run(todo[0]))
                todo.pop(0)
        except SendError as error:
            level = logging.ERROR if isinstance(error, Misconfigured | Refused) else logging.WARNING
            log.log(level, "Telegram registration failed, to be tried again: %s", error)
            if isinstance(error, Throttled):
                await asyncio.sleep(error.retry_after.total_seconds())
            return str(error)
        return None

    def _webhook_url(self) -> str | None:
        return self._public_url + registration.WEBHOOK_PATH if self._settings.mode == "webhook" else None

    async def _learn_our_name(self) -> None:
        self._username = (await self._bot.get_me()).username or ""


async def _run(step: Callable[[], Awaitable[object]]) -> object:
    return await step()


async def _number_of(call: Awaitable[Message]) -> int:
    """Look at what came while foreign errors are still caught: it may be anything but a message."""
    return (await call).message_id


def _json_list(words: Sequence[str]) -> str:
    return "[" + ",".join(f'"{word}"' for word in words) + "]"


def _keep_quiet() -> None:
    """Silence the library: it logs texts, and its HTTP client whole addresses with the token.

    PTB_TIMEDELTA asks it for spans; without it every 429 costs a deprecation warning.
    """
    for noisy in ("telegram", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    os.environ.setdefault("PTB_TIMEDELTA", "true")
