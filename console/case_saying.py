"""An officer writes about a case: filled in, shown as it will be read, sent once.

One address for all of it: sent without the seal of the preview that is true now, a form comes
back with that preview; sent with it, the act is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from console import case_found
from console.case_found import AT, MAY, STATES, found, typed, where
from console.door import Door, get, post
from console.trouble import MOVED, NOT_FOUND
from console.visit import Visit
from feedback import explained, history, speaking
from feedback.acts import Hand
from feedback.offers import Offer
from feedback.speaking import Saying
from feedback.states import Incomplete, NotAllowed, Stale
from knowledge.desks import Outside
from knowledge.when import day as day_in_words
from records.cases import Feedback, Outcome

ACTS: Final[Mapping[str, Offer]] = {
    "tien-do": Offer.PROGRESS,
    "hoi-them": Offer.QUESTION,
    "gia-han": Offer.EXTENSION,
    "tra-loi": Offer.ANSWER,
    "chuyen-to": Offer.TRANSFER,
    "chuyen-noi-khac": Offer.REFERRAL,
}
TITLES: Final[Mapping[Offer, str]] = {
    Offer.PROGRESS: "Báo tiến độ",
    Offer.QUESTION: "Hỏi thêm người dân",
    Offer.EXTENSION: "Gia hạn một lần",
    Offer.ANSWER: "Trả lời và đóng việc",
    Offer.TRANSFER: "Chuyển tổ khác",
    Offer.REFERRAL: "Chuyển cơ quan khác",
}
HINTS: Final[Mapping[Offer, str]] = {
    Offer.PROGRESS: "Ví dụ: đã rào chắn, sáng mai thay nắp. Người dân nhận tin này ngay.",
    Offer.QUESTION: "Hạn xử lý tạm dừng trong lúc chờ người dân trả lời.",
    Offer.EXTENSION: "Vì sao chưa xong đúng hạn. Người dân đọc được, và có thể gửi ý kiến lên chủ tịch.",
    Offer.ANSWER: "Đã làm gì, khi nào. Ảnh sau xử lý (thêm ở trang việc) được gửi kèm.",
    Offer.TRANSFER: "Vì sao việc thuộc tổ kia; tổ nhận sẽ đọc. Hạn trả lời người dân giữ nguyên.",
    Offer.REFERRAL: "Vì sao không thuộc thẩm quyền của phường; người dân sẽ đọc. Có thể để trống.",
}
DONE: Final[Mapping[Offer, str]] = {
    Offer.PROGRESS: "Đã báo người dân tiến độ {code}.",
    Offer.QUESTION: "Đã hỏi người dân về {code}. Hạn xử lý tạm dừng trong lúc chờ.",
    Offer.EXTENSION: "Đã gia hạn {code} và báo người dân.",
    Offer.ANSWER: "Đã trả lời người dân; việc {code} chờ ý kiến của họ.",
    Offer.TRANSFER: "Đã chuyển {code} sang {desk}.",
    Offer.REFERRAL: "Đã chuyển {code} đến nơi giải quyết và báo người dân.",
}
NO_CHAT: Final = " Người gửi không có khung chat: xin gọi điện báo, hoặc gửi giấy báo."
CHANGED: Final = "Bản xem trước cũ không còn đúng nên chưa gửi. Mời anh/chị xem bản mới dưới đây rồi bấm gửi."
OUTCOMES: Final = (
    (Outcome.RESOLVED, "Đã xử lý"),
    (Outcome.PARTLY, "Đã xử lý một phần"),
    (Outcome.UNFOUNDED, "Không đủ cơ sở xử lý"),
    (Outcome.DUPLICATE, "Trùng với việc khác đang xử lý"),
)
OTHER_BODY: Final = "khac"
PARTS: Final = ("body_name", "body_address", "body_phone", "body_basis")
LONGEST_PART: Final = 150


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the page shows besides its form."""

    told: str = ""
    seal: str = ""
    wrong: str = ""
    status: HTTPStatus = HTTPStatus.OK
    typed: Mapping[str, str] = field(default_factory=dict)


async def form(visit: Visit) -> web.Response:
    """Show the empty form, if the act may begin."""
    case, act = await found(visit), _act(visit)
    case = await speaking.begin(visit.cases, case.code, Hand(person=visit.person), act)
    return await _page(visit, case, act, Page())


