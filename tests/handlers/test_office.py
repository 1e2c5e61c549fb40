from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import cast

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from handlers import office
from handlers.memory import Memory
from handlers.talk import LABEL_LENGTH, MAX_CHOICES, SAY_BYTES, Incoming, Reply, Turn, plain
from knowledge.calendar import HERE, Calendar
from knowledge.catalogue import Catalogue
from knowledge.concerns import load_concerns
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.ward import Ward, load_ward
from records.tables import Address, ChannelName

CONCERNS = load_concerns()
WARD = load_ward(Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh")
OVERRIDES = load_overrides(OVERRIDES_FILE.read_text("utf-8"))
FRIDAY = "2026-11-20T14:00"


def turn(said: str, argument: str = "", *, now: str = FRIDAY, ward: Ward = WARD) -> Turn:
    moment = datetime.fromisoformat(now).replace(tzinfo=HERE)
    return Turn(
        incoming=Incoming(
            key="telegram:1", sender=Address(ChannelName.TELEGRAM, "1"), text=said, sent_at=moment
        ),
        memory=Memory(),
        ward=ward,
        catalogue=cast("Catalogue", None),
        calendar=Calendar(ward.hours, OVERRIDES),
        concerns=CONCERNS,
        db=cast("AsyncSession", None),
        now=moment,
        argument=argument,
    )


async def pressed(command: str, *, now: str = FRIDAY, ward: Ward = WARD) -> Reply:
    return await office.office(turn(command, command.partition(" ")[2], now=now, ward=ward))


async def asks(said: str, *, now: str = FRIDAY, ward: Ward = WARD) -> Reply:
    slug = office.guess_topic(said)
    assert slug is not None, said
    return await office.topic(turn(said, slug, now=now, ward=ward))


def hears(reply: Reply, *words: str) -> None:
    for word in words:
        assert word in plain(reply.text), f"{word!r} not in {plain(reply.text)!r}"


# --- menu ---------------------------------------------------------------------


async def test_lan_opens_the_menu_and_already_knows_where_and_when() -> None:
    reply = await pressed("/vanphong")
    hears(reply, "12 Lê Lợi", "đang mở cửa, đến 17:00", "0236 0000 000")
    assert len(reply.choices) == MAX_CHOICES


async def test_every_button_of_every_page_leads_to_an_answer() -> None:
    seen, waiting = set[str](), ["/vanphong"]
    while waiting:
        say = waiting.pop()
        if say in seen or not say.startswith(office.COMMAND):
            continue
        seen.add(say)
        reply = await pressed(say)
        if not say.endswith(" khac"):
            hears(reply, "Nội dung do ", "phụ trách · kiểm tra ngày ")
        assert plain(reply.text).startswith("Dạ, ")
        assert len(plain(reply.text)) <= 900
        assert 1 <= len(reply.choices) <= MAX_CHOICES
        assert all(len(one.label) <= LABEL_LENGTH for one in reply.choices)
        assert all(len(one.say.encode()) <= SAY_BYTES for one in reply.choices)
        assert reply.text.count("!") == 0
        waiting += [one.say for one in reply.choices]
    assert {f"/vanphong {slug}" for slug in office.TOPICS} <= seen


async def test_an_unknown_page_is_guessed_or_becomes_the_menu() -> None:
    hears(await pressed("/vanphong giờ làm việc"), "7:30–11:30")
    hears(await pressed("/vanphong xyz"), "Anh/chị muốn xem gì ạ?")


# --- hours --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-11-20T14:00", "đang mở cửa, đến 17:00"),
        ("2026-11-20T08:00", "đang mở cửa, đến 11:30"),
        ("2026-11-20T12:00", "đang nghỉ trưa, mở lại lúc 13:00 hôm nay"),
        ("2026-11-20T06:00", "chưa tới giờ, mở cửa lúc 7:30 hôm nay"),
        ("2026-11-20T20:15", "ngoài giờ làm việc, mở lại 7:30 thứ Hai 23/11/2026"),
        ("2026-11-23T17:00", "ngoài giờ làm việc, mở lại 7:30 thứ Tư 25/11/2026"),
    ],
)
async def test_hours_say_whether_the_door_is_open_now(now: str, state: str) -> None:
    hears(
        await asks("giờ làm việc", now=now),
        state,
        "7:30–11:30, 13:00–17:00",
        "thứ Bảy, Chủ nhật nghỉ",
        "15:00",
    )


