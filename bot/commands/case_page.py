"""One case on a page: its facts by name, the words, and what happened, the oldest first."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from feedback.listing import COLUMNS, cell
from records.cases import EntryKind

LABELS: Final[Mapping[str, str]] = dict(COLUMNS) | {
    "published_at": "Công bố lúc",
    "discreet": "Chỉ xem riêng",
    "contact_name": "Người dân",
    "contact_phone": "Điện thoại",
    "callback": "Muốn được gọi",
    "channel": "Kênh",
    "referred_to": "Đã chuyển đến",
    "extension_reason": "Lý do gia hạn",
    "entered_by": "Người nhập hộ",
    "erased_at": "Đã xóa nội dung lúc",
}
WORDS: Final = {"text": "Lời phản ánh", "answer": "Lời trả lời"}  # long ones stand below the facts
KINDS: Final[Mapping[str, str]] = {
    EntryKind.SAID: "phản ánh",
    EntryKind.ADDED: "người dân bổ sung",
    EntryKind.ASKED: "hỏi người dân",
    EntryKind.CLAIMED: "nhận việc",
    EntryKind.TRANSFERRED: "chuyển tổ",
    EntryKind.PROGRESS: "báo tiến độ",
    EntryKind.INTERNAL: "ghi chú",
    EntryKind.EXTENDED: "gia hạn",
    EntryKind.REFERRED: "chuyển nơi khác",
    EntryKind.ANSWER: "trả lời",
    EntryKind.RATED: "đánh giá",
    EntryKind.REOPENED: "mở lại",
    EntryKind.CLOSED: "đóng",
    EntryKind.OBJECTED: "chưa đồng ý gia hạn",
}


def lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Give the page of what `listing.whole` or `listing.public_row` returned."""
    for name, label in LABELS.items():
        if facts.get(name) and name not in WORDS:
            yield f"{label}: {cell(name, facts[name])}"
    if facts.get("photos"):
        yield f"Ảnh, tin thoại: {', '.join(_photo(photo) for photo in facts['photos'])}"
    for name, label in WORDS.items():
        if facts.get(name):
            yield f"{label}: {facts[name]}"
    if facts.get("thread"):
        yield "Diễn biến:"
        yield from (_happened(line) for line in facts["thread"])


def _photo(photo: Mapping[str, Any]) -> str:
    name = photo["sha256"] or "chưa tải về"
    return f"{name} (sau xử lý)" if photo["after"] else name


def _happened(line: Mapping[str, Any]) -> str:
    who = f" · {line['by']}" if line["by"] else ""
    seen = "" if line["public"] else " (nội bộ)"
    words = f": {line['text']}" if line["text"] else ""
    return f"  {cell('taken_at', line['at'])}  {KINDS[line['kind']]}{who}{seen}{words}"
