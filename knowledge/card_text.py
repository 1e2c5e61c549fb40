"""A card as residents read it, its parts, and the buttons under it: the same words wherever they are shown."""

from collections.abc import Sequence
from datetime import datetime

from knowledge import when
from knowledge.calendar import Calendar
from knowledge.procedure import Body, Online, Paper, Procedure
from knowledge.wording import bold

PORTAL = "https://dichvucong.gov.vn"
ONLINE = "Nộp trực tuyến"
WRONG = "Không đúng ý"
PERSON = "Gặp cán bộ"
PERSON_LINE = "Hỏi cán bộ (trả lời trong giờ làm việc)"
_BODIES = {
    Body.WARD: "cấp phường",
    Body.POLICE: "Công an phường",
    Body.MILITARY: "Ban Chỉ huy quân sự phường",
    Body.OTHER: "cơ quan khác",
}
_ONLINE = {
    Online.FULL: "nộp được trực tuyến trên Cổng Dịch vụ công quốc gia",
    Online.PARTIAL: "nộp được một phần trực tuyến trên Cổng Dịch vụ công quốc gia",
    Online.NONE: "nguồn không ghi cách nộp trực tuyến",
    Online.UNKNOWN: "nguồn chưa nêu có nộp trực tuyến được không",
}


def card(procedure: Procedure, promise: str) -> str:
    """Tell everything a resident must know before walking to the counter."""
    lines = [
        f"Dạ, anh/chị hỏi về {bold(procedure.short_name)} ({_BODIES[procedure.handler]}).",
        bold("Giấy tờ cần mang:"),
        *(f"• {_paper(paper)}" for paper in procedure.papers),
        f"{bold('Nơi nộp:')} {_sentence(procedure.where)}",
        f"{bold('Trực tuyến:')} {_ONLINE[procedure.online]}.",
        f"{bold('Thời gian:')} {_sentence(procedure.time_limit)}{_promise(promise)}",
        f"{bold('Lệ phí:')} {_sentence(procedure.fee)}",
        f"{bold('Kết quả:')} {_sentence(procedure.result)}",
        source(procedure),
    ]
    return "\n".join(lines)


def brief(procedure: Procedure) -> str:
    """Say honestly that the details are not here, with what is certain and the official page."""
    lines = [
        f"Dạ, anh/chị hỏi về {bold(procedure.short_name)} ({_BODIES[procedure.handler]}).",
        "Phường chưa soạn xong phần hướng dẫn chi tiết cho việc này, nên Trợ lý số không đoán giấy tờ hay lệ phí.",
    ]
    if procedure.where:
        lines.append(f"{bold('Nơi hỏi và nộp:')} {_sentence(procedure.where)}")
    if procedure.time_limit:
        lines.append(f"{bold('Thời gian:')} {_sentence(procedure.time_limit)}")
    if procedure.fee:
        lines.append(f"{bold('Lệ phí:')} {_sentence(procedure.fee)}")
    lines += [f"{bold('Trang chính thức:')} {procedure.source}", source(procedure)]
    return "\n".join(lines)


def source(procedure: Procedure) -> str:
    """Tell where the facts come from and when they were checked."""
    checked = f"{procedure.checked_on:%d/%m/%Y}"
    return f"Nguồn: mã {procedure.code} · {_as_of(procedure.as_of)} · kiểm tra ngày {checked}."


def fee(procedure: Procedure) -> str:
    """Answer "phí bao nhiêu"."""
    return (
        f"Dạ, {bold(procedure.short_name)}: {_sentence(procedure.fee)} "
        f"Phường không thu thêm khoản nào ngoài mức công bố.\n{source(procedure)}"
    )


def time_needed(procedure: Procedure, promise: str) -> str:
    """Answer "bao lâu"."""
    return (
        f"Dạ, {bold(procedure.short_name)}: {_sentence(procedure.time_limit)}"
        f"{_promise(promise)}\n{source(procedure)}"
    )


def where(procedure: Procedure, address: str, hours: str) -> str:
    """Answer "ở đâu"; the address and hours are the ward's own."""
    return (
        f"Dạ, {bold(procedure.short_name)} nộp tại: {_sentence(procedure.where)}\n"
        f"Địa chỉ Trung tâm Phục vụ hành chính công: {address}.\n{hours}\n{source(procedure)}"
    )


