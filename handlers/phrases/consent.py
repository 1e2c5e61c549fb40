"""Words for stopping and receiving the ward's own messages, a purpose at a time.

What is agreed to must be provable: every wording has an id that is kept with the answer, and
stays here as it was said. Whoever changes a wording adds a new one with the next number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.talk import bold
from records.tables import Purpose

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
NOT_RESTORED = "Dạ, phường không gửi {what}. Các lựa chọn khác của anh/chị giữ như trước."
DONE = "đã ngừng ngay theo lựa chọn"  # stands in the register of requests
NAMES: Mapping[Purpose, str] = {
    Purpose.LETTER: "thư của phường gửi gia đình",
    Purpose.GREETING: "lời chúc lễ, Tết",
    Purpose.SURVEY: "khảo sát ý kiến",
    Purpose.RESULT_READY: "tin báo kết quả hồ sơ của mình",
}


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What somebody was asked, or told, when they said yes or no. `purpose` is None for several at once.

    It names who keeps what, what for, and how to stop (Luật 91/2025/QH15, Điều 9).
    """

    id: str
    purpose: Purpose | None
    text: str


_KEEPS = "Phường giữ địa chỉ khung chat này và câu trả lời của anh/chị, chỉ dùng vào việc ấy"
_STOPS = "Không trả lời là không đồng ý; ngừng lúc nào cũng được, gõ “ngừng nhận tin”"
WORDINGS: tuple[Wording, ...] = (
    Wording(
        id="letter-1",
        purpose=Purpose.LETTER,
        text=(
            "Anh/chị có đồng ý để Ủy ban nhân dân phường gửi vào khung chat này thư chúc mừng, thư chia buồn "
            f"khi gia đình có việc đã đăng ký tại phường không ạ? {_KEEPS}. {_STOPS}."
        ),
    ),
    Wording(
        id="greeting-1",
        purpose=Purpose.GREETING,
        text=(
            "Anh/chị có đồng ý để Ủy ban nhân dân phường gửi vào khung chat này lời chúc ngày lễ, Tết "
            f"không ạ? {_KEEPS}. {_STOPS}."
        ),
    ),
    Wording(
        id="survey-1",
        purpose=Purpose.SURVEY,
        text=(
            "Anh/chị có đồng ý để Ủy ban nhân dân phường gửi vào khung chat này câu hỏi khảo sát về việc "
            f"phục vụ người dân không ạ? Trả lời hay không là tùy anh/chị. {_KEEPS}. {_STOPS}."
        ),
    ),
    Wording(
        id="result_ready-1",
        purpose=Purpose.RESULT_READY,
        text=(
            "Anh/chị có đồng ý để Ủy ban nhân dân phường báo vào khung chat này khi hồ sơ của chính anh/chị "
            f"có kết quả không ạ? {_KEEPS}. {_STOPS}."
        ),
    ),
    Wording(id="stop-1", purpose=None, text=STOPPED),
    Wording(id="stop_all-1", purpose=None, text=STOPPED_ALL),
    Wording(id="stop_greetings-1", purpose=None, text=STOPPED_GREETINGS),
)


def newest(purpose: Purpose) -> Wording:
    """Return the wording in which *purpose* is asked for now."""
    return [wording for wording in WORDINGS if wording.purpose == purpose][-1]
