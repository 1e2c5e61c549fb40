"""Tell a photo of a Vietnamese identity card, so that it is not kept.

The cards with a chip (căn cước công dân since 2021, thẻ căn cước since 2024) carry a QR code
that begins with the personal number, the old number, name, birth, sex and address, parted by
"|". If that code can be read, the photo shows a card; nothing else is taken as a sign, and
what was read is forgotten at once.

So "no" means "not seen": a card without a chip, the side without the code, a photo too small
or too blurred for its code, a photo of a photo. The three machine readable lines on the back
are letters; without reading letters they look like any other print.
"""

import re
from collections.abc import Callable, Iterator

import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from records.media import MediaError, decoded

LONGEST_SIDE = 2048  # pixels looked at; what a messenger leaves of a photo is smaller

_PAYLOAD = re.compile(
    r"\d{12}\|"  # the personal number
    r"(?:\d{9}|\d{12})?\|"  # the number before it, if there was one
    r"[^|\d]{2,100}\|"  # the name
    r"\d{4,8}\|"  # ddmmyyyy; some people know only the year
    r"[^|\d]{1,12}\|"  # Nam, Nữ
)
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_SHARPER = ImageFilter.UnsharpMask(radius=2, percent=150, threshold=0)


def is_identity_card(picture: bytes) -> bool:
    """Tell whether the code of an identity card can be read in *picture*. Never raises.

    Give it the photo as it came: redrawn, its code has lost a little. A photo without a code
    takes longest, since every way of looking is tried; do not call this in the event loop.
    """
    try:
        grey = decoded(picture, LONGEST_SIDE).convert("L")
    except MediaError:
        return False
    return any(is_card_code(text) for text in _codes(grey))


def is_card_code(text: str) -> bool:
    """Tell whether *text* is what the code of an identity card says.

    >>> is_card_code("048000000123||Lan Thử Nghiệm|01021990|Nữ|Tổ 3|20112021")
    True
    """
    return _PAYLOAD.match(text) is not None


def _codes(grey: Image.Image) -> Iterator[str]:
    """Read codes in several ways, the cheapest first; the order was measured."""
    for way in _WAYS:
        for code in zxingcpp.read_barcodes(way(grey), formats=_QR):
            yield code.text


def _enlarged(grey: Image.Image) -> Image.Image:
    return grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC)


_WAYS: tuple[Callable[[Image.Image], Image.Image], ...] = (
    lambda grey: grey,
    lambda grey: _enlarged(grey.filter(_SHARPER)),  # out of focus
    lambda grey: _enlarged(ImageOps.autocontrast(grey, cutoff=1)),  # too small, too dark
)
