"""Why a call was not answered as it wished: a status of the specification, and Vietnamese sentences.

GeoReport v2, "Errors": 404 for what is not there, 403 for a key, 400 for all else. Beyond it
only what any HTTP client knows: 405, 413, 429 and 503.
"""

from http import HTTPStatus


class Trouble(Exception):
    """The call stops here. Each of *sentences* is one error; `retry_after_s` 0 says nothing about when."""

    def __init__(
        self, *sentences: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, retry_after_s: float = 0
    ) -> None:
        super().__init__(status.phrase)
        self.sentences = sentences
        self.status = status
        self.retry_after_s = retry_after_s


def missing(what: str) -> Trouble:
    """Return the trouble that *what* is not there, or is not for everybody, which is told alike."""
    return Trouble(what, status=HTTPStatus.NOT_FOUND)


NO_ADDRESS = "Không có địa chỉ này. Xem các địa chỉ tại /open311/v2/discovery.xml hoặc discovery.json."
NO_METHOD = "Địa chỉ này không nhận cách gọi ấy: đọc thì dùng GET, gửi phản ánh thì POST tới requests."
NO_SERVICE = "service_code: không có lĩnh vực này. Danh sách lĩnh vực ở services."
NO_CASE = "service_request_id: không có việc này, hoặc việc này không công khai."
NO_TOKEN = "token: không có mã này. Phường trả ngay service_request_id, không dùng token."  # noqa: S105  a sentence
NO_KEY = "api_key: thiếu khóa, hoặc khóa không đúng. Xin khóa tại phường; địa chỉ liên hệ ở discovery."
TOO_FAST = "Quá nhiều lượt gọi từ một nơi. Xin đợi rồi gọi lại; số giây chờ ở đầu mục Retry-After."
TOO_LARGE = "Nội dung gửi lên quá lớn. Mô tả không quá 4.000 ký tự."
NOT_A_FORM = (
    "Nội dung gửi lên không đúng dạng application/x-www-form-urlencoded, bảng mã UTF-8. "
    "Tệp ảnh gửi kèm chưa được nhận."
)
DOWN = "Hệ thống của phường đang trục trặc; chưa nhận được. Xin gọi lại sau ít giây."
