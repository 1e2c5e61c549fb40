"""Why a card is refused, in words for the clerk: what the schema found, and what to do about it."""

from collections.abc import Mapping
from typing import Any, Final

_BY_FIELD: Final[Mapping[str, str]] = {
    "source": "phải là địa chỉ trang nguồn, bắt đầu bằng https://",
    "as_of": "phải là năm và tháng của bản nguồn, ví dụ 2026-07",
    "code": "không đúng dạng mã thủ tục, ví dụ 1.001193",
    "fee_kind": "chọn một loại lệ phí trong danh sách",
    "online": "chọn một mục trong danh sách",
    "detail": "chọn “đủ chi tiết” hoặc “chỉ có tên”",
    "checked_on": "phải là ngày, ví dụ 20/11/2026",
    "same_day_until": "phải là giờ, ví dụ 15:00",
}
_BY_TYPE: Final[Mapping[str, str]] = {
    "string_too_short": "cần ít nhất {min_length} chữ cái",
    "string_too_long": "dài quá; rút gọn còn {max_length} chữ cái",
    "too_long": "nhiều quá; giữ lại nhiều nhất {max_length} dòng",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "nhiều nhất là {le}; xem lại con số",
    "missing": "còn thiếu; mời điền",
}


def said_of(error: Any) -> str:
    """Return what a clerk reads of an error of pydantic (a TypedDict of its core)."""
    field = str(error["loc"][0]) if error["loc"] else ""
    template = _BY_TYPE.get(error["type"], "")
    if template and field not in ("source", "as_of"):
        return template.format(**error.get("ctx", {}))
    return _BY_FIELD.get(field, "ghi chưa đúng; mời xem lại")
