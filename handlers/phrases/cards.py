"""How a procedure is told: choices between siblings, honest refusals; the card itself is `knowledge.card_text`."""

from handlers.talk import bold
from knowledge.card_text import (
    PORTAL,
    brief,
    card,
    case,
    fee,
    mistakes,
    online,
    papers,
    promised,
    promised_next,
    proxy,
    result,
    source,
    time_needed,
    where,
)

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


__all__ = [
    "ASK_A_PERSON",
    "DO_NOT_KNOW_WHICH",
    "NONE_OF_THESE",
    "NOT_THIS",
    "NOT_UNDERSTOOD",
    "PORTAL",
    "PORTAL_WAY",
    "SAY_AGAIN",
    "STILL_LOST",
    "WHICH_ONE",
    "brief",
    "card",
    "case",
    "fee",
    "field",
    "fields",
    "mistakes",
    "not_here",
    "online",
    "papers",
    "promised",
    "promised_next",
    "proxy",
    "result",
    "source",
    "time_needed",
    "where",
]
