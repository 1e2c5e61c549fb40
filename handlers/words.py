"""Everyday words with a fixed meaning, as data: what is said → the command it stands for.

Compared after folding, so tone marks and case do not matter. `SAYINGS` must be the whole
message; `ALARMS` and `GATE` are looked for inside it.
"""

from dataclasses import dataclass, field

SAYINGS: dict[str, tuple[str, ...]] = {
    "/menu": (
        "menu",
        "0",
        "quay lại",
        "về đầu",
        "trang chủ",
        "bắt đầu",
        "hủy bỏ",
        "trở lại",
        "giúp",
        "trợ giúp",
    ),
    "/batdau": ("xin chào", "chào", "hello", "hi", "alo", "a lô", "chào bạn", "chào em", "chào ad", "hey"),
    "/xoa": ("xóa", "hủy", "bỏ", "thoát", "thôi không gửi nữa"),
    "/canbo": ("gặp cán bộ", "#", "cho gặp cán bộ", "gặp người", "nói chuyện với cán bộ", "hỏi cán bộ"),
    "/dulieucuatoi": ("dữ liệu của tôi", "dữ liệu của mình", "thông tin của tôi"),
    "/ngungtin": (
        "ngừng nhận tin",
        "ngưng nhận tin",
        "dừng nhận tin",
        "ngừng tin",
        "dừng",
        "stop",
        "hủy đăng ký tin",
        "thôi đừng gửi nữa",
        "đừng gửi nữa",
        "đừng nhắn nữa",
        "đừng gửi tin nữa",
        "không nhận tin nữa",
    ),
    "/ngungtin het": ("ngừng cả hai", "ngưng cả hai", "ngừng hết", "ngừng tất cả"),
    "/ngungtin chuc": ("chỉ ngừng lời chúc", "chỉ ngừng lời chúc lễ tết"),
    "/nhanthu": (
        "đăng ký nhận thư",
        "đăng ký nhận thư của phường",
        "đăng kí nhận thư",
        "nhận thư",
        "nhận thư của phường",
        "tôi muốn nhận thư",
        "muốn nhận thư của phường",
        "xác minh khung chat",
    ),
    "/gan go": ("gỡ khung chat",),
    "/nhantin": ("nhận lại tin", "nhận tin lại", "nhận lại"),
    "/chuto": ("chữ to", "chữ lớn", "chữ nhỏ quá"),
    "/xungho": ("xưng hô", "đổi cách gọi"),
    "/thu": ("thư", "thư chờ duyệt", "thư chờ ký"),
    "/viec": ("việc của tôi", "việc của mình", "tình trạng"),
    "/tinhtrang": ("tra cứu hồ sơ", "tra hồ sơ", "tình trạng hồ sơ", "đánh giá"),
    "/phananh": ("gửi phản ánh", "phản ánh", "kiến nghị", "gửi phản ánh, kiến nghị", "góp ý"),
    "/vanphong": ("lịch làm việc, địa chỉ, đường dây nóng", "thông tin phường", "liên hệ"),
    "/linhvuc": ("xem theo lĩnh vực", "lĩnh vực", "danh mục", "danh mục thủ tục", "tra cứu thủ tục"),
    "/camon": (
        "cảm ơn",
        "cám ơn",
        "cảm ơn bạn",
        "cảm ơn nhiều",
        "thanks",
        "thank you",
        "tks",
        "ok cảm ơn",
        "dạ cảm ơn",
        "ok",
        "được rồi",
        "dạ",
        "vâng",
    ),
    "/sairoi": ("sai rồi", "trả lời sai", "thông tin sai", "không chính xác"),
    "/khongdung": (
        "không đúng ý",
        "không phải",
        "không đúng",
        "không có trong này",
        "không có trong danh sách",
    ),
}

ADDRESSES = ("anh/chị", "cô/chú", "ông/bà", "bác", "bạn")

FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    "phi": ("phí", "lệ phí", "bao nhiêu tiền", "mất tiền không", "giá", "tốn bao nhiêu", "mấy tiền", "tiền"),
    "thoigian": (
        "bao lâu",
        "mấy ngày",
        "khi nào có",
        "bao giờ có",
        "khi nào lấy",
        "hẹn trả",
        "thời gian",
        "bao giờ xong",
    ),
    "odau": ("ở đâu", "nộp ở đâu", "chỗ nào", "địa chỉ nộp", "đến đâu", "nơi nộp"),
    "giayto": (
        "giấy tờ",
        "cần giấy gì",
        "mang gì",
        "hồ sơ gồm gì",
        "giấy tờ gì",
        "cần mang gì",
        "cần những gì",
        "cần gì",
    ),
    "online": (
        "online",
        "trực tuyến",
        "nộp mạng",
        "qua mạng",
        "nộp online",
        "nộp trực tuyến",
        "dịch vụ công",
    ),
    "uyquyen": ("ủy quyền", "nhờ người", "làm thay", "đi thay", "nộp thay", "làm hộ", "nộp hộ"),
    "ketqua": ("kết quả", "nhận được gì", "cấp giấy gì"),
    "luuy": ("lưu ý", "hay sai", "cần lưu ý gì"),
}

