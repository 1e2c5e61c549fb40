import shutil
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from knowledge.board import Reception
from knowledge.calendar import Calendar
from knowledge.duties import reception_duties
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.sheet import LONGEST
from knowledge.ward import Ward, WardError, load_ward

AN_THINH = Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AN_THINH, tmp_path / "ward"))


@pytest.fixture
def ward() -> Ward:
    return load_ward(AN_THINH)


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(WardError) as caught:
        load_ward(folder)
    return caught.value.problems


def test_the_bundled_ward_is_whole(ward: Ward) -> None:
    assert (ward.name, ward.title) == ("phường An Thịnh", "Phường An Thịnh")
    assert ward.committee == "Ủy ban nhân dân phường An Thịnh"
    assert ward.address.startswith("12 Lê Lợi")
    assert ward.hotline == "0236 0000 000"
    assert ward.centre.name.startswith("Trung tâm")
    assert ward.phone
    assert ward.hours.season_on(date(2026, 11, 20)).spans[0] == (time(7, 30), time(11, 30))
    assert ward.petition.places[0].where.startswith("phòng 101")
    assert ward.desks.desk(ward.desks.leadership).name.startswith("Văn phòng")
    assert ward.places.understand(ward.address) is not None


def test_every_bundled_number_is_plainly_invented(ward: Ward) -> None:
    office = ward.office
    near = [one.phone for one in ward.old_wards.neighbours]
    units = [one.phone for one in ward.desks.desks] + [one.phone for one in ward.desks.outside]
    bodies = [place.phone for place in ward.petition.places if place.phone]
    numbers = [
        office.phone,
        office.hotline,
        *(one.phone for one in ward.directory.people),
        *near,
        *bodies,
        *units,
    ]
    assert all(number.startswith("0236 0000 ") for number in numbers)


def test_all_defects_of_all_files_are_told_at_once(folder: Path) -> None:
    edit(folder, "office.toml", 'hotline = "0236 0000 000"', 'hotlin = "0236 0000 000"')
    edit(folder, "office.toml", 'same_day_until = "15:00"', 'same_day_until = "15 giờ"')
    edit(folder, "directory.toml", 'words = ["Hộ tịch", ', "words = [")
    edit(folder, "directory.toml", 'words = ["tư pháp"', 'words = ["Hộ tịch, chứng thực, hòa giải"')
    edit(folder, "reception.toml", "date = 2026-11-12", "date = 2026-11-31")
    (folder / "week.toml").unlink()
    (folder / "petition.toml").write_bytes("name = 'phường'".encode("utf-16"))
    edit(folder, "old_wards.toml", 'phone = "0236 0000 200"', 'phone = "hỏi tổng đài"')
    edit(folder, "desks.toml", 'leadership = "van_phong"', 'leadership = "chu_tich"')
    edit(folder, "places.toml", 'name = "Khu phố 2"', 'name = "Khu phố 1"')
    told = problems(folder)
    assert [problem.split(":")[0].split(",")[0] for problem in told] == [
        "office.toml",
        "office.toml",
        "office.toml",
        "directory.toml",
        "reception.toml",
        "week.toml",
        "old_wards.toml",
        "petition.toml",
        "desks.toml",
        "places.toml",
    ]
    assert any("mục hotline: " in problem for problem in told)
    assert any("mục hotlin: " in problem for problem in told)
    assert any("mục hours.same_day_until" in problem and "15:00" in problem for problem in told)
    assert any("mục person.words" in problem for problem in told)
    assert any("UTF-8" in problem for problem in told)
    assert any("không có tệp này" in problem for problem in told)


def test_a_defect_names_the_line_it_stands_on(folder: Path) -> None:
    edit(folder, "week.toml", "date = 2026-11-26", "date = 2026-12-26")
    line = (folder / "week.toml").read_text("utf-8").splitlines().index("date = 2026-12-26") + 1
    assert problems(folder) == [
        f"week.toml, dòng {line}, mục week.entry.date: không thuộc tuần bắt đầu 23/11/2026"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "field"),
    [
        ("office.toml", 'open = ["7:00-11:30", ', 'open = ["13:30-11:30", ', "hours.season.open"),
        ("office.toml", 'open = ["7:00-11:30", "13:30-17:00"]', "open = []", "hours.season.open"),
        ("office.toml", "month = 4", "month = 14", "hours.season.month"),
        ("office.toml", 'weekday = "thứ Sáu"', 'weekday = "thứ 6"', "no_appointment.weekday"),
        ("office.toml", 'website = "https://', 'website = "', "website"),
        ("office.toml", "checked_on = 2026-11-02", 'checked_on = "tháng 11"', "checked_on"),
        ("office.toml", "[seat]", "[tru_so]", "seat"),
        ("office.toml", 'name = "phường An Thịnh"', f'name = "{"x" * (LONGEST + 1)}"', "name"),
        ("directory.toml", "leader = true", 'leader = "có"', "person.leader"),
        (
            "reception.toml",
            'hours = ["7:30-11:30"]',
            'hours = ["7:30-11:30", "13:00-14:00"]',
            "session.hours",
        ),
        ("week.toml", "starts_on = 2026-11-16", "starts_on = 2026-11-15", "week.starts_on"),
        ("week.toml", "starts_on = 2026-11-23", "starts_on = 2026-11-16", "week"),
        ("petition.toml", 'where = "phòng 101, 12 Lê Lợi"', 'where = ""', "place.where"),
    ],
)
def test_a_field_that_is_wrong_is_named(folder: Path, file: str, old: str, new: str, field: str) -> None:
    edit(folder, file, old, new)
    assert any(f"{file}, dòng " in problem and f"mục {field}:" in problem for problem in problems(folder))


