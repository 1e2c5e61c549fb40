"""The group of a desk: bound by a code, work taken there, everything written in private."""

import asyncio

import pytest

from feedback import acts
from feedback.acts import Hand
from handlers.phrases import common
from handlers.phrases import staff as phrases
from handlers.talk import plain
from records import staff as staff_records
from records.cases import FeedbackState
from records.tables import Address
from tests.feedback.bench import ROOM, Bench
from tests.handlers.staff_bench import STRANGER, TELEGRAM, Talk, case_now, hears, leaves, officer

OTHER_ROOM = Address(TELEGRAM, "-2002")


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


async def code_of(bench: Bench, desk: str) -> str:
    async with bench.database.writing() as db:
        return await staff_records.invite_room(db, desk, bench.now)


async def room_of(bench: Bench, where: Address) -> str:
    async with bench.database.reading() as db:
        found = await staff_records.room(db, where)
    return str(found.desk) if found is not None else ""


async def test_dung_takes_a_case_in_the_group_and_answers_in_private(bench, dung):
    code = (await bench.report()).case.code
    reply = await dung.in_group(f"/nhan {code} 1")
    assert reply is not None
    assert plain(reply.text) == f"Anh Dũng đã nhận {code} lúc 14:00."
    assert await bench.told(f"alert:{code}:claimed") == []  # the group has just heard it
    hears_private = (await dung.private())[-1]
    assert "Trả lời tin này để nhắn người dân" in hears_private
    assert f"/tiendo {code} 2" in await dung.buttons()

    reply = await dung.says("đã rào, mai thay nắp")
    hears(reply, "Người dân sẽ đọc:", "đã rào, mai thay nắp.")
    await dung.says("1")
    assert len(await bench.told(f"case:{code}:progress")) == 1


async def test_what_is_pressed_in_the_group_is_written_in_private(bench, dung):
    code = await held_by(bench, "dung")
    reply = await dung.in_group(f"/tiendo {code} 2")
    hears(reply, "Đã nhận yêu cầu của Anh Dũng", "khung chat riêng")
    assert "viết tiến độ" in (await dung.private())[-1]
    hears(await dung.says("đang chờ vật tư"), "Người dân sẽ đọc:")


async def test_the_thread_is_never_shown_in_the_group(bench, dung):
    code = await held_by(bench, "dung", contact_phone="0900000123", text="Nắp cống vỡ, nhà tôi số 84")
    reply = await dung.in_group(f"/xem {code}")
    hears(reply, "khung chat riêng")
    assert reply is not None
    assert "0900000123" not in plain(reply.text)
    assert "0900000123" in (await dung.private())[-1]


async def test_words_of_the_office_work_in_the_group_and_talk_among_people_does_not(bench, dung):
    code = (await bench.report()).case.code
    assert await dung.in_group("trưa nay ăn gì", pressed=False) is None
    assert await Talk(bench, STRANGER).in_group(f"nhận {code}", pressed=False) is None
    assert await Talk(bench, None).in_group(f"nhận {code}", pressed=False) is None
    hears(await dung.in_group(f"nhận {code}", pressed=False), "Anh Dũng đã nhận")


async def test_two_who_press_at_the_same_moment_are_told_apart(bench, dung):
    code = (await bench.report()).case.code
    khang = officer(bench, "cao.xuan.khang")
    await asyncio.gather(dung.in_group(f"/nhan {code} 1"), khang.in_group(f"/nhan {code} 1", OTHER_ROOM))
    told = sorted("đã nhận" in plain(reply.text) for reply in (*dung.heard, *khang.heard) if reply)
    assert told == [False, True]
    case = await case_now(bench, code)
    assert (case.state, case.version) == (FeedbackState.ASSIGNED, 2)


async def test_a_second_tap_in_the_group_shows_where_the_case_stands(bench, dung):
    code = (await bench.report()).case.code
    await dung.in_group(f"/nhan {code} 1")
    hears(await dung.in_group(f"/nhan {code} 1"), "chưa làm gì", "đang xử lý, Anh Dũng giữ")


@pytest.mark.parametrize(
    "command", ["nhan", "tiendo", "hoithem", "giahan", "dong", "chuyen", "khongthuoc", "xem"]
)
async def test_who_is_not_staff_moves_nothing(bench, command):
    code = (await bench.report()).case.code
    await leaves(bench, "cao.xuan.khang")
    for talk in (Talk(bench, STRANGER), Talk(bench, None), officer(bench, "cao.xuan.khang")):
        hears(await talk.in_group(f"/{command} {code} 1"), phrases.NOT_BOUND)
        hears(await talk.in_group(f"/{command} {code} 1", OTHER_ROOM), common.GROUP)
    assert (await case_now(bench, code)).version == 1


