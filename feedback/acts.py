"""What staff do with a case. Each act checks who acts and where the case stands, or does nothing.

`Stale` means the case has moved since the button was made. What the resident will read is
made by a function of `notices`; `preview_*` here gives the very same bytes beforehand.
"""

from dataclasses import dataclass
from datetime import datetime

from feedback import alerts, clock, history, intake, notices, routing
from feedback.states import OPEN, Incomplete, NotAllowed, Stale, allowed
from feedback.work import Work
from knowledge.calendar import here
from knowledge.desks import Outside
from records import people, staff
from records.cases import EntryKind, Feedback, FeedbackState, Follower, Outcome, Permission, Staff
from records.dialect import insert_new

SHORTEST = 5  # letters of a reason or an answer: "ok" explains nothing
LONGEST = 1500  # so that what the resident reads fits one message


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A staff person about to act: on the case as they saw it (`version`), or as it is (None)."""

    person: Staff
    version: int | None = None


async def open_case(work: Work, code: str, hand: Hand) -> Feedback:
    """Return the case *code*, locked, if *hand* may act on it now.

    Raises NotAllowed (also for a code that is not there: it tells nothing) or Stale.
    """
    await work.db.flush()
    case = await history.by_code(work.db, code, lock=True)
    if case is None:
        raise NotAllowed(notices.NOT_YOURS)
    await work.db.refresh(case)  # it may have been loaded before we waited for the lock
    if not routing.may_answer(work, hand.person, case):
        raise NotAllowed(notices.NOT_YOURS)
    if hand.version is not None and hand.version != case.version:
        raise Stale
    return case


async def claim(work: Work, code: str, hand: Hand) -> Feedback:
    """Take a case as one's own. Of two who try, one succeeds."""
    case = await open_case(work, code, hand)
    if case.state not in (FeedbackState.NEW, FeedbackState.REOPENED) or (
        case.officer_id is not None and case.officer_id != hand.person.id
    ):
        raise Stale
    await _give(work, case, hand.person, by=hand.person)
    return case


async def assign(work: Work, code: str, hand: Hand, officer: Staff) -> Feedback:
    """Give a case to *officer*. Needs the permission to assign."""
    case = await open_case(work, code, hand)
    if not staff.may(hand.person, Permission.ASSIGN_FEEDBACK):
        raise NotAllowed("Chỉ người được phân công việc mới giao việc cho người khác.")
    if not routing.may_answer(work, officer, case):
        raise NotAllowed(f"{officer.name} không thuộc tổ giữ việc này, hoặc chưa được quyền trả lời.")
    _require(case, FeedbackState.ASSIGNED)
    await _give(work, case, officer, by=hand.person)
    await _tell_new_holder(work, case, officer, unclaimed=False)
    return case


async def give_unclaimed(work: Work, case: Feedback) -> Staff | None:
    """Give a case nobody claimed in time to whoever is on duty; None when nobody is there at all."""
    person = await routing.on_duty(work, case)
    if person is None:
        case.claim_by = intake.claim_by(work, case)  # look again, the ladder above goes on meanwhile
        return None
    await _give(work, case, person, by=None)
    await _tell_new_holder(work, case, person, unclaimed=True)
    return person


async def transfer(work: Work, code: str, hand: Hand, desk: str, reason: str) -> Feedback:
    """Pass a case on to another desk of the ward; the resident's deadline stays."""
    case = await open_case(work, code, hand)
    _require(case, FeedbackState.NEW)
    complete(reason, "Lý do chuyển (tổ nhận sẽ đọc)")
    if desk in (case.desk, case.about_desk):
        raise NotAllowed("Không chuyển việc về chính tổ này, hoặc về đơn vị đang bị phản ánh.")
    before = work.ward.desks.desk(case.desk).name
    case.desk, case.officer_id, case.state = work.ward.desks.desk(desk).code, None, FeedbackState.NEW
    await _moved(work, case, EntryKind.TRANSFERRED, reason, by=hand.person)
    category = work.concerns.of(case.category)
    text = notices.moved(case, category, before, reason, _left(work, case))
    await alerts.tell_room(work, case, f"moved:{case.version}", text, choices=notices.for_claiming(case))
    person = await routing.on_duty(work, case)
    if person is not None:
        choices = notices.for_claiming(case)
        await alerts.tell_staff(work, case, person, f"moved:{case.version}", text, choices=choices)
    await alerts.show_photos(work, case)
    return case


