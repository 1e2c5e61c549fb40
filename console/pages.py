"""Pages written by the server: one environment, autoescape always on, words for moments as people say them."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.door import ROOT
from knowledge.calendar import here
from knowledge.when import WEEKDAYS, clock
from records.cases import Permission

if TYPE_CHECKING:
    from console.visit import Visit

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"
MENU: Final = (  # address below the console, title, permissions of which one shows it (none: everybody)
    ("", "Hôm nay", ()),
    ("/phan-anh", "Phản ánh", (Permission.ANSWER_FEEDBACK, Permission.ASSIGN_FEEDBACK)),
    ("/thu", "Thư", (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)),
    ("/nhap", "Nhập dữ liệu", (Permission.IMPORT_RECORDS,)),
    ("/thu-tuc", "Thủ tục", ()),
    ("/noi-dung", "Nội dung", (Permission.EDIT_KNOWLEDGE,)),
    ("/nguoi-dan", "Người dân và hồ sơ", (Permission.IMPORT_RECORDS, Permission.DRAFT_LETTERS)),
    ("/can-bo", "Cán bộ", (Permission.MANAGE_STAFF,)),
    ("/bao-cao", "Báo cáo", (Permission.SEE_REPORTS,)),
    ("/nhat-ky", "Nhật ký", (Permission.MANAGE_STAFF,)),
)


class Pages:
    """Every template of the console."""

    menu = MENU

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            moment=moment, day=day, left=left, number=number, path=path, kb=kilobytes
        )
        self._environment.globals.update(P=Permission, ROOT=ROOT, version=_version())

    def write(self, visit: "Visit", template: str, facts: Mapping[str, Any]) -> str:
        """Return *template* filled with *facts*."""
        return self._environment.get_template(template).render(
            visit=visit, now=visit.now, ward=visit.house.shelf.ward, **facts
        )


def moment(value: datetime | None) -> str:
    """Return "15:40 thứ Sáu 20/11/2026"; "—" where there is none."""
    if value is None:
        return "—"
    wall = here(value)
    return f"{clock(value)} {WEEKDAYS[wall.weekday()]} {wall:%d/%m/%Y}"


def day(value: date | datetime | None) -> str:
    """Return "20/11/2026"; "—" where there is none."""
    if value is None:
        return "—"
    wall = here(value).date() if isinstance(value, datetime) else value
    return f"{wall:%d/%m/%Y}"


def left(value: datetime | None, now: datetime) -> str:
    """Return "còn 3 giờ 20 phút" or "quá hạn 2 ngày", by the wall clock."""
    if value is None:
        return ""
    return f"còn {_span(value - now)}" if value >= now else f"quá hạn {_span(now - value)}"


def _span(much: timedelta) -> str:
    minutes = int(much.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} ngày {hours} giờ" if hours and days < 3 else f"{days} ngày"  # noqa: PLR2004  hours matter near the end only
    if hours:
        return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"
    return f"{rest} phút"


def number(value: float | None) -> str:
    """Return "1.234" or "12,5" as Vietnamese writes numbers; "chưa có số liệu" where there is none."""
    if value is None:
        return "chưa có số liệu"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


def kilobytes(size: int) -> str:
    """Return "12 KB"."""
    return f"{max(1, round(size / 1024))} KB"


def path(below: str) -> str:
    """Return an address of the console: `'/thu'|path`."""
    return ROOT + below


def _version() -> str:
    content = b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()) if file.is_file())
    return hashlib.sha256(content).hexdigest()[:12]