async def test_an_officer_of_another_desk_moves_nothing_in_the_group(bench):
    code = (await bench.report()).case.code
    hears(await officer(bench, "kieu.thi.thanh.tam").in_group(f"/nhan {code} 1"), "hoặc không có mã này")
    assert (await case_now(bench, code)).officer_id is None


@pytest.mark.parametrize("said", ["/tinkin", "/nhapho", "/cb gui 1 x", "/menu", "/khai sinh", "/canbo"])
async def test_other_commands_ask_for_a_private_word(dung, said):
    hears(await dung.in_group(said), common.GROUP)


async def test_the_list_is_shown_in_the_desks_own_group_only(bench, dung):
    code = (await bench.report()).case.code
    hears(await dung.in_group("/viecto"), code)
    hears(await dung.in_group("việc đến hạn", pressed=False), "việc")
    hears(await dung.in_group("/viecto", OTHER_ROOM), common.GROUP)
    hears(await Talk(bench, STRANGER).in_group("/viecto"), common.GROUP)


async def test_a_discreet_case_stays_discreet_in_the_group(bench):
    code = (await bench.report("bé bị bỏ đói", category="child", place="")).case.code
    tam = officer(bench, "kieu.thi.thanh.tam")
    old, right = await tam.in_group(f"/nhan {code} 2"), await tam.in_group(f"/nhan {code} 1")
    hears(old, "nội dung chỉ xem riêng", "chưa làm gì")
    hears(right, "đã nhận")
    for reply in (old, right):
        assert reply is not None
        assert "bé bị bỏ đói" not in plain(reply.text)


# --- binding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "may"),
    [("dung", True), ("ha.thi.my.hanh", True), ("trinh.quoc.loc", True), ("kieu.thi.thanh.tam", False)],
)
async def test_a_desks_code_binds_a_group_for_who_may(bench, login, may):
    code = await code_of(bench, "do_thi")
    reply = await officer(bench, login).in_group(f"/canbo {code}", OTHER_ROOM, pressed=False)
    assert reply is not None
    assert code not in plain(reply.text)
    assert (await room_of(bench, OTHER_ROOM)) == ("do_thi" if may else "")
    hears(reply, "Tổ Quản lý đô thị" if may else phrases.WRONG_CODE)


async def test_a_stranger_with_a_leaked_code_binds_nothing_and_the_code_stays_good(bench, dung):
    code = await code_of(bench, "do_thi")
    for talk in (Talk(bench, STRANGER), Talk(bench, None)):
        hears(await talk.in_group(f"/canbo {code}", OTHER_ROOM), phrases.WRONG_CODE)
    hears(await dung.in_group(f"/canbo {code}", OTHER_ROOM), "Tổ Quản lý đô thị")
    hears(await dung.in_group(f"/canbo {code}", OTHER_ROOM), phrases.WRONG_CODE)


async def test_in_a_fresh_ward_the_code_alone_suffices(database):
    bench = Bench(database)
    code = await code_of(bench, "do_thi")
    hears(await Talk(bench, STRANGER).in_group(f"/canbo {code}", OTHER_ROOM), "Tổ Quản lý đô thị")


async def test_a_topic_of_a_group_is_a_room_of_its_own(bench, dung):
    topic = Address(TELEGRAM, "-2002/7")
    await dung.in_group(f"/canbo {await code_of(bench, 'do_thi')}", topic)
    assert (await room_of(bench, topic), await room_of(bench, OTHER_ROOM)) == ("do_thi", "")


async def test_a_persons_own_code_said_in_a_group_is_spent(bench, dung):
    async with bench.database.writing() as db:
        person = await staff_records.by_login(db, "dung")
        assert person is not None
        code = await staff_records.invite(db, person, bench.now)
    hears(await dung.in_group(f"/canbo {code}"), phrases.WRONG_CODE)
    hears(await Talk(bench, STRANGER).says(f"/canbo {code}"), phrases.WRONG_CODE)
    assert await room_of(bench, ROOM) == "do_thi"


async def test_five_wrong_codes_in_groups_count_for_the_person(bench, dung):
    for number in range(5):
        await dung.in_group(f"/canbo ABCDEFGH2{number + 2}", OTHER_ROOM)
    hears(await dung.in_group(f"/canbo {await code_of(bench, 'do_thi')}", OTHER_ROOM), phrases.WRONG_CODE)
    assert await room_of(bench, OTHER_ROOM) == ""
