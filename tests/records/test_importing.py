"""Registers brought in: once however often, every row accounted for, and out again while nothing came of it."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import func, select

from records import importing, undoing
from records.importers import Kind, read
from records.letters import CivilEvent, Dossier, Household, ImportRun, Resident, ResidentAddress
from records.tables import ChannelName, Trace
from records.trace import verify
from records.undoing import NotUndoable
from tests.conftest import FRIDAY
from tests.records.importers.register import BRIDE, DAY, GROOM, TITLES, Book, couple, couples, xlsx
from tests.records.importers.test_defects import ROW_DEFECTS
from tests.records.registers import (
    DOSSIER_DEFECTS,
    DUE,
    RESIDENT_TITLES,
    STATE,
    bring,
    deaths_in,
    dossier,
    dossier_files,
    dossiers_in,
    marriage_files,
    name,
    put,
    residents_in,
)

HUNG = ["Nguyễn Văn Thử", "1975", "nam", "0900000123", "Số 42 đường Thí Dụ", "TDP 3", "HO-1"]
WIFE = ["Trần Thị Nghiệm", "1977", "nữ", "", "Số 42 đường Thí Dụ", "TDP 3", "HO-1"]
DEATH = ["3", "1", date(2026, 11, 19), "Nguyễn Văn Thử", "1975", date(2026, 11, 18), "TDP 3"]


async def number_of(database, table):
    async with database.reading() as db:
        return (await db.exec(select(func.count()).select_from(table))).one()


async def one(database, table):
    async with database.reading() as db:
        return (await db.exec(select(table))).one()


# --- every row accounted for -----------------------------------------------------------------------


async def test_three_hundred_rows_with_forty_kinds_of_defects_add_up(database):
    assert len(ROW_DEFECTS) + len(DOSSIER_DEFECTS) >= 40
    marriages, both = marriage_files(), dossier_files()
    clean = [dossier(place) for place in range(44)]
    off, old = clean[3 + 4 * 8], clean[3 + 4 * 9]
    await dossiers_in(database, off, put(old, STATE, "Đã có kết quả"))
    await dossiers_in(database, put(off, DUE, off[DUE] + timedelta(3)), put(old, STATE, "Đã có kết quả"))
    rows = refused = noted = 0
    for files, kind in ((marriages, Kind.MARRIAGES), (both, Kind.DOSSIERS)):
        for content, size in files:
            done = await bring(database, content, kind)
            assert sum(done.counts.values()) == size, done.counts
            assert done.counts["changed"] == done.counts["known"] == 0
            assert done.counts["refused"] == len({refusal.row for refusal in done.reading.refusals})
            assert all(refusal.todo.startswith("Mời") for refusal in done.reading.refusals)
            rows, refused, noted = rows + size, refused + done.counts["refused"], noted + done.counts["new"]
    assert rows == 300
    assert refused >= 42
    assert rows == refused + noted
    assert await number_of(database, CivilEvent) + await number_of(database, Dossier) - 2 == noted


async def test_no_event_ever_pairs_two_couples(database):
    for content, _ in marriage_files():
        await bring(database, content, Kind.MARRIAGES)
    async with database.reading() as db:
        events = (await db.exec(select(CivilEvent))).all()
    for event in events:
        there = couple(int(event.facts["number"]) - 1)
        said = [event.facts["groom_name"], event.facts["bride_name"], event.facts["registered_on"]]
        assert said == [there[GROOM], there[BRIDE], str(there[DAY])]


# --- twice -----------------------------------------------------------------------------------------


async def test_bringing_a_register_in_twice_is_harmless(database):
    content = xlsx(Book(couples(24)))
    first = await bring(database, content, Kind.MARRIAGES)
    second = await bring(database, content, Kind.MARRIAGES)
    assert first.counts == {"new": 24, "known": 0, "changed": 0, "refused": 0}
    assert second.counts == {"new": 0, "known": 24, "changed": 0, "refused": 0}
    async with database.reading() as db:
        assert {row.revision for row in (await db.exec(select(CivilEvent))).all()} == {1}


async def test_residents_and_dossiers_twice_are_harmless_too(database):
    for _ in range(2):
        people = await residents_in(database, HUNG, WIFE)
        cases = await dossiers_in(database, *(dossier(place) for place in range(9)))
    assert people.counts == {"new": 0, "known": 2, "changed": 0, "refused": 0}
    assert cases.counts == {"new": 0, "known": 9, "changed": 0, "refused": 0}
    assert await number_of(database, Resident) == 2
    assert await number_of(database, Household) == 1


async def test_a_changed_row_is_a_new_revision_and_says_what_changed(database):
    rows = couples(24)
    await bring(database, xlsx(Book(rows)), Kind.MARRIAGES)
    titles = (*TITLES, "Ngày trao giấy chứng nhận kết hôn")
    handed = [[*row, row[DAY] if place == 3 else ""] for place, row in enumerate(rows)]
    handed[5][BRIDE] = "Trần Thị Cam Sành"
    done = await bring(database, xlsx(Book(handed, titles=titles)), Kind.MARRIAGES)
    assert done.counts == {"new": 0, "known": 22, "changed": 2, "refused": 0}
    assert [(change.row, change.facts) for change in done.changes] == [
        (5, ("handed_over_on",)),
        (7, ("bride_name",)),
    ]
    async with database.reading() as db:
        found = (await db.exec(select(CivilEvent).where(CivilEvent.key == done.changes[1].key))).one()
    assert (found.revision, found.facts["bride_name"]) == (2, "Trần Thị Cam Sành")


async def test_the_history_is_sealed_and_holds_no_name(database):
    await bring(database, xlsx(Book(couples(24))), Kind.MARRIAGES, by="hanh")
    async with database.reading() as db:
        assert (await verify(db)).whole
        line = (await db.exec(select(Trace))).one()
        run = (await db.exec(select(ImportRun))).one()
    assert (line.what, line.object, line.who) == ("import", f"import:{run.id}", "hanh")
    assert run.counts == {"new": 24, "known": 0, "changed": 0, "refused": 0}
    assert "Nguyễn" not in str(line.detail)


# --- people, deaths, dossiers ----------------------------------------------------------------------


async def test_two_of_one_name_year_and_quarter_are_two_people_and_stay_so(database):
    namesake = put(put(HUNG, 4, "Số 7 đường Thí Dụ"), 6, "HO-2")
    namesake[3] = "0900000124"
    for _ in range(2):
        done = await residents_in(database, put(HUNG, 1, "03/02/1975"), put(namesake, 1, "05/06/1975"))
    assert done.counts["known"] == 2
    assert await number_of(database, Resident) == 2


async def test_a_registered_death_closes_accounts_and_lets_the_house_mourn(database):
    await residents_in(database, HUNG, WIFE)
    async with database.writing() as db:
        who = (await db.exec(select(Resident).where(Resident.born_year == 1975))).one()
        db.add(ResidentAddress(channel=ChannelName.ZALO, user="1", resident_id=who.id or 0))
    done = await deaths_in(database, DEATH)
    assert done.deceased == (who.id,)
    assert done.doubts == ()
    assert (await one(database, Household)).mourning_until == date(2027, 1, 6)
    assert (await one(database, ResidentAddress)).closed_at == FRIDAY
    assert (await deaths_in(database, DEATH)).deceased == ()


async def test_a_death_that_fits_two_marks_nobody_and_holds_both_houses(database):
    namesake = put(put(put(HUNG, 4, "Số 7 đường Thí Dụ"), 6, "HO-2"), 1, "05/06/1975")
    await residents_in(database, put(HUNG, 1, "03/02/1975"), namesake)
    done = await deaths_in(database, DEATH)
    assert done.deceased == ()
    assert "dòng 2" in done.doubts[0]
    async with database.reading() as db:
        houses = (await db.exec(select(Household))).all()
        people = (await db.exec(select(Resident))).all()
    assert {house.mourning_until for house in houses} == {date(2027, 1, 6)}
    assert {person.deceased_on for person in people} == {None}


async def test_a_death_of_somebody_unknown_is_noted_and_told(database):
    done = await deaths_in(database, DEATH)
    assert "chưa có trong danh sách người dân" in done.doubts[0]
    assert (await one(database, CivilEvent)).key == "death:1:3:2026"


async def test_a_corrected_death_lets_the_first_one_live(database):
    other = [*put(HUNG, 0, "Lê Văn Khác")[:4], "Số 9 đường Thí Dụ", "TDP 3", "HO-9"]
    await residents_in(database, HUNG, other)
    await deaths_in(database, DEATH)
    done = await deaths_in(database, put(DEATH, 3, "Lê Văn Khác"))
    assert done.counts["changed"] == 1
    async with database.reading() as db:
        dead = {row.name: row.deceased_on for row in (await db.exec(select(Resident))).all()}
        mourning = {row.address: row.mourning_until for row in (await db.exec(select(Household))).all()}
    assert dead == {"Nguyễn Văn Thử": None, "Lê Văn Khác": date(2026, 11, 18)}
    assert mourning == {"Số 42 đường Thí Dụ": None, "Số 9 đường Thí Dụ": date(2027, 1, 6)}


async def test_a_second_putting_off_is_refused_in_its_row_and_handed_to_whoever_tells_the_chair(database):
    row = dossier(0)
    await dossiers_in(database, row, dossier(1))
    await dossiers_in(database, put(row, DUE, row[DUE] + timedelta(2)), dossier(1))
    done = await dossiers_in(database, put(row, DUE, row[DUE] + timedelta(5)), dossier(1))
    assert done.counts == {"new": 0, "known": 1, "changed": 0, "refused": 1}
    assert [late.code for late in done.late] == [row[0]]
    assert done.reading.refusals[0].column == "Ngày hẹn trả"


async def test_the_ward_says_how_long_a_house_mourns_also_when_a_death_is_corrected_or_taken_out(database):
    other = [*put(HUNG, 0, "Lê Văn Khác")[:4], "Số 42 đường Thí Dụ", "TDP 3", "HO-1"]
    await residents_in(database, HUNG, other)
    await deaths_in(database, DEATH, mourning_days=100)
    assert (await one(database, Household)).mourning_until == date(2027, 2, 26)
    later = put(put(DEATH, 3, "Lê Văn Khác"), 0, 2)
    done = await deaths_in(database, put(later, 5, date(2026, 11, 19)), mourning_days=100)
    assert (await one(database, Household)).mourning_until == date(2027, 2, 27)
    async with database.writing() as db:
        await undoing.undo(db, done.run_id, "hanh", FRIDAY, mourning_days=100)
    assert (await one(database, Household)).mourning_until == date(2027, 2, 26)


# --- a long register -------------------------------------------------------------------------------


def family(place: int) -> list[object]:
    return [name(place), 1960 + place % 40, "Nam", "", f"Số {place // 2} Thí Dụ", "TDP 3", f"HO-{place // 2}"]


async def in_runs(database, reading, *, most, stop=None):
    file, met, runs = importing.File(name="so.xlsx", sha256="0" * 64), importing.Met(), []
    for piece in importing.cut(reading, most)[:stop]:
        async with database.writing() as db:
            runs.append(await importing.take(db, piece, file, FRIDAY, met=met))
    return importing.whole(reading, runs)


async def test_a_register_cut_into_runs_makes_what_it_would_have_made_at_once(database):
    twins = [put(put(HUNG, 1, f"0{place}/02/1975"), 6, f"HO-9{place}") for place in (3, 5)]
    rows = [twins[0], *(family(place) for place in range(11)), twins[1], put(WIFE, 1, "không rõ")]
    reading = read(xlsx(Book(rows, titles=RESIDENT_TITLES)), "so.xlsx", Kind.RESIDENTS)
    done = await in_runs(database, reading, most=4)
    assert done.counts == {"new": 13, "known": 0, "changed": 0, "refused": 1}
    assert await number_of(database, ImportRun) == 4
    assert await number_of(database, Household) == 7
    again = await in_runs(database, reading, most=5)
    assert again.counts == {"new": 0, "known": 13, "changed": 0, "refused": 1}


async def test_what_a_crash_left_undone_is_brought_in_by_the_same_file_and_can_be_taken_out(database):
    reading = read(
        xlsx(Book([family(place) for place in range(12)], titles=RESIDENT_TITLES)),
        "so.xlsx",
        Kind.RESIDENTS,
    )
    await in_runs(database, reading, most=5, stop=2)
    assert await number_of(database, Resident) == 10
    done = await in_runs(database, reading, most=5)
    assert done.counts == {"new": 2, "known": 10, "changed": 0, "refused": 0}
    async with database.writing() as db:
        taken = [await undoing.undo(db, number, "hanh", FRIDAY) for number in (1, 2, 5)]
    assert taken == [5, 5, 2]
    assert await number_of(database, Household) == 0


# --- out again -------------------------------------------------------------------------------------


async def taken_back(database, run, at=FRIDAY):
    async with database.writing() as db:
        return await undoing.undo(db, run.run_id, "hanh", at)


async def test_a_register_is_taken_out_again_while_nothing_came_of_it(database):
    done = await bring(database, xlsx(Book(couples(24))), Kind.MARRIAGES)
    assert await taken_back(database, done) == 24
    assert await number_of(database, CivilEvent) == 0
    with pytest.raises(NotUndoable, match="trước đó"):
        await taken_back(database, done)
    again = await bring(database, xlsx(Book(couples(24))), Kind.MARRIAGES)
    assert again.counts["new"] == 24


async def test_residents_go_with_their_households_and_a_death_is_taken_back_whole(database):
    people = await residents_in(database, HUNG, WIFE)
    async with database.writing() as db:
        who = (await db.exec(select(Resident).where(Resident.born_year == 1975))).one()
        db.add(ResidentAddress(channel=ChannelName.ZALO, user="1", resident_id=who.id or 0))
    later = FRIDAY + timedelta(hours=1)
    death = await deaths_in(database, DEATH, now=later)
    with pytest.raises(NotUndoable):
        await taken_back(database, people)
    assert await taken_back(database, death) == 1
    assert (await one(database, Household)).mourning_until is None
    assert (await one(database, ResidentAddress)).closed_at is None
    async with database.writing() as db:
        await db.delete((await db.exec(select(ResidentAddress))).one())
    assert await taken_back(database, people) == 2
    assert await number_of(database, Household) == 0


@pytest.mark.parametrize("considered", [FRIDAY, None])
async def test_what_was_considered_or_corrected_stays(database, considered: datetime | None):
    done = await bring(database, xlsx(Book(couples(24))), Kind.MARRIAGES)
    async with database.writing() as db:
        event = (await db.exec(select(CivilEvent).limit(1))).one()
        event.considered_at, event.revision = considered, 1 if considered else 2
        db.add(event)
    with pytest.raises(NotUndoable, match="1 việc"):
        await taken_back(database, done)
    assert await number_of(database, CivilEvent) == 24


async def test_a_run_that_corrected_rows_is_mended_by_the_right_file(database):
    await dossiers_in(database, dossier(0), dossier(1))
    done = await dossiers_in(database, put(dossier(0), STATE, "Đã có kết quả"), dossier(2))
    with pytest.raises(NotUndoable, match="nạp lại tệp đúng"):
        await taken_back(database, done)
    with pytest.raises(NotUndoable, match="Không có lần nạp"):
        async with database.writing() as db:
            await undoing.undo(db, 99, "hanh", FRIDAY)


def test_numbers_are_kept_as_spans():
    assert importing.ranges([3, 4, 5, 9, 4]) == [[3, 5], [9, 9]]
