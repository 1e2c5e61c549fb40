"""What a message looks like on Zalo's wire, and how long one may wait to send it."""

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channel import Channel, Limits, Outgoing, Refused, Window
from bot.settings import ZaloSettings
from bot.zalo import ZaloChannel, writing
from bot.zalo.writing import Shape, Uploaded
from handlers.talk import Choice, bold
from records.database import Database
from records.tables import Address, ChannelName

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture
def channel(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/ward.db")
    made = ZaloChannel(ZaloSettings(), database, media_path=Path, clock=lambda: NOW, per_minute=120)
    as_channel: Channel = made
    return as_channel


def message(text="", **more) -> Outgoing:
    return Outgoing(key="reply:zalo:1", to=Address(ChannelName.ZALO, "246"), text=text, **more)


def written(outgoing: Outgoing, uploaded: Uploaded | None = None) -> Any:
    return json.loads(writing.body(outgoing, uploaded))


def test_a_text_goes_without_marks_and_composed():
    text = bold("Đăng ký") + " " + unicodedata.normalize("NFD", "kết hôn")
    wanted = {"recipient": {"user_id": "246"}, "message": {"text": "Đăng ký kết hôn"}}
    assert written(message(text)) == wanted


def test_choices_become_five_hidden_buttons():
    choices = tuple(Choice(f"Lựa chọn {n}" + "x" * 200, f"/chon {n}") for n in range(7))
    found = written(message("1. …", choices=choices))["message"]
    buttons = found["attachment"]["payload"]["buttons"]
    assert found["text"] == "1. …"
    assert found["attachment"]["type"] == "template"
    assert [one["payload"] for one in buttons] == [f"/chon {n}" for n in range(5)]
    assert {one["type"] for one in buttons} == {"oa.query.hide"}
    assert all(len(one["title"]) == 100 for one in buttons)


def test_a_picture_goes_with_its_words():
    found = written(message("Giấy mời", attachments=("ab",)), Uploaded(Shape.IMAGE, "id-1"))["message"]
    element = {"media_type": "image", "attachment_id": "id-1"}
    assert found["text"] == "Giấy mời"
    assert found["attachment"]["payload"] == {"template_type": "media", "elements": [element]}


def test_a_paper_goes_alone():
    found = written(message(attachments=("ab",)), Uploaded(Shape.FILE, "token-1"))["message"]
    assert found == {"attachment": {"type": "file", "payload": {"token": "token-1"}}}
    with pytest.raises(Refused):
        written(message("chữ", attachments=("ab",)), Uploaded(Shape.FILE, "token-1"))


@pytest.mark.parametrize(
    "outgoing",
    [message("x" * 2001), message(" "), message(bold("")), message("x", attachments=("a", "b"))],
)
def test_what_can_never_be_sent_is_refused_before_anything_leaves(outgoing):
    with pytest.raises(Refused):
        writing.check(outgoing)


def test_two_thousand_letters_are_enough_when_they_are_composed():
    writing.check(message(unicodedata.normalize("NFD", "ế" * 2000)))


@pytest.mark.parametrize(
    ("content", "shape", "ending"),
    [
        (b"\xff\xd8\xff\xe0", Shape.IMAGE, "jpg"),
        (b"\x89PNG\r\n\x1a\n", Shape.IMAGE, "png"),
        (b"%PDF-1.7", Shape.FILE, "pdf"),
        (b"\xd0\xcf\x11\xe0", Shape.FILE, "doc"),
        (b"PK\x03\x04", Shape.FILE, "docx"),
    ],
)
def test_a_file_is_known_by_its_bytes(content, shape, ending):
    form = writing.form_of(content)
    assert (form.shape, form.ending) == (shape, ending)
    with pytest.raises(Refused):
        writing.form_of(content + b"0" * writing.LARGEST[shape])


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html>", b"MZ"])
def test_other_files_are_refused(content):
    with pytest.raises(Refused):
        writing.form_of(content)


@pytest.mark.parametrize(
    ("silence", "window"),
    [
        (timedelta(0), Window.OPEN),
        (timedelta(seconds=-30), Window.OPEN),
        (timedelta(hours=47, minutes=55), Window.OPEN),
        (timedelta(hours=47, minutes=56), Window.COUNTED),
        (timedelta(days=7) - timedelta(minutes=5), Window.COUNTED),
        (timedelta(days=7), Window.CLOSED),
        (timedelta(days=400), Window.CLOSED),
    ],
)
def test_the_window_closes_a_little_before_zalo_closes_it(channel, silence, window):
    assert channel.window(NOW - silence, NOW) is window


async def test_the_small_promises(channel):
    assert channel.name is ChannelName.ZALO
    assert channel.limits == Limits(per_second=2, in_flight=8)
    assert channel.window(None, NOW) is Window.CLOSED
    assert channel.pause_after("246") == timedelta(seconds=0.3)
    await channel.acknowledge([])
    await channel.stop()
