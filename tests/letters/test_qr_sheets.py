"""Sheets with codes: a phone reads from each the very address it was printed for."""

from datetime import date
from io import BytesIO

import zxingcpp
from PIL import Image

from knowledge import deep_links
from letters.paper import QrCode, QrPaper
from letters.press import Press
from tests.letters.family import HEAD

ADDRESS = "https://tro-ly.anthinh.example"
CODES = [f"1.{number:06}" for number in range(1, 31)]
FOOT = ("Không có điện thoại thông minh, mời gọi 0236 0000 000.",)
LEAD = "Quét mã để xem giấy tờ cần mang."


def sheet(*codes: QrCode, poster: bool, title: str = "Đăng ký khai sinh") -> QrPaper:
    return QrPaper(
        head=HEAD, dated=date(2026, 11, 20), title=title, lead=LEAD, codes=codes, foot=FOOT, poster=poster
    )


def read(pages: tuple[bytes, ...]) -> list[str]:
    pictures = [Image.open(BytesIO(page)).convert("RGB") for page in pages]
    return [found.text for picture in pictures for found in zxingcpp.read_barcodes(picture)]


def test_a_poster_holds_one_large_code_and_those_of_the_channels(press: Press) -> None:
    links = (
        deep_links.web(ADDRESS, CODES[0]),
        deep_links.zalo("123456789"),
        deep_links.telegram("anthinh_bot", CODES[0]),
    )
    paper = sheet(*(QrCode(content=link, title="Quét", note="mã") for link in links), poster=True)
    pages = press.pages(paper, 110)
    assert len(pages) == 1
    assert sorted(read(pages)) == sorted(links)
    assert press.pdf(paper) == press.pdf(paper)


def test_a_long_title_still_leaves_one_sheet(press: Press) -> None:
    code = QrCode(content=deep_links.web(ADDRESS, CODES[0]), title="Quét", note="mã")
    assert len(press.pages(sheet(code, code, code, poster=True, title="Trợ cấp hằng tháng " * 3), 40)) == 1


def test_a_field_has_a_code_for_each_procedure(press: Press) -> None:
    links = [deep_links.web(ADDRESS, code) for code in CODES]
    codes = (QrCode(content=link, title="Xác nhận tình trạng hôn nhân") for link in links)
    pages = press.pages(sheet(*codes, poster=False, title="Lĩnh vực Hộ tịch"), 110)
    assert len(pages) == 3
    assert sorted(read(pages)) == sorted(links)
