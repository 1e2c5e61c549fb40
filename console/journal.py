"""Nhật ký: who did what to what, and whether the history is whole."""

import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final

from aiohttp import web

from console import sheets
from console.door import Door, get
from console.sheets import Column
from console.trouble import Refused
from console.visit import Visit
from knowledge.calendar import HERE
from records import journal, trace
from records.cases import Permission
from records.journal import COUNTED, Wanted
from records.tables import Trace

MANAGE: Final = Permission.MANAGE_STAFF
A_PAGE: Final = 50
LAST_PAGE: Final = COUNTED // A_PAGE
KINDS: Final[Mapping[str, str]] = {  # how an act begins, and what a reader calls it
    "": "Tất cả",
    "feedback": "Phản ánh",
    "restricted": "Hộp tin kín",
    "letter": "Thư",
    "import": "Nhập dữ liệu",
    "address": "Gắn tài khoản người dân",
    "residents": "Xem người dân",
    "rights": "Dữ liệu cá nhân",
    "consent": "Đồng ý nhận tin",
    "publish": "Danh mục thủ tục",
    "card": "Thẻ thủ tục",
    "question": "Câu hỏi chưa trả lời",
    "content": "Nội dung",
    "staff": "Cán bộ",
    "console": "Đăng nhập",
    "export": "Xuất dữ liệu",
}
ACTS: Final[Mapping[str, str]] = {
    "card.dropped": "bỏ bản sửa thẻ",
    "card.proposed": "đề nghị công bố thẻ",
    "card.published": "công bố thẻ",
    "card.saved": "soạn bản sửa thẻ",
    "card.taken_up": "lấy lại bản sửa thẻ",
    "console.in": "đăng nhập",
    "console.password": "đổi mật khẩu",
    "console.authenticator": "bật mã xác thực",
    "consent": "đổi ý nhận tin",
    "content.dropped": "bỏ bản nội dung",
    "content.proposed": "đề nghị công bố nội dung",
    "content.published": "công bố nội dung",
    "content.saved": "soạn nội dung",
    "content.taken_up": "lấy lại bản nội dung",
    "export": "xuất bảng",
    "feedback.viewed": "mở việc",
    "feedback.shown": "mở việc của tổ khác",
    "feedback.erased": "xóa việc theo yêu cầu",
    "import": "nhập tệp",
    "import.undone": "hoàn tác nhập",
    "letter.signed": "ký thư",
    "letter.halted": "dừng thư",
    "letter.resumed": "cho gửi tiếp",
    "letter.released": "phát hành thư",
    "letter.finished": "gửi xong thư",
    "letter.handed": "trao thư giấy",
    "letter.mourned": "giữ thư vì nhà có tang",
    "letter.reader": "xác nhận người đọc",
    "letter.recipient": "chọn người nhận",
    "publish": "ban hành danh mục",
    "question.ignored": "bỏ qua câu hỏi",
    "question.named": "thêm tên thường gọi",
    "restricted.answered": "trả lời tin kín",
    "restricted.kept": "nhận tin kín",
    "restricted.listed": "mở hộp tin kín",
    "restricted.read": "đọc tin kín",
    "restored": "khôi phục từ sao lưu",
    "rights.asked": "yêu cầu về dữ liệu",
    "rights.copied": "lập bản sao dữ liệu",
    "rights.done": "xong yêu cầu về dữ liệu",
    "rights.fetched": "tải bản sao dữ liệu",
    "staff.absent": "ghi vắng",
    "staff.changed": "đổi quyền",
    "staff.code": "cấp mã",
    "staff.disabled": "ngừng tài khoản",
    "staff.enabled": "mở lại tài khoản",
    "staff.invited": "mời cán bộ",
    "staff.room": "cấp mã gắn nhóm",
    "staff.sessions": "đăng xuất mọi máy",
    "staff.unbound": "gỡ khung chat",
}


async def lines(visit: Visit) -> web.Response:
    """List what was done, the newest first."""
    wanted, page = _wanted(visit), _page(visit)
    total = await journal.count(visit.db, wanted)
    rows = await journal.find(visit.db, wanted, limit=A_PAGE, offset=(page - 1) * A_PAGE)
    return visit.page(
        "journal.html",
        rows=rows,
        total=total,
        most=COUNTED,
        page=page,
        last=max(1, -(-total // A_PAGE)),
        kinds=KINDS.items(),
        said=said,
        detail=detail,
    )


def _wanted(visit: Visit) -> Wanted:
    kind = visit.asked("loai")
    until = _day(visit, "den")
    return Wanted(
        who=visit.asked("ai"),
        what=kind if kind in KINDS else "",
        on=visit.asked("gi"),
        since=_day(visit, "tu"),
        before=until + timedelta(days=1) if until else None,
    )


def _day(visit: Visit, name: str) -> datetime | None:
    text = visit.asked(name)
    if not text:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time.min, tzinfo=HERE)
    except (ValueError, OverflowError) as error:
        raise Refused("Ngày chưa đúng. Mời anh/chị chọn lại ngày trong bộ lọc.") from error


def _page(visit: Visit) -> int:
    text = visit.asked("trang", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(COUNTED)) else 1
    return min(max(number, 1), LAST_PAGE)


def said(row: Trace) -> str:
    """Return what a line tells, in words where there are some."""
    return ACTS.get(row.what, row.what)


def detail(row: Trace) -> str:
    """Return the numbers a line keeps."""
    return ", ".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in row.detail.items()
    )


async def verify(visit: Visit) -> web.Response:
    """Check every seal of the history."""
    async with visit.house.database.reading() as db:
        if (
            not visit.house.database.is_sqlite
        ):  # one picture: a line added meanwhile is no line that is missing
            await db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        verdict = await trace.verify(db)
    return visit.page("journal_verified.html", verdict=verdict)


async def export(visit: Visit) -> web.Response:
    """Take the lines wanted home."""
    wanted = _wanted(visit)
    async with visit.house.database.reading() as db:
        rows = await journal.find(db, wanted, limit=sheets.MOST)
    columns = (
        Column(title="Lúc", value=lambda row: row.at, width=28),
        Column(title="Ai", value=lambda row: row.who, width=28),
        Column(title="Việc", value=said, width=28),
        Column(title="Với", value=lambda row: row.object, width=28),
        Column(title="Chi tiết", value=detail, width=60),
        Column(title="Số", value=lambda row: row.seq),
    )
    return await sheets.export(visit, "nhat-ky", columns, rows)


DOORS: tuple[Door, ...] = (
    get("/nhat-ky", lines, MANAGE),
    get("/nhat-ky.{kind:csv|xlsx}", export, MANAGE, second=True, alone=True),
    get("/nhat-ky/kiem-tra", verify, MANAGE, alone=True),
)
