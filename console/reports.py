"""Báo cáo: a month, a quarter, a year; charts with their tables; to take home as XLSX and PDF.

Nothing is made up: where nothing was counted stands "chưa có số liệu".
"""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped] # it ships no types
from aiohttp import web

from console.door import Door, get
from console.pages import number
from console.visit import Visit
from feedback import figures
from feedback.figures import Figures
from feedback.listing import SOURCES
from knowledge.calendar import HERE, here
from letters import figures as letter_figures
from letters.paper import Letterhead, ReportPaper, ReportTable
from records import tallies, trace
from records.cases import Permission
from records.letters import Route
from records.tables import ChannelName

SEE: Final = Permission.SEE_REPORTS
FIRST_YEAR: Final = 2025
KINDS: Final = (("thang", "Tháng"), ("quy", "Quý"), ("nam", "Năm"))
MONTHS: Final = {"thang": 1, "quy": 3, "nam": 12}
RATINGS: Final = {1: "Hài lòng", 2: "Tạm được", 3: "Chưa hài lòng"}
VERDICTS: Final = (
    ("lookup.sure", "Trả lời ngay"),
    ("lookup.choice", "Đưa ra vài thủ tục để chọn"),
    ("lookup.elsewhere", "Chỉ đến nơi khác có thẩm quyền"),
    ("lookup.none", "Chưa tìm được"),
)
CHANNELS: Final[Mapping[ChannelName, str]] = {
    ChannelName.ZALO: "Zalo OA",
    ChannelName.ZALO_BOT: "Zalo Bot",
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.WEB: "Khung chat web",
}
ROUTES: Final = (
    (Route.CHAT, "Qua chat"),
    (Route.PAPER, "Trao tận tay"),
    (Route.WAITING, "Chờ người nhận nhắn"),
    (Route.NONE, "Không gửi"),
)


@dataclass(frozen=True, kw_only=True)
class Period:
    """A month, a quarter or a year of the ward's calendar; `before` is the first day no longer in it."""

    kind: str
    first: date
    before: date

    @property
    def title(self) -> str:
        """Return "tháng 11/2026", "quý IV/2026" or "năm 2026"."""
        if self.kind == "thang":
            return f"tháng {self.first.month}/{self.first.year}"
        if self.kind == "quy":
            return f"quý {('I', 'II', 'III', 'IV')[self.first.month // 3]}/{self.first.year}"
        return f"năm {self.first.year}"

    @property
    def since(self) -> datetime:
        """Return its first moment."""
        return datetime.combine(self.first, time.min, tzinfo=HERE)

    @property
    def until(self) -> datetime:
        """Return the first moment after it."""
        return datetime.combine(self.before, time.min, tzinfo=HERE)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart, out of 100."""

    label: str
    value: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table of the report: titles, rows of texts and numbers, and the bars above it if there are any."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    bars: tuple[Bar, ...] = ()
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A report, ready to be shown, written to a book, or printed."""

    period: Period
    tiles: tuple[tuple[str, str], ...]
    sheets: tuple[Sheet, ...]


