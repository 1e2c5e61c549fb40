"""One case: what was said, where, by when; its history and photos; and what may be done with it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from console import case_found
from console.case_found import AT, LINES, MAY, STATES, found
from console.cases_list import may_hold
from console.door import Door, get
from console.trouble import NOT_FOUND
from console.visit import Visit
from feedback import explained, history, listing, notices, offers, similar
from feedback.offers import Offer
from feedback.states import OPEN
from knowledge.concerns import Level
from records import staff, trace
from records.cases import EntryKind, Feedback
from records.media import MediaError
from records.tables import Attachment

JPEG: Final = b"\xff\xd8\xff"


async def show(visit: Visit) -> web.Response:
    """Show the case; a look at who the resident is, or at a discreet case, is written down."""
    async with visit.house.database.reading() as db:
        visit.session = db
        case = await found(visit)
        facts = await _facts(visit, case)
    visit.session = None
    if facts["contact"] or case.discreet:
        await _noted(visit, case, phone=bool(facts["contact"]))
    return visit.page("cases_page.html", case=case, **facts)


async def _noted(visit: Visit, case: Feedback, *, phone: bool) -> None:
    detail = {"phone": phone, "discreet": case.discreet}
    who, what = f"staff:{visit.person.id}", "feedback.viewed"
    async with visit.house.database.writing() as db:
        await trace.leave(db, who=who, what=what, on=case.code, detail=detail, now=visit.now)


async def _facts(visit: Visit, case: Feedback) -> dict[str, Any]:
    work = visit.cases
    people = await staff.everybody(visit.db)
    names = {one.id or 0: one.name for one in people}
    offered = offers.of(work, visit.person, case)
    lines = await history.lines(visit.db, case)
    before = await history.photos(visit.db, case, after=False)
    category = work.concerns.of(case.category)
    return {
        "field": category.title,
        "level": notices.LEVELS[Level(case.level)],
        "state": STATES[case.state],
        "desk": work.ward.desks.desk(case.desk).name,
        "about": work.ward.desks.desk(case.about_desk).name if case.about_desk else "",
        "holder": names.get(case.officer_id or 0, ""),
        "entered": names.get(case.entered_by or 0, ""),
        "source": listing.SOURCES.get(case.source, case.source),
        "quarter": {one.code: one.name for one in work.ward.places.quarters}.get(case.quarter, case.quarter),
        "deadline": explained.deadline(work, case),
        "late": case.state in OPEN and case.paused_at is None and case.due_at < visit.now,
        "reasons": explained.reasons(work, case),
        "contact": _contact(case) if offers.may_call(visit.person, case) else [],
        "photos": _pictures(before),
        "voices": sum(one.kind != "photo" for one in before),
        "after": _pictures(await history.photos(visit.db, case, after=True)),
        "lines": [_line(one, names) for one in reversed(lines) if one.kind is not EntryKind.SAID],
        "offers": offered,
        "Offer": Offer,
        "open": case.state in OPEN,
        "officers": may_hold(visit, case, people) if Offer.ASSIGN in offered else [],
        "similar": await _similar(visit, case),
        "original": await _original(visit, case),
        "outcome": notices.OUTCOMES[case.outcome] if case.outcome else "",
    }


def _contact(case: Feedback) -> list[tuple[str, str]]:
    told = (("Tên", case.contact_name), ("Điện thoại", case.contact_phone), ("Muốn được gọi", case.callback))
    return [(name, value) for name, value in told if value]


def _pictures(photos: Sequence[Attachment]) -> list[int]:
    return [one.id or 0 for one in photos if one.kind == "photo" and one.sha256 is not None]


def _line(line: Any, names: dict[int, str]) -> dict[str, Any]:
    return {
        "what": LINES[line.kind],
        "who": case_found.who(line, names),
        "at": line.at,
        "public": line.public,
        "text": list(case_found.pieces(case_found.words(line))),
    }


async def _similar(visit: Visit, case: Feedback) -> list[Feedback]:
    if case.discreet or case.state not in OPEN:
        return []
    return await similar.to(visit.db, case)


async def _original(visit: Visit, case: Feedback) -> str:
    other = await visit.db.get(Feedback, case.duplicate_of) if case.duplicate_of is not None else None
    return other.code if other is not None else ""


async def photo(visit: Visit) -> web.Response:
    """Give one photo of the case, small or whole; a look at a whole one of a discreet case is written down."""
    async with visit.house.database.reading() as db:
        visit.session = db
        case = await found(visit)
        wanted = visit.number("photo")
        known = [one for one in await history.photos(db, case) if one.id == wanted and one.kind == "photo"]
    visit.session = None
    name = known[0].sha256 if known else None
    if name is None:
        raise NOT_FOUND
    small = visit.asked("nho") == "1"
    content = await _read(visit, name, small=small)
    if case.discreet and not small:
        await _noted(visit, case, phone=False)
    return web.Response(body=content, content_type="image/jpeg", status=HTTPStatus.OK)


async def _read(visit: Visit, name: str, *, small: bool) -> bytes:
    """Return a JPEG, made anew where it is to be small. Raises Refused for anything else."""
    try:
        media = visit.house.media
        content = await media.thumbnail(name) if small else await media.read(name)
    except (OSError, ValueError, MediaError) as error:  # swept away since
        raise NOT_FOUND from error
    if not content.startswith(JPEG):
        raise NOT_FOUND
    return content


DOORS: tuple[Door, ...] = (
    get(AT, show, *MAY, alone=True),
    get(AT + "/anh/{photo}", photo, *MAY, alone=True),
)
