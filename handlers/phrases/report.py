"""Words for writing a report: one question at a time, with an example and a way out."""

from knowledge.wording import bold

WHAT = (
    "Dạ, anh/chị muốn phản ánh, kiến nghị việc gì ạ?{step}\n"
    "Viết một, hai câu như đang nói chuyện, ví dụ: “đèn đường hẻm 42 Lê Lợi hỏng ba đêm nay”. "
    "Gửi ảnh hoặc tin nhắn thoại cũng được."
)
WHAT_OF_PHOTOS = "Dạ, cảm ơn anh/chị, đã nhận {photos}. Đây là việc gì ạ?{step}"
WHAT_OF_PLACE = "Dạ, đã nhận vị trí {place}. Ở đó có việc gì ạ?{step}"
TELL_MORE = "Dạ, việc về {field}. Xin anh/chị tả ngắn: chuyện gì, từ bao giờ?{step}\nVí dụ: “{example}”."
CATEGORY = "Dạ, đã ghi. Việc này gần với nhóm nào nhất ạ?{step}"
WHERE = (
    "Xin phép hỏi {vi_tri}{step}: bấm “Gửi vị trí” trên điện thoại, hoặc gõ khu phố, tên đường hay hẻm, "
    "và mốc gần nhất. Ví dụ: “khu phố 3, hẻm 84 Nguyễn Trãi, trước trường mầm non”."
)
WHERE_AGAIN = (
    "Dạ, Trợ lý số chưa tìm thấy chỗ này trong phường. Anh/chị gõ thêm khu phố, tên đường hoặc mốc gần nhất; "
    "hoặc chọn “Giữ như vừa gõ”, cán bộ sẽ tự tìm."
)
POINT_SHOWN = "Vị trí gần {place}, đúng không ạ?"
PHOTOS = "Anh/chị có {anh} chụp chỗ này không ạ?{step} Gửi vào đây, hoặc bỏ qua cũng được."
PHOTOS_MORE = "Dạ, đã nhận {photos}. Anh/chị gửi xong ảnh chưa ạ?"
TOO_MANY = "Mỗi phản ánh giữ được {most} ảnh; {left} ảnh sau đã bỏ ra."
CONTACT = (
    "Xin phép lấy {so} để cán bộ gọi khi cần{step}. Không để số cũng được: "
    "kết quả vẫn báo vào khung chat này."
)
CONTACT_WRONG = (
    "Dạ, số điện thoại này chưa đúng (cần 10 chữ số, bắt đầu bằng 0). Anh/chị gõ lại giúp, hoặc chọn:"
)
CALLBACK = "Dạ, anh/chị muốn cán bộ gọi lại vào lúc nào ạ?"
CALLBACK_PHONE = "Dạ, xin cho {so} để cán bộ gọi lại."
DANGER = "Dạ, chỗ này nguy hiểm; phản ánh sẽ ghi {gap}.{call}"
EMERGENCY_CALL = " Nếu đang có người bị nạn, xin gọi ngay {number}."
UNFINISHED = "Anh/chị còn một phản ánh đang viết dở{about}, tiếp tục không ạ?"
DROPPED = "Đã bỏ phản ánh đang viết, Trợ lý số không lưu gì. Anh/chị cần việc gì khác ạ?"
NOTHING_OPEN = "Hiện không có phản ánh nào đang viết dở. Anh/chị muốn gửi phản ánh mới không ạ?"
EDIT = "Anh/chị muốn sửa phần nào ạ?"
VOICE = (
    "Dạ, đã nhận tin nhắn thoại làm lời phản ánh. Cán bộ sẽ nghe; chỗ nào chưa rõ thì hỏi lại anh/chị. "
    "Việc này thuộc nhóm nào ạ?{step}"
)
SENT_BEFORE = "Dạ, phản ánh này đã gửi rồi, mã {code}. Không cần gửi lại ạ."
BEHALF = "Dạ, đã ghi là gửi giúp người khác."
CARD_REFUSED = (
    "Dạ, ảnh vừa gửi giống ảnh căn cước. Xin đừng gửi giấy tờ tùy thân qua đây; "
    "Trợ lý số đã bỏ ảnh này, không lưu. Phần đã nhập vẫn còn."
)
PERSONAL_ID = "Trong tin có số giống số căn cước. Trợ lý số đã che số này trong bản công khai."
NOT_A_PHOTO = (
    "Dạ, một ảnh vừa gửi không mở được nên đã bỏ. Anh/chị chụp lại rồi gửi giúp ạ; phần đã nhập vẫn còn."
)
TOO_MANY_TODAY = (
    "Dạ, hôm nay anh/chị đã gửi {most} ảnh và tin nhắn thoại, là số nhiều nhất Trợ lý số nhận được trong 24 giờ. "
    "Các tệp gửi thêm chưa được giữ lại. Xin gửi tiếp vào ngày mai, hoặc gõ chữ tả giúp ạ."
)
RESTRICTED_NAME = bold("phản ánh kín")
RESTRICTED = (
    "Dạ, đây là {kin}: chỉ hai người của phường được phân công mở đọc, không báo vào nhóm nào, không ghi tên "
    "anh/chị bên cạnh nội dung. Đây không phải đơn khiếu nại, tố cáo theo luật.\n"
    "Anh/chị viết lại sự việc giúp ạ: chuyện gì, ngày nào, ở đâu. Trợ lý số sẽ hỏi lại trước khi gửi."
)


