"""What is kept of a picture, and what is not kept at all."""

import hashlib
import os
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from records import media
from records.media import MediaStore, NotAnImage, TooLarge, redraw


def picture(kind="JPEG", size=(64, 48), mode="RGB", **options) -> bytes:
    made = BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(made, kind, **options)
    return made.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 4096))
        + chunk(b"IEND", b"")
    )


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


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


def test_what_hides_behind_a_photo_is_not_kept():
    assert b"<script>" not in redraw(picture() + b"<script>alert(1)</script>")


def test_a_photo_held_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(redraw(picture(exif=exif))).size == (48, 64)


def test_a_large_photo_is_made_small():
    made = opened(redraw(picture(size=(4096, 1024))))
    assert made.size == (2048, 512)


def test_what_was_transparent_becomes_white():
    made = BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(made, "PNG")
    assert opened(redraw(made.getvalue())).getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"GIF89a" + bytes(50),
        b"%PDF-1.4\n%%EOF",
        b"\xff\xd8\xff",
        picture()[:300],
        picture("PNG")[:100],
    ],
    ids=["nothing", "a letter", "gif", "pdf", "a beginning", "half a jpeg", "half a png"],
)
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
