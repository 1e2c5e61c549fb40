"""Zalo's residents: whether they may be written to, and every event they cause.

Event shapes are those of the reference, section 12, field by field in its order.
"""

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from . import images
from .clock import Clock
from .records import Accepted, Hearing, Json
from .zalo_limits import ZaloLimits
from .zalo_wire import ZaloError


@dataclass(kw_only=True)
class Account:
    """The Official Account as people and console see it.

    `emit(event, key)` brings an event on its way; events with one key keep order.
    `publish(content, ending)` puts a picture on the net and returns its address.
    """

    app_id: str
    oa_id: str
    oa_type: int
    clock: Clock
    limits: ZaloLimits
    emit: Callable[[Json, str], Json]
    publish: Callable[[bytes, str], str]
    accepted: list[Accepted]
    package_left: int | None
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def new_id(self) -> str:
        """Return a message id that looks like Zalo's."""
        return hashlib.sha256(f"message {next(self._serial)}".encode()).hexdigest()[:20]

    def now_ms(self) -> str:
        """Return the time as events carry it: text."""
        return str(self.clock.epoch_ms())


class Person:
    """A resident with Zalo. Whatever they do returns the event it became."""

    def __init__(self, user_id: str, name: str, phone: str, account: Account) -> None:
        """Use `ZaloPeer.person` instead."""
        self.id = user_id
        self.name = name
        self.phone = phone
        self.id_by_app = str(int(user_id) + 305_331_396_188_389_808)
        self.hearing = Hearing()
        self.follower = False
        self.last_interaction: float | None = None
        self.welcomes_left = account.limits.welcome_messages
        self.refuses_with: int | None = None  # any error number; -244 by `blocks`
        self.is_admin = False
        self.tags: list[str] = []
        self.shared_info: Json = {}
        self._account = account

    @property
    def heard(self) -> list[str]:
        """Return every text the OA wrote, in order."""
        return self.hearing.texts

    async def hears(self, *fragments: str, within: float = 5) -> str:
        """Return the first text since the person last did something, with all *fragments*.

        Raises AssertionError when none came within *within* seconds.
        """
        return await self.hearing.hears(*fragments, within=within)

    def interacts(self) -> None:
        """Open the window as of now."""
        self.hearing.spoke()
        self.last_interaction = self._account.clock.epoch()

    def admit(self) -> Json:
        """Return the quota a message to this person uses, {} if charged. Raises ZaloError."""
        if self.refuses_with is not None:
            raise ZaloError(self.refuses_with, "User does not receive this message")
        if self.last_interaction is None and not self.follower:
            raise ZaloError(-213, "User has not interacted with the OA")
        limits = self._account.limits
        if self.last_interaction is None:
            if self.welcomes_left == 0:
                raise ZaloError(-232, "User has not interacted with the OA yet")
            if self.welcomes_left is not None:
                self.welcomes_left -= 1
            return {"quota_type": "welcome_msg", "remain": self.welcomes_left, "total": 3}
        age = timedelta(seconds=self._account.clock.epoch() - self.last_interaction)
        if limits.window_days is not None and age > timedelta(days=limits.window_days):
            raise ZaloError(-230, "User has not interacted with the OA in the past 7 days")
        if limits.free_hours is None or age <= timedelta(hours=limits.free_hours):
            return {"quota_type": "reply"}  # unlimited since 2026, so no numbers
        return self._from_package()

    def says(self, text: str, *, quote: str | None = None) -> Json:
        """Write *text*, perhaps quoting a message id."""
        extra = {"quote_msg_id": quote} if quote else {}
        return self.sends("user_send_text", {"text": text, **extra})

    def presses(self, wanted: str) -> Json:
        """Press the newest button with this payload or label: it comes back as text.

        Raises LookupError if there is none; a button that opens a page sends nothing.
        """
        for one in reversed(self._account.accepted):
            for button in one.buttons if one.chat_id == self.id else ():
                if button.data and wanted in (button.data, button.label):
                    return self.says(button.data)
        raise LookupError(f"{self.name} sees no button {wanted!r}")

    def sends(self, event_name: str, message: Json) -> Json:
        """Send any message event; the other acts are made of this."""
        self.interacts()
        body = {**message, "msg_id": self._account.new_id()}
        return self._emit(self._envelope(event_name, {"message": body}))

    def sends_image(self, content: bytes = images.JPEG, *, caption: str = "") -> Json:
        """Send a picture."""
        url = self._account.publish(content, "jpg")
        text = {"text": caption} if caption else {}
        return self.sends("user_send_image", text | _attached("image", thumbnail=url, url=url))

    def sends_gif(self, content: bytes = images.GIF) -> Json:
        """Send a moving picture."""
        url = self._account.publish(content, "gif")
        return self.sends("user_send_gif", _attached("gif", thumbnail=url, url=url))

    def sends_link(self, url: str, description: str = "") -> Json:
        """Send a link with its preview."""
        payload = _attached("link", thumbnail=url, description=description, url=url)
        return self.sends("user_send_link", {"text": url, **payload})

    def sends_audio(self, content: bytes = b"#!AMR\n") -> Json:
        """Send a voice message."""
        return self.sends("user_send_audio", _attached("audio", url=self._account.publish(content, "amr")))

    def sends_video(self, content: bytes = b"\0\0\0\x18ftypmp42") -> Json:
        """Send a film."""
        url = self._account.publish(content, "mp4")
        payload = _attached("video", thumbnail=url, description="", url=url)
        return self.sends("user_send_video", payload)

    def sends_sticker(self, sticker: str = "bfe458bf64fa8da4d4eb") -> Json:
        """Send a sticker."""
        url = self._account.publish(images.PNG, "png")
        return self.sends("user_send_sticker", _attached("sticker", id=sticker, url=url))

    def sends_location(self, latitude: float, longitude: float, place: str = "") -> Json:
        """Send a place; its numbers are texts."""
        coordinates = {"latitude": str(latitude), "longitude": str(longitude)}
        payload = _attached("location", coordinates=coordinates)
        return self.sends("user_send_location", {"text": place, **payload})

    def sends_business_card(self, phone: str) -> Json:
        """Send a card: a link whose description is JSON in a text."""
        url = self._account.publish(images.PNG, "png")
        description = json.dumps({"phone": phone, "qrCodeUrl": url})
        payload = _attached("link", thumbnail=url, description=description, url=url)
        return self.sends("user_send_business_card", payload)

    def sends_file(self, content: bytes = images.PDF, name: str = "don.pdf") -> Json:
        """Send a file."""
        payload = _attached(
            "file",
            size=str(len(content)),
            name=name,
            checksum=hashlib.md5(content).hexdigest(),  # the platform's own choice
            type=name.rpartition(".")[2],
            url=self._account.publish(content, name.rpartition(".")[2]),
        )
        return self.sends("user_send_file", payload)

    def says_in_group(self, group_id: str, text: str) -> Json:
        """Write in a group of the OA."""
        return self.sends_in_group("user_send_group_text", group_id, {"text": text})

    def sends_in_group(self, event_name: str, group_id: str, message: Json) -> Json:
        """Send any message event of groups."""
        self.interacts()
        body = {**message, "msg_id": self._account.new_id()}
        event = self._envelope(event_name, {"message": body})
        event |= {"recipient": {"id": group_id}, "oa_id": self._account.oa_id}
        return self._emit(event)

    def follows(self, source: str = "oa_profile") -> Json:
        """Follow the OA: allows the welcome messages, opens no window."""
        self.follower = True
        return self._emit(self._about("follow", follower={"id": self.id}, source=source))

    def unfollows(self) -> Json:
        """Stop following."""
        self.follower = False
        return self._emit(self._about("unfollow", follower={"id": self.id}, source="oa_profile"))

    def submits_info(self, name: str, phone: str, address: str = "", ward: str = "") -> Json:
        """Fill in the contact card; what was typed proves nothing."""
        self.interacts()
        place = {"user_city": "", "user_ward": ward, "user_address": address}
        info = {"name": name, "phone": phone, "user_dob": "", "gender": "", "full_address": place}
        self.shared_info = {"name": name, "phone": phone, "address": address}
        return self._emit(self._envelope("user_submit_info", {"info": info}))

    def clicks_chatnow(self) -> Json:
        """Press "Nhắn tin"; opens the window."""
        self.interacts()
        return self._emit(self._about("user_click_chatnow", user_id=self.id))

    def sees(self, *message_ids: str) -> Json:
        """Look at messages on the phone; opens no window."""
        message = {"msg_ids": list(message_ids)}
        return self._emit(self._envelope("user_seen_message", {"message": message}))

    def receives(self, message_id: str) -> Json:
        """Let the phone confirm that a message arrived."""
        message = {"msg_id": message_id}
        return self._emit(self._envelope("user_received_message", {"message": message}))

    def reacts(self, message_id: str, icon: str = "/-heart") -> Json:
        """Put an icon on a message."""
        message = {"msg_id": message_id, "react_icon": icon}
        return self._emit(self._envelope("user_reacted_message", {"message": message}))

    def withdraws(self) -> Json:
        """Ask for everything to be erased."""
        event = self._about("user_withdraw", user_id=self.id)
        del event["oa_id"]
        return self._emit(event)

    def blocks(self) -> None:
        """Refuse the OA's messages: -244, and no event tells of it."""
        self.refuses_with = -244

    def unblocks(self) -> None:
        """Take messages again."""
        self.refuses_with = None

    def _from_package(self) -> Json:
        account = self._account
        if account.package_left is None:
            return {"quota_type": "sub_quota"}
        if account.package_left == 0:
            return {}
        account.package_left -= 1
        total = account.limits.package_messages
        return {"quota_type": "sub_quota", "remain": account.package_left, "total": total}

    def _envelope(self, event_name: str, content: Json) -> Json:
        return {
            "app_id": self._account.app_id,
            "sender": {"id": self.id},
            "user_id_by_app": self.id_by_app,
            "recipient": {"id": self._account.oa_id},
            "event_name": event_name,
            **content,
            "timestamp": self._account.now_ms(),
        }

    def _about(self, event_name: str, **content: object) -> Json:
        return {
            "oa_id": self._account.oa_id,
            **content,
            "user_id_by_app": self.id_by_app,
            "event_name": event_name,
            "app_id": self._account.app_id,
            "timestamp": self._account.now_ms(),
        }

    def _emit(self, event: Json) -> Json:
        return self._account.emit(event, self.id)


def _attached(kind: str, **payload: object) -> Json:
    return {"attachments": [{"type": kind, "payload": payload}]}
