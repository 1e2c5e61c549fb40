"""What the ward says about itself: where it is, when it is open, whom to call."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

from handlers.phrases.when import WEEKDAYS, clock, day, short_day
from handlers.talk import bold
from knowledge.board import (
    Checked,
    Entry,
    Neighbour,
    NoAppointment,
    Officer,
    OldWard,
    Reception,
    Session,
    Spot,
    Week,
)
from knowledge.calendar import Break
from knowledge.holidays import PublicDay
from knowledge.hours import Season, Span
from knowledge.ward import Ward

LONGEST: Final = 900  # characters of one card (conversation.md §2)

ASK_TOPIC = "Anh/chị muốn xem gì ạ?"
MORE_TOPICS = "Dạ, Trợ lý số còn chỉ giúp được những việc này:"
EMERGENCY = "Việc khẩn cấp: 113 (công an), 114 (cháy, cứu nạn), 115 (cấp cứu)."
MORE_DESKS = "Dạ, còn các đầu mối sau, anh/chị chọn giúp ạ:"


def hour(value: time) -> str:
    """Return an hour of the wall clock without a leading zero.

    >>> hour(time(7, 30))
    '7:30'
    """
    return f"{value.hour}:{value.minute:02}"


def spans(hours: Sequence[Span]) -> str:
    """Return hours of one day.

    >>> spans([(time(7, 30), time(11, 30)), (time(13), time(17))])
    '7:30–11:30, 13:00–17:00'
    """
    return ", ".join(f"{hour(start)}–{hour(end)}" for start, end in hours)


def card(head: str, items: Sequence[str], tail: str, checked: Checked) -> str:
    """Put a card together; items that do not fit are counted, never cut."""
    for shown in range(len(items), -1, -1):
        left = len(items) - shown
        rest = [f"… và {left} mục nữa, xin hỏi thêm tại Trung tâm."] if left else []
        lines = [head, *(f"• {item}" for item in items[:shown]), *rest, tail, signature(checked)]
        text = "\n".join(line for line in lines if line)
        if len(text) <= LONGEST:
            break
    return text


def signature(checked: Checked) -> str:
    """Say who answers for what was told, and when it was last checked."""
    return f"Nội dung do {checked.responsible} phụ trách · kiểm tra ngày {checked.checked_on:%d/%m/%Y}."


def menu(ward: Ward, state: str) -> str:
    """Say the three things most people want, and ask for more."""
    return f"Dạ, {ward.centre.name}: {bold(ward.address)}.\n{state}\nĐường dây nóng: {bold(ward.hotline)}."


# --- address -----------------------------------------------------------------


def address(ward: Ward) -> str:
    """Say where dossiers are handed in and how to get there."""
    return f"Dạ, nơi nộp hồ sơ là {_spot(ward.centre)}"


def seat(spot: Spot) -> str:
    """Say where the committee sits."""
    return _spot(spot)


def pages(ward: Ward) -> str:
    """Give the map, the telephone and the pages."""
    told = (
        ("Bản đồ", ward.office.map_url),
        ("Điện thoại", ward.phone),
        ("Thư điện tử", ward.office.email),
        ("Trang của phường", ward.office.website),
    )
    return "\n".join(f"{label}: {value}" for label, value in told if value)


def _spot(spot: Spot) -> str:
    return f"{bold(spot.name)}: {spot.address}. {spot.directions}".strip()


# --- hours -------------------------------------------------------------------


def open_until(until: time) -> str:
    """Say that somebody is there now."""
    return f"Bây giờ {bold('đang mở cửa')}, đến {hour(until)}."


def lunch_until(until: datetime) -> str:
    """Say that the office is at lunch."""
    return f"Bây giờ {bold('đang nghỉ trưa')}, mở lại lúc {clock(until)} hôm nay."


def opens_today(at: datetime) -> str:
    """Say that the office opens later today."""
    return f"Bây giờ chưa tới giờ, {bold(f'mở cửa lúc {clock(at)} hôm nay')}."


def opens_on(at: datetime) -> str:
    """Say on which day the office opens again."""
    return f"Bây giờ {bold('ngoài giờ làm việc')}, mở lại {clock(at)} {day(at.date())}."


def hours(state: str) -> str:
    """Open the answer about hours."""
    return f"Dạ, {state[:1].lower()}{state[1:]}"


def season(which: Season) -> str:
    """Tell the hours of one part of the year."""
    return (
        f"{which.name[:1].upper()}{which.name[1:]} (từ {which.day:02}/{which.month:02}): {spans(which.spans)}"
    )


WEEKEND_CLOSED = "Thứ Hai đến thứ Sáu; thứ Bảy, Chủ nhật nghỉ."


def weekend_open(saturday: Sequence[Span]) -> str:
    """Tell that the counter is open on Saturdays."""
    return f"Thứ Hai đến thứ Sáu; thứ Bảy tiếp nhận {spans(saturday)}; Chủ nhật nghỉ."


def same_day(last: time) -> str:
    """Tell the last hour for a result on the same day."""
    return f"Việc trả trong ngày: xin nộp trước {hour(last)}; nộp sau giờ này thì trả ngày làm việc kế tiếp."


def one_day_off(off: Break) -> str:
    """Announce a single day off."""
    return f"Lịch nghỉ gần nhất: {bold(f'{day(off.first)} nghỉ')} ({off.name})."


def days_off(off: Break) -> str:
    """Announce several days off in a row."""
    return f"Lịch nghỉ gần nhất: {bold(f'nghỉ từ {day(off.first)} đến hết {day(off.last)}')} ({off.name})."


def make_up(public: PublicDay) -> str:
    """Announce a made-up working day."""
    return f"{bold(f'{day(public.day)} vẫn làm việc')} như ngày thường. {public.name}."


# --- hotline -----------------------------------------------------------------


def hotline(ward: Ward, state: str) -> str:
    """Give the number and say whether somebody answers now."""
    return f"Dạ, đường dây nóng của {ward.name}: {bold(ward.hotline)}.\n{ward.office.hotline_note}\n{state}"


# --- directory ---------------------------------------------------------------


def leaders(ward: Ward) -> str:
    """Open the list of leaders."""
    return f"Dạ, danh bạ lãnh đạo {ward.name}:"


def leader(officer: Officer) -> str:
    """Tell one leader on a line."""
    return f"{officer.title}: {officer.name}, {officer.phone}"


ASK_FIELD = "Cần gặp người phụ trách từng việc, anh/chị chọn bên dưới, hoặc gõ “ai phụ trách” và tên việc."


FOUND = "Dạ, anh/chị liên hệ:"


def person(officer: Officer) -> str:
    """Tell whom to call, about what and when."""
    email = f"\nThư điện tử: {officer.email}" if officer.email else ""
    return (
        f"{officer.title}: {bold(officer.name)}\n"
        f"Nơi làm việc: {officer.desk}\n"
        f"Phụ trách: {', '.join(officer.answers_for)}\n"
        f"Điện thoại: {bold(officer.phone)} ({officer.when_to_call}){email}"
    )


def nobody(asked: str) -> str:
    """Admit that the directory names nobody for this."""
    return (
        f"Dạ, xin lỗi anh/chị, danh bạ chưa có người phụ trách “{asked}”. "
        "Xin chọn một đầu mối, hoặc gọi đường dây nóng để được chỉ đúng người."
    )


# --- citizen reception -------------------------------------------------------


def reception(place: str) -> str:
    """Open the schedule of citizen reception."""
    return f"Dạ, lịch tiếp công dân. Nơi tiếp: {place}."


def session(which: Session) -> str:
    """Tell one session on a line."""
    note = f" ({which.note})" if which.note else ""
    return f"{day(which.day)}, {hour(which.hours[0])}–{hour(which.hours[1])}: {which.host}{note}"


def session_on_day_off(which: Session) -> str:
    """Tell a session that stands on a day off, so that nobody comes for nothing."""
    return f"{session(which)} — ngày này phường nghỉ, xin gọi hỏi trước khi đến"


def next_chair(which: Session) -> str:
    """Say when the chairperson receives next."""
    when = f"{day(which.day)}, {hour(which.hours[0])}–{hour(which.hours[1])}"
    return f"Chủ tịch trực tiếp tiếp lần tới: {bold(when)}."


CHAIR_NOT_POSTED = "Buổi Chủ tịch trực tiếp tiếp sắp tới chưa được đăng."


def published(when: date, note: str) -> str:
    """Say when the schedule was posted."""
    return f"Lịch đăng ngày {when:%d/%m/%Y}. {note}".strip()


def reception_not_posted(ward: Ward) -> str:
    """Admit that no coming session is posted."""
    return (
        "Dạ, xin lỗi anh/chị, lịch tiếp công dân sắp tới chưa được đăng.\n"
        f"Nơi tiếp: {ward.reception.place}. Hỏi lịch qua đường dây nóng {bold(ward.hotline)}."
    )


def reception_rules(schedule: Reception) -> str:
    """Open the rules; what to bring comes first."""
    papers = "; ".join(schedule.papers)
    return f"Dạ, khi đến {bold('tiếp công dân')}, anh/chị mang theo: {papers}.\nNội quy:"


# --- week --------------------------------------------------------------------


def week(which: Week) -> str:
    """Open the calendar of a week."""
    return f"Dạ, {bold('lịch công tác')} tuần từ {day(which.starts_on)} của Ủy ban nhân dân phường:"


def entry(which: Entry) -> str:
    """Tell one entry on a line."""
    at = hour(which.at) if which.at else "cả ngày"
    who = "; ".join(part for part in (which.host, which.place) if part)
    return f"{short_day(which.day)}, {at}: {which.what}{f' ({who})' if who else ''}"


def posted(when: date) -> str:
    """Say when the week was posted."""
    return f"Lịch đăng ngày {when:%d/%m/%Y}, có thể thay đổi."


def week_not_posted(monday: date) -> str:
    """Admit that the present week is not posted."""
    return f"Dạ, xin lỗi anh/chị. Lịch tuần này chưa được đăng (tuần từ {day(monday)})."


def next_week_not_posted(monday: date) -> str:
    """Admit that the coming week is not posted yet."""
    return f"Dạ, lịch tuần sau chưa được đăng (tuần từ {day(monday)}). Anh/chị xem lại vào đầu tuần giúp ạ."


# --- no-appointment day, facilities ------------------------------------------


def no_appointment(rule: NoAppointment) -> str:
    """Explain the day on which results are handed back at once."""
    return (
        f"Dạ, {bold('ngày không hẹn')} là {WEEKDAYS[rule.weekday]} hằng tuần: nộp và nhận kết quả trong ngày, "
        f"nếu nộp trước {hour(rule.last_hour)}. {rule.note}".strip()
        + "\nÁp dụng cho:"
    )


def next_no_appointment(when: date) -> str:
    """Say when the day comes next."""
    return f"Lần tới: {bold(day(when))}."


NO_NO_APPOINTMENT = "Dạ, phường chưa có ngày không hẹn. Hồ sơ trả theo ngày ghi trên giấy hẹn."


def facilities(spot: Spot) -> str:
    """Open the list of what makes waiting easier."""
    return f"Dạ, tại {bold(spot.name)} có:"


NO_FACILITIES = "Dạ, danh sách tiện ích chưa được đăng. Anh/chị cần gì khi đến, xin hỏi quầy hướng dẫn."


# --- old ward names ----------------------------------------------------------


def old_ward(old: OldWard, address_now: str, hours_now: str) -> str:
    """Say that a former ward is ours now, and where its people go."""
    return (
        f"Dạ, {bold(f'{old.name} cũ nay thuộc {old.became}')} (từ {old.since:%d/%m/%Y}). "
        f"Nơi làm: {address_now}, {hours_now}.\n{old.note}".strip()
    )


def old_ward_elsewhere(old: OldWard) -> str:
    """Say that a former ward belongs to somebody else now."""
    return (
        f"Dạ, {bold(f'{old.name} cũ nay thuộc {old.became}')} (từ {old.since:%d/%m/%Y}). {old.note}".strip()
    )


def neighbour(near: Neighbour) -> str:
    """Say how to reach the ward next door."""
    page = f" Trang: {near.website}" if near.website else ""
    return f"Liên hệ {bold(near.name)}: {near.address}. Điện thoại {near.phone}.{page}"


def which_old_ward(ward: Ward) -> str:
    """Ask which former unit is meant."""
    return f"Dạ, các đơn vị cũ liên quan đến {ward.name}. Anh/chị hỏi nơi nào ạ?"
