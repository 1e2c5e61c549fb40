"""What an officer typed, as the answer to a question. Each returns a sentence when it was none."""

import re
from datetime import date

from feedback import acts, codes, history
from feedback.states import Incomplete
from handlers import staff_asking as asking
from handlers import staff_doing as doings
from handlers.phrases import staff as phrases
from handlers.phrases import when
from handlers.staff_doing import Doing
from handlers.talk import Turn
from knowledge.calendar import here
from knowledge.desks import Outside
from knowledge.fold import fold
from records.cases import Feedback, Outcome

LONGEST_FIELD = 150  # letters of one part of a typed address
PARTS = ("name", "address", "phone", "basis")
_DATE = re.compile(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}))?")
_NAMES = {
    doings.PROGRESS: "Nội dung báo người dân",
    doings.QUESTION: "Câu hỏi cho người dân",
    doings.EXTENSION: "Lý do (người dân sẽ đọc được)",
    doings.CLOSING: "Nội dung trả lời người dân",
    doings.TRANSFER: "Lý do chuyển (tổ nhận sẽ đọc)",
    doings.REFERRAL: "Lý do (người dân sẽ đọc được)",
}


async def hear(turn: Turn, case: Feedback, doing: Doing, question: str) -> str:
    """Take what was typed; return what to say first. Raises Incomplete."""
    said = turn.text
    if question == doings.ORIGINAL:
        return await _original(turn, case, doing, said)
    if question == doings.DUE:
        return _date(turn, case, doing, said)
    if question == doings.OUTCOME:
        return _outcome(doing, said)
    if question == doings.DESK:
        return _desk(turn, case, doing, said)
    if question == doings.BODY:
        return _body(turn, case, doing, said)
    if doing.outcome != Outcome.DUPLICATE:
        _text(doing, said)
    return ""


def first_words(turn: Turn, case: Feedback, doing: Doing, said: str) -> None:
    """Take what was typed behind the code: the desk, the body, or the words themselves. Raises Incomplete."""
    if doing.act == doings.TRANSFER:
        _desk(turn, case, doing, said)
    elif doing.act == doings.REFERRAL:
        _body(turn, case, doing, said)
    else:
        _text(doing, said)


def end(doing: Doing, outcome: Outcome) -> None:
    """Take how the case ends; what is not the ward's becomes a referral."""
    if outcome is Outcome.NOT_OURS:
        doing.act, doing.text = doings.REFERRAL, ""
    else:
        doing.outcome = outcome


def date_chosen(turn: Turn, case: Feedback, doing: Doing, iso: str) -> str:
    """Take a date from a button; return what to say when it does not fit."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return ""
    return _take_date(turn, case, doing, day)


def body_chosen(turn: Turn, doing: Doing, code: str) -> None:
    """Take a body of the ward's file from a button."""
    body = next((one for one in turn.ward.desks.outside if one.code == code), None)
    if body is not None and doing.act == doings.REFERRAL:
        doing.body = _fields(body)


def _text(doing: Doing, said: str) -> None:
    acts.complete(said, _NAMES[doing.act])
    doing.text, doing.silent = said.strip(), False


async def _original(turn: Turn, case: Feedback, doing: Doing, said: str) -> str:
    named = codes.named(said)
    if named is None or not named.right:
        raise Incomplete(phrases.NO_SUCH_ORIGINAL)
    other = await history.by_name(turn.db, named, here(turn.now).year)
    if other is None or other.desk != case.desk:
        raise Incomplete(phrases.NO_SUCH_ORIGINAL)
    doing.original = (await acts.original_of(turn.work, case, other.code)).code
    return ""


def _outcome(doing: Doing, said: str) -> str:
    chosen = next((code for code, label in phrases.OUTCOMES if fold(label) == fold(said)), None)
    if chosen is not None:
        end(doing, Outcome(chosen))
    else:
        _text(doing, said)
    return ""


def _desk(turn: Turn, case: Feedback, doing: Doing, said: str) -> str:
    allowed = {desk.code for desk in asking.desks(turn, case)}
    named = [desk for desk in turn.ward.desks.named(said) if desk.code in allowed]
    if not named:
        return phrases.NO_SUCH_DESK
    doing.desk = named[0].code
    return ""


def _body(turn: Turn, case: Feedback, doing: Doing, said: str) -> str:
    parts = [part.strip()[:LONGEST_FIELD] for part in re.split(r"[;\n]", said) if part.strip()]
    if len(parts) >= len(PARTS):
        doing.body = {"code": "khac", **dict(zip(PARTS, parts, strict=False))}
        return ""
    known = [*asking.bodies(turn, case), *turn.ward.desks.outside]
    body = next((one for one in known if fold(said) and fold(said) in fold(one.name)), None)
    if body is None:
        return phrases.BODY_AGAIN
    doing.body = _fields(body)
    return ""


def _fields(body: Outside) -> dict[str, str]:
    return {name: str(getattr(body, name)) for name in ("code", *PARTS)}


def _date(turn: Turn, case: Feedback, doing: Doing, said: str) -> str:
    found = _DATE.search(said)
    last = when.short_day(doings.last_date(turn.work, case))
    if found is None:
        return phrases.wrong_date(last)
    today = here(turn.now).date()
    year = int(found[3]) if found[3] else today.year
    try:
        day = date(year, int(found[2]), int(found[1]))
        if day < today and not found[3]:
            day = day.replace(year=year + 1)
    except ValueError:
        return phrases.wrong_date(last)
    return _take_date(turn, case, doing, day)


def _take_date(turn: Turn, case: Feedback, doing: Doing, day: date) -> str:
    if not doings.fits(turn.work, case, day):
        return phrases.wrong_date(when.short_day(doings.last_date(turn.work, case)))
    doing.due = day.isoformat()
    return ""
