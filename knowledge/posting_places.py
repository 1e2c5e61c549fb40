"""The reader of places.toml: the map of the ward, checked so that a pin always falls somewhere."""

import re
from collections.abc import Sequence
from typing import Final

from knowledge.ground import Point, crosses_itself, within
from knowledge.places import Landmark, Neighbour, Places, Quarter, Street
from knowledge.posting import checked, tell_repeated
from knowledge.sheet import Sheet

MOST_POINTS: Final = 500  # of one ring: every side is compared with every other
_RING_POINTS: Final = 3  # distinct ones
_LINE_POINTS: Final = 2
_NUMBER = r"-?\d{1,3}(?:\.\d{1,15})?"
_POINT = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*")
_NOWHERE: Final = Point(0.0, 0.0)  # reads as a stand-in; its defect is noted
_FORM: Final = 'phải là "vĩ độ, kinh độ" trong nước, vĩ độ trước, ví dụ "15.9192, 108.0086"'


def places(sheet: Sheet) -> Places:
    """Read places.toml."""
    boundary = _ring(sheet)
    quarter_parts, street_parts = sheet.parts("quarter"), sheet.parts("street")
    landmark_parts, neighbour_parts = sheet.parts("landmark"), sheet.parts("neighbour")
    read = Places(
        boundary=boundary,
        quarters=tuple(_quarter(part) for part in quarter_parts),
        streets=tuple(_street(part) for part in street_parts),
        landmarks=tuple(_landmark(part) for part in landmark_parts),
        neighbours=tuple(_neighbour(part) for part in neighbour_parts),
        checked=checked(sheet),
    )
    if not read.quarters:
        sheet.note("quarter", "chưa có khu phố nào; thêm ít nhất một phần [[quarter]]")
    if not read.streets:
        sheet.note("street", "chưa có đường nào; thêm ít nhất một phần [[street]]")
    tell_repeated(quarter_parts, [one.code for one in read.quarters], "code")
    tell_repeated(quarter_parts, [one.name for one in read.quarters], "name")
    tell_repeated(street_parts, [one.name for one in read.streets], "name")
    tell_repeated(landmark_parts, [one.name for one in read.landmarks], "name")
    tell_repeated(neighbour_parts, [one.name for one in read.neighbours], "name")
    _tell_unknown(read, street_parts, landmark_parts)
    if boundary:
        _tell_outside(read, (quarter_parts, street_parts, landmark_parts))
    sheet.finish()
    return read


def _quarter(sheet: Sheet) -> Quarter:
    quarter = Quarter(
        code=sheet.text("code"),
        name=sheet.text("name"),
        words=sheet.texts("words"),
        head=sheet.text("head"),
        centre=_point(sheet, "centre"),
    )
    sheet.finish()
    return quarter


def _street(sheet: Sheet) -> Street:
    street = Street(
        name=sheet.text("name"),
        quarters=sheet.texts("quarters"),
        words=sheet.texts("words"),
        points=_points(sheet, "points"),
    )
    if not street.quarters:
        sheet.note("quarters", "chưa có khu phố nào; ghi mã các khu phố đường đi qua")
    if len(street.points) < _LINE_POINTS:
        sheet.note("points", "cần ít nhất hai điểm dọc theo đường")
    sheet.finish()
    return street


def _landmark(sheet: Sheet) -> Landmark:
    landmark = Landmark(
        name=sheet.text("name"),
        quarter=sheet.text("quarter"),
        words=sheet.texts("words"),
        point=_point(sheet, "point"),
    )
    sheet.finish()
    return landmark


def _neighbour(sheet: Sheet) -> Neighbour:
    near = Neighbour(name=sheet.text("name"), contact=sheet.text("contact"), boundary=_ring(sheet))
    sheet.finish()
    return near


def _ring(sheet: Sheet) -> tuple[Point, ...]:
    """Read a closed ring; one that is not sound reads as none, and belongs to nobody."""
    points = _points(sheet, "boundary")
    what = _unsound(points)
    if what:
        sheet.note("boundary", what)
    return () if what else points


def _unsound(points: Sequence[Point]) -> str:
    """Return what is wrong with a ring and what to do, or ""."""
    if len(points) > MOST_POINTS:
        return f"có {len(points)} điểm; giản lược còn {MOST_POINTS} điểm trở lại"
    if len(set(points)) < _RING_POINTS:
        return "cần ít nhất ba điểm khác nhau"
    if points[0] != points[-1]:
        return "chưa khép kín; ghi lại điểm đầu ở cuối danh sách"
    return "ranh giới tự cắt hoặc đi lại chỗ cũ; xem lại thứ tự các điểm" if crosses_itself(points) else ""


def _points(sheet: Sheet, key: str) -> tuple[Point, ...]:
    texts = sheet.texts(key)
    points = [_parsed(text) for text in texts]
    wrong = next((place for place, point in enumerate(points, 1) if point is None), 0)
    if wrong:
        sheet.note(key, f"điểm thứ {wrong} {_FORM}")
    return tuple(point for point in points if point is not None)


def _point(sheet: Sheet, key: str) -> Point:
    text = sheet.text(key)
    point = _parsed(text)
    if point is None and text:
        sheet.note(key, _FORM)
    return point or _NOWHERE


def _parsed(text: str) -> Point | None:
    match = _POINT.fullmatch(text)
    point = Point(float(match[1]), float(match[2])) if match else None
    return point if point is not None and point.in_vietnam else None


def _tell_unknown(read: Places, streets: Sequence[Sheet], landmarks: Sequence[Sheet]) -> None:
    """Note quarters that are named but not there."""
    known = {quarter.code for quarter in read.quarters}
    named = [(part, "quarters", one.quarters) for part, one in zip(streets, read.streets, strict=True)]
    named += [(part, "quarter", (one.quarter,)) for part, one in zip(landmarks, read.landmarks, strict=True)]
    for part, key, codes in named:
        for code in codes:
            if code and code not in known:
                part.note(key, f"không có khu phố mã “{code}”; ghi mã của một phần [[quarter]]")


def _tell_outside(read: Places, parts: tuple[Sequence[Sheet], Sequence[Sheet], Sequence[Sheet]]) -> None:
    """Note what lies beyond the boundary."""
    quarters, streets, landmarks = parts
    placed = [(part, "centre", (one.centre,)) for part, one in zip(quarters, read.quarters, strict=True)]
    placed += [(part, "point", (one.point,)) for part, one in zip(landmarks, read.landmarks, strict=True)]
    lines = [(part, "points", one.points) for part, one in zip(streets, read.streets, strict=True)]
    for part, key, points in (*placed, *lines):
        known = [point for point in points if point != _NOWHERE]
        if not all(within(point, read.boundary) for point in known):
            part.note(key, "nằm ngoài ranh giới phường; xem lại tọa độ, hoặc xem lại boundary")
