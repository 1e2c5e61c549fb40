"""A resident's own cases: where they stand, more about them, a mark, "not done", a new date refused."""

from feedback import access, clock, codes, history, notices, replies
from feedback.access import Looked, View
from feedback.alerts import address_of
from feedback.states import OPEN
from handlers.phrases import cases as phrases
from handlers.phrases import handover as handover_phrases
from handlers.phrases import when
from handlers.talk import MAX_CHOICES, Choice, Reply, Turn
from knowledge.calendar import here
from knowledge.fold import fold
from records import handovers
from records.cases import EntryKind, Feedback, FeedbackState

ADDING = "case:add"
REOPENING = "case:reopen"
OBJECTING = "case:object"
SHOWN = 8  # cases listed at once
TOLD = 3  # lines of the history shown
SHORTEST_CODE = 6  # letters: "PA26-0" at least; anything shorter names no case

_BACK = Choice("Về đầu", "/menu")
_NEW = Choice("Gửi phản ánh", "/phananh")
_MINE = Choice("Việc của tôi", "/viec")
_PERSON = Choice("Gặp cán bộ", "/canbo")
_TOLD_KINDS = frozenset(
    {EntryKind.ASKED, EntryKind.PROGRESS, EntryKind.EXTENDED, EntryKind.ANSWER, EntryKind.REFERRED}
)


async def mine(turn: Turn) -> Reply:
    """List the person's own cases and questions; one button each."""
    rows = await history.of_person(turn.db, turn.incoming.sender, SHOWN)
    waiting = await handovers.of(turn.db, turn.incoming.sender)
    questions = [
        handover_phrases.waiting(
            row.id or 0, when.short_day(here(row.asked_at).date()), when.moment(row.answer_by)
        )
        for row in waiting
    ]
    if not rows and not questions:
        return Reply(text=phrases.NOTHING_YET, choices=(_NEW, _PERSON, _BACK))
    choices = tuple(Choice(case.code, f"/tinhtrang {case.code}") for case in rows[: MAX_CHOICES - 1])
    return Reply(text=phrases.mine(rows, questions), choices=(*choices, _BACK))


async def status(turn: Turn) -> Reply:
    """Tell where a case stands, as much of it as this person may see."""
    said = turn.argument or turn.incoming.text
    if codes.named(said) is None:
        return Reply(text=phrases.ASK_CODE, choices=(_MINE, _NEW, _BACK))
    found = await access.look(turn.work, turn.incoming.sender, said)
    if found.case is None:
        return _not_found(turn, found, said)
    if found.view is View.STATE:
        left = f", hạn {when.moment(found.case.due_at)}" if found.case.state in OPEN else ""
        text = f"{phrases.state(found.case, left)}\n{phrases.ONLY_STATE}"
        return Reply(text=text, choices=(_MINE, _BACK))
    return await _shown(turn, found.case, own=found.view is View.ALL)


def _not_found(turn: Turn, found: Looked, said: str) -> Reply:
    choices = (_MINE, _PERSON, _BACK)
    if found.why == "wait":
        return Reply(text=phrases.WAIT.format(hotline=turn.ward.hotline), choices=choices)
    named = codes.named(said)
    if found.why == "wrong_digit" and named is not None and named.year is not None:
        code = f"PA{named.year:02}-{named.number:04}-{named.check}"
        return Reply(text=phrases.wrong_digit(code), choices=choices)
    return Reply(text=phrases.MISSING, choices=choices)


async def _shown(turn: Turn, case: Feedback, *, own: bool) -> Reply:
    lines = await history.lines(turn.db, case, public_only=True)
    told = [(line.at, line.text or "") for line in lines if line.kind in _TOLD_KINDS and line.text][-TOLD:]
    left = ""
    if case.state in OPEN and case.paused_at is None:
        left = phrases.deadline(case, clock.minutes_left(turn.calendar, case.due_at, turn.now))
    return Reply(text=phrases.status(case, told, left), choices=_acts(case) if own else (_BACK,))


def _acts(case: Feedback) -> tuple[Choice, ...]:
    """Return what the owner may do with a case where it stands."""
    if case.state in OPEN:
        return (
            Choice("Bổ sung thông tin", f"/bosung {case.code}"),
            Choice("Báo nguy hiểm hơn", f"/nguyhiem {case.code}"),
            _PERSON,
            _BACK,
        )
    offered = notices.marks(case) if case.state is FeedbackState.CLOSED else notices.after_answer(case)
    return (*(Choice(label, say) for label, say in offered), _BACK)


