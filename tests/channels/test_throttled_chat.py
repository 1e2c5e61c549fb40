"""One chat that heard too much rests alone; a platform that has heard enough from us rests whole."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlmodel import col, select

from bot import app
from bot.settings import LimitSettings
from records import outbox, people
from records.tables import Address, ChannelName, Delivery, DeliveryState, Gate, Purpose
from tests.conftest import FRIDAY
from tests.conversations.voices import free_port, handled, settings, telegram_of, until
from tests.peers import Fault, TelegramPeer

BUSY, QUIET, LAN = -1002233445566, -1009988776655, 1001
A_MINUTE = 3  # messages the peer lets a group hear in one


@asynccontextmanager
async def ward(folder, clock, *, group_pause_s: float = 0):
    """An office with two groups and Lan; unless told otherwise it does not count what groups hear."""
    peer = TelegramPeer(per_second=None, per_chat_per_second=None, per_group_per_minute=A_MINUTE)
    limits = LimitSettings(
        telegram_per_second=500, telegram_person_pause_s=0, telegram_group_pause_s=group_pause_s
    )
    async with peer:
        config = settings(folder, port=free_port(), telegram=telegram_of(peer, "webhook"))
        async with app.build(config.model_copy(update={"limits": limits}), clock) as office:
            minh = peer.person(1002, "Minh", started=True)
            for number in (BUSY, QUIET):
                peer.group(number).adds_bot(minh)
            yield office, peer


async def tell(office, chat: int, number: int) -> None:
    async with office.database.writing() as db:
        await outbox.put(
            db,
            key=f"alert:{chat}:{number}",
            to=Address(ChannelName.TELEGRAM, str(chat)),
            purpose=Purpose.ALERT,
            text=f"Việc {number}",
            now=office.clock(),
        )
    office.senders[ChannelName.TELEGRAM].wake()


async def deliveries(office, chat: int) -> list[Delivery]:
    async with office.database.reading() as db:
        mine = select(Delivery).where(col(Delivery.user) == str(chat)).order_by(col(Delivery.id))
        return list((await db.exec(mine)).all())


async def closed_until(office):
    async with office.database.reading() as db:
        row = await db.get(Gate, ChannelName.TELEGRAM)
    return row.closed_until if row else None


async def test_a_group_that_heard_too_much_waits_alone(tmp_path, clock):
    async with ward(tmp_path, clock) as (office, peer):
        busy, quiet, lan = peer.group(BUSY), peer.group(QUIET), peer.person(LAN, "Lan", started=True)
        for number in range(A_MINUTE + 3):
            await tell(office, BUSY, number)
        await until(lambda: bool(peer.refused))

        await tell(office, QUIET, 0)
        lan.says("giờ làm việc")
        await until(lambda: bool(quiet.heard) and bool(lan.heard))
        assert await closed_until(office) is None
        assert busy.heard == [f"Việc {number}" for number in range(A_MINUTE)]
        assert [one.chat_id for one in peer.refused] == [BUSY]
        assert peer.refused[0].code == 429

        for _ in range(2):  # the rest comes in order, three a minute, and nothing was lost or doubled
            clock.wait(minutes=1.1)
            peer.clock.ahead(minutes=1.1)
        await until(lambda: len(busy.heard) == A_MINUTE + 3)
        assert busy.heard == [f"Việc {number}" for number in range(A_MINUTE + 3)]
        await handled(office, peer)
        assert {row.state for row in await deliveries(office, BUSY)} == {DeliveryState.SENT}


async def test_a_group_we_ourselves_hold_back_does_not_hold_back_others(tmp_path, clock):
    async with ward(tmp_path, clock, group_pause_s=60) as (office, peer):
        await tell(office, BUSY, 0)
        await until(lambda: bool(peer.group(BUSY).heard))
        await handled(office, peer)
        clock.wait(seconds=1)
        await tell(office, BUSY, 1)
        lan = peer.person(LAN, "Lan", started=True)
        lan.says("giờ làm việc")
        await until(lambda: bool(lan.heard))
        assert await closed_until(office) is None
        assert peer.refused == []


async def test_a_platform_that_heard_too_much_makes_the_whole_channel_wait(tmp_path, clock):
    async with ward(tmp_path, clock) as (office, peer):
        lan = peer.person(LAN, "Lan", started=True)
        peer.faults.next("sendMessage", Fault.THROTTLED, seconds=40)
        lan.says("giờ làm việc")
        await until(lambda: bool(peer.faults.struck))
        while await closed_until(office) is None:  # the refusal is being written down
            await asyncio.sleep(0.01)
        await tell(office, QUIET, 0)
        assert peer.group(QUIET).heard == []
        clock.wait(seconds=41)
        await until(lambda: bool(peer.group(QUIET).heard) and bool(lan.heard))


async def test_the_sender_sleeps_while_only_a_resting_chat_waits(database):
    """Without that it would look fifty times a second for a minute, and write each time."""
    now = FRIDAY
    where = Address(ChannelName.TELEGRAM, str(BUSY))
    async with database.writing() as db:
        await outbox.put(db, key="a", to=where, purpose=Purpose.ALERT, text="Việc", now=now)
        assert await outbox.next_due(db, ChannelName.TELEGRAM) == now
        await people.leave_in_peace(db, where, now + timedelta(seconds=50))
        assert await outbox.next_due(db, ChannelName.TELEGRAM) == now + timedelta(seconds=50)
