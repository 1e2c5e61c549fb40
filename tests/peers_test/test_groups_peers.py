"""Groups as the platforms keep them: who may speak, what the bot sees, what cannot be done."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram import error as tg

from tests.peers import TelegramPeer, ZaloPeer, images
from tests.peers.records import Json
from tests.peers.telegram_chats import Person
from tests.peers.telegram_groups import Group
from tests.peers_test.asking import LAN_ON_ZALO, bot_for, call, upload

GROUP = -1001234567890
TO_GROUPS = "v3.0/oa/group/message"
ZALO_GROUP = "f414c8f76fa586fbdfb4"


@pytest.fixture(autouse=True)
def _waits_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else every RetryAfter warns, and warnings are errors


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as one:
        yield one


@pytest.fixture
async def bot(peer: TelegramPeer) -> AsyncIterator[Bot]:
    async with bot_for(peer) as one:
        yield one


@pytest.fixture
def lan(peer: TelegramPeer) -> Person:
    return peer.person(1001, "Lan")


@pytest.fixture
def minh(peer: TelegramPeer) -> Person:
    return peer.person(1002, "Minh")


@pytest.fixture
def group(peer: TelegramPeer, lan: Person, minh: Person) -> Group:
    one = peer.group(GROUP, "Tổ", forum=True)
    one.adds_bot(lan)
    one.joins(minh)
    return one


async def messages(bot: Bot) -> list[Message]:
    return [one.message for one in await bot.get_updates() if one.message]


async def test_members_come_and_go(bot: Bot, group: Group, lan: Person, minh: Person) -> None:
    lan.says("chào", to=group)
    group.leaves(minh)
    with pytest.raises(PermissionError):
        minh.says("còn tôi?", to=group)
    joined, said, left = await messages(bot)
    assert [one.first_name for one in joined.new_chat_members] == ["Minh"]
    assert (said.text, said.chat.is_forum) == ("chào", True)
    assert left.left_chat_member
    assert left.left_chat_member.first_name == "Minh"
    group.joins(minh)
    assert minh.says("về rồi", to=group)
    assert set(group.members) == {1001, 1002}


async def test_a_topic_keeps_its_messages(bot: Bot, group: Group, minh: Person) -> None:
    roads, lights = group.opens_topic("Đường sá"), group.opens_topic("Chiếu sáng")
    await bot.send_message(GROUP, "ổ gà", message_thread_id=roads)
    await bot.send_message(GROUP, "đèn hỏng", message_thread_id=lights)
    await bot.send_message(GROUP, "chung")
    assert (group.heard_in(roads), group.heard_in(None)) == (["ổ gà"], ["chung"])
    minh.says("đã rõ", to=group, topic=lights)
    said = (await messages(bot))[-1]
    assert (said.message_thread_id, said.is_topic_message) == (lights, True)
    with pytest.raises(tg.BadRequest, match="thread not found"):
        await bot.send_message(GROUP, "x", message_thread_id=1)
    with pytest.raises(LookupError):
        minh.says("x", to=group, topic=4711)
    with pytest.raises(ValueError, match="Việc"):
        peer_without_topics(group).opens_topic("Việc")


def peer_without_topics(group: Group) -> Group:
    group.chat.topics = None
    return group


async def test_a_press_names_who_pressed_and_where(bot: Bot, group: Group, minh: Person) -> None:
    roads = group.opens_topic("Đường sá")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Nhận", callback_data="1")]])
    await bot.send_message(GROUP, "ổ gà", message_thread_id=roads, reply_markup=keyboard)
    minh.presses("Nhận", to=group)
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert isinstance(query.message, Message)
    assert (query.from_user.id, query.message.message_thread_id) == (minh.id, roads)
    await query.answer("Anh Minh nhận")
    assert minh.toasts == ["Anh Minh nhận"]


async def test_a_forwarded_message_loses_its_buttons(
    peer: TelegramPeer, bot: Bot, group: Group, minh: Person
) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Nhận", callback_data="1")]])
    sent = await bot.send_message(GROUP, "ổ gà", reply_markup=keyboard)
    other = peer.group(-1009876543210)
    other.adds_bot(minh)
    minh.forwards(group.chat.messages[sent.message_id], to=other)
    copy = (await messages(bot))[-1]
    assert (copy.text, copy.reply_markup, copy.chat.id) == ("ổ gà", None, other.id)
    assert copy.forward_origin
    with pytest.raises(LookupError):
        minh.presses("Nhận", to=other)
    minh.forges_press("9", copy.message_id, to=other)
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert (query.data, query.from_user.id) == ("9", minh.id)


async def test_who_hides_is_shown_as_the_group_or_the_channel(bot: Bot, group: Group) -> None:
    group.admin_says("một")
    group.channel_says("hai")
    one, two = (await messages(bot))[-2:]
    assert one.sender_chat
    assert two.sender_chat
    assert (one.sender_chat.id, two.sender_chat.type) == (GROUP, "channel")
    assert one.from_user
    assert one.from_user.is_bot


def test_the_number_says_what_kind_of_group_it_is(peer: TelegramPeer) -> None:
    kinds = [peer.group(number).chat.face["type"] for number in (-4455, GROUP)]
    assert kinds == ["group", "supergroup"]


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloPeer]:
    async with ZaloPeer() as one:
        one.group(ZALO_GROUP, one.person(LAN_ON_ZALO))
        yield one


async def send(zalo: ZaloPeer, message: Json, group_id: str = ZALO_GROUP) -> Json:
    return await call(zalo, TO_GROUPS, {"recipient": {"group_id": group_id}, "message": message})


async def test_a_group_of_the_account_hears_text_pictures_and_files(zalo: ZaloPeer) -> None:
    group = zalo.group(ZALO_GROUP)
    answer = await send(zalo, {"text": "Chào [@246845883529197922] và [@f414c8f76fa586fbdfb4]"})
    assert answer["data"]["group_id"] == ZALO_GROUP
    assert group.mentioned == [LAN_ON_ZALO, ZALO_GROUP]
    picture = (await upload(zalo, "image", images.PNG, "a.png"))["data"]["attachment_id"]
    media = {"template_type": "media", "elements": [{"media_type": "image", "attachment_id": picture}]}
    assert (await send(zalo, {"attachment": {"type": "template", "payload": media}}))["error"] == 0
    file = (await upload(zalo, "file", images.PDF, "a.pdf"))["data"]["token"]
    assert (await send(zalo, {"attachment": {"type": "file", "payload": {"token": file}}}))["error"] == 0
    assert [len(one.files) for one in zalo.accepted] == [0, 1, 1]


async def test_no_window_closes_for_a_group(zalo: ZaloPeer) -> None:
    zalo.clock.ahead(days=60)
    zalo.tokens._born = zalo.clock.epoch()
    assert (await send(zalo, {"text": "x"}))["error"] == 0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "x" * 2001}, -210),
        ({"text": ""}, -201),
        ({}, -201),
        (
            {
                "text": "x",
                "attachment": {
                    "type": "template",
                    "payload": {"buttons": [{"title": "A", "type": "oa.query.hide", "payload": "1"}]},
                },
            },
            -233,
        ),
        (
            {
                "attachment": {
                    "type": "template",
                    "payload": {"template_type": "request_user_info", "elements": [{"title": "A"}]},
                }
            },
            -233,
        ),
    ],
)
async def test_what_is_not_for_groups_is_refused(zalo: ZaloPeer, message: Json, code: int) -> None:
    assert (await send(zalo, message))["error"] == code
    assert zalo.group(ZALO_GROUP).heard == []
    assert zalo.refused[-1].chat_id == ZALO_GROUP


async def test_a_group_that_ended_or_never_was_says_so(zalo: ZaloPeer) -> None:
    assert (await send(zalo, {"text": "x"}, "khong-co"))["error"] == -403
    group = zalo.group(ZALO_GROUP)
    group.expired = True
    assert (await send(zalo, {"text": "x"}))["error"] == -237
    group.expired = False
    assert group.closes()["event_name"] == "delete_group"
    assert (await send(zalo, {"text": "x"}))["error"] == -403


async def test_only_members_speak_in_a_group_of_the_account(zalo: ZaloPeer) -> None:
    group, lan, minh = zalo.group(ZALO_GROUP), zalo.person(LAN_ON_ZALO), zalo.person("24684588352919793")
    event = group.says(lan, "chào")
    assert (event["sender"]["id"], event["recipient"]["id"]) == (LAN_ON_ZALO, ZALO_GROUP)
    with pytest.raises(PermissionError):
        group.sends_image(minh)
