"""Two entries become one only while no greeting is on its way, and never back once a letter has left."""

from datetime import timedelta

import pytest
from sqlmodel import select

from records import merging, staff
from records.cases import Permission
from records.letters import Letter, LetterState, Recipient, Resident
from records.merging import NotMergeable
from tests.conftest import FRIDAY


async def two(db):
    people = [
        await staff.add(
            db, login=login, name=login, desk="", permissions=[Permission.IMPORT_RECORDS], now=FRIDAY
        )
        for login in ("lan", "hoa")
    ]
    rows = [
        Resident(name="Lê Thị Mẫu", folded="le thi mau", born_year=1960, phone=phone, added_at=FRIDAY)
        for phone in ("", "0900000777")
    ]
    db.add_all(rows)
    await db.flush()
    return people, rows


async def test_nobody_gets_a_greeting_twice_because_of_a_merge(database):
    async with database.writing() as db:
        (lan, hoa), (keep, drop) = await two(db)
        db.add(
            Letter(
                template="greeting_general",
                occasion="tet:2027",
                state=LetterState.RELEASED,
                cursor=7,
                drafted_at=FRIDAY,
            )
        )
        row = await merging.propose(db, keep.id, drop.id, reason="cùng người", by=lan, now=FRIDAY)
        with pytest.raises(NotMergeable, match="Đang phát lời chúc"):
            await merging.accept(db, row.id or 0, merging.seal(keep, drop), hoa, FRIDAY)
        assert (await db.exec(select(Resident.id))).all() == [keep.id, drop.id]


async def test_a_merge_stays_once_a_letter_was_signed_after_it(database):
    async with database.writing() as db:
        (lan, hoa), (keep, drop) = await two(db)
        letter = Letter(template="condolence", drafted_at=FRIDAY)
        db.add(letter)
        await db.flush()
        db.add(Recipient(letter_id=letter.id or 0, resident_id=drop.id, name=drop.name))
        row = await merging.propose(db, keep.id, drop.id, reason="cùng người", by=lan, now=FRIDAY)
        kept = await merging.accept(db, row.id or 0, merging.seal(keep, drop), hoa, FRIDAY)
        letter.signed_at = FRIDAY + timedelta(seconds=3)
        db.add(letter)
        await db.flush()
        with pytest.raises(NotMergeable, match="đã có thư gửi đi"):
            await merging.take_back(db, kept, hoa, FRIDAY + timedelta(seconds=5))
        one = (await db.exec(select(Resident))).one()
        assert (one.id, one.phone) == (keep.id, "0900000777")


async def test_a_proposal_needs_a_reason_and_two_entries_that_are_there(database):
    async with database.writing() as db:
        (lan, _), (keep, drop) = await two(db)
        for wrong, reason in (((keep.id, keep.id), "x"), ((keep.id, 999), "x"), ((keep.id, drop.id), "  ")):
            with pytest.raises(NotMergeable):
                await merging.propose(db, *wrong, reason=reason, by=lan, now=FRIDAY)
        assert [other.id for other in await merging.alike(db, keep)] == [drop.id]
