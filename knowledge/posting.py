"""One reader for each of the ward's files: from a `Sheet` to what hangs on the `board`."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Final

from knowledge.board import (
    Checked,
    Directory,
    Entry,
    Link,
    Neighbour,
    NoAppointment,
    Office,
    Officer,
    OldWard,
    OldWards,
    Petition,
    PetitionPlace,
    Plan,
    Reception,
    Session,
    Spot,
    Week,
)
from knowledge.hours import OfficeHours, Season, Span
from knowledge.sheet import Sheet

WEEKDAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
BUTTON_LETTERS: Final = 20  # as many as a button shows on a narrow phone (handlers.talk.LABEL_LENGTH)
WEEK: Final = timedelta(days=7)


def office(sheet: Sheet) -> Office:
    """Read office.toml."""
    read = Office(
        name=sheet.text("name"),
        committee=sheet.text("committee"),
        province=sheet.text("province"),
        seat=_spot(sheet.part("seat")),
        centre=_spot(sheet.part("centre")),
        phone=phone(sheet, "phone"),
        hotline=phone(sheet, "hotline"),
        hotline_note=sheet.text("hotline_note", ""),
        email=sheet.text("email", ""),
        website=_url(sheet, "website"),
        map_url=_url(sheet, "map_url"),
        hours=_hours(sheet.part("hours")),
        no_appointment=_no_appointment(sheet.part("no_appointment")) if sheet.has("no_appointment") else None,
        facilities=sheet.texts("facilities"),
        links=tuple(_link(part) for part in sheet.parts("link")),
        checked=checked(sheet),
    )
    sheet.finish()
    return read


def directory(sheet: Sheet) -> Directory:
    """Read directory.toml."""
    people = tuple(_officer(part) for part in sheet.parts("person"))
    if not people:
        sheet.note("person", "chưa có ai; thêm ít nhất một phần [[person]]")
    read = Directory(people=people, checked=checked(sheet))
    sheet.finish()
    return read


def reception(sheet: Sheet) -> Reception:
    """Read reception.toml."""
    published_on = sheet.day("published_on")
    sessions = [_session(part) for part in sheet.parts("session")]
    read = Reception(
        place=sheet.text("place"),
        published_on=published_on,
        sessions=tuple(sorted(sessions, key=lambda session: (session.day, session.hours))),
        rules=sheet.texts("rules"),
        papers=sheet.texts("papers"),
        note=sheet.text("note", ""),
        checked=checked(sheet),
    )
    sheet.finish()
    return read


def plan(sheet: Sheet) -> Plan:
    """Read week.toml."""
    weeks = tuple(_week(part) for part in sheet.parts("week"))
    if len({week.starts_on for week in weeks}) < len(weeks):
        sheet.note("week", "có hai phần [[week]] cùng ngày bắt đầu; gộp lại thành một")
    read = Plan(weeks=weeks, checked=checked(sheet))
    sheet.finish()
    return read


def old_wards(sheet: Sheet) -> OldWards:
    """Read old_wards.toml."""
    read = OldWards(
        old=tuple(_old_ward(part) for part in sheet.parts("old")),
        neighbours=tuple(_neighbour(part) for part in sheet.parts("neighbour")),
        checked=checked(sheet),
    )
    sheet.finish()
    return read


def petition(sheet: Sheet) -> Petition:
    """Read petition.toml."""
    places = tuple(_petition_place(part) for part in sheet.parts("place"))
    if not places:
        sheet.note("place", "chưa có nơi tiếp nhận; thêm ít nhất một phần [[place]]")
    read = Petition(
        places=places,
        contents=sheet.texts("contents"),
        form_url=_url(sheet, "form_url"),
        checked=checked(sheet),
    )
    sheet.finish()
    return read


def checked(sheet: Sheet) -> Checked:
    """Read who answers for the file, and since when it holds."""
    return Checked(responsible=sheet.text("responsible"), checked_on=sheet.day("checked_on"))


def tell_repeated(parts: Iterable[Sheet], values: Iterable[str], key: str) -> None:
    """Note every part whose value an earlier one has already; letters' case does not matter."""
    seen: set[str] = set()
    for part, value in zip(parts, values, strict=True):
        if value and value.casefold() in seen:
            part.note(key, f"“{value}” đã có ở phần trên; mỗi phần một tên riêng")
        seen.add(value.casefold())


def _spot(sheet: Sheet) -> Spot:
    spot = Spot(
        name=sheet.text("name"), address=sheet.text("address"), directions=sheet.text("directions", "")
    )
    sheet.finish()
    return spot


def _link(sheet: Sheet) -> Link:
    link = Link(label=sheet.text("label"), url=_url(sheet, "url"))
    if not link.url:
        sheet.note("url", "thiếu địa chỉ trang")
    sheet.finish()
    return link


