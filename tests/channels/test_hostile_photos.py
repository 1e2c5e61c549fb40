"""Pictures that want to harm: bombs, stowaways, things that are no pictures, cards, and too many of them."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import col, func, select

from feedback import history
from feedback.intake import MAX_PHOTOS
from handlers.phrases import report as phrases
from records import staff
from records.attachments import MOST_A_DAY
from records.cases import Feedback, FeedbackPhoto
from records.tables import Address, Attachment, ChannelName, Conversation, Delivery
from tests.conversations.voices import ChatVoice, telegram, until
from tests.records.test_identity_card import CARD, card, sent
from tests.records.test_media import picture, png_that_claims

ROOM = -1001
GPS, MAKER, CANARY = b"21.0285", b"MayAnhCuaLan", b"CANARY"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 500
LAMP = "Đèn đường hẻm 42 Lê Lợi hỏng ba đêm nay"


@dataclass
class Street(ChatVoice):
    """Lan writes a report; the folder is where the ward keeps things."""

    folder: Path

    async def fetched(self, number: int) -> list[Attachment]:
        """Wait until *number* files were brought in or given up; return all."""
        async with asyncio.timeout(60):
            while True:
                rows = await self.rows()
                if sum(row.fetched_at is not None or row.error is not None for row in rows) >= number:
                    return rows
                await asyncio.sleep(0.02)

    async def rows(self) -> list[Attachment]:
        async with self.office.database.reading() as db:
            return list((await db.exec(select(Attachment).order_by(col(Attachment.id)))).all())

    def kept(self) -> list[Path]:
        """Return every file the media store holds, half-written ones too."""
        return [path for path in (self.folder / "media").rglob("*") if path.is_file()]

    def everything(self) -> bytes:
        """Return all bytes the ward has on disk: the media, the database, its log."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())

    async def submits(self) -> Feedback:
        for words in ("/pa moi", "/pa duanh", "/pa chichat", "/pa gui"):
            self.person.says(words)
        await until(lambda: any("Mã của anh/chị" in text for text in self.person.heard))
        async with self.office.database.reading() as db:
            return (await db.exec(select(Feedback))).one()

    async def photos_of(self, case: Feedback) -> list[Attachment]:
        async with self.office.database.reading() as db:
            return await history.photos(db, case)

    async def draft_photos(self) -> list[str]:
        async with self.office.database.reading() as db:
            notes = (await db.exec(select(Conversation.notes))).one()
        return list(notes["draft"]["photos"])


@asynccontextmanager
async def street(folder: Path, clock) -> AsyncIterator[Street]:
    async with telegram(folder, clock, "webhook") as lan:
        lan.peer.group(ROOM).chat.known = True
        async with lan.office.database.writing() as db:
            await staff.bind_room(db, Address(ChannelName.TELEGRAM, str(ROOM)), "do_thi", None, clock())
        voice = Street(lan.person, lan.office, lan.peer, folder)
        await voice.says(LAMP)
        yield voice


@pytest.fixture
async def lan(tmp_path, clock) -> AsyncIterator[Street]:
    async with street(tmp_path, clock) as one:
        yield one


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x010E] = MAKER.decode(), GPS.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.6), 3: "E", 4: (105.0, 51.0, 15.0)})
    return picture("JPEG", (640, 480), exif=exif.tobytes(), comment=CANARY)


def stowaway() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("lan.html", CANARY + b"<script>alert(1)</script>")
    return picture() + made.getvalue()


async def test_where_a_photo_was_taken_is_nowhere_in_the_house(lan):
    lan.person.sends_photo(with_gps())
    (row,) = await lan.fetched(1)
    assert row.sha256 is not None
    kept = lan.office.media.path(row.sha256).read_bytes()
    assert dict(Image.open(BytesIO(kept)).getexif()) == {}
    everything = lan.everything()
    for told in (GPS, MAKER, CANARY):
        assert told not in everything
    case = await lan.submits()
    await until(lambda: any(item.files for item in lan.peer.accepted))
    shown = next(content for item in lan.peer.accepted for content in item.files.values())
    assert shown == kept  # what the desk is shown is what was cleaned
    assert [photo.sha256 for photo in await lan.photos_of(case)] == [row.sha256]


async def test_a_second_file_that_hides_behind_a_picture_is_cut_off(lan):
    lan.person.sends_photo(stowaway())
    (row,) = await lan.fetched(1)
    assert row.sha256 is not None
    assert CANARY not in lan.everything()
    assert not zipfile.is_zipfile(lan.office.media.path(row.sha256))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(png_that_claims(10_000, 10_000), id="100 megapixels in a few kilobytes"),
        pytest.param(png_that_claims(2**31 - 1, 2**31 - 1), id="more than there is memory"),
        pytest.param(SVG, id="svg"),
        pytest.param(HEIC, id="heic"),
        pytest.param(b"GIF89a" + b"\0" * 100, id="gif"),
        pytest.param(b"%PDF-1.4 " + CANARY, id="pdf"),
        pytest.param(picture()[:200], id="half a picture"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xd8\xff" + b"\xe1\xff\xff" * 5_000, id="a beginning without an end"),
    ],
)
async def test_what_is_no_photo_is_refused_kindly_and_leaves_nothing(lan, content):
    lan.person.sends_document(content, name="anh.jpg", mime="image/jpeg")
    (row,) = await lan.fetched(1)
    await until(lambda: phrases.NOT_A_PHOTO in lan.person.heard)
    assert (row.sha256, lan.kept()) == (None, [])
    assert await lan.draft_photos() == []  # and the report goes on without it
    case = await lan.submits()
    assert await lan.photos_of(case) == []
    assert not any("ảnh" in text for text in lan.peer.group(ROOM).heard)


