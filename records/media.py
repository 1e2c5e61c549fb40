"""Where photos and other files lie: on disk, each under the SHA-256 of its bytes.

A picture from a resident is never kept as it came. It is decoded, turned upright, made small
enough and written anew, so that no place, no camera and no second file hides in it. A voice
note is kept as it came, title and all, but only if it begins as a voice note does.
"""

import asyncio
import hashlib
import os
import re
import struct
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

MAX_BYTES = 20 * 1024 * 1024  # the largest file a platform lets a bot download
LONGEST_SIDE = 2048  # pixels kept; a house number stays readable
QUALITY = 85
MAX_JPEG_PIXELS = 52_000_000  # a 50-megapixel phone; such a JPEG is decoded at a fraction of its size
MAX_OTHER_PIXELS = 20_000_000  # PNG, WebP and progressive JPEG must be decoded whole
MAX_VOICE_BYTES = 5 * 1024 * 1024  # 20 minutes of Opus at 32 kbit/s, 5 of MP3 at 128
THUMBNAIL_SIDE = 320

_NAME = re.compile(r"[0-9a-f]{64}")
# ID3v2 2.2 to 2.4; MPEG layer III and ADTS frames have eleven and twelve bits set in front.
_MP3_FRAME = rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef][^\xff]"
_VOICES = (
    re.compile(rb"OggS\0\x02.{20}\x01.OpusHead\x01", re.DOTALL),  # RFC 7845, 5.1
    re.compile(rb"ID3[\x02-\x04][^\xff].[\0-\x7f]{4}", re.DOTALL),
    re.compile(_MP3_FRAME, re.DOTALL),
    re.compile(rb"\xff[\xf0\xf1\xf8\xf9][^\xff][^\xff]", re.DOTALL),
    re.compile(rb"#!AMR(?:-WB)?\n[" + re.escape(bytes(range(0, 128, 4))) + b"]"),  # RFC 4867, 5.3
    # a video's codec is called V_…; the tracks are described before the sound begins
    re.compile(rb"\x1aE\xdf\xa3(?=.{0,60}webm)(?=.{0,4000}A_(?:OPUS|VORBIS))(?!.{0,4000}V_)", re.DOTALL),
)
_MP4 = re.compile(rb"\0\0\0[\x08-\x60]ftyp(?:M4A |M4B |mp41|mp42|isom|iso\d|dash|3gp\d|MSNV)")
_MP4_TRACK = re.compile(rb"hdlr.{8}([a-z]{4})", re.DOTALL)  # ISO/IEC 14496-12, 8.4.3
_FORMATS = {"JPEG", "MPO", "PNG", "WEBP"}  # MPO: a phone's JPEG that carries a second picture
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What Pillow is known to raise for damaged files; `Warning` where warnings are errors.
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    struct.error,
    Warning,
)


class MediaError(Exception):
    """These bytes are not kept."""


class NotAnImage(MediaError):
    """Not a whole JPEG, PNG or WebP."""


class NotAVoice(MediaError):
    """Not an Ogg Opus, MP3, AAC, M4A, AMR or WebM sound, or more than `MAX_VOICE_BYTES` of it."""


class TooLarge(MediaError):
    """More bytes or more pixels than we are ready to look at."""


