"""A marriage register made for a test: every row carries one word that no other row has.

The word stands in both names, so that a pair made of two rows gives itself away. Ages, personal
numbers and dates agree, as they do in life.
"""

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import xlsxwriter  # type: ignore[import-untyped]

from records.importers import Kind, Reading, read

TITLES = (
    "STT",
    "Số đăng ký",
    "Quyển số",
    "Ngày đăng ký",
    "Họ tên chồng",
    "Ngày sinh chồng",
    "Số CCCD chồng",
    "Họ tên vợ",
    "Ngày sinh vợ",
    "Số CCCD vợ",
    "Điện thoại vợ",
    "Tổ dân phố",
)
STT, NUMBER, BOOK, DAY, GROOM, GROOM_BORN, GROOM_ID, BRIDE, BRIDE_BORN, BRIDE_ID, PHONE, GROUP = range(12)
# Words in no order of their own, each once.
CANARIES = (
    "Mận",
    "Cúc",
    "Đào",
    "Lê",
    "Hạnh",
    "Bưởi",
    "Xoài",
    "Dừa",
    "Ổi",
    "Na",
    "Quýt",
    "Cam",
    "Vải",
    "Nhãn",
    "Sen",
    "Súng",
    "Tre",
    "Trúc",
    "Mai",
    "Lan",
    "Huệ",
    "Hồng",
    "Thông",
    "Bách",
    "Tùng",
    "Quế",
    "Hồi",
    "Gừng",
    "Nghệ",
    "Riềng",
    "Sả",
    "Ớt",
    "Tiêu",
    "Cải",
    "Bầu",
    "Bí",
    "Mướp",
    "Khoai",
    "Sắn",
    "Ngô",
    "Lạc",
    "Vừng",
    "Đậu",
    "Chè",
    "Cau",
    "Trầu",
    "Gấm",
    "Lụa",
    "Nhung",
    "Đũi",
)

Cells = Sequence[Sequence[object]]
Merge = tuple[int, int, int, int]


def canary(place: int) -> str:
    """Return the word of one row; past the list, two words joined by their place."""
    first, second = CANARIES[(place * 17) % 50], CANARIES[(place * 29 + place // 50 + 7) % 50]
    return f"{first} {second}" if place < 50 else f"{first} {second} {CANARIES[place // 50 % 50]}"


def identity(born: date, sex: str, place: int) -> str:
    digit = 2 * (born.year >= 2000) + (sex == "nữ")
    return f"001{digit}{born.year % 100:02d}{(place * 7919 + 13) % 1_000_000:06d}"


def couple(place: int) -> list[object]:
    """Return one entry of the register, the one at *place* from 0."""
    chance = random.Random(place)
    groom = date(1975, 1, 1) + timedelta(chance.randrange(10_000))
    bride = date(1976, 1, 1) + timedelta(chance.randrange(10_000))
    day = date(2026, 1, 5) + timedelta(2 * place % 350 if place < 170 else 350)
    return [
        place + 1,
        place + 1,
        "01/2026",
        day,
        f"Nguyễn Văn {canary(place)}",
        groom,
        identity(groom, "nam", place),
        f"Trần Thị {canary(place)}",
        bride,
        identity(bride, "nữ", place),
        f"0900{(place * 37) % 1_000_000:06d}",
        f"TDP {place % 5 + 1}",
    ]


def couples(count: int) -> list[list[object]]:
    return [couple(place) for place in range(count)]


@dataclass
class Book:
    """What stands on one sheet."""

    rows: Cells
    titles: Sequence[object] = TITLES
    above: Cells = ()
    merges: Sequence[Merge] = ()
    name: str = "Kết hôn"
    hidden: bool = False

    def grid(self) -> Cells:
        return [*self.above, self.titles, *self.rows] if self.titles else [*self.above, *self.rows]


def xlsx(*books: Book) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        shape = workbook.add_format({"num_format": "dd/mm/yyyy"})
        for book in books:
            page = workbook.add_worksheet(book.name)
            for number, row in enumerate(book.grid()):
                for column, cell in enumerate(row):
                    write(page, number, column, cell, shape)
            for top, left, bottom, right in book.merges:
                page.merge_range(top, left, bottom, right, str(book.grid()[top][left]))
            if book.hidden:
                page.hide()
    return content.getvalue()


def write(page, row, column, cell, shape):
    if cell is None or cell == "":
        return
    if isinstance(cell, date):
        page.write_datetime(row, column, cell, shape)
    elif isinstance(cell, str) and cell.startswith("{="):
        page.write_formula(row, column, cell[1:-1], None, "")
    elif isinstance(cell, str):
        page.write_string(row, column, cell)
    else:
        page.write(row, column, cell)


def said(cell: object) -> str:
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else "" if cell is None else str(cell)


def csv(book: Book, separator: str = ";") -> str:
    return "\r\n".join(separator.join(map(said, row)) for row in book.grid()) + "\r\n"


def html(book: Book) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{said(cell)}</td>" for cell in row) + "</tr>" for row in book.grid()
    )
    return f"<html><head><title>x</title></head><body><table>{rows}</table></body></html>"


def marriages(rows: Cells, mapping: Mapping[str, object] | None = None, **more: object) -> Reading:
    """Read *rows* as a marriage register in an XLSX."""
    return read(xlsx(Book(rows, **more)), "so.xlsx", Kind.MARRIAGES, mapping)  # type: ignore[arg-type]


def mixed(reading: Reading) -> list[int]:
    """Return the rows that were read from two rows: bride, groom, dates and number must be one couple's."""
    wrong = []
    for row in reading.rows:
        facts = row.facts
        there = couple(int(str(facts["number"])) - 1)
        here = [
            facts[name] for name in ("registered_on", "groom_name", "groom_born", "bride_name", "bride_born")
        ]
        phone_differs = "bride_phone" in reading.columns and facts["bride_phone"] != there[PHONE]
        if phone_differs or here != [there[at] for at in (DAY, GROOM, GROOM_BORN, BRIDE, BRIDE_BORN)]:
            wrong.append(row.number)
    return wrong
