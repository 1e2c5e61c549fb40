from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.importers.dates import NEWEST, NoDate, Read, month_first, read, read_birth

THE_FIFTH = date(2026, 3, 5)


@pytest.mark.parametrize(
    "written",
    [
        "05/03/2026",
        "5/3/2026",
        "05-03-2026",
        "5.3.2026",
        " 05 / 03 / 2026 ",
        "ngày 5 tháng 3 năm 2026",
        "Ngày 05 tháng 03 năm 2026",
        "NGÀY 5 THÁNG 3, NĂM 2026",
        "5 tháng 3 năm 2026",
        "ngay 5 thang 3 nam 2026",
        "2026-03-05",
        "2026-03-05 00:00:00",
        "05/03/2026 09:30",
        "2026-03-05T09:30:00",
        date(2026, 3, 5),
        datetime(2026, 3, 5, 9, 30),  # noqa: DTZ001 - as a spreadsheet gives it
        46086,
        46086.0,
        46086.75,
    ],
)
def test_the_fifth_of_march_is_read_however_it_is_written(written):
    assert read(written).day == THE_FIFTH


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("31/02/2026", "không có ngày"),
        ("29/02/2025", "không có ngày"),
        ("00/03/2026", "không có ngày"),
        ("03/25/2026", "đảo"),
        ("32/13/2026", "không có ngày"),
        ("5/3", "không đọc được"),
        ("", "không đọc được"),
        ("tháng 3 năm 2026", "không đọc được"),
        ("Nguyễn Văn Ví Dụ", "không đọc được"),
        ("2026", "chỉ có năm"),
        (2026, "chỉ có năm"),
        (12, "không phải ngày"),
        (-5, "không phải ngày"),
        (10**9, "không phải ngày"),
        (True, "không phải ngày"),
        (None, "không phải ngày"),
        ("05/03/1899", "ngoài khoảng"),
        (date(2100, 1, 1), "ngoài khoảng"),
        ("٠٥/٠٣/٢٠٢٦x", "không đọc được"),
        ("5/3/26/1", "không đọc được"),
    ],
)
def test_what_is_no_date_is_refused(written, why):
    with pytest.raises(NoDate) as refused:
        read(written)
    assert why in refused.value.why


def test_two_figures_are_a_year_only_when_one_century_fits():
    assert read("5-3-26", date(2000, 1, 1)).day == THE_FIFTH
    assert read_birth("5-3-90", date(1926, 1, 1), date(2008, 12, 31)) == Read(
        day=date(1990, 3, 5), typed=True
    )
    assert read_birth("5-3-05", date(1926, 1, 1), date(2008, 12, 31)) == Read(
        day=date(2005, 3, 5), typed=True
    )
    with pytest.raises(NoDate):
        read("5-3-26")


@pytest.mark.parametrize("written", ["1990", 1990, 1990.0, "năm 1990"])
def test_a_birth_may_be_known_by_its_year_alone(written):
    assert read_birth(written) == 1990


@given(st.dates(date(1900, 1, 1), NEWEST))
def test_every_day_is_read_as_itself(day):
    for written in (f"{day:%d/%m/%Y}", f"{day.day}.{day.month}.{day.year}", f"{day:%Y-%m-%d}", day):
        assert read(written).day == day


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_nothing_a_stranger_writes_breaks_the_reading(written):
    with suppress(NoDate):
        assert isinstance(read(written).day, date)


@pytest.mark.parametrize(
    ("values", "suspect"),
    [
        (["03/25/2026", "03/04/2026"], True),
        ([date(2026, 3, 5), date(2026, 4, 1), "25/03/2026"], True),
        (["25/03/2026", "05/03/2026"], False),
        ([date(2026, 3, 25), date(2026, 4, 1), "25/03/2026"], False),
        ([date(2026, 3, 5), date(2026, 3, 6)], False),
        (["Nguyễn", 5, None, ""], False),
    ],
)
def test_a_column_with_the_month_in_front_gives_itself_away(values, suspect):
    assert month_first(values) is suspect