def papers(procedure: Procedure) -> str:
    """Answer "giấy tờ gì"."""
    items = "\n".join(f"• {_paper(paper)}" for paper in procedure.papers)
    return f"Dạ, {bold(procedure.short_name)} cần mang:\n{items}\n{source(procedure)}"


def online(procedure: Procedure) -> str:
    """Answer "nộp online được không"."""
    return (
        f"Dạ, {bold(procedure.short_name)}: {_ONLINE[procedure.online]}.\n"
        f"Vào {PORTAL}, đăng nhập bằng VNeID, gõ mã {procedure.code} vào ô tìm kiếm.\n"
        f"Trang của thủ tục: {procedure.source}\n{source(procedure)}"
    )


def proxy(procedure: Procedure, rows: Sequence[Paper]) -> str:
    """Answer "nhờ người khác làm thay"; *rows* are the papers that speak of it."""
    if not rows:
        return (
            f"Dạ, nguồn của {bold(procedure.short_name)} không nêu việc ủy quyền. "
            "Xin hỏi cán bộ trước khi nhờ người đi thay.\n" + source(procedure)
        )
    items = "\n".join(f"• {_paper(paper)}" for paper in rows)
    return f"Dạ, khi nhờ người khác làm {bold(procedure.short_name)}:\n{items}\n{source(procedure)}"


def result(procedure: Procedure) -> str:
    """Answer "kết quả là gì"."""
    return f"Dạ, {bold(procedure.short_name)}: {_sentence(procedure.result)}\n{source(procedure)}"


def mistakes(procedure: Procedure) -> str:
    """Tell what people often forget."""
    items = "\n".join(f"• {item}" for item in procedure.mistakes)
    return f"Dạ, với {bold(procedure.short_name)}, bà con hay vướng:\n{items}"


def case(procedure: Procedure, label: str, text: str) -> str:
    """Tell what changes in a special case."""
    return f"Dạ, {bold(procedure.short_name)} · {label}:\n{text}\n{source(procedure)}"


def promised(day: str, moment: str) -> str:
    """Tell when the result would be ready if handed in now."""
    return f"nếu nộp bây giờ ({moment}), hẹn trả {day}"


def promised_next(day: str, opening: str) -> str:
    """Tell when the result would be ready if handed in at the next opening."""
    return f"nếu nộp khi mở cửa {opening}, hẹn trả {day}"


def promise(calendar: Calendar, now: datetime, procedure: Procedure) -> str:
    """Return when it would be ready if handed in now; nothing when the source gives no number."""
    back = calendar.return_date(now, procedure)
    if back is None:
        return ""
    if back.outside_hours:
        return promised_next(when.day(back.on), when.moment(back.counted_from))
    return promised(when.day(back.on), when.clock_and_weekday(now))


def buttons(procedure: Procedure) -> list[tuple[str, str]]:
    """Return the buttons of a whole card: what each shows, and what it says when pressed."""
    cases = [
        (case.label, f"/truonghop {procedure.code} {number}")
        for number, case in enumerate(procedure.cases[:3], start=1)
    ]
    online = [(ONLINE, f"/phi {procedure.code} online")] if _has_online(procedure) else []
    return [*cases, *(button for button in online if button[0] not in {label for label, _ in cases})]


def _has_online(procedure: Procedure) -> bool:
    return procedure.online in (Online.FULL, Online.PARTIAL)


def _paper(paper: Paper) -> str:
    copies = f" — {paper.copies}" if paper.copies else ""
    when = f" ({paper.when})" if paper.when else ""
    return f"{paper.name}{copies}{when}"


def _sentence(text: str) -> str:
    """Return *text* as one sentence with its full stop."""
    whole = text.strip()
    return whole if whole.endswith((".", "!", "?", "…")) else f"{whole}."


def _promise(promise: str) -> str:
    return f" {bold(promise[:1].upper() + promise[1:])}." if promise else ""


def _as_of(month: str) -> str:
    year, _, number = month.partition("-")
    when = f"bản tháng {int(number)}/{year}" if number.isdigit() else f"bản {month}"
    return f"Cổng Dịch vụ công quốc gia, {when}"