def period_of(visit: Visit) -> Period:
    """Return the time the address asks for; this month without a word, the nearest one for nonsense."""
    kind = visit.asked("ky", "thang")
    kind = kind if kind in MONTHS else "thang"
    today, length = visit.today, MONTHS[kind]
    year = _between(visit.asked("nam"), FIRST_YEAR, today.year, today.year)
    month = _between(visit.asked("thang"), 1, 12, today.month)
    first = date(year, (month - 1) // length * length + 1, 1)
    months = first.year * 12 + first.month - 1 + length
    return Period(kind=kind, first=first, before=date(months // 12, months % 12 + 1, 1))


def _between(text: str, least: int, most: int, default: int) -> int:
    known = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else default  # noqa: PLR2004  a year
    return min(max(known, least), most)


async def made(visit: Visit, period: Period) -> Whole:
    """Return the report of *period*."""
    cases = await figures.report(visit.db, period.since, period.until, visit.now)
    kinds = await letter_figures.by_kind(visit.db, period.since, period.until)
    last = date.fromordinal(period.before.toordinal() - 1)
    counted = await tallies.totals(visit.db, "lookup.", period.first, last)
    return Whole(
        period=period,
        tiles=_tiles(cases),
        sheets=(
            _by("Theo lĩnh vực", "Lĩnh vực", cases.by_category, _category_names(visit)),
            _by("Theo đơn vị", "Đơn vị", cases.by_desk, _desk_names(visit)),
            _counts("Cách gửi phản ánh", "Cách gửi", cases.by_source, SOURCES),
            _ratings(cases.whole),
            _letters(visit, kinds),
            _lookups(counted),
            _channels(counted),
        ),
    )


def _tiles(cases: figures.Report) -> tuple[tuple[str, str], ...]:
    whole = cases.whole
    some = whole.received > 0
    share = whole.share_on_time
    return (
        ("Phản ánh đã nhận", number(whole.received) if some else number(None)),
        ("Trả lời đúng hạn", f"{number(round(share, 1))} %" if share is not None else number(None)),
        ("Trễ hạn", number(whole.late) if some else number(None)),
        ("Đang xử lý, còn hạn", number(whole.open_in_time) if some else number(None)),
        ("Người dân nói “chưa xong”", number(whole.reopened) if some else number(None)),
        (
            "Thời gian đến câu trả lời đầu tiên (trung vị)",
            f"{number(round(cases.waiting_hours, 1))} giờ"
            if cases.waiting_hours is not None
            else number(None),
        ),
    )


def _category_names(visit: Visit) -> Mapping[str, str]:
    return {one.code: one.title for one in visit.house.shelf.concerns.categories}


def _desk_names(visit: Visit) -> Mapping[str, str]:
    return {desk.code: desk.name for desk in visit.house.shelf.ward.desks.desks}


def _by(title: str, what: str, rows: Mapping[str, Figures], names: Mapping[str, str]) -> Sheet:
    ordered = sorted(rows.items(), key=lambda row: (-row[1].received, row[0]))
    return Sheet(
        title=title,
        columns=(what, "Nhận", "Đúng hạn", "Trễ", "Còn hạn", "Mở lại", "% đúng hạn"),
        rows=tuple(
            (
                names.get(code, code),
                one.received,
                one.on_time,
                one.late,
                one.open_in_time,
                one.reopened,
                None if one.share_on_time is None else round(one.share_on_time, 1),
            )
            for code, one in ordered
        ),
        bars=_bars([(names.get(code, code), one.received) for code, one in ordered]),
        unit="việc",
    )


def _counts(title: str, what: str, rows: Mapping[str, int], names: Mapping[Any, str]) -> Sheet:
    ordered = sorted(rows.items(), key=lambda row: -row[1])
    named = [(names.get(code, code), times) for code, times in ordered]
    return Sheet(title=title, columns=(what, "Số việc"), rows=tuple(named), bars=_bars(named), unit="việc")


def _ratings(whole: Figures) -> Sheet:
    named = [(said, whole.ratings.get(mark, 0)) for mark, said in RATINGS.items()] if whole.ratings else []
    return Sheet(
        title="Người dân đánh giá",
        columns=("Đánh giá", "Số việc"),
        rows=tuple(named),
        bars=_bars(named),
        unit="việc",
    )


def _letters(visit: Visit, kinds: Sequence[letter_figures.Kind]) -> Sheet:
    titles = visit.letters.shelf.templates.by_name

    def title(name: str) -> str:
        return titles[name].title if name in titles else name

    return Sheet(
        title="Thư đã ký, theo loại",
        columns=("Loại thư", "Đã ký", "Đã dừng", "Người nhận", *(said for _, said in ROUTES)),
        rows=tuple(
            (
                title(kind.template),
                kind.signed,
                kind.halted,
                kind.people,
                *(kind.by_route.get(route, 0) for route, _ in ROUTES),
            )
            for kind in kinds
        ),
        bars=_bars([(title(kind.template), kind.signed) for kind in kinds]),
        unit="thư",
    )


def _lookups(counted: Mapping[tuple[str, ChannelName], int]) -> Sheet:
    sums = {what: sum(times for (name, _), times in counted.items() if name == what) for what, _ in VERDICTS}
    named = [(said, sums[what]) for what, said in VERDICTS] if any(sums.values()) else []
    return Sheet(
        title="Hỏi thủ tục", columns=("Kết quả", "Số lượt"), rows=tuple(named), bars=_bars(named), unit="lượt"
    )


def _channels(counted: Mapping[tuple[str, ChannelName], int]) -> Sheet:
    sums = {
        channel: sum(times for (_, name), times in counted.items() if name == channel) for channel in CHANNELS
    }
    named = [(said, sums[channel]) for channel, said in CHANNELS.items() if sums[channel]]
    return Sheet(
        title="Hỏi thủ tục, theo kênh",
        columns=("Kênh", "Số lượt"),
        rows=tuple(named),
        bars=_bars(named),
        unit="lượt",
    )


def _bars(rows: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    most = max((value for _, value in rows), default=0)
    if not most:
        return ()
    return tuple(
        Bar(label=label, value=value, width=round(100 * value / most, 1)) for label, value in rows[:12]
    )


async def page(visit: Visit) -> web.Response:
    """Show a report."""
    period = period_of(visit)
    return visit.page(
        "reports.html",
        whole=await made(visit, period),
        kinds=KINDS,
        years=[(year, year) for year in range(visit.today.year, FIRST_YEAR - 1, -1)],
        months=[(month, f"Tháng {month}") for month in range(1, 13)],
        counted_since=await tallies.since(visit.db),
        running=period.until > visit.now,
    )


async def export(visit: Visit) -> web.Response:
    """Take the report home as a book with a sheet for each table, or as a printed paper."""
    async with visit.house.database.reading() as db:
        visit.session = db
        whole = await made(visit, period_of(visit))
        press = visit.letters.shelf.press
        head = visit.letters.head
    visit.session = None
    kind = visit.request.match_info["kind"]
    if kind == "xlsx":
        body, of_type = await asyncio.to_thread(_book, whole), _XLSX
    else:
        body, of_type = await asyncio.to_thread(press.pdf, paper(whole, head, visit)), "application/pdf"
    async with visit.house.database.writing() as db:
        on, detail = f"bao-cao:{whole.period.first}", {"kind": kind, "period": whole.period.kind}
        await trace.leave(db, who=visit.person.login, what="export", on=on, detail=detail, now=visit.now)
    file = f"bao-cao-{whole.period.kind}-{whole.period.first:%Y-%m}.{kind}"
    headers = {"Content-Type": of_type, "Content-Disposition": f'attachment; filename="{file}"'}
    return web.Response(body=body, headers=headers)


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _book(whole: Whole) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        first = book.add_worksheet("Tóm tắt")
        first.set_column(0, 0, 46)
        first.write_string(0, 0, f"Báo cáo {whole.period.title}", bold)
        for line, (title, much) in enumerate(whole.tiles, 2):
            first.write_string(line, 0, title)
            first.write_string(line, 1, much)
        for one in whole.sheets:
            sheet = book.add_worksheet(one.title.replace(",", "")[:31])
            sheet.set_column(0, 0, 40)
            for line, row in enumerate((one.columns, *one.rows)):
                for place, value in enumerate(row):
                    if isinstance(value, int | float):
                        sheet.write_number(line, place, value)
                    else:
                        sheet.write_string(line, place, _words(value), bold if line == 0 else None)
            if not one.rows:
                sheet.write_string(1, 0, number(None))
    return content.getvalue()


def _words(value: object) -> str:
    return number(None) if value is None else str(value)


def paper(whole: Whole, head: Letterhead, visit: Visit) -> ReportPaper:
    """Return the report as a sheet for the press."""
    return ReportPaper(
        head=head,
        dated=here(visit.now).date(),
        title=f"Báo cáo tiếp nhận phản ánh, gửi thư và hướng dẫn thủ tục {whole.period.title}",
        facts=whole.tiles,
        tables=tuple(
            ReportTable(
                title=one.title,
                columns=one.columns,
                rows=tuple(
                    tuple(number(value) if isinstance(value, int | float) else _words(value) for value in row)
                    for row in one.rows
                ),
                widths=tuple(bar.width for bar in one.bars),
            )
            for one in whole.sheets
        ),
    )


DOORS: tuple[Door, ...] = (
    get("/bao-cao", page, SEE),
    get("/bao-cao.{kind:xlsx|pdf}", export, SEE, second=True, alone=True),
)
