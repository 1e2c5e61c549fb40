"""Have what came in answered: one message, one transaction, one person after another's turn.

The reply, what it changes, and that the message is handled are one commit: a crash leaves
all of it or nothing, and the message waits on. A person's messages are taken in order,
different people's side by side.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channel import Arrival, Channel, Movement, Presence, Receipt, Unreadable
from feedback import erasure
from feedback.work import Work
from handlers import flood, router, talk
from handlers.memory import Memory
from handlers.phrases import common
from handlers.phrases import report as report_phrases
from handlers.talk import Incoming, Reply, Turn
from knowledge.calendar import Calendar, here
from knowledge.catalogue import Catalogue
from knowledge.concerns import Concerns
from knowledge.ward import Ward
from letters import release
from records import attachments, inbox, outbox, people
from records.database import Database, is_away
from records.tables import Address, ChannelName, Purpose, Received

SIDE_BY_SIDE = 32  # people answered at once
IDLE_S = 1.0  # how long to wait for the alarm clock before looking by ourselves

PAUSES_S = (
    0.2,
    1.0,
    3.0,
    0.0,
)  # after which a message is tried again while the database is away; then its lease ends

GIVE_UP_AFTER = timedelta(hours=6)  # somebody who waits so long is told, and their next words are heard

log = logging.getLogger(__name__)


class Shelf(Protocol):
    """What every conversation may look things up in; it is exchanged when an edition appears."""

    ward: Ward
    catalogue: Catalogue
    calendar: Calendar
    concerns: Concerns


class Dispatcher:
    """Takes waiting messages and has each answered once."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[ChannelName, Channel],
        shelf: Shelf,
        *,
        clock: Callable[[], datetime],
        wake: Callable[[ChannelName], None],
        bring: Callable[[], None],
        per_minute: int,
    ) -> None:
        self._database = database
        self._channels = channels
        self._shelf = shelf
        self._clock = clock
        self._wake = wake
        self._bring = bring
        self._per_minute = per_minute
        self._stopping = False

    async def run(self, alarm: asyncio.Event) -> None:
        """Answer until `stop`; *alarm* rings when something new has been kept."""
        while not self._stopping:
            alarm.clear()
            try:
                busy = await self.take()
            except Exception:  # the loop outlives a database that is away for a while
                log.exception("dispatcher: %s", _incident())
                busy = 0
                await asyncio.sleep(IDLE_S)  # the database is away; asking faster would not help
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(alarm.wait(), IDLE_S)

    def stop(self, alarm: asyncio.Event) -> None:
        """Take nothing new; what is being answered is finished by `run` before it returns."""
        self._stopping = True
        alarm.set()

    async def take(self) -> int:
        """Answer one message of each waiting person, up to `SIDE_BY_SIDE`; return how many."""
        async with self._database.writing() as db:
            rows = await inbox.next_for(db, self._clock(), SIDE_BY_SIDE)
        await asyncio.gather(*(self.answer(row) for row in rows))
        return len(rows)

    async def answer(self, row: Received) -> None:
        """Answer one stored message once, however often it is tried.

        A database that is away is waited for. If it is there and this very message still fails
        after `GIVE_UP_AFTER`, it gets an apology, so that it does not block its person for ever.
        """
        for pause_s in PAUSES_S:
            try:
                queued = await self._once(row)
            except Exception as error:  # one bad message must not stop the others; it is told by its code
                if is_away(error):  # not the message's fault
                    log.warning("message %s waits: %s", row.key, type(error).__name__)
                    await asyncio.sleep(pause_s)
                    continue
                incident = _incident()
                log.exception("message %s failed: %s", row.key, incident)
                queued = await self._apologise(row, incident)
            if queued:
                self._wake(row.channel)
            return
        if self._clock() - row.received_at >= GIVE_UP_AFTER:
            await self._give_up(row)

    async def _give_up(self, row: Received) -> None:
        incident = _incident()
        log.error("message %s is given up: %s", row.key, incident)
        if await self._apologise(row, incident):
            self._wake(row.channel)

    async def _once(self, row: Received) -> bool:
        event = self._read(row)
        async with self._database.writing() as db:
            queued = await self._handle(db, row, event)
        if isinstance(event, Incoming) and (event.photos or event.voice):
            self._bring()
        return queued

    def _read(self, row: Received) -> Incoming | Receipt | Movement | None:
        """Understand what was stored; None when there is nothing to do."""
        try:
            return self._channels[row.channel].read(_arrival(row), self._clock())
        except Unreadable:
            log.warning("message %s is unreadable", row.key)
            return None

    async def _handle(
        self, db: AsyncSession, row: Received, event: Incoming | Receipt | Movement | None
    ) -> bool:
        """Do everything one message asks for, in the caller's transaction; tell whether a reply waits."""
        now = self._clock()
        outcome = "ignored" if event is None else type(event).__name__.lower()
        if not await inbox.done(db, row.id or 0, now, outcome):
            return False
        if isinstance(event, Incoming):
            return await self._converse(db, event, now)
        if isinstance(event, Receipt):
            await outbox.note_receipt(db, row.channel, event.refs, event.state)
        if isinstance(event, Movement):
            return await self._move(db, event, row.key, now)
        return False

    async def _converse(self, db: AsyncSession, incoming: Incoming, now: datetime) -> bool:
        memory = Memory.load(*await people.conversation(db, incoming.sender))
        await people.heard(db, incoming.sender, min(incoming.sent_at, now))
        if not incoming.group:
            await release.spoke(db, incoming.sender)
        incoming = await self._expect_files(db, incoming, now)
        turn = Turn(
            incoming=incoming,
            memory=memory,
            ward=self._shelf.ward,
            catalogue=self._shelf.catalogue,
            calendar=self._shelf.calendar,
            concerns=self._shelf.concerns,
            db=db,
            now=now,
        )
        reply = await flood.calm(turn, self._per_minute, router.answer)
        await people.remember(db, incoming.sender, memory.step, memory.dump(), now)
        return reply is not None and await _queue(db, incoming.sender, incoming.key, reply, now)

    async def _expect_files(self, db: AsyncSession, incoming: Incoming, now: datetime) -> Incoming:
        """Note what is to be fetched; return *incoming* without what is too much for one day."""
        if incoming.group:  # what people show each other is not for us
            return incoming
        who, voice = incoming.sender, [incoming.voice] if incoming.voice else []
        photos = await attachments.expect(db, who, incoming.photos, "photo", now)
        voices = await attachments.expect(db, who, voice, "voice", now)
        if len(photos) + len(voices) < len(incoming.photos) + len(voice):
            reply = Reply(text=report_phrases.TOO_MANY_TODAY.format(most=attachments.MOST_A_DAY))
            await _queue(db, who, f"files:{who.channel}:{who.user}:{here(now).date()}", reply, now)
        return replace(incoming, photos=tuple(photos), voice=voices[0] if voices else None)

    async def _move(self, db: AsyncSession, movement: Movement, key: str, now: datetime) -> bool:
        """Note that somebody came or went; a newcomer is greeted."""
        who = movement.who
        if movement.moved_to:
            await people.move(db, who, movement.moved_to)
            await outbox.move(db, who.channel, who.user, movement.moved_to)
        elif movement.what in (Presence.LEFT, Presence.WITHDREW):
            gone = await people.switch_off(db, who, movement.at, movement.what)
            if gone and movement.what is Presence.WITHDREW:
                await erasure.forget_person(self._work(db, now), who)
        elif movement.what is Presence.CAME:
            greeting = Incoming(key=key, sender=who, text="/batdau", sent_at=movement.at, pressed=True)
            return await self._converse(db, greeting, now)
        else:
            await people.heard(db, who, min(movement.at, now))
        return False

    def _work(self, db: AsyncSession, now: datetime) -> Work:
        shelf = self._shelf
        return Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=now)

    async def _apologise(self, row: Received, incident: str) -> bool:
        """Say sorry once, with the code, and let the message rest."""
        now = self._clock()
        try:
            async with self._database.writing() as db:
                if not await inbox.done(db, row.id or 0, now, f"failed:{incident}"):
                    return False
                reply = Reply(text=common.incident(incident, self._shelf.ward.hotline))
                return await _queue(db, Address(row.channel, row.user), row.key, reply, now)
        except Exception:  # the database is away; the lease runs out and it is tried again
            log.exception("message %s stays waiting: %s", row.key, incident)
            return False


async def _queue(db: AsyncSession, to: Address, key: str, reply: Reply, now: datetime) -> bool:
    """Put *reply* in the outbox: one delivery a piece, since each must be one call to the platform."""
    name, due_at = reply.key or f"reply:{key}", now + reply.delay
    text = talk.with_numbers(reply.text, reply.choices)
    if reply.key and await outbox.rewrite(db, name, text, due_at):
        return True
    *earlier, last = talk.pieces(text)
    for number, piece in enumerate(earlier, start=1):
        await outbox.put(
            db, key=f"{name}:{number}", to=to, purpose=Purpose.REPLY, text=piece, now=now, due_at=due_at
        )
    choices = [(choice.label, choice.say) for choice in reply.choices]
    return await outbox.put(
        db, key=name, to=to, purpose=Purpose.REPLY, text=last, now=now, due_at=due_at, choices=choices
    )


def _arrival(row: Received) -> Arrival:
    return Arrival(key=row.key, user=row.user, body=row.body or "")


def _incident() -> str:
    return f"SC-{secrets.token_hex(3).upper()}"