async def test_hours_announce_the_next_holiday_when_it_is_near() -> None:
    hears(await asks("mấy giờ mở cửa"), "thứ Ba 24/11/2026 nghỉ (Ngày Văn hóa Việt Nam)")
    far = await asks("mấy giờ mở cửa", now="2026-10-20T09:00")
    assert "Lịch nghỉ" not in far.text


async def test_hours_announce_a_long_break_and_a_made_up_saturday() -> None:
    hears(
        await asks("giờ làm việc", now="2026-08-20T09:00"),
        "nghỉ từ thứ Bảy 29/08/2026 đến hết thứ Tư 02/09/2026",
        "thứ Bảy 22/08/2026 vẫn làm việc",
    )


async def test_a_ward_open_on_saturdays_says_so() -> None:
    saturday = replace(WARD.hours, saturday=((time(7, 30), time(11)),))
    ward = replace(WARD, office=replace(WARD.office, hours=saturday))
    reply = await asks("thứ bảy có làm không", ward=ward, now="2026-11-21T08:00")
    hears(reply, "đang mở cửa, đến 11:00", "thứ Bảy tiếp nhận 7:30–11:00")


# --- address, hotline ---------------------------------------------------------


async def test_minh_asks_the_way() -> None:
    hears(await asks("ủy ban ở đâu vậy"), "12 Lê Lợi", "Tầng trệt", "https://anthinh.example/ban-do")


async def test_the_hotline_says_whether_somebody_is_there() -> None:
    hears(await asks("cho xin đường dây nóng", now="2026-11-21T09:00"), "0236 0000 000", "ngoài giờ", "113")


# --- directory ----------------------------------------------------------------


async def test_lan_asks_for_the_chairperson_s_number() -> None:
    reply = await asks("số điện thoại chủ tịch")
    hears(reply, "Đoàn Thị Minh Thịnh", "0236 0000 105", "giờ làm việc")
    assert "Hội đồng" not in reply.text


async def test_minh_asks_who_answers_for_civil_status() -> None:
    hears(await asks("ai phụ trách hộ tịch"), "Hà Thị Mỹ Hạnh", "0236 0000 111", "trừ sáng thứ Năm")


async def test_two_deputies_are_both_told() -> None:
    hears(await asks("sdt pho chu tich la gi, goi ai"), "Trịnh Quốc Lộc", "Lâm Thị Ngọc Hiền")


async def test_the_directory_opens_with_the_leaders_and_buttons_lead_to_the_others() -> None:
    reply = await asks("danh bạ")
    hears(reply, "Bí thư Đảng ủy phường: Mạc Thị An Hòa", "Chủ tịch Ủy ban nhân dân phường")
    more = await pressed(reply.choices[-1].say)
    assert more.choices
    assert {one.label for one in more.choices}.isdisjoint({one.label for one in reply.choices})
    hears(await pressed(reply.choices[1].say), "Hà Thị Mỹ Hạnh")


async def test_nobody_answers_for_crocodiles_and_the_ward_says_so() -> None:
    reply = await pressed("/vanphong danh-ba nuôi cá sấu")
    hears(reply, "xin lỗi", "nuôi cá sấu")
    assert len(reply.choices) >= 2


@pytest.mark.parametrize("page", ["trang-0", "trang-99", "trang-x", "trang-99999999999", "trang-²"])
async def test_a_page_that_does_not_exist_is_answered_all_the_same(page: str) -> None:
    assert (await pressed(f"/vanphong danh-ba {page}")).choices


# --- citizen reception --------------------------------------------------------


