from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from handlers import router
from handlers.memory import Memory
from handlers.talk import MAX_CHOICES, SAY_BYTES, Incoming, Reply, Turn, plain
from knowledge import catalogue
from knowledge.calendar import HERE, Calendar
from knowledge.concerns import load_concerns
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.ward import load_ward
from records import questions
from records.database import Database
from records.tables import Address, ChannelName

WARD = load_ward(Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh")
CALENDAR = Calendar(WARD.hours, load_overrides(OVERRIDES_FILE.read_text("utf-8")))
CONCERNS = load_concerns()
CARDS = catalogue.load(catalogue.BUNDLED)
NOW = datetime(2026, 11, 20, 15, 40, tzinfo=HERE)


@dataclass
class Lan:
    database: Database
    memory: Memory = field(default_factory=Memory)

    async def says(self, text: str) -> Reply:
        incoming = Incoming(key="web:1", sender=Address(ChannelName.WEB, "1"), text=text, sent_at=NOW)
        async with self.database.writing() as db:
            turn = Turn(
                incoming=incoming,
                memory=self.memory,
                ward=WARD,
                catalogue=CARDS,
                calendar=CALENDAR,
                concerns=CONCERNS,
                db=db,
                now=NOW,
            )
            reply = await router.answer(turn)
        assert reply is not None
        return reply

    async def asked_in_vain(self) -> list[tuple[str, int]]:
        async with self.database.reading() as db:
            return [(row.question, row.times) for row in await questions.most_asked(db)]


@pytest.fixture
def lan(database: Database) -> Lan:
    return Lan(database)


def hears(reply: Reply, *words: str) -> None:
    for word in words:
        assert word in plain(reply.text), f"{word!r} not in {plain(reply.text)!r}"


async def test_lan_asks_for_a_passport_and_hears_where_it_is_made(lan):
    reply = await lan.says("làm hộ chiếu cần gì vậy")
    hears(reply, "không làm ở phường", "Nơi làm: Công an tỉnh", "Trực tuyến: ", "Phường giúp được: ")
    hears(reply, "Nguồn: https://dichvucong.gov.vn", "kiểm tra ngày 20/11/2026")
    assert [choice.say for choice in reply.choices] == ["/khongdung", "/canbo", "/menu"]
    assert await lan.asked_in_vain() == []


async def test_what_is_nearly_meant_elsewhere_is_one_press_away(lan):
    reply = await lan.says("đổi bằng lái xe ô tô hết hạn")
    assert reply.choices[0].say == "/noikhac thi_bang_lai"
    hears(await lan.says("1"), "Thi và cấp giấy phép lái xe", "không làm ở phường")


async def test_a_birth_lists_what_to_do_in_order(lan):
    reply = await lan.says("sinh con")
    hears(reply, "Chúc mừng gia đình", "• Đăng ký khai sinh cho bé. Trong 60 ngày")
    text = plain(reply.text)
    assert text.index("khai sinh cho bé") < text.index("thường trú") < text.index("thẻ căn cước")
    assert reply.choices[0].say == "/tthc 1.001193"
    hears(await lan.says("1"), "Giấy chứng sinh")


@pytest.mark.parametrize("event", [event.key for event in CARDS.events])
async def test_every_life_event_fits_its_buttons(lan, event):
    reply = await lan.says(f"/sukien {event}")
    assert 1 <= len(reply.choices) <= MAX_CHOICES
    assert all(len(choice.say.encode()) <= SAY_BYTES for choice in reply.choices)
    assert len({choice.say for choice in reply.choices}) == len(reply.choices)


@pytest.mark.parametrize("command", ["/noikhac gi_do", "/sukien", "/sukien gi_do"])
async def test_a_key_that_is_gone_is_said_so(lan, command):
    hears(await lan.says(command), "không còn trong danh mục")


async def test_none_of_these_is_noted_once_without_identity(lan):
    reply = await lan.says("xin xác nhận giúp số 0912 345 678")
    assert reply.choices[-1].say == "/khongdung"
    await lan.says("Không có trong này")
    assert await lan.asked_in_vain() == [("xin xác nhận giúp số …", 1)]
    await lan.says("/khongdung")
    assert await lan.asked_in_vain() == [("xin xác nhận giúp số …", 1)]


async def test_a_card_that_was_not_meant_is_noted(lan):
    await lan.says("đăng ký khai sinh")
    await lan.says("Không đúng ý")
    assert await lan.asked_in_vain() == [("đăng ký khai sinh", 1)]


async def test_what_was_asked_is_forgotten_when_lan_goes_on(lan):
    await lan.says("đăng ký khai sinh")
    assert lan.memory.asked == "đăng ký khai sinh"
    await lan.says("menu")
    assert lan.memory.asked == ""
    await lan.says("/khongdung")
    assert await lan.asked_in_vain() == []


async def test_what_nobody_knows_is_noted_once(lan):
    await lan.says("xin giấy phép nuôi cá sấu")
    await lan.says("không đúng")
    assert await lan.asked_in_vain() == [("xin giấy phép nuôi cá sấu", 1)]


async def test_lan_is_offered_the_other_office_beside_the_wards_own_card(lan):
    reply = await lan.says("miếng đất mẹ đứng tên mà mẹ mất, tụi con muốn sang tên")
    assert [choice.say for choice in reply.choices[:2]] == ["/tthc 2.001406", "/noikhac sang_ten_so_do"]
    assert len(reply.choices) <= MAX_CHOICES


async def test_lan_asks_for_a_paper_and_chooses_in_the_order_of_the_desk(lan):
    reply = await lan.says("xin giấy xác nhận")
    codes = ["1.004873", "1.010041", "2.000884", "1.011607"]
    assert [choice.say for choice in reply.choices] == [*(f"/tthc {code}" for code in codes), "/khongdung"]