FOLLOW_UP_FILLERS = frozenset(
    {
        "the",
        "thi",
        "vay",
        "con",
        "a",
        "o",
        "da",
        "nhe",
        "nha",
        "ha",
        "hong",
        "ko",
        "k",
        "khong",
        "duoc",
        "dc",
        "co",
        "bao",
        "nhieu",
        "la",
        "gi",
        "can",
        "phai",
        "cho",
        "hoi",
        "em",
        "anh",
        "chi",
        "mat",
        "het",
        "ton",
        "nop",
        "lam",
        "cai",
        "nay",
        "viec",
        "do",
        "minh",
        "toi",
        "dau",
        "nao",
        "luon",
        "tien",
        "bn",
        "z",
        "v",
        "j",
        "hay",
    }
)


@dataclass(frozen=True)
class Alarm:
    """Words that need a fixed first answer, and words that show it is only a question."""

    name: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = field(default=())


_ONLY_ASKING = (
    "thủ tục",
    "giấy tờ",
    "hồ sơ",
    "trợ cấp",
    "phụ cấp",
    "chế độ",
    "bảo hiểm",
    "đăng ký",
    "giấy phép",
    "xin phép",
    "nghiệm thu",
    "thẩm duyệt",
    "phòng cháy",
    "chữa cháy",
    "mai táng",
    "khai tử",
    "chứng nhận",
    "hỗ trợ chi phí",
    "hội chữ thập đỏ",
    "cháy hàng",
    "cháy túi",
)

ALARMS = (
    Alarm(
        "despair",
        ("muốn chết", "không muốn sống", "tự tử", "tự sát", "chết cho xong", "kết liễu"),
        ("khai tử", "thủ tục"),
    ),
    Alarm(
        "child",
        (
            "đánh trẻ em",
            "đánh con nít",
            "bạo hành trẻ",
            "bạo hành con",
            "bạo lực gia đình",
            "xâm hại trẻ",
            "chồng đánh",
            "bị chồng đánh",
            "bố đánh con",
            "cha đánh con",
            "bị bạo hành",
        ),
        ("thủ tục", "giấy tờ", "hồ sơ", "cấm tiếp xúc", "hỗ trợ", "đề nghị"),
    ),
    Alarm(
        "danger",
        (
            "cháy nhà",
            "đang cháy",
            "bị cháy",
            "cháy rồi",
            "cháy lớn",
            "có cháy",
            "cháy to",
            "hỏa hoạn",
            "đánh nhau",
            "chém nhau",
            "đâm nhau",
            "tai nạn",
            "đuối nước",
            "chết đuối",
            "ngất xỉu",
            "bị ngất",
            "điện giật",
            "cấp cứu",
            "đột quỵ",
            "rò rỉ gas",
            "xì gas",
            "nổ bình gas",
            "sập nhà",
            "nhà sập",
            "bị cướp",
            "có trộm",
            "bắt cóc",
        ),
        _ONLY_ASKING,
    ),
)

GATE: dict[str, tuple[str, ...]] = {
    "tố cáo": (
        "tố cáo",
        "tố giác",
        "nhận hối lộ",
        "đòi hối lộ",
        "đưa hối lộ",
        "ăn hối lộ",
        "nhận tiền làm",
        "vòi tiền",
        "vòi vĩnh",
        "tham nhũng",
        "ăn chặn",
    ),
    "khiếu nại": ("khiếu nại", "không đồng ý với quyết định", "kiện ủy ban", "kiện phường"),
}

GATE_UNLESS = (
    "thủ tục",
    "mẫu đơn",
    "cách viết đơn",
    "giải quyết khiếu nại",
    "giải quyết tố cáo",
    "quy trình",
    "trình tự",
    "ở đâu",
    "là gì",
    "thế nào",
    "như nào",
    "hồ sơ",
    "thời hiệu",
    "bao lâu",
    "bao nhiêu ngày",
    "tiếp nhận",
    "lần đầu",
    "lần hai",
)

ABUSE = ("địt", "đụ má", "đụ mẹ", "đéo", "vcl", "đmm", "con chó", "thằng chó", "óc chó", "lồn", "cặc")

BEHALF = ("hỏi dùm", "hỏi giùm", "hỏi hộ", "hỏi giúp")
FOR_SOMEBODY = (  # said in a report: it is sent for somebody else
    *("gửi dùm", "gửi giùm", "gửi hộ", "gửi giúp", "báo dùm", "báo giùm", "báo hộ", "báo giúp"),
    *(
        "phản ánh dùm",
        "phản ánh giùm",
        "phản ánh hộ",
        "phản ánh giúp",
        "nhờ tôi báo",
        "nhờ em báo",
        "nhờ báo",
    ),
    *("nhà má tôi", "nhà mẹ tôi", "nhà ba tôi", "nhà bà tôi", "nhà ông tôi", "thay cho má", "thay cho mẹ"),
)
YES = frozenset(
    {
        "gui",
        "dung",
        "ok",
        "oke",
        "dong y",
        "duoc",
        "u",
        "da",
        "vang",
        "co",
        "xong",
        "xong roi",
        "het",
        "het roi",
        "roi",
    }
)
NO = frozenset(
    {
        "khong",
        "ko",
        "k",
        "hong",
        "hok",
        "thoi",
        "khoi",
        "bo qua",
        "khong co",
        "khong co anh",
        "ko co",
        "chua co",
    }
)
CANNOT_WALK = (
    "không đi được",
    "không đi lại được",
    "không đi nổi",
    "nằm một chỗ",
    "nằm liệt",
    "bị liệt",
    "đi lại khó khăn",
)