async def progress(work: Work, code: str, hand: Hand, text: str) -> Feedback:
    """Tell the resident how far the work is."""
    case = await _held(work, code, hand)
    complete(text, "Nội dung báo người dân")
    told = preview_progress(work, case, text)
    await _moved(work, case, EntryKind.PROGRESS, text, by=hand.person, public=True)
    await alerts.tell_resident(work, case, "progress", told)
    return case


async def ask(work: Work, code: str, hand: Hand, text: str) -> Feedback:
    """Ask the resident, and stop the clock until they answer, or for so many working days."""
    case = await _held(work, code, hand)
    complete(text, "Câu hỏi cho người dân")
    require_chat(case)
    told = preview_question(work, case, text)
    if case.paused_at is None:
        case.paused_at = work.now
        case.pause_minutes_left = max(_left(work, case), 0)
    days = work.ward.desks.wait_working_days
    case.pause_until = clock.opening_after(work.calendar, work.now, days + 1)
    await _moved(work, case, EntryKind.ASKED, text, by=hand.person, public=True)
    await alerts.tell_resident(work, case, "asked", told)
    to = alerts.address_of(case)
    if to is not None:
        await people.await_answer(work.db, to, case.code, work.now)
    return case


async def extend(work: Work, code: str, hand: Hand, reason: str, due_at: datetime) -> Feedback:
    """Put the deadline off, once, for a reason the resident reads."""
    case = await _held(work, code, hand)
    complete(reason, "Lý do (người dân sẽ đọc được)")
    days = work.ward.desks.extension_working_days
    require_first_extension(case)
    if not work.now < due_at <= clock.latest_extension(work.calendar, max(case.due_at, work.now), days):
        raise Incomplete(f"Hạn mới phải sau lúc này và trong {days} ngày làm việc kể từ hạn cũ.")
    resume(work, case)
    case.due_at, case.extended_at, case.extension_reason = due_at, work.now, reason.strip()
    await _moved(work, case, EntryKind.EXTENDED, reason, by=hand.person, public=True)
    told = preview_extension(work, case, reason, due_at)
    await alerts.tell_resident(work, case, "extended", told, choices=notices.objection(case))
    return case


async def answer(work: Work, code: str, hand: Hand, text: str, outcome: Outcome) -> Feedback:
    """Give the resident the answer; the clock stops, and they may still say "not done"."""
    case = await _held(work, code, hand)
    _require(case, FeedbackState.ANSWERED)
    complete(text, "Nội dung trả lời người dân")
    after = [photo.sha256 for photo in await history.photos(work.db, case, after=True) if photo.sha256]
    told = preview_answer(work, case, text, outcome, photos=len(after))
    resume(work, case)
    case.state, case.answer, case.outcome = FeedbackState.ANSWERED, text.strip(), outcome
    case.answered_at, case.closed_by = work.now, hand.person.id
    await _moved(work, case, EntryKind.ANSWER, text, by=hand.person, public=True)
    choices = notices.after_answer(case)
    await alerts.tell_resident(work, case, "answer", told, choices=choices)
    for number, name in enumerate(after[: alerts.ALBUM], start=1):
        label = notices.photo(case, number, len(after))
        await alerts.tell_resident(work, case, f"after{number}", label, attachments=[name])
    await alerts.tell_followers(work, case, notices.followed(case, text, outcome))
    return case


