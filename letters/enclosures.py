"""Sheets the ward has approved to go along with a letter: a PDF or a picture, and a few words about it.

In the folder `letters` of the ward's own pages, side by side: `nep-song-van-minh.pdf` (or `.png`,
`.jpg`) and `nep-song-van-minh.toml`, which says for which letters it is and who approved it. A
letter promises a sheet only where there is one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from knowledge.sheet import Sheet, SheetError, open_sheet
from records.media import MediaStore

LARGEST: Final = 5 * 1024 * 1024  # bytes; Zalo takes no larger file
PAGE: Final = "enclosed"  # the page of `Letter.facts` that says what the words promise
_BEGINS: Final[Mapping[str, bytes]] = {
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
}


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """One sheet. `goes_with` names templates; `sha256` is of the file as it was loaded."""

    name: str
    title: str
    goes_with: tuple[str, ...]
    approved_by: str
    approved_on: date
    suffix: str
    content: bytes
    sha256: str

    @property
    def is_picture(self) -> bool:
        """Tell whether a chat shows it as a picture."""
        return self.suffix != ".pdf"

    def page(self) -> dict[str, Any]:
        """Return what a letter keeps of the sheet it promises."""
        told = f"{self.title} ({self.approved_by} duyệt ngày {self.approved_on:%d/%m/%Y})"
        return {"name": self.name, "sha256": self.sha256, "told": told}


def load_enclosures(folder: Path, templates: Sequence[str]) -> dict[str, Enclosure]:
    """Return the sheet for each template that has one. Raises SheetError with every defect."""
    problems: list[str] = []
    found: dict[str, Enclosure] = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            one = _read(path, templates)
        except SheetError as error:
            problems += error.problems
            continue
        taken = [name for name in one.goes_with if name in found]
        problems += [f"{path.name}: {name} đã có tờ {found[name].name} đi kèm; chỉ để một" for name in taken]
        found |= dict.fromkeys(one.goes_with, one)
    if problems:
        raise SheetError(problems)
    return found


def promised(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what the letter with these *facts* promises to bring along, or None."""
    page: Mapping[str, Any] | None = facts.get(PAGE)
    return page


async def kept(media: MediaStore, sheet: Enclosure) -> str:
    """Return the name of *sheet* in the media store."""
    return await (media.save_image if sheet.is_picture else media.save)(sheet.content)


def _read(path: Path, templates: Sequence[str]) -> Enclosure:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise SheetError([f"{path.name}: không phải UTF-8; lưu lại bằng bảng mã UTF-8"]) from error
    sheet = open_sheet(text, path.name)
    names = sheet.texts("goes_with")
    if not names:
        sheet.note("goes_with", "cần ít nhất một mẫu thư, ví dụ marriage_congratulation")
    for name in names:
        if name not in templates:
            sheet.note("goes_with", f"mẫu thư {name} không có, hoặc không nhận tờ đi kèm")
    suffix, content = _file(path, sheet)
    enclosure = Enclosure(
        name=path.stem,
        title=sheet.text("title"),
        goes_with=names,
        approved_by=sheet.text("approved_by"),
        approved_on=sheet.day("approved_on"),
        suffix=suffix,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    sheet.finish()
    if sheet.problems:
        raise SheetError(sheet.problems)
    return enclosure


def _file(path: Path, sheet: Sheet) -> tuple[str, bytes]:
    """Return kind and bytes of the sheet beside its front; what is not what its name says is a defect."""
    there = [path.with_suffix(suffix) for suffix in _BEGINS if path.with_suffix(suffix).is_file()]
    if len(there) != 1:
        what = "không thấy" if not there else "có hơn một"
        sheet.note("title", f"{what} tệp {path.stem}.pdf, .png hoặc .jpg bên cạnh; để đúng một tệp")
        return "", b""
    with there[0].open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        sheet.note("title", f"tệp {there[0].name} lớn hơn {LARGEST // 1024 // 1024} MB; nén lại")
    elif not content.startswith(_BEGINS[there[0].suffix]):
        sheet.note("title", f"tệp {there[0].name} không phải tệp {there[0].suffix[1:].upper()} thật")
    return there[0].suffix, content
