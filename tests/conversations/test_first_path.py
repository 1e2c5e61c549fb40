"""From the resident's word to the platform's record, by every road, and what may go wrong there."""

from sqlmodel import col, select

from bot import app
from records import outbox
from records.tables import Address, ChannelName, Contact, Delivery, DeliveryState, Purpose
from tests.conversations.voices import (
    ROADS,
    ChatVoice,
    free_port,
    handled,
    open_voice,
    settings,
    telegram,
    telegram_of,
    until,
    zalo,
)
from tests.peers import Fault, TelegramPeer
from tests.peers.images import JPEG


async def states(office) -> list[DeliveryState]:
    async with office.database.reading() as db:
        return list((await db.exec(select(Delivery.state).order_by(col(Delivery.id)))).all())


async def test_the_same_words_are_heard_on_every_road(tmp_path, clock):
    turns = ("lam giay khai sin cho con can gi z", "bao lau", "menu")
    heard = []
    for road in ROADS:
        folder = tmp_path / road
        folder.mkdir()
        async with open_voice(road, folder, clock) as lan:
            heard.append([await lan.says(text) for text in turns])
    assert "Đăng ký khai sinh" in heard[0][0]
    assert heard[0] == heard[1] == heard[2] == heard[3]


async def test_a_pressed_button_and_a_typed_number_say_the_same(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("menu")
        typed = await lan.says("4")
        await lan.says("menu")
        before = len(lan.person.heard)
        lan.person.presses("Lịch, địa chỉ, ĐT")
        await until(lambda: len(lan.person.heard) > before)
        assert lan.person.heard[before] == typed


async def test_what_a_resident_typed_shows_literally(tmp_path, clock):
    hostile = "<b>xin</b> & <script>alert(1)</script> *_` [x](y)"
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("/gopy")
        await lan.says(hostile)
        assert f"Việc: {hostile}" in await lan.says("chỉ báo qua đây")


async def test_an_album_is_answered_once_with_the_number_of_photos(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        before = len(lan.person.heard)
        lan.person.sends_album(JPEG, JPEG, JPEG)
        await until(lambda: len(lan.person.heard) > before)
        await handled(lan.office, lan.peer)
        assert len(lan.person.heard) == before + 1
        assert "3 ảnh" in lan.person.heard[before]


async def test_a_reply_survives_a_platform_outage(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        lan.peer.faults.next("sendMessage", Fault.E502_BEFORE)
        assert "mở cửa" in await lan.says("giờ làm việc")


async def test_a_busy_platform_is_obeyed_and_nothing_is_lost(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        lan.peer.faults.next("sendMessage", Fault.THROTTLED, times=2, seconds=1)
        assert "mở cửa" in await lan.says("giờ làm việc")


async def test_a_lost_answer_is_repeated_once_and_then_left_to_a_person(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        lan.peer.faults.next("sendMessage", Fault.RESET_AFTER, times=2)
        lan.person.says("giờ làm việc")
        await until(lambda: sum("mở cửa" in text for text in lan.person.heard) == 2, within=30)
        await handled(lan.office, lan.peer)
        assert (await states(lan.office))[-1] is DeliveryState.DOUBTFUL
        assert "Anh/chị cần việc gì" in await lan.says("menu")
        assert sum("mở cửa" in text for text in lan.person.heard) == 2


async def test_a_letter_whose_answer_was_lost_is_never_repeated(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        lan.peer.faults.next("sendMessage", Fault.RESET_AFTER)
        async with lan.office.database.writing() as db:
            to = Address(ChannelName.TELEGRAM, str(lan.person.id))
            await outbox.put(
                db, key="letter:1", to=to, purpose=Purpose.LETTER, text="Thư", now=lan.office.clock()
            )
        await until(lambda: "Thư" in lan.person.heard)
        await handled(lan.office, lan.peer)
        await lan.says("menu")
        assert (await states(lan.office))[1] is DeliveryState.DOUBTFUL
        assert lan.person.heard.count("Thư") == 1


async def test_a_resident_who_blocked_us_is_left_alone_and_found_again(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        lan.person.blocks_bot()
        await handled(lan.office, lan.peer)
        async with lan.office.database.reading() as db:
            assert (await db.exec(select(Contact.off_since))).one() is not None
        lan.person.unblocks()
        await lan.says("menu")
        async with lan.office.database.reading() as db:
            assert (await db.exec(select(Contact.off_since))).one() is None


async def test_replies_to_one_person_keep_their_order(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        before = len(lan.person.heard)
        for text in ("giờ làm việc", "đường dây nóng", "địa chỉ", "menu"):
            lan.person.says(text)
        await until(lambda: len(lan.person.heard) >= before + 4)
        heard = lan.person.heard[before:]
        assert "mở cửa" in heard[0]
        assert "Anh/chị cần việc gì" in heard[3]


async def test_a_flood_hears_one_sentence_and_then_silence(tmp_path, clock):
    async with TelegramPeer(per_second=None, per_chat_per_second=None) as peer:
        config = settings(tmp_path, port=free_port(), telegram=telegram_of(peer, "webhook"))
        limits = config.limits.model_copy(update={"messages_per_person_per_minute": 5})
        async with app.build(config.model_copy(update={"limits": limits}), clock) as office:
            lan = ChatVoice(peer.person(1001, "Lan"), office, peer)
            for number in range(12):
                lan.person.says(f"giờ làm việc {number}")
            await handled(office, peer)
            assert sum("tin đến nhanh quá" in text for text in lan.person.heard) == 1
            assert len(lan.person.heard) == 6
            clock.wait(minutes=2)
            assert "Anh/chị cần việc gì" in await lan.says("menu")


async def test_a_group_is_not_disturbed(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        group = lan.peer.group(-1001, "Khu phố 3")
        group.adds_bot(lan.person)
        lan.person.says("đăng ký kết hôn", to=group)
        await handled(lan.office, lan.peer)
        assert group.heard == []
        lan.person.says("/tracuu khai sinh", to=group)
        await until(lambda: bool(group.heard))
        assert "khung chat riêng" in group.heard[0]


async def test_zalo_answers_only_inside_its_window(tmp_path, clock):
    async with zalo(tmp_path, clock) as lan:
        await lan.says("xin chào")
        async with lan.office.database.writing() as db:
            clock.wait(days=8)
            to = Address(ChannelName.ZALO, lan.person.id)
            await outbox.put(
                db, key="alert:x", to=to, purpose=Purpose.ALERT, text="…", now=lan.office.clock()
            )
        await handled(lan.office, lan.peer)
        async with lan.office.database.reading() as db:
            row = (await db.exec(select(Delivery).where(col(Delivery.key) == "alert:x"))).one()
        assert (row.state, row.error) == (DeliveryState.FAILED, "Refused: window_closed")
