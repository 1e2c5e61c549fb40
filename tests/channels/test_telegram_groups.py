"""A staff group on Telegram: who spoke, in which topic, and answers that find their way back."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.channel import Refused, Throttled, Unavailable, Unreachable
from bot.telegram import TelegramChannel, reading
from bot.telegram.chats import Chat, chat_of
from handlers.talk import Choice, Incoming, bold
from records.tables import Address, ChannelName
from tests.channels.telegram_setup import LAN, NOW, channel_at, letter, open_channel
from tests.channels.test_telegram_sending import kept
from tests.peers import Fault, TelegramPeer, images
from tests.peers.records import Json
from tests.peers.telegram_chats import Person
from tests.peers.telegram_groups import Group

GROUP = -1002233445566
MINH = 1002
TAKE = (Choice("Nhận việc", "/nhan PA26-0417-9"), Choice("Chuyển", "/chuyen PA26-0417-9"))


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer(per_chat_per_second=None) as one:
        yield one


@pytest.fixture
def lan(peer: TelegramPeer) -> Person:
    return peer.person(LAN, "Lan")


@pytest.fixture
def minh(peer: TelegramPeer) -> Person:
    return peer.person(MINH, "Minh")


@pytest.fixture
def staff(peer: TelegramPeer, lan: Person, minh: Person) -> Group:
    group = peer.group(GROUP, "Tổ tiếp nhận", forum=True)
    group.adds_bot(lan)
    group.joins(minh)
    return group


@pytest.fixture
async def channel(peer: TelegramPeer, tmp_path: Path) -> AsyncIterator[TelegramChannel]:
    async with open_channel(peer.base_url, media=tmp_path) as one:
        yield one


def understood(update: Json) -> Incoming:
    body = json.dumps(update)
    incoming = reading.read(reading.name(update, body), NOW)
    assert isinstance(incoming, Incoming)
    return incoming


def telegram(user: object) -> Address:
    return Address(ChannelName.TELEGRAM, str(user))


async def test_minh_takes_a_case_in_its_topic_and_is_answered_there(
    channel: TelegramChannel, staff: Group, minh: Person
) -> None:
    lights = staff.opens_topic("Chiếu sáng")
    await channel.send(letter(f"{bold('PA26-0417-9')} Đèn đường", to=f"{GROUP}/{lights}", choices=TAKE))
    assert staff.heard_in(lights) == ["PA26-0417-9 Đèn đường"]

    pressed = understood(minh.presses("Nhận việc", to=staff))
    assert (pressed.text, pressed.pressed, pressed.group) == ("/nhan PA26-0417-9", True, True)
    assert (pressed.sender, pressed.author) == (telegram(f"{GROUP}/{lights}"), telegram(MINH))

    ref = await channel.send(letter("Anh Minh nhận", to=pressed.sender.user))
    assert staff.heard_in(lights)[-1] == "Anh Minh nhận"
    assert ref == f"{GROUP}:{staff.chat.messages[max(staff.chat.messages)]['message_id']}"
    assert minh.heard == []


async def test_two_members_speak_and_each_is_named(staff: Group, lan: Person, minh: Person) -> None:
    roads = staff.opens_topic("Đường sá")
    first = understood(lan.says("/viec", to=staff))
    second = understood(minh.says("/viec", to=staff, topic=roads))
    photo = understood(minh.sends_photo(to=staff, topic=roads, caption="đã sửa"))
    assert (first.sender, first.author) == (telegram(GROUP), telegram(LAN))
    assert (second.sender, second.author) == (telegram(f"{GROUP}/{roads}"), telegram(MINH))
    assert (photo.sender, photo.author, len(photo.photos)) == (second.sender, second.author, 1)


async def test_in_private_there_is_no_author(channel: TelegramChannel, minh: Person) -> None:
    said = understood(minh.says("/viec"))
    assert (said.sender, said.author, said.group) == (telegram(MINH), None, False)
    await channel.send(letter(to=MINH, choices=TAKE))
    pressed = understood(minh.presses("Chuyển"))
    assert (pressed.sender, pressed.author, pressed.group) == (telegram(MINH), None, False)


async def test_an_ordinary_group_is_a_group_too(peer: TelegramPeer, minh: Person) -> None:
    small = peer.group(-4455)
    small.adds_bot(minh)
    said = understood(minh.says("/viec", to=small))
    assert (said.sender, said.author, said.group) == (telegram(-4455), telegram(MINH), True)


async def test_who_hides_behind_the_group_or_a_channel_is_nobody(staff: Group) -> None:
    roads = staff.opens_topic("Đường sá")
    for update in (staff.admin_says("/nhan PA26-0417-9", topic=roads), staff.channel_says("/nhan 1")):
        said = understood(update)
        assert (said.group, said.author) == (True, None)
        assert said.text.startswith("/nhan")


async def test_a_forwarded_alert_has_no_buttons_and_says_nothing_new(
    channel: TelegramChannel, peer: TelegramPeer, staff: Group, minh: Person
) -> None:
    other = peer.group(-1009988776655, "Khu phố 3")
    other.adds_bot(minh)
    await channel.send(letter("PA26-0417-9", to=GROUP, choices=TAKE))
    passed_on = minh.forwards(staff.chat.messages[max(staff.chat.messages)], to=other)
    assert "reply_markup" not in passed_on["message"]
    with pytest.raises(LookupError):
        minh.presses("Nhận việc", to=other)
    said = understood(passed_on)
    assert (said.text, said.pressed, said.author) == ("PA26-0417-9", False, telegram(MINH))


async def test_a_tampered_client_may_press_what_was_never_offered_but_only_as_itself(
    channel: TelegramChannel, staff: Group, minh: Person
) -> None:
    await channel.send(letter("PA26-0417-9", to=GROUP))
    pressed = understood(minh.forges_press("/dong PA26-0001-7", max(staff.chat.messages), to=staff))
    assert (pressed.text, pressed.pressed, pressed.author) == ("/dong PA26-0001-7", True, telegram(MINH))


async def test_a_press_in_a_group_is_answered(
    channel: TelegramChannel, peer: TelegramPeer, staff: Group, minh: Person
) -> None:
    topic = staff.opens_topic("Chiếu sáng")
    await channel.send(letter(to=f"{GROUP}/{topic}", choices=TAKE))
    press = minh.presses("Nhận việc", to=staff)
    await channel.acknowledge([reading.name(press, json.dumps(press))])
    assert peer.accepted[-1].message_id == press["callback_query"]["id"]


@pytest.mark.parametrize("content", [images.JPEG, images.PDF])
async def test_pictures_and_papers_go_to_a_topic_as_they_go_to_a_person(
    channel: TelegramChannel, peer: TelegramPeer, staff: Group, tmp_path: Path, content: bytes
) -> None:
    topic = staff.opens_topic("Chiếu sáng")
    name = kept(tmp_path, content)
    await channel.send(letter("Ảnh hiện trường", to=f"{GROUP}/{topic}", attachments=(name,), choices=TAKE))
    assert list(peer.accepted[-1].files.values()) == [content]
    assert staff.heard_in(topic) == ["Ảnh hiện trường"]
    assert len(peer.accepted[-1].buttons) == 2


@pytest.mark.parametrize("attached", [False, True])
async def test_a_topic_that_was_deleted_is_replaced_by_general(
    *,
    channel: TelegramChannel,
    staff: Group,
    tmp_path: Path,
    attached: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    topic = staff.opens_topic("Chiếu sáng")
    staff.deletes_topic(topic)
    files = (kept(tmp_path, images.JPEG),) if attached else ()
    await channel.send(letter(bold("PA26-0417-9"), to=f"{GROUP}/{topic}", attachments=files, choices=TAKE))
    assert staff.heard_in(None) == ["PA26-0417-9"]
    assert "reply:telegram:1 goes to the general topic" in caplog.text


async def test_a_group_without_topics_hears_what_was_meant_for_one(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person
) -> None:
    plain = peer.group(-1009988776655)
    plain.adds_bot(lan)
    await channel.send(letter("PA26-0417-9", to="-1009988776655/7"))
    assert plain.heard == ["PA26-0417-9"]


async def test_a_group_that_moved_takes_its_topic_along(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person
) -> None:
    old, new = peer.group(-4455), peer.group(GROUP, forum=True)
    old.adds_bot(lan)
    moved = old.migrates_to(new)
    for address, there in (("-4455", str(GROUP)), ("-4455/7", f"{GROUP}/7")):
        with pytest.raises(Unreachable) as caught:
            await channel.send(letter(to=address))
        assert caught.value.moved_to == there
        await channel.send(letter("Đã chuyển", to=there))
    assert new.heard == ["Đã chuyển", "Đã chuyển"]
    assert moved["message"]["migrate_to_chat_id"] == GROUP


async def test_a_group_that_threw_us_out_is_unreachable_in_every_topic(
    channel: TelegramChannel, staff: Group, lan: Person
) -> None:
    topic = staff.opens_topic("Chiếu sáng")
    staff.removes_bot(lan)
    for address in (GROUP, f"{GROUP}/{topic}"):
        with pytest.raises(Unreachable) as caught:
            await channel.send(letter(to=address))
        assert caught.value.moved_to is None


async def test_an_outage_is_not_taken_for_a_deleted_topic(
    channel: TelegramChannel, peer: TelegramPeer, staff: Group
) -> None:
    topic = staff.opens_topic("Chiếu sáng")
    peer.faults.next("sendMessage", Fault.E502_BEFORE)
    with pytest.raises(Unavailable):
        await channel.send(letter(to=f"{GROUP}/{topic}"))
    assert staff.heard == []


@pytest.mark.parametrize("address", ["nhom", "-100/", "-100/x", "/7", "-100/7/8", ""])
async def test_an_address_that_names_nothing_is_unreachable(channel: TelegramChannel, address: str) -> None:
    with pytest.raises(Unreachable):
        await channel.send(letter(to=address))


@pytest.mark.parametrize(
    ("address", "chat"),
    [("1001", Chat(1001)), ("-4455", Chat(-4455)), (f"{GROUP}/7", Chat(GROUP, 7))],
)
def test_an_address_is_read_as_it_is_written(address: str, chat: Chat) -> None:
    assert chat_of(address) == chat
    assert str(chat) == address


class Hands:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def test_the_topics_of_a_group_share_twenty_messages_a_minute(
    peer: TelegramPeer, staff: Group, lan: Person, tmp_path: Path
) -> None:
    hands = Hands()
    topics = [staff.opens_topic(f"Việc {number}") for number in range(4)]
    places = [f"{GROUP}/{topic}" for topic in topics]
    lan.says("chào")
    async with open_channel(peer.base_url, media=tmp_path, clock=hands) as channel:
        for number in range(20):
            await channel.send(letter(to=places[number % 4]))
        assert channel.pause_after(places[0]) == timedelta(seconds=61)
        with pytest.raises(Throttled) as caught:
            await channel.send(letter(to=GROUP))
        assert caught.value.retry_after == timedelta(seconds=61)
        await channel.send(letter(to=LAN))  # a person is no group
        assert peer.refused == []

        hands.now += timedelta(seconds=61)
        peer.clock.ahead(seconds=61)
        assert channel.pause_after(places[0]) == timedelta(seconds=3)
        await channel.send(letter(to=places[0]))
    assert len(staff.heard) == 21


async def test_a_message_that_is_a_little_early_waits_for_its_turn(
    peer: TelegramPeer, staff: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands, waited = Hands(), []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        peer.clock.ahead(seconds=seconds)

    async with open_channel(peer.base_url, clock=hands) as channel:
        monkeypatch.setattr(asyncio, "sleep", sleep)
        for _ in range(20):
            await channel.send(letter(to=GROUP))
        hands.now += timedelta(seconds=58)
        peer.clock.ahead(seconds=58)
        await channel.send(letter(to=GROUP))
    assert waited == [3]
    assert peer.refused == []
    assert len(staff.heard) == 21


async def test_only_a_few_messages_are_held_so_that_residents_find_a_place(
    peer: TelegramPeer, staff: Group, lan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands, minute_is_over = Hands(), asyncio.Event()
    lan.says("chào")

    async def sleep(seconds: float) -> None:
        del seconds
        await minute_is_over.wait()

    async with open_channel(peer.base_url, clock=hands) as channel:
        for _ in range(20):
            await channel.send(letter(to=GROUP))
        hands.now += timedelta(seconds=31)
        monkeypatch.setattr(asyncio, "sleep", sleep)
        held = [asyncio.create_task(channel.send(letter(to=GROUP))) for _ in range(4)]
        await asyncio.wait(held, timeout=0.05)
        with pytest.raises(Throttled) as caught:
            await channel.send(letter(to=GROUP))
        assert caught.value.retry_after == timedelta(seconds=30)
        await channel.send(letter(to=LAN))
        assert (len(lan.heard), len(staff.heard)) == (1, 20)

        peer.clock.ahead(seconds=61)
        minute_is_over.set()
        await asyncio.gather(*held)
    assert peer.refused == []
    assert len(staff.heard) == 24


async def test_without_a_pause_nothing_is_counted(peer: TelegramPeer, staff: Group) -> None:
    async with open_channel(peer.base_url, group_pause_s=0) as channel:
        for _ in range(20):
            await channel.send(letter(to=GROUP))
        with pytest.raises(Throttled):  # Telegram's own word
            await channel.send(letter(to=GROUP))
        assert channel.pause_after(str(GROUP)) == timedelta()
    assert len(staff.heard) == 20


async def test_too_long_a_text_for_a_topic_is_refused_there_and_not_tried_elsewhere(staff: Group) -> None:
    channel = channel_at("http://127.0.0.1:1")
    with pytest.raises(Refused):
        await channel.send(letter("x" * 4097, to=f"{GROUP}/{staff.opens_topic('Chiếu sáng')}"))