# --- more about it ---------------------------------------------------------------------------------


async def add(turn: Turn) -> Reply:
    """Invite more words or photos for a case of one's own."""
    case = await _own(turn)
    if case is None:
        return Reply(text=phrases.MISSING, choices=(_MINE, _BACK))
    if case.state not in OPEN:
        return _closed(case)
    turn.memory.step, turn.memory.data = ADDING, {"code": case.code}
    return Reply(text=phrases.ASK_MORE.format(case=phrases.named(case)), choices=(Choice("Bỏ", "/xoa"),))


async def added(turn: Turn) -> Reply:
    """Add what came: words, photos, a voice note."""
    case = await _own(turn, str(turn.memory.data.get("code", "")))
    turn.memory.leave_step()
    if case is None or case.state not in OPEN:
        return _closed(case) if case else Reply(text=phrases.MISSING, choices=(_MINE, _BACK))
    incoming = turn.incoming
    photos = (*incoming.photos, *((incoming.voice,) if incoming.voice else ()))
    await replies.add(turn.work, case, incoming.sender, incoming.text, photos)
    turn.memory.awaited = ""
    return Reply(text=phrases.ADDED.format(case=phrases.named(case)), choices=(_MINE, _BACK))


async def awaited(turn: Turn) -> Reply | None:
    """Ask whether free words are the answer we wait for; None when we wait for none."""
    case = await _own(turn, turn.memory.awaited) if turn.memory.awaited else None
    if case is None or case.paused_at is None:
        turn.memory.awaited = ""
        return None
    turn.memory.data = {"answer": turn.text, "photos": list(turn.incoming.photos)}
    text = phrases.IS_ANSWER.format(case=notices.heading(case))
    return Reply(
        text=text, choices=(Choice("Đúng, gửi đi", f"/traloi {case.code}"), Choice("Việc khác", "/viec khac"))
    )


async def answer(turn: Turn) -> Reply:
    """Send the words we asked about as the answer to our question."""
    case = await _own(turn)
    words = str(turn.memory.data.get("answer", ""))
    if case is None or case.state not in OPEN or not words:
        return await add(turn)
    photos = [str(ref) for ref in turn.memory.data.get("photos", [])]
    await replies.add(turn.work, case, turn.incoming.sender, words, photos)
    turn.memory.leave_step()
    turn.memory.awaited = ""
    return Reply(text=phrases.ADDED.format(case=phrases.named(case)), choices=(_MINE, _BACK))


async def worse(turn: Turn) -> Reply:
    """Tell staff that a case has become more dangerous."""
    case = await _own(turn)
    if case is None or case.state not in OPEN:
        return _closed(case) if case else Reply(text=phrases.MISSING, choices=(_MINE, _BACK))
    await replies.worsen(turn.work, case)
    more = Choice("Bổ sung thông tin", f"/bosung {case.code}")
    return Reply(text=phrases.WORSE.format(case=phrases.named(case)), choices=(more, _BACK), solemn=True)


# --- what one thinks of it ------------------------------------------------------------------------------


async def rate(turn: Turn) -> Reply:
    """Take "done", "partly" or a mark from 1 to 3."""
    case = await _own(turn)
    if case is None or case.state in OPEN:
        return Reply(text=phrases.MISSING, choices=(_MINE, _BACK))
    word = turn.argument.split()[-1]
    if word == "xong":
        if case.state is FeedbackState.ANSWERED:
            await replies.close(turn.work, case)
        marks = tuple(Choice(label, say) for label, say in notices.marks(case)[:3])
        return Reply(text=phrases.THANKS_DONE.format(case=phrases.named(case)), choices=marks)
    again = Choice("Mở lại", f"/molai {case.code}")
    if word == "motphan":
        text = phrases.THANKS_PARTLY.format(case=phrases.named(case))
        return Reply(text=text, choices=(again, Choice("Thôi, được rồi", f"/danhgia {case.code} 2")))
    if word not in ("1", "2", "3"):
        return Reply(text=phrases.MISSING, choices=(_MINE, _BACK))
    await replies.rate(turn.work, case, int(word))
    if word == "3":
        return Reply(text=phrases.SORRY_RATED, choices=(again, Choice("Không", "/menu")))
    return Reply(text=phrases.RATED, choices=(_MINE, _BACK))


