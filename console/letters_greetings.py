"""Lời chúc: the days that come, whom a greeting reaches before it is signed, and its way out as it moves."""

from datetime import datetime
from typing import Any, Final

from aiohttp import web

from console import live, sheets
from console.door import Door, get, post
from console.letters import BADGES, LETTERS, tabs
from console.sheets import Column
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from knowledge.calendar import HERE, here
from letters import aloud, audience, broadcast, frozen, greeting_desk, listing, notices, occasions, samples
from letters.desk import Hand
from letters.states import ON_ITS_WAY, TITLES, UNSIGNED
from letters.work import Work
from records.letters import Letter
from records.letters import LetterState as S

ON_PAPER: Final = (
    Column(title="Tổ dân phố", value=lambda one: one.quarter),
    Column(title="Họ tên", value=lambda one: one.name, width=30),
    Column(title="Địa chỉ", value=lambda one: one.address, width=40),
)


async def calendar(visit: Visit) -> web.Response:
    """Show the days of greetings ahead, and how far each has come."""
    days = await greeting_desk.coming(visit.letters)
    moving = [one.letter for one in days if one.letter is not None and one.letter.state in ON_ITS_WAY]
    return visit.page(
        "letters_greetings.html",
        **await tabs(visit, "loi-chuc"),
        days=days,
        all_days=visit.asked("ca") == "1",
        moving=[await _standing(visit, letter) for letter in moving],
        titles=TITLES,
        badges=BADGES,
    )


async def draft(visit: Visit) -> web.Response:
    """Have a greeting drafted before its time."""
    hand = Hand(person=visit.person)
    letter = await greeting_desk.draft_now(visit.letters, hand, visit.said("key")[:100])
    return visit.back(f"/thu/{letter.id}", "Đã soạn lời chúc. Mời xem, sửa lời rồi soát.")


async def beside(visit: Visit, letter: Letter) -> dict[str, Any] | None:
    """Return what the page of a greeting shows besides; None for any other letter."""
    if letter.occasion is None:
        return None
    work = visit.letters
    unsigned, worded = letter.state in UNSIGNED, frozen.has_words(letter)
    _, on_paper = await greeting_desk.without_channel(work, letter.audience, 0) if unsigned else ([], 0)
    return {
        "audience": greeting_desk.AUDIENCES.get(letter.audience, letter.audience),
        "by_chat": audience.can_choose(letter.audience),
        "not_by_chat": notices.NOT_BY_CHAT,
        "outlook": await occasions.outlook(work, letter) if unsigned else None,
        "on_paper": on_paper,
        "samples": await samples.of_greeting(work, letter) if unsigned and worded else [],
        "texts": aloud.texts(letter) if worded else None,
        "most_words": aloud.MOST_WORDS,
        "void": greeting_desk.approval_is_void(letter),
        "due": here(letter.due_at).strftime("%Y-%m-%dT%H:%M") if letter.due_at else "",
        **await _standing(visit, letter),
    }


async def _standing(visit: Visit, letter: Letter) -> dict[str, Any]:
    """Return how far a greeting has come."""
    return {
        "letter": letter,
        "title": listing.title(visit.letters, letter),
        "standing": await broadcast.standing(visit.db, letter.id or 0),
        "through": letter.cursor < 0,
        "moves": letter.state in ON_ITS_WAY,
        "state": TITLES[letter.state],
    }


async def progress(visit: Visit) -> web.StreamResponse:
    """Send how far a greeting has come, for as long as it moves."""
    async with visit.house.database.reading() as db:
        letter = await db.get(Letter, visit.number("number"))
    if letter is None or letter.occasion is None:
        raise NOT_FOUND
    return await live.stream(visit, _piece)


async def _piece(visit: Visit) -> tuple[str, bool]:
    letter = await visit.db.get(Letter, visit.number("number"), populate_existing=True)
    if letter is None:
        return "", True
    facts = await _standing(visit, letter)
    return visit.part("letters_progress.html", one=facts), not facts["moves"]


async def schedule(visit: Visit) -> web.Response:
    """Set when a greeting leaves."""
    try:
        at = datetime.fromisoformat(visit.said("at")).replace(tzinfo=HERE)
    except ValueError as error:
        raise Refused("Chưa đọc được ngày giờ. Mời chọn lại ngày và giờ gửi.") from error
    hand = Hand(person=visit.person, version=visit.said_number("version"))
    letter = await greeting_desk.schedule(visit.letters, visit.number("number"), hand, at)
    return visit.back(f"/thu/{letter.id}", f"Đã hẹn gửi lúc {at:%H:%M ngày %d/%m/%Y}.")


async def paper_list(visit: Visit) -> web.StreamResponse:
    """Give the residents a greeting reaches only on paper, by quarter."""
    async with visit.house.database.reading() as db:
        visit.session = db
        letter = await db.get(Letter, visit.number("number"))
        if letter is None or letter.occasion is None or letter.state is S.FINISHED:
            raise NOT_FOUND
        work: Work = visit.letters
        found, _ = await greeting_desk.without_channel(work, letter.audience, sheets.MOST)
        visit.session = None
    return await sheets.export(visit, f"loi-chuc-{letter.id}-trao-tay", ON_PAPER, list(found))


DOORS: tuple[Door, ...] = (
    get("/thu/loi-chuc", calendar, *LETTERS),
    post("/thu/loi-chuc/soan", draft, *LETTERS),
    get("/thu/{number}/tien-do", progress, *LETTERS, alone=True),
    post("/thu/{number}/hen-gio", schedule, *LETTERS),
    get("/thu/{number}/trao-tay.{kind:csv|xlsx}", paper_list, *LETTERS, second=True, alone=True),
)
