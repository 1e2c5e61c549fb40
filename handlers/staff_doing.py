"""What an officer is about to say of a case: what is still missing, what will be read, and the act itself.

It lives in the notes of the private conversation until it is sent or dropped.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime

from feedback import acts, clock, history, notices
from feedback.acts import Hand
from feedback.work import Work
from handlers.talk import Turn
from knowledge.calendar import here
from knowledge.desks import Outside
from records.cases import Feedback, Outcome

PROGRESS, QUESTION, EXTENSION, CLOSING = "tiendo", "hoithem", "giahan", "dong"
TRANSFER, REFERRAL = "chuyen", "khongthuoc"
TEXT, DUE, OUTCOME, ORIGINAL = "text", "due", "outcome", "original"
DESK, BODY, CONFIRM = "desk", "body", "confirm"
NEEDS: Mapping[str, tuple[str, ...]] = {
    PROGRESS: (TEXT,),
    QUESTION: (TEXT,),
    EXTENSION: (TEXT, DUE),
    CLOSING: (OUTCOME, TEXT),
    TRANSFER: (DESK, TEXT),
    REFERRAL: (BODY, TEXT),
}
DOUBLE = (OUTCOME, ORIGINAL)  # a double is closed with the code of the other, not with words


@dataclass(kw_only=True)
class Doing:
    """One act that is being written. `version` is the case as the officer saw it.

    `silent` when no words are wanted, `due` a date (ISO), `body` the fields of an `Outside`,
    `shown` the seal of the preview, `page` which desks are on offer.
    """

    act: str
    code: str
    version: int
    text: str = ""
    silent: bool = False
    outcome: str = ""
    original: str = ""
    desk: str = ""
    due: str = ""
    body: dict[str, str] = field(default_factory=dict)
    shown: str = ""
    page: int = 0


def load(turn: Turn) -> Doing | None:
    """Return what is being written in this conversation."""
    notes = turn.memory.data
    if notes.get("act") not in NEEDS or not notes.get("code"):
        return None
    known = {item.name for item in fields(Doing)}
    return Doing(**{name: value for name, value in notes.items() if name in known})


def save(turn: Turn, doing: Doing) -> None:
    """Keep *doing* with the conversation."""
    turn.memory.data = asdict(doing)


def open_question(doing: Doing) -> str:
    """Return what is asked next; at last whether it may go."""
    needs = DOUBLE if doing.outcome == Outcome.DUPLICATE else NEEDS[doing.act]
    return next((need for need in needs if _missing(doing, need)), CONFIRM)


def _missing(doing: Doing, need: str) -> bool:
    return not getattr(doing, need) and not (need == TEXT and doing.silent)


def seal(doing: Doing, text: str) -> str:
    """Return the short mark by which a button knows the very preview it stands under."""
    words = f"{doing.act}:{doing.code}:{doing.version}:{text}"
    return hashlib.sha256(words.encode()).hexdigest()[:10]


async def openable(work: Work, code: str, hand: Hand, act: str) -> Feedback:
    """Return the case if *act* may begin now. Raises NotAllowed or Stale."""
    if act in (TRANSFER, REFERRAL):
        case = await acts.open_case(work, code, hand)
        acts.require_open(case)
        return case
    case = await acts.to_speak(work, code, hand)
    if act == QUESTION:
        acts.require_chat(case)
    if act == EXTENSION:
        acts.require_first_extension(case)
    return case


# --- dates -------------------------------------------------------------------------------------


def last_date(work: Work, case: Feedback) -> date:
    """Return the last day to which the deadline may be put off."""
    days = work.ward.desks.extension_working_days
    return here(clock.latest_extension(work.calendar, max(case.due_at, work.now), days)).date()


def dates(work: Work, case: Feedback, most: int) -> list[date]:
    """Return the next working days after the deadline, up to the last that is allowed."""
    start, last = here(max(case.due_at, work.now)).date(), last_date(work, case)
    days = [work.calendar.add_working_days(start, n) for n in range(1, most + 1)]
    return [day for day in days if day <= last]


def fits(work: Work, case: Feedback, day: date) -> bool:
    """Tell whether *day* may be the new date."""
    return here(work.now).date() < day <= last_date(work, case) and work.calendar.is_working_day(day)


def _due_at(work: Work, doing: Doing) -> datetime:
    return work.calendar.close_of(date.fromisoformat(doing.due))


# --- what will be read -------------------------------------------------------------------------


async def preview(work: Work, case: Feedback, doing: Doing) -> str:
    """Return the very words that will be read. Raises Incomplete."""
    return await _PREVIEWS[doing.act](work, case, doing)


async def _progress(work: Work, case: Feedback, doing: Doing) -> str:
    return acts.preview_progress(work, case, doing.text)


async def _question(work: Work, case: Feedback, doing: Doing) -> str:
    return acts.preview_question(work, case, doing.text)


async def _extension(work: Work, case: Feedback, doing: Doing) -> str:
    return acts.preview_extension(work, case, doing.text, _due_at(work, doing))


async def _answer(work: Work, case: Feedback, doing: Doing) -> str:
    text, outcome = doing.text, Outcome(doing.outcome)
    if outcome is Outcome.DUPLICATE:
        text = notices.joined(await acts.original_of(work, case, doing.original))
    after = [photo for photo in await history.photos(work.db, case, after=True) if photo.sha256]
    return acts.preview_answer(work, case, text, outcome, photos=len(after))


async def _transfer(_: Work, __: Feedback, doing: Doing) -> str:
    return doing.text


async def _referral(work: Work, case: Feedback, doing: Doing) -> str:
    return acts.preview_referral(work, case, _body(doing), doing.text)


def _body(doing: Doing) -> Outside:
    named = {name: doing.body[name] for name in ("code", "name", "phone", "address", "basis")}
    return Outside(**named, categories=())


_PREVIEWS: Mapping[str, Callable[[Work, Feedback, Doing], Awaitable[str]]] = {
    PROGRESS: _progress,
    QUESTION: _question,
    EXTENSION: _extension,
    CLOSING: _answer,
    TRANSFER: _transfer,
    REFERRAL: _referral,
}

# --- the act -----------------------------------------------------------------------------------


async def do(work: Work, hand: Hand, doing: Doing) -> Feedback:
    """Do it, once. Raises NotAllowed, Stale or Incomplete."""
    if doing.act == EXTENSION:
        return await acts.extend(work, doing.code, hand, doing.text, _due_at(work, doing))
    if doing.act == TRANSFER:
        return await acts.transfer(work, doing.code, hand, doing.desk, doing.text)
    if doing.act == REFERRAL:
        return await acts.refer(work, doing.code, hand, _body(doing), doing.text)
    if doing.act == CLOSING:
        return await _close(work, hand, doing)
    act = acts.progress if doing.act == PROGRESS else acts.ask
    return await act(work, doing.code, hand, doing.text)


async def _close(work: Work, hand: Hand, doing: Doing) -> Feedback:
    if doing.outcome == Outcome.DUPLICATE:
        return await acts.join(work, doing.code, hand, doing.original)
    return await acts.answer(work, doing.code, hand, doing.text, Outcome(doing.outcome))
