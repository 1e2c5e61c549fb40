"""An update of Telegram → what a person said or did.

`load` and `name` take as little time as possible, because the platform waits; `read` looks at
everything. Updates are read as python-telegram-bot types: fields and kinds newer than the
library do no harm. In a group the sender is the group, or its topic; who spoke is the author.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn, TypeGuard

from telegram import (
    Animation,
    Audio,
    CallbackQuery,
    ChatMemberUpdated,
    Document,
    Message,
    Update,
    User,
    Voice,
)
from telegram.constants import ChatMemberStatus, ChatType

from bot.channel import Arrival, Movement, Presence, Unreadable
from bot.telegram.chats import GENERAL, Chat
from bot.telegram.errors import MALFORMED
from bot.telegram.request import MAX_BYTES
from handlers.talk import Incoming, Place, clean
from records.tables import Address, ChannelName

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
NOBODY = "-"  # the user of an update that belongs to no chat
PHOTO, VOICE = "photo:", "voice:"

_LARGEST_ID = 2**63
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_OURS = (ChatType.PRIVATE, *_GROUPS)
_GONE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
_REFERENCE = re.compile(r"[\x21-\x7e]{1,500}")
_PICTURES = frozenset(f"image/{kind}" for kind in ("jpeg", "png", "webp"))  # what the media store takes
_ADDRESSED = re.compile(r"(?i)^(/[a-z0-9_]{1,32})@([a-z0-9_]+)")
# What we cannot open, by the message's field; an animation also fills `document`, so it comes first.
_UNSUPPORTED = {
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "sticker": "sticker",
    "document": "file",
    "audio": "file",
    "voice": "file",
    "contact": "contact",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "paid_media": "other",
    "checklist": "other",
    "invoice": "other",
}


def load(body: bytes | str) -> Any:
    """Return the JSON in *body*, strictly: UTF-8, no NaN, no infinity. Raises Unreadable."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {type(error).__name__}") from error


def name(update: Any, body: str) -> Arrival:
    """Return *update* under its key and its chat, in a forum its topic. Raises Unreadable."""
    number = number_of(update)
    if number is None:
        raise Unreadable("an update is an object with a number")
    pressed = "callback_query" in update
    return Arrival(key=f"telegram:{number}", user=_chat_of(update), body=body, answerable=pressed)