@pytest.mark.parametrize(
    "name",
    ["../../../../etc/cron.d/lan.jpg", "a" * 300 + ".jpg", "\u202egpj.exe", "C:\\ward.db", "\0.jpg", ".."],
)
async def test_the_name_of_a_file_means_nothing(lan, name):
    before = {path for path in lan.folder.rglob("*") if "media" not in path.parts}
    lan.person.sends_document(picture(), name=name, mime="image/jpeg")
    (row,) = await lan.fetched(1)
    assert row.sha256 is not None
    assert lan.kept() == [lan.office.media.path(row.sha256)]
    assert {path for path in lan.folder.rglob("*") if "media" not in path.parts} == before
    assert name not in json.dumps(row.model_dump(mode="json"))


async def test_a_photo_of_an_identity_card_is_refused_and_is_nowhere(lan):
    content = sent(card())
    lan.person.sends_photo(content)
    (row,) = await lan.fetched(1)
    await until(lambda: phrases.CARD_REFUSED in lan.person.heard)
    assert (row.sha256, lan.kept()) == (None, [])
    assert await lan.draft_photos() == []
    case = await lan.submits()
    assert await lan.photos_of(case) == []
    everything = lan.everything()
    assert CARD.partition("|")[0].encode() not in everything
    assert content[2_000:2_100] not in everything
    assert not any(item.files for item in lan.peer.accepted)


async def test_a_card_that_comes_after_the_report_was_sent_is_taken_out_of_the_case(lan, monkeypatch):
    held = asyncio.Event()
    fetch = type(lan.office.channels[ChannelName.TELEGRAM]).fetch

    async def slowly(channel, ref):  # a slow line: everything else about it is real
        await held.wait()
        return await fetch(channel, ref)

    monkeypatch.setattr(type(lan.office.channels[ChannelName.TELEGRAM]), "fetch", slowly)
    lan.person.sends_photo(sent(card()))
    lan.person.sends_photo(picture())
    case = await lan.submits()
    assert len(await lan.photos_of(case)) == 2
    held.set()
    await lan.fetched(2)
    await until(lambda: phrases.CARD_REFUSED in lan.person.heard)
    (photo,) = await lan.photos_of(case)
    assert photo.sha256 is not None
    await until(lambda: sum(bool(item.files) for item in lan.peer.accepted) == 1)


async def test_two_hundred_photos_of_one_person_in_a_day_are_too_many(lan, clock):
    for _ in range(20):
        lan.person.sends_album(*[picture(size=(16, 12)) for _ in range(10)])
    rows = await lan.fetched(MOST_A_DAY)
    told = phrases.TOO_MANY_TODAY.format(most=MOST_A_DAY)
    await lan.peer.delivered(within=30)
    await until(lambda: told in lan.person.heard, within=60)
    await quiet(lan)
    rows = await lan.rows()
    assert len(rows) == MOST_A_DAY
    assert lan.person.heard.count(told) == 1
    assert len(await lan.draft_photos()) == MAX_PHOTOS
    case = await lan.submits()
    async with lan.office.database.reading() as db:
        held = (await db.exec(select(func.count()).select_from(FeedbackPhoto))).one()
    assert (held, len(await lan.photos_of(case))) == (MAX_PHOTOS, MAX_PHOTOS)

    clock.wait(hours=24)
    lan.person.sends_photo(picture())
    assert len(await lan.fetched(MOST_A_DAY + 1)) == MOST_A_DAY + 1


async def test_a_neighbour_still_gets_their_photos_in_beside_somebody_with_many_broken_ones(lan):
    for _ in range(30):
        lan.person.sends_document(SVG, name="anh.jpg", mime="image/jpeg")
    hoa = lan.peer.person(1002, "Hòa")
    hoa.sends_photo(picture())
    async with asyncio.timeout(15):  # less than the timetable needs for a second round
        while not any(row.user == "1002" and row.fetched_at for row in await lan.rows()):
            await asyncio.sleep(0.02)


async def quiet(lan: Street) -> None:
    """Wait until every message is handled and answered."""
    async with asyncio.timeout(60):
        while True:
            async with lan.office.database.reading() as db:
                waiting = (await db.exec(select(func.count()).where(col(Delivery.state) == "queued"))).one()
            if (
                waiting <= 1 and not lan.office.senders[ChannelName.TELEGRAM]._flying
            ):  # the reminder of tomorrow
                return
            await asyncio.sleep(0.05)
