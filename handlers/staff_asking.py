"""What an officer is asked on the way, and how what will be read is shown."""

from collections.abc import Callable, Mapping

from handlers import staff_doing as doings
from handlers.buttons import short
from handlers.phrases import staff as phrases
from handlers.phrases import when
from handlers.staff_doing import Doing
from handlers.talk import MAX_CHOICES, Choice, Reply, Turn
from knowledge.desks import OTHER, Desk, Outside
from records.cases import Feedback

DROP = Choice("Bỏ", "/cb bo")
EDIT = Choice("Sửa", "/cb sua")
NO_WORDS = Choice("Bỏ qua phần này", "/cb thoi")
MORE = Choice("Tổ khác", "/cb totiep")
AT_ONCE = MAX_CHOICES - 1  # the fifth leads on

_TEXTS: Mapping[str, str] = {
    doings.PROGRESS: phrases.PROGRESS,
    doings.QUESTION: phrases.QUESTION,
    doings.CLOSING: phrases.ANSWER,
    doings.TRANSFER: phrases.TRANSFER_WHY,
    doings.REFERRAL: phrases.REFER_WHY,
}


def ask(turn: Turn, case: Feedback, doing: Doing, question: str) -> Reply:
    """Return the reply that asks *question*."""
    reply = _QUESTIONS[question](turn, case, doing)
    return Reply(text=f"{case.code} · {reply.text}", choices=reply.choices)


def _text(turn: Turn, _: Feedback, doing: Doing) -> Reply:
    if doing.act == doings.EXTENSION:
        return Reply(
            text=phrases.why_later(turn.ward.desks.extension_working_days),
            choices=(DROP,),
        )
    skip = (NO_WORDS,) if doing.act == doings.REFERRAL else ()
    return Reply(text=_TEXTS[doing.act], choices=(*skip, DROP))


def _due(turn: Turn, case: Feedback, _: Doing) -> Reply:
    days = doings.dates(turn.work, case, AT_ONCE)
    choices = tuple(Choice(when.short_day(day), f"/cb han {day.isoformat()}") for day in days)
    last = when.short_day(doings.last_date(turn.work, case))
    return Reply(text=phrases.which_date(last), choices=(*choices, DROP))


def _outcome(_: Turn, __: Feedback, ___: Doing) -> Reply:
    choices = tuple(Choice(label, f"/cb kq {code}") for code, label in phrases.OUTCOMES)
    return Reply(text=phrases.OUTCOME, choices=choices)


def _original(_: Turn, __: Feedback, ___: Doing) -> Reply:
    return Reply(text=phrases.ORIGINAL, choices=(DROP,))


def _desk(turn: Turn, case: Feedback, doing: Doing) -> Reply:
    fit = desks(turn, case)
    pages = max(1, -(-len(fit) // AT_ONCE))
    first = doing.page % pages * AT_ONCE
    choices = tuple(Choice(desk.short, f"/cb to {desk.code}", desk.name) for desk in fit[first:][:AT_ONCE])
    more = (MORE,) if pages > 1 else ()
    return Reply(text=phrases.DESK, choices=(*choices, *more))


def desks(turn: Turn, case: Feedback) -> list[Desk]:
    """Return the desks a case may be passed on to, those its words point to first."""
    known = turn.ward.desks
    guessed = [known.of_category(guess.category.code) for guess in turn.concerns.guess(case.text or "")]
    ordered = {desk.code: desk for desk in (*guessed, *known.desks)}
    return [desk for desk in ordered.values() if desk.code not in (case.desk, case.about_desk)]


def _body(turn: Turn, case: Feedback, _: Doing) -> Reply:
    choices = tuple(
        Choice(short(body.name), f"/cb noi {body.code}", body.name) for body in bodies(turn, case)[:AT_ONCE]
    )
    return Reply(text=phrases.BODY, choices=(*choices, DROP))


def bodies(turn: Turn, case: Feedback) -> list[Outside]:
    """Return the bodies that deal with such a matter, else those that know whose it is."""
    return turn.ward.desks.bodies_for(case.category) or turn.ward.desks.bodies_for(OTHER)


_QUESTIONS: Mapping[str, Callable[[Turn, Feedback, Doing], Reply]] = {
    doings.TEXT: _text,
    doings.DUE: _due,
    doings.OUTCOME: _outcome,
    doings.ORIGINAL: _original,
    doings.DESK: _desk,
    doings.BODY: _body,
}


def preview(doing: Doing, text: str) -> Reply:
    """Show what will be read, with what may be done about it."""
    who = phrases.DESK_READS if doing.act == doings.TRANSFER else phrases.RESIDENT_READS
    send = Choice("Gửi", f"/cb gui {doing.version} {doing.shown}")
    return Reply(text=phrases.preview(who, text), choices=(send, EDIT, DROP), solemn=True, exact=True)


def sent(case: Feedback, doing: Doing) -> Reply:
    """Confirm what was done; say so when there is no chat to read it in."""
    told = phrases.SENT[doing.act].format(code=case.code)
    if case.channel is None and doing.act != doings.TRANSFER:
        told = f"{told}\n{phrases.NO_CHAT}"
    return Reply(text=told)
