"""Nhập dữ liệu: a register file is handed in, tried, brought in, and taken back while nothing has left."""

from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from sqlmodel import col, select

from console import undo
from console.door import Door, get, post
from console.imports_words import KINDS, STATES, facts_of, names
from console.imports_work import DESK, ImportDesk
from console.live import stream
from console.sheets import Column, export
from console.trouble import MOVED, NOT_FOUND, Refused
from console.uploading import Sent, parts, pieces
from console.visit import Visit
from letters.rules import of_template
from letters.states import TITLES
from records import importing, retracting, staff, trace, uploads
from records.cases import Permission
from records.console import Upload, UploadState
from records.importers import Kind, proposing, template_sheet
from records.letters import ImportRun
from records.undoing import NotUndoable
from records.uploads import TooLarge, TooMany

IMPORT: Final = Permission.IMPORT_RECORDS
PAGE: Final = 30
MOST: Final = 50_000  # rows of an export
COLUMNS: Final = (
    Column(title="Lần", value=lambda run: run.id, width=8),
    Column(title="Tệp", value=lambda run: run.file, width=40),
    Column(title="Loại sổ", value=lambda run: KINDS.get(run.kind, run.kind), width=28),
    Column(title="Mới", value=lambda run: run.counts.get("new", 0), width=8),
    Column(title="Đã có", value=lambda run: run.counts.get("known", 0), width=8),
    Column(title="Sửa", value=lambda run: run.counts.get("changed", 0), width=8),
    Column(title="Từ chối", value=lambda run: run.counts.get("refused", 0), width=8),
    Column(title="Người nạp", value=lambda run: run.by),
    Column(title="Lúc", value=lambda run: run.at, width=30),
    Column(title="Hoàn tác lúc", value=lambda run: run.undone_at, width=30),
)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WAITING: Final = (UploadState.READ, UploadState.FAILED)  # in which the columns may be chosen anew
TOO_LARGE: Final = Refused(
    f"Tệp lớn hơn {uploads.LARGEST // 1024 // 1024} MB. Mời chia sổ thành nhiều tệp nhỏ hơn.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)
TOO_MANY: Final = Refused("Đang có nhiều tệp chờ. Mời nạp hoặc bỏ bớt tệp cũ rồi đưa tệp mới lên.")
GONE: Final = Refused("Tệp dòng lỗi chỉ được giữ 30 ngày nên không còn nữa.", HTTPStatus.NOT_FOUND)


def desk_of(visit: Visit) -> ImportDesk:
    """Return who reads and brings in."""
    return visit.request.app[DESK]


# --- the first page ------------------------------------------------------------------------------


async def first(visit: Visit) -> web.Response:
    """Show where a file is handed in, and what was handed in before."""
    return await _first(visit)


async def _first(visit: Visit, wrong: str = "", status: int = HTTPStatus.OK) -> web.Response:
    page = max(1, int(visit.asked("trang")) if visit.asked("trang").isdecimal() else 1)
    kind, state = visit.asked("loai"), visit.asked("tinhtrang")
    rows = await uploads.listed(
        visit.db,
        kind=kind if kind in set(Kind) else "",
        state=state if state in set(UploadState) else "",
        most=PAGE + 1,
        skip=PAGE * (page - 1),
    )
    return visit.page(
        "imports_first.html",
        status=status,
        rows=rows[:PAGE],
        page=page,
        last=page + (len(rows) > PAGE),
        people=await names(visit.db, [row.by for row in rows]),
        kinds=KINDS,
        states=STATES,
        wrong=wrong,
        largest=uploads.LARGEST // 1024 // 1024,
    )


async def receive(visit: Visit) -> web.Response:
    """Take a file in, piece by piece, and have it read."""
    if (visit.request.content_length or 0) > uploads.LARGEST + 64 * 1024:
        raise TOO_LARGE
    sent = await parts(visit)
    if sent.said.get("kind") not in set(Kind):
        raise Refused("Chưa chọn loại sổ. Mời chọn loại sổ rồi gửi lại.", HTTPStatus.UNPROCESSABLE_ENTITY)
    number, told = await _kept(visit, Kind(sent.said["kind"]), sent)
    desk_of(visit).wake()
    return visit.back(f"/nhap/{number}", told)


async def _kept(visit: Visit, kind: Kind, sent: Sent) -> tuple[int, str]:
    """Keep a file and note it; the same file handed in twice is one. Raises Refused."""
    store = desk_of(visit).store
    try:
        taken = await store.take(pieces(sent))
    except TooLarge as error:
        raise TOO_LARGE from error
    try:
        if not taken.size:
            raise Refused("Tệp trống. Mời chọn lại tệp.", HTTPStatus.UNPROCESSABLE_ENTITY)
        async with visit.house.database.writing() as db:
            again = await uploads.same(db, kind, taken.sha256)
            if again is not None:
                return again, "Tệp này đang được xử lý từ trước; đây là trang của nó."
            row = await uploads.add(
                db, kind, sent.file.filename or "", taken.sha256, by=visit.person.id or 0, now=visit.now
            )
            await _traced(db, visit, "upload.received", row)
            store.keep(taken, row.id or 0)
            return row.id or 0, ""
    except TooMany as error:
        raise TOO_MANY from error
    finally:
        store.drop(taken)


async def template(visit: Visit) -> web.Response:
    """Give an empty register to fill in."""
    kind = visit.request.match_info["kind"]
    if kind not in set(Kind):
        raise NOT_FOUND
    return _file(template_sheet(Kind(kind)), f"mau-{kind}.xlsx")


def _file(content: bytes, name: str) -> web.Response:
    return web.Response(
        body=content,
        headers={"Content-Type": XLSX, "Content-Disposition": f'attachment; filename="{name}"'},
    )


# --- one file ------------------------------------------------------------------------------------


async def _upload(visit: Visit) -> Upload:
    row = await visit.db.get(Upload, visit.number("number"), populate_existing=True)
    if row is None:
        raise NOT_FOUND
    return row


async def one(visit: Visit) -> web.Response:
    """Show one file: how it was understood, what would become of it, what did."""
    row = await _upload(visit)
    return await _one(visit, row)


async def _one(visit: Visit, row: Upload, wrong: str = "", status: int = HTTPStatus.OK) -> web.Response:
    runs = row.result.get("runs", [])
    may_read = visit.may(Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
    kept = row.columns.get("proposal")
    return visit.page(
        "imports_one.html",
        status=status,
        row=row,
        wrong=wrong,
        kinds=KINDS,
        states=STATES,
        people=await names(visit.db, [row.by, row.columns.get("confirmed_by", 0)]),
        proposal=proposing.unpacked(kept) if kept else None,
        choices=proposing.choices(Kind(row.kind)),
        facts=facts_of(Kind(row.kind)),
        letters=await retracting.drafted(visit.db, runs) if may_read and runs else [],
        of_template=of_template,
        titles=TITLES,
        has_errors=desk_of(visit).store.errors(row.id or 0).is_file(),
        may_mend=_is_waiting(row) and kept is not None,
        may_drop=_is_waiting(row) or row.state is UploadState.RECEIVED,
    )


async def progress(visit: Visit) -> web.StreamResponse:
    """Send how far a file has come, whenever it moved."""
    async with visit.house.database.reading() as db:
        visit.session = db
        await _upload(visit)  # before the stream begins: then nothing can be said any more
    visit.session = None
    return await stream(visit, _progress)


async def _progress(visit: Visit) -> tuple[str, bool]:
    row = await _upload(visit)
    text = visit.part("imports_progress.html", row=row)
    return text, row.state not in uploads.BUSY


async def mend(visit: Visit) -> web.Response:
    """Read the file anew with the columns the clerk has chosen."""
    async with visit.house.database.writing() as db:
        visit.session = db
        response = await _mended(visit)
    visit.session = None
    desk_of(visit).wake()
    return response


async def _mended(visit: Visit) -> web.Response:
    row = await _upload(visit)
    kept = row.columns.get("proposal")
    if not _is_waiting(row) or kept is None:
        raise MOVED
    proposal = proposing.unpacked(kept)
    fields = {column.place: visit.said(f"cot-{column.place}") for column in proposal.columns}
    wrong = _wrong_choice(Kind(row.kind), fields)
    if wrong:
        return await _one(visit, row, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    columns = {**row.columns, "mapping": proposing.chosen(proposal, fields)}
    if not await uploads.turn(
        visit.db, row.id or 0, row.state, UploadState.RECEIVED, visit.now, columns=columns, result={}, done=0
    ):
        raise MOVED
    await _traced(visit.db, visit, "upload.mended", row)
    return visit.back(f"/nhap/{row.id}", "Đang đọc lại tệp theo các cột vừa chọn.")


def _is_waiting(row: Upload) -> bool:
    """Tell whether nothing of a file is in the records, and somebody may still choose."""
    return row.state in WAITING and not row.result.get("runs")


def _wrong_choice(kind: Kind, fields: dict[int, str]) -> str:
    """Return what speaks against the columns a clerk has chosen, or ""."""
    known = {name: (title, needed) for name, title, needed in proposing.choices(kind)}
    used = [field for field in fields.values() if field]
    if any(field not in known for field in used):
        return "Có cột được chọn nội dung không có trong loại sổ này. Mời chọn lại."
    if twice := sorted({known[field][0] for field in used if used.count(field) > 1}):
        return f"Có nội dung được chọn cho hai cột: {', '.join(twice)}. Mời mỗi nội dung chọn một cột."
    if missing := [title for name, (title, needed) in known.items() if needed and name not in used]:
        return f"Chưa có cột nào cho: {', '.join(missing)}. Mời chọn đủ các nội dung bắt buộc."
    return ""


async def confirm(visit: Visit) -> web.Response:
    """Begin to bring the rows in; a second click, here or in another tab, begins nothing."""
    number = visit.number("number")
    async with visit.house.database.writing() as db:
        row = await db.get(Upload, number, populate_existing=True, with_for_update=True)
        if row is None:
            raise NOT_FOUND
        if row.state in (UploadState.APPLYING, UploadState.DONE):
            return visit.back(f"/nhap/{number}")
        half = row.state is UploadState.FAILED and bool(row.result.get("runs"))
        if not (half or row.state is UploadState.READ) or visit.said("sha256") != row.sha256:
            raise MOVED
        row.columns = {**row.columns, "confirmed_by": visit.person.id}
        row.state, row.changed_at = UploadState.APPLYING, visit.now
        db.add(row)
        await _traced(db, visit, "upload.confirmed", row)
    desk_of(visit).wake()
    return visit.back(f"/nhap/{number}")


async def drop(visit: Visit) -> web.Response:
    """Let a file go that was not brought in; for ten seconds it can be had back."""
    row = await _upload(visit)
    before = row.state
    if not _is_waiting(row) and before is not UploadState.RECEIVED:
        raise MOVED
    if not await uploads.turn(visit.db, row.id or 0, before, UploadState.DROPPED, visit.now):
        raise MOVED
    await _traced(visit.db, visit, "upload.dropped", row)
    await undo.offer(visit, "upload.drop", {"number": row.id, "before": before})
    return visit.back("/nhap", "Đã bỏ tệp, chưa nạp dòng nào.")


@undo.way("upload.drop")
async def _undrop(visit: Visit, kept: Any) -> str:
    number = int(kept["number"])
    back = UploadState(kept["before"])
    if not await uploads.turn(visit.db, number, UploadState.DROPPED, back, visit.now):
        raise MOVED
    desk_of(visit).wake_soon()
    return f"/nhap/{number}"


async def errors(visit: Visit) -> web.Response:
    """Give the sheet of refused rows, with why and what to do."""
    number = visit.number("number")
    async with visit.house.database.writing() as db:
        row = await db.get(Upload, number)
        if row is None:
            raise NOT_FOUND
        try:
            content = desk_of(visit).store.errors(number).read_bytes()
        except FileNotFoundError as error:
            raise GONE from error
        await _traced(db, visit, "export", row)
    return _file(content, f"dong-loi-{number}.xlsx")


async def take_back(visit: Visit) -> web.Response:
    """Take a whole register out again, with the drafts that came of it. Raises Refused with the reason."""
    row = await _upload(visit)
    if row.state in uploads.BUSY:
        raise Refused("Tệp này đang được nạp. Mời chờ xong rồi hoàn tác.")
    rows = await _retract(visit, row.result.get("runs", []))
    row.result = {**row.result, "undone": {"by": visit.person.id, "at": visit.now.isoformat(), "rows": rows}}
    row.changed_at = visit.now
    visit.db.add(row)
    return visit.back(f"/nhap/{row.id}", f"Đã hoàn tác lần nạp này: bỏ {rows} dòng khỏi sổ.")


async def _retract(visit: Visit, runs: list[int]) -> int:
    days = visit.letters.shelf.policy.mourning_days
    try:
        return await retracting.retract(visit.db, runs, visit.person.login, visit.now, mourning_days=days)
    except NotUndoable as why:
        raise Refused(str(why)) from why


# --- every run, also those of the command line ---------------------------------------------------


async def history(visit: Visit) -> web.Response:
    """Show every run that was brought in, by whichever way."""
    page = max(1, int(visit.asked("trang")) if visit.asked("trang").isdecimal() else 1)
    found = await visit.db.exec(
        select(ImportRun).order_by(col(ImportRun.id).desc()).limit(PAGE + 1).offset(PAGE * (page - 1))
    )
    rows = list(found.all())
    return visit.page(
        "imports_history.html",
        rows=rows[:PAGE],
        page=page,
        last=page + (len(rows) > PAGE),
        kinds=KINDS,
        people={one.login: one.name for one in await staff.everybody(visit.db)},
        operator=importing.OPERATOR,
    )


async def taken_home(visit: Visit) -> web.Response:
    """Give the history of runs as a file."""
    async with visit.house.database.reading() as db:
        rows = (await db.exec(select(ImportRun).order_by(col(ImportRun.id).desc()).limit(MOST))).all()
    return await export(visit, "lich-su-nap", COLUMNS, rows)


async def take_run_back(visit: Visit) -> web.Response:
    """Take one run out again."""
    number = visit.number("number")
    rows = await _retract(visit, [number])
    return visit.back("/nhap/lich-su", f"Đã hoàn tác lần nạp số {number}: bỏ {rows} dòng khỏi sổ.")


async def _traced(db: Any, visit: Visit, what: str, row: Upload) -> None:
    detail = {"kind": row.kind, "sha256": row.sha256}
    on = f"upload:{row.id}"
    await trace.leave(db, who=visit.person.login, what=what, on=on, detail=detail, now=visit.now)


DOORS: tuple[Door, ...] = (
    get("/nhap", first, IMPORT),
    post("/nhap", receive, IMPORT, large=True),
    get("/nhap/mau/{kind}.xlsx", template, IMPORT),
    get("/nhap/lich-su", history, IMPORT),
    get("/nhap/lich-su.{kind:csv|xlsx}", taken_home, IMPORT, second=True, alone=True),
    post("/nhap/lan/{number}/hoan-tac", take_run_back, IMPORT),
    get(r"/nhap/{number:\d+}", one, IMPORT),
    get(r"/nhap/{number:\d+}/tien-do", progress, IMPORT, alone=True),
    get(r"/nhap/{number:\d+}/dong-loi.xlsx", errors, IMPORT, alone=True),
    post(r"/nhap/{number:\d+}/cot", mend, IMPORT, alone=True),
    post(r"/nhap/{number:\d+}/xac-nhan", confirm, IMPORT, alone=True),
    post(r"/nhap/{number:\d+}/bo", drop, IMPORT),
    post(r"/nhap/{number:\d+}/hoan-tac", take_back, IMPORT),
)
