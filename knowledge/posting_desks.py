"""The reader of desks.toml: who takes what, checked so that no concern is left without a desk."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from knowledge.desks import CATEGORIES, LEVELS, MOMENTS, ROLES, SHORT_LETTERS, Desk, Desks, Outside, Rung
from knowledge.posting import checked, phone, tell_repeated
from knowledge.sheet import Sheet

_LOGIN = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)+")
_LOGIN_FORM: Final = 'không phải tên đăng nhập; viết không dấu, nối bằng dấu chấm, ví dụ "cao.xuan.khang"'
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LATE = re.compile(r"late_[1-9]\d?")
_TWO: Final = 2  # keys of the restricted box; units, so that one can handle what is said of the other
_LEGAL_REFERRAL: Final = 5  # working days at most, Nghị định 20/2008/NĐ-CP, Điều 9
_MOST_MINUTES: Final = 2400  # a working week


def desks(sheet: Sheet) -> Desks:
    """Read desks.toml."""
    parts = sheet.parts("desk")
    units = tuple(_desk(part) for part in parts)
    bodies = sheet.parts("outside")
    outside = tuple(_outside(part) for part in bodies)
    read = Desks(
        chair=_login(sheet, "chair"),
        restricted=_restricted(sheet),
        desks=units,
        outside=outside,
        ladder=_ladder(sheet),
        claim_minutes=_claim_minutes(sheet.part("claim_minutes")),
        leadership=sheet.text("leadership"),
        reopened_to_deputy=sheet.yes("reopened_to_deputy") if sheet.has("reopened_to_deputy") else True,
        refer_working_days=sheet.number("refer_working_days", 1, _LEGAL_REFERRAL),
        extension_working_days=sheet.number("extension_working_days", 1, 30),
        wait_working_days=sheet.number("wait_working_days", 1, 60),
        checked=checked(sheet),
    )
    tell_repeated(parts, [unit.code for unit in units], "code")
    tell_repeated(bodies, [body.code for body in outside], "code")
    _tell_uneven(sheet, parts, units)
    if read.leadership and read.leadership not in {unit.code for unit in units}:
        sheet.note("leadership", f"không có đơn vị mã “{read.leadership}”; ghi mã của một phần [[desk]]")
    sheet.finish()
    return read


def _desk(sheet: Sheet) -> Desk:
    desk = Desk(
        code=_code(sheet),
        name=sheet.text("name"),
        short=sheet.text("short"),
        phone=phone(sheet, "phone"),
        head=_login(sheet, "head"),
        vice_chair=_login(sheet, "vice_chair"),
        on_duty=_logins(sheet, "on_duty"),
        categories=_categories(sheet),
        words=sheet.texts("words"),
    )
    if len(desk.short) > SHORT_LETTERS:
        sheet.note("short", f"dùng làm nút bấm, dài nhất {SHORT_LETTERS} chữ cái; rút gọn lại")
    if not desk.on_duty:
        sheet.note("on_duty", "chưa có ai trực; ghi ít nhất một tên đăng nhập")
    sheet.finish()
    return desk


def _outside(sheet: Sheet) -> Outside:
    body = Outside(
        code=_code(sheet),
        name=sheet.text("name"),
        phone=phone(sheet, "phone"),
        address=sheet.text("address"),
        basis=sheet.text("basis"),
        categories=_categories(sheet),
    )
    if not body.categories:
        sheet.note("categories", "chưa có lĩnh vực nào; ghi mã lĩnh vực chuyển đến nơi này")
    sheet.finish()
    return body


def _ladder(sheet: Sheet) -> tuple[Rung, ...]:
    parts = sheet.parts("ladder")
    rungs = tuple(_rung(part) for part in parts)
    if not rungs:
        sheet.note("ladder", "chưa có bậc nhắc việc nào; thêm ít nhất một phần [[ladder]]")
    tell_repeated(parts, [rung.moment for rung in rungs], "moment")
    return rungs


def _rung(sheet: Sheet) -> Rung:
    rung = Rung(moment=sheet.text("moment"), to=sheet.texts("to"))
    if rung.moment and rung.moment not in MOMENTS and not _LATE.fullmatch(rung.moment):
        sheet.note("moment", f"phải là một trong: {', '.join(MOMENTS)}, late_1, late_2 … late_99")
    if not rung.to or not set(rung.to) <= set(ROLES) or len(set(rung.to)) < len(rung.to):
        sheet.note("to", f"phải là danh sách không lặp, chọn trong: {', '.join(ROLES)}")
    sheet.finish()
    return rung


def _claim_minutes(sheet: Sheet) -> Mapping[str, int]:
    minutes = {level: sheet.number(level, 1, _MOST_MINUTES) for level in LEVELS}
    sheet.finish()
    return MappingProxyType(minutes)


def _restricted(sheet: Sheet) -> tuple[str, ...]:
    logins = _logins(sheet, "restricted")
    if len(logins) != _TWO:
        sheet.note("restricted", "cần đúng hai tên đăng nhập khác nhau được mở hộp kín")
    return logins


def _code(sheet: Sheet) -> str:
    code = sheet.text("code")
    if code and not _CODE.fullmatch(code):
        sheet.note("code", 'chỉ gồm chữ thường không dấu, số và gạch dưới, ví dụ "do_thi"')
    return code


def _login(sheet: Sheet, key: str) -> str:
    login = sheet.text(key)
    if login and not _LOGIN.fullmatch(login):
        sheet.note(key, f"“{login}” {_LOGIN_FORM}")
    return login


def _logins(sheet: Sheet, key: str) -> tuple[str, ...]:
    logins = sheet.texts(key)
    for login in logins:
        if not _LOGIN.fullmatch(login):
            sheet.note(key, f"“{login}” {_LOGIN_FORM}")
    if len(set(logins)) < len(logins):
        sheet.note(key, "một người ghi hai lần; bỏ bớt một")
    return tuple(dict.fromkeys(logins))


def _categories(sheet: Sheet) -> tuple[str, ...]:
    codes = sheet.texts("categories")
    for code in codes:
        if code not in CATEGORIES:
            sheet.note("categories", f"không có lĩnh vực “{code}”; chọn trong: {', '.join(CATEGORIES)}")
    return codes


def _tell_uneven(sheet: Sheet, parts: Sequence[Sheet], units: Sequence[Desk]) -> None:
    """Note every concern that two desks share or none has."""
    if len(units) < _TWO:
        sheet.note("desk", "cần ít nhất hai đơn vị: việc phản ánh đơn vị này phải do đơn vị khác xử lý")
        return
    taken: dict[str, str] = {}
    for part, unit in zip(parts, units, strict=True):
        for code in unit.categories:
            if code in taken:
                part.note("categories", f"“{code}” đã thuộc “{taken[code]}”; mỗi lĩnh vực một đơn vị")
            taken.setdefault(code, unit.name)
    missing = [code for code in CATEGORIES if code not in taken]
    if missing:
        sheet.note("desk", f"chưa đơn vị nào nhận: {', '.join(missing)}; thêm vào categories của một đơn vị")
