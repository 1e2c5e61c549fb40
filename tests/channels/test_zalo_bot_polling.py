"""The two ways in for the Zalo bot: called at a registered address, or fetching one event after another."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.channel import Arrival, Misconfigured
from bot.zalo_bot import BotPoller, ZaloBotChannel
from bot.zalo_bot import channel as channel_module
from tests.channels.zalo_bot_setup import LAN, NOW, SECRET, channel_at, letter, open_channel
from tests.peers import Fault, ZaloBotPeer
from tests.peers.door import Door
from tests.peers.zalo_bot import TOKEN

HALF = TOKEN.rpartition(":")[2]


class Store:
    """A database that may be down, and remembers each key once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.tried = 0
        self.down = 0

    async def accept(self, arrivals: Sequence[Arrival]) -> None:
        await asyncio.sleep(0)
        self.tried += 1
        if self.down:
            self.down -= 1
            raise RuntimeError("Lan says: the database is locked")
        self.texts += [json.loads(one.body)["message"].get("text", "") for one in arrivals]


@pytest.fixture
async def peer() -> AsyncIterator[ZaloBotPeer]:
    async with ZaloBotPeer() as one:
        yield one


@pytest.fixture
async def channel(peer: ZaloBotPeer) -> AsyncIterator[ZaloBotChannel]:
    async with open_channel(peer.base_url) as one:
        yield one


@pytest.fixture
def store() -> Store:
    return Store()


@asynccontextmanager
async def polling(channel: ZaloBotChannel, store: Store, pace: float = 0.01) -> AsyncIterator[BotPoller]:
    poller = BotPoller(channel, store.accept, pace=pace)
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


async def test_words_are_fetched_one_by_one_in_order(
    peer: ZaloBotPeer, channel: ZaloBotChannel, store: Store
) -> None:
    lan = peer.person(LAN)
    for number in range(20):
        lan.says(f"câu {number}")
    async with polling(channel, store) as poller:
        await until(lambda: len(store.texts) == 20)
        lan.says("câu cuối")
        await until(lambda: len(store.texts) == 21)
    assert store.texts == [*(f"câu {number}" for number in range(20)), "câu cuối"]
    assert store.tried == 21
    assert (poller.last_success_at, poller.trouble) == (NOW, None)


