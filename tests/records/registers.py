"""Registers of the miniature ward as XLSX: dossiers, deaths, residents, and marriages with defects in them."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from records import importing
from records.importers import Kind, read
from tests.conftest import FRIDAY
from tests.records.importers.register import BOOK, Book, couples, xlsx
from tests.records.importers.test_defects import ROW_DEFECTS

DOSSIER_TITLES = (
    *("Mã hồ sơ", "Tên thủ tục", "Người nộp hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày có kết quả"),
    *("Ngày trả kết quả", "Trạng thái", "Đơn vị xử lý", "Điện thoại người nộp"),
)
CODE, PROCEDURE, APPLICANT, TAKEN, DUE, FINISHED, RETURNED, STATE, UNIT, PHONE = range(10)
DEATH_TITLES = (
    *("Số đăng ký", "Quyển số", "Ngày đăng ký", "Họ tên người mất", "Ngày sinh người mất", "Ngày mất"),
    "Tổ dân phố",
)
RESIDENT_TITLES = ("Họ tên", "Ngày sinh", "Giới tính", "Điện thoại", "Địa chỉ", "Tổ dân phố", "Số hộ")
WORDS = ("Mận", "Cúc", "Đào", "Lê", "Hạnh", "Xoài", "Na", "Quýt", "Cam", "Vải", "Sen", "Súng", "Tre")


def name(place: int, sex: str = "Văn") -> str:
    """Return an invented name that no other place has."""
    return f"Nguyễn {sex} {WORDS[place * 5 % 13]} {WORDS[(place // 13 * 3 + place) % 13]}"


def dossier(place: int) -> list[Any]:
    taken = date(2026, 10, 1) + timedelta(place % 40)
    code = f"H00.00-{taken:%y%m%d}-{place + 1:04d}"
    due = taken + timedelta(14)
    return [code, "Đăng ký khai sinh", name(place), taken, due, "", "", "Đang xử lý", "Một cửa", ""]


def put(row: Sequence[Any], at: int, value: object) -> list[Any]:
    return [*row[:at], value, *row[at + 1 :]]


DOSSIER_DEFECTS = {
    "promised before it was taken": lambda row: put(row, DUE, row[TAKEN] - timedelta(3)),
    "ready before it was taken": lambda row: put(row, FINISHED, row[TAKEN] - timedelta(1)),
    "the code tells another day": lambda row: put(row, CODE, "H00.00-260101-7777"),
    "in work, and handed over": lambda row: put(row, RETURNED, row[TAKEN] + timedelta(9)),
    "to be completed, and ready": lambda row: put(
        put(row, STATE, "Chờ bổ sung"), FINISHED, row[TAKEN] + timedelta(9)
    ),
    "returned before it was ready": lambda row: put(
        put(row, FINISHED, row[TAKEN] + timedelta(9)), RETURNED, row[TAKEN] + timedelta(8)
    ),
    "a day that is not there": lambda row: put(row, TAKEN, "31/02/2026"),
    "a needed date is empty": lambda row: put(row, DUE, ""),
    # what only the records can know
    "put off twice": lambda row: put(row, DUE, row[TAKEN] + timedelta(30)),
    "from an older sheet": lambda row: row,
}


OUT_OF_ORDER = ("the number is out of its place", "the date is out of its place")


def marriage_files() -> list[tuple[bytes, int]]:
    """Return a register for every defect of a row, each with how many rows it has.

    What is out of order shows only in a longer one.
    """
    files, first = [], 0
    for defect in ROW_DEFECTS:
        size, place = (24, 9) if defect in OUT_OF_ORDER else (7, 4)
        start = 0 if size == 24 else first
        rows = [[*row] for row in couples(start + size)[start:]]
        rows[place] = ROW_DEFECTS[defect](rows[place])
        book = Book([with_book(row, defect) for row in rows] if size == 24 else rows)
        files.append((xlsx(book), size))
        first += size
    return files


def with_book(row: Sequence[Any], defect: str) -> list[object]:
    """Put a long register into a book of its own."""
    return put(row, BOOK, f"{2 + OUT_OF_ORDER.index(defect):02d}/2026")


def dossier_files(size: int = 21) -> list[tuple[bytes, int]]:
    """Return two registers of dossiers with every defect of theirs."""
    rows = [dossier(place) for place in range(2 * size)]
    for place, defect in enumerate(DOSSIER_DEFECTS.values()):
        rows[3 + 4 * place] = defect(rows[3 + 4 * place])
    halves = (rows[:size], rows[size:])
    return [(xlsx(Book(half, titles=DOSSIER_TITLES, name="Hồ sơ")), size) for half in halves]


async def bring(database, content, kind, *, by=importing.OPERATOR, now=FRIDAY, mapping=None, **more):
    """Read a file and bring it in, as the command does."""
    reading = read(content, "so.xlsx", kind, mapping)
    file = importing.File(name="so.xlsx", sha256=hashlib.sha256(content).hexdigest(), by=by)
    async with database.writing() as db:
        return await importing.take(db, reading, file, now, **more)


async def dossiers_in(database, *rows, **more):
    return await bring(database, xlsx(Book(rows, titles=DOSSIER_TITLES)), Kind.DOSSIERS, **more)


async def residents_in(database, *rows, **more):
    return await bring(database, xlsx(Book(rows, titles=RESIDENT_TITLES)), Kind.RESIDENTS, **more)


async def deaths_in(database, *rows, **more):
    return await bring(database, xlsx(Book(rows, titles=DEATH_TITLES)), Kind.DEATHS, **more)
