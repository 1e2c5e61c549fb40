"""Why a page's request was not taken, and the sentence its reader sees."""

from enum import Enum

from aiohttp import web


class Trouble(Enum):
    """A status and a Vietnamese sentence: what is wrong, and what to do now."""

    NONSENSE = (
        400,
        "Xin lỗi anh/chị, tin nhắn gửi lên không đúng dạng. Anh/chị vui lòng tải lại trang rồi gửi lại.",
    )
    EMPTY = 400, "Tin nhắn chưa có nội dung. Anh/chị vui lòng nhập câu hỏi rồi gửi."
    TOO_LONG = (
        400,
        "Xin lỗi anh/chị, tin nhắn dài quá 4.000 ký tự. Anh/chị vui lòng chia thành vài tin ngắn hơn.",
    )
    NO_PLACE = 400, "Xin lỗi anh/chị, vị trí chưa đọc được. Anh/chị vui lòng gõ tên đường và mốc gần nhất."
    NO_PHOTO = 400, "Xin lỗi anh/chị, có ảnh chưa tải lên xong. Anh/chị vui lòng chọn lại ảnh rồi gửi."
    MANY_PHOTOS = (
        400,
        "Xin lỗi anh/chị, mỗi tin chỉ gửi được nhiều nhất 5 ảnh. Anh/chị vui lòng gửi thành vài tin.",
    )
    NO_SESSION = 401, "Xin lỗi anh/chị, phiên trò chuyện đã hết hạn. Anh/chị vui lòng tải lại trang."
    FOREIGN = (
        403,
        "Xin lỗi anh/chị, yêu cầu này không đến từ trang trò chuyện của phường. Anh/chị vui lòng mở lại trang.",
    )
    NOT_FOUND = 404, "Xin lỗi anh/chị, không có trang này."
    SLOW = 408, "Xin lỗi anh/chị, đường truyền chậm nên chưa nhận hết. Trang sẽ tự gửi lại."
    LARGE_MESSAGE = (
        413,
        "Xin lỗi anh/chị, tin nhắn lớn quá nên chưa nhận được. Anh/chị vui lòng viết ngắn hơn.",
    )
    LARGE_PHOTO = (
        413,
        "Xin lỗi anh/chị, ảnh này lớn quá nên chưa nhận được. Anh/chị vui lòng chụp lại ở cỡ nhỏ hơn.",
    )
    NOT_A_PHOTO = (
        415,
        "Xin lỗi anh/chị, tệp này không phải ảnh JPEG, PNG hoặc WebP. Anh/chị vui lòng chọn ảnh khác.",
    )
    IDENTITY_CARD = (
        422,
        "Xin đừng gửi ảnh giấy tờ tùy thân qua đây. Trợ lý số đã bỏ ảnh này, không lưu.",
    )
    FAST = (
        429,
        "Xin lỗi anh/chị, đang có quá nhiều tin từ cùng một mạng. Tin vẫn được giữ và sẽ tự gửi sau ít giây.",
    )
    MANY_STREAMS = (
        429,
        "Xin lỗi anh/chị, đang có quá nhiều khung chat mở từ cùng một mạng. Vui lòng đóng bớt.",
    )
    DOWN = 503, "Xin lỗi anh/chị, hệ thống đang trục trặc. Tin vẫn được giữ trên máy này và sẽ tự gửi lại."

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return int(self.value[0])

    @property
    def sentence(self) -> str:
        """Return what the reader sees."""
        return str(self.value[1])


class NotTaken(Exception):
    """The request stops here. `retry_after` is in seconds; 0 says nothing about when."""

    def __init__(self, trouble: Trouble, *, retry_after: float = 0) -> None:
        super().__init__(trouble.name)
        self.trouble = trouble
        self.retry_after = retry_after

    def response(self) -> web.Response:
        """Return the answer that says it."""
        answer = web.json_response({"error": self.trouble.sentence}, status=self.trouble.status)
        if self.retry_after:
            answer.headers["Retry-After"] = str(int(self.retry_after) + 1)
        return answer
