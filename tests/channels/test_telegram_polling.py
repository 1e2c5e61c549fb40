"""The loop of getUpdates: stored first, confirmed afterwards."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.channel import Arrival
from bot.telegram import Poller, TelegramChannel
from handlers.talk import Choice
from tests.channels.telegram_setup import LAN, NOW, answering, letter, open_channel
from tests.peers import Fault, TelegramPeer
from tests.peers.telegram import TOKEN
from tests.peers.telegram_chats import Person


class Store:
    """A database that may be down, and remembers each key once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.seen: set[str] = set()
        self.batches: list[list[str]] = []
        self.down = 0

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        await asyncio.sleep(0)
        self.batches.append([one.key for one in arrivals])
        if self.down:
            self.down -= 1
            raise RuntimeError("Lan says: the database is locked")
        for one in arrivals:
            if one.key not in self.seen:
                self.seen.add(one.key)
                self.texts.append(json.loads(one.body).get("message", {}).get("text", ""))


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer(per_chat_per_second=None) as one:
        yield one


@pytest.fixture
def lan(peer: TelegramPeer) -> Person:
    return peer.person(LAN)


@pytest.fixture
async def channel(peer: TelegramPeer) -> AsyncIterator[TelegramChannel]:
    async with open_channel(peer.base_url) as one:
        yield one


@pytest.fixture
def store() -> Store:
    return Store()


@asynccontextmanager
async def polling(channel: TelegramChannel, store: Store, pace: float = 0.01) -> AsyncIterator[Poller]:
    poller = Poller(channel, store.accept, pace=pace)
    task = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        await poller.stop()
        async with asyncio.timeout(5):
            await task


async def until(true: Callable[[], object], within: float = 5) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.01)


async def test_words_arrive_in_order_and_are_confirmed(
    peer: TelegramPeer, channel: TelegramChannel, store: Store, lan: Person
) -> None:
    for number in range(150):
        lan.says(f"câu {number}")
    async with polling(channel, store) as poller:
        await peer.delivered()
        lan.says("câu cuối")
        await peer.delivered()
    assert store.texts == [*(f"câu {number}" for number in range(150)), "câu cuối"]
    assert poller.last_success_at == NOW
    assert poller.trouble is None


async def test_nothing_is_confirmed_before_it_is_stored(
    peer: TelegramPeer, channel: TelegramChannel, store: Store, lan: Person, caplog: pytest.LogCaptureFixture
) -> None:
    store.down = 3
    lan.says("đèn đường hỏng")
    async with polling(channel, store) as poller:
        await until(lambda: store.batches)
        assert len(peer._inbox.pending) == 1
        await peer.delivered()
    assert store.texts == ["đèn đường hỏng"]
    assert len(store.batches) == 4
    assert poller.trouble is None
    assert "RuntimeError" in caplog.text
    assert "Lan says" not in caplog.text


async def test_a_crash_after_fetching_loses_nothing(
    peer: TelegramPeer, channel: TelegramChannel, store: Store, lan: Person
) -> None:
    lan.says("một")
    task = asyncio.create_task(Poller(channel, store.accept).run())
    await until(lambda: store.texts)
    task.cancel()
    await asyncio.wait({task})
    lan.says("hai")
    async with polling(channel, store):
        await peer.delivered()
    assert store.texts == ["một", "hai"]


async def test_a_press_is_acknowledged(
    peer: TelegramPeer, channel: TelegramChannel, store: Store, lan: Person
) -> None:
    lan.says("menu")
    await channel.send(letter(choices=(Choice("A", "a"),)))
    async with polling(channel, store):
        lan.presses("a")
        await until(lambda: any(one.method == "answerCallbackQuery" for one in peer.accepted))


