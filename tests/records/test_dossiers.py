"""Dossiers from the one-stop register: where they stand, one putting-off, never backwards."""

from dataclasses import replace
from datetime import date

import pytest

from records import dossiers, events, residents
from records.dossiers import Refused, SecondAppointment
from records.events import Noted
from records.letters import DossierState, EventKind, Resident
from records.residents import Person
from records.tables import Address, ChannelName
from tests.conftest import FRIDAY

LAN = Address(ChannelName.ZALO, "186729651760683225")
ROW = {
    "code": "H26.1187",
    "procedure_name": "Xác nhận thông tin thửa đất",
    "procedure_code": "1.012345.000.00.00.H26",
    "applicant_name": "Trần Văn Thử",
    "applicant_phone": "0900000123",
    "taken_on": date(2026, 11, 9),
    "due_on": date(2026, 11, 23),
    "finished_on": None,
    "returned_on": None,
    "state": "Đang xử lý",
    "unit": "Tổ Địa chính",
}


async def tell(db, **changed):
    return await dossiers.upsert(db, {**ROW, **changed}, FRIDAY)


async def test_a_row_told_twice_is_one_dossier(database):
    async with database.writing() as db:
        first, second = await tell(db), await tell(db)
    assert (first.noted, second.noted) == (Noted.NEW, Noted.KNOWN)
    assert second.dossier.procedure_code == "1.012345"
    assert second.dossier.original_due_on == second.dossier.current_due_on == date(2026, 11, 23)
    assert second.dossier.applicant_id is None


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"state": ""}, DossierState.TAKEN),
        ({"state": "Chờ bổ sung hồ sơ"}, DossierState.SUPPLEMENT),
        ({"state": "Tạm dừng"}, DossierState.SUSPENDED),
        ({"state": "Từ chối"}, DossierState.REJECTED),
        ({"state": "Công dân rút hồ sơ"}, DossierState.WITHDRAWN),
        ({"state": "Đã có kết quả"}, DossierState.READY),
        ({"state": "", "finished_on": date(2026, 11, 19)}, DossierState.READY),
        ({"state": "Đã trả kết quả", "returned_on": date(2026, 11, 20)}, DossierState.HANDED),
        ({"state": "Hoàn thành", "returned_on": date(2026, 11, 20)}, DossierState.HANDED),
    ],
)
async def test_the_register_says_where_it_stands(database, changed, state):
    async with database.writing() as db:
        assert (await tell(db, **changed)).dossier.state is state


async def test_a_state_that_its_dates_deny_is_refused(database):
    async with database.writing() as db:
        with pytest.raises(Refused) as refused:
            await tell(db, returned_on=date(2026, 11, 20))
        assert refused.value.column == "state"
        assert await dossiers.by_code(db, "H26.1187") is None


async def test_the_promise_is_put_off_once_and_no_more(database):
    async with database.writing() as db:
        await tell(db)
        once = await tell(db, due_on=date(2026, 11, 25))
        assert once.dossier.reappointments == 1
        assert once.dossier.original_due_on == date(2026, 11, 23)
        with pytest.raises(SecondAppointment, match="lần hai"):
            await tell(db, due_on=date(2026, 11, 30))
        with pytest.raises(SecondAppointment):
            await dossiers.put_off(db, once.dossier, date(2026, 12, 1), "chờ đo lại", FRIDAY)
        kept = await dossiers.by_code(db, "H26.1187")
    assert kept is not None
    assert (kept.current_due_on, kept.reappointments) == (date(2026, 11, 25), 1)


async def test_a_date_put_off_in_chat_is_not_undone_by_a_register_that_does_not_know_it(database):
    async with database.writing() as db:
        row = (await tell(db)).dossier
        await dossiers.put_off(db, row, date(2026, 11, 25), "chờ xác minh ranh giới thửa đất", FRIDAY)
        assert (await tell(db)).noted is Noted.KNOWN
        assert (await tell(db, due_on=date(2026, 11, 25))).noted is Noted.KNOWN
        kept = await dossiers.by_code(db, "H26.1187")
    assert kept is not None
    assert (kept.current_due_on, kept.reappointments) == (date(2026, 11, 25), 1)


async def test_a_new_date_after_more_was_brought_is_no_putting_off(database):
    async with database.writing() as db:
        await tell(db)
        await tell(db, state="Yêu cầu bổ sung")
        back = await tell(db, due_on=date(2026, 12, 4))
    assert back.dossier.reappointments == 0
    assert back.dossier.original_due_on == date(2026, 12, 4)


async def test_a_corrected_earlier_date_is_no_putting_off(database):
    async with database.writing() as db:
        await tell(db)
        back = await tell(db, due_on=date(2026, 11, 20))
    assert (back.dossier.reappointments, back.dossier.original_due_on) == (0, date(2026, 11, 20))


@pytest.mark.parametrize("late", [{"state": "Đã có kết quả"}, {"state": "Đã trả"}, {"state": "Từ chối"}])
async def test_an_older_sheet_never_turns_a_dossier_back(database, late):
    async with database.writing() as db:
        await tell(db, **late)
        with pytest.raises(Refused, match="tệp có thể đã cũ"):
            await tell(db)


