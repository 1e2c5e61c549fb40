"""Where photos and other files lie: on disk, each under the SHA-256 of its bytes.

A picture from a resident is never kept as it came. It is decoded, turned upright, made small
enough and written anew, so that no place, no camera and no second file hides in it.
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

_NAME = re.compile(r"[0-9a-f]{64}")
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

    def _keep(self, content: bytes) -> str:
        if len(content) > MAX_BYTES:
            raise TooLarge
        name = _digest(content)
        if not self.has(name):
            _write(self.path(name), content)
        return name


def redraw(content: bytes) -> bytes:
    """Return the picture in *content* as a fresh upright JPEG. Raises NotAnImage or TooLarge.

    The size is read before anything is decoded, so a small file cannot unfold into gigabytes.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge
    try:
        return _redrawn(content)
    except _BOMB as error:
        raise TooLarge from error
    except _BROKEN as error:
        raise NotAnImage from error


def _redrawn(content: bytes) -> bytes:
    with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
        if picture.format not in _FORMATS:
            raise NotAnImage
        if picture.width * picture.height > _most_pixels(picture):
            raise TooLarge
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        small = _on_white(_upright(picture))
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    small.info.clear()  # Pillow would write a JPEG's comment again
    made = BytesIO()
    small.save(made, "JPEG", quality=QUALITY)
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
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGB", picture.size, "white")
    seen = picture.convert("RGBA")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


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


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
