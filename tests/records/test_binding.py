"""Accounts and the people they belong to, on both databases: one code, one person, whoever comes at once."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from letters import keys
from records import binding, dossiers, outbox, people, residents, retention
from records.binding import NotBindable, Wanted
from records.letters import (
    AddressClaim,
    Dossier,
    DossierWatch,
    Letter,
    LetterState,
    Recipient,
    Resident,
    ResidentAddress,
    Route,
)
from records.residents import Person
from records.tables import Address, ChannelName, Delivery, DeliveryState, Purpose
from tests.conftest import FRIDAY
from tests.records.test_dossiers import ROW

LAN = Address(ChannelName.ZALO, "186729651760683225")
THU = Person(name="Nguyễn Thị Thử", born_year=1975, quarter="TDP 3", address="Số 42 Thí Dụ")
TWIN = Person(name="Nguyễn Thị Thử", born_year=1975, quarter="TDP 3", address="Số 7 Thí Dụ")


@pytest.fixture
async def two(database) -> list[int]:
    """Two residents of one name; their numbers."""
    found: list[int] = []
    async with database.writing() as db:
        for person in (THU, TWIN):
            row = (await residents.find_or_make(db, person, FRIDAY, found)).resident
            assert row is not None
            await residents.house(db, row)
            found.append(row.id or 0)
    return found


async def code_for(database, who=LAN, now=FRIDAY) -> str:
    async with database.writing() as db:
        return binding.hashed(await binding.claim(db, who, now))


async def bound(database, code, number, now=FRIDAY) -> Address:
    async with database.writing() as db:
        return await binding.bind(db, code, number, by="mot.cua", now=now)


async def everything(database, table):
    async with database.reading() as db:
        return list((await db.exec(select(table))).all())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Nguyễn Văn Thử 1943 tổ 3", ("Nguyễn Văn Thử", 1943, "tổ 3")),
        ("Tổ dân phố số 03, Nguyễn Văn Thử, 12/03/1943", ("Nguyễn Văn Thử", 1943, "Tổ dân phố số 03")),
        ("To Van Am kp2 1960", ("To Van Am", 1960, "kp2")),
        ("Nguyễn Văn Thử", ("Nguyễn Văn Thử", None, "")),
        ("1943", ("", 1943, "")),
        ("%' OR 1=1 --", ("' OR --", None, "")),
    ],
)
def test_words_of_a_search_are_told_apart(said, meant):
    name, year, quarter = meant
    assert binding.wanted(said) == Wanted(name=name, year=year, quarter=quarter)


async def test_a_search_needs_a_name_and_leaves_out_who_cannot_be_meant(database, two):
    async with database.reading() as db:

        async def who(said: str) -> list[int | None]:
            return [row.id for row in await binding.search(db, binding.wanted(said))]

        assert await who("NGUYEN THI THU") == two
        assert await who("Nguyễn Thị Thử 1976") == []
        assert await who("Nguyễn Thị Thử tổ 4") == []
        assert await who("1975 tổ 3") == []


async def test_a_code_is_kept_as_a_hash_and_an_account_has_one(database):
    first, second = await code_for(database), await code_for(database)
    [row] = await everything(database, AddressClaim)
    assert row.code_sha256 == second != first


async def test_of_two_clerks_at_once_one_binds_and_the_other_is_told(database, two):
    code = await code_for(database)
    done = await asyncio.gather(*(bound(database, code, number) for number in two), return_exceptions=True)
    assert [type(one) for one in done if one != LAN] == [NotBindable]
    assert len(await everything(database, ResidentAddress)) == 1


async def test_a_death_and_a_binding_at_once_leave_no_open_account(database, two):
    for round_ in range(6):
        who = Address(ChannelName.ZALO, f"z{round_}")
        code = await code_for(database, who)

        async def dies() -> None:
            async with database.writing() as db:
                row = await db.get_one(Resident, two[0])
                row.deceased_on = None
                await residents.note_death(db, row, FRIDAY.date(), FRIDAY)

        await asyncio.gather(dies(), bound(database, code, two[0]), return_exceptions=True)
        assert all(row.closed_at is not None for row in await everything(database, ResidentAddress))
        async with database.writing() as db:
            await residents.revive(db, await db.get_one(Resident, two[0]))


async def test_who_is_dead_or_unknown_is_not_bound_and_the_code_stays(database, two):
    code = await code_for(database)
    async with database.writing() as db:
        await residents.note_death(db, await db.get_one(Resident, two[0]), FRIDAY.date(), FRIDAY)
    for number, why in ((two[0], "qua đời"), (99, "Không có người dân số 99")):
        with pytest.raises(NotBindable, match=why):
            await bound(database, code, number)
    assert await bound(database, code, two[1]) == LAN


async def test_what_is_bound_to_nobody_cannot_be_taken_off(database, two):
    async with database.writing() as db:
        with pytest.raises(NotBindable):
            await binding.unbind(db, LAN, by="mot.cua", now=FRIDAY)
    await bound(database, await code_for(database), two[0])
    async with database.writing() as db:
        assert await binding.unbind(db, LAN, by="mot.cua", now=FRIDAY) == 0
        with pytest.raises(NotBindable):
            await binding.unbind(db, LAN, by="mot.cua", now=FRIDAY)


async def test_whoever_is_forgotten_loses_account_code_and_watches_and_their_letter_finds_paper(
    database, two
):
    await bound(database, await code_for(database), two[0])
    await code_for(database)
    async with database.writing() as db:
        letter = Letter(template="t", state=LetterState.RELEASED, drafted_at=FRIDAY)
        db.add(letter)
        await db.flush()
        one = Recipient(letter_id=letter.id or 0, resident_id=two[0], route=Route.CHAT)
        one.channel, one.user = LAN
        db.add(one)
        await db.flush()
        name = keys.key(letter.id or 0, one.id or 0, LAN.channel)
        await outbox.put(db, key=name, to=LAN, purpose=Purpose.LETTER, text="lời thư", now=FRIDAY)
        row = (await dossiers.upsert(db, ROW, FRIDAY)).dossier
        await dossiers.watch(db, row, LAN, FRIDAY)
        await people.heard(db, LAN, FRIDAY)
    async with database.writing() as db:
        done = await retention.forget_person(db, LAN, FRIDAY)
    assert (done["accounts"], done["watches"]) == (2, 1)
    for table in (ResidentAddress, AddressClaim, DossierWatch):
        assert await everything(database, table) == []
    [kept] = await everything(database, Delivery)
    assert (kept.state, kept.text) == (DeliveryState.WITHHELD, None)
    [recipient] = await everything(database, Recipient)
    assert (recipient.route, recipient.user) == (Route.UNDECIDED, None)


async def test_watches_of_ended_dossiers_and_old_codes_go_in_time(database):
    handed = {"state": "Đã trả kết quả", "returned_on": FRIDAY.date(), "code": "H26.2"}
    await code_for(database)
    async with database.writing() as db:
        for facts in (ROW, {**ROW, **handed}):
            row = (await dossiers.upsert(db, facts, FRIDAY)).dossier
            await dossiers.watch(db, row, LAN, FRIDAY)
    async with database.writing() as db:
        done = await retention.forget_old(db, FRIDAY + timedelta(days=30), key_days=30)
        assert (done["watches"], done["claims"]) == (0, 0)
    async with database.writing() as db:
        done = await retention.forget_old(db, FRIDAY + timedelta(days=38), key_days=30)
    assert (done["watches"], done["claims"]) == (1, 1)
    async with database.reading() as db:
        left = (await db.exec(select(Dossier).join(DossierWatch))).one()
    assert left.receipt_code == ROW["code"]
