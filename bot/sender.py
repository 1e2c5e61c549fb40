"""Carry deliveries out: claim in one transaction, send with none open, record in another.

Every way a send may end has one consequence, by the five errors of `channel`. A claim takes
only what may leave at once, so that a crash leaves few deliveries in doubt.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channel import (
    Channel,
    Misconfigured,
    Outgoing,
    Refused,
    SendError,
    Throttled,
    Unavailable,
    Unreachable,
    Window,
)
from bot.pace import Call, Pace
from handlers.talk import Choice
from knowledge.sending import LETTERS
from records import counters, gate, outbox, people
from records.database import Database, is_away
from records.tables import Address, Contact, Delivery, Purpose

PAUSES_S = (0.2, 0.5, 1.0, 2.0)  # between two tries to record how a send ended
SEND_LIMIT_S = 50  # shorter than the lease of `outbox`: nobody else may claim what we are sending
SHORTEST_S = 0.001  # to sleep for a slot
IDLE = timedelta(seconds=1)  # how long to sleep when nothing rings
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=1)  # somebody may be waiting for a reply
DOUBT_PAUSE = timedelta(seconds=5)  # the one repeat should not fall into the same trouble
REPAIR_PAUSE = timedelta(minutes=5)  # between two tries while our credentials are wrong
HANDS_KEPT = 3  # one hand in so many is kept for the urgent while letters go out
COUNTED = frozenset({Purpose.REPLY, Purpose.ALERT, Purpose.RESULT_READY})  # worth paying for

log = logging.getLogger(__name__)


class Sender:
    """Sends what is due on one channel."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        *,
        clock: Callable[[], datetime],
        counted_per_month: int = 0,
    ) -> None:
        self._database = database
        self.channel = channel
        self._clock = clock
        self._counted_per_month = counted_per_month
        self._alarm = asyncio.Event()
        self._pace = Pace(channel.limits.per_second, monotonic)
        self._flying: set[asyncio.Task[None]] = set()
        self._stopping = False

    def wake(self) -> None:
        """Look now: something was queued."""
        self._alarm.set()

    def stop(self) -> None:
        """Claim nothing new; `run` returns when what is under way has been recorded."""
        self._stopping = True
        self._alarm.set()

    async def run(self) -> None:
        """Send until `stop`."""
        while not self._stopping:
            self._alarm.clear()
            try:
                rest = await self.drain()
            except Exception:  # the loop outlives a database that is away for a while
                log.exception("sender %s: SC-%s", self.channel.name, secrets.token_hex(3).upper())
                rest = IDLE.total_seconds()
            if rest > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._alarm.wait(), rest)
        if self._flying:
            await asyncio.wait(self._flying)

    async def drain(self) -> float:
        """Start sending what may leave now; return for how many seconds there is nothing to do."""
        free = self.channel.limits.in_flight - len(self._flying)
        if free < 1:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return 0
        if not self._pace.free():
            return min(self._pace.wait_s(), gate.HORIZON.total_seconds() / 2)
        now = self._clock()
        async with self._database.writing() as db:
            room, alone = await self._room(db, now, free)
            bulk = self._for_bulk(now, room, free)
            rows = await outbox.claim(db, self.channel.name, now, len(room.slots))
            rows += await outbox.claim(db, self.channel.name, now, bulk - len(rows), bulk=True)
            if rows:
                await self._take(db, now, room, len(rows))
            known = [await people.contact(db, Address(row.channel, row.user)) for row in rows]
        for row, slot, contact in zip(rows, room.slots, known, strict=False):
            self._launch(row, None if alone else slot, contact)
        if rows:
            return 0
        return await self._rest(now, room, bulk=bulk > 0)

    async def _room(self, db: AsyncSession, now: datetime, free: int) -> tuple[gate.Room, bool]:
        """Lock the gate and look what may leave; alone on the road, no more than there are seats."""
        found = await gate.locked(db, self.channel.name)
        alone = self._pace.alone(found.next_at, now)
        limit = min(free, self._pace.free()) if alone else free
        return gate.room_at(found, self.channel.limits.per_second, now, limit=limit, alone=alone), alone

    def _for_bulk(self, now: datetime, room: gate.Room, free: int) -> int:
        """Tell how many may leave before the road is closed to bulk; not every hand is for letters."""
        kept = self.channel.limits.in_flight // HANDS_KEPT
        return min(len(room.slots), free - kept) if room.bulk and LETTERS.allow(now) else 0

    async def _take(self, db: AsyncSession, now: datetime, room: gate.Room, used: int) -> None:
        """Use slots up; the next is not before a seat is free, so that whoever comes new keeps the rate too."""
        seat_at = now + timedelta(seconds=self._pace.wait_s(used))
        left = await gate.take(db, self.channel.name, room, used=used, not_before=seat_at)
        self._pace.leaves_gate(left)

    async def _rest(self, now: datetime, room: gate.Room, *, bulk: bool) -> float:
        """Tell how long to sleep: until the gate opens, a slot or a seat comes, or something is due."""
        if room.closed_until:
            return min((room.closed_until - now).total_seconds(), IDLE.total_seconds())
        if not room.slots:
            slot_s = (room.next_at - now).total_seconds()
            return min(max(slot_s, self._pace.wait_s(), SHORTEST_S), gate.HORIZON.total_seconds() / 2)
        async with self._database.reading() as db:
            due = await outbox.next_due(db, self.channel.name, bulk=bulk)
        if due is None:
            return IDLE.total_seconds()
        return max(0.02, min((due - now).total_seconds(), IDLE.total_seconds()))

    def _launch(self, row: Delivery, slot: datetime | None, contact: Contact | None) -> None:
        task = asyncio.create_task(
            self._carry(row, slot, contact, self._pace.begin()), name=f"send {row.key}"
        )
        self._flying.add(task)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._alarm.set()
        if not task.cancelled() and task.exception() is not None:
            incident = secrets.token_hex(3).upper()
            log.error("%s: SC-%s", task.get_name(), incident, exc_info=task.exception())

    async def _carry(self, row: Delivery, slot: datetime | None, contact: Contact | None, call: Call) -> None:
        """Send one delivery, at its slot if it has one, and record how it ended."""
        counted = False
        try:
            if slot is not None:
                await self._keep_slot(slot)
            await self._pace.turn(call)
            counted = await self._in_window(row, contact)
            ref = await self._send(_outgoing(row, contact))
        except SendError as error:
            await self._record(partial(self._went_wrong, row=row, error=error))
            return
        finally:
            self._pace.end(call)
        await self._record(partial(self._went_well, row=row, ref=ref, counted=counted))

    async def _record(self, outcome: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Note how a send ended, before other writers; until it is noted, it is in doubt.

        A database that is away for a moment is waited for; longer than that, the lease decides.
        """
        for pause_s in PAUSES_S:
            try:
                async with self._database.writing(urgent=True) as db:
                    await outcome(db)
            except Exception as error:  # anything else is a mistake of ours and rises
                if not is_away(error):
                    raise
                log.warning("an outcome waits to be recorded: %s", type(error).__name__)
                await asyncio.sleep(pause_s)
            else:
                return

    async def _keep_slot(self, slot: datetime) -> None:
        """Wait for *slot*; if the machine stalled and it has passed, wait for another one.

        Late messages would meet those that are on time, in one second too many.
        """
        while True:
            await asyncio.sleep(max(0.0, (slot - self._clock()).total_seconds()))
            if self._clock() - slot <= gate.LATE:
                return
            slot = await self._another_slot()

    async def _another_slot(self) -> datetime:
        name, rate = self.channel.name, self.channel.limits.per_second
        while True:
            async with self._database.writing() as db:
                room = await gate.look(db, name, rate, self._clock(), limit=1)
                if room.slots:
                    await self._take(db, self._clock(), room, 1)
                    return room.slots[0]
            if room.closed_until is not None:
                raise Throttled("the gate was closed meanwhile", room.closed_until - self._clock())
            await asyncio.sleep(gate.HORIZON.total_seconds() / 2)

    async def _send(self, message: Outgoing) -> str:
        """Send within the lease, whatever the channel has to renew or upload on the way."""
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                return await self.channel.send(message)
        except TimeoutError as error:
            raise Unavailable("took longer than a lease allows", doubtful=True) from error

    async def _in_window(self, row: Delivery, contact: Contact | None) -> bool:
        """Tell whether this message is paid for. Raises `Refused` when the window is closed.

        A form the platform approved needs no window, but it always costs.
        """
        now = self._clock()
        window = self.channel.window(contact.heard_at if contact else None, now, row.user)
        if row.template is None and window is Window.OPEN:
            return False
        if row.template is not None or (window is Window.COUNTED and row.purpose in COUNTED):
            async with self._database.reading() as db:
                if await counters.last(db, self._series(now)) < self._counted_per_month:
                    return True
        raise Refused("window_closed")

    def _series(self, now: datetime) -> str:
        return f"counted:{self.channel.name}:{now:%Y-%m}"

    async def _went_well(self, db: AsyncSession, row: Delivery, ref: str, *, counted: bool) -> None:
        now = self._clock()
        if not await outbox.record_sent(db, row, ref, now):
            return
        await gate.went_well(db, row.channel)
        pause = self.channel.pause_after(row.user)
        if pause:
            await people.leave_in_peace(db, Address(row.channel, row.user), now + pause)
        if counted:
            await counters.count(db, self._series(now))

    async def _went_wrong(self, db: AsyncSession, row: Delivery, error: SendError) -> None:
        """Do what *error* asks for, and say it once in the log."""
        log.warning("delivery %s (%s): %s: %s", row.id, row.key, type(error).__name__, error)
        now, why = self._clock(), f"{type(error).__name__}: {error}"[:200]
        match error:
            case Throttled(retry_after=pause, only_this_message=True):
                await outbox.record_later(db, row, why, now + pause)
            case Throttled(retry_after=pause, only_this_chat=True):
                await people.leave_in_peace(db, Address(row.channel, row.user), now + pause)
                await outbox.record_later(db, row, why, now + pause)
            case Throttled(retry_after=pause):
                await gate.close(db, row.channel, now + pause, why)
                await outbox.record_later(db, row, why, now + pause)
            case Unavailable(doubtful=doubtful):
                await self._unavailable(db, row, why, doubtful=doubtful)
            case Unreachable(moved_to=str(new)):
                await outbox.record_later(db, row, why, now)
                await people.move(db, Address(row.channel, row.user), new)
                await outbox.move(db, row.channel, row.user, new)
            case Unreachable():
                await outbox.record_failed(db, row, why)
                await people.switch_off(db, Address(row.channel, row.user), now, why)
            case Misconfigured():
                await gate.close(db, row.channel, now + REPAIR_PAUSE, why)
                await outbox.record_later(db, row, why, now + REPAIR_PAUSE)
            case _:
                await outbox.record_failed(db, row, why)

    async def _unavailable(self, db: AsyncSession, row: Delivery, why: str, *, doubtful: bool) -> None:
        """Wait, longer each time, and for the whole channel: one message tries the road, not all."""
        now = self._clock()
        pause = growing_pause(await gate.troubles(db, row.channel))
        await gate.close(db, row.channel, now + pause, why)
        if doubtful:
            await outbox.record_doubt(db, row, why, now + max(pause, DOUBT_PAUSE))
        else:
            await outbox.record_later(db, row, why, now + pause)


def growing_pause(troubles: int) -> timedelta:
    """Return the pause after so many troubles in a row: doubling, jittered, at most a minute."""
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(troubles, 12), LONGEST_PAUSE)
    spread: float = random.uniform(0.6, 1.0)  # noqa: S311  spreading, not secrecy
    return timedelta(seconds=longest.total_seconds() * spread)


def _outgoing(row: Delivery, contact: Contact | None) -> Outgoing:
    return Outgoing(
        key=row.key,
        to=Address(row.channel, row.user),
        text=row.text or "",
        choices=tuple(Choice(label, say) for label, say in row.choices),
        attachments=tuple(row.attachments),
        heard_at=contact.heard_at if contact else None,
        template=row.template,
    )
