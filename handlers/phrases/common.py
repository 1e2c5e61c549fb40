"""Greeting, menu, and the sentences that belong to no topic."""

from handlers.talk import bold
from knowledge.ward import Ward

FOOTER = f"Gõ {bold('0')} để về đầu · {bold('#')} để gặp cán bộ · {bold('xóa')} để bỏ nội dung đang nhập."
FAREWELL = "Dạ, không có gì ạ. Khi cần, anh/chị cứ nhắn vào đây."
CLEARED = "Đã bỏ nội dung đang nhập. Anh/chị cần việc gì ạ?"
NOTHING_TO_CLEAR = "Hiện không có nội dung nào đang nhập dở. Anh/chị cần việc gì ạ?"
CHOOSE_ADDRESS = "Dạ, Trợ lý số nên gọi mình là gì ạ?"
GROUP = "Dạ, để giữ riêng tư, xin nhắn cho Trợ lý số trong khung chat riêng."
SLOW_DOWN = "Dạ, tin đến nhanh quá, Trợ lý số đọc không kịp. Xin chờ một phút rồi nhắn tiếp giúp ạ."
CALM = "Trợ lý số xin phép chỉ trả lời phần công việc. Anh/chị cần phường giúp việc gì ạ?"
TEXT_ONLY_TOO_LONG = "Dạ, tin hơi dài. Xin viết gọn việc cần hỏi trong một, hai câu ạ."


def hello(ward: Ward) -> str:
    """Greet, and say at once that this is a machine (Luật Trí tuệ nhân tạo 134/2025/QH15)."""
    return (
        f"Xin chào anh/chị. Đây là {bold('Trợ lý số')} của {ward.committee}: "
        "máy trả lời tự động, không phải cán bộ.\n"
        "Xin đừng gửi ảnh căn cước, mật khẩu hay mã OTP vào đây. "
        "Việc khẩn cấp gọi 113, 114, 115."
    )


def first_words(ward: Ward) -> str:
    """Open the first answer to somebody new."""
    return f"Xin chào anh/chị. Đây là {bold('Trợ lý số')} của {ward.committee}: máy trả lời tự động."


GOOD_DAY = "Xin chào anh/chị."


def menu() -> str:
    """Ask what is wanted; the choices stand below."""
    return "Anh/chị cần việc gì ạ? Gõ tên việc bằng lời thường, hoặc chọn:"


def called(address: str) -> str:
    """Confirm how the person wants to be called."""
    return f"Dạ, từ nay Trợ lý số xin gọi là {bold(address)}. Mình cần việc gì ạ?"


LARGE_ON = (
    "Dạ, từ giờ câu trả lời sẽ thưa dòng, dễ đọc hơn.\n"
    "Muốn chữ to hẳn, xin mở phần Cài đặt, mục Cỡ chữ trên điện thoại.\n"
    "Gõ lại “chữ to” để trở về như cũ."
)
LARGE_OFF = "Dạ, đã trở về cách viết thường."


def incident(code: str, hotline: str) -> str:
    """Say sorry for a mistake of ours, with the code that finds it in the log."""
    return (
        "Xin lỗi anh/chị, hệ thống vừa gặp trục trặc khi trả lời tin này.\n"
        "Xin gửi lại giúp; nếu vẫn lỗi, gọi đường dây nóng "
        f"{hotline} và đọc mã {bold(code)}."
    )


PHOTO_KEPT = "Dạ, đã nhận, sẽ gửi kèm câu hỏi. Anh/chị gõ câu hỏi giúp ạ."
PHONE = "Dạ, Trợ lý số chưa cần số điện thoại nên không lưu lại. Anh/chị cần việc gì ạ?"
UNSUPPORTED = (
    "Dạ, Trợ lý số mới nhận được chữ, ảnh và tin nhắn thoại, chưa mở được loại tệp này. "
    "Anh/chị chụp ảnh hoặc gõ chữ giúp ạ. Phần đã nhập vẫn còn."
)
STICKER = "Dạ, Trợ lý số chào anh/chị. Anh/chị cần việc gì ạ?"
