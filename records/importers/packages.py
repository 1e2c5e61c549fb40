"""What a file is, told by its first bytes; and an XLSX looked through before it is unpacked.

The name's ending is never asked. A package is refused when it would unpack to more than we
take, when its XML declares entities, or when a cell claims to stand where no register reaches.
"""

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum

from records.importers.rows import FileRefused

MAX_FILE = 20 << 20
MAX_UNPACKED = 200 << 20
MAX_ENTRIES = 2000
_LOCAL = struct.Struct("<4s5H3L2H")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# A column beyond GR (200), or a row beyond 100,999. As every program writes it: who writes it
# otherwise to deceive meets the limits of the cage.
_FAR = re.compile(
    rb' r="(?:(?:G[S-Z]|[H-Z][A-Z]|[A-Z]{3,})\d|[A-Z]*(?:\d{7}|[2-9]\d{5}|1(?:0[1-9]|[1-9]\d)\d{3}))'
)
_FORMULA = re.compile(rb"<f[ >/]")
_EMPTY_FORMULA = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_HIDDEN_COLUMN = re.compile(rb'<col\s[^>]*hidden="(?:1|true)"')
_HIDDEN_ROW = re.compile(rb'<row\s[^>]*hidden="(?:1|true)"')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SAVE_AS = "Mời mở tệp bằng Excel, chọn Lưu thành (Save As) kiểu “Excel Workbook (.xlsx)” rồi nạp lại."


class Shape(StrEnum):
    """The four shapes we read."""

    XLSX = "xlsx"
    XLS = "xls"
    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Peculiar:
    """What the XML of a workbook says that its values do not."""

    formulas: int = 0
    empty_formulas: tuple[str, ...] = ()
    hidden_columns: int = 0
    hidden_rows: int = 0


_FOREIGN = (
    (b"%PDF", "tệp PDF"),
    (b"\x89PNG", "tệp ảnh"),
    (b"\xff\xd8\xff", "tệp ảnh"),
    (b"Rar!", "tệp nén RAR"),
    (b"7z\xbc\xaf", "tệp nén 7z"),
    (b"{\\rtf", "tệp văn bản RTF"),
    (b"MIME-Version", "trang web lưu một tệp (MHT)"),
)


def shape(content: bytes) -> Shape:
    """Say what *content* is. Raises FileRefused for what no register is kept in."""
    if not content.strip(b"\0 \t\r\n"):
        raise FileRefused("Tệp rỗng.", "Mời kiểm tra lại tệp rồi nạp lại.")
    if len(content) > MAX_FILE:
        raise FileRefused("Tệp lớn hơn 20 MB.", "Mời xóa ảnh trong tệp hoặc chia sổ thành nhiều tệp.")
    for start, what in _FOREIGN:
        if content.startswith(start):
            raise FileRefused(f"Đây là {what}, không phải bảng tính.", _SAVE_AS)
    if content.startswith(b"PK"):
        return Shape.XLSX
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return _compound(content)
    return _text(content)


def _compound(content: bytes) -> Shape:
    """Tell an old workbook from the envelope of an encrypted new one."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise locked()
    if "WordDocument".encode("utf-16-le") in content:
        raise FileRefused("Đây là tệp Word, không phải bảng tính.", _SAVE_AS)
    return Shape.XLS


def locked() -> FileRefused:
    """Return the refusal of a file with a password."""
    return FileRefused("Tệp được đặt mật khẩu.", "Mời bỏ mật khẩu (Tệp → Thông tin → Bảo vệ) rồi nạp lại.")


def _text(content: bytes) -> Shape:
    head = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head and head.startswith(b"<?xml"):
        raise FileRefused("Đây là bảng tính XML kiểu cũ (Excel 2003).", _SAVE_AS)
    if head.startswith(
        (b"<!doctype", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<style", b"<div")
    ) or (head.startswith((b"<?xml", b"<!--")) and b"<html" in head):
        return Shape.HTML
    if head.startswith((b"<?xml", b"<")):
        raise FileRefused("Tệp này không phải bảng tính.", _SAVE_AS)
    return Shape.TEXT


def look_through(content: bytes) -> Peculiar:
    """Unpack an XLSX piece by piece, keeping nothing, and refuse what is not a plain workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
        raise broken() from error
    names = {entry.filename for entry in entries}
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _bomb()
    if "xl/workbook.xml" not in names:
        what = "tệp Word" if "word/document.xml" in names else "tệp nén hoặc bảng tính kiểu khác"
        raise FileRefused(f"Đây là {what}, không phải tệp XLSX.", _SAVE_AS)
    return _look(content, entries)


def _look(content: bytes, entries: list[zipfile.ZipInfo]) -> Peculiar:
    left, found = MAX_UNPACKED, []
    for entry in entries:
        part = _unpack(content, entry, left)
        left -= len(part)
        name = entry.filename.lower()
        if name.endswith((".xml", ".rels")) and (b"\0" in part[:200] or _ENTITY.search(part)):
            raise FileRefused("Tệp chứa khai báo lạ không có trong bảng tính thường.", _SAVE_AS)
        if _SHEET.fullmatch(name):
            found.append(_peculiar(part))
    return Peculiar(
        formulas=sum(one.formulas for one in found),
        empty_formulas=tuple(cell for one in found for cell in one.empty_formulas),
        hidden_columns=sum(one.hidden_columns for one in found),
        hidden_rows=sum(one.hidden_rows for one in found),
    )


def _peculiar(part: bytes) -> Peculiar:
    if _FAR.search(part):
        raise too_large()
    formulas = len(_FORMULA.findall(part))
    return Peculiar(
        formulas=formulas,
        empty_formulas=tuple(cell.decode() for cell in _EMPTY_FORMULA.findall(part)) if formulas else (),
        hidden_columns=len(_HIDDEN_COLUMN.findall(part[:100_000])),
        hidden_rows=len(_HIDDEN_ROW.findall(part)) if b"hidden=" in part else 0,
    )


def _unpack(content: bytes, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return the real bytes of *entry*, whatever size the directory claims."""
    if entry.flag_bits & 1:
        raise locked()
    start = entry.header_offset
    if (
        entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        or not 0 <= start <= len(content) - _LOCAL.size
    ):
        raise broken()
    *_, name_length, extra_length = _LOCAL.unpack_from(content, start)
    start += _LOCAL.size + name_length + extra_length
    packed = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        try:
            packed = zlib.decompressobj(-15).decompress(packed, most + 1)
        except zlib.error as error:
            raise broken() from error
    if len(packed) > most:
        raise _bomb()
    return packed


def _bomb() -> FileRefused:
    return FileRefused("Tệp bung ra lớn hơn 200 MB.", "Mời chia sổ thành nhiều tệp nhỏ hơn rồi nạp lại.")


def too_large() -> FileRefused:
    """Return the refusal of a sheet with too many rows or columns."""
    return FileRefused(
        "Bảng vượt quá 100.000 dòng hoặc 200 cột.",
        "Mời xóa các ô thừa ở xa bảng (kể cả ô chỉ có định dạng), hoặc chia sổ thành nhiều tệp.",
    )


def broken() -> FileRefused:
    """Return the refusal of a file that cannot be opened."""
    return FileRefused("Tệp bị hỏng hoặc chưa lưu xong, không mở được.", _SAVE_AS)
