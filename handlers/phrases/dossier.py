"""Words about dossiers: where one stands, hearing of its result, and what a unit chooses when it will be late."""

from collections.abc import Sequence
from datetime import date

from knowledge import when
from knowledge.wording import bold
from records.dossiers import NAMES, SecondAppointment
from records.letters import Dossier, DossierState

ASK_CODE = (
    "Dạ, anh/chị gõ mã hồ sơ ghi trên giấy hẹn giúp, ví dụ: “hồ sơ H26.1187”. "
    "Muốn được báo khi có kết quả, gõ “theo dõi hồ sơ” kèm mã."
)
MISSING = (
    "Dạ, không tìm thấy hồ sơ nào khớp với mã vừa gõ. Anh/chị xem lại mã trên giấy hẹn rồi gõ lại; hồ sơ mới nộp "
    "có thể đến ngày làm việc sau mới tra được. Hoặc chọn:"
)
WAIT = "Dạ, Trợ lý số đã tra mã nhiều lần mà chưa khớp. Xin thử lại sau một giờ, hoặc gọi đường dây nóng {hotline}."
NOT_WATCHED = "Dạ, hồ sơ này anh/chị chưa đăng ký theo dõi, nên không có gì phải ngừng ạ."
NOT_AGREED = "Dạ, Trợ lý số không báo gì về hồ sơ này. Khi cần, anh/chị gõ lại mã hồ sơ để xem ạ."
LATE = "Xin lỗi anh/chị, hồ sơ đã quá ngày hẹn; việc đã được báo lên lãnh đạo phường."


def status(row: Dossier, today: date, *, watching: bool, owner: bool) -> str:
    """Tell where a dossier stands: with the code alone only that, to who watches what it is, to its owner whose."""
    lines = [_heading(row, watching=watching), f"{_upper(NAMES[row.state])}."]
    if owner and not row.sensitive:
        lines.append(f"Người nộp: {row.applicant_name}. Ngày nộp: {when.short_day(row.taken_on)}.")
    lines += _promise(row, today)
    if row.state is DossierState.READY:
        lines.append("Mời anh/chị mang giấy hẹn và giấy tờ tùy thân đến nhận trong giờ làm việc.")
    return "\n".join(lines)


def _heading(row: Dossier, *, watching: bool) -> str:
    what = f" · {row.procedure_name}" if watching and not row.sensitive else ""
    return f"Hồ sơ {bold(row.receipt_code)}{what}"


def _promise(row: Dossier, today: date) -> list[str]:
    if row.state is not DossierState.TAKEN or row.current_due_on is None:
        return []
    again = " (đã hẹn lại một lần)" if row.reappointments else ""
    told = [f"Ngày hẹn trả: {bold(when.short_day(row.current_due_on))}{again}."]
    return [*told, LATE] if row.current_due_on < today else told


def watched(code: str) -> str:
    """Confirm that the person will hear of the result."""
    return f"Dạ, khi hồ sơ {bold(code)} có kết quả, Trợ lý số sẽ báo vào khung chat này trong giờ làm việc."


def already(code: str) -> str:
    """Say that they will hear of it anyway."""
    return f"Dạ, anh/chị đã đăng ký theo dõi hồ sơ {bold(code)} rồi ạ. Có kết quả, Trợ lý số sẽ báo."


def unwatched(code: str) -> str:
    """Confirm that nothing more is told."""
    return f"Dạ, từ nay Trợ lý số không báo gì về hồ sơ {bold(code)} nữa."


# --- to the unit ---------------------------------------------------------------------------------

WHICH = "Xin gõ /hs kèm mã hồ sơ, ví dụ: /hs H26.1187."
GO_PRIVATE = "Xin mở khung chat riêng với Trợ lý số và gõ lại lệnh này: nội dung hồ sơ chỉ xem riêng."
GONE = "Không có hồ sơ này, hoặc hồ sơ không thuộc phần anh/chị được xem."
MOVED = "Hồ sơ đã thay đổi từ khi có nút vừa bấm; chưa làm gì. Tình trạng hiện nay:"
NOT_OPEN = "Hồ sơ không còn đang giải quyết nên không phải chọn nữa."
NOTHING = "Không có nội dung nào đang nhập."
DROPPED = "Đã bỏ, chưa ghi gì."
ASK_REASON = "Việc gì chậm, ở khâu nào? Xin viết cụ thể: lý do này sẽ vào thư xin lỗi gửi người nộp."
VAGUE = "Lý do quá chung chung. Xin ghi rõ việc gì chậm, ở khâu nào (ít nhất 15 chữ cái)."
BAD_DATE = "Xin chọn một ngày làm việc sau ngày hẹn cũ và sau hôm nay, ghi dạng ngày/tháng, ví dụ 25/11."


def for_staff(row: Dossier) -> str:
    """Show a dossier to the unit that works on it."""
    due = when.day(row.current_due_on) if row.current_due_on else "chưa ghi"
    again = "; đã hẹn lại một lần, không được hẹn nữa" if row.reappointments else ""
    return (
        f"Hồ sơ {bold(row.receipt_code)} · {row.procedure_name}\n"
        f"Người nộp: {row.applicant_name}. {_upper(NAMES[row.state])}.\nHẹn trả {due}{again}."
    )


def will_be_done(row: Dossier) -> str:
    """Confirm that a unit promised to be in time."""
    return (
        f"Đã ghi: hồ sơ {bold(row.receipt_code)} sẽ xong đúng hẹn. Trước ngày hẹn một ngày làm việc mà chưa có "
        "kết quả, hệ thống sẽ nhắc lại và soạn thư xin lỗi."
    )


def ask_date(row: Dossier) -> str:
    """Ask for the one new date."""
    due = when.day(row.current_due_on) if row.current_due_on else ""
    return f"Hẹn lại ngày nào? Ngày hẹn cũ: {due}. {bold('Chỉ được hẹn lại một lần')}, xin chọn ngày chắc chắn xong."


def preview(row: Dossier, reason: str, due_on: date) -> str:
    """Show what will go into the apology."""
    return (
        f"Hồ sơ {bold(row.receipt_code)}\nLý do: {reason}\nNgày hẹn mới: {bold(when.day(due_on))}\n"
        "Ghi vào thư xin lỗi và trình ký?"
    )


def noted(row: Dossier, due_on: date) -> str:
    """Confirm that the apology is on its way to be signed."""
    return (
        f"Đã ghi lý do và ngày hẹn mới {bold(when.day(due_on))} cho hồ sơ {bold(row.receipt_code)}. "
        "Thư xin lỗi được soạn để trình ký; ký xong thì ngày hẹn mới có hiệu lực."
    )


def second(late: SecondAppointment) -> str:
    """Refuse a second putting-off; the chairperson has been told."""
    return f"Không ghi được: {late.why}. Đã báo Chủ tịch Ủy ban nhân dân."


def second_to_chair(late: SecondAppointment) -> str:
    """Tell the chairperson that somebody wanted to put a promise off a second time."""
    return f"Báo Chủ tịch: hồ sơ {bold(late.code)}: {late.why}. Hệ thống đã từ chối; xin cho ý kiến chỉ đạo."


def dates(days: Sequence[date]) -> list[str]:
    """Return working days as buttons show them."""
    return [when.short_day(day) for day in days]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
