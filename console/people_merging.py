"""Gộp hai dòng trùng: one person proposes that two entries are one, another sees both and decides."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlmodel import col, select

from console import undo
from console.door import Door, get, post
from console.imports_words import names
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from records import binding, merging
from records.cases import Permission
from records.columns import row_number
from records.console import MergeProposal
from records.letters import Household, Resident
from records.merging import NotMergeable

IMPORT: Final = Permission.IMPORT_RECORDS
SIDES: Final[tuple[tuple[str, str], ...]] = (
    ("name", "Họ tên"),
    ("gender", "Giới tính"),
    ("born_on", "Ngày sinh"),
    ("born_year", "Năm sinh"),
    ("quarter", "Tổ dân phố"),
    ("address", "Địa chỉ"),
    ("phone", "Điện thoại"),
    ("deceased_on", "Ngày mất"),
    ("added_at", "Vào danh sách"),
)


async def waiting(visit: Visit) -> web.Response:
    """Show the proposals that wait, and what was decided lately."""
    open_ones, past = await merging.waiting(visit.db), await merging.decided(visit.db)
    numbers = {number for row in (*open_ones, *past) for number in (row.keep_id, row.drop_id)}
    found = await visit.db.exec(select(Resident.id, Resident.name).where(col(Resident.id).in_(numbers)))
    staff_ids = [number for row in (*open_ones, *past) for number in (row.proposed_by, row.decided_by or 0)]
    return visit.page(
        "people_merges.html",
        open_ones=open_ones,
        past=past,
        residents=dict(found.all()),
        people=await names(visit.db, staff_ids),
    )


async def compare(visit: Visit) -> web.Response:
    """Show two entries side by side, to propose that they are one."""
    keep, drop = _asked(visit, "giu"), _asked(visit, "bo")
    return await _sides(visit, keep, drop, None)


def _asked(visit: Visit, name: str) -> int:
    number = row_number(visit.asked(name).lstrip("#"))
    if number is None:
        raise Refused("Cần hai số người dân để so sánh. Mời mở trang một người rồi chọn người có thể trùng.")
    return number


async def proposal(visit: Visit) -> web.Response:
    """Show a proposal with both entries side by side, to decide."""
    async with visit.house.database.reading() as db:
        row = await db.get(MergeProposal, visit.number("number"))
    if row is None or row.decided_at is not None:
        raise Refused("Đề nghị này không còn, hoặc đã có người quyết định.")
    return await _sides(visit, row.keep_id, row.drop_id, row)


async def _sides(visit: Visit, keep_id: int, drop_id: int, row: MergeProposal | None) -> web.Response:
    async with visit.house.database.reading() as db:
        keep, drop = await db.get(Resident, keep_id), await db.get(Resident, drop_id)
        if keep is None or drop is None or keep_id == drop_id:
            raise NOT_FOUND
        uses = [await merging.uses(db, number) for number in (keep_id, drop_id)]
        houses = [await db.get(Household, one.household_id or 0) for one in (keep, drop)]
        people = await names(db, [row.proposed_by] if row is not None else [])
    async with visit.house.database.writing() as db:
        await binding.seen(db, visit.person.login, [keep, drop], visit.now)
    return visit.page(
        "people_compare.html",
        row=row,
        keep=keep,
        drop=drop,
        uses=uses,
        houses=houses,
        sides=SIDES,
        seal=merging.seal(keep, drop),
        people=people,
    )


async def propose(visit: Visit) -> web.Response:
    """Propose that two entries are one person."""
    keep, drop = visit.said_number("keep"), visit.said_number("drop")
    try:
        row = await merging.propose(
            visit.db, keep, drop, reason=visit.said("reason"), by=visit.person, now=visit.now
        )
    except NotMergeable as why:
        raise Refused(str(why)) from why
    return visit.back(
        "/nguoi-dan/gop", f"Đã lập đề nghị gộp số {row.id}. Cần một người khác xem và quyết định."
    )


async def accept(visit: Visit) -> web.Response:
    """Make two entries one, as a second person; for ten seconds it can be taken back."""
    try:
        kept = await merging.accept(
            visit.db, visit.number("number"), visit.said("seal"), visit.person, visit.now
        )
    except NotMergeable as why:
        raise Refused(str(why)) from why
    await undo.offer(visit, "people.merge", kept)
    return visit.back(f"/nguoi-dan/{kept['keep']}", "Đã gộp hai dòng thành một.")


@undo.way("people.merge")
async def _take_back(visit: Visit, kept: Mapping[str, Any]) -> str:
    try:
        await merging.take_back(visit.db, kept, visit.person, visit.now)
    except NotMergeable as why:
        raise Refused(str(why)) from why
    return f"/nguoi-dan/gop/{kept['proposal']}"


async def decline(visit: Visit) -> web.Response:
    """Say that they are two people."""
    try:
        await merging.decline(visit.db, visit.number("number"), visit.person, visit.now)
    except NotMergeable as why:
        raise Refused(str(why)) from why
    return visit.back("/nguoi-dan/gop", "Đã ghi: hai dòng này là hai người, giữ nguyên cả hai.")


DOORS: tuple[Door, ...] = (
    get("/nguoi-dan/gop", waiting, IMPORT),
    post("/nguoi-dan/gop", propose, IMPORT),
    get("/nguoi-dan/gop/so-sanh", compare, IMPORT, alone=True),
    get(r"/nguoi-dan/gop/{number:\d+}", proposal, IMPORT, alone=True),
    post(r"/nguoi-dan/gop/{number:\d+}/gop", accept, IMPORT),
    post(r"/nguoi-dan/gop/{number:\d+}/khong-gop", decline, IMPORT),
)
