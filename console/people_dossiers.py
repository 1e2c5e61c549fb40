"""Hồ sơ: the dossiers of the one-stop desk by what presses, and one by its receipt code."""

from typing import Final

from aiohttp import web

from console.door import Door, get
from console.sheets import Column, export
from console.trouble import NOT_FOUND
from console.visit import Visit
from letters.states import TITLES
from records import dossier_list, dossiers, trace
from records.cases import Permission
from records.dossier_list import Which
from records.dossiers import NAMES
from records.letters import EventKind, Resident

IMPORT: Final = Permission.IMPORT_RECORDS
PAGE: Final = 30
MOST: Final = 100_000  # rows of an export
TITLES_OF: Final = (
    (Which.LATE, "Quá hẹn"),
    (Which.SOON, "Sắp đến hẹn (3 ngày)"),
    (Which.READY, "Đã có kết quả, chờ trả"),
    (Which.STILL, "Chờ bổ sung, tạm dừng"),
    (Which.ALL, "Tất cả"),
)
EVENTS: Final = {
    EventKind.DUE_SOON: "Báo trước là sẽ trễ hẹn",
    EventKind.OVERDUE: "Đã trễ hẹn",
}
COLUMNS: Final = (
    Column(title="Mã hồ sơ", value=lambda row: row.receipt_code, width=28),
    Column(title="Thủ tục", value=lambda row: row.procedure_name, width=40),
    Column(title="Đơn vị", value=lambda row: row.unit),
    Column(title="Tình trạng", value=lambda row: NAMES[row.state]),
    Column(title="Ngày nhận", value=lambda row: row.taken_on),
    Column(title="Hẹn lần đầu", value=lambda row: row.original_due_on),
    Column(title="Hẹn hiện nay", value=lambda row: row.current_due_on),
    Column(title="Ngày có kết quả", value=lambda row: row.ready_on),
    Column(title="Ngày trả", value=lambda row: row.handed_on),
)


async def listing(visit: Visit) -> web.Response:
    """Show dossiers, the most pressing first."""
    which = _which(visit)
    page = max(1, int(visit.asked("trang")) if visit.asked("trang").isdecimal() else 1)
    rows = await dossier_list.listed(visit.db, which, visit.today, most=PAGE + 1, skip=PAGE * (page - 1))
    return visit.page(
        "people_dossiers.html",
        rows=rows[:PAGE],
        page=page,
        last=page + (len(rows) > PAGE),
        which=which,
        kinds=TITLES_OF,
        counts={
            one: await dossier_list.counted(visit.db, one, visit.today) for one in (Which.LATE, Which.SOON)
        },
        most=dossier_list.MOST_COUNTED,
        watchers=await dossier_list.watchers(visit.db, rows[:PAGE]),
        states=NAMES,
    )


def _which(visit: Visit) -> Which:
    said = visit.asked("xem", Which.LATE)
    return Which(said) if said in set(Which) else Which.LATE


async def taken_home(visit: Visit) -> web.Response:
    """Give the list as a file; names and telephones of applicants stay here."""
    async with visit.house.database.reading() as db:
        rows = await dossier_list.listed(db, _which(visit), visit.today, most=MOST)
    return await export(visit, "ho-so", COLUMNS, rows)


async def one(visit: Visit) -> web.Response:
    """Show one dossier; that somebody looked is sealed."""
    async with visit.house.database.reading() as db:
        row = await dossiers.by_code(db, visit.request.match_info["code"][:60])
        if row is None:
            raise NOT_FOUND
        applicant = await db.get(Resident, row.applicant_id) if row.applicant_id is not None else None
        watching = await dossier_list.watchers(db, [row])
        events = await dossier_list.events_of(db, row)
    async with visit.house.database.writing() as db:
        await trace.leave(
            db, who=visit.person.login, what="dossier.seen", on=f"dossier:{row.id}", detail={}, now=visit.now
        )
    return visit.page(
        "people_dossier.html",
        row=row,
        applicant=applicant,
        watching=watching.get(row.id or 0, 0),
        events=events,
        event_titles=EVENTS,
        states=NAMES,
        letter_titles=TITLES,
        may_letters=visit.may(Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS),
    )


DOORS: tuple[Door, ...] = (
    get("/nguoi-dan/ho-so", listing, IMPORT),
    get("/nguoi-dan/ho-so.{kind:csv|xlsx}", taken_home, IMPORT, second=True, alone=True),
    get("/nguoi-dan/ho-so/{code:.+}", one, IMPORT, alone=True),
)
