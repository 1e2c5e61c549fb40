"""Groups through the whole house: neighbours are left alone, a command is answered where it was said."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import col, func, select

from bot import app
from bot.app import Office
from bot.settings import ZaloBotSettings
from records import outbox
from records.tables import Address, ChannelName, Delivery, DeliveryState, Purpose, Received
from tests.conversations.voices import (
    PATIENCE_S,
    SECRET,
    free_port,
    handled,
    settings,
    telegram_of,
    until,
    zalo_of,
)
from tests.peers import TelegramPeer, ZaloBotPeer, ZaloPeer
from tests.peers.zalo_bot import TOKEN

ASKED = "đăng ký kết hôn"
COMMAND = "/tracuu khai sinh"


@dataclass
class Room:
    """A group with a member in it, on one of the platforms."""

    office: Office
    address: Address
    group: Any
    member: Any
    says: Callable[[str], Any]
    peer: Any

    async def overhears(self, text: str) -> None:
        """Somebody says *text* among themselves, and the office is done with it."""
        await handled(self.office, self.peer)
        before = await self._received()
        self.says(text)
        async with asyncio.timeout(PATIENCE_S):
            while await self._received() == before:
                await asyncio.sleep(0.01)
        await handled(self.office, self.peer)

    async def _received(self) -> int:
        async with self.office.database.reading() as db:
            return (await db.exec(select(func.count()).select_from(Received))).one()


@asynccontextmanager
async def telegram_room(folder, clock, *, topic=False, mode="webhook") -> AsyncIterator[Room]:
    async with TelegramPeer(per_second=None, per_chat_per_second=None) as peer:
        config = settings(folder, port=free_port(), telegram=telegram_of(peer, mode))
        async with app.build(config, clock) as office:
            minh = peer.person(1002, "Minh")
            group = peer.group(-1002233445566, "Khu phố 3", forum=True)
            group.adds_bot(minh)
            thread = group.opens_topic("Chiếu sáng") if topic else None
            address = Address(ChannelName.TELEGRAM, f"{group.id}/{thread}" if topic else str(group.id))
            yield Room(
                office, address, group, minh, lambda text: minh.says(text, to=group, topic=thread), peer
            )


@asynccontextmanager
async def zalo_room(folder, clock) -> AsyncIterator[Room]:
    async with ZaloPeer() as peer:
        config = settings(folder, port=free_port(), zalo=zalo_of(peer))
        async with app.build(config, clock) as office:
            peer.webhook.url = f"http://127.0.0.1:{office.port}/webhooks/zalo"
            minh = peer.person("246845883529197923", "Minh")
            group = peer.group("f414c8f76fa586fbdfb4", minh)
            address = Address(ChannelName.ZALO, f"group:{group.id}")
            yield Room(office, address, group, minh, lambda text: group.says(minh, text), peer)


@asynccontextmanager
async def bot_room(folder, clock, *, secret: str | None = SECRET) -> AsyncIterator[Room]:
    async with ZaloBotPeer() as peer:
        given = {"token": TOKEN, "api_url": peer.base_url, "webhook_secret": secret, "poll_timeout_s": 1}
        config = settings(folder, port=free_port(), zalo_bot=ZaloBotSettings.model_validate(given))
        async with app.build(config, clock) as office:
            minh = peer.person("6ede9afa66b88fe6d6a9", "Minh")
            group = peer.group("9f0de9afa66b88fe6d6c1")
            address = Address(ChannelName.ZALO_BOT, group.id)
            yield Room(office, address, group, minh, lambda text: minh.says(text, to=group), peer)


ROOMS = {
    "telegram": telegram_room,
    "telegram topic": lambda folder, clock: telegram_room(folder, clock, topic=True),
    "telegram polled": lambda folder, clock: telegram_room(folder, clock, topic=True, mode="polling"),
    "zalo": zalo_room,
    "zalo bot": bot_room,
    "zalo bot polled": lambda folder, clock: bot_room(folder, clock, secret=None),
}


@pytest.fixture(params=ROOMS)
async def room(request, tmp_path, clock):
    async with ROOMS[request.param](tmp_path, clock) as one:
        yield one


async def test_neighbours_are_left_alone_and_a_command_is_answered_where_it_was_said(room):
    await room.overhears(ASKED)
    assert room.group.heard == []

    room.says(COMMAND)
    await until(lambda: bool(room.group.heard))
    assert "khung chat riêng" in room.group.heard[0]
    assert room.member.heard == []
    async with room.office.database.reading() as db:
        (row,) = (await db.exec(select(Delivery))).all()
    assert Address(row.channel, row.user) == room.address


async def test_an_alert_reaches_the_group(room):
    await room.overhears(ASKED)
    async with room.office.database.writing() as db:
        await outbox.put(
            db,
            key="alert:1",
            to=room.address,
            purpose=Purpose.ALERT,
            text="PA26-0417-9: đèn đường\n1. Nhận việc",
            now=room.office.clock(),
            choices=[("Nhận việc", "/nhan PA26-0417-9")],
        )
    room.office.senders[room.address.channel].wake()
    await until(lambda: bool(room.group.heard))
    assert room.group.heard == ["PA26-0417-9: đèn đường\n1. Nhận việc"]


async def test_in_a_forum_the_topic_hears_its_own_answers_only(tmp_path, clock):
    async with telegram_room(tmp_path, clock, topic=True) as room:
        room.says(COMMAND)
        await until(lambda: bool(room.group.heard))
        assert room.group.heard_in(None) == []


async def test_a_group_that_moved_is_found_again(tmp_path, clock):
    async with TelegramPeer(per_second=None, per_chat_per_second=None) as peer:
        config = settings(tmp_path, port=free_port(), telegram=telegram_of(peer, "webhook"))
        async with app.build(config, clock) as office:
            minh, old, new = peer.person(1002, "Minh"), peer.group(-4455), peer.group(-1002233445566)
            old.adds_bot(minh)
            old.migrates_to(new)
            async with office.database.writing() as db:
                for number, user in enumerate(("-4455", "-4455/7")):
                    await outbox.put(
                        db,
                        key=f"alert:{number}",
                        to=Address(ChannelName.TELEGRAM, user),
                        purpose=Purpose.ALERT,
                        text=f"Việc {number}",
                        now=office.clock(),
                    )
            await until(lambda: len(new.heard) == 2)
            assert sorted(new.heard) == ["Việc 0", "Việc 1"]
            await handled(office, peer)
            async with office.database.reading() as db:
                rows = (await db.exec(select(Delivery).order_by(col(Delivery.key)))).all()
            assert [row.user for row in rows] == ["-1002233445566", "-1002233445566/7"]
            assert {row.state for row in rows} == {DeliveryState.SENT}
