"""What an event says: the table of everything Zalo may tell, and one small function for each kind.

Source: zalo.md §12, gathered November 2026. An event is read or deliberately ignored; the
reason stands beside it. Whatever a resident typed, a button's payload too, is only speech.
In a group of the OA the sender is the group ("group:<id>"), and who spoke is the author.
"""

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channel import Arrival, Movement, Presence, Receipt, Unreadable
from bot.zalo import groups
from bot.zalo.payload import at, ident_at, items_at, parse, text_at
from handlers.talk import Incoming, Place, clean
from records.tables import Address, ChannelName, DeliveryState

log = logging.getLogger(__name__)

COMMAND = "/"  # our buttons say words that begin with it; nobody types it by chance

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IN_GROUP = "user_send_group_"
_MILLISECONDS = re.compile(r"[0-9]{1,14}")  # to the year 5138
_NAME = re.compile(r"[a-z_]{1,60}")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_MOST_REFS = 200  # messages in one receipt; we never have as many on the way to one person
_WORD = 40  # characters of a platform's word in the log
_LABEL = 200  # characters of a place's name

# Where the resident's id may stand, the first that is there counts.
_PERSON = (("follower", "id"), ("user_id",), ("sender", "id"), ("data", "user_id"))


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event, opened. `at` is never later than our own clock: nobody speaks from the future."""

    key: str
    name: str
    user: str
    at: datetime
    fields: dict[str, Any]
    trusts: Callable[[str], bool]  # whether a picture's address is Zalo's

    @property
    def who(self) -> Address:
        """Return the person's address, or the group's."""
        return Address(ChannelName.ZALO, self.user)

    @property
    def in_group(self) -> bool:
        """Tell whether several people read it."""
        return bool(groups.named_by(self.user))

    @property
    def author(self) -> Address | None:
        """Return who of a group spoke; None in a conversation of two."""
        person = ident_at(self.fields, "sender", "id") if self.in_group else ""
        return Address(ChannelName.ZALO, person) if person else None

    @property
    def text(self) -> str:
        """Return what was written, `clean`."""
        return clean(text_at(self.fields, "message", "text"))

    @property
    def payloads(self) -> list[Any]:
        """Return the contents of the attachments."""
        return [at(one, "payload") for one in items_at(self.fields, "message", "attachments")]


Fact = Incoming | Receipt | Movement | None
Reader = Callable[[Event], Fact]


@dataclass(frozen=True)
class Ignored:
    """An event we know and pass over."""

    because: str


def arrival_of(fields: dict[str, Any], body: bytes) -> Arrival:
    """Name the event *fields*, which came as *body*."""
    return Arrival(key=_key(fields, body), user=_user(fields), body=body.decode("utf-8"))


def read(arrival: Arrival, now: datetime, trusts: Callable[[str], bool]) -> Fact:
    """Understand a stored event; None when there is nothing to do. Raises Unreadable."""
    fields = parse(arrival.body)
    name = _name(fields)
    reader = EVENTS.get(name)
    if reader is None:
        log.info("zalo sent an event we do not know: %s", name)
        return None
    if isinstance(reader, Ignored):
        return None
    event = Event(
        key=arrival.key, name=name, user=_user(fields), at=_moment(fields, now), fields=fields, trusts=trusts
    )
    return reader(event)


def _key(fields: dict[str, Any], body: bytes) -> str:
    """Return the message's own id; for anything else the digest of the event.

    Receipts, reactions, ratings and echoes carry ids of *other* messages: they must not
    take the key of what a resident said.
    """
    name = _name(fields)
    message_id = ident_at(fields, "message", "msg_id")
    if name.startswith("user_send_") and message_id:
        return f"zalo:{message_id}"
    return f"zalo:{name}:{hashlib.sha256(body).hexdigest()}"


def _name(fields: dict[str, Any]) -> str:
    name = text_at(fields, "event_name")
    return name if _NAME.fullmatch(name) else "unnamed"


def _user(fields: dict[str, Any]) -> str:
    """Return whose chat it is; empty when it is nobody's, as in the console's test call."""
    name = _name(fields)
    if name == "user_received_message" and _is_template(fields):
        return ""  # the recipient is a phone number there, and no key of ours
    if name.startswith(_IN_GROUP):
        return groups.address(ident_at(fields, "recipient", "id"))
    if name.startswith("oa_"):
        return ident_at(fields, "recipient", "id")
    person = next(filter(None, (ident_at(fields, *path) for path in _PERSON)), "")
    return person or groups.address(ident_at(fields, "group_id"))


def _moment(fields: dict[str, Any], now: datetime, *path: str) -> datetime:
    digits = text_at(fields, *(path or ("timestamp",)))
    if not _MILLISECONDS.fullmatch(digits):
        raise Unreadable("no time in the event")
    return min(_EPOCH + timedelta(milliseconds=int(digits)), now)


def _is_template(fields: dict[str, Any]) -> bool:
    return at(fields, "message", "delivery_time") is not None


# What residents say ----------------------------------------------------------------


def _said(event: Event, **what: Any) -> Incoming | None:
    """Return what the person said; None for a call without a person (the console's test)."""
    if not event.user:
        return None
    return Incoming(
        key=event.key,
        sender=event.who,
        sent_at=event.at,
        group=event.in_group,
        author=event.author,
        **what,
    )


def _text(event: Event) -> Fact:
    if at(event.fields, "message") is None:
        return None
    pressed = event.text.startswith(COMMAND) and not event.in_group  # groups have no buttons
    return _said(event, text=event.text, pressed=pressed)


def _picture(event: Event) -> Fact:
    refs = tuple(filter(event.trusts, (text_at(one, "url") for one in event.payloads)))
    if not refs:
        return _said(event, text=event.text, unsupported="file")
    return _said(event, text=event.text, photos=refs)


def _voice(event: Event) -> Fact:
    refs = list(filter(event.trusts, (text_at(one, "url") for one in event.payloads)))
    if not refs:
        return _said(event, text=event.text, unsupported="file")
    return _said(event, text=event.text, voice=refs[0])


def _link(event: Event) -> Fact:
    """Read a link as the words that came with it; nobody opens it."""
    url = clean(next((text_at(one, "url") for one in event.payloads), ""))
    words = [event.text] if url in event.text else [event.text, url]
    return _said(event, text=clean(" ".join(words)))


def _place(event: Event) -> Fact:
    point = next((at(one, "coordinates") for one in event.payloads), None)
    latitude = _degrees(text_at(point, "latitude"), 90)
    longitude = _degrees(text_at(point, "longitude"), 180)
    if latitude is None or longitude is None:
        return _said(event, text=event.text, unsupported=None if event.text else "file")
    return _said(event, place=Place(latitude=latitude, longitude=longitude, label=event.text[:_LABEL]))


def _degrees(text: str, most: float) -> float | None:
    if not _DEGREES.fullmatch(text.strip()):
        return None
    value = float(text)
    return value if -most <= value <= most else None


def _closed(what: str) -> Reader:
    return lambda event: _said(event, text=event.text, unsupported=what)


# What residents do -----------------------------------------------------------------


def _moves(what: Presence) -> Reader:
    def reader(event: Event) -> Fact:
        return Movement(who=event.who, what=what, at=event.at) if event.user else None

    return reader


def _seen(event: Event) -> Fact:
    listed = items_at(event.fields, "message", "msg_ids")[:_MOST_REFS]
    refs = tuple(filter(None, (ident_at({"id": one}, "id") for one in listed)))
    return Receipt(refs=refs, state=DeliveryState.SEEN, at=event.at) if refs else None


def _delivered(event: Event) -> Fact:
    """Read both forms: a template's receipt has its own time, and a phone instead of a person."""
    ref = ident_at(event.fields, "message", "msg_id")
    if not ref:
        return None
    moment = event.at
    if _is_template(event.fields):
        moment = _moment(event.fields, event.at, "message", "delivery_time")
    return Receipt(refs=(ref,), state=DeliveryState.DELIVERED, at=moment)


def _form_changed(event: Event) -> Fact:
    """Tell the operator that Zalo approved, refused or switched off a form; the letters need no word of it."""
    number = ident_at(event.fields, "template_id") or "unknown"
    now_is = ident_at(event.fields, "status", "new_status") or ident_at(event.fields, "quality") or "unknown"
    log.warning("zalo says of template %s: %s", number[:_WORD], now_is[:_WORD])
    return None


_ECHO = Ignored("our own message, or a colleague's in the console: an echo is never answered")
_ANONYMOUS = Ignored("a visitor without an account: no lasting state is kept of them")
_GROUP = Ignored("who comes and goes in a group is the group's own matter")
_GROUP_THING = Ignored("in a group words and pictures are heard; nobody there is told what we cannot open")
_GROUP_ECHO = Ignored("our own message in a group, or a colleague's: an echo is never answered")
_REACTION = Ignored("an icon on a message asks for nothing")
_TAG = Ignored("tags are the console's; our own records decide")
_CALL = Ignored("telephone calls are not served")
_TEMPLATE = Ignored("numbers of the console: a refusal tells us when one of them is used up")
_JOURNEY = Ignored("forms that ask for an answer or a rating are not sent")
_SHOP = Ignored("sales are not for a ward")

EVENTS: dict[str, Reader | Ignored] = {
    # a resident writes
    "user_send_text": _text,
    "user_send_image": _picture,
    "user_send_gif": _picture,
    "user_send_link": _link,
    "user_send_audio": _voice,
    "user_send_video": _closed("video"),
    "user_send_sticker": _closed("sticker"),
    "user_send_file": _closed("file"),
    "user_send_business_card": _closed("file"),
    "user_send_location": _place,
    # a resident comes, goes, touches
    "follow": _moves(Presence.CAME),
    "unfollow": _moves(Presence.LEFT),
    "user_click_chatnow": _moves(Presence.TOUCHED),
    "user_submit_info": _moves(Presence.TOUCHED),  # what was typed proves no identity: not even read
    "widget_interaction_accepted": _moves(Presence.TOUCHED),
    "user_withdraw": _moves(Presence.WITHDREW),
    "widget_failed_to_sync_user_external_id": Ignored("we give no ids of our own to the widget"),
    "update_user_info": Ignored("names and pictures of residents are not kept"),
    # what became of our messages
    "user_seen_message": _seen,
    "user_received_message": _delivered,
    "user_reacted_message": _REACTION,
    "oa_reacted_message": _REACTION,
    "oa_send_text": _ECHO,
    "oa_send_image": _ECHO,
    "oa_send_gif": _ECHO,
    "oa_send_list": _ECHO,
    "oa_send_file": _ECHO,
    "oa_send_sticker": _ECHO,
    # visitors of the web widget
    "anonymous_send_text": _ANONYMOUS,
    "anonymous_send_image": _ANONYMOUS,
    "anonymous_send_file": _ANONYMOUS,
    "anonymous_send_sticker": _ANONYMOUS,
    "oa_send_anonymous_text": _ANONYMOUS,
    "oa_send_anonymous_image": _ANONYMOUS,
    "oa_send_anonymous_file": _ANONYMOUS,
    "oa_send_anonymous_sticker": _ANONYMOUS,
    # tags
    "add_user_to_tag": _TAG,
    "remove_user_from_tag": _TAG,
    "remove_tag": _TAG,
    # groups; sources disagree about the names of the last three
    "create_group": _GROUP,
    "user_join_group": _GROUP,
    "user_request_join_group": _GROUP,
    "accept_request_join_group": _GROUP,
    "reject_request_join_group": _GROUP,
    "add_group_admin": _GROUP,
    "remove_group_admin": _GROUP,
    "update_group_info": _GROUP,
    "user_out_group": _GROUP,
    "delete_group": _moves(Presence.LEFT),
    "react_request_join_group_accept": _GROUP,
    "react_request_join_group_reject": _GROUP,
    "user_leave_group": _GROUP,
    "user_send_group_text": _text,
    "user_send_group_image": _picture,
    "user_send_group_gif": _GROUP_THING,
    "user_send_group_link": _link,
    "user_send_group_audio": _GROUP_THING,
    "user_send_group_video": _GROUP_THING,
    "user_send_group_sticker": _GROUP_THING,
    "user_send_group_file": _GROUP_THING,
    "user_send_group_business_card": _GROUP_THING,
    "oa_send_group_text": _GROUP_ECHO,
    "oa_send_group_image": _GROUP_ECHO,
    "oa_send_group_gif": _GROUP_ECHO,
    "oa_send_group_link": _GROUP_ECHO,
    "oa_send_group_audio": _GROUP_ECHO,
    "oa_send_group_video": _GROUP_ECHO,
    "oa_send_group_sticker": _GROUP_ECHO,
    "oa_send_group_file": _GROUP_ECHO,
    "oa_send_group_business_card": _GROUP_ECHO,
    # calls
    "oa_send_consent": _CALL,
    "user_reply_consent": _CALL,
    "user_call_oa": _CALL,
    "oa_call_user": _CALL,
    # what ZBS tells of templates
    "change_template_status": _form_changed,
    "change_template_quality": _form_changed,
    "change_template_quota": _TEMPLATE,
    "change_oa_daily_quota": _TEMPLATE,
    "change_oa_template_tags": _TEMPLATE,
    "event_journey_acknowledged": _JOURNEY,
    "event_journey_time_out": _JOURNEY,
    "user_feedback": _JOURNEY,
    "user_click_response_button": _JOURNEY,
    # sales
    "extension_purchased": _SHOP,
    "shop_has_order": _SHOP,
}
