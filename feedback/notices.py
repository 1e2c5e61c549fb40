"""What a case says: to the resident it belongs to, to those who follow it, to staff.

Sentences for staff quote the case, never the resident's telephone or name. Whatever a
resident will read comes from one function here, so that the preview is the same bytes.
"""

from collections.abc import Sequence
from datetime import datetime

from knowledge import when
from knowledge.concerns import Category, Level
from knowledge.desks import Outside
from knowledge.wording import bold
from records.cases import Feedback, Outcome, RestrictedMessage

LEVELS = {Level.URGENT: "gấp", Level.NORMAL: "thường", Level.COMPLEX: "phức tạp"}
OUTCOMES = {
    Outcome.RESOLVED: "đã xử lý",
    Outcome.PARTLY: "đã xử lý một phần",
    Outcome.UNFOUNDED: "không đủ cơ sở xử lý",
    Outcome.DUPLICATE: "trùng với việc đang xử lý",
    Outcome.NOT_OURS: "không thuộc thẩm quyền của phường",
}
REFERRED_LATE = "Chuyển sau hạn phải chuyển việc không thuộc thẩm quyền (NĐ 20/2008/NĐ-CP, Điều 9)"
MORE_DANGEROUS = "Người dân báo: nguy hiểm hơn trước"
Choices = tuple[tuple[str, str], ...]


def heading(case: Feedback) -> str:
    """Return "PA26-0417-7 · Nắp cống vỡ · hẻm 84 Nguyễn Trãi": every message about a case begins so."""
    return " · ".join(part for part in (bold(case.code), case.title, case.place) if part)


def minutes_in_words(minutes: int) -> str:
    """Return working minutes as people count them.

    >>> minutes_in_words(480), minutes_in_words(95), minutes_in_words(20)
    ('8 giờ làm việc', '1 giờ 35 phút làm việc', '20 phút làm việc')
    """
    hours, rest = divmod(abs(minutes), 60)
    told = [f"{hours} giờ"] if hours else []
    told += [f"{rest} phút"] if rest or not hours else []
    return " ".join([*told, "làm việc"])


# --- to the resident ---------------------------------------------------------------------------


def progress(case: Feedback, desk: str, text: str) -> str:
    """Tell the resident how far the work is."""
    return f"{heading(case)}\n{desk}: {_sentence(text)}\nCảm ơn anh/chị."


def question(case: Feedback, desk: str, text: str) -> str:
    """Ask the resident something the work cannot go on without."""
    return (
        f"{heading(case)}\n{desk} xin hỏi thêm: {_sentence(text)}\n"
        "Anh/chị trả lời vào đây giúp ạ; hạn xử lý tạm dừng trong lúc chờ anh/chị."
    )


def extension(case: Feedback, desk: str, reason: str, due_at: datetime) -> str:
    """Say sorry for a new date, why, and who answers for it."""
    return (
        f"{heading(case)}\nXin lỗi anh/chị, việc này chưa xong đúng hạn. Lý do: {_sentence(reason)}\n"
        f"{bold(f'Hạn mới: {when.moment(due_at)}')}, đơn vị chịu trách nhiệm: {desk}. Hạn chỉ dời một lần."
    )


def answer(case: Feedback, desk: str, text: str, outcome: Outcome, photos: int) -> str:
    """Give the resident the answer, and ask whether it is one."""
    shown = f" (kèm {photos} ảnh)" if photos else ""
    return (
        f"{heading(case)}\n{desk} trả lời: {_sentence(text)}\n"
        f"Kết quả: {bold(OUTCOMES[outcome])}{shown}.\nAnh/chị thấy sao ạ?"
    )


def referral(case: Feedback, body: Outside, reason: str, on: datetime) -> str:
    """Say who decides, why, where to go, and that it has been passed on."""
    why = f" {_sentence(reason)}" if reason else ""
    return (
        f"{heading(case)}\nXin lỗi anh/chị, việc này {bold('không thuộc thẩm quyền của phường')}.{why}\n"
        f"Nơi giải quyết: {bold(body.name)}, {body.address}, điện thoại {body.phone}.\n"
        f"Căn cứ: {_sentence(body.basis)}\n"
        f"Phường chuyển nội dung (không kèm thông tin cá nhân của anh/chị) đến nơi này "
        f"{when.short_day(on.date())}; anh/chị cũng có thể gọi thẳng."
    )


