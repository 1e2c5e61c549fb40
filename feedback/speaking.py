"""What an officer is about to write about a case: whether it is whole, what will be read, and the act itself.

The words that are shown beforehand come from the functions of `acts` that make what is sent;
`seal` marks the very preview somebody agreed to.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from feedback import acts, clock, codes, history, notices
from feedback.acts import Hand
from feedback.offers import Offer
from feedback.states import Incomplete
from feedback.work import Work
from knowledge.calendar import here
from knowledge.desks import OTHER, Desk, Outside
from records.cases import Feedback, Outcome

WRITTEN = (
    *(Offer.PROGRESS, Offer.QUESTION, Offer.EXTENSION),
    *(Offer.ANSWER, Offer.TRANSFER, Offer.REFERRAL),
)
NAMES: Mapping[Offer, str] = {
    Offer.PROGRESS: "Nội dung báo người dân",
    Offer.QUESTION: "Câu hỏi cho người dân",
    Offer.EXTENSION: "Lý do (người dân sẽ đọc được)",
    Offer.ANSWER: "Nội dung trả lời người dân",
    Offer.TRANSFER: "Lý do chuyển (tổ nhận sẽ đọc)",
    Offer.REFERRAL: "Lý do (người dân sẽ đọc được)",
}
NO_DATE = "Xin chọn hạn mới."
NO_OUTCOME = "Xin chọn kết quả của việc này."
NO_DESK = "Xin chọn tổ nhận việc."
NO_BODY = "Xin chọn nơi giải quyết, hoặc ghi đủ tên, địa chỉ, điện thoại và căn cứ."
NO_ORIGINAL = "Không thấy việc gốc còn mở với mã này ở cùng tổ. Xin gõ lại mã việc gốc."


@dataclass(frozen=True, kw_only=True)
class Saying:
    """One act that is being written: the words, and what else it needs."""

    act: Offer
    text: str = ""
    outcome: Outcome | None = None
    original: str = ""
    desk: str = ""
    due: date | None = None
    body: Outside | None = None


async def begin(work: Work, code: str, hand: Hand, act: Offer) -> Feedback:
    """Return the case if *act* may begin now. Raises NotAllowed or Stale."""
    if act in (Offer.TRANSFER, Offer.REFERRAL):
        case = await acts.open_case(work, code, hand)
        acts.require_open(case)
        return case
    case = await acts.to_speak(work, code, hand)
    if act is Offer.QUESTION:
        acts.require_chat(case)
    if act is Offer.EXTENSION:
        acts.require_first_extension(case)
    return case


def seal(case: Feedback, saying: Saying, told: str) -> str:
    """Return the mark of the very preview *told*, of the case as it stands."""
    fixed = saying.text if saying.act is Offer.TRANSFER else told  # there the time that is left runs on
    words = f"{saying.act}:{case.code}:{case.version}:{saying.desk}:{saying.original}:{fixed}"
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def offered(case: Feedback, act: Offer) -> tuple[str, ...]:
    """Return the buttons the resident finds under what is sent."""
    choices = {
        Offer.ANSWER: notices.after_answer,
        Offer.REFERRAL: notices.after_answer,
        Offer.EXTENSION: notices.objection,
    }.get(act)
    return tuple(label for label, _ in choices(case)) if choices and case.channel is not None else ()


# --- what there is to choose from --------------------------------------------------------------


def last_date(work: Work, case: Feedback) -> date:
    """Return the last day to which the deadline may be put off."""
    days = work.ward.desks.extension_working_days
    return here(clock.latest_extension(work.calendar, max(case.due_at, work.now), days)).date()


def dates(work: Work, case: Feedback) -> list[date]:
    """Return the working days to which the deadline may be put off."""
    start, last = here(max(case.due_at, work.now)).date(), last_date(work, case)
    most = work.ward.desks.extension_working_days
    days = [work.calendar.add_working_days(start, number) for number in range(1, most + 1)]
    return [day for day in days if day <= last]


def desks(work: Work, case: Feedback) -> list[Desk]:
    """Return the desks a case may be passed on to, those its words point to first."""
    known = work.ward.desks
    guessed = [known.of_category(guess.category.code) for guess in work.concerns.guess(case.text or "")]
    ordered = {desk.code: desk for desk in (*guessed, *known.desks)}
    return [desk for desk in ordered.values() if desk.code not in (case.desk, case.about_desk)]


def bodies(work: Work, case: Feedback) -> list[Outside]:
    """Return the bodies beyond the ward, those that deal with such a matter first."""
    known = work.ward.desks
    first = known.bodies_for(case.category) or known.bodies_for(OTHER)
    return list({body.code: body for body in (*first, *known.outside)}.values())


async def original(work: Work, case: Feedback, said: str) -> str:
    """Return the code of the open case *said* names, of which *case* is a double. Raises Incomplete."""
    named = codes.named(said)
    other = await history.by_name(work.db, named, here(work.now).year) if named and named.right else None
    if other is None or other.desk != case.desk:
        raise Incomplete(NO_ORIGINAL)
    return (await acts.original_of(work, case, other.code)).code


# --- what will be read -------------------------------------------------------------------------


async def preview(work: Work, case: Feedback, saying: Saying) -> str:
    """Return the very words that will be read. Raises Incomplete, asking for what is missing."""
    needs_words = saying.outcome is not Outcome.DUPLICATE and (
        saying.act is not Offer.REFERRAL or saying.text
    )
    if needs_words:
        acts.complete(saying.text, NAMES[saying.act])
    return await _PREVIEWS[saying.act](work, case, saying)


async def _progress(work: Work, case: Feedback, saying: Saying) -> str:
    return acts.preview_progress(work, case, saying.text)


async def _question(work: Work, case: Feedback, saying: Saying) -> str:
    return acts.preview_question(work, case, saying.text)


async def _extension(work: Work, case: Feedback, saying: Saying) -> str:
    return acts.preview_extension(work, case, saying.text, _due_at(work, case, saying))


def _due_at(work: Work, case: Feedback, saying: Saying) -> datetime:
    if saying.due is None or saying.due not in dates(work, case):
        raise Incomplete(NO_DATE)
    return work.calendar.close_of(saying.due)


async def _answer(work: Work, case: Feedback, saying: Saying) -> str:
    if saying.outcome is None or saying.outcome is Outcome.NOT_OURS:
        raise Incomplete(NO_OUTCOME)
    text = saying.text
    if saying.outcome is Outcome.DUPLICATE:
        text = notices.joined(await acts.original_of(work, case, saying.original))
    after = [photo for photo in await history.photos(work.db, case, after=True) if photo.sha256]
    return acts.preview_answer(work, case, text, saying.outcome, photos=len(after))


async def _transfer(work: Work, case: Feedback, saying: Saying) -> str:
    if saying.desk not in {desk.code for desk in desks(work, case)}:
        raise Incomplete(NO_DESK)
    left = clock.minutes_left(work.calendar, case.due_at, work.now)
    before = work.ward.desks.desk(case.desk).name
    return notices.moved(case, work.concerns.of(case.category), before, saying.text, left)


async def _referral(work: Work, case: Feedback, saying: Saying) -> str:
    if saying.body is None:
        raise Incomplete(NO_BODY)
    return acts.preview_referral(work, case, saying.body, saying.text)


_PREVIEWS: Mapping[Offer, Callable[[Work, Feedback, Saying], Awaitable[str]]] = {
    Offer.PROGRESS: _progress,
    Offer.QUESTION: _question,
    Offer.EXTENSION: _extension,
    Offer.ANSWER: _answer,
    Offer.TRANSFER: _transfer,
    Offer.REFERRAL: _referral,
}

# --- the act -----------------------------------------------------------------------------------


async def do(work: Work, case: Feedback, hand: Hand, saying: Saying) -> Feedback:
    """Do it, once. Raises NotAllowed, Stale or Incomplete."""
    code, text = case.code, saying.text
    if saying.act is Offer.EXTENSION:
        return await acts.extend(work, code, hand, text, _due_at(work, case, saying))
    if saying.act is Offer.TRANSFER:
        return await acts.transfer(work, code, hand, saying.desk, text)
    if saying.act is Offer.REFERRAL:
        if saying.body is None:
            raise Incomplete(NO_BODY)
        return await acts.refer(work, code, hand, saying.body, text)
    if saying.act is Offer.ANSWER:
        return await _close(work, code, hand, saying)
    act = acts.progress if saying.act is Offer.PROGRESS else acts.ask
    return await act(work, code, hand, text)


async def _close(work: Work, code: str, hand: Hand, saying: Saying) -> Feedback:
    if saying.outcome is None:
        raise Incomplete(NO_OUTCOME)
    if saying.outcome is Outcome.DUPLICATE:
        return await acts.join(work, code, hand, saying.original)
    return await acts.answer(work, code, hand, saying.text, saying.outcome)
