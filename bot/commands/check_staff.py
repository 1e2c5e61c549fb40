"""What `ward check` says of the people behind the cases, their groups, and the sealed history."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import demo
from bot.commands.finding import Line
from bot.settings import Settings
from knowledge.desks import Desks
from knowledge.ward import WardError, load_ward
from records import counters, staff, trace
from records.cases import Permission, Staff
from records.database import Database
from records.tables import Trace


async def look(database: Database, config: Settings) -> list[Line]:
    """Look at everybody desks.toml names, at the restricted box, the groups and the history's end."""
    async with database.reading() as db:
        head = await _head(db)
        try:
            desks = load_ward(config.ward_dir).desks
        except WardError:  # told by another line, with every defect
            return [head]
        here = [person for person in await staff.everybody(db) if person.disabled_at is None]
        without = [desk.code for desk in desks.desks if not await staff.rooms(db, desk.code)]
    return [_people(desks, here), _restricted(desks, here), _rooms(without), head]


def _people(desks: Desks, here: Sequence[Staff]) -> Line:
    known = {person.login for person in here}
    missing = [login for login in demo.logins(desks) if login not in known]
    if missing:
        says = f"desks.toml có tên mà chưa mời: {', '.join(missing)} (ward staff invite)"
        return Line("cán bộ", good=True, says=says, warning=True)
    return Line("cán bộ", good=True, says=f"{len(here)} người, đủ mọi tên trong desks.toml")


def _restricted(desks: Desks, here: Sequence[Staff]) -> Line:
    """Two keys, two people: named in the file and given the permission, and nobody else given it."""
    if not here:
        says = "chưa có ai mở được; mời hai người có quyền see_restricted"
        return Line("hộp tin kín", good=True, says=says, warning=True)
    given = {person.login for person in here if staff.may(person, Permission.SEE_RESTRICTED)}
    wanted = set(desks.restricted)
    if given == wanted:
        return Line("hộp tin kín", good=True, says=f"đúng hai người: {', '.join(sorted(given))}")
    parts = (
        ("chưa có quyền see_restricted: ", wanted - given),
        ("có quyền mà không có tên trong desks.toml: ", given - wanted),
    )
    says = "; ".join(lead + ", ".join(sorted(logins)) for lead, logins in parts if logins)
    return Line("hộp tin kín", good=False, says=f"cần đúng hai người. {says[:1].upper()}{says[1:]}")


def _rooms(without: Sequence[str]) -> Line:
    if without:
        says = f"chưa có nhóm chat: {', '.join(without)} (ward staff room)"
        return Line("nhóm của tổ", good=True, says=says, warning=True)
    return Line("nhóm của tổ", good=True, says="mọi đơn vị đều có nhóm chat nhận việc")


async def _head(db: AsyncSession) -> Line:
    """Look only at the end of the chain: `ward audit verify` walks all of it."""
    last = await counters.last(db, trace.SERIES)
    found = await db.exec(select(Trace.seq).where(col(Trace.seq) == last))
    if not last or found.first() == last:
        says = f"{last} dòng, có dòng cuối" if last else "chưa có dòng nào"
        return Line("nhật ký niêm phong", good=True, says=says)
    says = "thiếu dòng cuối; chạy: ward audit verify"
    return Line("nhật ký niêm phong", good=False, says=says)
