"""Staff at work in their own chat, as conversation.md 10.7 has it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from feedback import acts, restricted
from feedback.acts import Hand
from handlers import staff_words
from handlers.phrases import staff as phrases
from handlers.talk import plain
from knowledge import when
from knowledge.calendar import here
from knowledge.concerns import Level
from records import staff as staff_records
from records import trace
from records.cases import FeedbackState, Outcome, Source
from records.tables import Address, Trace
from tests.feedback.bench import LAN, Bench
from tests.handlers.staff_bench import (
    NOBODY,
    STRANGER,
    TELEGRAM,
    Talk,
    case_now,
    hears,
    leaves,
    officer,
    says_of,
)


@pytest.fixture
async def bench(database):
    made = Bench(database)
    await made.hire()
    return made


@pytest.fixture
def dung(bench):
    return officer(bench, "dung")


async def held_by(bench: Bench, login: str, **more) -> str:
    taken = await bench.report(**more)
    async with bench.work() as work:
        await acts.claim(work, taken.case.code, Hand(person=await bench.person(login)))
    return taken.case.code


# --- 10.7 --------------------------------------------------------------------------------------


async def test_dung_takes_a_case_and_tells_the_resident_how_far_it_is(bench, dung):
    taken = await bench.report(level=Level.URGENT)
    code = taken.case.code
    reply = await dung.presses(f"/nhan {code} 1")
    hears(reply, "Anh/chị giữ việc", code, "Trả lời tin này để nhắn người dân")
    (told,) = await bench.told(f"alert:{code}:claimed")
    assert plain(told.text) == f"Anh Dũng đã nhận {code} lúc 14:00."

    reply = await dung.says("đã rào, mai thay nắp")
    hears(reply, "Người dân sẽ đọc:", "Tổ Quản lý đô thị: đã rào, mai thay nắp.")
    assert [choice.label for choice in reply.choices] == ["Gửi", "Sửa", "Bỏ"]
    assert await bench.told(f"case:{code}:progress") == []

    hears(await dung.says("1"), "Đã báo người dân tiến độ", code)
    (sent,) = await bench.told(f"case:{code}:progress")
    assert sent.text == reply.text.partition("\n\n")[2]
    assert (sent.channel, sent.user) == LAN


async def test_a_double_tap_and_an_old_button_send_once(bench, dung):
    code = await held_by(bench, "dung")
    first = await dung.says(f"tiến độ {code} đã rào chắn")
    old = says_of(first)[0]
    await dung.presses("/cb sua")
    second = await dung.says("đã rào chắn hai đầu")
    hears(await dung.presses(old), "Bản xem trước cũ không còn đúng", "hai đầu")
    assert await bench.told(f"case:{code}:progress") == []
    await dung.presses(says_of(second)[0])
    hears(await dung.presses(says_of(second)[0]), "Không có gì đang chờ gửi")
    assert len(await bench.told(f"case:{code}:progress")) == 1


async def test_words_after_an_alert_of_a_held_case_are_its_progress(bench, dung):
    taken = await bench.report()
    async with bench.work() as work:
        khang = await bench.hand("ha.thi.my.hanh")
        await acts.assign(work, taken.case.code, khang, await bench.person("dung"))
    hears(await dung.says("đang chờ vật tư"), "Người dân sẽ đọc:", "đang chờ vật tư.")
    hears(await dung.presses("/cb bo"), "Đã bỏ")
    hears(await dung.says("đang chờ vật tư"), NOBODY)


async def test_asking_stops_the_clock(bench, dung):
    code = await held_by(bench, "dung")
    hears(await dung.presses(f"/hoithem {code} 2"), "viết câu hỏi cho người dân")
    reply = await dung.says("nắp nằm bên trái hay bên phải")
    await dung.presses(says_of(reply)[0])
    assert (await case_now(bench, code)).paused_at is not None
    (sent,) = await bench.told(f"case:{code}:asked")
    assert sent.text == reply.text.partition("\n\n")[2]


async def test_an_extension_wants_a_reason_and_a_working_day_within_the_limit(bench, dung):
    code = await held_by(bench, "dung")
    hears(await dung.says("gia hạn 1"), NOBODY)  # one digit names no case
    reply = await dung.says(f"gia han {code}")
    hears(reply, "Cần lý do (người dân sẽ đọc được) và hạn mới trong 5 ngày làm việc")
    hears(await dung.says("ờ"), "xin viết rõ hơn")
    reply = await dung.says("nắp đúng cỡ phải đặt")
    hears(reply, "Hạn mới là ngày nào")
    assert says_of(reply)[0].startswith("/cb han 2026-")
    hears(await dung.says("31/12"), "chưa được")
    reply = await dung.says("1")
    hears(reply, "Người dân sẽ đọc:", "nắp đúng cỡ phải đặt", "Hạn mới:")
    hears(await dung.says("gửi"), "Đã gia hạn")
    (sent,) = await bench.told(f"case:{code}:extended")
    assert sent.text.startswith(reply.text.partition("\n\n")[2])
    hears(await dung.says(f"gia hạn {code}"), "không gia hạn lần hai")


@pytest.mark.parametrize(("number", "outcome"), [("1", "resolved"), ("2", "partly"), ("3", "unfounded")])
async def test_closing_asks_how_it_ended_and_shows_the_answer(bench, dung, number, outcome):
    code = await held_by(bench, "dung")
    reply = await dung.presses(f"/dong {code} 2")
    assert [choice.label for choice in reply.choices] == [label for _, label in phrases.OUTCOMES]
    await dung.says(number)
    reply = await dung.says("đã thay nắp gang mới sáng nay")
    await dung.says("Gửi")
    case = await case_now(bench, code)
    assert (case.state, case.outcome) == (FeedbackState.ANSWERED, Outcome(outcome))
    (sent,) = await bench.told(f"case:{code}:answer")
    assert sent.text.startswith(reply.text.partition("\n\n")[2])


async def test_words_typed_with_close_wait_for_the_outcome(bench, dung):
    code = await held_by(bench, "dung")
    reply = await dung.says(f"đóng {code[5:9]} đã thay nắp gang mới")
    hears(reply, "kết thúc thế nào")
    hears(await dung.says("Đã xử lý"), "Người dân sẽ đọc:", "đã thay nắp gang mới")


async def test_a_double_is_closed_with_the_code_of_the_other(bench, dung):
    original = await bench.report()
    code = await held_by(bench, "dung", who=Address(TELEGRAM, "lan-2"))
    await dung.presses(f"/dong {code} 2")
    hears(await dung.says("4"), "mã việc gốc")
    hears(await dung.says("9999"), "Không thấy việc gốc")
    reply = await dung.says(original.case.code)
    hears(reply, "Người dân sẽ đọc:", original.case.code)
    await dung.says("1")
    case = await case_now(bench, code)
    assert (case.outcome, case.duplicate_of) == (Outcome.DUPLICATE, original.case.id)


async def test_what_is_not_ours_is_passed_on_with_address_and_reason(bench, dung):
    code = await held_by(bench, "dung")
    await dung.presses(f"/dong {code} 2")
    reply = await dung.says("5")
    hears(reply, "Nơi nào giải quyết")
    hears(await dung.says("Công ty môi trường đô thị"), "vì sao không thuộc phường")
    reply = await dung.presses("/cb thoi")
    hears(reply, "Nơi giải quyết: Công ty môi trường đô thị", "thứ Sáu 20/11")
    bench.wait(minutes=7)
    await dung.says("1")
    (sent,) = await bench.told(f"case:{code}:referred")
    assert sent.text.startswith(reply.text.partition("\n\n")[2])
    assert (await case_now(bench, code)).state is FeedbackState.REFERRED


async def test_a_body_may_be_typed_whole(bench, dung):
    code = await held_by(bench, "dung")
    await dung.says(f"không thuộc {code}")
    hears(await dung.says("Sở Nào Đó"), "Cần đủ bốn phần")
    await dung.says("Ban Quản lý chợ Mẫu; 5 Trần Phú; 0236 0000 399; Quyết định mẫu số 1")
    reply = await dung.says("chợ do ban này quản lý")
    hears(reply, "Ban Quản lý chợ Mẫu", "0236 0000 399", "chợ do ban này quản lý")


async def test_a_body_named_behind_the_code_is_understood(bench, dung):
    code = await held_by(bench, "dung", category="electric", text="cột điện nghiêng")
    hears(await dung.says(f"không thuộc {code} điện lực"), "vì sao không thuộc phường")


async def test_a_case_moves_to_another_desk_by_words(bench, dung):
    taken = await bench.report("tụ tập hát karaoke trước nắp cống")
    hears(await dung.says(f"chuyển {taken.case.code} công an"), "lý do chuyển")
    reply = await dung.says("cần công an nhắc nhở")
    hears(reply, "Tổ nhận sẽ đọc:", "cần công an nhắc nhở")
    hears(await dung.says("1"), "Đã chuyển")
    assert (await case_now(bench, taken.case.code)).desk == "cong_an"
    assert await bench.told(f"alert:{taken.case.code}:moved")


async def test_the_other_desks_are_a_page_further(bench, dung):
    code = await held_by(bench, "dung")
    first = await dung.presses(f"/chuyen {code} 2")
    second = await dung.presses("/cb totiep")
    assert len(first.choices) == 5
    assert not set(says_of(first)[:4]) & set(says_of(second)[:3])
    hears(await dung.says("tổ trên trời"), "Chuyển cho tổ nào")


async def test_a_remark_and_giving_by_name(bench):
    taken = await bench.report()
    hanh, dung = officer(bench, "ha.thi.my.hanh"), officer(bench, "dung")
    hears(await dung.says(f"ghi chú {taken.case.code} đã gọi, không ai nghe"), "Đã ghi chú")
    hears(await dung.says(f"giao {taken.case.code} khang"), "Chỉ người được phân công việc")
    hears(await hanh.says(f"giao {taken.case.code} khang"), "Đã giao", "Cao Xuân Khang")
    reply = await hanh.says(f"xem {taken.case.code}")
    hears(reply, "ghi chú, Anh Dũng: đã gọi, không ai nghe")


async def test_photos_of_the_work_go_with_the_answer(bench, dung):
    code = await held_by(bench, "dung")
    await dung.presses(f"/dong {code} 2")
    await dung.says("1")
    reply = await dung.says("", photos=("photo:after-1",))
    hears(reply, "Đã giữ 1 ảnh sau xử lý", "viết nội dung trả lời")
    hears(await dung.says(code, photos=("photo:after-2",)), "2 ảnh sau xử lý")
    hears(await officer(bench, "dung").says(f"xem {code}"), "2 ảnh sau xử lý")


async def test_a_photo_with_a_code_needs_no_step_and_a_strangers_photo_is_a_report(bench, dung):
    code = await held_by(bench, "dung")
    hears(await dung.says(code, photos=("photo:after-3",)), "Đã giữ 1 ảnh")
    lan = Talk(bench, STRANGER)
    hears(await lan.says(code, photos=("photo:x",)), NOBODY)
    other = officer(bench, "kieu.thi.thanh.tam")
    hears(await other.says(code, photos=("photo:y",)), NOBODY)


async def test_words_of_danger_and_codes_are_progress_at_a_step(bench, dung):
    code = await held_by(bench, "dung")
    await dung.presses(f"/tiendo {code} 2")
    hears(await dung.says(f"đã dập cháy ở chỗ {code}, xem 0417"), "Người dân sẽ đọc:", "đã dập cháy")


# --- stale, forged, two at once ----------------------------------------------------------------


async def test_of_two_officers_the_second_sees_where_it_stands(bench, dung):
    taken = await bench.report()
    khang = officer(bench, "cao.xuan.khang")
    await dung.presses(f"/nhan {taken.case.code} 1")
    reply = await khang.presses(f"/nhan {taken.case.code} 1")
    hears(reply, "chưa làm gì", "đang xử lý, Anh Dũng giữ")
    assert says_of(reply) == [f"/xem {taken.case.code}"]
    assert (await case_now(bench, taken.case.code)).officer_id == (await bench.person("dung")).id


async def test_an_old_version_does_nothing_and_brings_fresh_buttons(bench, dung):
    code = await held_by(bench, "dung")
    for command in ("nhan", "tiendo", "hoithem", "giahan", "dong", "chuyen", "khongthuoc"):
        reply = await dung.presses(f"/{command} {code} 1")
        hears(reply, "chưa làm gì", "Anh Dũng giữ")
        assert says_of(reply)[0] == f"/tiendo {code} 2"
    assert (await case_now(bench, code)).version == 2


async def test_a_case_that_moves_while_one_writes_gives_the_words_back(bench, dung):
    code = await held_by(bench, "dung")
    reply = await dung.says(f"tiến độ {code} đã rào chắn")
    hanh = await bench.hand("ha.thi.my.hanh")
    async with bench.work() as work:
        await acts.assign(work, code, hanh, await bench.person("cao.xuan.khang"))
    reply = await dung.presses(says_of(reply)[0])
    hears(reply, "chưa làm gì", "Cao Xuân Khang giữ", "“đã rào chắn”")
    assert await bench.told(f"case:{code}:progress") == []


@pytest.mark.parametrize(
    "forged",
    [
        "/tiendo PA26-9999-9 1",
        "/nhan PA26-9999-9",
        "/xem ' OR 1=1 --",
        "/cb gui 1 0000000000",
        "/cb kq hacked",
        "/cb han 9999-99-99",
        "/nhapho gui x",
        "/giao PA26-9999-9 1 #1",
        "/dong",
        "/nhan 999999999999999999999999",
    ],
)
async def test_forged_buttons_do_nothing(bench, dung, forged):
    code = await held_by(bench, "dung")
    before = await case_now(bench, code)
    await dung.presses(forged)
    assert (await case_now(bench, code)).version == before.version


async def test_a_send_button_of_one_case_sends_nothing_of_another(bench, dung):
    one, two = await held_by(bench, "dung"), await held_by(bench, "dung", place="số 5 Lê Lợi")
    button = says_of(await dung.says(f"tiến độ {one} đã rào chắn"))[0]
    await dung.says("bỏ")
    await dung.presses("/cb bo")
    await dung.says(f"tiến độ {two} đang đo đạc")
    hears(await dung.presses(button), "Bản xem trước cũ không còn đúng", "đang đo đạc")
    assert await bench.told("case:") == []


async def test_a_refusal_half_way_leaves_nothing_behind(bench, dung):
    taken = await bench.report(who=None, source=Source.PHONE)
    hears(await dung.says(f"hỏi thêm {taken.case.code} nắp bên nào"), "không có khung chat")
    case = await case_now(bench, taken.case.code)
    assert (case.state, case.officer_id, case.version) == (FeedbackState.NEW, None, 1)


# --- who may -----------------------------------------------------------------------------------

COMMANDS = ("nhan", "chuyen", "khongthuoc", "xem", "tiendo", "hoithem", "giahan", "dong", "ghichu", "giao")
MAY = (  # login, may act on a case of do_thi that Dũng holds
    ("dung", True),
    ("cao.xuan.khang", False),  # of the desk, but it is held by somebody else
    ("ha.thi.my.hanh", True),
    ("trinh.quoc.loc", True),
    ("doan.thi.minh.thinh", True),
    ("kieu.thi.thanh.tam", False),
    ("cong.an.phuong.an.thinh", False),
)


@pytest.mark.parametrize(("login", "may"), MAY)
@pytest.mark.parametrize("command", ["tiendo", "hoithem", "giahan", "dong"])
async def test_only_who_holds_it_or_gives_out_work_speaks_for_a_case(bench, login, may, command):
    code = await held_by(bench, "dung")
    talk = officer(bench, login)
    reply = await talk.presses(f"/{command} {code} 2")
    told = plain(reply.text)
    assert (code in told and "chưa làm gì" not in told) is may, told


@pytest.mark.parametrize("login", ["kieu.thi.thanh.tam", "cong.an.phuong.an.thinh"])
@pytest.mark.parametrize("command", COMMANDS)
async def test_another_desk_learns_nothing_of_a_case(bench, login, command):
    taken = await bench.report()
    talk = officer(bench, login)
    for code in (taken.case.code, "PA26-9999-9"):
        hears(await talk.says(f"/{command} {code} 1"), "hoặc không có mã này")


@pytest.mark.parametrize(
    "command", [*COMMANDS, "anh", "cb", "viecto", "denhan", "tinkin", "nhapho", "khongcolenhnay"]
)
async def test_residents_and_those_who_left_get_the_menu(bench, command):
    taken = await bench.report()
    menu = plain((await Talk(bench, STRANGER).says("/lenh_la")).text)
    await leaves(bench, "dung")
    for who in (Talk(bench, STRANGER), Talk(bench, LAN), officer(bench, "dung")):
        reply = await who.presses(f"/{command} {taken.case.code} 1")
        assert plain(reply.text) == menu
    assert (await case_now(bench, taken.case.code)).version == 1


@pytest.mark.parametrize("words", ["nhận 0001", "việc của tổ", "xem 0001", "nhập hộ", "tin kín"])
async def test_a_residents_words_are_not_taken_for_the_offices(bench, words):
    await bench.report()
    hears(await Talk(bench, STRANGER).says(words), NOBODY)


async def test_who_leaves_in_the_middle_sends_nothing(bench, dung):
    code = await held_by(bench, "dung")
    button = says_of(await dung.says(f"tiến độ {code} đã rào chắn"))[0]
    await leaves(bench, "dung")
    await dung.presses(button)
    assert await bench.told(f"case:{code}:progress") == []


# --- looking -----------------------------------------------------------------------------------


async def test_the_phone_is_shown_to_who_holds_the_case_and_leaves_a_trace(bench, dung):
    code = await held_by(bench, "dung", contact_phone="0900000123", callback="buổi sáng")
    khang = officer(bench, "cao.xuan.khang")
    assert "0900000123" not in plain((await khang.says(f"xem {code}")).text)
    assert await views(bench, code) == []
    hears(await dung.says(f"xem {code}"), "Nắp cống vỡ", "0900000123, gọi buổi sáng", "nhận việc, Anh Dũng")
    dung_id = (await bench.person("dung")).id
    assert await views(bench, code) == [(f"staff:{dung_id}", {"phone": True, "discreet": False})]
    async with bench.database.reading() as db:
        assert (await trace.verify(db)).whole


async def test_each_look_at_a_discreet_case_leaves_a_trace(bench):
    taken = await bench.report("bé bị bỏ đói", category="child", place="")
    tam = officer(bench, "kieu.thi.thanh.tam")
    hears(await tam.says(f"xem {taken.case.code}"), "bé bị bỏ đói")
    assert len(await views(bench, taken.case.code)) == 1


async def views(bench: Bench, code: str) -> list[tuple[str, dict[str, Any]]]:
    async with bench.database.reading() as db:
        found = await db.exec(
            select(Trace).where(col(Trace.object) == code, col(Trace.what) == "feedback.viewed")
        )
        return [(row.who, row.detail) for row in found.all()]


async def test_the_list_of_the_desk_has_the_most_pressing_first(bench, dung):
    hears(await dung.says("việc của tổ"), "không có việc nào đang mở")
    codes = [(await bench.report(place=f"số {n} Lê Lợi")).case.code for n in range(11)]
    urgent = (await bench.report(level=Level.URGENT)).case.code
    reply = await dung.says("viec cua to")
    text = plain(reply.text)
    assert text.index(urgent) < text.index(codes[0])
    hears(reply, "Còn 2 việc nữa", "chưa ai nhận")
    assert says_of(reply)[0] == f"/xem {urgent}"
    assert codes[0] not in plain((await officer(bench, "kieu.thi.thanh.tam").says("việc của tổ")).text)


async def test_nothing_due_says_what_the_week_brings(bench, dung):
    bench.now = bench.now.replace(day=16, hour=16)  # a Monday, an hour before the office closes
    hears(await dung.says("việc đến hạn"), "Hôm nay không có việc đến hạn. Tuần này cũng không còn")
    taken = await bench.report(level=Level.URGENT)
    day = here(taken.case.due_at)
    assert day.date() > here(bench.now).date()
    half = f"{'sáng' if day.hour < 12 else 'chiều'} {when.WEEKDAYS[day.weekday()]}"
    hears(await dung.says("việc đến hạn"), f"Tuần này còn 1 việc, sớm nhất {half}.")
    bench.now = taken.case.due_at + timedelta(hours=1)
    hears(await dung.says("đến hạn"), "đến hạn hôm nay hoặc đã quá hạn", taken.case.code, "đã quá")


async def test_words_for_a_case_that_is_closed_meanwhile_are_given_back(bench, dung):
    taken = await bench.report()
    await dung.presses(f"/nhan {taken.case.code} 1")
    hand = await bench.hand("ha.thi.my.hanh")
    async with bench.work() as work:
        await acts.answer(work, taken.case.code, hand, "đã thay nắp mới", Outcome.RESOLVED)
    hears(await dung.says("sáng mai thay nắp"), "đã trả lời", "“sáng mai thay nắp”")
    hears(await dung.says("sáng mai thay nắp"), NOBODY)


async def test_from_above_one_sees_every_desk(bench):
    one = await bench.report()
    two = await bench.report(category="waste", text="rác đầy hẻm")
    reply = plain((await officer(bench, "trinh.quoc.loc").says("việc của tổ")).text)
    assert one.case.code in reply
    assert two.case.code in reply


# --- codes -------------------------------------------------------------------------------------


async def code_for(bench: Bench, login: str) -> str:
    async with bench.database.writing() as db:
        person = await staff_records.by_login(db, login)
        assert person is not None
        return await staff_records.invite(db, person, bench.now)


async def test_a_one_time_code_binds_an_account_once(bench):
    code = await code_for(bench, "dung")
    new = Talk(bench, Address(TELEGRAM, "5001"))
    reply = await new.says(f"/canbo {code[:5]}-{code[5:].lower()}")
    hears(reply, "Anh Dũng", "Tổ Quản lý đô thị")
    assert code not in plain(reply.text)
    hears(await new.says("việc của tổ"), "không có việc nào đang mở")
    hears(await Talk(bench, STRANGER).says(f"/canbo {code}"), phrases.WRONG_CODE)


async def test_wrong_used_expired_and_foreign_codes_sound_alike(bench):
    used, late = await code_for(bench, "dung"), await code_for(bench, "dung")
    gone = await code_for(bench, "kieu.thi.thanh.tam")
    await Talk(bench, Address(TELEGRAM, "5001")).says(f"/canbo {used}")
    await leaves(bench, "kieu.thi.thanh.tam")
    async with bench.database.writing() as db:
        room_code = await staff_records.invite_room(db, "do_thi", bench.now)
    told = {
        plain((await Talk(bench, STRANGER).says(f"/canbo {one}")).text) for one in (used, gone, room_code)
    }
    bench.wait(hours=25)
    told |= {plain((await Talk(bench, STRANGER).says(f"/canbo {one}")).text) for one in (late, "ABCDEFGH23")}
    assert told == {phrases.WRONG_CODE}


async def test_after_five_wrong_codes_even_the_right_one_waits_an_hour(bench):
    code, guesser = await code_for(bench, "dung"), Talk(bench, STRANGER)
    for number in range(5):
        await guesser.says(f"/canbo ABCDEFGH2{number + 2}")
    hears(await guesser.says(f"/canbo {code}"), phrases.WRONG_CODE)
    bench.wait(minutes=61)
    hears(await guesser.says(f"/canbo {code}"), "Anh Dũng")


@pytest.mark.parametrize("said", ["/canbo", "/canbo cho tôi hỏi khai sinh", "/canbo gặp chị Hạnh"])
async def test_a_resident_without_a_code_is_led_to_a_person(bench, said):
    hears(await Talk(bench, STRANGER).says(said), "để lại một câu hỏi")


async def test_staff_without_a_code_hear_what_they_can_do(dung):
    hears(await dung.says("/canbo"), "Tài khoản cán bộ: Anh Dũng", "việc của tổ")


# --- the restricted box ------------------------------------------------------------------------


async def test_only_the_two_named_open_the_box_and_answer_with_a_preview(bench):
    async with bench.work() as work:
        row = await restricted.keep(work, LAN, "chuyện riêng cần xem")
    chair = officer(bench, "doan.thi.minh.thinh")
    reply = await chair.says("/tinkin")
    hears(reply, row.code)
    assert "chuyện riêng" not in plain(reply.text)
    hears(await chair.says("1"), "chuyện riêng cần xem", "đã được ghi lại")
    await chair.says("Trả lời")
    preview = await chair.says("phường đã giao kiểm tra, sẽ báo lại")
    hears(await chair.says("1"), "Đã trả lời tin kín")
    (sent,) = await bench.told(f"restricted:{row.code}:answer")
    assert sent.text == preview.text.partition("\n\n")[2]
    hears(await chair.presses(says_of(preview)[0]), "Không có gì đang chờ gửi")
    hears(await chair.says(f"/tinkin {row.code} tra"), "đã được trả lời")
    hears(await chair.says("/tinkin KIN-0000000"), "hoặc không có mã này")


@pytest.mark.parametrize("said", ["", " bo", " gui x", " KIN-0000000", " {code}", " {code} tra"])
async def test_for_other_staff_the_box_is_not_there(bench, dung, said):
    async with bench.work() as work:
        row = await restricted.keep(work, LAN, "chuyện riêng cần xem")
    menu = plain((await dung.says("/lenh_la")).text)
    assert plain((await dung.says(f"/tinkin{said.format(code=row.code)}")).text) == menu


# --- entered for somebody ----------------------------------------------------------------------


async def test_a_call_is_written_down_and_the_code_read_out(bench, dung):
    hears(await dung.says("nhập hộ"), "bằng cách nào")
    await dung.says("Điện thoại")
    hears(await dung.says("cây phượng gãy đổ chắn hẻm"), "nhóm nào")
    hears(await dung.says("1"), "Ở đâu?")
    hears(await dung.says("hẻm 84 Nguyễn Trãi"), "Số điện thoại")
    hears(await dung.says("12345"), "chưa đúng")
    reply = await dung.says("0900 000 123")
    hears(reply, "• Nguồn: Điện thoại", "cây phượng gãy đổ", "0900000123")
    done = await dung.says("Gửi")
    hears(done, "Mã phản ánh: PA26-0001-", "Mã xem chi tiết", "Trả lời chậm nhất")
    case = await case_now(bench, (await bench.told("alert:"))[0].key.split(":")[1])
    person = await bench.person("dung")
    assert (case.source, case.channel, case.entered_by) == (Source.PHONE, None, person.id)
    assert case.contact_phone == "0900000123"
    hears(await dung.presses(says_of(reply)[0]), "Không có gì đang chờ gửi")


async def test_an_entry_without_place_and_number_may_be_changed_before_it_goes(bench, dung):
    await dung.says("/nhapho")
    await dung.presses("/nhapho nguon paper_box")
    await dung.says("góp ý mở thêm lớp bơi")
    await dung.presses("/nhapho loai suggestion")
    reply = await dung.presses("/nhapho khong place")
    reply = await dung.presses("/nhapho khong phone") if "Số điện thoại" in reply.text else reply
    hears(reply, "không để", "Hộp thư giấy")
    hears(await dung.presses("/nhapho sua phone"), "Số điện thoại")
    reply = await dung.says("không")
    hears(await dung.presses("/nhapho bo"), "Đã bỏ")
    assert await bench.told("alert:") == []


# --- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("nhận 0417", "/nhan 0417"),
        ("nhan PA26-0417-7", "/nhan PA26-0417-7"),
        ("NHẬN VIỆC pa26 0417 7", "/nhan pa26 0417 7"),
        ("chuyển 0417 công an", "/chuyen 0417 công an"),
        ("không thuộc 0417 điện lực", "/khongthuoc 0417 điện lực"),
        ("khong thuoc tham quyen 0417", "/khongthuoc 0417"),
        ("hỏi thêm 0417 nắp bên nào", "/hoithem 0417 nắp bên nào"),
        ("tien do 0417 da rao", "/tiendo 0417 da rao"),
        ("giao 0417 dũng", "/giao 0417 dũng"),
        ("xem 0417", "/xem 0417"),
        ("Việc đến hạn.", "/denhan"),
        ("nhận con nuôi", ""),
        ("xem 123/4 Lê Lợi", ""),
        ("chuyển hộ khẩu", ""),
        ("đóng tiền 0417", ""),
        ("", ""),
    ],
)
def test_the_words_of_the_office(said, command):
    assert staff_words.command(said) == command


@pytest.mark.parametrize(
    ("said", "number", "version", "rest"),
    [
        ("PA26-0417-7 3", 417, 3, ""),
        ("PA26-0417-7", 417, None, ""),
        ("0417: đã rào", 417, None, "đã rào"),
        ("0417 2 thợ đang làm", 417, None, "2 thợ đang làm"),
    ],
)
def test_what_stands_behind_a_command(said, number, version, rest):
    order = staff_words.order(said)
    assert order is not None
    assert (order.case.number, order.version, order.rest) == (number, version, rest)
