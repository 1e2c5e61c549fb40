"""`ward calendar` shows the days of greetings with their solar and lunar dates."""

import json

import pytest

from bot.commands import parser


@pytest.fixture
def calendar(monkeypatch, tmp_path, capsys):
    """Run `ward calendar` in an empty folder; give status, output, complaint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARD_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/ward.db")
    monkeypatch.setenv("WARD_DATA_DIR", str(tmp_path))

    def run(*line: str) -> tuple[int, str, str]:
        status = parser.run(("calendar", *line))
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_an_operator_reads_holidays_and_greetings_of_a_year(calendar):
    status, out, err = calendar("2026")
    assert (status, err) == (0, "")
    assert "thứ Bảy 10/01/2026  làm bù" in out
    tet = next(line for line in out.splitlines() if "mùng 1 tháng Giêng" in line)
    assert tet.startswith("thứ Ba 17/02/2026  âm lịch mùng 1 tháng Giêng năm Bính Ngọ  bật  Tết Nguyên đán")
    eve = next(line for line in out.splitlines() if "Giao thừa" in line and "âm lịch" in line)
    assert "29 tháng Chạp năm Ất Tỵ  tắt" in eve


def test_a_script_reads_every_day_with_both_dates_in_order(calendar):
    status, out, _ = calendar("2030", "--json")
    rows = json.loads(out)
    assert status == 0
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert {row["kind"] for row in rows} >= {"off", "greeting"}
    tet = next(row for row in rows if row.get("code") == "lunar_new_year")
    assert (tet["date"], tet["lunar"]) == ("2030-02-02", {"day": 1, "month": 1, "year": 2030, "leap": False})
    assert (tet["on"], tet["held"], tet["audience"]) == (True, "", "everyone")
    assert tet["lunar_words"] == "ngày mùng 1 tháng Giêng năm Canh Tuất"
    assert tet["sends_at"] == "2030-02-02T08:00:00+07:00"


def test_a_holiday_stays_a_holiday_when_it_is_a_day_of_greetings_too(calendar):
    _, out, _ = calendar("2026", "--json")
    assert {row["date"]: row["kind"] for row in json.loads(out)}["2026-11-24"] == "off"


@pytest.mark.parametrize("year", ["0", "1900", "2100", "99999"])
def test_a_year_nobody_can_know_is_refused_in_words(calendar, year):
    status, out, err = calendar(year)
    assert (status, out) == (1, "")
    assert "từ năm 1968 đến năm 2099" in err


def test_without_a_year_it_is_this_one(calendar):
    status, out, _ = calendar("--json")
    assert status == 0
    assert json.loads(out)
