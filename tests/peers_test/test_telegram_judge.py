"""What Telegram refuses, how fast is too fast, and what goes wrong on the way."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    InputMediaDocument,
    InputMediaPhoto,
    Update,
)
from telegram import error as tg

from tests.peers import Fault, TelegramPeer, images, telegram_html
from tests.peers.records import Json
from tests.peers_test.asking import bot_for, inline, raw

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


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "  \n"}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "👍" * 2049}, "message is too long"),
        ({"text": "a < b", "parse_mode": "HTML"}, 'unsupported start tag "" at byte offset 2'),
        ({"text": "<b>x", "parse_mode": "HTML"}, 'end tag corresponding to start tag "b"'),
        ({"text": "ạ<h1>x</h1>", "parse_mode": "HTML"}, 'tag "h1" at byte offset 3'),
        ({"text": "<b>x</i>", "parse_mode": "HTML"}, 'expected "</b>", found "</i>"'),
        ({"text": "x</i>", "parse_mode": "HTML"}, "unexpected end tag"),
        ({"text": "<a href='x>y</a>", "parse_mode": "HTML"}, "unclosed start tag"),
        ({"text": "<span>y</span>", "parse_mode": "HTML"}, "tg-spoiler"),
        ({"text": "x", **inline([[{"text": "a", "callback_data": "đ" * 33}]])}, "DATA_INVALID"),
        ({"text": "x", **inline([[{"text": "a", "callback_data": ""}]])}, "DATA_INVALID"),
        ({"text": "x", **inline([[{"text": "a"}]])}, "exactly one action"),
        ({"text": "x", **inline([[{"text": "a", "url": "khong"}]])}, "URL_INVALID"),
        ({"text": "x", **inline([[{"text": "a", "url": "http://a"}] * 9])}, "too long"),
        ({"text": "x", **inline([[{"text": "a", "url": "http://a"}]] * 101)}, "too long"),
        ({"text": "x", "reply_parameters": {"message_id": 9}}, "replied not found"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply_markup"),
    ],
)
async def test_a_wrong_message_is_refused(peer: TelegramPeer, values: Json, why: str) -> None:
    peer.person(LAN, started=True)
    answer = await raw(peer, "sendMessage", chat_id=LAN, **values)
    assert answer["error_code"] == 400
    assert why in answer["description"]
    assert not peer.accepted
    assert peer.refused[0].why == answer["description"]


async def test_length_counts_after_the_tags(peer: TelegramPeer, bot: Bot) -> None:
    peer.person(LAN, started=True)
    text = "<b>" + "👍" * 2048 + "</b>"
    sent = await bot.send_message(LAN, text, parse_mode="HTML")
    assert peer.accepted[0].text == "👍" * 2048
    assert peer.accepted[0].payload["text"] == text
    assert sent.entities[0].length == 4096


def test_html_shows_what_a_person_sees() -> None:
    text, entities = telegram_html.parse(
        '<a href="https://x.vn/?a=1&amp;b">Xem</a> 2 &gt; 1 & &lt;3 &#7841; &khong; >'
    )
    assert text == "Xem 2 > 1 & <3 ạ &khong; >"
    assert entities[0] == {"type": "text_link", "offset": 0, "length": 3, "url": "https://x.vn/?a=1&amp;b"}


async def test_files_go_out_as_parts_ids_and_albums(peer: TelegramPeer, bot: Bot) -> None:
    lan = peer.person(LAN, started=True)
    sent = await bot.send_photo(LAN, images.PNG, caption="<i>Thiệp</i>", parse_mode="HTML")
    await bot.send_photo(LAN, sent.photo[-1].file_id)
    assert peer.accepted[0].files == peer.accepted[1].files == {"photo": images.PNG}
    peer.clock.ahead(minutes=1)
    document = await bot.send_document(LAN, images.PDF, filename="giấy.pdf")
    assert document.document
    assert document.document.file_name == "giấy.pdf"
    album = [InputMediaPhoto(images.PNG, caption="một"), InputMediaPhoto(images.JPEG)]
    messages = await bot.send_media_group(LAN, album)
    assert len({one.media_group_id for one in messages}) == 1
    assert lan.heard == ["Thiệp", "một"]
    mixed: list[InputMediaPhoto | InputMediaDocument] = [
        InputMediaPhoto(images.PNG),
        InputMediaDocument(images.PDF),
    ]
    with pytest.raises(tg.BadRequest, match="mixed"):
        await bot.send_media_group(LAN, mixed)
    with pytest.raises(tg.BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(LAN, images.PDF)
    with pytest.raises(tg.BadRequest, match=r"(?i)wrong file identifier"):
        await bot.send_photo(LAN, "AgACnope")
    with pytest.raises(tg.BadRequest, match="caption is too long"):
        await bot.send_photo(LAN, images.PNG, caption="x" * 1025)


async def test_a_private_chat_forgives_a_short_burst_only(peer: TelegramPeer, bot: Bot) -> None:
    peer.person(LAN, started=True)
    for _ in range(3):
        await bot.send_message(LAN, "x")
    with pytest.raises(tg.RetryAfter) as slow:
        await bot.send_message(LAN, "x")
    assert slow.value.retry_after == timedelta(seconds=1)
    peer.clock.ahead(seconds=1)
    await bot.send_message(LAN, "x")
    assert len(peer.accepted) == 4
    assert peer.refused[0].code == 429


async def test_twenty_a_minute_to_a_group_and_thirty_a_second_to_all() -> None:
    async with TelegramPeer(per_second=25) as peer, bot_for(peer) as bot:
        lan, group = peer.person(LAN, started=True), peer.group(GROUP)
        group.adds_bot(lan)
        for _ in range(20):
            await bot.send_message(GROUP, "x")
        with pytest.raises(tg.RetryAfter) as slow:
            await bot.send_message(GROUP, "x")
        wait = slow.value.retry_after
        assert isinstance(wait, timedelta)
        assert timedelta(seconds=50) < wait <= timedelta(minutes=1)
        peer.clock.ahead(seconds=5)
        for number in range(25):
            peer.person(number + 1, started=True)
        await asyncio.gather(*(bot.send_message(number + 1, "x") for number in range(25)))
        assert peer.worst_second() == 25
        with pytest.raises(tg.RetryAfter):
            await bot.send_message(LAN, "x")


async def test_lifted_limits_do_not_bind() -> None:
    async with TelegramPeer(per_second=None, per_chat_per_second=None, text=None) as peer:
        peer.person(LAN, started=True)
        for _ in range(40):
            assert (await raw(peer, "sendMessage", chat_id=LAN, text="x" * 5000))["ok"]
        assert peer.worst_second() == 40
    with pytest.raises(TypeError):
        TelegramPeer(per_day=1)


async def test_menu_and_descriptions_are_kept(peer: TelegramPeer, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("trogiup", "Trợ giúp")], language_code="vi")
    assert [one.command for one in await bot.get_my_commands(language_code="vi")] == ["trogiup"]
    assert await bot.get_my_commands() == ()
    await bot.set_my_description("Phường")
    await bot.set_my_short_description("Phường", language_code="vi")
    assert peer.profile.short_description == {"vi": "Phường"}
    answer = await raw(peer, "setMyCommands", commands=[{"command": "Hỏi", "description": "x"}])
    assert "COMMAND_INVALID" in answer["description"]
    peer.person(LAN, started=True)
    assert await bot.send_chat_action(LAN, "typing")


@pytest.mark.parametrize(
    ("fault", "error", "accepted"),
    [
        (Fault.REFUSE, tg.NetworkError, 0),
        (Fault.RESET_AFTER, tg.NetworkError, 1),
        (Fault.E500_BEFORE, tg.NetworkError, 0),
        (Fault.E502_AFTER, tg.NetworkError, 1),
        (Fault.THROTTLED, tg.RetryAfter, 0),
        (Fault.EXPIRED_TOKEN, tg.InvalidToken, 0),
        (Fault.HTML_200, tg.TelegramError, 0),
        (Fault.HTML_200_AFTER, tg.TelegramError, 1),
        (Fault.OK_FALSE, KeyError, 0),
        (Fault.OK_FALSE_AFTER, KeyError, 1),
    ],
)
async def test_a_fault_strikes_once_and_the_record_is_true(
    peer: TelegramPeer, bot: Bot, fault: Fault, error: type[Exception], accepted: int
) -> None:
    lan = peer.person(LAN, started=True)
    peer.faults.next("sendMessage", fault)
    with pytest.raises(error):
        await bot.send_message(LAN, "thư")
    assert len(peer.accepted) == len(lan.heard) == accepted
    await bot.send_message(LAN, "thư")
    assert len(peer.accepted) == accepted + 1
    assert [one.fault for one in peer.faults.struck] == [fault]


async def test_a_slow_answer_was_accepted(peer: TelegramPeer, bot: Bot) -> None:
    lan = peer.person(LAN, started=True)
    peer.faults.next("sendMessage", Fault.SLOW, seconds=30)
    with pytest.raises(tg.TimedOut):
        await bot.send_message(LAN, "thư", read_timeout=0.1)
    assert lan.heard == ["thư"]


async def test_chance_repeats_with_its_seed() -> None:
    struck = []
    for _ in range(2):
        async with TelegramPeer() as peer:
            peer.faults.chance("getMe", Fault.E500_BEFORE, 0.3, seed=7)
            async with aiohttp.ClientSession() as session:
                answers = []
                for _ in range(40):
                    url = f"{peer.base_url}/bot{peer.token}/getMe"
                    async with session.get(url) as answer:
                        answers.append(answer.status)
            struck.append(answers)
    assert struck[0] == struck[1]
    assert 4 < struck[0].count(500) < 20


async def test_an_outage_hits_everything_until_it_ends(peer: TelegramPeer, bot: Bot) -> None:
    peer.faults.always("*", Fault.REFUSE)
    for call in (bot.get_me, bot.get_updates):
        with pytest.raises(tg.NetworkError):
            await call()
    peer.faults.clear()
    assert await bot.get_me()


async def test_form_and_json_say_the_same(peer: TelegramPeer) -> None:
    peer.person(LAN, started=True)
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    await raw(peer, "sendMessage", chat_id=LAN, text="x", reply_markup=keyboard)
    form = {"chat_id": str(LAN), "text": "x", "reply_markup": json.dumps(keyboard)}
    url = f"{peer.base_url}/bot{peer.token}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as answer:
        assert Update.de_json({"update_id": 1, "message": (await answer.json())["result"]}, None)
    assert peer.accepted[0].payload == peer.accepted[1].payload
