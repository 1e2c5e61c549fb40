"""What an officer does with a case in one step: take it, give it, note something, show it to all, add photos."""

import asyncio
import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import BodyPartReader, web

from console import undo
from console.case_found import AT, MAY, found, typed, where
from console.door import Door, post
from console.trouble import FOREIGN, Refused
from console.visit import Visit
from feedback import acts, after_photos, alerts, notices, publishing
from feedback.acts import Hand
from records import media
from records.cases import Permission, Staff
from records.identity_card import is_identity_card

MOST_PHOTOS: Final = 10
LONGEST_TOKEN: Final = 200  # bytes
NOT_A_PHOTO: Final = "Tệp vừa chọn không phải ảnh JPEG, PNG hay WebP còn nguyên. Chưa thêm ảnh nào."
TOO_LARGE: Final = "Ảnh vừa chọn lớn quá (mỗi ảnh không quá 20 MB). Chưa thêm ảnh nào."
A_CARD: Final = "Ảnh này có vẻ là thẻ căn cước nên không nhận. Chưa thêm ảnh nào."
NOTHING: Final = "Chưa chọn ảnh nào. Mời anh/chị chọn ảnh rồi bấm lại."


def _hand(visit: Visit) -> Hand:
    return Hand(person=visit.person, version=visit.said_number("version"))


async def claim(visit: Visit) -> web.Response:
    """Take the case; its desk's groups hear who has it, as they do when it is taken in a chat."""
    case = await found(visit)
    case = await acts.claim(visit.cases, case.code, _hand(visit))
    text = notices.claimed(case, visit.person.name, visit.now)
    await alerts.tell_room(visit.cases, case, f"claimed:{case.version}", text)
    return visit.back(where(case), f"Anh/chị đã nhận việc {case.code}.")


async def assign(visit: Visit) -> web.Response:
    """Give the case to somebody else."""
    case = await found(visit)
    officer = await visit.db.get(Staff, visit.said_number("officer")) if visit.said("officer") else None
    if officer is None:
        raise Refused("Chưa chọn người nhận việc. Mời anh/chị chọn một người rồi bấm lại.")
    case = await acts.assign(visit.cases, case.code, _hand(visit), officer)
    return visit.back(where(case), f"Đã giao {case.code} cho {officer.name}.")


async def remark(visit: Visit) -> web.Response:
    """Leave a line only staff see."""
    case = await found(visit)
    await acts.remark(visit.cases, case.code, Hand(person=visit.person), typed(visit, "text"))
    return visit.back(where(case), "Đã ghi chú; người dân không thấy ghi chú này.")


# --- for everybody to see ----------------------------------------------------------------------


async def publish(visit: Visit) -> web.Response:
    """Show the case to everybody."""
    case = await found(visit)
    await publishing.publish(visit.cases, case.code, visit.person)
    await undo.offer(visit, "case.published", {"code": case.code})
    return visit.back(where(case), f"Đã công khai {case.code} trên trang công khai của phường.")


async def withdraw(visit: Visit) -> web.Response:
    """Show the case to nobody any more."""
    case = await found(visit)
    await publishing.withdraw(visit.cases, case.code, visit.person)
    await undo.offer(visit, "case.withdrawn", {"code": case.code})
    return visit.back(where(case), f"Đã rút {case.code} khỏi trang công khai.")


@undo.way("case.published")
async def _unpublish(visit: Visit, document: Mapping[str, Any]) -> str:
    return where(await publishing.withdraw(visit.cases, document["code"], visit.person))


@undo.way("case.withdrawn")
async def _publish_again(visit: Visit, document: Mapping[str, Any]) -> str:
    return where(await publishing.publish(visit.cases, document["code"], visit.person))


# --- photos of what was done -------------------------------------------------------------------


async def add_photos(visit: Visit) -> web.Response:
    """Keep photos of what was done; each is redrawn, and none is kept when one is no photo."""
    async with visit.house.database.reading() as db:
        visit.session = db
        case = await found(visit)
        await acts.to_speak(visit.cases, case.code, Hand(person=visit.person))
    visit.session = None
    names = [await _kept(visit, content) for content in await _files(visit)]
    if not names:
        raise Refused(NOTHING)
    async with visit.house.database.writing() as db:
        visit.session = db
        for name in names:
            count = await after_photos.add(visit.cases, case.code, Hand(person=visit.person), name)
    visit.session = None
    return visit.back(where(case), f"Đã có {count} ảnh sau xử lý; người dân nhận cùng lúc với câu trả lời.")


async def _files(visit: Visit) -> list[bytes]:
    """Read the files of the form, a piece at a time; its first field says that the form is ours."""
    if not visit.request.content_type.startswith("multipart/form-data"):
        raise FOREIGN
    content: list[bytes] = []
    ours = "X-Ward-Csrf" in visit.request.headers  # then the gate has looked at it
    async for part in await visit.request.multipart():
        if not isinstance(part, BodyPartReader) or (not ours and part.name != "csrf"):
            raise FOREIGN
        ours = ours or _is_ours(visit, await part.read_chunk(LONGEST_TOKEN))
        if part.name == "photo" and len(content) < MOST_PHOTOS:
            content.append(await _whole(part))
    return [one for one in content if one]


def _is_ours(visit: Visit, token: bytes) -> bool:
    """Raise Refused unless *token* is the session's."""
    if visit.entry is None or not hmac.compare_digest(token, visit.entry.session.csrf.encode()):
        raise FOREIGN
    return True


async def _whole(part: BodyPartReader) -> bytes:
    content = bytearray()
    while piece := await part.read_chunk():
        content += piece
        if len(content) > media.MAX_BYTES:
            raise Refused(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(content)


async def _kept(visit: Visit, content: bytes) -> str:
    """Keep one picture and return its name. Raises Refused."""
    if await asyncio.to_thread(is_identity_card, content):
        raise Refused(A_CARD)
    try:
        return await visit.house.media.save_image(content)
    except media.TooLarge as error:
        raise Refused(TOO_LARGE) from error
    except media.MediaError as error:
        raise Refused(NOT_A_PHOTO) from error


DOORS: tuple[Door, ...] = (
    post(AT + "/nhan", claim, *MAY),
    post(AT + "/giao", assign, Permission.ASSIGN_FEEDBACK),
    post(AT + "/ghi-chu", remark, *MAY),
    post(AT + "/cong-khai", publish, *MAY),
    post(AT + "/rut", withdraw, *MAY),
    post(AT + "/anh-sau", add_photos, *MAY, large=True),
)