class MediaStore:
    """A folder of files that never change. A name is the SHA-256 of what it names."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir / "media"
        self._decoding = asyncio.Lock()  # one picture in memory at a time

    def path(self, name: str) -> Path:
        """Return where *name* lies or would lie. Raises ValueError for what is no name of ours."""
        if not _NAME.fullmatch(name):
            raise ValueError("not a name in the media store")
        return self.root / name[:2] / name[2:4] / name

    def has(self, name: str) -> bool:
        """Tell whether *name* is kept here; False also for what can be no name."""
        return bool(_NAME.fullmatch(name)) and self.path(name).is_file()

    def known(self, content: bytes) -> str | None:
        """Return the name of *content* if exactly these bytes are kept already."""
        name = _digest(content)
        return name if self.has(name) else None

    async def read(self, name: str) -> bytes:
        """Return the bytes of *name*. Raises FileNotFoundError."""
        return await asyncio.to_thread(self.path(name).read_bytes)

    async def save(self, content: bytes) -> str:
        """Keep *content* as it is, durably, and return its name. Raises TooLarge.

        Saving the same bytes again changes nothing.
        """
        return await asyncio.to_thread(self._keep, content)

    async def save_image(self, content: bytes) -> str:
        """Keep the picture in *content*, redrawn, and return its name. Raises NotAnImage or TooLarge.

        A picture the store has made itself is not redrawn: it would lose a little each time.
        """
        if self.has(_digest(content)):
            return _digest(content)
        async with self._decoding:
            return await asyncio.to_thread(lambda: self._keep(redraw(content)))

    async def save_voice(self, content: bytes) -> str:
        """Keep the voice note in *content* as it is, and return its name. Raises NotAVoice."""
        if len(content) > MAX_VOICE_BYTES or not is_voice(content):
            raise NotAVoice
        return await self.save(content)

    async def thumbnail(self, name: str, side: int = THUMBNAIL_SIDE) -> bytes:
        """Return picture *name* as a JPEG of at most *side* pixels, made each time and not kept.

        Raises FileNotFoundError, or NotAnImage when *name* is something else.
        """
        content = await self.read(name)
        async with self._decoding:
            return await asyncio.to_thread(lambda: _jpeg(decoded(content, side)))

    async def drop(self, name: str) -> bool:
        """Forget *name*: write over its bytes, then remove it. False when it was not here.

        The same bytes may have been sent twice: whoever drops them asks first who else needs
        them. What the disk or a backup keeps for itself is out of our hands.
        """
        return self.has(name) and await asyncio.to_thread(_erase, self.path(name))

    def _keep(self, content: bytes) -> str:
        if len(content) > MAX_BYTES:
            raise TooLarge
        name = _digest(content)
        if not self.has(name):
            _write(self.path(name), content)
        return name


def redraw(content: bytes) -> bytes:
    """Return the picture in *content* as a fresh upright JPEG. Raises NotAnImage or TooLarge."""
    return _jpeg(decoded(content, LONGEST_SIDE))


def decoded(content: bytes, longest: int) -> Image.Image:
    """Return the picture in *content*, upright, RGB, at most *longest* pixels wide and high.

    The size is read before anything is decoded, so a small file cannot unfold into gigabytes.
    Of a moving picture only the first one is taken. Raises NotAnImage or TooLarge.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge
    try:
        return _decoded(content, longest)
    except _BOMB as error:
        raise TooLarge from error
    except _BROKEN as error:
        raise NotAnImage from error


def _decoded(content: bytes, longest: int) -> Image.Image:
    with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
        if picture.format not in _FORMATS:
            raise NotAnImage
        if picture.width * picture.height > _most_pixels(picture):
            raise TooLarge
        picture.draft("RGB", (longest, longest))
        small = _on_white(_upright(picture))
    small.thumbnail((longest, longest))
    return small


def _jpeg(picture: Image.Image) -> bytes:
    picture.info.clear()  # Pillow would write a JPEG's comment again
    made = BytesIO()
    picture.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _most_pixels(picture: Image.Image) -> int:
    in_steps = picture.format in {"JPEG", "MPO"} and not picture.info.get("progressive")
    return MAX_JPEG_PIXELS if in_steps else MAX_OTHER_PIXELS


def _upright(picture: Image.Image) -> Image.Image:
    """Turn the picture as its EXIF asks; an unreadable EXIF asks for nothing."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except _BROKEN:
        return picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Return an RGB copy; what was transparent is white."""
    if picture.mode.startswith("I"):  # 16 bits a pixel: Pillow would turn all but black to white
        return picture.convert("I").point(lambda depth: depth * (1 / 257)).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGB", picture.size, "white")
    seen = picture.convert("RGBA")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def is_voice(content: bytes) -> bool:
    """Tell whether *content* begins as one of the voice notes that phones and messengers make."""
    return any(pattern.match(content) for pattern in _VOICES) or _is_mp4_sound(content)


def _is_mp4_sound(content: bytes) -> bool:
    """An MP4 is a sound when every track in it is: M4A and video share their beginning."""
    tracks = set(_MP4_TRACK.findall(content)) if _MP4.match(content) else set()
    return b"soun" in tracks and b"vide" not in tracks


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write the whole file or none of it; it survives a power cut once this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    for folder in path.parents[:4]:  # ab/cd, ab, media, data_dir: each may be new
        _sync_folder(folder)


def _erase(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:  # somebody else was faster
        return False
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
