"""Write down for a resident what came by telephone, at the counter or in the letter box.

Filled in, looked at once more beside cases that may be the same one, taken once; the code and
the key are read out to the person.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from console.case_found import MAY, typed, where
from console.door import Door, get, post
from console.trouble import NOT_FOUND
from console.visit import Visit
from feedback import acts, clock, history, intake, notices, routing, similar
from feedback.acts import Hand
from feedback.intake import Report
from feedback.similar import Spot
from feedback.work import Work
from knowledge import privacy
from knowledge.calendar import here
from knowledge.concerns import Category, Level
from knowledge.desks import OTHER
from records.cases import Feedback, Source

AT: Final = "/phan-anh/ghi-ho"
SOURCES: Final = (
    (Source.PHONE, "Gọi điện thoại"),
    (Source.COUNTER, "Đến quầy"),
    (Source.PAPER_BOX, "Thư trong thùng góp ý"),
)
SHORTEST: Final = 5
LONGEST: Final = 4000
NAMES: Final = ("source", "text", "category", "place", "name", "phone", "callback")
_DRAFT: Final = re.compile(r"[0-9a-f]{16}")
CHANGED: Final = "Nội dung vừa được sửa. Mời anh/chị đọc lại cho người dân nghe rồi bấm ghi."
READ_OUT: Final = "Đã ghi. Xin đọc cho người dân chép lại: mã phản ánh {code}{key}."


@dataclass(frozen=True, kw_only=True)
class Looked:
    """An entry looked at once more: where it would go, and what is like it."""

    category: Category
    level: Level
    desk: str
    due_at: Any
    alike: tuple[tuple[Feedback, bool], ...]  # and whether the clerk may write into it
    seal: str


async def form(visit: Visit) -> web.Response:
    """Show the empty form."""
    return _page(visit, dict.fromkeys(NAMES, ""), draft=secrets.token_hex(8))


async def enter(visit: Visit) -> web.Response:
    """Show the entry once more, or take it when it is as it was shown."""
    said = {name: typed(visit, name) for name in NAMES}
    draft = visit.said("draft")
    if not _DRAFT.fullmatch(draft):
        draft = secrets.token_hex(8)
    wrong = _wrong(said)
    if wrong:
        return _page(visit, said, draft=draft, wrong=wrong)
    looked = await _look(visit, said)
    said["category"] = looked.category.code
    if visit.said("go") and visit.said("seal") == looked.seal:
        return await _take(visit, said, draft, looked)
    return _page(visit, said, draft=draft, looked=looked, wrong=CHANGED if visit.said("go") else "")


def _wrong(said: dict[str, str]) -> str:
    """Say what is missing, or put the telephone number right."""
    if said["source"] not in {str(code) for code, _ in SOURCES}:
        return "Xin chọn người dân gửi bằng cách nào."
    if not SHORTEST <= len(said["text"]) <= LONGEST:
        return f"Xin ghi lời người dân, từ {SHORTEST} đến {LONGEST} chữ cái."
    if said["phone"]:
        number = privacy.phone_of(said["phone"])
        if number is None:
            return (
                "Số điện thoại chưa đúng: cần 10 chữ số, bắt đầu bằng 0. Người dân không để số thì bỏ trống."
            )
        said["phone"] = number
    return ""


async def _look(visit: Visit, said: dict[str, str]) -> Looked:
    work = visit.cases
    category = _category(work, said)
    level = Level(work.concerns.level(said["text"], category))
    term = category.term(level, here(visit.now).date())
    spot = _spot(work, said, category)
    near = await similar.near(visit.db, spot, visit.now) if not category.discreet else []
    words = "\n".join(said[name] for name in NAMES if name != "category") + category.code
    return Looked(
        category=category,
        level=level,
        desk=routing.desk_for(work, category.code, _about(work, said, category)).name,
        due_at=clock.due(work.calendar, term, visit.now),
        alike=tuple((case, routing.may_answer(work, visit.person, case)) for case, _ in near),
        seal=hashlib.sha256(words.encode()).hexdigest()[:32],
    )


def _category(work: Work, said: dict[str, str]) -> Category:
    """Return the field that was chosen, else the one the words point to."""
    known = {one.code for one in work.concerns.categories}
    if said["category"] in known:
        return work.concerns.of(said["category"])
    guesses = work.concerns.guess(said["text"], 1)
    return guesses[0].category if guesses else work.concerns.of(OTHER)


def _spot(work: Work, said: dict[str, str], category: Category) -> Spot:
    place = work.ward.places.understand(said["place"]) if said["place"] else None
    return Spot(
        category=category.code,
        place=said["place"],
        quarter=place.quarter if place else "",
        point=place.point if place else None,
    )


def _about(work: Work, said: dict[str, str], category: Category) -> str:
    about = work.ward.desks.named(said["text"]) if category.code == "staff_attitude" else []
    return about[0].code if about else ""


async def _take(visit: Visit, said: dict[str, str], draft: str, looked: Looked) -> web.Response:
    """Take the entry once; sent again it leads to the same case."""
    work = visit.cases
    spot = _spot(work, said, looked.category)
    report = Report(
        draft=f"entry:{visit.person.id}:{draft}",
        text=said["text"],
        category=looked.category.code,
        level=looked.level,
        source=Source(said["source"]),
        place=said["place"][:300],
        quarter=spot.quarter,
        latitude=spot.point.latitude if spot.point else None,
        longitude=spot.point.longitude if spot.point else None,
        contact_name=said["name"],
        contact_phone=said["phone"],
        callback=said["callback"],
        behalf=True,
        about_desk=_about(work, said, looked.category),
        entered_by=visit.person.id,
    )
    taken = await intake.take(work, report)
    key = f", mã xem chi tiết {taken.key} (chỉ hiện lần này)" if taken.key else ""
    told = READ_OUT.format(code=taken.case.code, key=key)
    return visit.back(f"{AT}/da-ghi?ma={taken.case.code}", told)


async def entered(visit: Visit) -> web.Response:
    """Show to whom and by when, to whoever wrote it down."""
    case = await history.by_code(visit.db, visit.asked("ma"))
    if case is None or case.entered_by != visit.person.id:
        raise NOT_FOUND
    work = visit.cases
    return visit.page(
        "cases_entered.html",
        case=case,
        desk=work.ward.desks.desk(case.desk).name,
        mine=routing.may_answer(work, visit.person, case),
    )


async def add_to(visit: Visit) -> web.Response:
    """Write what somebody else told into a case that is already there, for its staff to see."""
    code = visit.said("original")
    told = f"Thêm một người dân báo cùng việc: {typed(visit, 'text')}"[: acts.LONGEST]
    case = await acts.remark(visit.cases, code, Hand(person=visit.person), told)
    return visit.back(where(case), f"Đã ghi thêm vào {case.code}. Xin đọc mã này cho người dân để theo dõi.")


def _page(
    visit: Visit, said: dict[str, str], *, draft: str, looked: Looked | None = None, wrong: str = ""
) -> web.Response:
    work = visit.cases
    guessed = [guess.category.code for guess in work.concerns.guess(said["text"])] if said["text"] else []
    ordered = sorted(work.concerns.categories, key=lambda one: _rank(one.code, guessed))
    return visit.page(
        "cases_entry.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong and looked is None else HTTPStatus.OK,
        said=said,
        draft=draft,
        looked=looked,
        wrong=wrong,
        sources=SOURCES,
        fields=[(one.code, one.title) for one in ordered],
        levels=notices.LEVELS,
    )


def _rank(code: str, guessed: list[str]) -> int:
    return guessed.index(code) if code in guessed else len(guessed)


DOORS: tuple[Door, ...] = (
    get(AT, form, *MAY),
    post(AT, enter, *MAY),
    get(AT + "/da-ghi", entered, *MAY),
    post(AT + "/them", add_to, *MAY),
)
