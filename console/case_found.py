"""What every page about a case begins with: whose case it is, what was typed, and words of the office."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from console.trouble import NOT_FOUND
from console.visit import Visit
from feedback import history, routing
from knowledge.wording import BOLD_OFF, BOLD_ON
from records.cases import EntryKind, Feedback, FeedbackEntry, FeedbackState, Permission

MAY: Final = (Permission.ANSWER_FEEDBACK, Permission.ASSIGN_FEEDBACK)
AT: Final = r"/phan-anh/{code:[Pp][Aa]\d{2}-\d{4,6}-\d}"  # one case
STATES: Final = {
    FeedbackState.NEW: ("chưa ai nhận", "warn"),
    FeedbackState.ASSIGNED: ("đang xử lý", ""),
    FeedbackState.REOPENED: ("người dân mở lại", "bad"),
    FeedbackState.ANSWERED: ("đã trả lời, chờ ý kiến", "good"),
    FeedbackState.CLOSED: ("đã đóng", "good"),
    FeedbackState.REFERRED: ("đã chuyển nơi khác", "good"),
}
LINES: Final = {
    EntryKind.SAID: "Người dân gửi",
    EntryKind.ADDED: "Người dân bổ sung",
    EntryKind.ASKED: "Hỏi người dân",
    EntryKind.CLAIMED: "Nhận việc",
    EntryKind.TRANSFERRED: "Chuyển tổ",
    EntryKind.PROGRESS: "Báo tiến độ",
    EntryKind.INTERNAL: "Ghi chú nội bộ",
    EntryKind.EXTENDED: "Gia hạn",
    EntryKind.REFERRED: "Chuyển cơ quan khác",
    EntryKind.ANSWER: "Trả lời",
    EntryKind.RATED: "Người dân đánh giá",
    EntryKind.REOPENED: "Người dân mở lại",
    EntryKind.CLOSED: "Đóng việc",
    EntryKind.OBJECTED: "Người dân chưa đồng ý gia hạn",
}
MARKS: Final = {"1": "1 – hài lòng", "2": "2 – tạm được", "3": "3 – chưa hài lòng"}
_BY_RESIDENT: Final = (
    *(EntryKind.SAID, EntryKind.ADDED, EntryKind.RATED),
    *(EntryKind.REOPENED, EntryKind.OBJECTED),
)
# What no keyboard types: control characters, invisible marks, lone surrogates.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


async def found(visit: Visit) -> Feedback:
    """Return the case the address names, if the person may act on it. Raises Refused, alike for none."""
    case = await history.by_code(visit.db, visit.request.match_info["code"].upper())
    if case is None or not routing.may_answer(visit.cases, visit.person, case):
        raise NOT_FOUND
    return case


def typed(visit: Visit, name: str) -> str:
    """Return what the form says under *name*, in NFC, without what no keyboard types."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", visit.said(name))).strip()


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    r"""Cut *text* into pieces, each with whether it stands out.

    >>> list(pieces("Kết quả: \x02đã xử lý\x03."))
    [('Kết quả: ', False), ('đã xử lý', True), ('.', False)]
    """
    for number, part in enumerate(text.split(BOLD_ON)):
        loud, mark, rest = part.partition(BOLD_OFF)
        if number and mark:
            yield loud, True
            yield rest, False
        else:
            yield part, False


def who(line: FeedbackEntry, names: dict[int, str]) -> str:
    """Return who wrote a line of the history."""
    if line.staff_id is not None:
        return names.get(line.staff_id, "cán bộ")
    return "người dân" if line.kind in _BY_RESIDENT else "hệ thống"


def words(line: FeedbackEntry) -> str:
    """Return what a line of the history says."""
    text = line.text or ""
    return MARKS.get(text, text) if line.kind is EntryKind.RATED else text


def where(case: Feedback) -> str:
    """Return the address of the page of *case*, below the console."""
    return f"/phan-anh/{case.code}"
