"""A form that carries a file, read piece by piece: the session's token first, then words, then the file.

The file must come last, so that everything about it is known before its first byte is written.
"""

import hmac
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import BodyPartReader, MultipartReader, web

from console.trouble import FOREIGN, Refused
from console.visit import Visit

LONGEST_WORD: Final = 200  # bytes of a field that is no file
MOST_FIELDS: Final = 12
PIECE: Final = 64 * 1024
INCOMPLETE: Final = Refused(
    "Tệp gửi lên chưa trọn vẹn. Mời chọn lại tệp rồi gửi lại.", HTTPStatus.UNPROCESSABLE_ENTITY
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The words of a form, and its file, still unread."""

    said: Mapping[str, str]
    reader: MultipartReader
    file: BodyPartReader


async def parts(visit: Visit) -> Sent:
    """Return what a form says, up to its file. Raises Refused when the form is not ours."""
    if not visit.request.content_type.startswith("multipart/form-data"):
        raise INCOMPLETE if "X-Ward-Csrf" in visit.request.headers else FOREIGN
    said: dict[str, str] = {}
    try:
        reader = await visit.request.multipart()
        while isinstance(part := await reader.next(), BodyPartReader) and len(said) < MOST_FIELDS:
            _require_ours_first(visit, said, part)
            if part.filename is not None:
                return Sent(said=said, reader=reader, file=part)
            said[part.name or ""] = await _word(part)
            _require_ours(visit, said)
    except (ValueError, web.HTTPException) as error:
        raise INCOMPLETE from error
    raise Refused("Chưa chọn tệp nào. Mời chọn tệp rồi gửi lại.", HTTPStatus.UNPROCESSABLE_ENTITY)


async def _word(part: BodyPartReader) -> str:
    content = bytearray()
    while piece := await part.read_chunk(LONGEST_WORD):
        content += piece
        if len(content) > LONGEST_WORD:
            raise INCOMPLETE
    return content.decode("utf-8", "replace").strip()


def _require_ours_first(visit: Visit, said: dict[str, str], part: BodyPartReader) -> None:
    if not said and "X-Ward-Csrf" not in visit.request.headers and part.name != "csrf":
        raise FOREIGN


def _require_ours(visit: Visit, said: dict[str, str]) -> None:
    """The gate has looked at the header; without one the first field must hold the session's token."""
    if "X-Ward-Csrf" in visit.request.headers or visit.entry is None:
        return
    if not hmac.compare_digest(said.get("csrf", "").encode(), visit.entry.session.csrf.encode()):
        raise FOREIGN


async def pieces(sent: Sent) -> AsyncIterator[bytes]:
    """Return the bytes of the file as they come. Raises Refused when they end too early."""
    try:
        while piece := await sent.file.read_chunk(PIECE):
            yield piece
        await sent.reader.next()  # the end must be there: a line that was cut has none
    except (ValueError, web.HTTPException) as error:
        raise INCOMPLETE from error
