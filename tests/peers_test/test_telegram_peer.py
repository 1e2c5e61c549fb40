"""Telegram's conversations, driven over real HTTP by python-telegram-bot itself."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)
from telegram import error as tg

from tests.peers import TelegramPeer, images
from tests.peers.records import Json
from tests.peers_test.asking import Hook, bot_for, raw

LAN = 1001

GROUP = -1001234567890


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
async def hook() -> AsyncIterator[Hook]:
    one = Hook()
    await one.door.open([web.post("/hook", one.answer)])
    yield one
    await one.door.close()


async def test_the_bot_knows_itself(peer: TelegramPeer, bot: Bot) -> None:
    me = await bot.get_me()
    assert me.is_bot
    assert me.username == "phuong_thu_bot"
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{peer.base_url}/bot1:wrong/getMe") as answer:
            assert answer.status == 401
            assert (await answer.json())["description"] == "Unauthorized"
        async with session.get(f"{peer.base_url}/bot{peer.token}/getMoon") as answer:
            assert answer.status == 404


async def test_lan_talks_by_polling(peer: TelegramPeer, bot: Bot) -> None:
    lan = peer.person(LAN, "Lan")
    lan.starts("ma-42")
    first, second = lan.says("một"), lan.says("hai")
    updates = await bot.get_updates(timeout=1)
    assert [one.message.text for one in updates if one.message] == ["/start ma-42", "một", "hai"]
    assert updates[0].message
    assert updates[0].message.entities[0].type == "bot_command"

    again = await bot.get_updates(offset=second["update_id"], limit=1)
    assert [one.update_id for one in again] == [second["update_id"]]
    assert first["update_id"] < second["update_id"]
    assert await bot.get_updates(offset=second["update_id"] + 1) == ()
    await peer.delivered()

    await bot.send_message(LAN, "<b>Chào</b> Lan &amp; nhà", parse_mode="HTML")
    assert await lan.hears("Chào Lan & nhà") == lan.heard[0]
    with pytest.raises(AssertionError, match="not heard"):
        await lan.hears("Tạm biệt", within=0.01)


async def test_a_poll_waits_and_gives_way_to_a_newer_one(peer: TelegramPeer, bot: Bot) -> None:
    older = asyncio.create_task(raw(peer, "getUpdates", timeout=30))
    async with asyncio.timeout(5):
        while not peer._inbox._poll:  # the older one has arrived
            await asyncio.sleep(0)
    newer = asyncio.create_task(raw(peer, "getUpdates", timeout=30))
    answer = await older
    assert answer["error_code"] == 409
    peer.person(LAN).says("đây")
    assert len((await newer)["result"]) == 1
    await bot.set_webhook("http://127.0.0.1:9/nobody")
    with pytest.raises(tg.Conflict):
        await bot.get_updates()
    await bot.delete_webhook()
    assert len(await bot.get_updates()) == 1


async def test_only_wanted_kinds_come(peer: TelegramPeer, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["message"])
    lan = peer.person(LAN)
    said = lan.says("sai")
    lan.edits(said, "đúng")
    lan.blocks_bot()
    assert [one.message is not None for one in await bot.get_updates()] == [True]


async def test_every_kind_of_update_is_read_by_ptb(peer: TelegramPeer, bot: Bot) -> None:
    lan = peer.person(LAN)
    said = lan.says("sai")
    lan.edits(said, "đúng")
    lan.sends_photo(caption="ổ gà")
    lan.sends_album(images.JPEG, images.PNG, caption="hai ảnh")
    lan.sends_document(name="đơn.pdf")
    lan.sends_voice()
    lan.sends_location(10.7, 106.6)
    lan.sends_contact("+84900000001")
    lan.blocks_bot()
    lan.unblocks()
    group = peer.group(GROUP, "Tổ 3", forum=True)
    group.adds_bot(lan)
    lan.says("chào cả nhà", to=group)
    group.removes_bot(lan)
    messages = await bot.get_updates()
    assert messages[0].message
    assert messages[0].message.text == "sai"
    assert messages[1].edited_message
    assert messages[1].edited_message.text == "đúng"
    photos = [one.message for one in messages if one.message and one.message.photo]
    assert [one.caption for one in photos] == ["ổ gà", "hai ảnh", None]
    assert photos[1].media_group_id == photos[2].media_group_id
    contact = next(one.message.contact for one in messages if one.message and one.message.contact)
    assert contact.user_id == LAN
    changes = [one.my_chat_member for one in messages if one.my_chat_member]
    assert [one.new_chat_member.status for one in changes] == [
        "kicked",
        "member",
        "administrator",
        "kicked",
    ]


async def test_a_picture_can_be_fetched(peer: TelegramPeer, bot: Bot) -> None:
    peer.person(LAN).sends_photo(images.PNG)
    update = (await bot.get_updates())[0]
    assert update.message
    file = await update.message.photo[-1].get_file()
    assert bytes(await file.download_as_bytearray()) == images.PNG


async def test_a_webhook_gets_everything_in_order_until_it_says_200(
    peer: TelegramPeer, bot: Bot, hook: Hook
) -> None:
    hook.statuses = [500, 503]
    lan = peer.person(LAN)
    lan.says("0")  # before the webhook was set
    await bot.set_webhook(f"{hook.door.url}/hook", secret_token="bi-mat_1")
    for number in range(1, 5):
        lan.says(str(number))
    await peer.delivered()
    assert [one["message"]["text"] for one in hook.got] == ["0", "0", "0", "1", "2", "3", "4"]
    assert {one["X-Telegram-Bot-Api-Secret-Token"] for one in hook.headers} == {"bi-mat_1"}
    info = await bot.get_webhook_info()
    assert info.pending_update_count == 0
    assert "503" in (info.last_error_message or "")
    peer.redeliver(hook.got[-1])
    await peer.delivered()
    assert hook.got[-1] == hook.got[-2]


async def test_one_slow_chat_holds_up_no_other(peer: TelegramPeer, bot: Bot, hook: Hook) -> None:
    gate = asyncio.Event()
    hook.hold = lambda update: gate if update["message"]["chat"]["id"] == LAN else None
    await bot.set_webhook(f"{hook.door.url}/hook")
    peer.person(LAN).says("chậm")
    peer.person(LAN).says("chậm hơn")
    peer.person(2, "Hùng").says("nhanh")
    await asyncio.wait_for(hook.came.wait(), 5)
    assert hook.got[0]["message"]["text"] == "nhanh"
    gate.set()
    await peer.delivered()
    assert [one["message"]["text"] for one in hook.got[1:]] == ["chậm", "chậm hơn"]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"url": "http://ward.example/hook"}, "HTTPS"),
        ({"url": "https://ward.example:9000/hook"}, "ports"),
        ({"url": "https://ward.example/hook", "secret_token": "có dấu"}, "unallowed"),
        ({"url": "https://ward.example/hook", "max_connections": 101}, "max_connections"),
    ],
)
async def test_bad_webhooks_are_refused(peer: TelegramPeer, values: Json, why: str) -> None:
    answer = await raw(peer, "setWebhook", **values)
    assert answer["error_code"] == 400
    assert why in answer["description"]


async def test_nobody_is_written_to_before_they_start(peer: TelegramPeer, bot: Bot) -> None:
    lan = peer.person(LAN)
    with pytest.raises(tg.BadRequest, match="Chat not found"):
        await bot.send_message(LAN, "Kính gửi")
    lan.starts()
    await bot.send_message(LAN, "Kính gửi")
    lan.blocks_bot()
    with pytest.raises(tg.Forbidden, match="blocked by the user"):
        await bot.send_message(LAN, "Kính gửi")
    lan.unblocks()
    await bot.send_message(LAN, "Kính gửi")
    assert lan.heard == ["Kính gửi", "Kính gửi"]
    assert [one.code for one in peer.refused] == [400, 403]


async def test_a_group_that_moves_names_its_new_id(peer: TelegramPeer, bot: Bot) -> None:
    lan, old, new = peer.person(LAN), peer.group(-55), peer.group(GROUP)
    old.adds_bot(lan)
    await bot.send_message(-55, "chào")
    old.migrates_to(new)
    with pytest.raises(tg.ChatMigrated) as moved:
        await bot.send_message(-55, "còn đó không")
    await bot.send_message(moved.value.new_chat_id, "còn")
    assert (old.heard, new.heard) == (["chào"], ["còn"])


async def test_topics_of_the_staff_group(peer: TelegramPeer, bot: Bot) -> None:
    staff = peer.group(GROUP, "Cán bộ", forum=True)
    staff.adds_bot(peer.person(LAN))
    topic = await bot.create_forum_topic(GROUP, "Hộ tịch")
    sent = await bot.send_message(GROUP, "mới", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message
    staff.deletes_topic(topic.message_thread_id)
    for thread in (topic.message_thread_id, 1):
        with pytest.raises(tg.BadRequest, match="thread not found"):
            await bot.send_message(GROUP, "mới", message_thread_id=thread)
    with pytest.raises(tg.BadRequest, match=r"(?i)topic_title"):
        await bot.create_forum_topic(GROUP, "x" * 129)


async def test_privacy_mode_hides_ordinary_talk(peer: TelegramPeer, bot: Bot) -> None:
    lan, group = peer.person(LAN), peer.group(GROUP, bot_sees_all=False)
    group.adds_bot(lan)
    lan.says("chuyện riêng", to=group)
    lan.says("/trogiup", to=group)
    texts = [one.message.text for one in await bot.get_updates() if one.message]
    assert texts == ["/trogiup"]


async def test_buttons_are_pressed_once_answered_and_edited(peer: TelegramPeer, bot: Bot) -> None:
    lan = peer.person(LAN, started=True)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Khai sinh", callback_data="p:1")]])
    sent = await bot.send_message(LAN, "Thủ tục nào?", reply_markup=keyboard)
    assert peer.accepted[-1].buttons[0].data == "p:1"
    lan.presses("Khai sinh")
    query = (await bot.get_updates())[-1].callback_query
    assert query
    assert query.data == "p:1"
    assert await query.answer("Đã nhận")
    assert lan.toasts == ["Đã nhận"]
    with pytest.raises(tg.BadRequest, match="too old"):
        await query.answer()
    await query.edit_message_text("Khai sinh:")
    with pytest.raises(tg.BadRequest, match="not modified"):
        await bot.edit_message_text("Khai sinh:", LAN, sent.message_id)
    with pytest.raises(LookupError):
        lan.presses("p:1")
    await bot.edit_message_reply_markup(LAN, sent.message_id, reply_markup=keyboard)
    lan.presses("p:1")
    with pytest.raises(tg.BadRequest, match="to edit not found"):
        await bot.edit_message_text("?", LAN, 99999)
    peer.clock.ahead(minutes=10)
    late = (await bot.get_updates(offset=-1))[0].callback_query
    assert late
    with pytest.raises(tg.BadRequest, match="too old"):
        await late.answer()


async def test_a_reply_keyboard_sends_text_or_the_own_number(peer: TelegramPeer, bot: Bot) -> None:
    lan, group = peer.person(LAN, started=True), peer.group(GROUP)
    group.adds_bot(lan)
    rows: list[list[str | KeyboardButton]] = [["Phản ánh", KeyboardButton("Gửi số", request_contact=True)]]
    keyboard = ReplyKeyboardMarkup(rows)
    await bot.send_message(LAN, "Chọn", reply_markup=keyboard)
    assert lan.presses("Phản ánh")["message"]["text"] == "Phản ánh"
    assert lan.presses("Gửi số")["message"]["contact"]["user_id"] == LAN
    with pytest.raises(tg.BadRequest, match="private chats only"):
        await bot.send_message(GROUP, "Chọn", reply_markup=keyboard)