def at_rest(case: Feedback) -> str:
    """Tell that a case is closed, and ask for a mark, which nobody must give."""
    return (
        f"{heading(case)}\nViệc này đã đóng. Nếu tiện, xin anh/chị đánh giá. "
        "Không trả lời cũng không sao ạ; việc chưa xong thì anh/chị cứ bấm “Mở lại”."
    )


def followed(case: Feedback, text: str, outcome: Outcome) -> str:
    """Tell somebody who follows a case how it ended, without a word of whoever reported it."""
    return f"{heading(case)}\nViệc anh/chị theo dõi chung có kết quả: {bold(OUTCOMES[outcome])}.\n{_sentence(text)}"


def after_answer(case: Feedback) -> Choices:
    """Return what a resident may say to an answer."""
    return (
        ("Đã xong", f"/danhgia {case.code} xong"),
        ("Xong một phần", f"/danhgia {case.code} motphan"),
        ("Chưa xong", f"/molai {case.code}"),
    )


def marks(case: Feedback) -> Choices:
    """Return the three marks, and the way back."""
    return (
        ("Hài lòng", f"/danhgia {case.code} 1"),
        ("Tạm được", f"/danhgia {case.code} 2"),
        ("Chưa hài lòng", f"/danhgia {case.code} 3"),
        ("Mở lại", f"/molai {case.code}"),
    )


def objection(case: Feedback) -> Choices:
    """Return what a resident may say to a new date."""
    return (("Gửi ý kiến lên CT", f"/ykien {case.code}"), ("Xem việc này", f"/tinhtrang {case.code}"))


# --- to staff ----------------------------------------------------------------------------------


def _flag(case: Feedback) -> str:
    return f"🔴 {bold('GẤP')} · " if case.level == Level.URGENT else ""


def shown(case: Feedback, category: Category) -> str:
    """Return how a case is named in a group: a discreet one by its code and field only."""
    if case.discreet:
        return f"{_flag(case)}{bold(case.code)} · {category.title} · nội dung chỉ xem riêng"
    return _flag(case) + heading(case)


def deadline(case: Feedback, left: int) -> str:
    """Return "Hạn 14:00 thứ Hai 23/11 (còn 8 giờ làm việc)"."""
    rest = f"còn {minutes_in_words(left)}" if left >= 0 else f"đã quá {minutes_in_words(left)}"
    return f"Hạn {when.moment(case.due_at)} ({rest})"


def taken(
    case: Feedback,
    category: Category,
    *,
    photos: int,
    left: int,
    similar: Sequence[str],
    refer_by: datetime | None = None,
) -> str:
    """Tell a desk of a new case; *refer_by* is the last moment to pass it on, if others might be competent."""
    pictures = f" · {photos} ảnh" if photos else ""
    others = f"Có thể trùng: {', '.join(similar)}" if similar else "Không có phản ánh trùng"
    passing = f"\nKhông thuộc phường thì chuyển chậm nhất {when.moment(refer_by)}" if refer_by else ""
    return f"{shown(case, category)}{pictures}\n{deadline(case, left)} · {others}{passing}"


def claimed(case: Feedback, name: str, at: datetime) -> str:
    """Tell the desk who took a case."""
    return f"{name} đã nhận {bold(case.code)} lúc {when.clock(at)}."


def given(case: Feedback, category: Category, left: int, *, unclaimed: bool) -> str:
    """Tell an officer that a case is theirs now."""
    why = "Chưa ai nhận nên hệ thống giao" if unclaimed else "Đã giao"
    return f"{why} cho anh/chị: {shown(case, category)}\n{deadline(case, left)}"


def moved(case: Feedback, category: Category, desk: str, reason: str, left: int) -> str:
    """Tell a desk that another one has passed a case on to it."""
    return f"Chuyển đến từ {desk}: {shown(case, category)}\n{deadline(case, left)}\nLý do chuyển: {_sentence(reason)}"


def warning(case: Feedback, category: Category, left: int, desk: str, officer: str) -> str:
    """Warn of a deadline that comes near, or has passed."""
    whose = f"Người giữ việc: {officer}" if officer else "Chưa ai nhận"
    if left < 0:
        return (
            f"⏰ {shown(case, category)}\n{bold('Quá hạn')} từ {when.moment(case.due_at)}, "
            f"{minutes_in_words(left)}. {desk}. {whose}."
        )
    left_words = f"còn {minutes_in_words(left)}" if left else "đến hạn lúc này"
    return f"⏰ {shown(case, category)}\n{left_words[:1].upper()}{left_words[1:]} (hạn {when.moment(case.due_at)}). {whose}."


