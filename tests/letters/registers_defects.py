"""What may be wrong, or only odd, in a row of each register: forty kinds and more, with what must become of each."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.records.importers.register import DAY as M_DAY
from tests.records.importers.register import TITLES
from tests.records.importers.test_defects import ROW_DEFECTS
from tests.records.registers import DOSSIER_DEFECTS, put

Row = list[Any]
Change = Callable[[Row], Row]


@dataclass(frozen=True, kw_only=True)
class Defect:
    """What is odd about a row, and what must become of it."""

    name: str
    change: Change
    fate: str = "refused"
    letter: bool = False


def of(names: Sequence[str], among: dict[str, Change]) -> tuple[Defect, ...]:
    return tuple(Defect(name=name, change=among[name]) for name in names)


HANDED, M_TYPE, M_REMARK, HIS_ROOF, HER_ROOF = range(len(TITLES), len(TITLES) + 5)
MARRIAGE_TITLES = (
    *TITLES,
    *("Ngày trao giấy chứng nhận", "Loại đăng ký", "Ghi chú", "Nơi cư trú chồng", "Nơi cư trú vợ"),
)
MARRIAGE_DEFECTS = (
    *of(
        (
            "a row is moved one cell right",
            "a row is moved one cell left",
            "the bride was born before 1900",
            "the bride is under eighteen",
            "the groom is under twenty",
            "the groom's name is a date",
            "the groom's birth is a name",
            "two names stand in one cell",
            "the date does not exist",
            "the date has no year",
            "the century of birth is unclear",
            "the book's year is not the date's",
            "the number's year is not the date's",
            "the personal number is of a man",
            "the personal number is of another year",
            "the personal number is too short",
            "the phone is two phones",
            "a formula failed",
            "a needed date is empty",
            "a cell in another font",
        ),
        ROW_DEFECTS,
    ),
    Defect(
        name="the certificate was not handed over yet", change=lambda row: put(row, HANDED, ""), fate="new"
    ),
    Defect(
        name="an old marriage entered anew", change=lambda row: put(row, M_TYPE, "Đăng ký lại"), fate="new"
    ),
    Defect(name="they want no letter", change=lambda row: put(row, M_REMARK, "Không nhận thư"), fate="new"),
    Defect(
        name="letters in pieces, odd spaces",
        change=lambda row: [pieces(cell) if isinstance(cell, str) else cell for cell in row],
        fate="new",
        letter=True,
    ),
    Defect(
        name="dates as words",
        change=lambda row: put(row, M_DAY, f"ngày {row[M_DAY].day} tháng {row[M_DAY].month} năm 2026"),
        fate="new",
        letter=True,
    ),
)
B_DAY, B_CHILD_BORN, B_MOTHER_BORN, B_FATHER, B_FATHER_BORN, B_HANDED, B_TYPE = 2, 5, 7, 8, 9, 12, 13
BIRTH_TITLES = (
    *("Số đăng ký", "Quyển số", "Ngày đăng ký", "Họ tên con", "Giới tính", "Ngày sinh của con"),
    *("Họ tên mẹ", "Ngày sinh mẹ", "Họ tên cha", "Ngày sinh cha", "Nơi cư trú", "Tổ dân phố"),
    *("Ngày trao giấy khai sinh", "Loại đăng ký", "Ghi chú"),
)
BIRTH_DEFECTS = (
    Defect(
        name="born after it was registered",
        change=lambda row: put(row, B_CHILD_BORN, row[B_DAY] + timedelta(1)),
    ),
    Defect(name="a mother of seventy", change=lambda row: put(row, B_MOTHER_BORN, date(1956, 1, 1))),
    Defect(name="a father of seven", change=lambda row: put(row, B_FATHER_BORN, date(2019, 1, 1))),
    Defect(
        name="a mother alone",
        change=lambda row: put(put(row, B_FATHER, ""), B_FATHER_BORN, ""),
        fate="new",
        letter=True,
    ),
    Defect(
        name="a birth copied from an old book", change=lambda row: put(row, B_TYPE, "Đăng ký lại"), fate="new"
    ),
)
REPORT_TITLES = (
    *("Họ tên người mất", "Giới tính", "Năm sinh người mất", "Ngày mất", "Tổ dân phố", "Địa chỉ"),
    *("Ngày báo tin", "Người báo tin", "Người đại diện gia đình", "Quan hệ với người mất", "Ghi chú"),
)
R_DIED, R_GROUP, R_TOLD, R_REMARK = 3, 4, 6, 10
UNCONFIRMED = "nobody has confirmed the death"
REPORT_DEFECTS = (
    Defect(name="told before it happened", change=lambda row: put(row, R_TOLD, row[R_DIED] - timedelta(2))),
    Defect(name="nobody knows of which group", change=lambda row: put(row, R_GROUP, "")),
    Defect(name=UNCONFIRMED, change=list, fate="new"),
    Defect(name="an accident", change=lambda row: put(row, R_REMARK, "tai nạn giao thông"), fate="new"),
)
DEATH_TITLES = (
    *("Số đăng ký", "Quyển số", "Ngày đăng ký", "Họ tên người mất", "Giới tính", "Ngày sinh người mất"),
    *("Ngày mất", "Nơi cư trú cuối cùng", "Tổ dân phố"),
)
GROOM_DIED, HOUSE_MOURNS = "the groom has died since", "the house of the bride mourns"
D_STATE, D_DUE = 7, 4
DOSSIERS = of(tuple(DOSSIER_DEFECTS)[:8], DOSSIER_DEFECTS)
WAITS = Defect(
    name="the applicant was asked for more", change=lambda row: put(row, D_STATE, "Chờ bổ sung"), fate="new"
)
ENTERED_AGAIN = "entered again in the next file"
CORRECTED = "corrected in the next file"
OLD_FONT = "a file in the letters of TCVN3"
PUT_OFF, PUT_OFF_TWICE = "put off in the next file", "put off twice"


def pieces(text: str) -> str:
    return unicodedata.normalize("NFD", text).replace(" ", "\u00a0 ")
