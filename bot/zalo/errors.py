"""Every error number Zalo documents, and whose turn it is then.

Source: zalo.md §11, gathered November 2026 from official pages and their public copies. In answer
to a template (ZBS) a refusal is that template's trouble, never the whole channel's: whoever waits
for a reply must not suffer for it. The words are for staff.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.channel import Misconfigured, Refused, SendError, Throttled, Unavailable, Unreachable
from bot.zalo.wire import Answer

WINDOW_CLOSED = "window_closed"  # not the person's fault nor the letter's: another road may be open
# What is wrong with a template, for whoever looks for another road (`letters.announcing`):
UNWANTED = "template_unwanted"  # this person takes none from us
STOPPED = "template_stopped"  # nobody gets this one before a person acts, or before tomorrow
NOT_TAKEN = "template_refused"  # only this message
NIGHT_ENDS = time(6, 5)  # Zalo's night ends at 06:00; no page names a time zone, so the country's
ZONE = "Asia/Ho_Chi_Minh"


class Kind(StrEnum):
    """What a number asks of us."""

    RENEW = "renew"  # R: renew the token once, repeat once; then we are wrong
    SLOW = "slow"  # W: the channel waits for the next minute
    UPLOAD = "upload"  # the uploaded file is gone: upload again, repeat once
    DOUBT = "doubt"  # W, but it may have arrived
    MORNING = "morning"  # L: not at night
    LIMIT = "limit"  # L: a number is used up; staff decide
    WRONG = "wrong"  # P: never this message
    GONE = "gone"  # U: never this person
    CLOSED = "closed"  # U until they write
    STOP = "stop"  # H: a person must act
    DOOR = "door"  # the other endpoint, once; then H
    UNUSED = "unused"  # documented, but not for anything we call


@dataclass(frozen=True)
class Meaning:
    """What one number means, in words for staff."""

    kind: Kind
    words: str


MEANINGS: Mapping[int, Meaning] = {
    # OA API
    -32: Meaning(Kind.SLOW, "vượt số lần gọi mỗi phút"),
    -100: Meaning(Kind.UPLOAD, "tệp tải lên đã hết hạn"),
    -200: Meaning(Kind.DOUBT, "gửi không thành công, Zalo không nói lý do"),
    -201: Meaning(Kind.WRONG, "tham số không hợp lệ"),
    -204: Meaning(Kind.STOP, "OA đã bị xóa"),
    -205: Meaning(Kind.STOP, "không có OA này"),
    -209: Meaning(Kind.STOP, "ứng dụng chưa được kích hoạt"),
    -210: Meaning(Kind.WRONG, "một tham số vượt giới hạn"),
    -211: Meaning(Kind.LIMIT, "hết hạn mức của tính năng"),
    -212: Meaning(Kind.STOP, "ứng dụng chưa đăng ký API"),
    -213: Meaning(Kind.GONE, "người này chưa quan tâm hoặc chưa từng tương tác"),
    -214: Meaning(Kind.SLOW, "bài viết đang được xử lý"),
    -216: Meaning(Kind.RENEW, "access token không hợp lệ"),
    -217: Meaning(Kind.GONE, "người này chặn lời mời"),
    -218: Meaning(Kind.LIMIT, "người này đã nhận đủ số tin tối đa"),
    -219: Meaning(Kind.STOP, "ứng dụng đã bị gỡ"),
    -220: Meaning(Kind.RENEW, "access token hết hạn hoặc bị thu hồi"),
    -221: Meaning(Kind.STOP, "OA chưa xác thực"),
    -223: Meaning(Kind.STOP, "OA chưa cấp quyền này cho ứng dụng"),
    -224: Meaning(Kind.STOP, "gói dịch vụ của OA thấp hơn yêu cầu"),
    -227: Meaning(Kind.GONE, "tài khoản bị khóa hoặc không hoạt động 45 ngày"),
    -230: Meaning(Kind.CLOSED, "không tương tác trong 7 ngày"),
    -231: Meaning(Kind.CLOSED, "chưa tương tác hoặc tương tác đã hết hạn"),
    -232: Meaning(Kind.CLOSED, "chưa tương tác hoặc tương tác đã hết hạn"),
    -233: Meaning(Kind.WRONG, "loại tin không được hỗ trợ"),
    -234: Meaning(Kind.MORNING, "không gửi ban đêm"),
    -235: Meaning(Kind.DOOR, "cổng gửi này không dành cho loại OA của phường"),
    -237: Meaning(Kind.GONE, "nhóm đã hết hạn"),
    -238: Meaning(Kind.STOP, "gói nhóm đã dùng"),
    -240: Meaning(Kind.DOOR, "cổng gửi v2 đã đóng"),
    -241: Meaning(Kind.STOP, "gói nhóm đã dùng"),
    -242: Meaning(Kind.STOP, "appsecret_proof sai: kiểm tra app secret"),
    -244: Meaning(Kind.GONE, "người này hạn chế nhận tin từ OA"),
    -248: Meaning(Kind.WRONG, "trái chính sách của Zalo"),
    -249: Meaning(Kind.WRONG, "mẫu tin không gửi được theo mã người dùng"),
    -305: Meaning(Kind.CLOSED, "quá 48 giờ (quy định cũ)"),
    -311: Meaning(Kind.CLOSED, "quá 48 giờ (quy định cũ)"),
    -320: Meaning(Kind.STOP, "chưa liên kết Zalo Cloud Account"),
    -321: Meaning(Kind.STOP, "Zalo Cloud Account hết tiền"),
    -403: Meaning(Kind.GONE, "OA không ở trong nhóm"),
    -1340: Meaning(Kind.UNUSED, "biểu mẫu quảng cáo"),
    -1341: Meaning(Kind.UNUSED, "biểu mẫu quảng cáo"),
    # ZBS
    -101: Meaning(Kind.STOP, "ứng dụng không hợp lệ"),
    -102: Meaning(Kind.STOP, "không có ứng dụng này"),
    -103: Meaning(Kind.STOP, "ứng dụng chưa hoạt động"),
    -104: Meaning(Kind.STOP, "app secret sai"),
    -105: Meaning(Kind.STOP, "ứng dụng chưa liên kết với OA"),
    -106: Meaning(Kind.STOP, "phương thức không được hỗ trợ"),
    -107: Meaning(Kind.WRONG, "mã tin không hợp lệ"),
    -108: Meaning(Kind.GONE, "số điện thoại không hợp lệ"),
    -109: Meaning(Kind.STOP, "mẫu tin không hợp lệ"),
    -110: Meaning(Kind.GONE, "phiên bản Zalo của người nhận quá cũ"),
    -111: Meaning(Kind.WRONG, "thiếu dữ liệu cho mẫu tin"),
    -112: Meaning(Kind.WRONG, "dữ liệu mẫu tin không đúng định nghĩa"),
    -1121: Meaning(Kind.WRONG, "dữ liệu mẫu tin quá dài"),
    -1122: Meaning(Kind.WRONG, "thiếu tham số của mẫu tin"),
    -1123: Meaning(Kind.WRONG, "không tạo được mã QR"),
    -1124: Meaning(Kind.WRONG, "tham số mẫu tin sai định dạng"),
    -113: Meaning(Kind.WRONG, "nút không hợp lệ"),
    -1131: Meaning(Kind.WRONG, "liên kết của nút không hợp lệ"),
    -114: Meaning(Kind.GONE, "người này không nhận được tin"),
    -115: Meaning(Kind.STOP, "tài khoản không đủ số dư"),
    -116: Meaning(Kind.WRONG, "nội dung không hợp lệ"),
    -117: Meaning(Kind.STOP, "không có quyền dùng mẫu tin"),
    -118: Meaning(Kind.GONE, "số này không có tài khoản Zalo"),
    -119: Meaning(Kind.GONE, "tài khoản này không nhận được tin"),
    -120: Meaning(Kind.STOP, "OA chưa có quyền dùng tính năng"),
    -1201: Meaning(Kind.STOP, "OA không được phép"),
    -1202: Meaning(Kind.STOP, "OA không được phép"),
    -121: Meaning(Kind.WRONG, "mẫu tin không có nội dung"),
    -122: Meaning(Kind.WRONG, "nội dung gửi lên không phải JSON đúng"),
    -123: Meaning(Kind.STOP, "khóa RSA không giải mã được"),
    -124: Meaning(Kind.RENEW, "access token không hợp lệ"),
    -1241: Meaning(Kind.STOP, "appsecret_proof sai: kiểm tra app secret"),
    -125: Meaning(Kind.STOP, "mã OA không hợp lệ"),
    -126: Meaning(Kind.STOP, "ví phát triển không đủ số dư"),
    -127: Meaning(Kind.WRONG, "mẫu thử chỉ gửi cho quản trị viên"),
    -128: Meaning(Kind.STOP, "chưa có khóa RSA"),
    -129: Meaning(Kind.STOP, "khóa RSA đã có"),
    -130: Meaning(Kind.WRONG, "nội dung quá giới hạn"),
    -131: Meaning(Kind.STOP, "mẫu tin chưa được duyệt"),
    -132: Meaning(Kind.WRONG, "tham số không hợp lệ"),
    -133: Meaning(Kind.MORNING, "mẫu tin này không gửi ban đêm"),
    -134: Meaning(Kind.UNUSED, "mã cũ, không còn dùng"),
    -135: Meaning(Kind.STOP, "OA không được phép gửi mẫu tin"),
    -1351: Meaning(Kind.STOP, "OA không được phép gửi mẫu tin"),
    -136: Meaning(Kind.STOP, "chưa liên kết Zalo Cloud Account"),
    -137: Meaning(Kind.STOP, "không trừ được tiền"),
    -138: Meaning(Kind.STOP, "ứng dụng không được phép"),
    -1381: Meaning(Kind.STOP, "ứng dụng không được phép"),
    -139: Meaning(Kind.GONE, "người này từ chối loại tin này"),
    -140: Meaning(Kind.GONE, "người này không đủ điều kiện nhận tin"),
    -141: Meaning(Kind.GONE, "người này từ chối tin của OA"),
    -142: Meaning(Kind.STOP, "chưa có khóa RSA"),
    -143: Meaning(Kind.STOP, "khóa RSA đã có"),
    -144: Meaning(Kind.LIMIT, "hết hạn mức trong ngày"),
    -1441: Meaning(Kind.LIMIT, "hết hạn mức tháng của tin khuyến mại"),
    -145: Meaning(Kind.STOP, "OA không được phép"),
    -146: Meaning(Kind.STOP, "mẫu tin bị tắt vì chất lượng"),
    -147: Meaning(Kind.LIMIT, "hết hạn mức của mẫu tin"),
    -1471: Meaning(Kind.LIMIT, "người này đã nhận đủ tin hậu mãi"),
    -1472: Meaning(Kind.LIMIT, "người này đã nhận đủ tin khuyến mại"),
    -148: Meaning(Kind.UNUSED, "tin theo hành trình"),
    -149: Meaning(Kind.UNUSED, "tin theo hành trình"),
    -150: Meaning(Kind.UNUSED, "tin theo hành trình"),
    -151: Meaning(Kind.UNUSED, "mã hóa đầu cuối"),
    -152: Meaning(Kind.UNUSED, "mã hóa đầu cuối"),
    -153: Meaning(Kind.WRONG, "trái quy tắc của mẫu tin"),
    -158: Meaning(Kind.WRONG, "tệp quá lớn"),
    -159: Meaning(Kind.WRONG, "tệp sai định dạng"),
    -160: Meaning(Kind.WRONG, "hết số lần sửa trong ngày"),
    -161: Meaning(Kind.WRONG, "sending_mode không hợp lệ"),
    -162: Meaning(Kind.WRONG, "sending_mode không dùng được cho mẫu tin này"),
    # Social login, seen on shared hosts
    112: Meaning(Kind.STOP, "ứng dụng chưa liên kết với OA"),
    210: Meaning(Kind.WRONG, "không thấy được người này"),
    452: Meaning(Kind.STOP, "phiên đăng nhập không hợp lệ"),
}

# In answer to a message for a group: only the right to groups is missing, people can be written to.
GROUPS_ONLY = frozenset({-211, -223, -224, -235, -238, -240, -241})

# In answer to a template:
ACCOUNT_GONE = frozenset({-213, -227})  # the address itself is dead, not only closed to templates
FOR_NOBODY = frozenset({-127, -144, -147, -211, -249})  # refusals of one message that would meet the next too

READ_THE_TEXT = frozenset({-32, -201, -210, -223})  # numbers with several causes: Zalo's words tell which

_ODD = re.compile(r"[^\w .,:()/'-]", re.ASCII)
_MOST_WORDS = 80  # characters of Zalo's own words that reach the staff


def kind_of(code: int) -> Kind | None:
    """Return what *code* asks of us, None if Zalo never told."""
    meaning = MEANINGS.get(code)
    return meaning.kind if meaning else None


def error_of(answer: Answer, now: datetime, *, in_group: bool = False) -> SendError:
    """Return the error a refusal means, once everything that may be repeated was repeated."""
    kind = kind_of(answer.code)
    if in_group and answer.code in GROUPS_ONLY:
        return Refused(_words(answer))
    if kind is Kind.CLOSED:
        return Refused(WINDOW_CLOSED)
    make = _ERRORS.get(kind) if kind else None
    return make(_words(answer), now) if make else Unavailable(_words(answer), doubtful=True)


def template_error_of(answer: Answer, now: datetime) -> SendError:
    """Return the error a refused template means: only pace and tokens concern anything else."""
    kind, why = kind_of(answer.code), _words(answer)
    if kind is Kind.MORNING:
        return Throttled(why, until_morning(now), only_this_message=True)
    if kind is Kind.CLOSED or answer.code in ACCOUNT_GONE:
        return error_of(answer, now)
    if answer.code in FOR_NOBODY:
        return Refused(f"{STOPPED}: {why}")
    mark = _TEMPLATE_MARKS.get(kind) if kind else None
    return Refused(f"{mark}: {why}") if mark else error_of(answer, now)


def until_next_minute(now: datetime) -> timedelta:
    """Return how long Zalo's count for this minute still runs, and a second to be sure."""
    return timedelta(seconds=61 - now.second)


