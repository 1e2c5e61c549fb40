"""Photos the ward sends: told to the page they were sent to, and shown to nobody else."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import col, update

from bot.channel import Outgoing
from records.tables import Address, ChannelName, Delivery, DeliveryState
from tests.channels.web_ward import Browser, WebWard, open_browser, open_ward


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[WebWard]:
    async with open_ward(tmp_path) as opened:
        yield opened


@pytest.fixture
async def lan(ward: WebWard) -> AsyncIterator[Browser]:
    async with open_browser(ward) as browser:
        yield browser


@pytest.fixture
async def repaired(ward: WebWard) -> str:
    """Keep a photo of a mended manhole, and give its name."""
    made = BytesIO()
    Image.effect_noise((64, 48), 60).save(made, "PNG")
    return await ward.channel.media.save_image(made.getvalue())


async def status_of(browser: Browser, name: str) -> int:
    async with browser.http.get(f"/chat/photos/{name}") as answer:
        return answer.status


async def test_lan_sees_the_photo_the_ward_sends_her(ward: WebWard, lan: Browser, repaired: str) -> None:
    user = await lan.user()
    async with lan.events() as stream:
        await ward.send(await ward.put(user, "Đã thay nắp cống.", attachments=[repaired]))
        told = await stream.next()
    assert told["photos"] == [f"/chat/photos/{repaired}"]
    async with lan.http.get(told["photos"][0]) as answer:
        assert answer.status == 200
        assert answer.content_type == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert await answer.read() == await ward.channel.media.read(repaired)


async def test_a_photo_needs_no_words(ward: WebWard, lan: Browser, repaired: str) -> None:
    user = await lan.user()
    await ward.send(await ward.put(user, None, attachments=[repaired]))
    async with lan.events() as stream:
        told = await stream.next()
    assert told["text"] == []
    assert len(told["photos"]) == 1


async def test_an_answer_without_photos_says_so(ward: WebWard, lan: Browser) -> None:
    await ward.say(await lan.user(), "Dạ")
    async with lan.events() as stream:
        assert (await stream.next())["photos"] == []


async def test_a_page_may_be_faster_than_the_note_that_it_was_sent(
    ward: WebWard, lan: Browser, repaired: str
) -> None:
    user = await lan.user()
    await ward.put(user, "Dạ", attachments=[repaired], state=DeliveryState.SENDING)
    assert await status_of(lan, repaired) == 200


async def test_nobody_else_is_shown_it(ward: WebWard, lan: Browser, repaired: str) -> None:
    await ward.send(await ward.put(await lan.user(), "Dạ", attachments=[repaired]))
    async with open_browser(ward) as minh:
        assert await status_of(minh, repaired) == 404  # no session at all
        await ward.say(await minh.user(), "Dạ")
        assert await status_of(minh, repaired) == 404
    await lan.post("/chat/session")
    assert await status_of(lan, repaired) == 404  # the old conversation is over


async def test_the_same_person_on_another_channel_is_another_address(
    ward: WebWard, lan: Browser, repaired: str
) -> None:
    user = await lan.user()
    row = await ward.put(user, "Dạ", attachments=[repaired], channel=ChannelName.TELEGRAM)
    await ward.send(row)
    assert await status_of(lan, repaired) == 404


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.WITHHELD, DeliveryState.FAILED])
async def test_what_was_never_sent_is_not_shown(
    ward: WebWard, lan: Browser, repaired: str, state: DeliveryState
) -> None:
    await ward.put(await lan.user(), "Dạ", attachments=[repaired], state=state)
    assert await status_of(lan, repaired) == 404


async def test_what_was_forgotten_is_not_shown(ward: WebWard, lan: Browser, repaired: str) -> None:
    await ward.send(await ward.put(await lan.user(), "Dạ", attachments=[repaired]))
    assert await status_of(lan, repaired) == 200
    async with ward.database.writing() as db:
        await db.exec(update(Delivery).where(col(Delivery.key).is_not(None)).values(attachments=[]))
    assert await status_of(lan, repaired) == 404


async def test_a_photo_swept_away_is_gone_without_an_accident(
    ward: WebWard, lan: Browser, repaired: str
) -> None:
    await ward.send(await ward.put(await lan.user(), "Dạ", attachments=[repaired]))
    assert await ward.channel.media.drop(repaired)
    assert await status_of(lan, repaired) == 404


async def test_a_voice_note_is_not_shown_as_a_photo(ward: WebWard, lan: Browser) -> None:
    name = await ward.channel.media.save(b"#!AMR\n<html>")
    await ward.send(await ward.put(await lan.user(), "Dạ", attachments=[name]))
    assert await status_of(lan, name) == 404


@pytest.mark.parametrize(
    "name", ["0" * 64, "x", "..%2f..%2fward.db", "%00", "%27%20OR%201=1", "%5b%5d", "%25", '"', "[]"]
)
async def test_a_made_up_name_finds_nothing(ward: WebWard, lan: Browser, repaired: str, name: str) -> None:
    await ward.send(await ward.put(await lan.user(), "Dạ", attachments=[repaired]))
    assert await status_of(lan, name) == 404


async def test_the_channel_takes_photos_that_are_here(ward: WebWard, repaired: str) -> None:
    to = Address(ChannelName.WEB, "x")
    message = Outgoing(key="case:PA26-0001-7:after1:3", to=to, text="Dạ", attachments=(repaired,))
    assert await ward.channel.send(message) == "web:case:PA26-0001-7:after1:3"
