"""Words for what is kept of a person: showing it, a copy of it, putting it right, deleting it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from feedback.erasure import Forgotten, Kept, Why
from feedback.own_data import Holding
from feedback.states import OPEN
from handlers.phrases import cases
from handlers.phrases.consent import NAMES
from handlers.talk import bold
from knowledge import when
from knowledge.calendar import here
from records.cases import Feedback

OUTCOME_SHOWN = "đã cho xem trong khung chat"  # these stand in the register of requests
OUTCOME_LINK = "đã đưa liên kết tải về, dùng một lần"
OUTCOME_CORRECTED = "người dân tự sửa, đã ghi"
OUTCOME_ERASED = "đã xóa phần được phép xóa"
OUTCOME_CONTACT = "đã rút thông tin liên hệ của việc đang mở"

# --- what is kept ---------------------------------------------------------------------------------

LINE_ADDRESS = "địa chỉ của khung chat này, để trả lời anh/chị"
TAIL = "Nội dung tin nhắn đến được xóa ngay sau khi trả lời."


def data(kept: Holding, address: str) -> str:
    """Tell what is kept about the person asking."""
    lines = [LINE_ADDRESS, *_person(kept, address), *_counts(kept), *_consents(kept)]
    listed = "\n".join(f"• {line}" for line in lines)
    return f"Phường đang lưu trong hệ thống này:\n{listed}\n{TAIL}"


def _person(kept: Holding, address: str) -> list[str]:
    called = [*kept.names, *([f"gọi là “{address}”"] if address else [])]
    names = ", ".join(called) or "không có"
    phones = ", ".join(_covered(phone) for phone in kept.phones) or "không có"
    return [f"tên gọi: {names}", f"số điện thoại: {phones}"]


def _covered(phone: str) -> str:
    """Return a number its owner knows and nobody else learns.

    >>> _covered("0900000123")
    '0900…123'
    """
    return f"{phone[:4]}…{phone[-3:]}"


def _counts(kept: Holding) -> list[str]:
    going = sum(case.state in OPEN for case in kept.cases)
    about = f" ({going} đang xử lý)" if going else ""
    counted = (
        (len(kept.cases), f"phản ánh, kiến nghị{about}"),
        (len(kept.questions), "câu hỏi gửi cán bộ"),
        (len(kept.restricted), "tin kín"),
        (kept.photos, "ảnh, tin thoại"),
        (len(kept.following), "việc của người khác đang theo dõi"),
        (len(kept.watched), "hồ sơ đang theo dõi"),
        (len(kept.told), "tin phường đã gửi, còn giữ lời"),
        (len(kept.requests), "yêu cầu về dữ liệu"),
    )
    always = {"câu hỏi gửi cán bộ", f"phản ánh, kiến nghị{about}"}
    told = [f"{number} {what}" for number, what in counted if number or what in always]
    return [*told, *_bound(kept)]


def _bound(kept: Holding) -> list[str]:
    """Tell since when this account stands beside a name of the register; the name is read at the counter."""
    row = kept.bound
    if row is None or row.verified_at is None:
        return []
    ended = f", đã gỡ ngày {_day(row.closed_at)}" if row.closed_at else ""
    return [f"ghi nhận khung chat này là của anh/chị, cán bộ đối chiếu ngày {_day(row.verified_at)}{ended}"]


def _consents(kept: Holding) -> list[str]:
    return [
        f"lựa chọn về {NAMES[row.purpose]}: {'đồng ý nhận' if row.granted else 'không nhận'}, "
        f"ghi ngày {here(row.said_at):%d/%m/%Y}"
        for row in kept.consents
        if row.purpose in NAMES
    ]


# --- a copy ---------------------------------------------------------------------------------------


def link(address: str) -> str:
    """Give the one-time link."""
    return (
        "Dạ, anh/chị mở liên kết này để xem và tải dữ liệu của mình:\n"
        f"{address}\n"
        "Liên kết dùng được trong 1 giờ: xem một lần, tải tệp một lần. Xin đừng gửi liên kết cho người khác."
    )


def readable(kept: Holding, address: str, place: str, number: int, until: datetime) -> str:
    """Say what is kept in the chat itself, and how to get the file at the counter."""
    shown = "\n".join(_case(case) for case in kept.cases)
    asked = "\n".join(f"• câu hỏi ngày {_day(row.asked_at)}: “{row.question}”" for row in kept.questions)
    parts = [data(kept, address), shown, asked, counter(place, number, until)]
    return "\n".join(part for part in parts if part)


def _case(case: Feedback) -> str:
    text = f": “{case.text}”" if case.text else ""
    place = f" Nơi: {case.place}." if case.place else ""
    return f"• {bold(case.code)}, gửi ngày {_day(case.taken_at)}, {cases.STATES[case.state]}{text}{place}"


def _day(moment: datetime) -> str:
    return f"{here(moment):%d/%m/%Y}"


def counter(place: str, number: int, until: datetime) -> str:
    """Tell how the file is fetched where nothing can be downloaded."""
    return (
        f"Bản đầy đủ dạng tệp: anh/chị đến {place}, đọc số yêu cầu {bold(str(number))}; "
        f"phường chuẩn bị xong trước {when.moment(until)}."
    )


# --- putting right ----------------------------------------------------------------------------------

WHAT_TO_CORRECT = "Dạ, anh/chị muốn sửa điều gì ạ?"
IN_WHICH = "Dạ, sửa ở việc nào ạ?"
NOTHING_TO_CORRECT = (
    "Dạ, phường chưa lưu tên hay số điện thoại nào của anh/chị. Điều khác cần sửa, xin chọn bên dưới."
)
ASK_VALUE: Mapping[str, str] = {
    "contact_phone": "Dạ, anh/chị gõ số điện thoại đúng giúp ạ.",
    "contact_name": "Dạ, anh/chị gõ tên đúng để phường gọi ạ.",
}
ASK_AGAIN: Mapping[str, str] = {
    "contact_phone": "Dạ, chưa nhận ra số điện thoại. Xin gõ một số di động, ví dụ 0900 000 000.",
    "contact_name": "Dạ, tên cần có chữ cái, dài không quá 100 ký tự. Xin gõ lại giúp ạ.",
}
ASK_OTHER = "Dạ, anh/chị viết điều chưa đúng và nội dung đúng vào đây ạ. Xin đừng gửi số hay ảnh căn cước."
GONE = "Dạ, việc này không còn sửa được. Anh/chị chọn lại giúp ạ."


def corrected(codes: Sequence[str]) -> str:
    """Tell that it is put right."""
    return f"Dạ, đã sửa ở {', '.join(bold(code) for code in codes)}. Xin cảm ơn anh/chị."


def registered(number: int, until: datetime) -> str:
    """Tell that a person will deal with a request, and until when."""
    return (
        f"Dạ, đã ghi yêu cầu số {bold(str(number))}. Phường trả lời trước {when.moment(until)}, "
        "vào khung chat này."
    )


def done(number: int, outcome: str) -> str:
    """Tell a resident how a request ended."""
    ended = outcome.strip()
    stop = "" if ended.endswith((".", "!", "?", "…")) else "."
    return f"Yêu cầu về dữ liệu số {bold(str(number))} của anh/chị đã có kết quả:\n{ended}{stop}"


# --- deleting -------------------------------------------------------------------------------------

NOT_FORGOTTEN = "Dạ, giữ nguyên, không xóa gì ạ."
CANNOT_UNDO = "Việc xóa không lấy lại được."
_WHY: Mapping[Why, str] = {
    Why.OPEN: "đang xử lý, giữ để trả lời anh/chị",
    Why.ANSWERED: "đã trả lời, chờ anh/chị cho ý kiến rồi mới đóng",
    Why.RESTRICTED: "tin kín chưa trả lời, giữ đến khi trả lời xong",
}


def sure_to_forget(resting: Sequence[Feedback], kept: Sequence[Kept]) -> str:
    """Tell what would go and what would stay, and ask."""
    codes = ", ".join(bold(case.code) for case in resting[:SHOWN])
    more = f" và {len(resting) - SHOWN} việc khác" if len(resting) > SHOWN else ""
    own = f"• nội dung, nơi, liên hệ, ảnh, lời trả lời của việc đã xong: {codes}{more}\n" if resting else ""
    return (
        f"Anh/chị muốn xóa những phần này?\n{own}"
        "• câu hỏi gửi cán bộ (câu đang chờ cũng bị bỏ), ảnh, tin thoại\n"
        "• lời các tin phường đã gửi, lựa chọn nhận tin, phần ghi nhớ của cuộc trò chuyện\n"
        "• việc ghi khung chat này là của anh/chị, việc theo dõi hồ sơ\n"
        f"{_staying(kept)}{CANNOT_UNDO}"
    )


SHOWN = 8  # codes named one by one


def forgotten(done: Forgotten) -> str:
    """Tell what is gone, and what stays and why."""
    gone = done.counts.get("cases", 0)
    own = f"nội dung {gone} việc đã xong, " if gone else ""
    return (
        f"Đã xóa {own}lời nhắn, ảnh và lựa chọn của anh/chị. Ảnh biến mất khỏi máy chủ trong ít phút.\n"
        f"{_staying(done.kept)}"
        "Chỉ còn mã, loại việc, ngày tháng để thống kê; sổ ghi yêu cầu này; địa chỉ khung chat; và giờ giấc "
        "các lần nhắn để chống trùng, tự hết hạn. Bản sao lưu cũ hết hạn theo lịch của phường."
    )


def _staying(kept: Sequence[Kept]) -> str:
    if not kept:
        return ""
    lines = "\n".join(f"• {bold(one.code)}: {_WHY[one.why]}{_until(one)}" for one in kept[:SHOWN])
    more = f"\n• và {len(kept) - SHOWN} việc khác chưa xong" if len(kept) > SHOWN else ""
    return f"Phần phải giữ:\n{lines}{more}\nXong rồi, anh/chị gõ “dữ liệu của tôi” để xóa nốt.\n"


def _until(one: Kept) -> str:
    if one.until is None:
        return ""
    return (
        f" (tự đóng {when.moment(one.until)})"
        if one.why is Why.ANSWERED
        else f" (hạn {when.moment(one.until)})"
    )


NO_CONTACT = "Dạ, không có việc đang mở nào giữ tên hay số điện thoại của anh/chị."


def contact_withdrawn(codes: Sequence[str]) -> str:
    """Tell that open cases no longer have a name or a number."""
    return (
        f"Dạ, đã bỏ tên, số điện thoại khỏi {', '.join(bold(code) for code in codes)}. "
        "Phường chỉ còn báo qua khung chat này."
    )


def asked_for_kept(kept: Sequence[Kept]) -> str:
    """Return the words in which a request for deleting what stays is kept."""
    return "Đề nghị xóa cả phần đang giữ: " + ", ".join(one.code for one in kept)
