"""Events that no resident causes: staff in the console, groups, templates, and the unknown."""

from typing import Any

from .records import Hearing, Json
from .zalo_people import Account, Person


class Console:
    """The OA's own side, and the platform's. Whatever happens returns its event."""

    def __init__(self, account: Account) -> None:
        """Use `ZaloPeer.console` instead."""
        self._account = account

    def staff_says(self, person: Person, text: str, admin_id: str = "8421") -> Json:
        """Let a colleague write to *person* by hand; the event carries their id."""
        person.hearing.add(text)
        return self.echo(person.id, {"text": text}, self._account.new_id(), admin_id)

    def echo(self, user_id: str, message: Json, message_id: str, admin_id: str = "") -> Json:
        """Tell the webhook of a message of the OA, as the platform does for every one."""
        kind = "oa_send_image" if "attachment" in message and not message.get("text") else "oa_send_text"
        admin = {"admin_id": admin_id} if admin_id else {}
        body = {"text": message.get("text", ""), "msg_id": message_id}
        return self.anything(
            kind,
            sender={"id": self._account.oa_id, **admin},
            recipient={"id": user_id},
            message=body,
            key=user_id,
        )

    def tags(self, person: Person, name: str) -> Json:
        """Put a tag on *person*."""
        person.tags.append(name)
        tag = {"user_ids": [person.id], "name": name}
        return self.anything("add_user_to_tag", oa_id=self._account.oa_id, tag=tag)

    def untags(self, person: Person, name: str) -> Json:
        """Take a tag off *person*."""
        person.tags.remove(name)
        tag = {"user_ids": [person.id], "name": name}
        return self.anything("remove_user_from_tag", oa_id=self._account.oa_id, tag=tag)

    def group(self, event_name: str, group_id: str, *people: Person) -> Json:
        """Let something happen in a group: `user_join_group`, `delete_group` and the like."""
        users = [{"id": one.id} for one in people]
        return self.anything(event_name, oa_id=self._account.oa_id, group_id=group_id, users=users)

    def template_status(self, template_id: str, before: str, after: str, reason: str = "") -> Json:
        """Let a template be approved, refused or switched off."""
        status = {"prev_status": before, "new_status": after}
        oa_id = self._account.oa_id
        return self.anything(
            "change_template_status",
            oa_id=oa_id,
            template_id=template_id,
            status=status,
            reason=reason,
        )

    def template_quality(self, template_id: str, quality: str) -> Json:
        """Rate a template HIGH, MEDIUM, LOW or UNDEFINED."""
        oa_id = self._account.oa_id
        return self.anything("change_template_quality", oa_id=oa_id, template_id=template_id, quality=quality)

    def daily_quota(self, before: int, after: int) -> Json:
        """Change the day's number of templates; this event alone writes `oaId`."""
        quota = {"prev_value": str(before), "new_value": str(after)}
        return self.anything("change_oa_daily_quota", oaId=self._account.oa_id, quota=quota)

    def template_received(self, phone: str, message_id: str, tracking_id: str) -> Json:
        """Let the phone confirm a template: known by its number and `delivery_time`."""
        now = self._account.now_ms()
        message = {"delivery_time": now, "msg_id": message_id, "tracking_id": tracking_id}
        return self.anything(
            "user_received_message",
            sender={"id": self._account.oa_id},
            recipient={"id": phone},
            message=message,
        )

    def feedback(self, message_id: str, rate: int, note: str = "", tracking_id: str = "") -> Json:
        """Let somebody rate the service; nobody's id comes with it."""
        message = {
            "rating_type": "csat",
            "option": "five_emotions",
            "note": note,
            "rate": rate,
            "submit_time": self._account.now_ms(),
            "msg_id": message_id,
            "feedbacks": [],
            "tracking_id": tracking_id,
        }
        return self.anything("user_feedback", oa_id=self._account.oa_id, message=message)

    def tests_webhook(self) -> Json:
        """Press the console's test button: no sender, no message."""
        return self.anything("user_send_text")

    def anything(self, event_name: str, *, key: str = "console", **content: Any) -> Json:
        """Send an event of any name, also one that does not exist."""
        event = {
            "app_id": self._account.app_id,
            **content,
            "event_name": event_name,
            "timestamp": self._account.now_ms(),
        }
        return self._account.emit(event, key)


class Anonymous:
    """Somebody in the web widget, known for one conversation only."""

    def __init__(self, anonymous_id: str, conversation_id: str, account: Account) -> None:
        """Use `ZaloPeer.anonymous` instead."""
        self.id = anonymous_id
        self.conversation_id = conversation_id
        self.hearing = Hearing()
        self._account = account

    @property
    def heard(self) -> list[str]:
        """Return every text the OA wrote."""
        return self.hearing.texts

    async def hears(self, *fragments: str, within: float = 5) -> str:
        """Wait for a text of the OA, as `Person.hears`."""
        return await self.hearing.hears(*fragments, within=within)

    def says(self, text: str) -> Json:
        """Write *text*."""
        self.hearing.spoke()
        message_id = self._account.new_id()
        event = {
            "app_id": self._account.app_id,
            "sender": {"id": self.id},
            "recipient": {"id": self._account.oa_id},
            "event_name": "anonymous_send_text",
            "message": {
                "text": text,
                "msg_id": message_id,
                "conversation_id": self.conversation_id,
            },
            "timestamp": self._account.now_ms(),
        }
        return self._account.emit(event, self.id)
