"""Telegram's people: state of a chat, and everything a person can do in one, alone or in a group.

Groups themselves are in `telegram_groups`.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import images
from .clock import Clock
from .records import Hearing, Json
from .telegram_files import Shelf

if TYPE_CHECKING:  # a group is made of people, not the other way round
    from .telegram_groups import Group

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(@\w+)?")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")


@dataclass
class Exchange:
    """What all chats share. `post(kind, content, chat_id)` brings an update on its way."""

    bot: Json
    clock: Clock
    shelf: Shelf
    post: Callable[[str, Json, int], Json]
    chats: dict[int, "Chat"] = field(default_factory=dict)
    # Presses not yet answered: when they happened, and whose they are.
    callbacks: dict[str, tuple[float, "Person"]] = field(default_factory=dict)
    # Number 1 is the General topic's, so no message or topic may have it.
    serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(2))


@dataclass
class Chat:
    """One conversation as the platform keeps it.

    `known`: the bot may write here. `closed_because`: the text of the 403.
    `topics` is None where there is no forum.
    """

    id: int
    face: Json  # what `chat` shows of it in a message
    hearing: Hearing = field(default_factory=Hearing)
    known: bool = False
    closed_because: str | None = None
    moved_to: int | None = None
    topics: dict[int, str] | None = None
    messages: dict[int, Json] = field(default_factory=dict)
    reply_keyboard: list[list[Json]] = field(default_factory=list)

    def keep(self, message: Json, exchange: Exchange) -> Json:
        """Give *message* its id, chat and date, and remember it."""
        number = next(exchange.serial)
        date = int(exchange.clock.epoch())
        whole = {"message_id": number, "date": date, "chat": self.face, **message}
        self.messages[number] = whole
        return whole


class Person:
    """Somebody with a phone. Whatever they do returns the update it became.

    Every act takes `to=` a group, perhaps with a `topic=`; without it it happens in the
    private chat. Who acts in a group is a member of it from then on.
    """

    def __init__(self, user: Json, chat: Chat, exchange: Exchange) -> None:
        """Use `TelegramPeer.person` instead."""
        self.user = user
        self.chat = chat
        self.toasts: list[str] = []
        self._exchange = exchange

    @property
    def id(self) -> int:
        """Return the number of the person, and of their private chat."""
        return self.chat.id

    @property
    def heard(self) -> list[str]:
        """Return every text the bot wrote to the private chat, in order."""
        return self.chat.hearing.texts

    async def hears(self, *fragments: str, within: float = 5) -> str:
        """Return the first text since the person last did something, with all *fragments*.

        Raises AssertionError when none came within *within* seconds.
        """
        return await self.chat.hearing.hears(*fragments, within=within)

    def sends(self, content: Json, *, to: "Group | None" = None, topic: int | None = None) -> Json:
        """Send a message of any content; the other acts are made of this."""
        chat = self._enters(to)
        chat.hearing.spoke()
        content = content | (to.place(topic) if to else {})
        message = chat.keep({"from": self.user, **content}, self._exchange)
        if to and not _bot_sees(message, to, self._exchange.bot):
            return message
        return self._exchange.post("message", message, chat.id)

    def says(
        self,
        text: str,
        *,
        to: "Group | None" = None,
        reply_to: int | None = None,
        topic: int | None = None,
    ) -> Json:
        """Write *text*; a command at the start is marked as one."""
        content: Json = {"text": text}
        if command := _COMMAND.match(text):
            length = len(command[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if reply_to is not None:
            original = (to.chat if to else self.chat).messages[reply_to]
            content["reply_to_message"] = {
                name: value for name, value in original.items() if name != "reply_to_message"
            }
        return self.sends(content, to=to, topic=topic)

    def starts(self, payload: str = "") -> Json:
        """Press *Start*, perhaps through a link with *payload*."""
        if not _PAYLOAD.fullmatch(payload):
            msg = f"no link can carry {payload!r}"
            raise ValueError(msg)
        return self.says(f"/start {payload}".strip())

    def presses(self, wanted: str, *, to: "Group | None" = None) -> Json:
        """Press the newest button with this data or label. Raises LookupError if there is none."""
        chat = self._enters(to)
        for message in reversed(chat.messages.values()):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if "callback_data" in button and wanted in button.values():
                        return self._calls_back(button["callback_data"], message, chat)
        for button in itertools.chain.from_iterable(chat.reply_keyboard):
            if button["text"] == wanted:
                return self._taps(button, to)
        msg = f"{self.user['first_name']} sees no button {wanted!r}"
        raise LookupError(msg)

    def forges_press(self, data: str, message_id: int, *, to: "Group | None" = None) -> Json:
        """Press a button that *message_id* never had: a tampered client can send any data."""
        chat = self._enters(to)
        return self._calls_back(data, chat.messages[message_id], chat)

    def forwards(self, message: Json, *, to: "Group | None" = None, topic: int | None = None) -> Json:
        """Pass a message on. What arrives is this person's message, and has no buttons."""
        kept = {name: one for name, one in message.items() if name not in _NOT_FORWARDED}
        origin = {"type": "user", "date": message["date"], "sender_user": message["from"]}
        return self.sends(kept | {"forward_origin": origin}, to=to, topic=topic)

    def sends_photo(
        self,
        content: bytes = images.JPEG,
        *,
        caption: str = "",
        to: "Group | None" = None,
        topic: int | None = None,
        album: str | None = None,
    ) -> Json:
        """Send a picture, re-compressed and without a name, as Telegram does."""
        width, height = images.size(content) or (0, 0)
        sizes = [
            self._exchange.shelf.put(content, "photos", "jpg") | {"width": w, "height": h}
            for w, h in ((width // 2, height // 2), (width, height))
        ]
        extra = {"caption": caption} if caption else {}
        if album:
            extra["media_group_id"] = album
        return self.sends({"photo": sizes, **extra}, to=to, topic=topic)

    def sends_album(self, *contents: bytes, caption: str = "", to: "Group | None" = None) -> list[Json]:
        """Send several pictures: several messages, the caption on the first only."""
        album = str(next(self._exchange.serial) + 13_000_000_000_000_000)
        return [
            self.sends_photo(one, caption="" if i else caption, to=to, album=album)
            for i, one in enumerate(contents)
        ]

    def sends_document(
        self,
        content: bytes = images.PDF,
        *,
        name: str = "don.pdf",
        mime: str = "application/pdf",
        caption: str = "",
        to: "Group | None" = None,
    ) -> Json:
        """Send a file under its own name."""
        file = self._exchange.shelf.put(content, "documents", name.rpartition(".")[2])
        extra = {"caption": caption} if caption else {}
        return self.sends({"document": file | {"file_name": name, "mime_type": mime}, **extra}, to=to)

    def sends_voice(self, content: bytes = b"OggS", *, seconds: int = 3) -> Json:
        """Send a voice note."""
        file = self._exchange.shelf.put(content, "voice", "oga")
        return self.sends({"voice": file | {"duration": seconds, "mime_type": "audio/ogg"}})

    def sends_location(self, latitude: float, longitude: float) -> Json:
        """Send a place."""
        return self.sends({"location": {"latitude": latitude, "longitude": longitude}})

    def sends_contact(self, phone: str, *, own: bool = True) -> Json:
        """Send a phone number: their own card, or somebody else's."""
        whose = self.id if own else self.id + 1
        card = {"phone_number": phone, "first_name": self.user["first_name"], "user_id": whose}
        return self.sends({"contact": card})

    def edits(self, update: Json, text: str) -> Json:
        """Change the text of an own earlier message, given by its update."""
        message = update["message"]
        message |= {"text": text, "edit_date": int(self._exchange.clock.epoch())}
        return self._exchange.post("edited_message", dict(message), message["chat"]["id"])

    def blocks_bot(self) -> Json:
        """Block the bot: 403 until `unblocks`."""
        self.chat.closed_because = "Forbidden: bot was blocked by the user"
        return member_update(self._exchange, self.chat, self.user, ("member", "kicked"))

    def unblocks(self) -> Json:
        """Take the bot back."""
        self.chat.closed_because = None
        return member_update(self._exchange, self.chat, self.user, ("kicked", "member"))

    def leaves_telegram(self) -> None:
        """Delete the account: 403 for ever, and no update tells of it."""
        self.chat.closed_because = "Forbidden: user is deactivated"

    def _enters(self, group: "Group | None") -> Chat:
        """Return the chat where something is about to be done. Raises PermissionError."""
        if group is None:
            self.chat.known = True
            return self.chat
        if self.id in group.gone:
            msg = f"{self.user['first_name']} is no longer in this group"
            raise PermissionError(msg)
        group.members.setdefault(self.id, self)
        return group.chat

    def _calls_back(self, data: str, message: Json, chat: Chat) -> Json:
        chat.hearing.spoke()
        query = str(next(self._exchange.serial) + 4_382_000_000_000_000)
        self._exchange.callbacks[query] = (self._exchange.clock.tick(), self)
        content = {
            "id": query,
            "from": self.user,
            "chat_instance": str(chat.id),
            "message": message,
            "data": data,
        }
        return self._exchange.post("callback_query", content, chat.id)

    def _taps(self, button: Json, to: "Group | None") -> Json:
        if button.get("request_contact"):
            return self.sends_contact("+84901234567")
        if button.get("request_location"):
            return self.sends_location(10.7769, 106.7009)
        return self.says(button["text"], to=to)


def member_update(exchange: Exchange, chat: Chat, by: Json, statuses: tuple[str, str]) -> Json:
    """Tell the bot that its own membership went from one status to another."""
    old, new = ({"status": one, "user": exchange.bot} | _RIGHTS.get(one, {}) for one in statuses)
    content = {
        "chat": chat.face,
        "from": by,
        "date": int(exchange.clock.epoch()),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    return exchange.post("my_chat_member", content, chat.id)


def _bot_sees(message: Json, group: "Group", bot: Json) -> bool:
    text = str(message.get("text", ""))
    replied = message.get("reply_to_message", {}).get("from", {}).get("id")
    return group.bot_sees_all or text.startswith("/") or f"@{bot['username']}" in text or replied == bot["id"]


# What a forwarded copy does not carry along.
_NOT_FORWARDED = frozenset(
    {
        "chat",
        "date",
        "edit_date",
        "from",
        "is_topic_message",
        "message_id",
        "message_thread_id",
        "reply_markup",
        "reply_to_message",
        "sender_chat",
    }
)

# The fields the manual marks as always present, by status of a chat member.
_RIGHTS: dict[str, Json] = {
    "kicked": {"until_date": 0},
    "administrator": dict.fromkeys(
        (
            "can_be_edited",
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
            "can_manage_topics",
        ),
        True,
    )
    | {"is_anonymous": False},
}