@pytest.mark.parametrize(
    "fault", [Fault.REFUSE, Fault.E502_BEFORE, Fault.HTML_200, Fault.OK_FALSE, Fault.RESET_AFTER]
)
async def test_polling_survives_an_outage(
    *,
    peer: TelegramPeer,
    channel: TelegramChannel,
    store: Store,
    lan: Person,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    peer.faults.next("getUpdates", fault, times=3)
    lan.says("còn đó không")
    async with polling(channel, store) as poller:
        await peer.delivered()
    assert store.texts == ["còn đó không"]
    assert poller.trouble is None
    assert "failed 3 times" in caplog.text
    assert TOKEN not in caplog.text


async def test_a_second_instance_is_told_to_a_person_and_not_fought(
    peer: TelegramPeer, channel: TelegramChannel, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with polling(channel, store, pace=1) as poller:
        await asyncio.sleep(0.2)
        async with open_channel(peer.base_url) as other:
            await other.updates(None)
            await until(lambda: poller.trouble)
        asked = sum(call.method == "getUpdates" for call in peer.calls)
        await asyncio.sleep(0.3)
        assert asked == sum(call.method == "getUpdates" for call in peer.calls)
        assert "terminated by other getUpdates" in str(poller.trouble)
    assert [one.levelno for one in caplog.records] == [logging.ERROR]


async def test_a_poll_that_never_ends_is_given_up(
    channel: TelegramChannel, peer: TelegramPeer, store: Store, lan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.channel.POLL_GRACE_S", -0.7)
    peer.faults.next("getUpdates", Fault.SLOW, seconds=30)
    lan.says("alô")
    async with polling(channel, store):
        await peer.delivered(within=5)
    assert store.texts == ["alô"]


async def test_stop_does_not_wait_for_the_poll(peer: TelegramPeer, store: Store) -> None:
    async with open_channel(peer.base_url, poll_timeout_s=50) as channel:
        began = asyncio.get_running_loop().time()
        async with polling(channel, store):
            await asyncio.sleep(0.1)
        assert asyncio.get_running_loop().time() - began < 2


async def test_junk_between_the_updates_is_dropped_and_confirmed(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    good = {"update_id": 6, "message": {"chat": {"id": LAN}, "text": "tốt \ud800"}, "mới": [1]}
    junk = [None, 7, {}, {"update_id": "x"}, {"update_id": 5, "message": {"chat": {"id": "bí mật"}}}]
    body = json.dumps({"ok": True, "result": [*junk, good, {"update_id": 8}]}).encode()
    async with (
        answering(200, body) as server,
        open_channel(server.url) as channel,
        polling(channel, store) as poller,
    ):
        await until(lambda: len(store.batches) > 1)
    assert store.batches[0] == ["telegram:6", "telegram:8"]
    assert poller._offset == 9
    assert "an update is dropped" in caplog.text
    assert "bí mật" not in caplog.text


@pytest.mark.parametrize("result", [[None, {}], {"a": 1}, "x", [[]]])
async def test_an_answer_of_junk_only_makes_the_poller_wait(store: Store, result: object) -> None:
    body = json.dumps({"ok": True, "result": result}).encode()
    async with (
        answering(200, body) as server,
        open_channel(server.url) as channel,
        polling(channel, store, pace=1) as poller,
    ):
        await until(lambda: poller.trouble)
        await asyncio.sleep(0.2)
    assert len(server.asked) == 1
    assert store.batches == []


async def test_empty_answers_that_come_at_once_do_not_make_a_storm(store: Store) -> None:
    async with (
        answering(200, b'{"ok":true,"result":[]}') as server,
        open_channel(server.url) as channel,
        polling(channel, store, pace=1) as poller,
    ):
        await asyncio.sleep(0.4)
    assert len(server.asked) == 1
    assert poller.last_success_at == NOW


async def test_numbers_that_begin_again_after_a_quiet_week_are_not_skipped(
    peer: TelegramPeer, channel: TelegramChannel, store: Store, lan: Person
) -> None:
    async with polling(channel, store) as poller:
        lan.says("cũ")
        await peer.delivered()
        await until(lambda: poller._offset is None)
        peer.redeliver({"update_id": 3, "message": {"chat": {"id": LAN, "type": "private"}, "text": "mới"}})
        await until(lambda: "mới" in store.texts)
    assert store.texts == ["cũ", "mới"]
