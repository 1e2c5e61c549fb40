"""The row of a token pair: adopted, claimed, kept, given up, in trouble."""

from datetime import UTC, datetime, timedelta

import pytest

from records import tokens
from records.tables import ChannelName
from records.tokens import Given, Pair

ZALO = ChannelName.ZALO
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SOON = NOW + timedelta(seconds=90)
FIRST = Given(refresh="given-1", app="app")
SECOND = Given(refresh="given-2", app="app")
PAIR = Pair(access="a-1", refresh="r-1", expires_at=NOW + timedelta(hours=25))


@pytest.fixture
async def db(database):
    async with database.writing() as session:
        yield session


async def row(db):
    found = await tokens.find(db, ZALO)
    assert found is not None
    return found


async def begun(db, given=FIRST):
    await tokens.adopt(db, ZALO, given, NOW)
    assert await tokens.claim(db, ZALO, "", NOW, SOON)
    assert await tokens.keep(db, ZALO, given.refresh, PAIR, NOW)


async def test_a_given_token_starts_a_pair_without_access(db):
    assert await tokens.find(db, ZALO) is None
    await tokens.adopt(db, ZALO, FIRST, NOW)
    found = await row(db)
    assert (found.access, found.refresh, found.given_sha256) == ("", "given-1", FIRST.sha256)
    assert found.expires_at == NOW


async def test_the_same_token_given_again_changes_nothing(db):
    await begun(db)
    await tokens.adopt(db, ZALO, FIRST, SOON)
    assert (await row(db)).refresh == "r-1"


async def test_a_new_token_replaces_the_pair_and_the_old_one_never_comes_back(db):
    await begun(db)
    await tokens.note_quirk(db, ZALO, "endpoint", "v2")
    await tokens.adopt(db, ZALO, SECOND, SOON)
    found = await row(db)
    assert (found.access, found.refresh, found.quirks["endpoint"]) == ("", "given-2", "v2")
    await tokens.adopt(db, ZALO, FIRST, SOON)
    assert (await row(db)).refresh == "given-2"
    await tokens.adopt(db, ZALO, SECOND, SOON)
    assert (await row(db)).refresh == "given-2"


async def test_only_one_renews(db):
    await begun(db)
    assert await tokens.claim(db, ZALO, "a-1", NOW, SOON)
    assert not await tokens.claim(db, ZALO, "a-1", NOW, SOON)
    assert not await tokens.claim(db, ZALO, "a-1", SOON - timedelta(seconds=1), SOON)
    assert await tokens.claim(db, ZALO, "a-1", SOON, SOON + timedelta(seconds=90))


async def test_nobody_renews_what_is_already_renewed(db):
    await begun(db)
    assert not await tokens.claim(db, ZALO, "a-0", NOW, SOON)


async def test_a_renewal_without_an_answer_is_free_again(db):
    await begun(db)
    await tokens.claim(db, ZALO, "a-1", NOW, SOON)
    await tokens.give_up(db, ZALO, "r-1")
    assert await tokens.claim(db, ZALO, "a-1", NOW, SOON)


async def test_a_pair_that_came_too_late_belongs_to_nobody(db):
    await begun(db)
    late = Pair(access="a-2", refresh="r-2", expires_at=SOON)
    assert not await tokens.keep(db, ZALO, "r-0", late, NOW)
    assert not await tokens.note_trouble(db, ZALO, "r-0", "refused", FIRST)
    assert ((await row(db)).access, (await row(db)).trouble) == ("a-1", None)


async def test_trouble_stops_renewing_until_a_person_acts(db):
    await begun(db)
    assert await tokens.note_trouble(db, ZALO, "r-1", "x" * 500, FIRST)
    assert len((await row(db)).trouble) == 200
    assert not await tokens.claim(db, ZALO, "a-1", NOW, SOON)
    await tokens.adopt(db, ZALO, FIRST, NOW)
    assert (await row(db)).trouble
    await tokens.adopt(db, ZALO, Given(refresh="given-1", app="another secret"), NOW)
    assert (await row(db)).trouble is None
    assert (await row(db)).refresh == "r-1"


async def test_the_digests_of_old_tokens_do_not_pile_up(db):
    for number in range(50):
        await tokens.adopt(db, ZALO, Given(refresh=f"given-{number}", app="app"), NOW)
    assert len((await row(db)).quirks["given_before"]) == 20


def test_a_pair_does_not_show_itself():
    assert "given-1" not in repr(FIRST)
    assert "a-1" not in repr(PAIR)
    assert "r-1" not in repr(PAIR)
