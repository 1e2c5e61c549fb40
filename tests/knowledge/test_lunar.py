"""The Vietnamese lunar calendar, against a table of our own and against another library."""

from datetime import date, timedelta

import lunar_vn
import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.lunar import (
    YEARS,
    LunarDate,
    days_in,
    in_words,
    lunar_of,
    new_years_eve,
    solar_of,
    tet,
    year_name,
)

DAYS = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))

# Frozen: three computations agreed on it, and the state's notices on 29/01/2025 and 17/02/2026.
# year, Tết, rằm Giêng, Giỗ Tổ, Phật đản, Đoan Ngọ, Vu lan, Trung thu, last day of Chạp, Ông Táo
TABLE = [
    (2025, "29/01", "12/02", "07/04", "12/05", "31/05", "06/09", "06/10", 29, "22/01"),
    (2026, "17/02", "03/03", "26/04", "31/05", "19/06", "27/08", "25/09", 29, "10/02"),
    (2027, "06/02", "20/02", "16/04", "20/05", "09/06", "16/08", "15/09", 29, "30/01"),
    (2028, "26/01", "09/02", "04/04", "09/05", "28/05", "03/09", "03/10", 29, "19/01"),
    (2029, "13/02", "27/02", "23/04", "27/05", "16/06", "24/08", "22/09", 29, "06/02"),
    (2030, "02/02", "16/02", "12/04", "16/05", "05/06", "13/08", "12/09", 29, "26/01"),
    (2031, "23/01", "06/02", "01/04", "04/06", "24/06", "01/09", "01/10", 29, "16/01"),
    (2032, "11/02", "25/02", "19/04", "23/05", "12/06", "20/08", "19/09", 29, "04/02"),
    (2033, "31/01", "14/02", "09/04", "13/05", "01/06", "09/08", "08/09", 30, "23/01"),
    (2034, "19/02", "05/03", "28/04", "01/06", "20/06", "28/08", "26/09", 30, "11/02"),
    (2035, "08/02", "22/02", "17/04", "22/05", "10/06", "18/08", "16/09", 30, "31/01"),
    (2036, "28/01", "11/02", "06/04", "10/05", "30/05", "05/09", "04/10", 30, "20/01"),
]
LUNAR = [(1, 1), (15, 1), (10, 3), (15, 4), (5, 5), (15, 7), (15, 8)]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row[0]))
def test_the_days_of_twelve_years_are_those_of_the_frozen_table(row) -> None:
    year, *solar, last, kitchen_gods = row
    ours = [solar_of(LunarDate(day=day, month=month, year=year)) for day, month in LUNAR]
    assert [f"{day:%d/%m}" for day in ours] == solar
    assert lunar_of(new_years_eve(year)) == LunarDate(day=last, month=12, year=year - 1)
    assert f"{solar_of(LunarDate(day=23, month=12, year=year - 1)):%d/%m}" == kitchen_gods


@pytest.mark.parametrize(
    ("year", "ours", "at_utc_8"),
    [
        (1968, "29/01", "30/01"),  # the South kept Tết Mậu Thân on 30/01
        (1969, "16/02", "17/02"),  # and Tết Kỷ Dậu on 17/02
        (1985, "21/01", "20/02"),
        (2007, "17/02", "18/02"),
        (2030, "02/02", "03/02"),
        (2053, "18/02", "19/02"),
    ],
)
def test_tet_is_counted_at_seven_hours_not_at_eight(year: int, ours: str, at_utc_8: str) -> None:
    assert f"{tet(year):%d/%m}" == ours
    assert f"{lunar_vn.convert_lunar_to_solar(1, 1, year, 0, 8.0):%d/%m}" == at_utc_8


def test_north_and_south_differed_in_two_years_only() -> None:
    apart = [y for y in range(1968, 1976) if lunar_vn.convert_lunar_to_solar(1, 1, y, 0, 8.0) != tet(y)]
    assert apart == [1968, 1969]


@pytest.mark.parametrize("year", range(1976, YEARS[-1] + 1))
def test_another_library_has_tet_and_giỗ_tổ_on_the_same_days(year: int) -> None:  # noqa: PLC2401  its name
    theirs: dict[str, date] = {}
    for day, label in country_holidays("VN", years=year, language="vi", observed=False).items():
        theirs.setdefault(label, day)
    assert theirs["Tết Nguyên Đán"] == tet(year)
    assert theirs["Giao thừa Tết Nguyên Đán"] == new_years_eve(year)
    if year >= 2007:
        assert [theirs["Ngày Giỗ Tổ Hùng Vương"]] == days_in(year, month=3, day=10)


@settings(deadline=None)  # a busy machine is no failure
@given(DAYS)
def test_every_day_comes_back_from_its_lunar_date(day: date) -> None:
    assert solar_of(lunar_of(day)) == day


