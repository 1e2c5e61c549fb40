"""A report as an application of others sends it, understood or refused with all reasons at once.

Kept: what happened, where, the name and telephone of whoever wants to be called. Not kept, not
looked at: e-mail address, device, account. A `media_url` is never fetched: it could make our
server call anything; the application hears that the photo did not come along.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from bot.open311 import services
from bot.open311.trouble import NO_SERVICE, NOT_A_FORM, Trouble, missing
from feedback.intake import Report, Taken
from handlers.talk import clean
from knowledge import when
from knowledge.concerns import Category, Concerns, Level
from knowledge.places import Places, Point
from knowledge.ward import Ward
from records.cases import Source

MOST_FIELDS = 60
LONGEST_TEXT = 4000  # GeoReport v2, "POST Service Request"
LONGEST_PLACE = 300
LONGEST_ID = 40
EXTERNAL_ID = f"attribute[{services.EXTERNAL_ID}]"
_NUMBER = re.compile(r"-?\d{1,3}(\.\d{1,20})?")
_PHONE = re.compile(r"\+?\d[\d .()\-]{6,17}\d")
_WEST_EAST, _SOUTH_NORTH = 180, 90


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where it is; `problem` says why that is no place of ours."""

    place: str = ""
    quarter: str = ""
    point: Point | None = None
    problem: str = ""


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form; of one that is given twice, the first. Raises Trouble."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise Trouble(NOT_A_FORM) from error
    return dict(reversed(pairs))


def report_of(fields: Mapping[str, str], *, sender: str, ward: Ward, concerns: Concerns) -> Report:
    """Return the report in *fields*, sent by the application *sender*. Raises Trouble."""
    category = _category(fields, concerns)
    text = fields.get("description", "")
    where = _where(fields, ward, category)
    phone, own_id = _line(fields, "phone"), _line(fields, EXTERNAL_ID)
    problems = [where.problem, *_problems(text, phone, own_id)]
    if any(problems):
        raise Trouble(*filter(None, problems))
    text = clean(text) or f"{category.title}: ứng dụng gửi không kèm mô tả."
    return Report(
        draft=_draft(sender, own_id),
        text=text,
        category=category.code,
        level=concerns.level(text, category),
        source=Source.OPEN311,
        place=where.place,
        quarter=where.quarter,
        latitude=where.point.latitude if where.point else None,
        longitude=where.point.longitude if where.point else None,
        contact_name=" ".join(filter(None, (_line(fields, "last_name"), _line(fields, "first_name")))),
        contact_phone=phone,
        external_code=own_id,
    )


def _category(fields: Mapping[str, str], concerns: Concerns) -> Category:
    code = fields.get("service_code", "").strip()
    if not code:
        raise Trouble("service_code: thiếu lĩnh vực. Danh sách lĩnh vực ở services.")
    category = services.find(concerns, code)
    if category is None:
        raise missing(NO_SERVICE)
    return category


def _problems(text: str, phone: str, own_id: str) -> list[str]:
    found = []
    if len(text) > LONGEST_TEXT:
        found.append("description: không quá 4.000 ký tự.")
    if phone and not _PHONE.fullmatch(phone):
        found.append("phone: số điện thoại chỉ gồm 8–19 chữ số, dấu cách, chấm, gạch nối; hoặc bỏ trống.")
    if len(own_id) > LONGEST_ID:
        found.append(f"{EXTERNAL_ID}: không quá {LONGEST_ID} ký tự.")
    return found


def _line(fields: Mapping[str, str], name: str) -> str:
    return " ".join(clean(fields.get(name, "")).split())


def _draft(sender: str, own_id: str) -> str:
    """Name the attempt: the same for the same application and id, never the same without an id."""
    if not own_id:
        return f"o311:{secrets.token_hex(16)}"
    named = hashlib.sha256(f"{sender} {own_id}".encode()).hexdigest()  # a name of ours holds no space
    return f"o311:{named[:32]}"


def _where(fields: Mapping[str, str], ward: Ward, category: Category) -> Where:
    latitude, longitude, told = (_line(fields, name) for name in ("lat", "long", "address_string"))
    if len(told) > LONGEST_PLACE:
        return Where(problem=f"address_string: không quá {LONGEST_PLACE} ký tự.")
    if latitude or longitude:
        return _at(_point(latitude, longitude), told, ward)
    if told:
        found = ward.places.understand(told)
        return Where(place=told, quarter=found.quarter if found else "")
    if category.needs_place:
        return Where(
            problem="Thiếu nơi xảy ra: cần lat và long, hoặc address_string. Phường không dùng address_id."
        )
    return Where()


def _at(point: Point | None, told: str, ward: Ward) -> Where:
    if point is None:
        return Where(problem="lat, long: cần cả hai, là số thập phân theo WGS84, ví dụ 15.9191 và 108.0093.")
    found = ward.places.near(point)
    if found is None:
        return Where(problem=_elsewhere(point, ward.places, ward.name))
    return Where(place=told or found.text, quarter=found.quarter, point=point)


def _point(latitude: str, longitude: str) -> Point | None:
    if not all(text.isascii() and _NUMBER.fullmatch(text) for text in (latitude, longitude)):
        return None
    point = Point(float(latitude), float(longitude))
    fits = abs(point.latitude) <= _SOUTH_NORTH and abs(point.longitude) <= _WEST_EAST
    return point if fits else None


def _elsewhere(point: Point, places: Places, ward: str) -> str:
    near = places.neighbour_at(point)
    if near is None:
        return f"lat, long: nơi này không thuộc {ward}, cũng không thuộc phường giáp ranh. Xin kiểm tra lại vị trí."
    return f"lat, long: nơi này thuộc {near.name}, không thuộc {ward}. Xin gửi tới {near.contact}."


def notice(taken: Taken, category: Category, fields: Mapping[str, str]) -> str:
    """Tell the application what happens now, to be shown to whoever reported."""
    case = taken.case
    told = [f"Phường đã nhận, mã {case.code}, hạn trả lời {when.moment(case.due_at)}."]
    if taken.key:
        told.append(
            f"Khóa xem chi tiết: {taken.key}; nhắn mã và khóa cho trợ lý số của phường để xem trả lời, bổ sung."
        )
    if case.level == Level.URGENT and category.emergency:
        told.append(f"Đang nguy hiểm thì gọi {category.emergency}.")
    if fields.get("media_url", "").strip():
        told.append("Ảnh trong media_url chưa được nhận; phản ánh kèm ảnh thì gửi qua khung chat của phường.")
    return " ".join(told)
