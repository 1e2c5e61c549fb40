"""The year of greetings: which days, for whom, and when one has to give way."""

import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.greetings import (
    GREETINGS_FILE,
    Audience,
    Greetings,
    Mourning,
    Occasion,
    Tone,
    load_greetings,
)
from knowledge.lunar import LunarDate, lunar_of
from knowledge.sending import LETTERS
from knowledge.sheet import SheetError

BUNDLED = load_greetings(GREETINGS_FILE.read_text("utf-8"))
ALL_ON = Greetings(tuple(replace(greeting, on=True) for greeting in BUNDLED.greetings))
YEARS = range(2025, 2061)
ON = ["new_year_day", "lunar_new_year", "reunification_day", "invalids_martyrs_day", "national_day"]


def of(greetings: Greetings, year: int, code: str) -> Occasion:
    return next(found for found in greetings.occurrences(year) if found.greeting.code == code)


def codes(occasions: list[Occasion]) -> list[str]:
    return [occasion.greeting.code for occasion in occasions]


# --- the bundled calendar -------------------------------------------------------


def test_five_days_are_on_and_only_great_days_go_to_everybody() -> None:
    assert [greeting.code for greeting in BUNDLED.greetings if greeting.on] == ON
    assert of(BUNDLED, 2026, "invalids_martyrs_day").greeting.audience is Audience.MERIT_FAMILIES


def test_the_great_holidays_are_those_of_the_decree() -> None:
    major = {occasion.greeting.code for occasion in BUNDLED.occurrences(2026) if occasion.greeting.major}
    assert major == {
        "lunar_new_year",
        "new_years_eve",
        "party_founding",
        "hung_kings_day",
        "reunification_day",
        "dien_bien_phu",
        "ho_chi_minh_birthday",
        "august_revolution",
        "national_day",
    }


@pytest.mark.parametrize(
    ("code", "solar", "lunar"),
    [
        ("lunar_new_year", "2030-02-02", LunarDate(day=1, month=1, year=2030)),
        ("new_years_eve", "2026-02-16", LunarDate(day=29, month=12, year=2025)),
        ("new_years_eve", "2033-01-30", LunarDate(day=30, month=12, year=2032)),
        ("hung_kings_day", "2026-04-26", LunarDate(day=10, month=3, year=2026)),
        ("vu_lan", "2025-09-06", LunarDate(day=15, month=7, year=2025)),
        ("mid_autumn", "2034-09-26", LunarDate(day=15, month=8, year=2034)),
        ("first_full_moon", "2030-02-16", LunarDate(day=15, month=1, year=2030)),
        ("kitchen_gods", "2027-01-30", LunarDate(day=23, month=12, year=2026)),
        ("national_day", "2026-09-02", LunarDate(day=21, month=7, year=2026)),
    ],
)
def test_every_day_has_its_solar_and_its_lunar_date(code: str, solar: str, lunar: LunarDate) -> None:
    found = of(BUNDLED, int(solar[:4]), code)
    assert (found.solar.isoformat(), found.lunar) == (solar, lunar)


@pytest.mark.parametrize("year", YEARS)
def test_a_year_is_in_order_and_holds_every_greeting_once(year: int) -> None:
    found = BUNDLED.occurrences(year)
    assert all(one.solar <= other.solar for one, other in pairwise(found))
    assert all(
        occasion.solar.year == year and occasion.lunar == lunar_of(occasion.solar) for occasion in found
    )
    assert Counter(codes(found)) == Counter(
        greeting.code for greeting in BUNDLED.greetings if greeting.since <= year
    )
    assert len({occasion.key for occasion in found}) == len(found)


def test_a_day_that_did_not_exist_yet_is_not_greeted() -> None:
    assert "vietnam_culture_day" not in codes(BUNDLED.occurrences(2025))
    assert of(BUNDLED, 2026, "vietnam_culture_day").solar == date(2026, 11, 24)


def test_greetings_leave_in_sending_hours_and_are_stale_before_the_day_is_forgotten() -> None:
    tet = of(BUNDLED, 2030, "lunar_new_year")
    assert tet.sends_at.isoformat() == "2030-02-02T08:00:00+07:00"
    assert tet.stale_at.isoformat() == "2030-02-04T20:00:00+07:00"
    assert tet.key == "greeting:lunar_new_year:2030-02-02"
    for occasion in BUNDLED.occurrences(2027):
        assert LETTERS.allow(occasion.sends_at)
        assert timedelta() < occasion.stale_at - occasion.sends_at <= timedelta(hours=60)


