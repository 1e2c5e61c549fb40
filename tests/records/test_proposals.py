"""What is prepared for residents: one writes, another decides, and nobody overwrites anybody; on both databases."""

import asyncio
from datetime import timedelta

import pytest

from records import editions, proposals, schema, staff, trace
from records.cases import Permission
from records.console import CardDraft, ContentDraft, DraftState
from records.database import Database
from tests.conftest import FRIDAY

KEY = b"khoa-cua-nhat-ky"
LATER = FRIDAY + timedelta(minutes=5)


@pytest.fixture
async def desk(database_url):
    """A database with two people: 1 writes, 2 decides."""
    opened = Database(database_url, audit_key=KEY)
    await schema.upgrade(opened)
    async with opened.writing() as db:
        for login in ("an.soan", "binh.duyet"):
            await staff.add(
                db, login=login, name=login, desk="", permissions=(Permission.EDIT_KNOWLEDGE,), now=FRIDAY
            )
    yield opened
    await opened.close()


def page(text: str, by: int = 1, name: str = "week.toml") -> ContentDraft:
    return ContentDraft(page=name, document=text, by=by, at=FRIDAY)


async def published(db, text: str, name: str = "week.toml") -> ContentDraft:
    last = await proposals.last_word(db, ContentDraft, name)
    row = await proposals.save(db, page(text, name=name), (last.id or 0) if last else 0)
    await proposals.propose(db, row, 1, FRIDAY)
    await proposals.publish(db, row, 2, LATER)
    return row


async def test_a_page_goes_from_its_writer_to_somebody_else_and_into_force(desk):
    async with desk.writing() as db:
        row = await proposals.save(db, page("một"), 0)
        with pytest.raises(proposals.Moved):
            await proposals.publish(db, row, 2, LATER)  # nobody has asked for it yet
        await proposals.propose(db, row, 1, FRIDAY)
        assert [one.id for one in await proposals.waiting(db, ContentDraft)] == [row.id]
        assert await proposals.waiting_count(db, ContentDraft) == 1
        assert await proposals.waiting_count(db, CardDraft) == 0
        with pytest.raises(proposals.SamePerson):
            await proposals.publish(db, row, 1, LATER)
        assert await proposals.in_force(db) == {}
        await proposals.publish(db, row, 2, LATER)
        assert (row.state, row.decided_by, row.decided_at) == (DraftState.PUBLISHED, 2, LATER)
        with pytest.raises(proposals.Moved):
            await proposals.publish(db, row, 2, LATER)
    async with desk.writing() as db:
        await published(db, "hai")
        await published(db, "khác", "directory.toml")
        found = await proposals.in_force(db)
        assert {name: one.document for name, one in found.items()} == {
            "week.toml": "hai",
            "directory.toml": "khác",
        }
        assert await proposals.published_count(db) == 3
        assert [one.version for one in await proposals.history(db, ContentDraft, "week.toml")] == [2, 1]
        assert (await trace.verify(db)).whole


async def test_who_did_not_see_the_last_word_does_not_get_theirs_in(desk):
    async with desk.writing() as db:
        first = await proposals.save(db, page("một"), 0)
        with pytest.raises(proposals.Moved):
            await proposals.save(db, page("cùng lúc", by=2), 0)
        second = await proposals.save(db, page("sửa tiếp", by=2), first.id or 0)
        await db.refresh(first)
        assert (first.state, second.version) == (DraftState.DROPPED, 2)
        await proposals.propose(db, second, 2, FRIDAY)
        await proposals.publish(db, second, 1, LATER)
        with pytest.raises(proposals.Moved):
            await proposals.save(db, page("từ trang cũ"), first.id or 0)


async def test_a_dropped_draft_comes_back_unless_something_was_written_since(desk):
    async with desk.writing() as db:
        row = await proposals.save(db, CardDraft(code="1.001193", document={}, by=1, at=FRIDAY), 0)
        await proposals.propose(db, row, 1, FRIDAY)
        stood = await proposals.drop(db, row, 2, LATER)
        assert await proposals.open_one(db, CardDraft, "1.001193") is None
        await proposals.take_up(db, row, stood, 2, LATER)
        assert (row.state, row.decided_by) == (DraftState.PROPOSED, None)
        assert [one.code for one in await proposals.open_ones(db, CardDraft)] == ["1.001193"]
        stood = await proposals.drop(db, row, 2, LATER)
        await proposals.save(db, CardDraft(code="1.001193", document={}, by=1, at=FRIDAY), 0)
        with pytest.raises(proposals.Moved):
            await proposals.take_up(db, row, stood, 2, LATER)
        with pytest.raises(proposals.Moved):
            await proposals.drop(db, row, 2, LATER)


async def test_editions_are_listed_without_their_cards(desk):
    async with desk.writing() as db:
        for number in (1, 2):
            await editions.publish(db, f"[{number}]", number, "an.soan", FRIDAY)
        assert [(one.id, one.procedures) for one in await editions.listed(db)] == [(2, 2), (1, 1)]
        before = await editions.before(db, 2)
        assert before is not None
        assert before.document == "[1]"
        assert await editions.before(db, 1) is None


async def test_of_two_who_write_at_the_same_moment_one_is_told(desk):
    async def write(by: int) -> str:
        async with desk.writing() as db:
            await proposals.save(db, page(f"của {by}", by=by), 0)
            return "kept"

    told = await asyncio.gather(write(1), write(2), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Moved", "str"]
    async with desk.reading() as db:
        assert len(await proposals.open_ones(db, ContentDraft)) == 1
