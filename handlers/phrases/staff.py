"""Words for staff at work in their own chat: short, plain, with the case's code in front."""

from collections.abc import Sequence

from knowledge.wording import bold

# --- who somebody is ---------------------------------------------------------------------------

WRONG_CODE = (
    "Mã này không dùng được: có thể sai, đã dùng, hết hạn, hoặc không đúng chỗ (mã cá nhân dùng trong khung "
    "chat riêng, mã của tổ dùng trong nhóm). Xin người quản lý cấp mã mới. Sai năm lần thì một giờ sau mới "
    "thử lại được."
)
NOT_BOUND = (
    "Tài khoản vừa bấm chưa gắn với cán bộ nào nên không làm được việc này. "
    "Xin mở khung chat riêng với Trợ lý số và gõ: /canbo kèm mã được cấp."
)
HOW_TO_TYPE = (
    f"Gõ {bold('việc của tổ')}, {bold('việc đến hạn')}, {bold('nhận 0417')}, {bold('xem 0417')}, "
    f"{bold('tiến độ 0417')}, {bold('hỏi thêm 0417')}, {bold('gia hạn 0417')}, {bold('chuyển 0417')}, "
    f"{bold('đóng 0417')}, {bold('ghi chú 0417')}; ghi hộ người dân: {bold('nhập hộ')}."
)


def bound(name: str, desk: str) -> str:
    """Confirm whose account this is from now on."""
    of = f", {desk}" if desk else ""
    return f"Đã gắn tài khoản này với cán bộ {bold(name)}{of}. Từ nay việc được báo vào đây.\n{HOW_TO_TYPE}"


def room_bound(desk: str) -> str:
    """Confirm which desk a group belongs to from now on."""
    return f"Nhóm này từ nay nhận việc của {bold(desk)}. Cán bộ bấm nút dưới mỗi việc để nhận."


def desk_of(name: str) -> str:
    """Open the staff person's own page."""
    return f"Tài khoản cán bộ: {bold(name)}.\n{HOW_TO_TYPE}"


# --- in a group --------------------------------------------------------------------------------


def go_private(name: str) -> str:
    """Say in the group that the talk goes on in private."""
    return f"Đã nhận yêu cầu của {name}. Bước tiếp theo ở khung chat riêng với Trợ lý số."


def yours(heading: str) -> str:
    """Tell an officer in private that a case is theirs."""
    return f"Anh/chị giữ việc: {heading}\nTrả lời tin này để nhắn người dân, hoặc chọn:"


def given(code: str, name: str) -> str:
    """Confirm who has a case now."""
    return f"Đã giao {bold(code)} cho {name}."


# --- which case --------------------------------------------------------------------------------

WHICH_CASE = f"Xin gõ kèm mã việc, ví dụ: {bold('nhận 0417')} hoặc {bold('xem PA26-0417-7')}."
GONE = "Nút này không còn dùng được. Gõ “việc của tổ” để xem việc đang chờ."
STATES = {
    "new": "chưa ai nhận",
    "assigned": "đang xử lý",
    "answered": "đã trả lời, chờ ý kiến người dân",
    "reopened": "người dân mở lại",
    "closed": "đã đóng",
    "referred": "đã chuyển nơi khác",
}


def standing(heading: str, state: str, officer: str, due: str) -> str:
    """Tell where a case stands now, because what was pressed is no longer true."""
    holder = f", {officer} giữ" if officer else ""
    when = f"\n{due}" if due else ""
    return f"Việc đã khác lúc nút này hiện ra nên chưa làm gì.\n{heading}\nHiện nay: {state}{holder}.{when}"


def kept_words(text: str) -> str:
    """Give back what somebody typed for nothing."""
    return f"Nội dung anh/chị vừa viết, để chép lại khi cần:\n“{text}”"


# --- questions ---------------------------------------------------------------------------------

