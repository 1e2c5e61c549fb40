"""How a procedure is told: the card, its parts, choices between siblings, honest refusals."""

from collections.abc import Sequence

from handlers.talk import bold
from knowledge.procedure import Body, Online, Paper, Procedure

PORTAL = "https://dichvucong.gov.vn"
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


WHICH_ONE = "Dạ, có mấy việc gần giống nhau, anh/chị cần loại nào ạ?"
PORTAL_WAY = (
    f"Cổng Dịch vụ công quốc gia: {PORTAL}\nGõ tên việc vào ô tìm kiếm; nộp hồ sơ thì đăng nhập bằng VNeID."
)
NONE_OF_THESE = "Không có trong này"
NOT_THIS = (
    "Dạ, xin lỗi anh/chị. Có phải anh/chị cần việc nào dưới đây không, hoặc xin gõ lại tên việc giúp ạ:"
)
SAY_AGAIN = "Dạ, anh/chị gõ ngắn tên việc cần làm giúp ạ, ví dụ: khai sinh, xác nhận độc thân, đổi căn cước."
NOT_UNDERSTOOD = (
    "Dạ, xin lỗi anh/chị, Trợ lý số chưa rõ ý. Anh/chị gõ ngắn tên việc cần làm, "
    "ví dụ: khai sinh, xác nhận độc thân, tạm trú."
)
STILL_LOST = "Dạ, xin lỗi anh/chị, Trợ lý số vẫn chưa rõ. Bà con hay hỏi những việc này, hoặc chọn cách khác:"
ASK_A_PERSON = (
    "Dạ, xin lỗi, Trợ lý số không hiểu được ý anh/chị. Xin phép chuyển cán bộ: {when}. "
    "Anh/chị chọn “Hỏi cán bộ” rồi viết câu hỏi giúp ạ."
)
DO_NOT_KNOW_WHICH = "Dạ, anh/chị đang hỏi về thủ tục nào ạ? Xin gõ tên việc trước, ví dụ: khai sinh."


def not_here(understood: str) -> str:
    """Refuse honestly: *understood* is what was asked, as we read it."""
    return (
        f"Dạ, danh mục của phường chưa có việc nào giống “{understood}”; việc này có thể thuộc cơ quan khác "
        "hoặc cấp tỉnh, thành phố. Trợ lý số không muốn trả lời khi chưa chắc."
    )


def fields(page: int, pages: int) -> str:
    """Offer the fields."""
    return f"Dạ, danh mục xếp theo lĩnh vực (trang {page}/{pages}). Anh/chị chọn:"


def field(name: str, page: int, pages: int) -> str:
    """Offer the procedures of one field."""
    return f"{bold(name)} (trang {page}/{pages}):"


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