NOTED_MORE = "Dạ, đã ghi thêm."


def noted(field: str) -> str:
    """Thank for a report, and say as what it is understood."""
    about = f" Trợ lý số ghi là phản ánh về {bold(field[:1].lower() + field[1:])}." if field else ""
    return f"Dạ, cảm ơn anh/chị đã báo.{about}"


def step(number: int, of: int) -> str:
    """Return " (2/4)": how far the questions have come."""
    return f" ({number}/{of})"


def photos(number: int) -> str:
    """Return "2 ảnh", marked."""
    return bold(f"{number} ảnh")


def nearer(wide: str) -> str:
    """Ask for a mark near by, when a whole street or quarter was named."""
    return (
        f"Dạ, đã ghi {bold(wide)}. Gần số nhà, hẻm hay mốc nào để cán bộ tìm nhanh ạ? "
        "Ví dụ: “trước số 84”, “gần chợ”."
    )


def outside(ward: str, neighbour: str) -> str:
    """Say whose place it is."""
    return (
        f"Dạ, vị trí này thuộc {bold(neighbour)}, không thuộc {ward}. Muốn gửi đến nơi xử lý, anh/chị chọn:"
    )


def far_outside(ward: str) -> str:
    """Say that a place is not ours, when we do not know whose it is."""
    return f"Dạ, vị trí này nằm ngoài {ward}. Anh/chị chọn lại vị trí, hoặc gõ tên đường giúp ạ:"


def old_ward(told: str) -> str:
    """Say what an old ward's name is called now, before the next question."""
    return f"Dạ, {told}."


def nearby(code: str, metres: int | None, day: str) -> str:
    """Tell of a case that may be the same."""
    close = f", cách {metres} m" if metres is not None else ""
    return f"Gần đây có 1 phản ánh giống: {bold(code)}{close}, gửi {day}, đang xử lý. Cùng một việc không ạ?"


def summary(
    *,
    what: str,
    where: str,
    photos: int,
    voice: bool,
    level: str,
    field: str,
    phone: str,
    hide_photos: bool,
    discreet: bool,
    behalf: bool,
) -> str:
    """Show everything once more: what is public, and what only staff see."""
    sent = [f"{photos} ảnh (đã bỏ thông tin máy và tọa độ trong ảnh)"] if photos else []
    sent += ["tin nhắn thoại"] if voice else []
    rows = [
        ("Việc", what),
        ("Nhóm", field),
        ("Nơi", where),
        ("Gửi kèm", ", ".join(sent) or "không"),
        ("Mức", level),
        ("Liên hệ", f"số {phone}" if phone else "chỉ báo vào khung chat này"),
    ]
    lines = [f"• {name}: {told}" for name, told in rows if told]
    lines += ["• Gửi giúp người khác"] if behalf else []
    return "\n".join(
        [
            "Xin anh/chị xem lại:",
            *lines,
            _who_sees(hide_photos=hide_photos, discreet=discreet, photos=bool(photos)),
        ]
    )


def _who_sees(*, hide_photos: bool, discreet: bool, photos: bool) -> str:
    if discreet:
        return f"{bold('Không công khai')}: cả phản ánh này chỉ cán bộ được giao mới thấy."
    shown = "việc, nơi" + (" và ảnh" if photos and not hide_photos else "")
    kept = "số điện thoại, tài khoản của anh/chị" + (" và ảnh" if photos and hide_photos else "")
    return f"{bold('Công khai')}: {shown}. {bold('Chỉ cán bộ thấy')}: {kept}."


def sent(*, code: str, key: str, desk: str, promised: str, why: str) -> str:
    """Confirm with the code, who takes it, and by when an answer comes."""
    return (
        f"Dạ, đã gửi. Mã của anh/chị: {bold(code)} (mã xem chi tiết từ máy khác: {key}).\n"
        f"{desk} tiếp nhận; {bold(f'trả lời chậm nhất {promised}')} ({why}).\n"
        "Xin cảm ơn anh/chị đã báo giúp bà con."
    )


def term_in_words(minutes: int | None, days: int | None) -> str:
    """Return what was promised, as time of work."""
    if minutes is not None:
        hours = f"{minutes / 60:g}".replace(".", ",")
        return f"việc gấp: {hours} giờ làm việc"
    return f"{days} ngày làm việc"


def following(code: str) -> str:
    """Confirm that somebody follows another's case."""
    return (
        f"Dạ, anh/chị sẽ được báo khi {bold(code)} có kết quả. Phản ánh đang viết đã bỏ, Trợ lý số không lưu."
    )


def neighbour_contact(name: str, contact: str) -> str:
    """Tell how to reach the ward next door."""
    return f"{bold(name)}: {contact}"


def restricted_check(text: str) -> str:
    """Show a restricted message once more before it is kept."""
    return f"Xin anh/chị xem lại trước khi gửi kín:\n“{text}”\nChỉ hai người được phân công đọc được."


def restricted_sent(code: str, by: str) -> str:
    """Confirm a restricted message by its code."""
    return (
        f"Dạ, đã gửi kín, mã {bold(code)}. Phường trả lời bước đầu vào khung chat này chậm nhất {bold(by)}. "
        "Nội dung không hiện trong danh sách hay nhóm nào."
    )
