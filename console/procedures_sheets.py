"""Sheets with codes to hang at the counter: whoever reads one with a phone has the card before them."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from console.door import Door, get
from console.letters import pdf_answer
from console.procedures import card_of
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from knowledge import deep_links
from knowledge.procedure import Procedure
from letters.errors import LetterError
from letters.paper import Letterhead, QrCode, QrPaper

MOST: Final = 120  # codes of one sheet of a field: ten pages
NO_ADDRESS: Final = Refused(
    "Chưa đặt địa chỉ công khai của phường (WARD_WEB__PUBLIC_URL), nên mã in ra sẽ không dẫn tới đâu. "
    "Mời người quản trị đặt địa chỉ rồi in lại."
)
LEAD: Final = "Quét mã bằng máy ảnh điện thoại hoặc Zalo để xem giấy tờ cần mang, thời gian và lệ phí."


async def of_card(visit: Visit) -> web.Response:
    """Give the sheet of one procedure, as PDF."""
    card = card_of(visit)
    paper = QrPaper(
        head=Letterhead.of(visit.house.shelf.ward.office),
        dated=visit.today,
        title=card.short_name,
        lead=LEAD,
        codes=_codes(visit, card),
        foot=_foot(visit),
        poster=True,
    )
    return await _printed(visit, paper, f"qr-{card.code}")


def _codes(visit: Visit, card: Procedure) -> tuple[QrCode, ...]:
    """Return the code of the page first, then those of the channels that are on."""
    house = visit.house
    found = [
        QrCode(
            content=deep_links.web(_address(visit), card.code),
            title="Quét để hỏi Trợ lý số",
            note=f"Mở ngay trên điện thoại, không cần cài gì · mã thủ tục {card.code}",
        )
    ]
    if house.zalo_account:
        note = f"Mở Zalo của phường, gõ {card.code}"
        found.append(QrCode(content=deep_links.zalo(house.zalo_account), title="Zalo", note=note))
    if house.telegram_name:
        link = deep_links.telegram(house.telegram_name, card.code)
        found.append(QrCode(content=link, title="Telegram", note="Bấm “Bắt đầu” là thấy"))
    return tuple(found)


def _address(visit: Visit) -> str:
    if not visit.house.public_url:
        raise NO_ADDRESS
    return visit.house.public_url


def _foot(visit: Visit) -> tuple[str, ...]:
    ward = visit.house.shelf.ward
    return (
        f"Không có điện thoại thông minh, mời gọi {ward.hotline} hoặc hỏi cán bộ tại quầy.",
        "Trợ lý số không thu tiền và không bao giờ hỏi mật khẩu, mã OTP.",
    )


async def of_field(visit: Visit) -> web.Response:
    """Give the sheet of a whole field: a code for each procedure that has details."""
    cards, slug = visit.house.shelf.catalogue, visit.request.match_info["slug"]
    found = cards.in_field(slug)
    if not found:
        raise NOT_FOUND
    paper = QrPaper(
        head=Letterhead.of(visit.house.shelf.ward.office),
        dated=visit.today,
        title=f"Lĩnh vực {cards.fields[slug]}",
        lead=LEAD,
        codes=tuple(_small(visit, card) for card in _worth_printing(found)),
        foot=_foot(visit),
        poster=False,
    )
    return await _printed(visit, paper, f"qr-{slug}")


def _worth_printing(found: Sequence[Procedure]) -> Sequence[Procedure]:
    """Return the cards that answer; where none does yet, all of them."""
    return [card for card in found if card.full][:MOST] or found[:MOST]


def _small(visit: Visit, card: Procedure) -> QrCode:
    link = deep_links.web(_address(visit), card.code)
    return QrCode(content=link, title=card.short_name, note=f"Mã {card.code}")


async def _printed(visit: Visit, paper: QrPaper, name: str) -> web.Response:
    try:
        body = await asyncio.to_thread(visit.letters.shelf.press.pdf, paper)
    except LetterError as error:
        raise Refused(f"Chưa in được tờ mã QR: {error}.") from error
    return pdf_answer(body, name)


DOORS: tuple[Door, ...] = (
    get("/thu-tuc/the/{code}/qr.pdf", of_card),
    get("/thu-tuc/linh-vuc/{slug}/qr.pdf", of_field),
)