PROGRESS = "Anh/chị viết tiến độ để báo người dân, ví dụ: “đã rào chắn, sáng mai thay nắp”."
QUESTION = "Anh/chị viết câu hỏi cho người dân. Hạn xử lý tạm dừng trong lúc chờ trả lời."
TRANSFER_WHY = "Anh/chị viết lý do chuyển; tổ nhận sẽ đọc."
ANSWER = "Anh/chị viết nội dung trả lời người dân: đã làm gì, khi nào. Ảnh sau xử lý gửi vào đây."
REFER_WHY = "Anh/chị viết vì sao không thuộc phường (người dân sẽ đọc), hoặc bỏ qua phần này."
RESTRICTED_ANSWER = "Anh/chị viết trả lời cho người gửi tin kín. Xin không nhắc lại nội dung tin."
OUTCOME = "Việc này kết thúc thế nào?"
ORIGINAL = "Trùng với việc nào? Xin gõ mã việc gốc."
NO_SUCH_ORIGINAL = "Không thấy việc gốc còn mở với mã này. Xin gõ lại mã việc gốc."
DESK = "Chuyển cho tổ nào? Chọn, hoặc gõ tên tổ."
NO_SUCH_DESK = "Không thấy tổ nào tên như vậy. Chọn, hoặc gõ lại tên tổ."
BODY = (
    "Nơi nào giải quyết? Chọn, hoặc gõ đủ bốn phần cách nhau bằng dấu chấm phẩy: "
    "tên; địa chỉ; điện thoại; căn cứ."
)
BODY_AGAIN = "Cần đủ bốn phần, cách nhau bằng dấu chấm phẩy: tên; địa chỉ; điện thoại; căn cứ."
OUTCOMES = (
    ("resolved", "Đã xử lý"),
    ("partly", "Xử lý một phần"),
    ("unfounded", "Không đủ cơ sở"),
    ("duplicate", "Trùng việc khác"),
    ("not_ours", "Không thuộc TQ"),
)


def why_later(days: int) -> str:
    """Ask for the reason of a new date."""
    return (
        f"Cần lý do (người dân sẽ đọc được) và hạn mới trong {days} ngày làm việc. Anh/chị viết lý do trước."
    )


def which_date(last: str) -> str:
    """Ask for the new date."""
    return f"Hạn mới là ngày nào? Chậm nhất {bold(last)}. Chọn, hoặc gõ ngày, ví dụ 25/11."


def wrong_date(last: str) -> str:
    """Refuse a date that is past, too late, or none."""
    return f"Ngày này chưa được: hạn mới phải sau hôm nay, là ngày làm việc, chậm nhất {bold(last)}."


# --- preview -----------------------------------------------------------------------------------

RESIDENT_READS = "Người dân sẽ đọc:"
DESK_READS = "Tổ nhận sẽ đọc:"
SENDER_READS = "Người gửi tin kín sẽ đọc:"
CHANGED = "Bản xem trước cũ không còn đúng. Bản mới:"
DROPPED = "Đã bỏ, chưa gửi gì."
NOTHING_TO_SEND = "Không có gì đang chờ gửi; có thể đã gửi rồi."
SENT = {
    "tiendo": "Đã báo người dân tiến độ {code}.",
    "hoithem": "Đã hỏi người dân về {code}. Hạn xử lý tạm dừng.",
    "giahan": "Đã gia hạn {code} và báo người dân.",
    "chuyen": "Đã chuyển {code}.",
    "dong": "Đã trả lời người dân, việc {code} chờ ý kiến của họ.",
    "khongthuoc": "Đã chuyển {code} đến nơi giải quyết và báo người dân.",
}
NO_CHAT = "Người gửi không có khung chat: xin gọi điện hoặc gửi giấy báo."


def preview(who_reads: str, text: str) -> str:
    """Show exactly what will be read."""
    return f"{who_reads}\n\n{text}"


def photos_kept(code: str, number: int) -> str:
    """Confirm photos taken when the work was done."""
    return f"Đã giữ {bold(f'{number} ảnh')} sau xử lý cho {bold(code)}; gửi kèm khi trả lời, đóng việc."


# --- remarks, giving ---------------------------------------------------------------------------

REMARK_HOW = f"Xin gõ kèm nội dung, ví dụ: {bold('ghi chú 0417 đã gọi, hẹn chiều xem')}."
GIVE_HOW = f"Xin gõ kèm tên cán bộ, ví dụ: {bold('giao 0417 Minh')}."
NO_SUCH_PERSON = "Không thấy cán bộ tên này được giữ việc ấy."
WHICH_PERSON = "Giao cho ai?"


def remarked(code: str) -> str:
    """Confirm a line only staff see."""
    return f"Đã ghi chú vào {bold(code)}; người dân không thấy."


# --- lists, the thread -------------------------------------------------------------------------

NOTHING_OPEN = "Tổ không có việc nào đang mở."
ENTRIES = {
    "said": "người dân gửi",
    "added": "người dân bổ sung",
    "asked": "hỏi người dân",
    "claimed": "nhận việc",
    "transferred": "chuyển tổ",
    "progress": "báo tiến độ",
    "internal": "ghi chú",
    "extended": "gia hạn",
    "referred": "chuyển nơi khác",
    "answer": "trả lời",
    "rated": "người dân đánh giá",
    "reopened": "người dân mở lại",
    "closed": "đóng việc",
    "objected": "người dân chưa đồng ý gia hạn",
}


