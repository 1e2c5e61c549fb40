"""Groups of the Official Account (GMF): who is in them, what they hear, when they end.

The OA makes the group; a group lives as long as the package it was made from (reference,
section 7). Messages are free, round the clock, without a window.
"""

import re
from dataclasses import dataclass, field

from . import images
from .records import Hearing, Json
from .zalo_people import Account, Person
from .zalo_wire import ZaloError

_MENTION = re.compile(r"\[@([^\[\]]+)\]")


@dataclass(kw_only=True)
class Group:
    """One group. `mentioned` are those whose phones a message of the OA rang by name."""

    id: str
    account: Account
    members: dict[str, Person]
    hearing: Hearing = field(default_factory=Hearing)
    mentioned: list[str] = field(default_factory=list)
    expired: bool = False
    oa_is_in: bool = True

    @property
    def heard(self) -> list[str]:
        """Return every text the OA wrote here, in order."""
        return self.hearing.texts

    async def hears(self, *fragments: str, within: float = 5) -> str:
        """Wait for a text of the OA, as `Person.hears`."""
        return await self.hearing.hears(*fragments, within=within)

    def says(self, person: Person, text: str) -> Json:
        """Let a member write *text*. Raises PermissionError for anybody else."""
        return self.sends(person, "user_send_group_text", {"text": text})

    def sends_image(self, person: Person, content: bytes = images.JPEG, *, caption: str = "") -> Json:
        """Let a member send a picture."""
        url = self.account.publish(content, "jpg")
        attached = {"attachments": [{"type": "image", "payload": {"thumbnail": url, "url": url}}]}
        return self.sends(person, "user_send_group_image", {"text": caption, **attached})

    def sends(self, person: Person, event_name: str, message: Json) -> Json:
        """Let a member send any message event of groups."""
        if person.id not in self.members:
            msg = f"{person.name} is not in this group"
            raise PermissionError(msg)
        self.hearing.spoke()
        return person.sends_in_group(event_name, self.id, message)

    def closes(self) -> Json:
        """Delete the group, as its administrator can."""
        self.oa_is_in = False
        event = {
            "oa_id": self.account.oa_id,
            "group_id": self.id,
            "event_name": "delete_group",
            "app_id": self.account.app_id,
            "timestamp": self.account.now_ms(),
        }
        return self.account.emit(event, self.id)

    def admit(self) -> None:
        """Raise ZaloError where the OA may not write."""
        if self.expired:
            raise ZaloError(-237, "The group has expired")
        if not self.oa_is_in:
            raise ZaloError(-403, "The OA is not in this group")

    def hear(self, text: str) -> None:
        """Show *text* to everybody here, and ring whom it names."""
        self.mentioned += _MENTION.findall(text)
        self.hearing.add(text)
