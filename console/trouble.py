"""Why a page's request was not done, and the sentence its reader sees."""

from http import HTTPStatus


class Refused(Exception):
    """The request stops here, and nothing was changed. The text is for staff to read."""

    def __init__(self, text: str, status: HTTPStatus = HTTPStatus.CONFLICT) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class Elsewhere(Exception):
    """The request is answered by another page, and nothing was changed."""

    def __init__(self, address: str, told: str = "") -> None:
        super().__init__(address)
        self.address = address
        self.told = told


NOT_FOUND = Refused("Không có trang này, hoặc trang không thuộc phần việc của anh/chị.", HTTPStatus.NOT_FOUND)
NOT_YOURS = Refused(
    "Anh/chị chưa được giao quyền làm việc này. Người quản lý cán bộ có thể giao thêm quyền.",
    HTTPStatus.FORBIDDEN,
)
FOREIGN = Refused(
    "Yêu cầu này không đến từ trang làm việc của phường, nên chưa làm gì. Mời anh/chị mở lại trang rồi làm lại.",
    HTTPStatus.FORBIDDEN,
)
NO_SESSION = Refused(
    "Phiên làm việc đã hết nên chưa lưu được. Mời anh/chị đăng nhập lại; nội dung vừa nhập vẫn còn ở thẻ này.",
    HTTPStatus.UNAUTHORIZED,
)
MOVED = Refused(
    "Việc này vừa được người khác, hoặc chính anh/chị ở thẻ khác, thay đổi. Chưa lưu gì thêm; mời xem bản mới.",
)
AWAY = Refused(
    "Hệ thống đang trục trặc nên chưa làm được. Mời anh/chị thử lại sau một phút; nội dung vừa nhập vẫn còn.",
    HTTPStatus.SERVICE_UNAVAILABLE,
)
BROKEN = Refused(
    "Có lỗi ngoài dự tính nên chưa làm được gì. Mời anh/chị thử lại; nếu vẫn lỗi, báo người quản trị giờ xảy ra.",
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
