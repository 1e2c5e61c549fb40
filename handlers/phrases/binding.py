"""Words around whose account a chat is: what a resident takes to the desk, what staff there ask and see."""

from datetime import datetime

from knowledge import when
from knowledge.calendar import here
from knowledge.wording import bold
from records.letters import Resident, ResidentAddress
from records.tables import ChannelName

CHANNELS = {
    ChannelName.ZALO: "Zalo",
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.WEB: "trang web",
    ChannelName.ZALO_BOT: "Zalo (bot)",
}

# --- to a resident -------------------------------------------------------------------------------

WORDING = "binding-1"  # names the words below in the sealed history; new words, new number


def code(value: str, until: datetime, *, web: bool) -> str:
    """Give a resident the code, say what it is for, what is kept, and how it ends."""
    browser = (
        "\nKhung chat trên trang web gắn với trình duyệt này: xin chỉ đăng ký trên máy riêng của mình."
        if web
        else ""
    )
    return (
        f"Dạ, mã của anh/chị: {bold(value)}\n"
        "Để thư đến đúng người, anh/chị mang thẻ căn cước đến bộ phận một cửa của phường, đọc mã này cho cán bộ "
        f"trước {when.moment(until)}. Mã dùng một lần. Trợ lý số không hỏi số căn cước; xin đừng gửi số hay ảnh "
        f"căn cước vào đây.{browser}\n"
        "Khi đọc mã, anh/chị đồng ý để phường ghi khung chat này là của mình, cạnh tên trong danh sách người dân, "
        "chỉ để gửi đúng người những loại tin anh/chị đã chọn. Muốn bỏ, gõ “dữ liệu của tôi” rồi chọn xóa."
    )


CHOOSE = "Phường chỉ gửi loại tin anh/chị đồng ý. Chọn từng loại:"
ALREADY = (
    "Dạ, khung chat này đã được xác minh là của anh/chị, không cần mã nữa. Phường chỉ gửi loại tin anh/chị đã "
    "đồng ý; gõ “ngừng nhận tin” khi không muốn nữa."
)
NOT_HERE = (
    "Dạ, khung chat này chưa nhận được thư của phường. Anh/chị nhắn cho Zalo của phường hoặc khung chat trên trang "
    "web của phường, rồi gõ “đăng ký nhận thư” giúp ạ."
)
BOUND = (
    "Từ nay khung chat này được ghi là của anh/chị, do cán bộ phường đã đối chiếu giấy tờ. Phường gửi vào đây những "
    "loại tin anh/chị đã đồng ý.\nNếu anh/chị không đến phường làm việc này, xin gõ “gặp cán bộ” để gỡ ra."
)
UNBOUND = (
    "Khung chat này không còn được ghi là của người dân nào; phường không gửi thư vào đây nữa. Phản ánh, câu hỏi của "
    "anh/chị vẫn được trả lời. Muốn ghi lại, gõ “đăng ký nhận thư”."
)
VERIFY_TOO = "Để thư đến đúng người, khung chat này còn cần được xác minh một lần ở bộ phận một cửa."

# --- to staff ------------------------------------------------------------------------------------

PRIVATE = "Xin mở khung chat riêng với Trợ lý số để làm việc này."
HOW = f"Gõ {bold('gắn')} kèm mã người dân đọc, ví dụ: gắn K7QX-9M2P."
WRONG_CODE = (
    "Mã này không dùng được: có thể đọc nhầm, đã dùng, đã thay bằng mã mới, hoặc quá 7 ngày. Mời người dân gõ “đăng "
    "ký nhận thư” để lấy mã mới."
)
TIRED = "Sai nhiều lần quá. Xin thử lại sau một giờ, hoặc nhờ cán bộ khác."
NOBODY = (
    "Chưa thấy ai trong danh sách khớp như vậy. Kiểm tra lại họ tên trên thẻ, hoặc bỏ bớt năm sinh, tổ dân phố. "
    "Người chưa có trong danh sách thì phải nạp danh sách trước."
)
SEVERAL = "Có nhiều người trùng. Xin ghi thêm năm sinh và tổ dân phố, ví dụ: Nguyễn Văn Thử 1943 tổ 3."
WHICH = "Chọn đúng người trên thẻ. Không chắc thì chọn “Không ai”."
ONLY_ONE = "Danh sách có một người khớp. So với thẻ rồi mới chọn; không chắc thì chọn “Không ai”."
NOTHING = "Không có việc gắn nào đang làm dở. Nút cũ không còn tác dụng."
DROPPED = "Đã bỏ, chưa thay đổi gì."
DECEASED = "Người này đã được ghi nhận qua đời nên không gắn tài khoản nào được."
WHOSE_TO_FREE = "Gỡ khung chat của ai? Gõ họ tên, năm sinh, tổ dân phố."
NO_ACCOUNT = "Người này không có khung chat nào đang gắn."
WHICH_TO_FREE = "Gỡ khung chat nào? Gỡ rồi thì thư đang chờ gửi vào đó được giữ lại và tìm đường khác."


def who_is_it(channel: ChannelName, asked_at: datetime) -> str:
    """Ask whose account it is, and say which chat the code speaks for."""
    return (
        f"Mã đúng: khung chat {CHANNELS[channel]}, xin mã lúc {when.moment(asked_at)}.\n"
        "Xem thẻ căn cước của người đang đứng trước mặt, rồi gõ họ tên, năm sinh, tổ dân phố của họ. "
        "Không chép số căn cước."
    )


def taken(resident_id: int) -> str:
    """Tell that the account is somebody's already."""
    return (
        f"Khung chat này đang gắn với người dân số {resident_id}. Đúng người thì không cần làm gì thêm; nếu lần gắn ấy "
        f"sai, gõ {bold('gỡ khung chat')} để gỡ ra trước."
    )


def person(row: Resident, apart: str) -> str:
    """Name a resident on one line, with the two facts that tell them apart."""
    gone = ", đã ghi nhận qua đời" if row.deceased_on else ""
    return f"{row.name}, {apart}{gone}"


def sure(row: Resident, apart: str, channel: str) -> str:
    """Show once more what is about to be done."""
    return (
        f"Gắn khung chat {channel} với {bold(row.name)}, {apart}?\n"
        "Người đến đã đưa thẻ căn cước và thẻ khớp với dòng trên thì mới gắn."
    )


def bound(row: Resident) -> str:
    """Confirm to staff."""
    return f"Đã gắn với {bold(row.name)} (người dân số {row.id}) và báo vào khung chat của họ."


def account(one: ResidentAddress) -> str:
    """Name an account of somebody: where, since when, by whom verified."""
    day = f", gắn ngày {here(one.verified_at):%d/%m/%Y}" if one.verified_at else ""
    return f"{CHANNELS[ChannelName(one.channel)]}{day}, {one.verified_by or 'không rõ ai'} đối chiếu"


def unbound(kept: int) -> str:
    """Confirm that an account is nobody's any more."""
    waiting = f" {kept} tin đang chờ gửi được giữ lại." if kept else ""
    return f"Đã gỡ và báo vào khung chat ấy.{waiting}"
