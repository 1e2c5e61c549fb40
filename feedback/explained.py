"""The clock of a case in sentences staff understand: until when, why it stands still, what was put off."""

from feedback import clock, notices
from feedback.states import OPEN
from feedback.work import Work
from knowledge import when
from records.cases import Feedback, FeedbackState


def deadline(work: Work, case: Feedback) -> str:
    """Return in one sentence by when the case is to be answered, or how it ended."""
    if case.state not in OPEN:
        return _ended(case)
    if case.paused_at is not None:
        left = notices.minutes_in_words(case.pause_minutes_left or 0)
        return (
            f"Hạn {when.moment(case.due_at)}, đang tạm dừng từ {when.moment(case.paused_at)} vì đã hỏi người dân "
            f"và chờ trả lời; khi chạy lại còn {left}"
        )
    return notices.deadline(case, clock.minutes_left(work.calendar, case.due_at, work.now))


def _ended(case: Feedback) -> str:
    if case.state is FeedbackState.REFERRED:
        return f"Đã chuyển {case.referred_to or 'nơi khác'} lúc {_moment(case)}"
    late = case.answered_at is not None and case.answered_at > case.due_at
    how = "sau hạn" if late else "trong hạn"
    return f"Đã trả lời lúc {_moment(case)}, {how} ({when.moment(case.due_at)})"


def _moment(case: Feedback) -> str:
    return when.moment(case.answered_at) if case.answered_at is not None else "chưa rõ"


def reasons(work: Work, case: Feedback) -> list[str]:
    """Return why the deadline is what it is, a sentence each."""
    told = []
    if case.paused_at is not None and case.pause_until is not None:
        told.append(
            "Đồng hồ chạy lại ngay khi người dân trả lời, chậm nhất lúc "
            + when.moment(case.pause_until)
            + "."
        )
    if case.cycle:
        told.append(f"Mở lại lần {case.cycle}: hạn tính lại từ {when.moment(case.clock_from)}.")
    if case.extended_at is not None:
        told.append(
            f"Đã gia hạn một lần lúc {when.moment(case.extended_at)}; hạn đầu là "
            f"{when.moment(case.first_due_at)}. Lý do: {case.extension_reason}"
        )
    if case.claim_by is not None:
        told.append(f"Chưa ai nhận: đến {when.moment(case.claim_by)} thì hệ thống giao cho người trực.")
    if case.state in OPEN and work.ward.desks.bodies_for(case.category):
        by = clock.refer_by(work.calendar, case.clock_from, work.ward.desks)
        told.append(f"Nếu không thuộc phường thì chuyển cơ quan khác chậm nhất {when.moment(by)}.")
    return told
