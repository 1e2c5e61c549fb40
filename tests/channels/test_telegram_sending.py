"""What a person gets to see on Telegram, sent over real HTTP to the peer."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channel import Refused, SendError, Unavailable, Unreachable, Window
from bot.telegram import TelegramChannel, reading, writing
from handlers.talk import Choice, Incoming, bold
from tests.channels.telegram_setup import LAN, NOW, channel_at, letter, open_channel, secrets_in
from tests.peers import Fault, TelegramPeer, images
from tests.peers.records import Json
from tests.peers.telegram import TOKEN
from tests.peers.telegram_chats import Person

HOSTILE = '</b><a href="tg://user?id=1">x</a> &lt;b&gt; *_`[~ <script>alert(1)</script> \u0000 & &amp;'


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer(per_chat_per_second=None) as one:
        yield one


@pytest.fixture
async def lan(peer: TelegramPeer) -> Person:
    return peer.person(LAN, started=True)


@pytest.fixture
async def channel(peer: TelegramPeer, tmp_path: Path) -> AsyncIterator[TelegramChannel]:
    async with open_channel(peer.base_url, media=tmp_path) as one:
        yield one


def kept(folder: Path, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    (folder / name).write_bytes(content)
    return name


def understood(update: Json) -> Incoming:
    body = json.dumps(update)
    incoming = reading.read(reading.name(update, body), NOW)
    assert isinstance(incoming, Incoming)
    return incoming


async def test_lan_reads_a_text_with_bold_words_and_buttons(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person
) -> None:
    choices = (Choice("Gửi", "1"), Choice("Sửa", "2"), Choice("Đăng ký khai sinh lại", "khai sinh lại"))
    ref = await channel.send(letter(f"{bold('Phản ánh')}\n1. Gửi", choices=choices))

    sent = peer.accepted[-1]
    assert ref == f"{LAN}:{sent.message_id}"
    assert lan.heard == ["Phản ánh\n1. Gửi"]
    assert [(one.label, one.data) for one in sent.buttons] == [(one.label, one.say) for one in choices]
    assert [len(row) for row in sent.payload["reply_markup"]["inline_keyboard"]] == [2, 1]
    assert sent.payload["link_preview_options"] == {"is_disabled": True}
    assert understood(lan.presses("khai sinh lại")).text == "khai sinh lại"


async def test_whatever_a_resident_typed_shows_literally(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person
) -> None:
    await channel.send(letter(f"{bold('Nội dung')}: {HOSTILE}\ud83d"))
    assert lan.heard == [f"Nội dung: {HOSTILE}"]
    assert peer.accepted[-1].payload["text"].count("<") == 2


async def test_marks_that_telegram_does_not_take_do_not_stop_a_text(
    channel: TelegramChannel, lan: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writing, "html_text", lambda text: f"<b>{text}")
    await channel.send(letter(f"{bold('Chào')} bà"))
    assert lan.heard == ["Chào bà"]
    assert "reply:telegram:1 goes out without marks" in caplog.text
    assert "Chào" not in caplog.text


@pytest.mark.parametrize("content", [images.JPEG, images.PNG])
async def test_a_picture_is_shown_with_its_caption(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person, tmp_path: Path, content: bytes
) -> None:
    message = letter(
        f"Ảnh {bold('đèn')}", attachments=(kept(tmp_path, content),), choices=(Choice("Đúng", "1"),)
    )
    ref = await channel.send(message)
    sent = peer.accepted[-1]
    assert (sent.method, dict(sent.files), sent.text) == ("sendPhoto", {"photo": content}, "Ảnh đèn")
    assert ref == f"{LAN}:{sent.message_id}"
    assert sent.buttons[0].data == "1"
    assert lan.heard == ["Ảnh đèn"]


async def test_other_files_are_offered_under_a_name(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person, tmp_path: Path
) -> None:
    large = images.PDF + b"\0" * 3_000_000
    name = kept(tmp_path, large)
    await channel.send(letter("", attachments=(name,)))
    sent = peer.accepted[-1]
    assert (sent.method, dict(sent.files)) == ("sendDocument", {"document": large})
    assert peer.calls[-1].files["document"][0] == f"{name[:12]}.pdf"
    assert lan.heard == []


@pytest.mark.parametrize(
    ("text", "attachments", "why"),
    [
        ("x" * 4097, 0, "here Telegram takes 4096"),
        ("x" * 1025, 1, "here Telegram takes 1024"),
        ("x", 2, "one attachment"),
        ("  ", 0, "empty"),
    ],
)
async def test_what_cannot_be_one_call_is_refused(
    *,
    channel: TelegramChannel,
    peer: TelegramPeer,
    lan: Person,
    tmp_path: Path,
    text: str,
    attachments: int,
    why: str,
) -> None:
    with pytest.raises(Refused, match=why):
        await channel.send(letter(text, attachments=(kept(tmp_path, images.JPEG),) * attachments))
    assert lan.heard == []
    assert peer.accepted == []


async def test_people_who_went_away_are_unreachable(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person
) -> None:
    stranger, gone = letter(to=4711), letter(to="khong-phai-so")
    for message in (stranger, gone):
        with pytest.raises(Unreachable):
            await channel.send(message)
    lan.blocks_bot()
    with pytest.raises(Unreachable, match="blocked"):
        await channel.send(letter())
    lan.unblocks()
    await channel.send(letter())
    assert len(peer.accepted) == 1


async def test_a_group_that_became_a_supergroup_says_where_it_went(
    channel: TelegramChannel, peer: TelegramPeer
) -> None:
    old, new = peer.group(-4455), peer.group(-1002233445566)
    old.adds_bot(peer.person(LAN))
    old.migrates_to(new)
    with pytest.raises(Unreachable) as caught:
        await channel.send(letter(to=-4455))
    assert caught.value.moved_to == "-1002233445566"
    assert await channel.send(letter(to=caught.value.moved_to))


async def test_many_are_written_to_side_by_side(channel: TelegramChannel, peer: TelegramPeer) -> None:
    people = [peer.person(number, started=True) for number in range(2000, 2020)]
    refs = await asyncio.gather(*(channel.send(letter(f"Chào {one.id}", to=one.id)) for one in people))
    assert len(set(refs)) == 20
    assert all(one.heard == [f"Chào {one.id}"] for one in people)


async def test_a_press_is_answered_once_it_is_stored(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person
) -> None:
    await channel.send(letter(choices=(Choice("Gửi", "1"),)))
    press, word = lan.presses("1"), lan.says("chào")
    arrivals = [reading.name(one, json.dumps(one)) for one in (press, word)]
    await channel.acknowledge(arrivals)
    answered = [one for one in peer.accepted if one.method == "answerCallbackQuery"]
    assert [one.message_id for one in answered] == [press["callback_query"]["id"]]

    await channel.acknowledge(arrivals)  # too late, and Telegram says so: no matter
    for fault in (Fault.REFUSE, Fault.E502_BEFORE, Fault.HTML_200, Fault.EXPIRED_TOKEN):
        peer.faults.next("answerCallbackQuery", fault)
        await channel.acknowledge(arrivals)


async def test_a_photo_is_fetched_as_it_was_sent(channel: TelegramChannel, lan: Person) -> None:
    (ref,) = understood(lan.sends_photo(images.JPEG)).photos
    assert await channel.fetch(ref) == images.JPEG
    voice = understood(lan.sends_voice(b"OggS...")).voice
    assert voice is not None
    assert await channel.fetch(voice) == b"OggS..."


async def test_a_file_that_cannot_be_had_is_refused(
    channel: TelegramChannel, peer: TelegramPeer, lan: Person
) -> None:
    with pytest.raises(Refused, match="Invalid file_id"):
        await channel.fetch("photo:khong-co")
    (ref,) = understood(lan.sends_photo()).photos
    peer.faults.next("file", Fault.OK_FALSE)
    with pytest.raises(Refused, match="gone"):
        await channel.fetch(ref)
    peer._exchange.shelf.stored.clear()
    with pytest.raises(Refused):
        await channel.fetch(ref)


async def test_a_file_over_twenty_megabytes_stops_half_way(lan: Person, peer: TelegramPeer) -> None:
    (ref,) = understood(lan.sends_photo(images.JPEG + b"\0" * (20 * 2**20))).photos
    async with open_channel(peer.base_url) as channel:
        with pytest.raises(Refused, match="too big"):
            await channel.fetch(ref)
        object.__setattr__(peer.limits, "download_bytes", None)
        with pytest.raises(Refused, match="more than 20 MB"):
            await channel.fetch(ref)


@pytest.mark.parametrize("method", ["getFile", "file"])
@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.E502_BEFORE, Fault.THROTTLED])
async def test_a_fetch_that_fails_tells_nothing_of_the_address(
    *,
    channel: TelegramChannel,
    peer: TelegramPeer,
    lan: Person,
    caplog: pytest.LogCaptureFixture,
    method: str,
    fault: Fault,
) -> None:
    caplog.set_level(logging.DEBUG)
    (ref,) = understood(lan.sends_photo()).photos
    peer.faults.next(method, fault, times=2)  # a GET over a connection that just died is repeated once
    with pytest.raises(SendError) as caught:
        await channel.fetch(ref)
    assert not isinstance(caught.value, Refused)
    assert secrets_in(caught.value) == []
    assert TOKEN not in caplog.text
    assert "photos/file" not in caplog.text


async def test_no_text_and_no_token_is_ever_logged(
    channel: TelegramChannel, lan: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await channel.send(letter("Số nhà 42 hẻm Lê Lợi"))
    assert lan.heard == ["Số nhà 42 hẻm Lê Lợi"]
    assert TOKEN not in caplog.text
    assert "Lê Lợi" not in caplog.text


async def test_the_whole_of_a_send_has_one_end(
    peer: TelegramPeer, lan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_channel(peer.base_url, send_timeout_s=0.2) as channel:
        monkeypatch.setattr(channel._request, "_timeout_s", 60)
        peer.faults.next("sendMessage", Fault.SLOW, seconds=2)
        with pytest.raises(Unavailable) as caught:
            await channel.send(letter())
    assert caught.value.doubtful
    assert len(lan.heard) == 1


def test_groups_are_left_in_peace_longer_and_the_window_is_always_open() -> None:
    channel = channel_at("http://127.0.0.1:1")
    assert channel.pause_after("1001") == timedelta(seconds=1)
    assert channel.pause_after("-1001") == timedelta(seconds=3)
    assert channel.window(None, NOW) is Window.OPEN
    assert (channel.limits.per_second, channel.name) == (30, "telegram")