async def test_ready_in_time_takes_back_the_apology(database):
    async with database.writing() as db:
        await tell(db)
        for kind in (EventKind.DUE_SOON, EventKind.MARRIAGE):
            await events.note(
                db,
                key=f"{kind}:H26.1187:2026-11-23",
                kind=kind,
                happened_on=date(2026, 11, 23),
                facts={},
                now=FRIDAY,
            )
        await tell(db, state="Đã có kết quả", finished_on=date(2026, 11, 20))
        apology = await events.by_key(db, "due_soon:H26.1187:2026-11-23")
        other = await events.by_key(db, "marriage:H26.1187:2026-11-23")
    assert apology is not None
    assert apology.cancelled_at == FRIDAY
    assert other is not None
    assert other.cancelled_at is None


@pytest.mark.parametrize(
    ("name", "sensitive"),
    [
        ("Xác nhận tình trạng hôn nhân", True),
        ("Hỗ trợ nạn nhân bạo lực gia đình", True),
        ("Đăng ký khai sinh", False),
    ],
)
async def test_some_procedures_are_not_named_in_chat(database, name, sensitive):
    async with database.writing() as db:
        assert (await tell(db, procedure_name=name)).dossier.sensitive is sensitive


@pytest.mark.parametrize("said", ["H26.1187", "h26-1187", "H26 1187", " h26.1187 "])
async def test_a_code_is_found_however_it_is_typed(database, said):
    async with database.writing() as db:
        await tell(db)
        found = await dossiers.by_code(db, said)
    assert found is not None
    assert found.receipt_code == "H26.1187"


async def test_two_codes_that_look_alike_are_neither(database):
    async with database.writing() as db:
        await tell(db)
        await tell(db, code="H2.61187")
        assert await dossiers.by_code(db, "H261187") is None
        assert await dossiers.by_code(db, "H2.61187") is not None
        assert await dossiers.by_code(db, "") is None


async def test_who_watches_is_told_once(database):
    async with database.writing() as db:
        row = (await tell(db)).dossier
        assert await dossiers.watch(db, row, LAN, FRIDAY)
        assert not await dossiers.watch(db, row, LAN, FRIDAY)
        assert await dossiers.waiting_for_result(db) == []
        await tell(db, state="Đã có kết quả")
        waiting = await dossiers.waiting_for_result(db)
        assert [(watching.user, found.receipt_code) for watching, found in waiting] == [
            (LAN.user, "H26.1187")
        ]
        await dossiers.mark_told(db, [watching for watching, _ in waiting], FRIDAY)
        assert await dossiers.waiting_for_result(db) == []
        assert await dossiers.unwatch(db, row, LAN)
        assert not await dossiers.unwatch(db, row, LAN)


# --- whose it is -----------------------------------------------------------------------------------

TRAN = Person(name="Trần Văn Thử", born_on=date(1970, 2, 3), quarter="TDP 3", phone="0900000123")


async def lives(db, *persons) -> list[int]:
    found: list[int] = []
    for person in persons:
        row = (await residents.find_or_make(db, person, FRIDAY, found)).resident
        assert row is not None
        found.append(row.id or 0)
    return found


@pytest.mark.parametrize(
    ("told", "is_theirs"),
    [
        ({}, True),
        ({"applicant_name": "TRAN VAN THU"}, True),
        ({"applicant_phone": ""}, False),
        ({"applicant_phone": "0900000999"}, False),
        ({"applicant_phone": "", "applicant_born": date(1970, 2, 3)}, True),
        ({"applicant_phone": "", "applicant_born": 1970}, False),
        ({"applicant_born": date(1971, 2, 3)}, False),
        ({"applicant_name": "Trần Văn Thứ"}, False),
        ({"applicant_name": ""}, False),
    ],
    ids=[
        *("name and telephone", "without marks", "a name alone", "another telephone", "a day of birth"),
        *("a year of birth", "a telephone, and another birthday", "another name", "no name"),
    ],
)
async def test_a_dossier_belongs_to_the_one_resident_who_is_meant(database, told, is_theirs):
    async with database.writing() as db:
        [number] = await lives(db, TRAN)
        assert (await tell(db, **told)).dossier.applicant_id == (number if is_theirs else None)


async def test_of_two_who_fit_the_dossier_is_nobodys_and_the_dead_do_not_count(database):
    son = replace(TRAN, born_on=date(1999, 5, 6), address="Số 7 Thí Dụ")
    async with database.writing() as db:
        father, _ = await lives(db, TRAN, son)
        assert (await tell(db)).dossier.applicant_id is None
        await residents.note_death(db, await db.get_one(Resident, father), FRIDAY.date(), FRIDAY)
        assert (await tell(db, code="H26.2")).dossier.applicant_id not in (None, father)


async def test_people_who_come_into_the_register_later_are_found_by_the_next_sheet(database):
    async with database.writing() as db:
        assert (await tell(db)).dossier.applicant_id is None
        [number] = await lives(db, TRAN)
        done = await tell(db)
    assert (done.noted, done.dossier.applicant_id, done.dossier.changed_at) == (Noted.KNOWN, number, FRIDAY)


async def test_a_dossier_that_changed_hands_is_not_shown_to_who_had_it_before(database):
    async with database.writing() as db:
        [number] = await lives(db, TRAN)
        assert (await tell(db)).dossier.applicant_id == number
        done = await tell(db, applicant_name="Lê Văn Khác", applicant_phone="0900000777")
        assert done.dossier.applicant_id is None
        assert (await tell(db)).dossier.applicant_id == number