async def test_what_was_given_once_stays_in_hand_until_it_is_stored(
    peer: ZaloBotPeer, channel: ZaloBotChannel, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.down = 3
    peer.person(LAN).says("một")
    peer.person(LAN).says("hai")
    async with polling(channel, store):
        await until(lambda: len(store.texts) == 2)
    assert store.texts == ["một", "hai"]
    assert "RuntimeError" in caplog.text
    assert "Lan says" not in caplog.text


async def test_a_loop_that_is_ended_from_outside_begins_again_with_what_it_held(
    peer: ZaloBotPeer, channel: ZaloBotChannel, store: Store
) -> None:
    store.down = 10**6
    peer.person(LAN).says("một")
    poller = BotPoller(channel, store.accept, pace=0.01)
    task = asyncio.create_task(poller.run())
    await until(lambda: store.tried)
    task.cancel()
    await asyncio.wait({task})
    store.down = 0
    task = asyncio.create_task(poller.run())
    await until(lambda: store.texts)
    await poller.stop()
    await task
    assert store.texts == ["một"]


async def test_a_loop_is_ended_from_outside_at_whatever_step_it_stands(
    channel: ZaloBotChannel, store: Store, peer: ZaloBotPeer
) -> None:
    store.down = 10**6
    peer.person(LAN).says("một")
    poller = BotPoller(channel, store.accept, pace=0)
    task = asyncio.create_task(poller.run())
    await until(lambda: store.tried)
    for steps in range(60):
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        assert task.cancelled(), f"it went on, ended {steps} steps after it began"
        task = asyncio.create_task(poller.run())
    store.down = 0
    await until(lambda: store.texts)
    await poller.stop()
    await task
    assert store.texts == ["một"]


async def test_an_empty_poll_is_no_trouble(peer: ZaloBotPeer, store: Store) -> None:
    async with open_channel(peer.base_url) as channel, polling(channel, store) as poller:
        await until(lambda: poller.last_success_at)
        assert poller.trouble is None
    assert {one.code for one in peer.refused} <= {408}


@pytest.mark.parametrize(
    "fault", [Fault.REFUSE, Fault.E502_BEFORE, Fault.HTML_200, Fault.OK_FALSE, Fault.THROTTLED]
)
async def test_polling_survives_an_outage(
    *,
    peer: ZaloBotPeer,
    channel: ZaloBotChannel,
    store: Store,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    peer.faults.next("getUpdates", fault, times=3)
    peer.person(LAN).says("còn đó không")
    async with polling(channel, store, pace=0.0001) as poller:
        await until(lambda: store.texts)
        assert poller.trouble is None
    assert store.texts == ["còn đó không"]
    assert "failed 3 times" in caplog.text
    assert HALF not in caplog.text


async def test_a_wrong_token_is_told_to_a_person(
    peer: ZaloBotPeer, channel: ZaloBotChannel, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    peer.faults.next("getUpdates", Fault.EXPIRED_TOKEN)
    async with polling(channel, store, pace=1) as poller:
        await until(lambda: poller.trouble)
        assert peer.methods == ["getUpdates"]
    assert "needs a person" in caplog.text


async def test_what_is_no_event_is_dropped_and_the_next_one_comes(
    peer: ZaloBotPeer, channel: ZaloBotChannel, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    peer.pending.extend([{"bí mật": "của Lan"}, {"event_name": ["x"]}])
    peer.person(LAN).says("một")
    async with polling(channel, store):
        await until(lambda: store.texts)
    assert store.texts == ["một"]
    assert caplog.text.count("an event is dropped") == 2
    assert "của Lan" not in caplog.text


@pytest.mark.parametrize("wrapped", [False, True])
async def test_with_an_address_and_a_secret_zalo_is_told_to_call(*, wrapped: bool) -> None:
    got: list[Sequence[Arrival]] = []
    channel = channel_at("http://127.0.0.1:1")

    async def hook(request: web.Request) -> web.Response:
        got.append(channel.accept(await request.read(), request.headers))
        return web.Response()

    door = Door(0)
    await door.open([web.post("/webhooks/zalo-bot", hook)])
    async with ZaloBotPeer(wrapped=wrapped) as peer:
        channel = channel_at(peer.base_url, public_url=door.url + "/")
        await channel.start()
        assert (channel.is_called, channel.trouble) == (True, None)
        assert (peer.webhook_url, peer.webhook_secret) == (f"{door.url}/webhooks/zalo-bot", SECRET)
        peer.person(LAN).says("/viec")
        await peer.delivered()
        ((arrival,),) = got
        said = channel.read(arrival, NOW)
        assert said is not None
        assert (said.text, said.sender.user) == ("/viec", LAN)
        await channel.stop()
    await door.close()


@pytest.mark.parametrize(
    ("secret", "public_url"), [(None, "https://phuong.example"), (SECRET, None), (None, None), ("", "")]
)
async def test_otherwise_an_old_webhook_is_taken_away_and_we_fetch(
    peer: ZaloBotPeer, store: Store, secret: str | None, public_url: str | None
) -> None:
    first = channel_at(peer.base_url, public_url="http://127.0.0.1:9")
    await first.start()
    await first.stop()
    assert peer.webhook_url
    channel = channel_at(peer.base_url, webhook_secret=secret, public_url=public_url)
    assert not channel.is_called
    await channel.start()
    assert peer.webhook_url == ""
    peer.person(LAN).says("một")
    async with polling(channel, store):
        await until(lambda: store.texts)
    await channel.stop()


async def test_a_platform_that_is_down_does_not_stop_the_start(
    peer: ZaloBotPeer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(channel_module, "FIRST_TRY_S", 0.05)
    monkeypatch.setattr(channel_module, "REST_S", (0.01, 0.05))
    caplog.set_level(logging.DEBUG)
    peer.faults.always("*", Fault.E502_BEFORE)
    channel = channel_at(peer.base_url, public_url="http://127.0.0.1:9")
    await channel.start()
    await channel.start()
    await until(lambda: channel.trouble)
    peer.faults.clear()
    await until(lambda: peer.webhook_url)
    await until(lambda: channel.trouble is None)
    await channel.stop()
    await channel.stop()
    assert HALF not in caplog.text
    assert SECRET not in caplog.text


async def test_a_wrong_token_at_the_start_is_for_a_person_to_mend(
    peer: ZaloBotPeer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(channel_module, "FIRST_TRY_S", 0.2)
    peer.faults.always("*", Fault.EXPIRED_TOKEN)
    channel = channel_at(peer.base_url)
    await channel.start()
    with pytest.raises(Misconfigured):
        await channel.send(letter())
    await channel.stop()
    assert [one.levelname for one in caplog.records] == ["ERROR"]