def _hours(sheet: Sheet) -> OfficeHours:
    seasons = tuple(_season(part) for part in sheet.parts("season"))
    if not seasons:
        sheet.note("season", "chưa có mùa nào; thêm ít nhất một phần [[hours.season]]")
    hours = OfficeHours(
        seasons=seasons,
        saturday=sheet.spans("saturday"),
        same_day_until=sheet.clock("same_day_until") if sheet.has("same_day_until") else None,
    )
    sheet.finish()
    return hours


def _season(sheet: Sheet) -> Season:
    season = Season(
        name=sheet.text("name"),
        month=sheet.number("month", 1, 12),
        day=sheet.number("day", 1, 31),
        spans=sheet.spans("open"),
    )
    if not season.spans:
        sheet.note("open", "chưa có giờ làm việc")
    sheet.finish()
    return season


def _no_appointment(sheet: Sheet) -> NoAppointment:
    read = NoAppointment(
        weekday=WEEKDAYS.index(sheet.one_of("weekday", WEEKDAYS)),
        results=sheet.texts("results"),
        last_hour=sheet.clock("last_hour"),
        note=sheet.text("note", ""),
    )
    sheet.finish()
    return read


def _officer(sheet: Sheet) -> Officer:
    officer = Officer(
        name=sheet.text("name"),
        title=sheet.text("title"),
        desk=sheet.text("desk"),
        phone=phone(sheet, "phone"),
        email=sheet.text("email", ""),
        answers_for=sheet.texts("answers_for"),
        words=sheet.texts("words"),
        when_to_call=sheet.text("when_to_call"),
        leader=sheet.yes("leader"),
    )
    if not officer.words or len(officer.words[0]) > BUTTON_LETTERS:
        sheet.note("words", f"từ đầu tiên dùng làm nút bấm: cần có, dài nhất {BUTTON_LETTERS} chữ cái")
    sheet.finish()
    return officer


def _session(sheet: Sheet) -> Session:
    session = Session(
        day=sheet.day("date"),
        hours=_one_span(sheet, "hours"),
        host=sheet.text("host"),
        chair=sheet.yes("chair"),
        note=sheet.text("note", ""),
    )
    sheet.finish()
    return session


def _one_span(sheet: Sheet, key: str) -> Span:
    spans = sheet.spans(key)
    if len(spans) != 1:
        sheet.note(key, 'cần đúng một khoảng giờ, ví dụ ["7:30-11:30"]')
    return spans[0] if spans else (time.min, time.min)


def _week(sheet: Sheet) -> Week:
    starts_on = sheet.day("starts_on")
    if starts_on.weekday() != 0:
        sheet.note("starts_on", "tuần bắt đầu từ thứ Hai; xem lại ngày")
    entries = [_entry(part, starts_on) for part in sheet.parts("entry")]
    week = Week(
        starts_on=starts_on,
        published_on=sheet.day("published_on"),
        entries=tuple(sorted(entries, key=lambda entry: (entry.day, entry.at or time.min))),
    )
    sheet.finish()
    return week


def _entry(sheet: Sheet, starts_on: date) -> Entry:
    entry = Entry(
        day=sheet.day("date"),
        at=sheet.clock("at") if sheet.has("at") else None,
        what=sheet.text("what"),
        host=sheet.text("host", ""),
        place=sheet.text("place", ""),
    )
    known = date.min not in {starts_on, entry.day}
    if known and not starts_on <= entry.day < starts_on + WEEK:
        sheet.note("date", f"không thuộc tuần bắt đầu {starts_on:%d/%m/%Y}")
    sheet.finish()
    return entry


def _old_ward(sheet: Sheet) -> OldWard:
    old = OldWard(
        name=sheet.text("name"),
        aliases=sheet.texts("aliases"),
        became=sheet.text("became"),
        since=sheet.day("since"),
        note=sheet.text("note", ""),
    )
    sheet.finish()
    return old


def _neighbour(sheet: Sheet) -> Neighbour:
    near = Neighbour(
        name=sheet.text("name"),
        aliases=sheet.texts("aliases"),
        address=sheet.text("address"),
        phone=phone(sheet, "phone"),
        website=_url(sheet, "website"),
    )
    sheet.finish()
    return near


def _petition_place(sheet: Sheet) -> PetitionPlace:
    place = PetitionPlace(
        name=sheet.text("name"),
        where=sheet.text("where"),
        when=sheet.text("when"),
        phone=sheet.text("phone", ""),
    )
    sheet.finish()
    return place


def phone(sheet: Sheet, key: str) -> str:
    """Read a telephone number; people must be able to dial it."""
    value = sheet.text(key)
    if value and sum(letter.isdigit() for letter in value) < 3:  # noqa: PLR2004 - 113 is a number
        sheet.note(key, 'phải là số điện thoại, ví dụ "0236 0000 000"')
    return value


def _url(sheet: Sheet, key: str) -> str:
    value = sheet.text(key, "")
    if value and not value.startswith(("https://", "http://")):
        sheet.note(key, "phải là địa chỉ trang, bắt đầu bằng https://")
    return value
