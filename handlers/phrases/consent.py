"""Words for stopping and receiving the ward's own messages, and for what is kept of a person."""

from collections.abc import Sequence

from handlers.talk import bold

STOPPED = (
    f"Dạ, xin lỗi đã làm phiền anh/chị. {bold('Từ bây giờ')} phường không gửi thư chúc, tin chung nữa. "
    "Kết quả phản ánh và giấy hẹn của chính anh/chị vẫn được báo."
)
STOPPED_ALL = (
    "Đã ngừng tất cả tin chủ động. Khi anh/chị hỏi, Trợ lý số vẫn trả lời. "
    f"Gõ {bold('nhận lại tin')} bất cứ lúc nào."
)
STOPPED_GREETINGS = (
    f"Dạ, chỉ ngừng lời chúc lễ, Tết; các tin khác giữ như trước. Gõ {bold('nhận lại tin')} bất cứ lúc nào."
)
WHICH_AGAIN = "Dạ, anh/chị muốn nhận loại tin nào của phường? Mỗi loại chọn riêng, lúc nào cũng ngừng được:"
RESTORED = "Dạ, đã ghi nhận anh/chị đồng ý nhận {what}. Gõ “ngừng nhận tin” khi không muốn nữa."
LETTERS = "thư của phường gửi gia đình"
GREETINGS = "lời chúc lễ, Tết"
SURVEYS = "khảo sát ý kiến"
RESULTS = "tin báo kết quả hồ sơ của mình"


def data(lines: Sequence[str]) -> str:
    """Tell what is kept about the person asking."""
    listed = "\n".join(f"• {line}" for line in lines)
    return f"Phường đang lưu trong hệ thống này:\n{listed}\nNội dung tin nhắn thường được xóa ngay sau khi trả lời."


LINE_ADDRESS = "địa chỉ của khung chat này (không kèm tên, số điện thoại)"


def line_questions(number: int) -> str:
    """Count the questions left for a person."""
    return f"{number} câu hỏi gửi cán bộ"


def line_consent(what: str, answer: str) -> str:
    """Tell one choice about messages."""
    return f"lựa chọn về {what}: {answer}"


GRANTED, STOPPED_WORD = "đồng ý nhận", "không nhận"
SURE_TO_FORGET = (
    "Anh/chị muốn xóa lời nhắn, lựa chọn và phần ghi nhớ của cuộc trò chuyện này? "
    "Câu hỏi đang chờ cán bộ cũng bị bỏ. Việc xóa không lấy lại được."
)
FORGOTTEN = (
    "Đã xóa nội dung và lựa chọn của anh/chị. Chỉ còn giờ giấc các lần nhắn để chống trùng, "
    "tự hết hạn theo quy định lưu trữ của phường."
)
NOT_FORGOTTEN = "Dạ, giữ nguyên, không xóa gì ạ."
