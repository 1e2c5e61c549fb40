"""People of the registers: three keys or nobody, never one of two, and what a death closes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from records import residents
from records.letters import Household, Resident, ResidentAddress
from records.residents import Person
from records.tables import ChannelName
from tests.conftest import FRIDAY

HUNG = Person(name="Nguyễn Văn Thử", born_year=1975, quarter="TDP 3", address="Số 42 đường Thí Dụ")


async def add(db, person, *, taken=()):
    found = await residents.find_or_make(db, person, FRIDAY, taken)
    assert found.resident is not None
    await residents.house(db, found.resident)
    return found.resident


async def test_the_same_person_in_another_spelling_is_found_again(database):
    async with database.writing() as db:
        first = await add(db, HUNG)
        again = Person(name="NGUYỄN VĂN THỬ", born_year=1975, quarter="Tổ dân phố số 03", address="42 Thí Dụ")
        assert (await residents.fitting(db, again)).resident == first


@pytest.mark.parametrize(
    "other",
    [
        replace(HUNG, name="Nguyễn Văn Thứ"),
        replace(HUNG, born_year=1976),
        replace(HUNG, quarter="TDP 4"),
        replace(HUNG, quarter="KP 3"),
    ],
    ids=["a tone", "a year", "a number", "a kind of quarter"],
)
async def test_somebody_else_differs_by(database, other):
    async with database.writing() as db:
        await add(db, HUNG)
        assert (await residents.fitting(db, other)).candidates == ()


@pytest.mark.parametrize(
    "vague",
    [replace(HUNG, born_year=None), replace(HUNG, quarter="", address="")],
    ids=["no year", "no place"],
)
async def test_two_keys_choose_nobody(database, vague):
    async with database.writing() as db:
        only = await add(db, HUNG)
        found = await residents.fitting(db, vague)
        assert (found.resident, found.candidates) == (None, (only,))
        assert (await residents.find_or_make(db, vague, FRIDAY)).resident is None


async def test_of_two_who_fit_nobody_is_chosen(database):
    async with database.writing() as db:
        one = await add(db, HUNG)
        other = await add(db, replace(HUNG, address="Số 7 đường Thí Dụ"), taken={one.id})
        assert other.id != one.id
        found = await residents.fitting(db, replace(HUNG, address=""))
        assert found.resident is None
        assert found.candidates == (one, other)
        assert (await residents.fitting(db, HUNG)).resident is None  # nor by a fourth key


async def test_another_house_number_is_left_to_a_person(database):
    async with database.writing() as db:
        await add(db, HUNG)
        found = await residents.fitting(db, replace(HUNG, address="Số 24 đường Thí Dụ"))
        assert found.resident is None
        assert len(found.candidates) == 1


async def test_a_whole_date_of_birth_or_a_sex_speaks_against_it(database):
    async with database.writing() as db:
        await add(db, replace(HUNG, born_on=date(1975, 2, 3), gender="nam"))
        assert (await residents.fitting(db, replace(HUNG, born_on=date(1975, 3, 2)))).candidates == ()
        assert (await residents.fitting(db, replace(HUNG, gender="nữ"))).candidates == ()


async def test_the_register_teaches_a_new_phone_and_binds_nothing(database):
    async with database.writing() as db:
        await add(db, HUNG)
        found = await residents.find_or_make(db, replace(HUNG, phone="0900000123"), FRIDAY)
        assert found.changes == ("phone",)
        assert (await db.exec(select(ResidentAddress))).all() == []


async def test_a_death_closes_accounts_and_the_household_mourns_forty_nine_days(database):
    died = date(2026, 11, 19)
    async with database.writing() as db:
        husband = await add(db, HUNG)
        wife = await add(db, replace(HUNG, name="Trần Thị Nghiệm", born_year=1977))
        assert wife.household_id == husband.household_id
        for user, row in (("1", husband), ("2", wife)):
            db.add(ResidentAddress(channel=ChannelName.ZALO, user=user, resident_id=row.id or 0))
        await db.flush()
        assert await residents.note_death(db, husband, died, FRIDAY)
        assert not await residents.note_death(db, husband, died, FRIDAY)
    async with database.reading() as db:
        closed = {row.user: row.closed_at for row in (await db.exec(select(ResidentAddress))).all()}
        house = (await db.exec(select(Household))).one()
    assert closed == {"1": FRIDAY, "2": None}
    assert house.mourning_until == died + timedelta(days=49)


async def test_a_death_taken_back_opens_what_it_closed_and_ends_the_mourning(database):
    async with database.writing() as db:
        row = await add(db, HUNG)
        db.add(ResidentAddress(channel=ChannelName.ZALO, user="1", resident_id=row.id or 0))
        await db.flush()
        await residents.note_death(db, row, date(2026, 11, 19), FRIDAY)
        await residents.revive(db, row, FRIDAY)
    async with database.reading() as db:
        assert (await db.exec(select(ResidentAddress))).one().closed_at is None
        assert (await db.exec(select(Household))).one().mourning_until is None
        assert (await db.exec(select(Resident))).one().deceased_on is None


async def test_somebody_without_an_address_still_has_a_household_that_mourns(database):
    async with database.writing() as db:
        row = await add(db, replace(HUNG, address=""))
        assert row.household_id is None
        await residents.note_death(db, row, date(2026, 11, 19), FRIDAY)
        house = await db.get(Household, row.household_id)
    assert house is not None
    assert house.mourning_until == date(2027, 1, 7)