def test_every_row_is_composed_sourced_and_asks_for_no_sensitive_list() -> None:
    for greeting in BUNDLED.greetings:
        assert greeting.source
        assert greeting.checked_on >= date(2026, 1, 1)
        assert unicodedata.is_normalized("NFC", greeting.name + greeting.note)
    for code in ("vesak", "christmas", "disability_day"):
        assert of(BUNDLED, 2026, code).greeting.audience is Audience.PUBLIC_POST
    names = " ".join(greeting.name for greeting in BUNDLED.greetings)
    assert "30 Tết" not in names


# --- two on one day -------------------------------------------------------------


@pytest.mark.parametrize("greetings", [BUNDLED, ALL_ON], ids=["as bundled", "all on"])
def test_nobody_is_greeted_twice_on_one_day(greetings: Greetings) -> None:
    for year in range(1968, 2100):
        sent = [o for o in greetings.occurrences(year) if o.greeting.on and not o.held]
        to_all = Counter(o.solar for o in sent if o.greeting.audience is Audience.EVERYONE)
        assert all(count == 1 for count in to_all.values())


def test_as_bundled_nothing_has_to_give_way() -> None:
    assert not [o for year in range(1968, 2100) for o in BUNDLED.occurrences(year) if o.held]


def test_when_tet_falls_on_the_third_of_february_it_goes_first_and_the_other_says_so() -> None:
    assert of(ALL_ON, 2068, "lunar_new_year").held == ""
    assert of(ALL_ON, 2068, "party_founding").held == "trùng ngày với Tết Nguyên đán"
    assert of(ALL_ON, 2026, "party_founding").held == ""
    assert "party_founding" not in codes(ALL_ON.due(date(2068, 2, 1)))


def test_a_great_holiday_goes_before_a_lesser_one_higher_up_in_the_file() -> None:
    text = row("fair", day=2) + row("national_day", day=2, more="major = true")
    found = load_greetings(text)
    assert of(found, 2026, "fair").held == "trùng ngày với Ngày national_day"
    assert of(found, 2026, "national_day").held == ""


def test_a_greeting_that_is_off_or_for_others_takes_nobody_s_place() -> None:
    off = row("fair", day=2, more="major = true").replace("on = true", "on = false")
    others = row("women", day=2, more="major = true").replace("everyone", "women")
    found = load_greetings(off + others + row("national_day", day=2))
    assert [occasion.held for occasion in found.occurrences(2026)] == ["", "", ""]


# --- mourning ---------------------------------------------------------------------


def mourning(first: date, last: date) -> Mourning:
    return Mourning(first=first, last=last, reason="Quốc tang", source="Thông báo", checked_on=first)


def test_on_days_of_national_mourning_nothing_festive_is_sent() -> None:
    sad = Greetings(BUNDLED.greetings, (mourning(date(2027, 9, 1), date(2027, 9, 2)),))
    assert of(sad, 2027, "national_day").held == "Quốc tang"
    assert of(sad, 2028, "national_day").held == ""
    assert sad.due(date(2027, 9, 1)) == []
    found = sad.mourning_on(date(2027, 9, 2))
    assert found is not None
    assert found.reason == "Quốc tang"
    assert sad.mourning_on(date(2027, 9, 3)) is None


def test_remembrance_is_not_silenced_by_mourning() -> None:
    sad = Greetings(BUNDLED.greetings, (mourning(date(2027, 7, 26), date(2027, 7, 27)),))
    assert of(sad, 2027, "invalids_martyrs_day").held == ""
    assert codes(sad.due(date(2027, 7, 26))) == ["invalids_martyrs_day"]


def test_what_mourning_holds_leaves_the_day_to_the_other() -> None:
    quiet = row("remembrance", day=2).replace("festive", "commemorative")
    text = row("national_day", day=2, more="major = true") + quiet
    sad = Greetings(load_greetings(text).greetings, (mourning(date(2027, 9, 2), date(2027, 9, 2)),))
    assert of(sad, 2027, "national_day").held == "Quốc tang"
    assert codes(sad.due(date(2027, 9, 1))) == ["remembrance"]


