"""A dossier by its code: who hears how much, who is told of the result, what a unit may choose."""

from datetime import date, timedelta

import pytest

from handlers import dossier as handler
from handlers.talk import plain
from knowledge.calendar import here
from records import dossiers, events, people, staff
from records.letters import EventKind, Resident, ResidentAddress
from records.tables import Address, ChannelName, Purpose
from records.trace import verify
from tests.feedback.bench import LAN, ROOM, Bench
from tests.handlers.dossier_bench import led
from tests.handlers.staff_bench import STRANGER, Talk, hears, officer, says_of

__all__ = ["led"]
DUE = date(2026, 11, 25)
KEY = f"due_soon:H26.1187:{DUE}"


@pytest.fixture
async def bench(database):
    made = Bench(database)
    await made.hire()
    return made


@pytest.fixture
def lan(bench):
    return Talk(bench, LAN)


async def given(bench, **more):
    facts = {
        "code": "H26.1187",
        "procedure_name": "Xác nhận thông tin thửa đất",
        "applicant_name": "Trần Văn Thử",
        "applicant_phone": "0900000123",
        "taken_on": date(2026, 11, 9),
        "due_on": DUE,
        "unit": "địa chính",
        **more,
    }
    async with bench.work() as work:
        return (await dossiers.upsert(work.db, facts, work.now)).dossier


async def agrees(bench, who=LAN):
    async with bench.work() as work:
        wording = "result_ready-1"
        await people.say_consent(
            work.db, who, [Purpose.RESULT_READY], granted=True, wording=wording, now=work.now
        )


async def now_of(bench, code="H26.1187"):
    async with bench.work() as work:
        row = await dossiers.by_code(work.db, code)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("H26.1187", "/hoso H26.1187"),
        ("hồ sơ h26.1187 tới đâu rồi em", "/hoso H26.1187"),
        ("Tình trạng hồ sơ H00.00-260305-0001", "/hoso H00.00-260305-0001"),
        ("000.00.12.H26-251120-0001", "/hoso 000.00.12.H26-251120-0001"),
        ("theo dõi hồ sơ H26.1187", "/theodoi H26.1187"),
        ("thôi theo dõi hồ sơ H26.1187", "/thoitheodoi H26.1187"),
        ("biên nhận số 4711/hn", "/hoso 4711/HN"),
        ("làm hồ sơ kết hôn cần gì", ""),
        ("hồ sơ gồm những gì", ""),
        ("PA26-0417-7", ""),
        ("hộ chiếu 2026", ""),
    ],
)
def test_what_is_typed_about_a_dossier(said, command):
    assert handler.command(said) == command


async def test_whoever_knows_the_code_hears_the_state_and_nothing_personal(bench, lan):
    await given(bench)
    reply = await lan.says("hồ sơ H26.1187")
    hears(reply, "H26.1187", "Đang giải quyết", "thứ Tư 25/11")
    assert "thửa đất" not in reply.text
    assert "Trần Văn Thử" not in reply.text
    assert "0900000123" not in reply.text
    assert says_of(reply)[0] == "/theodoi H26.1187"


async def test_following_asks_for_consent_in_full_words_first(bench, lan):
    await given(bench)
    reply = await lan.says("theo dõi hồ sơ H26.1187")
    hears(reply, "có đồng ý", "khi hồ sơ của chính anh/chị có kết quả")
    hears(await lan.says("Đồng ý"), "khi hồ sơ H26.1187 có kết quả")
    hears(await lan.says("theo dõi hồ sơ H26.1187"), "đã đăng ký theo dõi")
    async with bench.database.reading() as db:
        assert (await people.consents(db, LAN))[Purpose.RESULT_READY]
        assert (await verify(db)).whole
    hears(await lan.says("hồ sơ H26.1187"), "Xác nhận thông tin thửa đất")
    hears(await lan.says("Thôi theo dõi"), "không báo gì về hồ sơ H26.1187 nữa")


async def test_whoever_says_no_is_not_told(bench, lan):
    await given(bench)
    await lan.says("theo dõi hồ sơ H26.1187")
    hears(await lan.says("Không"), "không báo gì")
    async with bench.database.reading() as db:
        assert not await dossiers.watches(db, await now_of(bench), LAN)
        assert await people.consents(db, LAN) == {}


async def test_only_a_verified_owner_who_follows_hears_whose_it_is(bench, lan):
    row = await given(bench)
    await agrees(bench)
    await lan.says("theo dõi hồ sơ H26.1187")
    assert "Trần Văn Thử" not in (await lan.says("H26.1187")).text
    async with bench.work() as work:
        person = Resident(name="Trần Văn Thử", folded="tran van thu", born_year=1970, added_at=work.now)
        work.db.add(person)
        await work.db.flush()
        found = await dossiers.by_code(work.db, row.receipt_code, lock=True)
        assert found is not None
        found.applicant_id = person.id
        account = ResidentAddress(
            channel=LAN.channel, user=LAN.user, resident_id=person.id or 0, verified_at=work.now
        )
        work.db.add_all([found, account])
    hears(await lan.says("H26.1187"), "Người nộp: Trần Văn Thử")
    assert "Trần Văn Thử" not in (await Talk(bench, STRANGER).says("H26.1187")).text
    async with bench.work() as work:
        account = await work.db.get_one(ResidentAddress, tuple(LAN))
        account.closed_at = work.now
        work.db.add(account)
    assert "Trần Văn Thử" not in (await lan.says("H26.1187")).text


async def test_of_a_sensitive_dossier_nobody_hears_what_it_is(bench, lan):
    await given(bench, procedure_name="Hỗ trợ nạn nhân bạo lực gia đình")
    await agrees(bench)
    await lan.says("theo dõi hồ sơ H26.1187")
    assert "bạo lực" not in (await lan.says("H26.1187")).text