async def write(visit: Visit) -> web.Response:
    """Show what will be read, or do it when the very preview was agreed to."""
    case, act = await found(visit), _act(visit)
    hand = Hand(person=visit.person, version=visit.said_number("version"))
    try:
        async with visit.db.begin_nested():
            shown = await _shown(visit, case.code, act, hand)
    except Stale:
        return await _moved(visit, act)
    except (Incomplete, NotAllowed) as refusal:
        wrong = Page(wrong=str(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY, typed=_typed(visit))
        return await _page(visit, await found(visit), act, wrong)
    if isinstance(shown, Page):
        return await _page(visit, case, act, shown)
    return visit.back(where(shown), _said_of(visit, shown, act))


async def _shown(visit: Visit, code: str, act: Offer, hand: Hand) -> Page | Feedback:
    """Do the act and return the case, or return the page with what will be read."""
    work = visit.cases
    case = await speaking.begin(work, code, hand, act)
    saying = await _saying(visit, case, act)
    told = await speaking.preview(work, case, saying)
    seal = speaking.seal(case, saying, told)
    if not visit.said("go"):
        return Page(told=told, seal=seal, typed=_typed(visit))
    if visit.said("seal") != seal:
        return Page(told=told, seal=seal, typed=_typed(visit), wrong=CHANGED)
    return await speaking.do(work, case, hand, saying)


async def _moved(visit: Visit, act: Offer) -> web.Response:
    """Give back what was typed beside the case as it is now; whether it still fits is theirs to say."""
    case = await found(visit)
    try:
        case = await speaking.begin(visit.cases, case.code, Hand(person=visit.person), act)
    except (NotAllowed, Stale):
        status = HTTPStatus.CONFLICT
        return visit.page(
            "cases_lost.html", status=status, case=case, text=typed(visit, "text"), **_standing(visit, case)
        )
    page = Page(wrong=MOVED.text, status=HTTPStatus.CONFLICT, typed=_typed(visit))
    return await _page(visit, case, act, page)


def _act(visit: Visit) -> Offer:
    act = ACTS.get(visit.request.match_info["act"])
    if act is None:
        raise NOT_FOUND
    return act


def _said_of(visit: Visit, case: Feedback, act: Offer) -> str:
    desk = visit.cases.ward.desks.desk(case.desk).name
    told = DONE[act].format(code=case.code, desk=desk)
    return told if case.channel is not None or act is Offer.TRANSFER else told + NO_CHAT


# --- what was typed ----------------------------------------------------------------------------


def _typed(visit: Visit) -> dict[str, str]:
    names = ("text", "outcome", "original", "desk", "due", "body", *PARTS)
    return {name: typed(visit, name) for name in names}


async def _saying(visit: Visit, case: Feedback, act: Offer) -> Saying:
    """Return what the form says. Raises Incomplete where a double's original is not to be found."""
    said = _typed(visit)
    outcome = (
        next((one for one, _ in OUTCOMES if one == said["outcome"]), None) if act is Offer.ANSWER else None
    )
    original = ""
    if outcome is Outcome.DUPLICATE:
        original = await speaking.original(visit.cases, case, said["original"])
    return Saying(
        act=act,
        text=said["text"],
        outcome=outcome,
        original=original,
        desk=said["desk"] if act is Offer.TRANSFER else "",
        due=_day(said["due"]) if act is Offer.EXTENSION else None,
        body=_body(visit, said) if act is Offer.REFERRAL else None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _body(visit: Visit, said: Mapping[str, str]) -> Outside | None:
    """Return the body chosen from the ward's file, or the one that was typed whole."""
    known = next((one for one in visit.cases.ward.desks.outside if one.code == said["body"]), None)
    if known is not None or said["body"] != OTHER_BODY:
        return known
    name, address, phone, basis = (" ".join(said[part].split())[:LONGEST_PART] for part in PARTS)
    if not all((name, address, phone, basis)):
        return None
    return Outside(code=OTHER_BODY, name=name, phone=phone, address=address, basis=basis, categories=())


# --- the page ----------------------------------------------------------------------------------


def _standing(visit: Visit, case: Feedback) -> dict[str, Any]:
    return {
        "state": STATES[case.state],
        "deadline": explained.deadline(visit.cases, case),
        "field": visit.cases.concerns.of(case.category).title,
    }


async def _page(visit: Visit, case: Feedback, act: Offer, page: Page) -> web.Response:
    work = visit.cases
    after = await history.photos(visit.db, case, after=True)
    return visit.page(
        "cases_say.html",
        status=page.status,
        case=case,
        act=act,
        Offer=Offer,
        title=TITLES[act],
        name=speaking.NAMES[act],
        hint=HINTS[act],
        page=page,
        typed=page.typed or dict.fromkeys(("text", "outcome", "original", "desk", "due", "body", *PARTS), ""),
        read=list(case_found.pieces(page.told)),
        buttons=speaking.offered(case, act),
        outcomes=OUTCOMES,
        dates=[(one.isoformat(), day_in_words(one)) for one in speaking.dates(work, case)],
        desks=[(one.code, one.name) for one in speaking.desks(work, case)] if act is Offer.TRANSFER else [],
        bodies=[
            *((one.code, one.name) for one in speaking.bodies(work, case)),
            (OTHER_BODY, "Nơi khác: tự ghi"),
        ],
        after=[one.id for one in after if one.sha256] if act is Offer.ANSWER else [],
        **_standing(visit, case),
    )


DOORS: tuple[Door, ...] = (
    get(AT + "/viet/{act}", form, *MAY),
    post(AT + "/viet/{act}", write, *MAY),
)