def until_morning(now: datetime) -> timedelta:
    """Return how long it is until Zalo's night ends (06:05 in Vietnam)."""
    here = now.astimezone(ZoneInfo(ZONE))
    morning = datetime.combine(here.date(), NIGHT_ENDS, here.tzinfo)
    return (morning if here < morning else morning + timedelta(days=1)) - here


def _words(answer: Answer) -> str:
    meaning = MEANINGS.get(answer.code)
    words = f"Zalo {answer.code}: {meaning.words if meaning else 'mã lỗi chưa biết'}"
    if answer.code not in READ_THE_TEXT or not answer.said:
        return words
    return f"{words} ({_ODD.sub(' ', answer.said)[:_MOST_WORDS]})"


_ERRORS: Mapping[Kind, Callable[[str, datetime], SendError]] = {
    Kind.RENEW: lambda why, _: Misconfigured(why),
    Kind.SLOW: lambda why, now: Throttled(why, until_next_minute(now)),
    Kind.MORNING: lambda why, now: Throttled(why, until_morning(now)),
    Kind.LIMIT: lambda why, _: Refused(why),
    Kind.WRONG: lambda why, _: Refused(why),
    Kind.GONE: lambda why, _: Unreachable(why),
    Kind.STOP: lambda why, _: Misconfigured(why),
    Kind.DOOR: lambda why, _: Misconfigured(why),
}

_TEMPLATE_MARKS: Mapping[Kind, str] = {
    Kind.GONE: UNWANTED,
    Kind.STOP: STOPPED,
    Kind.DOOR: STOPPED,
    Kind.UNUSED: STOPPED,
    Kind.LIMIT: NOT_TAKEN,
    Kind.WRONG: NOT_TAKEN,
}