def desk_list(name: str, rows: Sequence[str], more: int) -> str:
    """List what waits at a desk, the most pressing first."""
    rest = f"\nCòn {more} việc nữa." if more else ""
    return f"Việc đang mở của {bold(name)}:\n" + "\n".join(f"• {row}" for row in rows) + rest


def due_list(rows: Sequence[str], more: int) -> str:
    """List what is due today or past."""
    rest = f"\nCòn {more} việc nữa." if more else ""
    return "Việc đến hạn hôm nay hoặc đã quá hạn:\n" + "\n".join(f"• {row}" for row in rows) + rest


def nothing_due(this_week: int, first: str) -> str:
    """Say that nothing is due today, and what comes."""
    if not this_week:
        return "Hôm nay không có việc đến hạn. Tuần này cũng không còn việc nào đến hạn."
    return f"Hôm nay không có việc đến hạn. Tuần này còn {this_week} việc, sớm nhất {first}."


def row(heading: str, due: str, officer: str) -> str:
    """Return one case of a list."""
    return f"{heading} · {due} · {officer or 'chưa ai nhận'}"


def entry(at: str, what: str, who: str, text: str) -> str:
    """Return one line of a case's history."""
    by = f", {who}" if who else ""
    said = f": {text}" if text else ""
    return f"• {at} · {what}{by}{said}"


def thread(*, heading: str, facts: Sequence[str], text: str, contact: str, lines: Sequence[str]) -> str:
    """Show a case as its desk sees it."""
    told = [heading, *facts, f"“{text}”"]
    told += [f"Liên hệ: {bold(contact)}"] if contact else []
    return "\n".join([*told, "Diễn biến:", *lines])


NO_PHOTOS = "Việc này chưa có ảnh nào về tới."
PHOTOS_FOLLOW = "Ảnh của {code} gửi ngay sau đây."
ERASED = "(nội dung đã xóa theo thời hạn lưu)"

# --- the restricted box ------------------------------------------------------------------------

BOX_EMPTY = "Hộp kín không có tin nào đang chờ."


def box(rows: Sequence[tuple[str, str]]) -> str:
    """List what waits in the restricted box: codes and dates only."""
    return "Tin kín đang chờ:\n" + "\n".join(f"• {code}, hạn {due}" for code, due in rows)


def restricted(code: str, text: str, due: str) -> str:
    """Show one restricted message to one of the two named persons."""
    return f"Tin kín {bold(code)}, hạn {due}. Lần xem này đã được ghi lại.\n“{text}”"


RESTRICTED_SENT = "Đã trả lời tin kín {code}."

# --- entered for somebody ----------------------------------------------------------------------

SOURCES = (("phone", "Điện thoại"), ("counter", "Tại quầy"), ("paper_box", "Hộp thư giấy"))
ENTRY_SOURCE = "Ghi hộ phản ánh. Người dân gửi bằng cách nào?"
ENTRY_TEXT = "Người dân nói gì? Xin ghi bằng lời của họ."
ENTRY_CATEGORY = "Việc thuộc nhóm nào?"
ENTRY_PLACE = "Ở đâu? Gõ khu phố, tên đường hoặc mốc gần nhất."
ENTRY_PHONE = "Số điện thoại của người dân? Xin hỏi ý họ trước khi ghi."
ENTRY_PHONE_WRONG = "Số này chưa đúng (cần 10 chữ số, bắt đầu bằng 0). Gõ lại, hoặc chọn:"
ENTRY_CHECK = "Đọc lại cho người dân nghe rồi gửi:"


def entry_check(*, source: str, text: str, field: str, place: str, phone: str, level: str) -> str:
    """Show an entry once more."""
    rows = (
        ("Nguồn", source),
        ("Việc", text),
        ("Nhóm", field),
        ("Nơi", place or "không có"),
        ("Điện thoại", phone or "không để"),
        ("Mức", level),
    )
    return "\n".join([ENTRY_CHECK, *(f"• {name}: {told}" for name, told in rows)])


def entered(code: str, key: str, desk: str, due: str) -> str:
    """Give what is read out to the person."""
    secret = f" Mã xem chi tiết: {bold(key)}." if key else ""
    return (
        f"Đã ghi, {desk} nhận. Xin đọc cho người dân chép lại:\n"
        f"Mã phản ánh: {bold(code)}.{secret}\nTrả lời chậm nhất {bold(due)}."
    )
