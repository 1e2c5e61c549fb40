"""Words for a case after it was sent: where it stands, adding to it, rating, taking it up again."""

from collections.abc import Sequence
from datetime import datetime

from feedback import notices
from knowledge import when
from knowledge.calendar import here
from knowledge.wording import bold
from records.cases import Feedback, FeedbackState, Outcome

STATES = {
    FeedbackState.NEW: "đã tiếp nhận, đang phân công",
    FeedbackState.ASSIGNED: "đang xử lý",
    FeedbackState.ANSWERED: "đã trả lời, chờ anh/chị cho ý kiến",
    FeedbackState.REOPENED: "đã mở lại, đang xử lý",
    FeedbackState.CLOSED: "đã đóng",
    FeedbackState.REFERRED: "đã chuyển đến nơi có thẩm quyền",
}
NOTHING_YET = "Anh/chị chưa có phản ánh nào. Muốn gửi, chụp một tấm ảnh và gửi vào đây là được ạ."
ASK_CODE = "Dạ, anh/chị gõ mã phản ánh giúp, ví dụ: “tình trạng PA26-0417-7”. Hoặc chọn:"
MISSING = (
    "Dạ, không tìm thấy việc nào khớp với mã vừa gõ. Anh/chị xem lại mã (và mã xem chi tiết, nếu có) "
    "rồi gõ lại; hoặc chọn:"
)
WAIT = "Dạ, Trợ lý số đã tra mã nhiều lần mà chưa khớp. Xin thử lại sau một giờ, hoặc gọi đường dây nóng {hotline}."
ONLY_STATE = "Muốn xem chi tiết, anh/chị nhắn từ tài khoản đã gửi, hoặc gõ mã kèm mã xem chi tiết 9 ký tự."
ASK_MORE = "Dạ, anh/chị viết thêm hoặc gửi ảnh cho {case} vào đây ạ."
ADDED = "Dạ, đã bổ sung vào {case} và báo người đang xử lý. Xin cảm ơn anh/chị."
NOT_OPEN = "Dạ, {case} không còn đang xử lý nên chưa bổ sung được. Việc chưa xong, anh/chị chọn “Mở lại”."
IS_ANSWER = "Có phải anh/chị đang trả lời câu hỏi của phường về {case} không ạ?"
THANKS_DONE = (
    "Dạ, cảm ơn anh/chị. {case} đã đóng. Nếu tiện, xin anh/chị đánh giá; không trả lời cũng không sao ạ:"
)
THANKS_PARTLY = "Dạ, cảm ơn anh/chị. Phần chưa xong còn vướng gì ạ? Có thể mở lại {case} để làm tiếp."
RATED = "Dạ, cảm ơn anh/chị đã đánh giá."
SORRY_RATED = "Dạ, xin lỗi anh/chị. Điều gì chưa ổn ạ? Muốn mở lại việc này không?"
WHY_REOPEN = "Dạ, xin lỗi anh/chị. Còn vướng gì ạ?"
WRITE_WHY = "Dạ, anh/chị viết ngắn còn vướng gì giúp ạ. Gửi thêm ảnh càng tốt."
CANNOT_REOPEN = (
    "Dạ, việc này không mở lại được nữa (đang xử lý, hoặc đã quá 60 ngày). Anh/chị gửi phản ánh mới giúp ạ."
)
OBJECTION = "Dạ, anh/chị viết ý kiến gửi Chủ tịch phường về việc gia hạn {case} ạ."
OBJECTED = "Dạ, đã gửi ý kiến của anh/chị lên Chủ tịch phường. Hạn mới vẫn giữ cho đến khi có trả lời khác."
WORSE = "Dạ, đã báo ngay {case} nguy hiểm hơn cho người đang xử lý và lãnh đạo tổ. Có người bị nạn, xin gọi 113, 114, 115."
REASONS = {"nguyhiem": "vẫn còn, nguy hiểm", "saicho": "làm sai chỗ", "chuadut": "chưa dứt điểm"}


def wrong_digit(code: str) -> str:
    """Say that the check digit does not fit."""
    return (
        f"Dạ, không tìm thấy mã {code}. Số cuối để kiểm tra không khớp, có thể nhầm một chữ số. "
        "Anh/chị gõ lại, hoặc chọn:"
    )


def named(case: Feedback) -> str:
    """Return the code as it stands in a sentence."""
    return bold(case.code)


def state(case: Feedback, left: str) -> str:
    """Tell where a case stands and until when an answer comes: what anybody with the code may know."""
    return f"{bold(case.code)} · {STATES[case.state]}{left}."


def status(case: Feedback, told: Sequence[tuple[datetime, str]], left: str) -> str:
    """Tell the owner where the case stands, with what was said on the way."""
    lines = [f"{notices.heading(case)} · gửi {here(case.taken_at):%d/%m}", _now(case)]
    lines += [f"• {when.clock(at)} {when.short_day(here(at).date())}: {text}" for at, text in told]
    if left:
        lines.append(left)
    return "\n".join(lines)


def _now(case: Feedback) -> str:
    text = STATES[case.state]
    if case.paused_at is not None:
        text = "chờ anh/chị trả lời câu hỏi của phường; hạn tạm dừng"
    if case.outcome is not None and case.state in (FeedbackState.ANSWERED, FeedbackState.CLOSED):
        text = f"{text} ({notices.OUTCOMES[Outcome(case.outcome)]})"
    return text[:1].upper() + text[1:] + "."


def deadline(case: Feedback, minutes: int) -> str:
    """Return "Hạn trả lời: 14:00 thứ Hai 23/11 (còn 6 giờ làm việc)."."""
    if minutes < 0:
        return f"Hạn trả lời đã qua ({when.moment(case.due_at)}); xin lỗi anh/chị, việc đã được báo lên lãnh đạo phường."
    return f"Hạn trả lời: {bold(when.moment(case.due_at))} (còn {notices.minutes_in_words(minutes)})."


def mine(rows: Sequence[Feedback], questions: Sequence[str]) -> str:
    """List the cases of one person, each on a line, and the questions that wait for staff."""
    lines = [f"• {notices.heading(case)} · {_short(case)}" for case in rows]
    return "\n".join(["Việc của anh/chị:", *lines, *questions])


def _short(case: Feedback) -> str:
    if case.state in (FeedbackState.NEW, FeedbackState.ASSIGNED, FeedbackState.REOPENED):
        return f"{STATES[case.state]}, hạn {when.moment(case.due_at)}"
    return STATES[case.state]


def reopened(case: Feedback, desk: str) -> str:
    """Confirm that a case was taken up again."""
    return (
        f"Đã {bold('mở lại')} {bold(case.code)} (lần {case.cycle}), báo {desk} và phó chủ tịch phụ trách. "
        f"Hạn mới: {bold(when.moment(case.due_at))}. Xin anh/chị gửi thêm ảnh nếu tiện."
    )