async def test_guessing_codes_tires_soon(bench, lan):
    await given(bench)
    for number in range(staff.MOST_MISSES):
        hears(await lan.says(f"hồ sơ H26.99{number}"), "không tìm thấy hồ sơ")
    hears(await lan.says("hồ sơ H26.1187"), "thử lại sau một giờ")
    bench.wait(hours=1)
    hears(await lan.says("hồ sơ H26.1187"), "Đang giải quyết")


async def test_a_late_dossier_is_told_with_an_apology(bench, lan):
    await given(bench, due_on=date(2026, 11, 18))
    hears(await lan.says("H26.1187"), "Xin lỗi anh/chị, hồ sơ đã quá ngày hẹn")


# --- the unit --------------------------------------------------------------------------------------


async def test_a_unit_promises_to_be_in_time(bench):
    await given(bench)
    async with bench.work() as work:
        await events.note(work.db, key=KEY, kind=EventKind.DUE_SOON, happened_on=DUE, facts={}, now=work.now)
    phuoc = officer(bench, "ta.huu.phuoc")
    reply = await phuoc.says("/hs H26.1187")
    hears(reply, "Trần Văn Thử", "thứ Tư 25/11/2026")
    hears(await phuoc.says("Xong đúng hẹn"), "sẽ xong đúng hẹn")
    async with bench.database.reading() as db:
        event = await events.by_key(db, KEY)
    assert event is not None
    assert event.cancelled_at is not None


async def test_a_unit_apologises_with_a_reason_and_the_only_new_date(bench):
    await given(bench)
    phuoc = officer(bench, "ta.huu.phuoc")
    await phuoc.says("/hs H26.1187")
    hears(await phuoc.says("Xin lỗi, hẹn lại"), "Việc gì chậm, ở khâu nào")
    hears(await phuoc.says("lý do khách quan"), "quá chung chung")
    reply = await phuoc.says("cơ quan đo đạc chưa gửi lại trích đo thửa đất")
    hears(reply, "Chỉ được hẹn lại một lần")
    assert says_of(reply)[0] == "/hs H26.1187 ngay 2026-11-26"
    hears(await phuoc.says("28/11"), "Xin chọn một ngày làm việc")  # a Saturday
    hears(await phuoc.says("30/11"), "Ngày hẹn mới: thứ Hai 30/11/2026")
    hears(await phuoc.says("Ghi, trình ký"), "được soạn để trình ký")
    async with bench.database.reading() as db:
        event = await events.by_key(db, KEY)
    assert event is not None
    assert event.facts["specific_reason"] == "cơ quan đo đạc chưa gửi lại trích đo thửa đất"
    assert event.facts["new_due_on"] == "2026-11-30"
    row = await now_of(bench)
    assert (row.current_due_on, row.reappointments) == (DUE, 0)  # it moves when the letter is signed


async def test_a_second_putting_off_is_refused_and_told_to_the_chairperson(bench):
    await given(bench, due_on=date(2026, 11, 20))
    async with bench.work() as work:
        row = await dossiers.by_code(work.db, "H26.1187", lock=True)
        assert row is not None
        await dossiers.put_off(work.db, row, DUE, "chờ đo lại", work.now)
    phuoc, chair = officer(bench, "ta.huu.phuoc"), officer(bench, "doan.thi.minh.thinh")
    hears(await phuoc.says("/hs H26.1187"), "đã hẹn lại một lần")
    for _ in range(2):
        hears(await phuoc.says(f"/hs H26.1187 xinloi {DUE}", pressed=True), "không được hẹn lại lần hai")
    [alert] = await chair.private()
    assert "H26.1187" in alert


async def test_a_stale_button_does_nothing_and_shows_how_it_stands(bench):
    await given(bench)
    phuoc = officer(bench, "ta.huu.phuoc")
    old = DUE - timedelta(days=7)
    for verb in ("xong", "xinloi", "ghi"):
        hears(await phuoc.presses(f"/hs H26.1187 {verb} {old}"), "chưa làm gì")
    await given(bench, state="Đã có kết quả")
    hears(await phuoc.presses(f"/hs H26.1187 xong {DUE}"), "không còn đang giải quyết")


async def test_neither_a_resident_nor_another_unit_sees_or_decides(bench, lan):
    await given(bench)
    menu = await lan.says("/hs H26.1187")
    assert "Trần Văn Thử" not in menu.text
    assert "Anh/chị cần việc gì" in menu.text
    stranger = officer(bench, "kieu.thi.thanh.tam")
    hears(await stranger.says("/hs H26.1187"), "không thuộc phần anh/chị được xem")
    reply = await officer(bench, "ta.huu.phuoc").in_group("/hs H26.1187", ROOM)
    assert reply is not None
    assert "Trần Văn Thử" not in plain(reply.text)


async def test_what_was_being_typed_is_dropped(bench):
    await given(bench)
    phuoc = officer(bench, "ta.huu.phuoc")
    await phuoc.says(f"/hs H26.1187 xinloi {DUE}")
    hears(await phuoc.says("Bỏ"), "chưa ghi gì")
    hears(await phuoc.says("/hs bo"), "Không có nội dung")
    hears(await phuoc.presses(f"/hs H26.1187 ghi {DUE}"), "Không có nội dung")


def test_the_bench_lives_on_a_friday():
    assert here(Bench.__init__.__defaults__[0]).date() == date(2026, 11, 20)  # type: ignore[index]
    assert Address(ChannelName.ZALO, LAN.user) == LAN
