"""What channels and requests about data are called on pages."""

from collections.abc import Mapping
from typing import Final

from records.cases import RequestKind
from records.tables import ChannelName

CHANNELS: Final[Mapping[str, str]] = {
    ChannelName.ZALO: "Zalo",
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.WEB: "trang web",
    ChannelName.ZALO_BOT: "Zalo (bot)",
}
REQUESTS: Final[Mapping[str, str]] = {
    RequestKind.ACCESS: "xem dữ liệu",
    RequestKind.EXPORT: "nhận bản sao",
    RequestKind.CORRECT: "sửa dữ liệu",
    RequestKind.ERASE: "xóa dữ liệu",
    RequestKind.WITHDRAW: "rút đồng ý",
}