async def join(work: Work, code: str, hand: Hand, original: str) -> Feedback:
    """Close a case as a double of *original*; its resident follows the original from now on."""
    case = await _held(work, code, hand)
    other = await original_of(work, case, original)
    case.duplicate_of = other.id
    to = alerts.address_of(case)
    if to is not None:
        row = {"feedback_id": other.id, "channel": to.channel, "user": to.user, "since": work.now}
        await insert_new(work.db, Follower, row)
    return await answer(work, code, Hand(person=hand.person), notices.joined(other), Outcome.DUPLICATE)


async def original_of(work: Work, case: Feedback, code: str) -> Feedback:
    """Return the open case *code* of which *case* may be a double. Raises Incomplete."""
    other = await history.by_code(work.db, code)
    taken = other is None or other.id == case.id or other.state not in OPEN
    if other is None or taken or other.duplicate_of is not None or other.discreet:
        raise Incomplete("Mã việc gốc không đúng, hoặc việc gốc không còn mở. Xin gõ lại mã việc gốc.")
    return other


async def refer(work: Work, code: str, hand: Hand, body: Outside, reason: str) -> Feedback:
    """Pass on what is not the ward's: the resident hears who decides, why and where."""
    case = await open_case(work, code, hand)
    _require(case, FeedbackState.REFERRED)
    told = preview_referral(work, case, body, reason)
    if work.now > clock.refer_by(work.calendar, case.clock_from, work.ward.desks):
        late = notices.REFERRED_LATE
        await history.note(work.db, case, EntryKind.INTERNAL, work.now, text=late, by=hand.person.id)
    resume(work, case)
    case.state, case.outcome, case.referred_to = FeedbackState.REFERRED, Outcome.NOT_OURS, body.name
    case.answer, case.answered_at, case.closed_by = told, work.now, hand.person.id
    await _moved(work, case, EntryKind.REFERRED, f"{body.name}: {reason}", by=hand.person, public=True)
    await alerts.tell_resident(work, case, "referred", told, choices=notices.after_answer(case))
    await alerts.tell_followers(work, case, notices.followed(case, told, Outcome.NOT_OURS))
    return case


async def remark(work: Work, code: str, hand: Hand, text: str) -> Feedback:
    """Add a line only staff see: a call made, a look at the place."""
    case = await open_case(work, code, hand)
    complete(text, "Ghi chú")
    await history.note(work.db, case, EntryKind.INTERNAL, work.now, text=text, by=hand.person.id)
    return case


def preview_progress(work: Work, case: Feedback, text: str) -> str:
    """Return what `progress` will tell the resident."""
    return notices.progress(case, _desk(work, case), text)


def preview_question(work: Work, case: Feedback, text: str) -> str:
    """Return what `ask` will tell the resident."""
    return notices.question(case, _desk(work, case), text)


def preview_extension(work: Work, case: Feedback, reason: str, due_at: datetime) -> str:
    """Return what `extend` will tell the resident."""
    return notices.extension(case, _desk(work, case), reason, due_at)


def preview_answer(work: Work, case: Feedback, text: str, outcome: Outcome, *, photos: int = 0) -> str:
    """Return what `answer` will tell the resident."""
    return notices.answer(case, _desk(work, case), text, outcome, photos)


def preview_referral(work: Work, case: Feedback, body: Outside, reason: str) -> str:
    """Return what `refer` will tell the resident."""
    return notices.referral(case, body, reason, here(work.now))


def resume(work: Work, case: Feedback) -> None:
    """Let the clock run on with the working minutes that were left when it stopped."""
    if case.paused_at is not None:
        case.due_at = work.calendar.add_working_minutes(work.now, case.pause_minutes_left or 0)
        case.paused_at = case.pause_until = case.pause_minutes_left = None