def test_a_part_that_is_missing_is_one_defect_not_one_for_every_field(folder: Path) -> None:
    text = (folder / "office.toml").read_text("utf-8")
    start, end = text.index("[centre]"), text.index("[hours]")
    (folder / "office.toml").write_text(text[:start] + text[end:], "utf-8")
    assert len(problems(folder)) == 1


def test_a_file_that_is_no_toml_is_told_with_its_line_and_nothing_else(folder: Path) -> None:
    edit(folder, "office.toml", 'phone = "0236 0000 100"', 'phone = "0236 0000 100')
    told = problems(folder)
    assert len(told) == 1
    assert "dòng" in told[0]


def test_a_ward_without_a_day_without_appointments_is_whole_too(folder: Path) -> None:
    text = (folder / "office.toml").read_text("utf-8")
    start, end = text.index("[no_appointment]"), text.index("[[link]]")
    (folder / "office.toml").write_text(text[:start] + text[end:], "utf-8")
    assert load_ward(folder).office.no_appointment is None


# --- finding ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("số điện thoại chủ tịch", {"Chủ tịch Ủy ban nhân dân phường"}),
        ("sdt pho chu tich", {"Phó Chủ tịch Ủy ban nhân dân phường"}),
        ("chủ tịch HĐND", {"Chủ tịch Hội đồng nhân dân phường"}),
        ("ai phụ trách hộ tịch", {"Công chức tư pháp, hộ tịch"}),
        ("gặp ai về sổ đỏ", {"Công chức địa chính"}),
        ("nuôi cá sấu", set()),
        ("", set()),
    ],
)
def test_people_are_found_by_title_or_field(ward: Ward, asked: str, titles: set[str]) -> None:
    assert {officer.title for officer in ward.directory.find(asked)} == titles


def test_an_old_name_is_not_found_inside_another_number(ward: Ward) -> None:
    assert [old.name for old in ward.old_wards.find("phường 7 cũ làm ở đâu")] == ["Phường 7"]
    assert ward.old_wards.find("phường 70") == ()
    near = ward.old_wards.neighbour("nhà ở Bình Khê")
    assert near is not None
    assert near.phone


def test_a_week_is_found_by_any_of_its_days(ward: Ward) -> None:
    week = ward.plan.week_of(date(2026, 11, 22))
    assert week is not None
    assert week.starts_on == date(2026, 11, 16)
    assert [entry.day for entry in week.entries] == sorted(entry.day for entry in week.entries)
    assert ward.plan.week_of(date(2027, 3, 1)) is None


# --- duties -------------------------------------------------------------------


@pytest.fixture
def calendar(ward: Ward) -> Calendar:
    return Calendar(ward.hours, load_overrides(OVERRIDES_FILE.read_text("utf-8")))


def test_the_bundled_schedule_keeps_the_law(ward: Ward, calendar: Calendar) -> None:
    assert reception_duties(ward.reception, calendar) == []


def test_too_few_days_with_the_chairperson_are_told(ward: Ward, calendar: Calendar) -> None:
    fewer = tuple(one for one in ward.reception.sessions if one.day != date(2026, 12, 10))
    told = reception_duties(replace(ward.reception, sessions=fewer), calendar)
    assert told == [
        "reception.toml: tháng 12/2026 Chủ tịch mới có 1 ngày tiếp công dân, luật cần ít nhất 2; thêm buổi chair = true"
    ]


def test_a_schedule_posted_too_late_or_on_a_day_off_is_told(ward: Ward, calendar: Calendar) -> None:
    moved = replace(ward.reception.sessions[0], day=date(2026, 11, 24))
    late = replace(ward.reception, published_on=date(2026, 11, 18), sessions=(moved,))
    told = "\n".join(reception_duties(late, calendar))
    assert "chưa đủ 5 ngày làm việc" in told
    assert "24/11/2026 rơi vào ngày nghỉ" in told


def test_an_empty_schedule_breaks_no_rule_it_is_simply_not_posted(ward: Ward, calendar: Calendar) -> None:
    empty: Reception = replace(ward.reception, sessions=())
    assert reception_duties(empty, calendar) == []
