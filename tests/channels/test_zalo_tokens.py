"""The token pair: renewed once however many ask, saved before used, lost by nobody but a crash."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from bot.channel import Misconfigured, SendError, Throttled, Unavailable
from bot.zalo import tokens as keeping
from bot.zalo.tokens import TokenKeeper
from records import tokens
from records.database import Database
from records.tables import ChannelName
from tests.channels.zalo_office import MOMENT, Clock, settings_for
from tests.peers import Fault, ZaloPeer

OAUTH = "v4/oa/access_token"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def peer():
    async with ZaloPeer() as platform:
        yield platform


@asynccontextmanager
async def keeper_for(peer, database, clock, **changes):
    keeper = TokenKeeper(settings_for(peer, **changes), database, clock)
    try:
        yield keeper
    finally:
        await keeper.close()


@pytest.fixture
async def keeper(peer, database, clock):
    async with keeper_for(peer, database, clock) as made:
        yield made


async def row_of(database):
    async with database.reading() as db:
        return await tokens.find(db, ChannelName.ZALO)


async def test_the_first_token_becomes_a_pair_on_disk(keeper, database, peer):
    assert await keeper.access() == peer.tokens.access
    row = await row_of(database)
    assert (row.access, row.refresh) == (peer.tokens.access, peer.tokens.refresh)
    assert row.expires_at == MOMENT + timedelta(seconds=90_000)
    assert row.renewed_at == MOMENT
    assert row.renewing_until is None
    assert await keeper.access() == row.access
    assert peer.tokens.refreshed == 1


async def test_a_restart_goes_on_with_the_stored_pair(peer, database, clock):
    async with keeper_for(peer, database, clock) as first:
        token = await first.access()
    async with keeper_for(peer, database, clock) as second:
        assert await second.access() == token
    assert peer.tokens.refreshed == 1


async def test_a_new_token_in_the_settings_replaces_the_pair_and_an_old_one_does_not(peer, database, clock):
    async with keeper_for(peer, database, clock) as keeper:
        await keeper.access()
    peer.tokens.refresh = "consented-again"
    async with keeper_for(peer, database, clock, refresh_token=SecretStr("consented-again")) as keeper:
        await keeper.note_quirk("endpoint", "v2")
        token = await keeper.access()
        assert token == peer.tokens.access
    assert peer.tokens.refreshed == 2
    async with keeper_for(peer, database, clock) as keeper:  # somebody puts yesterday's settings back
        assert await keeper.access() == token
        assert await keeper.quirk("endpoint") == "v2"
    assert peer.tokens.refreshed == 2


async def test_a_pair_of_twenty_hours_is_renewed(keeper, peer, clock):
    await keeper.access()
    clock.ahead(hours=19, minutes=59)
    assert not await keeper.renew_if_old(clock.now)
    clock.ahead(minutes=1)
    assert await keeper.renew_if_old(clock.now)
    assert not await keeper.renew_if_old(clock.now)
    assert peer.tokens.refreshed == 2
    assert await keeper.access() == peer.tokens.access


async def test_a_token_that_ran_out_is_renewed_before_it_is_used(keeper, peer, clock):
    await keeper.access()
    clock.ahead(hours=25)
    assert await keeper.access() == peer.tokens.access
    assert peer.tokens.refreshed == 2


async def test_a_token_somebody_else_renewed_is_not_renewed_again(keeper, peer):
    old = await keeper.access()
    new = await keeper.renew(old)
    assert await keeper.renew(old) == new
    assert peer.tokens.refreshed == 2


async def together(peer, first: Database, second: Database, clock):
    """Two processes with eight callers each, all meeting the same dead token."""
    async with keeper_for(peer, first, clock) as one, keeper_for(peer, second, clock) as two:
        born = await asyncio.gather(*(keeper.access() for keeper in (one, two) * 8))
        assert set(born) == {peer.tokens.access}
        assert peer.tokens.refreshed == 1
        peer.tokens.end_access()
        renewed = await asyncio.gather(*(keeper.renew(born[0]) for keeper in (one, two) * 8))
        assert set(renewed) == {peer.tokens.access}
        assert peer.tokens.refreshed == 2
    assert not peer.refused


async def test_two_processes_use_a_refresh_token_once(peer, database, clock):
    other = Database(database.url.render_as_string(hide_password=False))
    await together(peer, database, other, clock)
    await other.close()


async def test_a_renewer_that_died_is_followed_by_another(keeper, database, peer, clock):
    token = await keeper.access()
    async with database.writing() as db:
        assert await tokens.claim(db, ChannelName.ZALO, token, clock.now, clock.now + keeping.LEASE)
    waiting = asyncio.create_task(keeper.renew(token))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    assert peer.tokens.refreshed == 1
    clock.ahead(seconds=90)
    assert await waiting == peer.tokens.access
    assert peer.tokens.refreshed == 2


async def test_nobody_waits_for_ever(keeper, database, clock, monkeypatch):
    token = await keeper.access()
    async with database.writing() as db:
        await tokens.claim(db, ChannelName.ZALO, token, clock.now, clock.now + keeping.LEASE)
    monkeypatch.setattr(keeping, "WAIT_S", 0.1)
    with pytest.raises(Unavailable) as caught:
        await keeper.renew(token)
    assert not caught.value.doubtful


async def test_the_pair_is_on_disk_before_anybody_has_it(keeper, database, peer, monkeypatch):
    """Whoever asks during the save waits for it, and reads what was saved."""
    real = tokens.keep
    saved: list[str] = []

    async def slowly(db, channel, used, pair, now):
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in asking)
        saved.append(pair.access)
        return await real(db, channel, used, pair, now)

    monkeypatch.setattr(tokens, "keep", slowly)
    asking = [asyncio.create_task(keeper.access()) for _ in range(3)]
    assert set(await asyncio.gather(*asking)) == {peer.tokens.access}
    assert saved == [peer.tokens.access]
    assert (await row_of(database)).access == peer.tokens.access


async def test_a_pair_is_saved_even_if_the_disk_needs_three_attempts(keeper, peer, monkeypatch, caplog):
    real, failures = tokens.keep, [1, 2]
    monkeypatch.setattr(keeping, "SAVE_PAUSE_S", 0.01)

    async def stubborn(db, channel, used, pair, now):
        if failures:
            failures.pop()
            raise OperationalError(f"UPDATE … {pair.access}", {"access": pair.access}, Exception("full"))
        return await real(db, channel, used, pair, now)

    monkeypatch.setattr(tokens, "keep", stubborn)
    assert await keeper.access() == peer.tokens.access
    assert peer.tokens.refreshed == 1
    assert "OperationalError" in caplog.text
    assert "access-" not in caplog.text


async def test_a_sender_that_gives_up_does_not_tear_the_renewal(keeper, database, peer):
    peer.faults.next(OAUTH, Fault.SLOW, seconds=0.3)
    asking = asyncio.create_task(keeper.access())
    async with asyncio.timeout(20):
        while not peer.faults.struck:  # the platform has the question, and takes its time
            await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await keeper.close()
    assert (await row_of(database)).access == peer.tokens.access
    assert peer.tokens.refreshed == 1


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.E500_BEFORE, Fault.E502_BEFORE, Fault.HTML_200])
async def test_a_lost_question_is_asked_once_more(keeper, peer, fault):
    peer.faults.next(OAUTH, fault)
    assert await keeper.access() == peer.tokens.access
    assert peer.tokens.refreshed == 1


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.E500_BEFORE, Fault.E502_BEFORE, Fault.HTML_200])
async def test_a_platform_that_is_down_costs_nothing_but_time(keeper, peer, database, fault):
    peer.faults.next(OAUTH, fault, times=2)
    with pytest.raises(Unavailable) as caught:
        await keeper.access()
    assert not caught.value.doubtful
    row = await row_of(database)
    assert (row.trouble, row.renewing_until) == (None, None)
    assert await keeper.access() == peer.tokens.access


async def test_too_many_questions_wait(keeper, peer):
    peer.faults.next(OAUTH, Fault.THROTTLED)
    with pytest.raises(Throttled):
        await keeper.access()
    assert await keeper.access() == peer.tokens.access


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.E500_AFTER, Fault.HTML_200_AFTER])
async def test_a_lost_answer_used_the_token_up_and_calls_a_person(keeper, peer, database, clock, fault):
    peer.faults.next(OAUTH, fault)
    with pytest.raises(Misconfigured):
        await keeper.access()
    assert [one.code for one in peer.refused] == [-14014]
    for _ in range(3):  # until a person acts, Zalo is not asked again
        with pytest.raises(Misconfigured, match="WARD_ZALO__REFRESH_TOKEN"):
            await keeper.access()
        assert not await keeper.renew_if_old(clock.now)
    assert len(peer.refused) == 1
    async with keeper_for(peer, database, clock) as restarted:
        with pytest.raises(Misconfigured):
            await restarted.access()
    assert len(peer.refused) == 1

    peer.tokens.refresh = "consented-again"
    async with keeper_for(peer, database, clock, refresh_token=SecretStr("consented-again")) as mended:
        assert await mended.access() == peer.tokens.access
    assert (await row_of(database)).trouble is None


async def test_a_wrong_app_secret_is_mended_by_the_right_one(peer, database, clock):
    async with keeper_for(peer, database, clock, app_secret=SecretStr("wrong")) as keeper:
        with pytest.raises(Misconfigured, match="-14002"):
            await keeper.access()
    async with keeper_for(peer, database, clock) as keeper:
        assert await keeper.access() == peer.tokens.access


async def test_the_clock_tells_a_refusal_once(keeper, peer, clock):
    await keeper.access()
    clock.ahead(hours=21)
    peer.tokens.refresh = "somebody else's"
    with pytest.raises(Misconfigured):
        await keeper.renew_if_old(clock.now)
    assert not await keeper.renew_if_old(clock.now)


async def test_the_clock_tries_a_closed_road_again_next_time(keeper, peer, clock):
    await keeper.access()
    clock.ahead(hours=21)
    peer.faults.next(OAUTH, Fault.E502_BEFORE, times=2)
    assert not await keeper.renew_if_old(clock.now)
    assert await keeper.renew_if_old(clock.now)


async def test_a_token_given_during_a_renewal_wins(keeper, peer, database, clock):
    token = await keeper.access()
    peer.faults.next(OAUTH, Fault.SLOW, seconds=0.3)
    renewal = asyncio.create_task(keeper.renew(token))
    await asyncio.sleep(0.1)
    async with database.writing() as db:
        given = tokens.Given(refresh="consented-again", app="other")
        await tokens.adopt(db, ChannelName.ZALO, given, clock.now)
    with pytest.raises(Unavailable):
        await renewal
    assert (await row_of(database)).refresh == "consented-again"
    peer.tokens.refresh = "consented-again"
    assert await keeper.access() == peer.tokens.access


@pytest.mark.parametrize("given", ["", "a b", "a\nb", "mã", "x" * 2001])
async def test_what_cannot_be_a_token_is_told_before_anything_happens(peer, database, clock, given):
    async with keeper_for(peer, database, clock, refresh_token=SecretStr(given)) as keeper:
        with pytest.raises(Misconfigured):
            await keeper.access()
    assert not peer.refused


async def test_a_database_that_is_down_is_no_message_lost(peer, clock, tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")  # without tables
    async with keeper_for(peer, database, clock) as keeper:
        with pytest.raises(Unavailable) as caught:
            await keeper.access()
    await database.close()
    assert not caught.value.doubtful
    assert caught.value.__context__ is None


@pytest.mark.parametrize("answer", ["", "soon", "0", "-5", "1e9", "9" * 30, "٣"])
def test_a_senseless_lifetime_does_not_cost_the_pair(answer):
    assert keeping._seconds(answer) == 90_000
    assert keeping._seconds("3600") == 3600


async def test_rotations_are_logged_without_the_tokens(keeper, caplog):
    caplog.set_level("DEBUG")
    caplog.set_level("INFO", logger="aiosqlite")  # at DEBUG it writes every parameter of every statement
    token = await keeper.access()
    await keeper.renew(token)
    assert caplog.text.count("zalo tokens renewed") == 2
    assert "access-" not in caplog.text
    assert "refresh-" not in caplog.text


async def test_every_failure_is_a_send_error(keeper, peer):
    for fault in Fault:
        peer.faults.next(OAUTH, fault, seconds=1.2)
        peer.tokens.end_access()
        try:
            await keeper.renew("access-0")
        except SendError:
            continue
