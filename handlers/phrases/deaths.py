"""Words with which staff tell of a death, and a second person confirms it. Plain, without any decoration."""

from collections.abc import Mapping
from datetime import date

from knowledge import when
from knowledge.wording import bold

ASK: Mapping[str, str] = {
    "name": "Xin cho biết họ và tên đầy đủ của người mất.",
    "sex": "Người mất là nam hay nữ?",
    "born": "Sinh ngày nào? Ghi ngày/tháng/năm, hoặc chỉ năm sinh.",
    "died": "Mất ngày nào (dương lịch)? Ghi ngày/tháng, ví dụ 19/11.",
    "group": "Ở tổ dân phố, khu phố nào?",
    "address": "Số nhà, đường? Không rõ thì chọn “Bỏ qua”.",
    "family": "Họ tên người đại diện gia đình? Chưa biết thì chọn “Bỏ qua”.",
    "relation": "Người đại diện là gì của người mất (ví dụ: con trai, vợ)?",
    "viewing": "Giờ và nơi lễ viếng? Chưa biết thì chọn “Bỏ qua”.",
    "delicate": (
        "Có hoàn cảnh cần người quyết định riêng không: trẻ em, tai nạn, tự tử, dịch bệnh, vụ án, "
        "hoặc gia đình không muốn nhận thư?"
    ),
}
NAMES: Mapping[str, str] = {
    "name": "Người mất",
    "sex": "Giới tính",
    "born": "Sinh",
    "died": "Mất",
    "group": "Nơi ở",
    "address": "Địa chỉ",
    "family": "Đại diện gia đình",
    "relation": "Quan hệ",
    "viewing": "Lễ viếng",
    "delicate": "Hoàn cảnh cần quyết định riêng",
}
DROPPED = "Đã bỏ, chưa ghi gì."
NOTHING = "Không có tin nào đang nhập."
PRIVATE = "Xin mở khung chat riêng với Trợ lý số để báo hoặc xác nhận tin này."
GONE = "Tin này đã được xử lý, hoặc đã thay đổi từ khi có nút vừa bấm; chưa làm gì."
NOT_YOURSELF = "Tin này do chính anh/chị báo. Cần một người khác xác nhận."
NOBODY = "Đã ghi, nhưng chưa có cán bộ nào khác được phép xác nhận gắn tài khoản. Xin báo quản trị."
SENT = "Đã ghi và gửi cho người thứ hai xác nhận. Chưa xác nhận thì chưa có thư chia buồn nào được soạn."
KNOWN = "Người này đã được báo trước đó; thông tin mới được ghi thêm vào cùng một tin."
CONFIRMED = "Đã xác nhận. Thư chia buồn được soạn để lãnh đạo duyệt; lời chúc tới gia đình được giữ lại."
DENIED = "Đã ghi là báo nhầm. Không có thư nào được gửi."
ONE = "Đã ghi nhận người mất trong danh sách người dân và đóng tài khoản liên kết (nếu có)."
SEVERAL = (
    "Chưa xác định được người mất trong danh sách người dân: có người trùng, hoặc thiếu thông tin. Lời chúc tới "
    "các nhà có thể liên quan được tạm giữ; xin đối chiếu hộ tịch."
)
UNKNOWN = "Người mất chưa có trong danh sách người dân; xin kiểm tra lại nơi ở."
CONFIRMED_BY_OTHER = "Tin báo của anh/chị đã được người thứ hai xác nhận."


def wrong(why: str) -> str:
    """Say what cannot be taken, and let it be asked again."""
    return f"Chưa ghi được: {why}."


def summary(said: Mapping[str, str]) -> str:
    """Show what was told, one fact a line."""
    lines = [f"{NAMES[name]}: {said[name]}" for name in NAMES if said.get(name)]
    return "\n".join(
        [f"{bold('Tin báo có người qua đời')}", *lines, "Đúng thì gửi để người thứ hai xác nhận."]
    )


def to_confirm(told: Mapping[str, str], reporter: str) -> str:
    """Ask a second person whether it is true."""
    lines = [f"{NAMES[name]}: {told[name]}" for name in NAMES if told.get(name)]
    return "\n".join(
        [
            f"{bold('Cần xác nhận: tin báo có người qua đời')}",
            *lines,
            f"Người báo: {reporter}.",
            "Xin gọi gia đình hoặc tổ trưởng để chắc chắn đúng người, rồi chọn.",
        ]
    )


def day(value: date) -> str:
    """Return a date as it stands in the summary."""
    return when.day(value)
