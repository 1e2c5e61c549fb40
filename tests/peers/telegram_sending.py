"""What a bot sends and edits on Telegram, judged and brought to the person."""

from typing import Any

from . import images, telegram_html, telegram_keyboards
from .records import Accepted, Json, Ledger
from .telegram_chats import Chat, Exchange
from .telegram_limits import Pace, TelegramLimits, over
from .telegram_wire import Call, Refusal

_ALBUM = range(2, 11)
_TOGETHER = ({"photo", "video"}, {"document"}, {"audio"})
_ACTIONS = frozenset(
    {
        "choose_sticker",
        "find_location",
        "record_video",
        "record_video_note",
        "record_voice",
        "typing",
        "upload_document",
        "upload_photo",
        "upload_video",
        "upload_video_note",
        "upload_voice",
    }
)
_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)


class Sending:
    """The methods that reach a person. Each raises Refusal, or is recorded as accepted."""

    def __init__(self, exchange: Exchange, ledger: Ledger, limits: TelegramLimits) -> None:
        """Judge by *limits*, write into *ledger*."""
        self._exchange = exchange
        self._ledger = ledger
        self._limits = limits
        self._pace = Pace(limits)

    def send_message(self, call: Call) -> Json:
        """Answer `sendMessage`."""
        chat = self.open_chat(call)
        content = self._written(call.payload, "text", self._limits.text)
        if not content.get("text"):
            raise Refusal(400, "Bad Request: message text is empty")
        return self._sent(call, chat, [content])[0]

    def send_photo(self, call: Call) -> Json:
        """Answer `sendPhoto`."""
        chat = self.open_chat(call)
        content, file = self._photo(call, call.payload.get("photo", ""), "photo")
        content |= self._written(call.payload, "caption", self._limits.caption)
        return self._sent(call, chat, [content], {"photo": file})[0]

    def send_document(self, call: Call) -> Json:
        """Answer `sendDocument`."""
        chat = self.open_chat(call)
        content, file = self._document(call, call.payload.get("document", ""), "document")
        content |= self._written(call.payload, "caption", self._limits.caption)
        return self._sent(call, chat, [content], {"document": file})[0]

    def send_media_group(self, call: Call) -> list[Json]:
        """Answer `sendMediaGroup`: photos and videos together, or documents; no keyboard."""
        chat = self.open_chat(call)
        media = call.payload.get("media")
        if not isinstance(media, list) or len(media) not in _ALBUM:
            raise Refusal(400, "Bad Request: message must contain 2-10 media")
        kinds = {one.get("type") for one in media}
        if not any(kinds <= together for together in _TOGETHER):
            raise Refusal(400, "Bad Request: media of these types can't be mixed in an album")
        album = str(next(self._exchange.serial) + 13_000_000_000_000_000)
        contents, files = [], {}
        for number, one in enumerate(media):
            make = self._photo if one["type"] == "photo" else self._document
            content, files[f"{one['type']}{number}"] = make(call, one.get("media", ""), one["type"])
            content |= self._written(one, "caption", self._limits.caption)
            contents.append(content | {"media_group_id": album})
        return self._sent(call, chat, contents, files)

    def edit_text(self, call: Call) -> Json:
        """Answer `editMessageText`."""
        content = self._written(call.payload, "text", self._limits.text)
        if not content.get("text"):
            raise Refusal(400, "Bad Request: message text is empty")
        return self._edited(call, content)

    def edit_markup(self, call: Call) -> Json:
        """Answer `editMessageReplyMarkup`."""
        return self._edited(call, {})

    def chat_action(self, call: Call) -> bool:
        """Answer `sendChatAction`; it leaves no trace in the record."""
        self.open_chat(call)
        if call.text("action") not in _ACTIONS:
            raise Refusal(400, "Bad Request: wrong parameter action in request")
        return True

    def create_topic(self, call: Call) -> Json:
        """Answer `createForumTopic`."""
        chat = self.open_chat(call)
        name = call.text("name")
        if chat.topics is None:
            raise Refusal(400, "Bad Request: the chat is not a forum")
        if not name or over(len(name), self._limits.topic_name):
            raise Refusal(400, "Bad Request: TOPIC_TITLE_INVALID")
        thread = next(self._exchange.serial)
        chat.topics[thread] = name
        return {"message_thread_id": thread, "name": name, "icon_color": 7322096}

    def open_chat(self, call: Call) -> Chat:
        """Return the chat of *call*. Raises Refusal where the bot may not write."""
        chat = self._exchange.chats.get(_chat_id(call))
        if chat and chat.moved_to is not None:
            why = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(400, why, migrate_to_chat_id=chat.moved_to)
        if chat and chat.closed_because:
            raise Refusal(403, chat.closed_because)
        if chat is None or not chat.known:
            raise Refusal(400, "Bad Request: chat not found")
        return chat

    def _sent(
        self, call: Call, chat: Chat, contents: list[Json], files: dict[str, bytes] | None = None
    ) -> list[Json]:
        album = len(contents) > 1
        markup = {} if album else self._markup(call, chat)
        place = self._place(call, chat)
        now = self._exchange.clock.tick()
        self._pace.step(chat.id, now)
        if "keyboard" in markup:
            chat.reply_keyboard = telegram_keyboards.reply_rows(markup)
        elif "remove_keyboard" in markup:
            chat.reply_keyboard = []
        shown = {"reply_markup": markup} if "inline_keyboard" in markup else {}
        sender = {"from": self._exchange.bot}
        messages = [
            chat.keep({**sender, **content, **place, **shown}, self._exchange) for content in contents
        ]
        self._record(call, chat, messages, files or {}, markup)
        return messages

    def _record(
        self, call: Call, chat: Chat, messages: list[Json], files: dict[str, bytes], markup: Json
    ) -> None:
        texts = [str(one.get("text", one.get("caption", ""))) for one in messages]
        visible = "\n".join(filter(None, texts))
        chat.hearing.add(visible)
        self._ledger.accepted.append(
            Accepted(
                method=call.method,
                chat_id=chat.id,
                text=visible,
                payload=call.payload,
                message_id=messages[0]["message_id"],
                at=self._exchange.clock.tick(),
                buttons=telegram_keyboards.buttons(markup),
                files=files,
                paced=call.method.startswith("send"),
            )
        )

    def _edited(self, call: Call, content: Json) -> Json:
        chat = self.open_chat(call)
        message = chat.messages.get(call.number("message_id"))
        if message is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if message["from"]["id"] != self._exchange.bot["id"]:
            raise Refusal(400, "Bad Request: message can't be edited")
        if content and "text" not in message:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        markup = self._markup(call, chat)
        if markup and "inline_keyboard" not in markup:
            raise Refusal(400, "Bad Request: inline keyboard expected")
        kept = ("text", "entities") if not content else ()
        after = content | {name: message[name] for name in kept if name in message}
        if markup.get("inline_keyboard"):
            after["reply_markup"] = markup
        before = {n: message[n] for n in ("text", "entities", "reply_markup") if n in message}
        if after == before:
            raise Refusal(400, _NOT_MODIFIED)
        for name in before:
            del message[name]
        message |= after | {"edit_date": int(self._exchange.clock.epoch())}
        self._record(call, chat, [message] if content else [{**message, "text": ""}], {}, markup)
        return message

    def _markup(self, call: Call, chat: Chat) -> Json:
        return telegram_keyboards.check(
            call.payload.get("reply_markup"),
            private=chat.id > 0,
            most=self._limits.buttons,
            in_a_row=self._limits.buttons_in_a_row,
        )

    def _place(self, call: Call, chat: Chat) -> Json:
        place: Json = {}
        if "message_thread_id" in call.payload:
            thread = call.number("message_thread_id")
            if thread not in (chat.topics or {}):  # General has no thread; 1 fails as well
                raise Refusal(400, "Bad Request: message thread not found")
            place = {"message_thread_id": thread, "is_topic_message": True}
        reply = call.payload.get("reply_parameters") or {}
        original = chat.messages.get(reply.get("message_id", 0))
        if original:
            bare = {name: one for name, one in original.items() if name != "reply_to_message"}
            return {**place, "reply_to_message": bare}
        if reply and not reply.get("allow_sending_without_reply"):
            raise Refusal(400, "Bad Request: message to be replied not found")
        return place

    def _written(self, values: Json, field: str, limit: int | None) -> Json:
        source = values.get(field) or ""
        mode = values.get("parse_mode") or ""
        listed = values.get("entities" if field == "text" else "caption_entities")
        text, entities = source, listed or []
        if mode.lower() == "html":
            try:
                text, entities = telegram_html.parse(source)
            except telegram_html.CannotParse as error:
                raise Refusal(400, f"Bad Request: can't parse entities: {error}") from error
        elif mode:
            raise Refusal(400, f"Bad Request: this peer reads HTML only, not {mode}")
        visible = text.strip()
        if over(telegram_html.units(visible), limit):
            what = "message" if field == "text" else "message caption"
            raise Refusal(400, f"Bad Request: {what} is too long")
        if not visible:
            return {}
        shift = telegram_html.units(text[: len(text) - len(text.lstrip())])
        moved = [one | {"offset": max(0, one["offset"] - shift)} for one in entities]
        key = "entities" if field == "text" else "caption_entities"
        return {field: visible, **({key: moved} if moved else {})}

    def _photo(self, call: Call, value: Any, field: str) -> tuple[Json, bytes]:
        _, content = self._file(call, value, field)
        width, height = images.size(content) or (0, 0)
        if not call_by_address(value) and not width:
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        limits = self._limits
        if over(len(content), limits.photo_bytes):
            raise Refusal(400, "Bad Request: too big for a photo")
        ratio = max(width, height) / max(1, min(width, height))
        if over(width + height, limits.photo_sides) or over(ratio, limits.photo_ratio):
            raise Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        stored = self._exchange.shelf.put(content, "photos", "jpg")
        return {"photo": [stored | {"width": width, "height": height}]}, content

    def _document(self, call: Call, value: Any, field: str) -> tuple[Json, bytes]:
        name, content = self._file(call, value, field)
        stored = self._exchange.shelf.put(content, "documents", name.rpartition(".")[2])
        return {field: stored | {"file_name": name}}, content

    def _file(self, call: Call, value: Any, field: str) -> tuple[str, bytes]:
        """Return name and content: a part of the form, a known file, or an address."""
        reference = value if isinstance(value, str) else ""
        part = reference.removeprefix("attach://") if reference else field
        if part in call.files:
            name, content = call.files[part]
            if not content:
                raise Refusal(400, "Bad Request: file must be non-empty")
            if over(len(content), self._limits.upload_bytes):
                raise Refusal(413, "Request Entity Too Large")
            return name, content
        if known := self._exchange.shelf.stored.get(reference):
            return known.path.rpartition("/")[2], known.content
        if call_by_address(reference):
            return reference.rpartition("/")[2], b""  # Telegram fetches it; this peer does not
        raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")


def call_by_address(value: Any) -> bool:
    """Return whether a file is given by an address for Telegram to fetch."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _chat_id(call: Call) -> int:
    value = call.payload.get("chat_id")
    if value is None or value == "":
        raise Refusal(400, "Bad Request: chat_id is empty")
    return value if isinstance(value, int) else 0  # no channel names here: 0 is nobody
