"""Telegram's groups: who is in them, their topics, and what happens to them."""

from .records import Json
from .telegram_chats import Chat, Exchange, Person, member_update

_FIRST_SUPERGROUP = -(10**12)
_HIDDEN_ADMINISTRATOR = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
_FOR_A_CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}


class Group:
    """A group, or a supergroup when its number says so. The bot hears nothing before it is added.

    Whoever speaks is a member; `gone` are those who left or were thrown out.
    """

    def __init__(self, chat: Chat, exchange: Exchange, *, bot_sees_all: bool) -> None:
        """Use `TelegramPeer.group` instead."""
        self.chat = chat
        self.bot_sees_all = bot_sees_all
        self.members: dict[int, Person] = {}
        self.gone: set[int] = set()
        self._exchange = exchange

    @property
    def id(self) -> int:
        """Return the negative number of the group."""
        return self.chat.id

    @property
    def heard(self) -> list[str]:
        """Return every text the bot wrote here, in any topic."""
        return self.chat.hearing.texts

    def heard_in(self, topic: int | None) -> list[str]:
        """Return every text the bot wrote in one topic; None is General."""
        return [
            str(one.get("text", one.get("caption", "")))
            for one in self.chat.messages.values()
            if one["from"]["id"] == self._exchange.bot["id"] and one.get("message_thread_id") == topic
        ]

    async def hears(self, *fragments: str, within: float = 5) -> str:
        """Wait for a text of the bot, as `Person.hears`."""
        return await self.chat.hearing.hears(*fragments, within=within)

    def joins(self, *people: Person) -> Json:
        """Let *people* in; the bot sees a service message."""
        self.members |= {one.id: one for one in people}
        self.gone -= {one.id for one in people}
        who = [one.user for one in people]
        return self._tells({"from": who[0], "new_chat_members": who})

    def leaves(self, person: Person) -> Json:
        """Let *person* go: they can do nothing here any more."""
        self.members.pop(person.id, None)
        self.gone.add(person.id)
        return self._tells({"from": person.user, "left_chat_member": person.user})

    def adds_bot(self, by: Person) -> Json:
        """Let *by* add the bot, with the right to manage topics."""
        self.members.setdefault(by.id, by)
        self.chat.known, self.chat.closed_because = True, None
        return member_update(self._exchange, self.chat, by.user, ("left", "administrator"))

    def removes_bot(self, by: Person) -> Json:
        """Let *by* throw the bot out: from now on 403."""
        self.chat.closed_because = f"Forbidden: bot was kicked from the {self.chat.face['type']} chat"
        return member_update(self._exchange, self.chat, by.user, ("administrator", "kicked"))

    def admin_says(self, text: str, *, topic: int | None = None) -> Json:
        """Let an administrator write who hides behind the group: nobody can tell which one."""
        content = {"from": _HIDDEN_ADMINISTRATOR, "sender_chat": self.chat.face, "text": text}
        return self._tells(content | self.place(topic))

    def channel_says(self, text: str, channel: int = -1_009_000_000_001) -> Json:
        """Let somebody write in the name of a channel of theirs."""
        face = {"id": channel, "type": "channel", "title": "Tin phường"}
        return self._tells({"from": _FOR_A_CHANNEL, "sender_chat": face, "text": text})

    def migrates_to(self, new: "Group") -> Json:
        """Give the group the id of *new*: a service message, then 400 for the old one."""
        self.chat.moved_to = new.id
        new.chat.known = True
        new.members |= self.members
        return self._tells({"migrate_to_chat_id": new.id, "from": self._exchange.bot})

    def opens_topic(self, name: str) -> int:
        """Open a topic; return its number. Raises ValueError where there is no forum."""
        if self.chat.topics is None:
            raise ValueError(name)
        thread = next(self._exchange.serial)
        self.chat.topics[thread] = name
        return thread

    def deletes_topic(self, thread: int) -> None:
        """Delete a topic; writing to it gives 400 afterwards."""
        if self.chat.topics:
            self.chat.topics.pop(thread, None)

    def place(self, topic: int | None) -> Json:
        """Return what a message in *topic* says of its place. Raises LookupError for no topic."""
        if topic is None:
            return {}
        if topic not in (self.chat.topics or {}):
            raise LookupError(topic)
        return {"message_thread_id": topic, "is_topic_message": True}

    def _tells(self, content: Json) -> Json:
        message = self.chat.keep(content, self._exchange)
        return self._exchange.post("message", message, self.id)


def face_of(number: int, title: str, *, forum: bool) -> Json:
    """Return what a message shows of the group with this number."""
    kind = "supergroup" if forum or number <= _FIRST_SUPERGROUP else "group"
    return {"id": number, "type": kind, "title": title} | ({"is_forum": True} if forum else {})
