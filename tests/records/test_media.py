"""What is kept of a picture, and what is not kept at all."""

import asyncio
import hashlib
import os
import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from records import media
from records.media import MAX_VOICE_BYTES, MediaStore, NotAnImage, NotAVoice, TooLarge, is_voice, redraw


def picture(kind="JPEG", size=(64, 48), mode="RGB", **options) -> bytes:
    made = BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(made, kind, **options)
    return made.getvalue()


def png_file(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (*chunks, (b"IEND", b""))
    )


def png_that_claims(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png_file((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 4096)))


def png(bits: int, row: tuple[int, ...], *chunks: tuple[bytes, bytes]) -> bytes:
    """Write a grey PNG of four equal rows, with *chunks* no well-meaning program would write."""
    head = struct.pack(">IIBBBBB", len(row), 4, bits, 0, 0, 0, 0)
    packed = zlib.compress((b"\0" + struct.pack(f">{len(row)}{'H' if bits > 8 else 'B'}", *row)) * 4)
    return png_file((b"IHDR", head), *chunks, (b"IDAT", packed))


def zipped() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("lan.txt", "CANARY")
    return made.getvalue()


def segments(jpeg: bytes) -> set[int]:
    """Return the markers of everything that stands before the picture."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


WHOLE = {kind: picture(kind, size=(16, 12)) for kind in ("JPEG", "PNG", "WEBP", "MPO")}


@pytest.fixture
def store(tmp_path):
    return MediaStore(tmp_path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_kind_of_photo_becomes_a_jpeg(kind, mode):
    made = opened(redraw(picture(kind, mode=mode)))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (64, 48))


def test_the_place_where_a_photo_was_taken_is_not_kept():
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (10.0, 20.0, 3.0)}
    exif[0x010F] = "Dien thoai cua Lan"
    made = redraw(picture(exif=exif, comment=b"Lan o hem 42"))
    assert not opened(made).getexif()
    assert b"Lan" not in made
    assert b"Exif" not in made


CANARY = b"CANARY"
PLACE = Image.Exif()
PLACE[0x010F] = "CANARY phone"
PLACE[0x8825] = {1: "N", 2: (16.0, 4.0, 3.0), 3: "E", 4: (108.0, 12.0, 8.0), 29: "CANARY"}
PROFILE = b"CANARY".join((bytes(200), bytes(200)))


@pytest.mark.parametrize(
    "content",
    [
        picture(exif=PLACE, comment=CANARY, xmp=b"<x:xmpmeta>CANARY</x:xmpmeta>", icc_profile=PROFILE),
        picture("PNG", exif=PLACE, icc_profile=PROFILE),
        picture("WEBP", exif=PLACE, xmp=b"<x:xmpmeta>CANARY</x:xmpmeta>", icc_profile=PROFILE),
        png(8, (1, 2, 3), (b"tEXt", b"Comment\0CANARY"), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0CANARY")),
        picture() + CANARY,
        picture() + zipped(),
        picture("PNG") + zipped(),
        picture("WEBP") + b"<html>CANARY<script>alert(1)</script></html>",
        picture()[:2] + b"\xff\xfe\x00\x25<html>CANARY<script>alert(1)</script>" + picture()[2:],
        picture(save_all=True, append_images=[Image.new("RGB", (64, 48))], kind="MPO", exif=PLACE),
    ],
    ids=["jpeg", "png", "webp", "png text", "tail", "zip", "png zip", "html", "html first", "two pictures"],
)
def test_nothing_but_the_picture_is_kept(content):
    assert CANARY in content
    made = redraw(content)
    assert segments(made) <= {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, tables and the picture itself
    for trace in (CANARY, b"Exif", b"xmp", b"ICC_PROFILE", b"script", b"PK\x03\x04"):
        assert trace not in made
    assert made.endswith(b"\xff\xd9")


def test_a_photo_held_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(redraw(picture(exif=exif))).size == (48, 64)


def test_a_photo_of_sixteen_bits_keeps_its_greys():
    made = opened(redraw(png(16, (0, 16_384, 32_768, 65_535))))
    greys = list(made.convert("L").crop((0, 2, 4, 3)).tobytes())
    assert greys == pytest.approx([0, 64, 128, 255], abs=3)


def test_a_photo_in_the_colours_of_a_press_is_redrawn():
    made = opened(redraw(picture(mode="CMYK")))
    assert (made.mode, made.size) == ("RGB", (64, 48))


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_a_moving_picture_the_first_is_kept(kind):
    made = BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("white", "black", "red")]
    frames[0].save(made, kind, save_all=True, append_images=frames[1:], duration=100)
    assert opened(redraw(made.getvalue())).getpixel((9, 9)) == (255, 255, 255)


def test_a_hundred_megapixels_in_a_few_bytes_are_refused():
    made = BytesIO()
    Image.new("1", (10_000, 10_000)).save(made, "PNG")
    assert len(made.getvalue()) < 100_000
    with pytest.raises(TooLarge):
        redraw(made.getvalue())


def test_a_text_that_unfolds_inside_a_picture_is_refused():
    bomb = b"Comment\0\0" + zlib.compress(bytes(200_000_000 // 8))
    with pytest.raises(NotAnImage):
        redraw(png(8, (1, 2, 3), (b"zTXt", bomb)))


def test_a_large_photo_is_made_small():
    made = opened(redraw(picture(size=(4096, 1024))))
    assert made.size == (2048, 512)


def test_what_was_transparent_becomes_white():
    made = BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(made, "PNG")
    assert opened(redraw(made.getvalue())).getpixel((10, 10)) == (255, 255, 255)


NO_PICTURES = {
    "nothing": b"",
    "a letter": b"x",
    "gif": picture("GIF"),
    "tiff": picture("TIFF"),
    "bmp": picture("BMP"),
    "avif": picture("AVIF"),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "zip first": zipped() + picture(),
    "pdf": b"%PDF-1.4\n%%EOF",
    "a beginning": b"\xff\xd8\xff",
    "half a jpeg": picture()[:300],
    "half a png": picture("PNG")[:100],
    "half a webp": picture("WEBP")[:200],
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_whole_picture_is_refused(content):
    with pytest.raises(NotAnImage):
        redraw(content)


@pytest.mark.parametrize("side", [5_000, 12_000, 30_000])
def test_a_small_file_that_unfolds_into_gigabytes_is_refused(side):
    with pytest.raises(TooLarge):
        redraw(png_that_claims(side, side))


def test_a_progressive_photo_is_given_fewer_pixels(monkeypatch):
    monkeypatch.setattr(media, "MAX_OTHER_PIXELS", 1000)
    assert redraw(picture())
    with pytest.raises(TooLarge):
        redraw(picture(progressive=True))


def test_too_many_bytes_are_refused(monkeypatch):
    monkeypatch.setattr(media, "MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        redraw(picture())


async def test_a_photo_lies_under_the_hash_of_its_bytes(store):
    name = await store.save_image(picture())
    kept = store.path(name).read_bytes()
    assert name == hashlib.sha256(kept).hexdigest()
    assert store.path(name) == store.root / name[:2] / name[2:4] / name
    assert await store.read(name) == kept


async def test_the_same_photo_is_kept_once_and_not_redrawn_again(store):
    first = await store.save_image(picture())
    assert await store.save_image(await store.read(first)) == first
    assert [path for path in store.root.rglob("*") if path.is_file()] == [store.path(first)]


async def test_other_files_are_kept_as_they_are(store):
    name = await store.save(b"OggS voice")
    assert await store.save(b"OggS voice") == name
    assert await store.read(name) == b"OggS voice"


async def test_a_file_over_the_limit_is_not_kept(store, monkeypatch):
    monkeypatch.setattr(media, "MAX_BYTES", 3)
    with pytest.raises(TooLarge):
        await store.save(b"four")


async def test_a_dropped_photo_is_gone_from_its_file_too(store, tmp_path):
    name = await store.save_image(picture())
    (tmp_path / "second name").hardlink_to(store.path(name))
    assert await store.drop(name)
    assert not store.has(name)
    assert set((tmp_path / "second name").read_bytes()) == {0}
    with pytest.raises(FileNotFoundError):
        await store.read(name)


@pytest.mark.parametrize("name", ["", "../media", "a" * 64])
async def test_what_is_not_here_cannot_be_dropped(store, name):
    assert not await store.drop(name)


async def test_a_photo_dropped_twice_at_once_is_dropped_by_one(store):
    name = await store.save(b"anything")
    assert sorted(await asyncio.gather(store.drop(name), store.drop(name))) == [False, True]


async def test_a_dropped_photo_may_come_again(store):
    photo = picture()
    name = await store.save_image(photo)
    await store.drop(name)
    assert await store.save_image(photo) == name
    assert opened(await store.read(name)).size == (64, 48)


async def test_a_thumbnail_is_small_and_not_kept(store):
    name = await store.save_image(picture(size=(1000, 500)))
    made = await store.thumbnail(name)
    assert opened(made).size == (320, 160)
    assert opened(await store.thumbnail(name, side=90)).size == (90, 45)
    assert len([path for path in store.root.rglob("*") if path.is_file()]) == 1


async def test_there_is_no_thumbnail_of_a_voice(store):
    with pytest.raises(NotAnImage):
        await store.thumbnail(await store.save_voice(VOICES["telegram"]))


def atom(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def mp4(brand: bytes, *tracks: bytes) -> bytes:
    described = [atom(b"mdia", atom(b"hdlr", bytes(8) + track + bytes(13))) for track in tracks]
    return (
        atom(b"ftyp", brand + bytes(4) + b"isom")
        + atom(b"mdat", bytes(99))
        + atom(b"moov", b"".join(atom(b"trak", track) for track in described))
    )


def ogg(packet: bytes) -> bytes:
    head = b"OggS\0\x02" + bytes(8) + b"\x12\x34\x56\x78" + bytes(4) + b"\xab\xcd\xef\x01"
    return head + b"\x01" + bytes([len(packet)]) + packet + bytes(40)


def webm(*codecs: bytes) -> bytes:
    head = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
    return head + bytes(60) + b"".join(b"\x86" + bytes([0x80 + len(it)]) + it for it in codecs) + bytes(50)


VOICES = {
    "telegram": ogg(b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0"),
    "mp3": b"\xff\xfb\x90\x64" + bytes(413),
    "mp3 of 24 kHz": b"\xff\xf3\x84\xc4" + bytes(300),
    "mp3 with a title": b"ID3\x04\0\0\0\0\x02\x01TIT2" + bytes(300),
    "aac": b"\xff\xf1\x50\x80\x2e\x7f\xfc" + bytes(300),
    "m4a": mp4(b"M4A ", b"soun"),
    "m4a by android": mp4(b"mp42", b"soun"),
    "3gp": mp4(b"3gp4", b"soun"),
    "amr": b"#!AMR\n\x3c" + bytes(31),
    "amr wide": b"#!AMR-WB\n\x44" + bytes(60),
    "browser": webm(b"A_OPUS"),
}
NO_VOICES = {
    "nothing": b"",
    "a name only": b"OggS voice",
    "film in ogg": ogg(b"\x80theora\x03\x02\x01"),
    "music in ogg": ogg(b"\x01vorbis" + bytes(23)),
    "film": mp4(b"mp42", b"vide", b"soun"),
    "film in webm": webm(b"V_VP9", b"A_OPUS"),
    "matroska": webm(b"A_OPUS").replace(b"webm", b"matr"),
    "no track": mp4(b"M4A "),
    "heic": mp4(b"heic", b"pict"),
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
    "jpeg": picture(),
    "text": "\ufeffxin chào".encode("utf-16"),
    "html": b"<html><script>alert(1)</script>",
    "html with ID3": b"ID3<html><script>",
    "program": b"MZ" + bytes(60),
    "amr by name": b"#!AMR\n#!/bin/sh",
}


@pytest.mark.parametrize("content", VOICES.values(), ids=VOICES)
async def test_a_voice_note_is_kept_as_it_came(store, content):
    name = await store.save_voice(content)
    assert name == hashlib.sha256(content).hexdigest()
    assert await store.read(name) == content


@pytest.mark.parametrize("content", NO_VOICES.values(), ids=NO_VOICES)
async def test_what_is_no_voice_note_is_refused(store, content):
    with pytest.raises(NotAVoice):
        await store.save_voice(content)
    assert not store.root.exists()


async def test_a_very_long_voice_note_is_refused(store):
    begun = VOICES["telegram"]
    assert await store.save_voice(begun.ljust(MAX_VOICE_BYTES, b"\0"))
    with pytest.raises(NotAVoice):
        await store.save_voice(begun.ljust(MAX_VOICE_BYTES + 1, b"\0"))


@given(st.binary(max_size=200), st.sampled_from([b"", *(voice[:40] for voice in VOICES.values())]))
def test_any_bytes_are_a_voice_or_are_not(content, beginning):
    assert is_voice(beginning + content) in {True, False}


@given(st.sampled_from(["JPEG", "PNG", "WEBP", "MPO"]), st.integers(0, 400), st.binary(max_size=30))
def test_a_damaged_picture_is_redrawn_or_refused(kind, at, damage):
    whole = WHOLE[kind]
    try:
        made = redraw(whole[:at] + damage + whole[at + len(damage) :])
    except (NotAnImage, TooLarge):
        return
    assert opened(made).format == "JPEG"


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "aa/" + "a" * 61]
)
async def test_a_name_cannot_lead_out_of_the_store(store, name):
    assert not store.has(name)
    with pytest.raises(ValueError, match="not a name"):
        store.path(name)


async def test_a_write_that_fails_leaves_nothing(store, monkeypatch):
    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        await store.save(b"anything")
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