async def to_speak(work: Work, code: str, hand: Hand) -> Feedback:
    """Return the case if *hand* may speak for it now, changing nothing. Raises NotAllowed or Stale."""
    case = await open_case(work, code, hand)
    require_open(case)
    own = case.officer_id in (None, hand.person.id)
    if not own and not staff.may(hand.person, Permission.ASSIGN_FEEDBACK):
        holder = await work.db.get(Staff, case.officer_id)
        raise NotAllowed(f"Việc này {holder.name if holder else 'người khác'} đang giữ.")
    return case


def require_open(case: Feedback) -> None:
    """Raise Stale for a case nobody owes an answer to any more."""
    if case.state not in OPEN:
        raise Stale


def require_chat(case: Feedback) -> None:
    """Raise NotAllowed for a case whose resident cannot be asked in a chat."""
    if case.channel is None:
        raise NotAllowed("Việc này không có khung chat của người dân; xin gọi điện rồi ghi lại kết quả.")


def require_first_extension(case: Feedback) -> None:
    """Raise NotAllowed for a case that has had its one extension."""
    if case.extended_at is not None:
        raise NotAllowed("Việc này đã gia hạn một lần; không gia hạn lần hai.")


async def _held(work: Work, code: str, hand: Hand) -> Feedback:
    """Return the case if *hand* may speak for it; a new or reopened one is taken up by speaking."""
    case = await to_speak(work, code, hand)
    if case.state is not FeedbackState.ASSIGNED:
        holder = await work.db.get(Staff, case.officer_id) if case.officer_id is not None else None
        await _give(work, case, holder or hand.person, by=hand.person)
    return case


async def _give(work: Work, case: Feedback, officer: Staff, *, by: Staff | None) -> None:
    case.officer_id, case.state = officer.id, FeedbackState.ASSIGNED
    await _moved(work, case, EntryKind.CLAIMED, None, by=by or officer)


async def _tell_new_holder(work: Work, case: Feedback, officer: Staff, *, unclaimed: bool) -> None:
    category = work.concerns.of(case.category)
    text = notices.given(case, category, _left(work, case), unclaimed=unclaimed)
    choices = notices.for_holding(case)
    await alerts.tell_staff(work, case, officer, f"given:{case.version}", text, choices=choices)


async def _moved(
    work: Work, case: Feedback, kind: EntryKind, text: str | None, *, by: Staff, public: bool = False
) -> None:
    """Write the step down: a new version, the clock set anew, a line of history."""
    case.version += 1
    set_clock(work, case)
    work.db.add(case)
    await work.db.flush()
    await history.note(work.db, case, kind, work.now, text=text, public=public, by=by.id)


def set_clock(work: Work, case: Feedback) -> None:
    """Set when a case is to be looked at next, by where it stands now."""
    if case.paused_at is not None:
        case.next_alert_at, case.claim_by = case.pause_until, None
    elif case.state is FeedbackState.ANSWERED:
        case.next_alert_at = clock.opening_after(work.calendar, work.now, clock.AUTO_CLOSE_DAYS + 1)
        case.claim_by = None
    elif case.state in OPEN:
        intake.start_clock(work, case)
    else:
        case.next_alert_at = case.claim_by = None


def _require(case: Feedback, then: FeedbackState) -> None:
    if not allowed(case.state, then):
        raise Stale


def complete(text: str, name: str) -> None:
    """Raise Incomplete, asking for *name*, unless *text* says something and fits one message."""
    if len(text.strip()) < SHORTEST:
        raise Incomplete(f"{name}: xin viết rõ hơn, ít nhất {SHORTEST} chữ cái.")
    if len(text) > LONGEST:
        raise Incomplete(f"{name}: dài quá {LONGEST} chữ, xin viết gọn lại.")


def _left(work: Work, case: Feedback) -> int:
    return clock.minutes_left(work.calendar, case.due_at, work.now)


def _desk(work: Work, case: Feedback) -> str:
    return work.ward.desks.desk(case.desk).name