async def test_the_next_reception_by_the_chairperson_comes_first() -> None:
    hears(
        await asks("lịch tiếp dân"),
        "Chủ tịch trực tiếp tiếp lần tới: thứ Năm 26/11/2026, 7:30–11:30",
        "Phòng 101",
        "Lịch đăng ngày 28/10/2026",
        "không thay cho buổi tiếp công dân",
    )


async def test_a_session_that_is_over_today_is_not_offered() -> None:
    before = await asks("gặp chủ tịch", now="2026-11-26T11:00")
    after = await asks("gặp chủ tịch", now="2026-11-26T11:30")
    hears(before, "thứ Năm 26/11/2026")
    assert "26/11/2026" not in after.text
    hears(after, "thứ Năm 10/12/2026")


async def test_the_rules_tell_what_to_bring() -> None:
    hears(await pressed("/vanphong tiep-dan noi-quy"), "Giấy tờ tùy thân", "20 phút", "10 ngày làm việc")


async def test_a_schedule_that_ran_out_is_admitted() -> None:
    reply = await asks("lịch tiếp công dân", now="2027-03-01T09:00")
    hears(reply, "xin lỗi", "chưa được đăng", "0236 0000 000")
    assert len(reply.choices) >= 2


async def test_a_schedule_without_the_chairperson_is_admitted() -> None:
    only = tuple(one for one in WARD.reception.sessions if not one.chair)
    ward = replace(WARD, reception=replace(WARD.reception, sessions=only))
    hears(await asks("lịch tiếp công dân", ward=ward), "Buổi Chủ tịch trực tiếp tiếp sắp tới chưa được đăng")


async def test_a_session_on_a_holiday_is_told_with_a_warning() -> None:
    wrong = replace(WARD.reception.sessions[0], day=date(2026, 11, 24))
    ward = replace(WARD, reception=replace(WARD.reception, sessions=(wrong,)))
    hears(await asks("lịch tiếp công dân", ward=ward), "ngày này phường nghỉ")


# --- the week -----------------------------------------------------------------


async def test_the_week_is_told_from_today_on() -> None:
    reply = await asks("lịch công tác tuần")
    hears(reply, "thứ Sáu 20/11, 8:00: Thăm các trường", "thứ Bảy 21/11", "cả ngày: Ngày không hẹn")
    assert "Giao ban" not in reply.text
    hears(await pressed("/vanphong lich-tuan ca-tuan"), "thứ Hai 16/11, 8:00: Giao ban")
    hears(await pressed("/vanphong lich-tuan tuan-sau"), "thứ Ba 24/11, cả ngày: Nghỉ Ngày Văn hóa Việt Nam")


async def test_on_the_last_day_with_nothing_left_the_whole_week_is_told() -> None:
    hears(await asks("lịch tuần", now="2026-11-22T09:00"), "Giao ban đầu tuần")


async def test_a_week_that_is_not_posted_is_admitted() -> None:
    reply = await asks("lịch tuần", now="2026-12-02T09:00")
    hears(reply, "xin lỗi", "Lịch tuần này chưa được đăng", "thứ Hai 30/11/2026")
    hears(
        await pressed("/vanphong lich-tuan tuan-sau", now="2026-12-02T09:00"), "lịch tuần sau chưa được đăng"
    )


async def test_a_crowded_week_is_counted_not_cut() -> None:
    week = WARD.plan.weeks[0]
    many = tuple(replace(week.entries[-1], what=f"Việc thứ {n}") for n in range(60))
    ward = replace(WARD, plan=replace(WARD.plan, weeks=(replace(week, entries=many),)))
    reply = await asks("lịch tuần", ward=ward)
    hears(reply, "mục nữa", "Nội dung do ")
    assert len(reply.text) <= 900


# --- the day without appointments, facilities ---------------------------------


