"""The words people tell a place with, wherever they live: kinds of ways, landmarks, what stands before.

All are written with their marks; `whereabouts` also understands them without.
"""

from typing import Final

ALLEYS: Final = ("hẻm", "ngõ", "kiệt", "ngách")
SHORT_ALLEYS: Final = ("h", "k")  # "K84 Nguyễn Trãi"; only before a street the ward has
STREETS: Final = ("đường", "phố", "đ", "đg", "d")
HOUSE: Final = ("số", "nhà", "sn", "số nhà", "nhà số")
GROUPS: Final = ("tổ", "thôn", "xóm", "ấp", "tổ dân phố", "khu phố")

SHORT: Final = {  # folded, as typed → what is meant
    "kp": "khu phố",
    "kf": "khu phố",
    "kpho": "khu phố",
    "khupho": "khu phố",
    "tdp": "tổ dân phố",
    "ubnd": "ủy ban nhân dân",
    "trc": "trước",
    "dg": "đường",
}
NUMBERS: Final = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")

SPOTS: Final = ("đầu", "cuối", "giữa", "góc", "ngã ba", "ngã tư", "ngã năm", "giao lộ")
CROSSINGS: Final = ("góc", "ngã ba", "ngã tư", "ngã năm", "giao lộ")

# What stands before a landmark and tells on which side of it: kept in the place that is shown.
BESIDE: Final = (
    "trước",
    "gần",
    "đối diện",
    "cạnh",
    "bên cạnh",
    "kế bên",
    "kế",
    "sát",
    "sau",
    "phía trước",
    "phía sau",
    "đằng trước",
    "đằng sau",
    "bên hông",
)
# What only says "here": it lets a landmark count, and is left out.
AT: Final = ("ngay", "chỗ", "ở", "tại", "khúc", "đoạn", "quanh", "bên", "khu vực", "trong")
GLUE: Final = ("cổng", "cửa", "mặt", "lưng", "hông", "cái", "cổng sau", "cổng chính")

# A landmark the ward's file does not list must begin with one of these: "trước Tết" is no place.
LANDMARKS: Final = (
    "bến",
    "bệnh viện",
    "bưu điện",
    "cầu",
    "cây xăng",
    "chợ",
    "chùa",
    "chung cư",
    "cổng",
    "công viên",
    "cột điện",
    "cửa hàng",
    "đình",
    "ngân hàng",
    "nghĩa trang",
    "nhà hàng",
    "nhà thờ",
    "nhà văn hóa",
    "nhà",
    "khách sạn",
    "miếu",
    "phòng khám",
    "quán",
    "quầy thuốc",
    "sân bóng",
    "siêu thị",
    "tạp hóa",
    "tiệm",
    "trạm",
    "trường",
    "vòng xoay",
)
OWN_HOUSE: Final = ("tôi", "tui", "em", "mình", "con", "cháu", "dân", "ai", "anh", "chị", "ta")
LANDMARK_WORDS: Final = 4  # how much of an unlisted landmark's name is read on

# Here the name of an unlisted landmark ends.
ENDS: Final = tuple(
    """bị bể bốc cả chưa chảy chết có của cứ cũng đã đang đầy đêm đều đó đây để đổ đổi gãy gây hôm hỏng hư khi
    không lâu lại làm lúc mà mấy mất mới mùi này nay nên ngã ngập nghẹt nghiêng nhà nha nhé nhiều nhưng nổ nữa
    ra rất rò rồi rơi sáng sập sụp sụt tắc tắt thì thối tối trào tràn từ tung và vào vẫn vỡ xin xong ạ""".split()  # noqa: SIM905 - a word a line would fill two screens
)
# Words that may stand between two parts of one address.
JOINERS: Final = tuple(
    "ở tại thuộc của với và giao nhau cắt trên trong ngay gần đoạn khúc số nhà đường phường an thịnh là bên chỗ".split()  # noqa: SIM905 - the same
)
# Words that say nothing beside a landmark that is the whole answer.
FILLERS: Final = JOINERS + tuple(
    "dạ vâng ạ nha nhé nhe á em anh chị cô chú bác ơi đó đây này kia vị trí địa chỉ nơi khu vực cái".split()  # noqa: SIM905 - the same
)
