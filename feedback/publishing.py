"""Show a case to everybody, or take it back; never what is discreet or was erased."""

from feedback import acts, listing
from feedback.acts import Hand
from feedback.states import NotAllowed
from feedback.work import Work
from records import trace
from records.cases import Feedback, Staff

DISCREET = "Việc này thuộc loại chỉ xem riêng, không công bố được."
ERASED = "Nội dung việc này đã xóa theo yêu cầu hoặc hết hạn lưu, không còn gì để công bố."
ALREADY = "Việc này đã được công bố rồi."
NOT_YET = "Việc này chưa được công bố."


async def publish(work: Work, code: str, person: Staff) -> Feedback:
    """Show the case to everybody from now on. Raises NotAllowed."""
    case = await acts.open_case(work, code, Hand(person=person))
    if not listing.may_be_public(case, work.concerns):
        raise NotAllowed(why_not(case))
    if case.published_at is not None:
        raise NotAllowed(ALREADY)
    case.published_at = work.now
    await _noted(work, case, person, "feedback.published")
    return case


def why_not(case: Feedback) -> str:
    """Say why *case* is not for everybody."""
    return DISCREET if case.erased_at is None else ERASED


async def withdraw(work: Work, code: str, person: Staff) -> Feedback:
    """Show the case to nobody any more. Raises NotAllowed."""
    case = await acts.open_case(work, code, Hand(person=person))
    if case.published_at is None:
        raise NotAllowed(NOT_YET)
    case.published_at = None
    await _noted(work, case, person, "feedback.withdrawn")
    return case


async def _noted(work: Work, case: Feedback, person: Staff, what: str) -> None:
    """Keep the change; buttons made before stay good, so the version does not grow."""
    work.db.add(case)
    await work.db.flush()
    who = f"staff:{person.id}"
    await trace.leave(work.db, who=who, what=what, on=case.code, detail={}, now=work.now)
