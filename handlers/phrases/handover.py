"""Words for handing a resident over to a person, and for what is kept of it."""

from handlers.talk import bold


def ask_open(by: str) -> str:
    """Invite a question during office hours."""
    return (
        "Dạ, xin phép chuyển cán bộ. Anh/chị để lại một câu hỏi, kèm số điện thoại nếu muốn được gọi lại.\n"
        f"Cán bộ trả lời vào đây chậm nhất {bold(by)}. Việc gấp về an toàn: 113/114/115."
    )


def ask_closed(now: str, opens: str, by: str) -> str:
    """Invite a question outside office hours, saying when somebody will be there."""
    return (
        f"Dạ, bây giờ {now}, ngoài giờ làm việc. Cán bộ làm việc lại từ {bold(opens)}.\n"
        "Anh/chị để lại một câu hỏi, Trợ lý số chuyển ngay đầu giờ; "
        f"trả lời chậm nhất {bold(by)}. Việc gấp về an toàn: 113/114/115."
    )


def kept(number: int, by: str) -> str:
    """Confirm that the question is kept, with its number and the promised hour."""
    return (
        f"Dạ, đã ghi lại câu hỏi, số {bold(str(number))}. Cán bộ trả lời vào khung chat này "
        f"chậm nhất {bold(by)}. Xin cảm ơn anh/chị."
    )


HOME_VISIT = (
    "Dạ, với người cao tuổi, người khuyết tật không đi lại được, phường có "
    f"{bold('tiếp nhận và trả kết quả tại nhà')}. "
    "Anh/chị cho xin khu phố, số điện thoại và việc cần làm để cán bộ hẹn giờ ạ."
)


def wrong_answer(by: str) -> str:
    """Thank for a correction and ask what was different."""
    return (
        "Dạ, xin lỗi anh/chị. Đã đánh dấu mục này để kiểm tra; cán bộ phụ trách xác minh và báo lại "
        f"anh/chị chậm nhất {bold(by)}. Anh/chị được yêu cầu thêm giấy gì ạ?"
    )


WRONG_ANSWER_MORE = "Dạ, đã ghi thêm vào mục cần kiểm tra. Xin cảm ơn anh/chị đã báo giúp bà con."


def waiting(number: int, asked: str, by: str) -> str:
    """Return the line of a question that waits for staff: its number, when it was asked, by when it is answered."""
    return f"• Câu hỏi số {number}, gửi {asked}: trả lời chậm nhất {by}"


CANCELLED = "Đã bỏ, Trợ lý số không lưu gì. Anh/chị cần việc gì khác ạ?"
