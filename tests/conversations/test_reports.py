"""Reports as people really begin them: a place, a voice, a word left for days, somebody else's trouble."""

import pytest

from bot import app
from tests.conftest import WallClock
from tests.conversations.test_cases import FRIDAY_2PM, photo, town
from tests.conversations.voices import ChatVoice, free_port, handled, settings, telegram, telegram_of, until
from tests.peers import TelegramPeer

INSIDE = (15.9125, 107.998)
NEIGHBOUR = (15.915, 108.03)


async def after(lan, act) -> str:
    """Let Lan do something that is not a word, and return what is heard next."""
    before = len(lan.heard)
    act()
    await until(lambda: len(lan.heard) > before)
    return str(lan.heard[before])


@pytest.fixture
async def lan(tmp_path):
    async with telegram(tmp_path, WallClock(FRIDAY_2PM), "webhook") as voice:
        await voice.says("xin chào")
        yield voice


async def test_a_draft_waits_through_a_restart_and_three_days(tmp_path):
    clock = WallClock(FRIDAY_2PM)
    async with TelegramPeer(per_second=None, per_chat_per_second=None) as peer:
        person = peer.person(1001, "Lan")
        config = settings(tmp_path, port=free_port(), telegram=telegram_of(peer, "polling"))
        async with app.build(config, clock) as office:
            lan = ChatVoice(person, office, peer)
            await lan.says("xin chào")
            assert "vị trí" in await lan.says("đèn đường hỏng ba đêm nay")
        clock.wait(days=3)
        async with app.build(config, clock) as office:
            lan = ChatVoice(person, office, peer)
            await until(lambda: "viết dở" in lan.heard[-1])  # reminded once, by day
            heard = await lan.says("phản ánh")
            assert "viết dở về" in heard
            assert "đèn đường hỏng" in heard
            assert "vị trí" in await lan.says("Viết tiếp")
            clock.wait(days=8)
            assert "muốn phản ánh, kiến nghị việc gì" in await lan.says("phản ánh")


async def test_a_place_may_come_first_and_is_named(lan):
    heard = await after(lan, lambda: lan.person.sends_location(*INSIDE))
    assert "Ở đó có việc gì" in heard
    assert "khu phố" in heard
    heard = await lan.says("rác chất đống mấy hôm nay")
    assert "ảnh" in heard
    assert "vị trí" not in heard


async def test_a_place_of_the_next_ward_leads_there(lan):
    heard = await after(lan, lambda: lan.person.sends_location(*NEIGHBOUR))
    assert "phường Bình Khê" in heard
    assert "phường Bình Khê" in await lan.says("1")


async def test_a_voice_note_is_the_report_itself(lan):
    ogg = b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead\x01"
    heard = await after(lan, lambda: lan.person.sends_voice(ogg))
    assert "Cán bộ sẽ nghe" in heard
    assert "vị trí" in await lan.says("Đường sá, giao thông")


async def test_somebody_reports_for_their_mother_and_wants_to_be_called(lan):
    await lan.says("báo giùm má tôi: nước máy hẻm 42 Lê Lợi vàng tanh mấy hôm nay")
    await lan.says("không có ảnh")
    assert "gọi lại vào lúc nào" in await lan.says("Gọi lại cho tôi")
    assert "số điện thoại" in await lan.says("Buổi sáng")
    summary = await lan.says("0900 000 321")
    for word in ("Gửi giúp người khác", "buổi sáng", "0900000321"):
        assert word in summary
    assert "PA26-0001-7" in await lan.says("Gửi")


async def test_the_same_thing_is_followed_together_and_nobody_sees_the_neighbour(tmp_path):
    async with town("telegram", tmp_path, WallClock(FRIDAY_2PM)) as place:
        lan, hoa = place.lan, ChatVoice(place.telegram.person(1002, "Hoa"), place.office, place.telegram)
        await lan.says("nắp cống hẻm 84 Nguyễn Trãi bị vỡ, gọi tôi 0900 000 111")
        await lan.says("không có ảnh")
        await lan.says("Gửi")
        await hoa.says("nắp cống bể ở hẻm 84 Nguyễn Trãi")
        heard = hoa.heard[-1]
        assert "PA26-0001-7" in heard
        assert "0900" not in heard
        assert "sẽ được báo khi" in await hoa.says("Theo dõi chung")
        await place.settle()
        place.dung.says("đóng 0001")
        await place.settle()
        place.dung.presses("Đã xử lý")
        await place.settle()
        place.dung.says("đã thay nắp mới sáng nay")
        await place.settle()
        before = len(hoa.heard)
        place.dung.presses("Gửi")
        await until(lambda: len(hoa.heard) > before)
        assert "đã thay nắp mới" in hoa.heard[-1]
        assert "0900" not in "".join(hoa.heard)


async def test_pressing_send_twice_is_one_case(lan):
    await lan.says("đèn đường hẻm 42 Lê Lợi hỏng ba đêm nay")
    await lan.says("không có ảnh")
    await lan.says("chỉ báo qua đây")
    lan.person.presses("Gửi")
    lan.person.presses("Gửi")
    await handled(lan.office, lan.peer)
    assert "đã gửi rồi, mã PA26-0001-7" in lan.heard[-1]


async def test_eleven_photos_are_ten_and_a_word_about_the_rest(lan):
    await lan.says("rác chất đống ở hẻm 42 Lê Lợi")
    for number in range(11):
        lan.person.sends_photo(photo("green") + bytes([number]))
    await until(lambda: "10 ảnh" in lan.heard[-1])
    assert "đã bỏ ra" in "".join(lan.heard)