def number_of(update: Any) -> int | None:
    """Return the number of *update*, if it has one."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if _is_id(number) and number >= 0 else None


def read(arrival: Arrival, now: datetime, username: str = "") -> Incoming | Movement | None:
    """Understand *arrival*; *username* is the bot's own. Raises Unreadable.

    A pressed button carries no time of its own: it counts as pressed *now*.
    """
    try:
        update = Update.de_json(load(arrival.body), None)
        return _understand(arrival, update, now, username.lower())
    except MALFORMED as error:
        raise Unreadable(f"{arrival.key} is not what was promised: {type(error).__name__}") from error


def callback_id(arrival: Arrival) -> str | None:
    """Return the id to be answered when *arrival* is a pressed button."""
    if '"callback_query"' not in arrival.body:
        return None
    try:
        found = load(arrival.body)["callback_query"]["id"]
    except (*MALFORMED, Unreadable):
        return None
    return found if isinstance(found, str) else None


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and -_LARGEST_ID < value < _LARGEST_ID


def _chat_of(update: Mapping[str, Any]) -> str:
    content = next((update[kind] for kind in KINDS if isinstance(update.get(kind), dict)), None) or {}
    holder = content if "chat" in content else content.get("message")
    chat = holder.get("chat") if isinstance(holder, dict) else None
    if not isinstance(chat, dict):
        return NOBODY
    if not _is_id(chat.get("id")):
        raise Unreadable("a chat has a number")
    return str(Chat(chat["id"], _topic_of(holder) if chat.get("type") == ChatType.SUPERGROUP else None))


def _topic_of(message: Any) -> int | None:
    """Return the topic *message* stands in.

    Outside a forum a thread's number only says what a message answers.
    """
    if message.get("is_topic_message") is not True:
        return None
    number = message.get("message_thread_id")
    if not _is_id(number) or number < GENERAL:
        raise Unreadable("a topic has a number")
    return None if number == GENERAL else number


def _understand(arrival: Arrival, update: Update, now: datetime, me: str) -> Incoming | Movement | None:
    if arrival.user == NOBODY:
        return None
    if update.callback_query is not None:
        return _pressed(arrival, update.callback_query, now)
    if update.my_chat_member is not None:
        return _moved(arrival, update.my_chat_member)
    if update.edited_message is not None:
        return _edited(arrival, update.edited_message, me)
    if update.message is not None:
        return _migrated(arrival, update.message) or _said(arrival, update.message, me)
    return None


def _pressed(arrival: Arrival, query: CallbackQuery, now: datetime) -> Incoming | None:
    if query.data is None or query.message is None:
        return None
    return Incoming(
        key=arrival.key,
        sender=_sender(arrival),
        text=clean(query.data),
        sent_at=now,
        group=query.message.chat.type in _GROUPS,
        author=_author(query.from_user) if query.message.chat.type in _GROUPS else None,
        pressed=True,
    )


def _moved(arrival: Arrival, change: ChatMemberUpdated) -> Movement | None:
    """Somebody blocked or unblocked us, or a group threw us out; being let into one says nothing."""
    status, kind = change.new_chat_member.status, change.chat.type
    if status in _GONE and kind in _OURS:
        return Movement(who=_sender(arrival), what=Presence.LEFT, at=_instant(change.date))
    if status == ChatMemberStatus.MEMBER and kind == ChatType.PRIVATE:
        return Movement(who=_sender(arrival), what=Presence.CAME, at=_instant(change.date))
    return None


def _migrated(arrival: Arrival, message: Message) -> Movement | None:
    new = message.migrate_to_chat_id
    if new is None:
        return None
    if not _is_id(new):
        raise ValueError("a chat has a number")
    return Movement(who=_sender(arrival), what=Presence.LEFT, at=_instant(message.date), moved_to=str(new))


def _edited(arrival: Arrival, message: Message, me: str) -> Incoming | None:
    if message.location is not None:
        return None  # a live position moved; the first one counts
    return _said(arrival, message, me, edited=True)


def _said(arrival: Arrival, message: Message, me: str, *, edited: bool = False) -> Incoming | None:
    if not _by_a_person(message):
        return None
    photos, voice = _photos(message), _voice(message)
    place, phone = _place(message), _phone(message)
    understood = photos or voice or place or phone
    said = Incoming(
        key=arrival.key,
        sender=_sender(arrival),
        text=_text(message, me),
        sent_at=_instant(message.edit_date or message.date),
        photos=photos,
        album=_reference(message.media_group_id) if message.media_group_id else None,
        voice=voice,
        place=place,
        phone=phone,
        unsupported=None if understood else _unsupported(message),
        edited=edited,
        group=message.chat.type in _GROUPS,
        author=_speaker(message),
    )
    return said if said.text or understood or said.unsupported else None


def _sender(arrival: Arrival) -> Address:
    return Address(ChannelName.TELEGRAM, arrival.user)


def _speaker(message: Message) -> Address | None:
    """Return who of a group spoke; None in a private chat, and for who hides behind a chat."""
    if message.chat.type not in _GROUPS or message.sender_chat is not None:
        return None
    return _author(message.from_user)


def _author(person: User | None) -> Address | None:
    """Return the address of a person's private chat with us, which has the person's number."""
    if person is None or person.is_bot:
        return None
    if not _is_id(person.id) or person.id < 1:
        raise ValueError("a person has a number")
    return Address(ChannelName.TELEGRAM, str(person.id))


def _instant(date: datetime | None) -> datetime:
    if date is None:
        raise ValueError("an update has a date")
    return date


def _by_a_person(message: Message) -> bool:
    """No bots, nothing passed on from a channel; but who hides behind a chat is a person."""
    if message.chat.type not in _OURS:
        return False
    if message.sender_chat is not None:
        return not message.is_automatic_forward
    return message.from_user is not None and not message.from_user.is_bot


def _text(message: Message, me: str) -> str:
    """Return what was written, without our name: "/tracuu@AnThinhBot x" says "/tracuu x".

    A command to another bot of the group says nothing to us.
    """
    text = clean(message.text or message.caption or "")
    addressed = _ADDRESSED.match(text)
    if addressed is None:
        return text
    command, whom = addressed.groups()
    return command + text[addressed.end() :] if me in ("", whom.lower()) else ""


def _photos(message: Message) -> tuple[str, ...]:
    if message.photo:
        largest = max(message.photo, key=lambda size: int(size.width) * int(size.height))
        return (PHOTO + _reference(largest.file_id),)
    picture = message.document
    if picture and not message.animation and picture.mime_type in _PICTURES and _can_be_fetched(picture):
        return (PHOTO + _reference(picture.file_id),)
    return ()


def _voice(message: Message) -> str | None:
    sound = message.voice or message.audio
    return VOICE + _reference(sound.file_id) if sound and _can_be_fetched(sound) else None


def _can_be_fetched(file: Animation | Audio | Document | Voice) -> bool:
    return (file.file_size or 0) <= MAX_BYTES


def _place(message: Message) -> Place | None:
    point = message.venue.location if message.venue else message.location
    if point is None:
        return None
    latitude, longitude = float(point.latitude), float(point.longitude)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # noqa: PLR2004  degrees of the globe
        raise ValueError("a place is on the globe")
    label = f"{message.venue.title}, {message.venue.address}" if message.venue else ""
    return Place(latitude=latitude, longitude=longitude, label=clean(label))


def _phone(message: Message) -> str | None:
    """Return the person's own number; anybody may pass on the card of somebody else."""
    card = message.contact
    if card is None or message.from_user is None or card.user_id != message.from_user.id:
        return None
    return clean(card.phone_number) or None


def _unsupported(message: Message) -> str | None:
    return next((word for field, word in _UNSUPPORTED.items() if getattr(message, field)), None)


def _reference(value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise ValueError("a reference is printable")
    return value
