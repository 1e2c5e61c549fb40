"""Staff and residents who talk to the ward at handler level, on a real database: in private and in a group."""

from dataclasses import dataclass, field
from typing import Any

from feedback import history
from handlers import room, staff, welcome
from handlers.memory import Memory
from handlers.talk import LABEL_LENGTH, MAX_CHOICES, SAY_BYTES, Incoming, Reply, Turn, plain
from knowledge import catalogue
from knowledge.fold import fold
from records import attachments, outbox, people
from records import staff as staff_records
from records.cases import Feedback, Staff
from records.tables import Address, ChannelName, Purpose
from tests.feedback.bench import CALENDAR, CONCERNS, OFFICERS, ROOM, WARD, Bench

CARDS = catalogue.load(catalogue.BUNDLED)
TELEGRAM = ChannelName.TELEGRAM
STRANGER = Address(TELEGRAM, "777")
NOBODY = "(chuyện khác)"


async def route(turn: Turn) -> Reply | None:
    """Lead a word where the house's router leads it, as far as staff are concerned."""
    if turn.incoming.group:
        return await room.answer(turn)
    reply = await staff.first(turn)
    if reply is not None:
        return reply
    text = _chosen(turn)
    word, _, argument = text.partition(" ")
    if text.startswith("/"):
        handler = staff.COMMANDS.get(word)
        return await (handler(turn.saying(argument.strip())) if handler else welcome.menu(turn.saying("")))
    step = staff.STEPS.get(turn.memory.step)
    return await step(turn) if step else Reply(text=NOBODY)


def _chosen(turn: Turn) -> str:
    text = turn.incoming.text
    for number, (label, say, line) in enumerate(turn.memory.choices, start=1):
        if fold(text) in (str(number), fold(label), fold(line)):
            return say
    return text


@dataclass
class Talk:
    """One person (or somebody nobody sees) who writes in private, or in a group."""

    bench: Bench
    who: Address | None
    heard: list[Reply | None] = field(default_factory=list)
    count: int = 0

    async def says(self, text: str, **more: Any) -> Reply:
        reply = await self.hears_perhaps(text, **more)
        assert reply is not None, text
        return reply

    async def presses(self, text: str, **more: Any) -> Reply:
        return await self.says(text, pressed=True, **more)

    async def in_group(self, text: str, group: Address = ROOM, *, pressed: bool = True) -> Reply | None:
        return await self.hears_perhaps(text, sender=group, group=True, author=self.who, pressed=pressed)

    async def hears_perhaps(self, text: str, **more: Any) -> Reply | None:
        self.count += 1
        sender = more.pop("sender", self.who)
        assert sender is not None
        key = f"in:{self.who and self.who.user}:{self.count}:{id(self)}"
        incoming = Incoming(key=key, sender=sender, text=text, sent_at=self.bench.now, **more)
        async with self.bench.database.writing() as db:
            memory = Memory.load(*await people.conversation(db, sender))
            await attachments.expect(db, sender, incoming.photos, "photo", self.bench.now)
            turn = Turn(
                incoming=incoming,
                memory=memory,
                ward=WARD,
                catalogue=CARDS,
                calendar=CALENDAR,
                concerns=CONCERNS,
                db=db,
                now=self.bench.now,
            )
            reply = await route(turn)
            if reply is not None:
                fits(reply)
                memory.choices = [[choice.label, choice.say, choice.line] for choice in reply.choices]
                await outbox.put(
                    db,
                    key=f"reply:{key}",
                    to=sender,
                    purpose=Purpose.REPLY,
                    text=reply.text,
                    now=self.bench.now,
                )
            await people.remember(db, sender, memory.step, memory.dump(), self.bench.now)
        self.heard.append(reply)
        return reply

    async def private(self) -> list[str]:
        """Everything written to this person's private chat so far."""
        return [
            plain(row.text or "")
            for row in await self.bench.told()
            if (row.channel, row.user) == self.who and not row.key.startswith("reply:")
        ]

    async def buttons(self) -> list[str]:
        """What the buttons say under the last thing written to the private chat."""
        rows = [row for row in await self.bench.told() if (row.channel, row.user) == self.who]
        return [say for _, say in rows[-1].choices]


def fits(reply: Reply) -> None:
    assert len(reply.choices) <= MAX_CHOICES
    for choice in reply.choices:
        assert len(choice.label) <= LABEL_LENGTH, choice.label
        assert len(choice.say.encode()) <= SAY_BYTES, choice.say


def hears(reply: Reply | None, *words: str) -> None:
    assert reply is not None
    for word in words:
        assert word in plain(reply.text), f"{word!r} not in {plain(reply.text)!r}"


def says_of(reply: Reply) -> list[str]:
    return [choice.say for choice in reply.choices]


def officer(bench: Bench, login: str) -> Talk:
    number = next(number for number, row in enumerate(OFFICERS, start=1) if row[0] == login)
    return Talk(bench, Address(TELEGRAM, str(number)))


async def case_now(bench: Bench, code: str) -> Feedback:

    async with bench.database.reading() as db:
        found = await history.by_code(db, code)
    assert found is not None
    return found


async def leaves(bench: Bench, login: str) -> Staff:
    async with bench.database.writing() as db:
        person = await staff_records.by_login(db, login)
        assert person is not None
        await staff_records.disable(db, person, bench.now)
        return person