def reopened(case: Feedback, category: Category, reason: str, left: int) -> str:
    """Tell those who closed a case, and the one above, that it is not done."""
    why = "" if case.discreet else f"\nNgười dân cho biết: {_sentence(reason)}"
    return f"Mở lại lần {case.cycle}: {shown(case, category)}{why}\n{deadline(case, left)}"


def added(case: Feedback, category: Category, text: str, photos: int) -> str:
    """Tell the officer what the resident added."""
    more = f" · {photos} ảnh" if photos else ""
    words = "" if case.discreet or not text else f"\n“{text}”"
    return f"Người dân bổ sung: {shown(case, category)}{more}{words}"


def objected(case: Feedback, category: Category, text: str) -> str:
    """Tell the chairperson that a resident does not accept a new date."""
    return (
        f"Người dân chưa đồng ý gia hạn: {shown(case, category)}\n"
        f"Hạn mới {when.moment(case.due_at)}, lý do đã báo: {_sentence(case.extension_reason)}\n“{text}”"
    )


def silent(case: Feedback, category: Category, days: int) -> str:
    """Tell the officer that the resident has not answered a question."""
    return (
        f"{shown(case, category)}\nNgười dân chưa trả lời câu hỏi sau {days} ngày làm việc; "
        "đồng hồ chạy lại. Anh/chị gọi điện, xử lý tiếp, hoặc đóng với lý do."
    )


def not_reached(case: Feedback, category: Category) -> str:
    """Tell the officer that a message did not reach the resident."""
    return (
        f"{shown(case, category)}\nTin vừa gửi chưa đến được người dân (kênh chat đã đóng). "
        "Xin gọi điện báo kết quả và ghi lại."
    )


def photo(case: Feedback, number: int, total: int) -> str:
    """Return what stands under a photo in a group."""
    return f"{case.code} · ảnh {number}/{total}"


def voice(case: Feedback) -> str:
    """Return what stands under a voice note in a group."""
    return f"{case.code} · tin nhắn thoại của người dân"


def for_claiming(case: Feedback) -> Choices:
    """Return what a desk may do with a case nobody has."""
    tail = f"{case.code} {case.version}"
    return (
        ("Nhận việc", f"/nhan {tail}"),
        ("Chuyển tổ khác", f"/chuyen {tail}"),
        ("Không thuộc TQ", f"/khongthuoc {tail}"),
        ("Xem", f"/xem {case.code}"),
    )


def for_holding(case: Feedback) -> Choices:
    """Return what an officer may do with a case of theirs."""
    tail = f"{case.code} {case.version}"
    return (
        ("Báo tiến độ", f"/tiendo {tail}"),
        ("Hỏi thêm", f"/hoithem {tail}"),
        ("Gia hạn", f"/giahan {tail}"),
        ("Trả lời, đóng", f"/dong {tail}"),
        ("Xem", f"/xem {case.code}"),
    )


def joined(original: Feedback) -> str:
    """Tell a resident that their case is handled together with another."""
    return f"Việc này đang được xử lý chung theo mã {original.code}; có kết quả, phường báo anh/chị cùng lúc."


# --- the restricted box ------------------------------------------------------------------------


NOT_YOURS = "Việc này không thuộc phần anh/chị được xem, hoặc không có mã này."
RESTRICTED_ANSWERED = "Tin này đã được trả lời."


def restricted_kept(row: RestrictedMessage) -> str:
    """Tell the two named persons that something waits; nothing of what it is."""
    return f"Có tin kín mới, mã {bold(row.code)}. Hạn trả lời {when.moment(row.due_at)}. Xem riêng: /tinkin {row.code}"


def restricted_answer(row: RestrictedMessage, text: str) -> str:
    """Answer whoever wrote, naming only the code."""
    return f"Tin kín mã {bold(row.code)}\nPhường trả lời: {_sentence(text)}"


def _sentence(text: str) -> str:
    """Return *text* ended by a mark, as a sentence is."""
    bare = text.strip()
    return bare if bare.endswith((".", "!", "?", "…")) else f"{bare}."
