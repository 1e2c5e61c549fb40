"""What a clerk and a chairperson read while they decide about letters, and what whoever checks a code reads."""

from collections.abc import Mapping
from typing import Final

from handlers.talk import bold
from knowledge import when
from knowledge.calendar import here
from letters import notices
from letters.audience import Outlook, can_choose
from records.letters import Letter
from records.tables import ChannelName

NOTHING_WAITS: Final = "Không có thư nào chờ anh/chị."
STALE: Final = "Thư này vừa thay đổi nên nút cũ không còn hiệu lực. Đây là bản mới nhất:"
GONE: Final = "Nút này không còn hiệu lực; chưa có gì thay đổi. Gõ “thư” để xem thư đang chờ."
WRITE_WORDS: Final = (
    "Mời anh/chị trả lời tin này bằng lời thư mới (chỉ phần thân, mỗi đoạn cách nhau một dòng trống). "
    "Văn phòng soát lại rồi thư trở về đây. Gõ “thôi” để giữ lời cũ."
)
WRITE_REASON: Final = "Xin cho biết lý do không gửi, trong một câu. Gõ “thôi” để bỏ qua."
KEPT_WORDS: Final = "Đã giữ lời mới; thư trở lại bước soát."
NOT_SENT: Final = "Đã ghi: thư này không gửi."
LEFT: Final = "Đã bỏ qua; thư giữ nguyên."
CHECKED: Final = "Đã soát. Thư chuyển tới người ký."
CHOSEN: Final = "Đã ghi người nhận."
WHICH_PERSON: Final = "Chưa chắc {name} là ai. Mời chọn đúng người theo hai điểm ghi kèm:"
NO_LETTERS: Final = "Phần thư chưa mở ở máy chủ này. Mời báo người quản trị."
WRONG_CODE: Final = (
    "Không có thư nào của phường mang mã này. Xin anh/chị xem lại từng chữ; nếu vẫn không đúng, "
    "có thể đó là thư giả. Anh/chị gọi {hotline} giúp."
)
TYPE_CODE: Final = f"Mã có tám chữ, ví dụ {bold('xm 7F3K-9QX2')}. Mời anh/chị gõ lại."
GO_ON: Final = "Anh/chị cứ tiếp tục việc đang làm dở ạ."
TOO_MANY: Final = "Anh/chị đã thử nhiều mã sai. Xin thử lại sau một giờ, hoặc gọi {hotline}."
CHANNELS: Final[Mapping[ChannelName, str]] = {
    ChannelName.ZALO: "Zalo",
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.WEB: "trang web",
    ChannelName.ZALO_BOT: "Zalo Bot",
}


def summary(counts: Mapping[str, int], *, to_sign: bool) -> str:
    """Return how many letters wait, by kind."""
    total = sum(counts.values())
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
    what = "Thư chờ duyệt" if to_sign else "Thư chờ soát"
    return f"{what} hôm nay: {bold(str(total))} — {kinds}."


def place(number: int, total: int) -> str:
    """Return "(1/6) "."""
    return f"({number}/{total}) "


def signed(letter: Letter, leaves: str) -> str:
    """Tell the number and the code that were given."""
    return (
        f"Đã cấp {bold(f'số {notices.number(letter)}')}, mã xác minh {letter.check_code}. {leaves}\n"
        "Bản này được khóa; sửa sẽ là thư mới."
    )


def end(signed_: int, back: int, chat: int, paper: int) -> str:
    """Sum up one round of deciding."""
    total = signed_ + back
    ways = f" {chat} thư gửi qua chat, {paper} thư giao tay." if signed_ else ""
    return f"Xong {total}/{total}: {signed_} duyệt, {back} trả lại.{ways}"


def greeting(title: str, letter: Letter, seen: Outlook) -> str:
    """Tell the chairperson to whom a greeting would go, who is left out, what it costs."""
    if not can_choose(letter.audience):
        due = f" — cho ngày {when.day(here(letter.due_at).date())}" if letter.due_at else ""
        return f"{bold(notices.title_of(title))}{due}. {notices.NOT_BY_CHAT}"
    by_way = ", ".join(f"{CHANNELS[channel]} {number}" for channel, number in seen.by_channel.items())
    due = f"dự kiến gửi {bold(when.moment(letter.due_at))} " if letter.due_at else ""
    return (
        f"{bold(notices.title_of(title))} — {due}tới {bold(_count(seen.total))} người"
        f"{f' ({by_way})' if by_way else ''}; loại trừ: {seen.mourning_households} hộ có tang, "
        f"{_count(seen.opted_out)} người ngừng nhận tin, {_count(seen.without_channel)} không có kênh "
        f"(in danh sách giao tổ dân phố). Chi phí Zalo ước tính {_count(seen.cost_vnd)} đ."
    )


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")
