"""What the OA sends on Zalo: consultation, reaction, broadcast, templates."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from .records import Accepted, Json, Ledger
from .zalo_console import Anonymous, Console
from .zalo_groups import Group
from .zalo_limits import over
from .zalo_messages import Judged, judge, judge_for_group
from .zalo_people import Account, Person
from .zalo_uploads import Uploads
from .zalo_wire import ZaloError

STATE_AGENCY = 4
_VIETNAM = timezone(timedelta(hours=7))
_DAY_HOURS = range(6, 22)  # broadcast is refused from 22:00 to 05:59
_TRACKING = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, kw_only=True)
class Template:
    """An approved wording; `text` has its parameters as `{name}`, `lengths` their limits.

    `by_phone_only` is one made before 2025-12-10, `day_only` has the flag against the night,
    `most` is its own number of messages.
    """

    text: str
    lengths: Mapping[str, int] = field(default_factory=dict)
    status: str = "ENABLE"
    by_phone_only: bool = False
    day_only: bool = False
    most: int | None = None


@dataclass(kw_only=True)
class Sending:
    """The methods that reach a person. Each raises ZaloError, or is recorded."""

    account: Account
    ledger: Ledger
    uploads: Uploads
    console: Console
    people: dict[str, Person]
    strangers: dict[str, Anonymous]
    templates: dict[str, Template]
    groups: dict[str, Group]
    echoes: bool

    def consult_v3(self, method: str, body: Json) -> Json:
        """Answer `v3.0/oa/message/cs`; closed to a state agency."""
        if self.account.oa_type == STATE_AGENCY:
            raise ZaloError(-235, "This API does not support this type of OA")
        return self._consult(method, body)

    def message_v2(self, method: str, body: Json) -> Json:
        """Answer `v2.0/oa/message`: reaction, broadcast, anonymous; for an agency also cs."""
        recipient = _recipient(body)
        if "sender_action" in body:
            return self._react(method, body)
        if "target" in recipient:
            return self._broadcast(method, body)
        if "user_id" in recipient and self.account.oa_type != STATE_AGENCY:
            raise ZaloError(-240, "API v2 is closed, please use v3")
        return self._consult(method, body)

    def to_group(self, method: str, body: Json) -> Json:
        """Answer `v3.0/oa/group/message`; no window applies."""
        group = self.groups.get(str(_recipient(body).get("group_id", "")))
        if group is None:
            raise ZaloError(-403, "The OA is not in this group")
        group.admit()
        judged = judge_for_group(body.get("message"), self.account.limits, self.uploads.get)
        message_id = self._record(method, group.id, judged, body)
        group.hear(judged.text)
        return {"message_id": message_id, "group_id": group.id, "sent_time": self.account.now_ms()}

    def template_by_user(self, method: str, body: Json) -> Json:
        """Answer `v3.0/oa/message/template`; no window applies."""
        person = self._known(str(body.get("user_id", "")))
        if person.refuses_with is not None:
            raise ZaloError(person.refuses_with, "User does not receive this message")
        known = self.templates.get(str(body.get("template_id", "")))
        if known is not None and known.by_phone_only:
            raise ZaloError(-249, "Template cannot be sent by user id")
        text = self._filled(body, person)
        message_id = self._record(method, person.id, Judged(text=text), body)
        person.hearing.add(text)
        return {
            "message_id": message_id,
            "user_id": person.id,
            "sent_time": self.account.now_ms(),
            "quota": {"quota_type": "sub_quota"},
        }

    def template_by_phone(self, method: str, body: Json) -> Json:
        """Answer `message/template` of the business host."""
        tracking = str(body.get("tracking_id", ""))
        if not _TRACKING.fullmatch(tracking) or over(len(tracking), self.account.limits.tracking_id):
            raise ZaloError(-132, "Parameter tracking_id is invalid")
        phone = str(body.get("phone", "")).removeprefix("+")
        if not re.fullmatch(r"84\d{8,10}", phone):
            raise ZaloError(-108, "Phone number is invalid")
        owner = next((one for one in self.people.values() if one.phone == phone), None)
        if owner is None:
            raise ZaloError(-118, "Zalo account does not exist")
        if owner.refuses_with is not None:
            raise ZaloError(-141, "User refuses templates of this OA")
        text = self._filled(body, owner)
        message_id = self._record(method, owner.id, Judged(text=text), body)
        owner.hearing.add(text)
        return {
            "msg_id": message_id,
            "sent_time": self.account.now_ms(),
            "sending_mode": body.get("sending_mode", "1"),
            "quota": {"dailyQuota": "2000", "remainingQuota": "1999"},
        }

    def _consult(self, method: str, body: Json) -> Json:
        recipient = _recipient(body)
        if "anonymous_id" in recipient:
            return self._to_stranger(method, recipient, body)
        person = self._known(str(recipient.get("user_id", "")))
        judged = self._judged(body)
        quota = person.admit()
        message_id = self._record(method, person.id, judged, body)
        person.hearing.add(judged.text)
        if self.echoes:
            self.console.echo(person.id, body["message"], message_id)
        data = {"message_id": message_id, "user_id": person.id, "sent_time": self.account.now_ms()}
        if not quota:  # charged, and this is how one sees it
            return data
        owner = {"owner_type": "OA", "owner_id": self.account.oa_id}
        return {**data, "quota": {**quota, **owner, "expired_date": self._month_end()}}

    def _to_stranger(self, method: str, recipient: Json, body: Json) -> Json:
        stranger = self.strangers.get(str(recipient["anonymous_id"]))
        if stranger is None or recipient.get("conversation_id") != stranger.conversation_id:
            raise ZaloError(-201, "anonymous_id or conversation_id is invalid")
        judged = self._judged(body)
        message_id = self._record(method, stranger.id, judged, body)
        stranger.hearing.add(judged.text)
        return {"message_id": message_id, "sent_time": self.account.now_ms()}

    def _react(self, method: str, body: Json) -> Json:
        person = self._known(str(_recipient(body).get("user_id", "")))
        action = body["sender_action"]
        if not isinstance(action, dict) or not {"react_icon", "react_message_id"} <= action.keys():
            raise ZaloError(-201, "sender_action is invalid")
        judged = Judged(text=str(action["react_icon"]))
        return {"message_id": self._record(method, person.id, judged, body), "user_id": person.id}

    def _broadcast(self, method: str, body: Json) -> Json:
        if self._hour() not in _DAY_HOURS:
            raise ZaloError(-234, "Broadcast is not sent from 22:00 to 05:59")
        try:
            elements = body["message"]["attachment"]["payload"]["elements"]
            articles = [one["attachment_id"] for one in elements if one["media_type"] == "article"]
        except (KeyError, TypeError) as error:
            raise ZaloError(-201, "message is invalid") from error
        if not 1 <= len(articles) == len(elements) <= 5:
            raise ZaloError(-201, "a broadcast has one to five articles")
        return {"message_id": self._record(method, "followers", Judged(), body)}

    def _judged(self, body: Json) -> Judged:
        return judge(body.get("message"), self.account.limits, self.uploads.get)

    def _known(self, user_id: str) -> Person:
        if user_id not in self.people:
            raise ZaloError(-213, "User has not interacted with the OA")
        return self.people[user_id]

    def _filled(self, body: Json, person: Person) -> str:
        template = self.templates.get(str(body.get("template_id", "")))
        if template is None:
            raise ZaloError(-109, "Template is invalid")
        developing = body.get("mode") == "development"
        if developing and not person.is_admin:
            raise ZaloError(-127, "A test template reaches admins only")
        if template.status != "ENABLE" and not developing:
            raise ZaloError(-131, "Template is not approved")
        if template.day_only and self._hour() not in _DAY_HOURS:
            raise ZaloError(-133, "This template is not sent at night")
        self._within_quota(str(body["template_id"]), template)
        data = body.get("template_data")
        if not isinstance(data, dict) or not data:
            raise ZaloError(-111, "Template data is empty")
        return template.text.format_map(_checked(data, template.lengths))

    def _within_quota(self, template_id: str, template: Template) -> None:
        """Raise ZaloError where the number of a template, or of a day (86,400 s here), is used up."""
        sent = [one for one in self.ledger.accepted if "template_id" in one.payload]
        if template.most is not None:
            own = sum(str(one.payload["template_id"]) == template_id for one in sent)
            if own >= template.most:
                raise ZaloError(-147, "Template is over its quota")
        since = self.account.clock.tick() - 86_400
        if over(sum(one.at > since for one in sent) + 1, self.account.limits.templates_per_day):
            raise ZaloError(-144, "OA is over its daily quota")

    def _hour(self) -> int:
        return datetime.fromtimestamp(self.account.clock.epoch(), UTC).astimezone(_VIETNAM).hour

    def _record(self, method: str, chat_id: str, judged: Judged, body: Json) -> str:
        message_id = self.account.new_id()
        self.ledger.accepted.append(
            Accepted(
                method=method,
                chat_id=chat_id,
                text=judged.text,
                payload=body,
                message_id=message_id,
                at=self.account.clock.tick(),
                buttons=judged.buttons,
                files=judged.files,
                paced="sender_action" not in body,
            )
        )
        return message_id

    def _month_end(self) -> str:
        now = datetime.fromtimestamp(self.account.clock.epoch(), UTC).astimezone(_VIETNAM)
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        return (first - timedelta(days=1)).strftime("%d/%m/%Y")


def _recipient(body: Json) -> Json:
    recipient = body.get("recipient")
    if not isinstance(recipient, dict):
        raise ZaloError(-201, "recipient is invalid")
    return recipient


def _checked(data: Json, lengths: Mapping[str, int]) -> dict[str, str]:
    for name, length in lengths.items():
        value = data.get(name)
        if value is None or value == "":
            raise ZaloError(-1122, f"Template data lacks {name}")
        if len(unicodedata.normalize("NFC", str(value))) > length:
            raise ZaloError(-1121, f"Template data {name} is too long")
    if extra := data.keys() - lengths.keys():
        raise ZaloError(-112, f"Template data {sorted(extra)} is not defined")
    return {name: str(value) for name, value in data.items()}