@settings(deadline=None)  # a busy machine is no failure
@given(DAYS.filter(lambda day: day < date(YEARS[-1], 12, 31)))
def test_the_next_day_is_one_more_or_the_first_of_a_month(day: date) -> None:
    today, tomorrow = lunar_of(day), lunar_of(day + timedelta(days=1))
    if tomorrow.day != 1:
        assert (tomorrow.day, tomorrow.month, tomorrow.leap) == (today.day + 1, today.month, today.leap)
    else:
        assert today.day in (29, 30)
        assert tomorrow.leap or tomorrow.month == today.month % 12 + 1


@pytest.mark.parametrize(
    ("year", "month", "begins"),
    [
        (2025, 6, "2025-07-25"),
        (2028, 5, "2028-06-23"),
        (2031, 3, "2031-04-21"),
        (2033, 11, "2033-12-22"),
        (2036, 6, "2036-07-23"),
    ],
)
def test_leap_months_begin_where_the_state_has_them(year: int, month: int, begins: str) -> None:
    first = LunarDate(day=1, month=month, year=year, leap=True)
    assert solar_of(first) == date.fromisoformat(begins)
    assert lunar_of(date.fromisoformat(begins)) == first


@pytest.mark.parametrize(
    "lunar",
    [
        LunarDate(day=30, month=12, year=2025),  # "30 Tết" of a Chạp with 29 days
        LunarDate(day=1, month=6, year=2026, leap=True),
        LunarDate(day=1, month=7, year=2025, leap=True),
        LunarDate(day=31, month=1, year=2026),
        LunarDate(day=0, month=1, year=2026),
        LunarDate(day=1, month=13, year=2026),
    ],
)
def test_a_lunar_day_that_does_not_exist_is_refused(lunar: LunarDate) -> None:
    with pytest.raises(ValueError, match="lunar"):
        solar_of(lunar)


def test_years_before_the_state_calendar_are_not_guessed() -> None:
    assert lunar_of(date(1968, 1, 1)) == LunarDate(day=2, month=12, year=1967)
    for year in (1967, 2100):
        with pytest.raises(ValueError, match="from 1968 to 2099"):
            lunar_of(date(year, 12, 31))
        with pytest.raises(ValueError, match="from 1968 to 2099"):
            tet(year)


def test_there_is_no_thirtieth_of_chap_before_2033() -> None:
    last_days = {year: in_words(lunar_of(new_years_eve(year)), with_year=False) for year in range(2025, 2034)}
    assert last_days.pop(2033) == "ngày 30 tháng Chạp"
    assert set(last_days.values()) == {"ngày 29 tháng Chạp"}


@pytest.mark.parametrize(
    ("lunar", "words"),
    [
        (LunarDate(day=12, month=10, year=2026), "ngày 12 tháng 10 năm Bính Ngọ"),
        (LunarDate(day=1, month=1, year=2026), "ngày mùng 1 tháng Giêng năm Bính Ngọ"),
        (LunarDate(day=10, month=3, year=2027), "ngày mùng 10 tháng 3 năm Đinh Mùi"),
        (LunarDate(day=11, month=3, year=2027), "ngày 11 tháng 3 năm Đinh Mùi"),
        (LunarDate(day=29, month=12, year=2025), "ngày 29 tháng Chạp năm Ất Tỵ"),
        (LunarDate(day=15, month=6, year=2025, leap=True), "ngày 15 tháng 6 nhuận năm Ất Tỵ"),
        (LunarDate(day=2, month=11, year=2033, leap=True), "ngày mùng 2 tháng 11 nhuận năm Quý Sửu"),
    ],
)
def test_a_lunar_date_is_written_as_people_say_it(lunar: LunarDate, words: str) -> None:
    assert in_words(lunar) == words


def test_the_family_s_year_may_be_left_out() -> None:
    assert in_words(LunarDate(day=12, month=10, year=2026), with_year=False) == "ngày 12 tháng 10"


@pytest.mark.parametrize(
    ("year", "name"),
    [(1968, "Mậu Thân"), (1984, "Giáp Tý"), (2024, "Giáp Thìn"), (2026, "Bính Ngọ"), (2030, "Canh Tuất")],
)
def test_a_year_has_its_name_in_the_cycle_of_sixty(year: int, name: str) -> None:
    assert year_name(year) == name == year_name(year + 60)


def test_a_feast_is_in_the_ordinary_month_and_may_be_missing_or_double_in_a_solar_year() -> None:
    assert days_in(2025, month=6, day=10) == [date(2025, 7, 4)]
    assert days_in(2033, month=11, day=25) == [date(2033, 12, 16)]
    assert days_in(2026, month=12, day=30) == [], "Chạp of 2025 and of 2026 have 29 days"
    counts = {len(days_in(year, month=12, day=1)) for year in YEARS}
    assert counts == {0, 1, 2}