async def reopen(turn: Turn) -> Reply:
    """Ask what is still wrong; take the case up again with the reason."""
    case = await _own(turn)
    if case is None or not replies.may_reopen(turn.work, case):
        return Reply(text=phrases.CANNOT_REOPEN, choices=(_NEW, _MINE, _BACK))
    words = turn.argument.split()
    reason = phrases.REASONS.get(words[-1])
    if reason is not None:
        return await _reopened(turn, case, reason, worse=words[-1] == "nguyhiem")
    turn.memory.step, turn.memory.data = REOPENING, {"code": case.code}
    if words[-1] == "khac":
        return Reply(text=phrases.WRITE_WHY, choices=(Choice("Bỏ", "/xoa"),))
    return Reply(
        text=phrases.WHY_REOPEN,
        choices=(
            Choice("Vẫn còn, nguy hiểm", f"/molai {case.code} nguyhiem"),
            Choice("Sai chỗ", f"/molai {case.code} saicho"),
            Choice("Chưa dứt điểm", f"/molai {case.code} chuadut"),
            Choice("Khác, để tôi viết", f"/molai {case.code} khac"),
        ),
    )


async def reopen_why(turn: Turn) -> Reply:
    """Take the case up again for the reason that was typed."""
    case = await _own(turn, str(turn.memory.data.get("code", "")))
    if case is None or not replies.may_reopen(turn.work, case):
        turn.memory.leave_step()
        return Reply(text=phrases.CANNOT_REOPEN, choices=(_NEW, _MINE, _BACK))
    danger = any(word in fold(turn.text) for word in ("nguy hiem", "te nga", "bi te"))
    return await _reopened(turn, case, turn.text[:500], worse=danger)


async def _reopened(turn: Turn, case: Feedback, reason: str, *, worse: bool) -> Reply:
    await replies.reopen(turn.work, case, reason, worse=worse)
    turn.memory.leave_step()
    desk = turn.ward.desks.desk(case.desk).name
    more = Choice("Bổ sung thông tin", f"/bosung {case.code}", "Bổ sung thông tin, ảnh")
    return Reply(text=phrases.reopened(case, desk), choices=(more, _MINE, _BACK))


async def objection(turn: Turn) -> Reply:
    """Ask what the chairperson should hear about a new date."""
    case = await _own(turn)
    if case is None or case.extended_at is None:
        return Reply(text=phrases.MISSING, choices=(_MINE, _BACK))
    turn.memory.step, turn.memory.data = OBJECTING, {"code": case.code}
    return Reply(text=phrases.OBJECTION.format(case=phrases.named(case)), choices=(Choice("Bỏ", "/xoa"),))


async def objected(turn: Turn) -> Reply:
    """Pass the words on to the chairperson."""
    case = await _own(turn, str(turn.memory.data.get("code", "")))
    turn.memory.leave_step()
    if case is None:
        return Reply(text=phrases.MISSING, choices=(_MINE, _BACK))
    await replies.object_to(turn.work, case, turn.text[:1000])
    return Reply(text=phrases.OBJECTED, choices=(_MINE, _BACK))


def _closed(case: Feedback) -> Reply:
    text = phrases.NOT_OPEN.format(case=phrases.named(case))
    return Reply(text=text, choices=(Choice("Mở lại", f"/molai {case.code}"), _MINE, _BACK))


async def _own(turn: Turn, code: str = "") -> Feedback | None:
    """Return the case a button names, locked, if it belongs to whoever pressed it."""
    named = codes.named(code or turn.argument)
    if named is None or named.year is None or not named.right:
        return None
    case = await history.by_code(turn.db, codes.code_of(named.year, named.number), lock=True)
    return case if case is not None and address_of(case) == turn.incoming.sender else None


COMMANDS = {
    "/viec": mine,
    "/tinhtrang": status,
    "/bosung": add,
    "/traloi": answer,
    "/nguyhiem": worse,
    "/danhgia": rate,
    "/molai": reopen,
    "/ykien": objection,
}
STEPS = {ADDING: added, REOPENING: reopen_why, OBJECTING: objected}
