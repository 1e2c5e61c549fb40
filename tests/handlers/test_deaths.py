"""A death is told by staff and confirmed by somebody else; a resident's words make none."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from letters.work import ON_THE_SHELF, shelf_of
from records import residents, staff
from records.cases import Permission
from records.letters import CivilEvent, Household, Resident, ResidentAddress
from records.media import MediaStore
from records.residents import Person
from records.tables import Address, ChannelName
from tests.feedback.bench import CALENDAR, LAN, WARD, Bench
from tests.handlers.dossier_bench import led
from tests.handlers.staff_bench import Talk, hears
from tests.letters.bench import Bench as LettersBench

__all__ = ["led"]
HEAD, CLERK = Address(ChannelName.TELEGRAM, "501"), Address(ChannelName.TELEGRAM, "502")
ANSWERS = (
    "/baotu",
    "Nguyễn Văn Thử",
    "Nam",
    "1943",
    "19/11",
    "Tổ dân phố 3",
    "Số 42 đường Thí Dụ",
    "Trần Văn Nghiệm",
    "con trai",
    "Bỏ qua",
    "Không",
)


@pytest.fixture
async def bench(database, tmp_path):
    made = Bench(database)
    LettersBench(database, tmp_path)  # puts the shelf of letters at hand
    await made.hire()
    async with made.work() as work:
        for who, login, name, may in (
            (HEAD, "to.truong.3", "Lê Thị Tổ", Permission.IMPORT_RECORDS),
            (CLERK, "ho.tich", "Phạm Văn Sổ", Permission.DRAFT_LETTERS),
        ):
            person = await staff.add(
                work.db, login=login, name=name, desk="mot_cua", permissions=[may], now=work.now
            )
            await staff.bind(work.db, who, person.id or 0, work.now)
    return made


@pytest.fixture
def head(bench):
    return Talk(bench, HEAD)


@pytest.fixture
def clerk(bench):
    return Talk(bench, CLERK)


async def tells(head, *, instead=None):
    for number, answer in enumerate(ANSWERS):
        reply = await head.says((instead or {}).get(number, answer))
    return reply


async def events_of(bench):
    async with bench.database.reading() as db:
        return (await db.exec(select(CivilEvent))).all()


async def made(work, person, taken=()) -> Resident:
    found = (await residents.find_or_make(work.db, person, work.now, taken)).resident
    assert found is not None
    await residents.house(work.db, found)
    return found


async def register(bench, person) -> Resident:
    async with bench.work() as work:
        row = await made(work, person)
        work.db.add(ResidentAddress(channel=ChannelName.ZALO, user=f"z{row.id}", resident_id=row.id or 0))
    return row


GRANDFATHER = Person(
    name="Nguyễn Văn Thử", born_year=1943, gender="nam", quarter="TDP 3", address="Số 42 đường Thí Dụ"
)


async def test_a_death_is_told_fact_by_fact_and_waits_for_a_second_person(bench, head, clerk):
    reply = await tells(head)
    hears(reply, "Nguyễn Văn Thử", "thứ Năm 19/11/2026", "con trai")
    assert await events_of(bench) == []
    hears(await head.says("Gửi xác nhận"), "gửi cho người thứ hai xác nhận")
    [event] = await events_of(bench)
    assert (event.reported_by, event.confirmed_by) == ("to.truong.3", "")
    assert event.facts["deceased_born"] == 1943
    assert event.facts["family_relation"] == "con trai"
    assert event.key.startswith("death_report:2026-11-19:")
    [alert] = await clerk.private()
    assert "Người báo: Lê Thị Tổ" in alert
    assert await head.private() == []


async def test_the_second_person_confirms_and_the_house_mourns(bench, head, clerk):
    grandfather = await register(bench, GRANDFATHER)
    await tells(head)
    await head.says("Gửi xác nhận")
    yes, _ = await clerk.buttons()
    hears(await head.presses(yes), "Cần một người khác xác nhận")
    hears(await clerk.presses(yes), "Đã xác nhận", "đóng tài khoản")
    hears(await clerk.presses(yes), "đã được xử lý")
    [event] = await events_of(bench)
    assert (event.reported_by, event.confirmed_by, event.revision) == ("to.truong.3", "ho.tich", 2)
    async with bench.database.reading() as db:
        row = await db.get_one(Resident, grandfather.id)
        house = await db.get_one(Household, row.household_id)
        account = (await db.exec(select(ResidentAddress))).one()
    assert row.deceased_on == date(2026, 11, 19)
    assert house.mourning_until == date(2027, 1, 7)
    assert account.closed_at == bench.now


async def test_the_house_mourns_for_as_long_as_the_ward_says(bench, head, clerk, tmp_path):
    (tmp_path / "letters.toml").write_text(
        'responsible = "Văn phòng"\nchecked_on = 2026-11-20\nsymbol = "TC-UBND"\nmourning_days = 100\n'
        "trial = false\n",
        "utf-8",
    )
    shelf = shelf_of(WARD, CALENDAR, ward_dir=tmp_path, media=MediaStore(tmp_path))
    bench.database.info[ON_THE_SHELF] = shelf
    await register(bench, GRANDFATHER)
    await tells(head)
    await head.says("Gửi xác nhận")
    await clerk.presses((await clerk.buttons())[0])
    async with bench.database.reading() as db:
        house = (await db.exec(select(Household))).one()
    assert house.mourning_until == date(2026, 11, 19) + timedelta(days=100)


async def test_before_the_second_person_nobody_is_marked_and_a_mistake_is_taken_back(bench, head, clerk):
    grandfather = await register(bench, GRANDFATHER)
    await tells(head)
    await head.says("Gửi xác nhận")
    yes, no = await clerk.buttons()
    hears(await clerk.presses(no), "báo nhầm")
    hears(await clerk.presses(yes), "đã được xử lý")
    async with bench.database.reading() as db:
        assert (await db.get_one(Resident, grandfather.id)).deceased_on is None
    [event] = await events_of(bench)
    assert event.cancelled_at is not None


async def test_of_two_who_fit_nobody_is_marked_and_both_houses_are_held(bench, head, clerk):
    twin = Person(name="Nguyễn Văn Thử", born_year=1943, gender="nam", quarter="TDP 3", address="Số 7 Thí Dụ")
    async with bench.work() as work:
        first = await made(work, GRANDFATHER)
        await made(work, twin, {first.id})
    await tells(head)
    await head.says("Gửi xác nhận")
    yes, _ = await clerk.buttons()
    hears(await clerk.presses(yes), "Chưa xác định được người mất")
    async with bench.database.reading() as db:
        assert {row.deceased_on for row in (await db.exec(select(Resident))).all()} == {None}
        mourning = {row.mourning_until for row in (await db.exec(select(Household))).all()}
    assert mourning == {date(2027, 1, 7)}


async def test_a_resident_and_other_staff_cannot_tell_of_a_death(bench):
    for who in (LAN, Address(ChannelName.TELEGRAM, "1")):
        talk = Talk(bench, who)
        for word in ("/baotu", "/xntu 1 1", "/baotu gui"):
            hears(await talk.says(word), "cần việc gì")
    assert await events_of(bench) == []


async def test_whoever_lost_the_right_on_the_way_goes_no_further(bench, head):
    await head.says("/baotu")
    async with bench.work() as work:
        person = await staff.by_login(work.db, "to.truong.3")
        assert person is not None
        await staff.disable(work.db, person, work.now)
    hears(await head.says("Nguyễn Văn Thử"), "cần việc gì")


@pytest.mark.parametrize(
    ("place", "wrong", "why"),
    [
        (1, "Thử", "họ tên chỉ có một chữ"),
        (1, "Nguyễn Văn Thử, Trần Văn Nghiệm", "hai người"),
        (3, "1843", "năm sinh không hợp lý"),
        (4, "31/11", "không có ngày này"),
        (4, "21/11/2026", "chưa tới"),
        (4, "19/11/1940", "trước ngày sinh"),
        (2, "không rõ", "giới tính"),
    ],
)
async def test_what_cannot_be_is_asked_again(head, place, wrong, why):
    for answer in ANSWERS[:place]:
        await head.says(answer)
    hears(await head.says(wrong), "Chưa ghi được", why)


async def test_told_again_by_another_it_is_the_same_death(bench, head, clerk):
    await tells(head)
    await head.says("Gửi xác nhận")
    await tells(clerk, instead={6: "Số 42 Thí Dụ"})
    hears(await clerk.says("Gửi xác nhận"), "đã được báo trước đó")
    [event] = await events_of(bench)
    assert (event.reported_by, event.revision) == ("ho.tich", 2)
    yes, _ = await head.buttons()
    hears(await clerk.presses(yes), "Cần một người khác xác nhận")
    hears(await head.presses(yes), "Đã xác nhận")


async def test_what_was_confirmed_and_is_told_differently_needs_confirming_anew(bench, head, clerk):
    await tells(head)
    await head.says("Gửi xác nhận")
    await clerk.presses((await clerk.buttons())[0])
    await tells(head, instead={6: "Số 7 Thí Dụ"})
    await head.says("Gửi xác nhận")
    [event] = await events_of(bench)
    assert (event.reported_by, event.confirmed_by) == ("to.truong.3", "")


async def test_nothing_is_kept_of_what_was_dropped(bench, head):
    await tells(head)
    hears(await head.says("Bỏ"), "chưa ghi gì")
    hears(await head.says("/baotu gui"), "Không có tin nào")
    assert await events_of(bench) == []
