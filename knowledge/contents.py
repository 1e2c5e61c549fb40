"""The ward's own pages that staff change in the console: which there are, and what is wrong with a text.

A page is called as its file is. Who answers for which field of work, and who opens the
restricted box (desks.toml), is no content: it stays in the ward's folder.
"""

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from knowledge.board import Checked
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.posting import directory, office, old_wards, petition, plan, reception
from knowledge.sheet import Sheet, SheetError, open_sheet
from knowledge.toml_text import written

LETTERS: Final = "letters/"  # before the name of a letter's words
ENDING: Final = ".txt"
HOLIDAYS: Final = OVERRIDES_FILE.name
LONGEST: Final = 60_000  # characters of one page


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: its file, what staff call it, and what residents read in it."""

    file: str
    title: str
    about: str
    read: Callable[[Sheet], Any] | None = None


PAGES: Final = (
    Page(
        file="office.toml",
        title="Trụ sở, giờ làm việc",
        about="Địa chỉ, điện thoại, giờ mở cửa theo mùa, ngày không hẹn, tiện ích.",
        read=office,
    ),
    Page(
        file="directory.toml",
        title="Danh bạ",
        about="Ai phụ trách việc gì, số điện thoại, lúc nào gọi được.",
        read=directory,
    ),
    Page(
        file="reception.toml",
        title="Lịch tiếp công dân",
        about="Các buổi tiếp, nơi tiếp, giấy tờ mang theo.",
        read=reception,
    ),
    Page(
        file="week.toml",
        title="Lịch công tác tuần",
        about="Việc của Ủy ban từng ngày trong tuần.",
        read=plan,
    ),
    Page(
        file="old_wards.toml",
        title="Tên phường cũ, phường bên",
        about="Phường cũ nay thuộc đâu; liên hệ phường bên cạnh.",
        read=old_wards,
    ),
    Page(
        file="petition.toml",
        title="Nơi nhận khiếu nại, tố cáo",
        about="Nơi tiếp nhận, giờ nhận, nội dung đơn.",
        read=petition,
    ),
    Page(
        file=HOLIDAYS,
        title="Ngày nghỉ, làm bù",
        about="Ngày Nhà nước cho nghỉ hoặc làm bù; mọi thời hạn tính theo đây.",
    ),
)
BY_FILE: Final[Mapping[str, Page]] = {page.file: page for page in PAGES}


def is_letter(page: str) -> bool:
    """Tell whether *page* holds the words of a letter."""
    return page.startswith(LETTERS) and page.endswith(ENDING)


def letter_name(page: str) -> str:
    """Return the name of the letter whose words *page* holds.

    >>> letter_name("letters/condolence.txt")
    'condolence'
    """
    return page.removeprefix(LETTERS).removesuffix(ENDING)


def problems_of(page: str, text: str) -> list[str]:
    """Return what is wrong with *text* as the page of the ward, a line each; words of letters are looked at there."""
    if len(text) > LONGEST:
        return [f"{page}: dài quá {LONGEST} chữ cái; rút gọn lại"]
    try:
        return _problems_of(page, text)
    except RecursionError:  # brackets in brackets in brackets
        return [f"{page}: không đọc được; xem lại dấu ngoặc"]


def _problems_of(page: str, text: str) -> list[str]:
    if page == HOLIDAYS:
        return _holiday_problems(text)
    known, problems = BY_FILE.get(page), list[str]()
    if known is None or known.read is None:
        return [f"{page}: không có trang này"]
    sheet = open_sheet(text, page, problems)
    if not problems:
        known.read(sheet)
    return problems


def _holiday_problems(text: str) -> list[str]:
    try:
        load_overrides(text)
    except SheetError as error:
        return error.problems
    return []


def checked_of(page: str, text: str) -> Checked | None:
    """Return who answers for a page and when it was compared with the truth; None where it does not say."""
    known = BY_FILE.get(page)
    if known is None or known.read is None or problems_of(page, text):
        return None
    found = getattr(known.read(open_sheet(text, page, [])), "checked", None)
    return found if isinstance(found, Checked) else None


def is_same(page: str, one: str, other: str) -> bool:
    """Tell whether two sound texts of *page* say the same; comments and spaces say nothing."""
    if is_letter(page):
        return one.strip() == other.strip()
    return tomllib.loads(one) == tomllib.loads(other)


def line_changes(page: str, before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines around every change: ("+" came, "-" went, " " stayed, "…" left out), each with its text.

    Where comments stand and how lists are broken makes no difference to what a page says.
    """
    old, new = (_plainly(page, text).splitlines() for text in (before, after))
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[3:]
    return [("…", "") if line.startswith("@@") else (line[:1], line[1:]) for line in lines]


def _plainly(page: str, text: str) -> str:
    if is_letter(page):
        return text
    try:
        return written(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
