"""One cell read as what its column holds: a name, a number, a phone; or said why it is not.

A cell is `strange` when it holds another kind of thing than its column does (a date among the
names): the sign of cells that moved, weighed over the whole sheet in `pairing`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from records.importers import dates
from records.importers.encodings import is_of_old_font
from records.importers.rows import Fact
from records.importers.sheet import Cell

# "ánh" among capitalised words: TCVN3 keeps its capitals in another font. A foreigner's "van" stays.
_INITIAL = re.compile(r"(?:^|(?<= ))[^\x00-\x7f]")
_LONGEST_NAME = 60
_LONGEST_TEXT = 500
_FIGURE = re.compile(r"\d")
_FIGURES = re.compile(r"[+\d][\d .\-]{8,}")
_ERRORS = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)|#+")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’\-])*")
_TWO_NAMES = re.compile(r"[,;/\\\n|&+]|\s(?:và|\-)\s", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:số\s*:?\s*)?0*(\d{1,6})\s*([a-zđ]?)(?:\s*[/\-]\s*((?:19|20)\d{2}))?(?:\s*[/\-]?\s*[A-ZĐ\-]+)?",
    re.IGNORECASE,
)
_BOOK = re.compile(
    r"(?:quyển|sổ)?\s*(?:số)?\s*:?\s*0*(\d{1,4})(?:\s*[/\-.]\s*((?:19|20)\d{2}))?(?:\s*[/\-]?\s*[A-ZĐ\-]+)?",
    re.IGNORECASE,
)
_BOOK_OF_YEAR = re.compile(r"((?:19|20)\d{2})\s*[/\-.]\s*0*(\d{1,3})")
_CODE = re.compile(r"[A-Z0-9Đ][A-Z0-9Đ./_\-]{1,39}", re.IGNORECASE)
_SEXES = {
    "nam": "nam",
    "nữ": "nữ",
    "nu": "nữ",
    "trai": "nam",
    "gái": "nữ",
    "m": "nam",
    "f": "nữ",
    "male": "nam",
    "female": "nữ",
}
_YES = {
    "có": 1,
    "co": 1,
    "x": 1,
    "đồng ý": 1,
    "dong y": 1,
    "1": 1,
    "true": 1,
    "không": 0,
    "khong": 0,
    "0": 0,
    "false": 0,
    "không đồng ý": 0,
}
_MONEY = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d+")
_PHONE = re.compile(r"0(?:[35789]\d{8}|2\d{8,9})")
_OUR_CODE = "84"  # E.164, Viet Nam
_ID_LENGTHS = {8: 9, 9: 9, 10: 12, 11: 12, 12: 12}  # figures left → figures there were
_PROVINCES = 96  # codes 001 to 096 (Thông tư 59/2021/TT-BCA, phụ lục I); numbers once given stay


class Unread(Exception):
    """The cell cannot be taken: why, what to do, and whether it smells of cells that moved."""

    def __init__(
        self, why: str, todo: str = "Mời sửa lại ô này theo sổ gốc.", *, strange: bool = False
    ) -> None:
        super().__init__(why)
        self.why, self.todo, self.strange = why, todo, strange


def is_empty(cell: Cell) -> bool:
    """Tell whether nothing stands in *cell*; a dash or an ellipsis says nothing either."""
    return isinstance(cell, str) and cell.strip("-–—._… ") == ""


def plain(cell: Cell) -> str:
    """Return *cell* as text: a whole number without ".0"."""
    if isinstance(cell, bool) or cell is None:
        raise Unread("ô này không phải chữ hay số", strange=True)
    if isinstance(cell, date):
        raise Unread("ô này là một ngày, không phải nội dung của cột", strange=True)
    if isinstance(cell, float | int):
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    if _ERRORS.fullmatch(cell):
        raise Unread("ô này là lỗi công thức", "Mời sửa công thức hoặc gõ giá trị vào ô.")
    return cell


def text(cell: Cell) -> str:
    """Read free text on one line."""
    found = " ".join(plain(cell).split())
    if len(found) > _LONGEST_TEXT:
        raise Unread(f"ô này dài hơn {_LONGEST_TEXT} chữ", strange=True)
    if _FIGURE.search(found) and (dates.looks_like_date(found) or _FIGURES.fullmatch(found)):
        raise Unread("cột chữ lại chứa ngày, số điện thoại hoặc số định danh", strange=True)
    return found


def name(cell: Cell) -> str:
    """Read the name of one person. A name without any capital is given them."""
    written = plain(cell)
    if _TWO_NAMES.search(written.strip()):
        raise Unread(
            "ô này có vẻ chứa tên của hai người", "Mời tách mỗi người một ô, một dòng.", strange=True
        )
    found = " ".join(written.split())
    if any(map(str.isdigit, found)):
        raise Unread("cột họ tên lại có chữ số", strange=True)
    if "?" in found or "\ufffd" in found:
        raise Unread(
            "họ tên bị mất dấu tiếng Việt khi lưu tệp", "Mời lấy lại tệp gốc, lưu thành .xlsx.", strange=True
        )
    if not found.isascii() and any(map(is_of_old_font, found.split())):
        raise Unread(
            "chữ của ô này gõ bằng phông cũ, khác các ô khác", "Mời gõ lại ô này bằng Unicode.", strange=True
        )
    if len(found) > _LONGEST_NAME or not _NAME.fullmatch(found):
        raise Unread("không đọc được thành họ tên", strange=True)
    if " " not in found:
        raise Unread("họ tên chỉ có một chữ", "Mời ghi đủ họ và tên.")
    return found.title() if found.islower() else _INITIAL.sub(lambda letter: letter[0].upper(), found)


def party(cell: Cell) -> str:
    """Read a person or an organisation, which may have figures in its name."""
    found = text(cell)
    if not any(map(str.isalpha, found)):
        raise Unread("cột tên lại không có chữ cái nào", strange=True)
    return found


def number(cell: Cell) -> str:
    """Read a number of a register as "57", or "57/2026" when it names its year."""
    found = _NUMBER.fullmatch(plain(cell).strip())
    if not found or not int(found[1]):
        raise Unread("không đọc được thành số đăng ký", strange=True)
    return found[1] + found[2].upper() + (f"/{found[3]}" if found[3] else "")


def book(cell: Cell) -> str:
    """Read the number of a book as "1", or "1/2026" when it names its year."""
    return _book(plain(cell).strip())


@lru_cache(maxsize=5000)
def _book(written: str) -> str:
    if turned := _BOOK_OF_YEAR.fullmatch(written):
        return f"{int(turned[2])}/{turned[1]}"
    found = _BOOK.fullmatch(written)
    if not found:
        raise Unread("không đọc được thành số quyển", strange=True)
    return str(int(found[1])) + (f"/{found[2]}" if found[2] else "")


def year(cell: Cell) -> int:
    """Read a year."""
    written = plain(cell).strip().lower().removeprefix("năm").strip()
    if not written.isdecimal() or int(written) not in range(dates.OLDEST.year, dates.NEWEST.year + 1):
        raise Unread("không đọc được thành năm", strange=True)
    return int(written)


def sex(cell: Cell) -> str:
    """Read "nam" or "nữ"."""
    found = _SEXES.get(plain(cell).strip().lower())
    if found is None:
        raise Unread("cột giới tính chỉ nhận “nam” hoặc “nữ”", strange=True)
    return found


def yes(cell: Cell) -> int:
    """Read consent as 1 or 0; anything else is no consent and no guess."""
    found = int(cell) if isinstance(cell, bool) else _YES.get(plain(cell).strip().lower())
    if found is None:
        raise Unread("ô này phải ghi “có” hoặc “không”", "Mời ghi “có” hoặc “không”.")
    return found


def phone(cell: Cell) -> str:
    """Read one phone number; a leading zero that a spreadsheet dropped is put back.

    >>> phone(900000123.0), phone("+84 900 000 123")
    ('0900000123', '0900000123')
    """
    digits = re.sub(r"[\s.()\-\u2010-\u2015]", "", plain(cell))
    if digits.startswith("+"):
        digits = digits[1:] if digits.startswith("+" + _OUR_CODE) else digits
    if digits.startswith(_OUR_CODE) and len(digits) > len("84900000000") - 1:
        digits = digits.removeprefix(_OUR_CODE)
    digits = digits if digits.startswith("0") else "0" + digits
    if not digits.isascii() or not _PHONE.fullmatch(digits):
        strange = not any(map(str.isdigit, digits[1:]))
        raise Unread(
            "không phải một số điện thoại", "Mời ghi một số điện thoại, đủ 10 chữ số.", strange=strange
        )
    return digits


def identity(cell: Cell) -> str:
    """Read a personal identification number (12 figures) or an old card's (9).

    Zeros in front that a spreadsheet dropped are put back.
    """
    digits = re.sub(r"[\s.\-]", "", plain(cell))
    if not (digits.isascii() and digits.isdecimal()) or len(digits) not in _ID_LENGTHS:
        why = "số định danh phải có 12 chữ số (hoặc 9 với thẻ cũ)"
        raise Unread(why, strange=not digits.isdecimal())
    digits = digits.zfill(_ID_LENGTHS[len(digits)])
    if len(digits) == len("001098000123") and not 1 <= int(digits[:3]) <= _PROVINCES:
        raise Unread("số định danh không bắt đầu bằng mã tỉnh, thành phố")
    return digits


def code(cell: Cell) -> str:
    """Read a code in capitals, without spaces."""
    found = "".join(plain(cell).split()).upper()
    if not _CODE.fullmatch(found) or not any(map(str.isdigit, found)):
        raise Unread("không đọc được thành mã", strange=True)
    return found


def money(cell: Cell) -> int:
    """Read an amount in đồng, without fractions."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if cell < 0 or not float(cell).is_integer():
            raise Unread("số tiền phải là số nguyên đồng")
        return int(cell)
    found = re.sub(r"(?:\s|đồng|đ|vnđ|vnd)+$", "", plain(cell).strip().lower())
    if not _MONEY.fullmatch(found.replace(" ", "")):
        raise Unread(
            "không đọc được thành số tiền",
            "Mời ghi số tiền bằng chữ số, đơn vị đồng.",
            strange=not any(map(str.isdigit, found)),
        )
    return int(re.sub(r"\D", "", found))


READERS: Mapping[str, Callable[[Cell], Fact]] = {
    "name": name,
    "party": party,
    "text": text,
    "number": number,
    "book": book,
    "year": year,
    "sex": sex,
    "yes": yes,
    "phone": phone,
    "id": identity,
    "code": code,
    "money": money,
}
DATES = frozenset({"date", "birth"})