@settings(deadline=None)  # a busy machine is no failure
@given(st.dates(date(2025, 1, 1), date(2040, 12, 31)), st.integers(0, 10))
def test_nothing_festive_is_ever_due_in_mourning(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    sad = Greetings(ALL_ON.greetings, (mourning(first, last),))
    for occasion in sad.due(first, length):
        assert occasion.greeting.tone is Tone.COMMEMORATIVE


# --- what is to be drafted ----------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "ahead", "due"),
    [
        ("2026-08-25", 7, []),
        ("2026-08-26", 7, ["national_day"]),
        ("2026-09-02", 7, ["national_day"]),
        ("2026-09-03", 7, []),
        ("2026-12-25", 7, ["new_year_day"]),
        ("2026-12-24", 7, []),
        ("2027-01-26", None, []),
        ("2027-01-27", None, ["lunar_new_year"]),
        ("2026-09-01", 0, []),
        ("2026-09-02", 0, ["national_day"]),
    ],
)
def test_a_draft_is_due_some_days_ahead_also_over_new_year(
    on: str, ahead: int | None, due: list[str]
) -> None:
    assert codes(BUNDLED.due(date.fromisoformat(on), ahead)) == due


@settings(deadline=None)  # a busy machine is no failure
@given(st.dates(date(2025, 1, 1), date(2060, 12, 31)), st.integers(0, 60))
def test_only_what_is_on_is_due_and_never_what_has_passed(on: date, ahead: int) -> None:
    for occasion in BUNDLED.due(on, ahead):
        assert occasion.greeting.on
        assert not occasion.held
        assert on <= occasion.solar <= on + timedelta(days=ahead)


@pytest.mark.parametrize("year", range(2026, 2037))
def test_a_daily_look_finds_every_greeting_of_the_year(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    found = {occasion.key for day in days for occasion in BUNDLED.due(day, 7) if occasion.solar.year == year}
    assert found == {o.key for o in BUNDLED.occurrences(year) if o.greeting.on}


# --- the file -----------------------------------------------------------------------


def row(code: str, *, day: int, more: str = "") -> str:
    return f"""
[[greeting]]
code = "{code}"
name = "Ngày {code}"
rule = "solar"
month = 9
day = {day}
audience = "everyone"
on = true
tone = "festive"
template = "chuc_ngay_le"
{more}
source = "Phong tục"
checked_on = 2026-11-20
"""


def problems(text: str) -> str:
    with pytest.raises(SheetError) as caught:
        load_greetings(text)
    return "\n".join(caught.value.problems)


def test_a_row_may_say_when_to_draft_and_to_send() -> None:
    more = 'send_at = "16:00"\ndraft_days_ahead = 10\nstale_after_hours = 4'
    found = load_greetings(row("fair", day=2, more=more)).greetings[0]
    assert (found.send_at, found.draft_days_ahead, found.stale_after) == (time(16), 10, timedelta(hours=4))


def test_mourning_is_read_from_the_same_file() -> None:
    text = """
[[mourning]]
first = 2027-09-01
last = 2027-09-02
reason = "Quốc tang"
source = "Thông báo của Nhà nước"
checked_on = 2027-08-30
"""
    assert of(load_greetings(row("fair", day=2) + text), 2027, "fair").held == "Quốc tang"
    assert "mục mourning.last" in problems(text.replace("2027-09-02", "2027-08-02"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (row("fair", day=31), "không phải năm nào cũng có ngày 31/9"),
        (row("fair", day=2) + row("fair", day=3), "mã fair dùng hai lần"),
        (row("fair", day=2, more='send_at = "22:00"'), "phải từ 07:00 đến trước 21:00"),
        (row("fair", day=2, more="color = 1"), "mục greeting.color"),
        (row("fair", day=30).replace('"solar"', '"lunar"'), "phải là số từ 1 đến 29"),
        (row("fair", day=2).replace("everyone", "buddhists"), "mục greeting.audience"),
        (row("fair", day=2).replace('source = "Phong tục"', ""), "mục greeting.source"),
        ("[[greeting]\n", "không đọc được"),
    ],
)
def test_a_clerk_s_mistake_is_told_with_its_field(wrong: str, told: str) -> None:
    assert told in problems(wrong)