@pytest.mark.parametrize(
    ("now", "coming"),
    [
        ("2026-11-20T14:00", "thứ Sáu 20/11/2026"),
        ("2026-11-20T15:01", "thứ Sáu 27/11/2026"),
        ("2026-11-21T09:00", "thứ Sáu 27/11/2026"),
        ("2026-02-13T16:00", "thứ Sáu 27/02/2026"),
    ],
)
async def test_the_next_day_without_appointments_is_never_a_holiday(now: str, coming: str) -> None:
    hears(await asks("ngày không hẹn", now=now), f"Lần tới: {coming}", "15:00", "Chứng thực bản sao")


async def test_a_ward_without_such_a_day_says_so() -> None:
    ward = replace(WARD, office=replace(WARD.office, no_appointment=None))
    hears(await asks("ngày không hẹn", ward=ward), "chưa có ngày không hẹn")


async def test_facilities_are_listed_or_admitted_to_be_missing() -> None:
    hears(await asks("có wifi không"), "Wifi miễn phí", "Máy photocopy")
    bare = replace(WARD, office=replace(WARD.office, facilities=()))
    hears(await asks("có wifi không", ward=bare), "chưa được đăng")


# --- old names ----------------------------------------------------------------


async def test_a_resident_of_the_former_ward_7_hears_where_to_go() -> None:
    hears(
        await asks("phường 7 cũ làm ở đâu"),
        "Phường 7 cũ nay thuộc phường An Thịnh (từ 01/07/2025)",
        "12 Lê Lợi",
        "7:30–11:30, 13:00–17:00",
    )


async def test_a_former_ward_that_went_elsewhere_is_sent_to_the_neighbour() -> None:
    reply = await asks("phường 9 cũ giờ ở đâu")
    hears(reply, "nay thuộc phường Bình Khê", "0236 0000 200")
    assert "Lê Lợi" not in reply.text


async def test_an_unknown_old_name_is_answered_with_those_we_know() -> None:
    reply = await asks("phường 12 cũ ở đâu")
    assert [one.label for one in reply.choices] == ["Phường 7", "Phường 8", "Xã An Lộc Thượng", "Phường 9"]
    hears(await pressed(reply.choices[2].say), "Xã An Lộc Thượng cũ nay thuộc phường An Thịnh")


# --- everyday words -----------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("dạ cho hỏi địa chỉ ạ", "dia-chi"),
        ("uy ban o dau vay", "dia-chi"),
        ("cam on nha, ma uy ban xa lam viec may gio vay", "gio"),
        ("thứ 7 có làm ko", "gio"),
        ("mai ubnd có làm việc ko", "gio"),
        ("sđt ubnd phường", "hotline"),
        ("Chủ tịch UBND phường là ai", "danh-ba"),
        ("lịch chủ tịch tiếp dân", "tiep-dan"),
        ("lich tuan nay", "lich-tuan"),
        ("thứ sáu không hẹn là gì", "khong-hen"),
        ("gửi xe ở đâu", "tien-ich"),
        ("p.7 cũ", "phuong-cu"),
        ("xã An Lộc Thượng cũ", "phuong-cu"),
    ],
)
def test_everyday_words_find_their_topic(said: str, slug: str) -> None:
    assert office.guess_topic(said) == slug


@pytest.mark.parametrize(
    "said",
    [
        "",
        "đăng ký khai sinh",
        "nộp hồ sơ trực tuyến",
        "hồ sơ nông nghiệp",
        "bảo trợ xã hội thẻ cũ",
        "đổi địa chỉ phường trên sổ đỏ",
        "địa chỉ thường trú",
        "trích lục bản đồ địa chính",
        "giấy khai sinh phường 7 cũ",
        "làm khai sinh mất bao lâu",
        "đèn đường hỏng",
        "gặp cán bộ",
        "thủ tục tiếp công dân tại cấp xã",
        "Công nhận đô thị loại II",
        "cán bộ quầy 3 thái độ không tốt, hồ sơ thiếu mà không nói rõ, mong lãnh đạo phường xem lại giúp bà con",
    ],
)
def test_words_about_procedures_are_left_alone(said: str) -> None:
    assert office.guess_topic(said) is None
