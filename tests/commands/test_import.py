"""`ward import` as an operator types it: counts, reasons, a dry run, a template, and back again."""

import json
import shutil
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import col, select

from bot import app
from bot.commands import imports
from bot.settings import DEMO_WARD
from records import staff
from records.cases import Permission
from records.letters import Household
from tests.commands.test_commands import put_in, ward
from tests.conftest import FRIDAY
from tests.records.importers.register import BRIDE_BORN, BRIDE_ID, Book, couples, xlsx
from tests.records.registers import DEATH_TITLES, DOSSIER_TITLES, DUE, RESIDENT_TITLES, dossier, name, put

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")
__all__ = ["ward"]


@pytest.fixture
def register(tmp_path, monkeypatch):
    """A marriage register on the disk, on the day the suite lives in."""
    monkeypatch.setattr(app, "clock", lambda: FRIDAY + timedelta(days=60))
    path = tmp_path / "ket-hon.xlsx"
    path.write_bytes(xlsx(Book(couples(24))))
    return path


def hire(tmp_path) -> None:
    async def add(db) -> None:
        for login, may in (("hanh", [Permission.IMPORT_RECORDS]), ("dung", [])):
            await staff.add(db, login=login, name=login, desk="ubnd", permissions=may, now=FRIDAY)

    put_in(tmp_path, add)


def test_a_register_is_brought_in_and_counted(ward, register):
    status, out, err = ward("import", "marriages", str(register), "--json")
    told = json.loads(out)
    assert (status, err) == (0, "")
    assert (told["run"], told["new"], told["refused"]) == (1, 24, 0)
    status, out, _ = ward("import", "marriages", str(register))
    assert status == 0
    assert "mới 0, đã biết 24, đã sửa 0, từ chối 0" in out


def test_a_dry_run_counts_and_writes_nothing(ward, register):
    for _ in range(2):
        status, out, _ = ward("import", "marriages", str(register), "--dry-run", "--json")
        told = json.loads(out)
        assert (status, told["run"], told["new"]) == (0, None, 24)


def test_refused_rows_are_told_with_what_to_do_and_written_to_a_sheet(ward, register, tmp_path):
    rows = couples(24)
    rows[9] = put(put(rows[9], BRIDE_ID, ""), BRIDE_BORN, date(2010, 6, 1))
    register.write_bytes(xlsx(Book(rows)))
    errors = tmp_path / "loi.xlsx"
    status, out, err = ward("import", "marriages", str(register), "--json", "--errors", str(errors))
    told = json.loads(out)
    assert status == 1
    assert told["new"] + told["refused"] == 24
    assert [row["row"] for row in told["rows_refused"]] == [11]
    assert "1 dòng bị từ chối" in err
    sheet = CalamineWorkbook.from_path(errors).get_sheet_by_index(0).to_python()
    assert str(sheet[1][0]) == "11"


def test_a_file_that_cannot_be_trusted_is_refused_whole(ward, tmp_path):
    path = tmp_path / "la.csv"
    path.write_text("không phải sổ\n", "utf-8")
    status, out, err = ward("import", "marriages", str(path), "--json")
    assert status == 1
    assert json.loads(out)["file_refused"]
    assert err.startswith("Không nạp tệp:")
    assert ward("import", "marriages", str(tmp_path / "khong-co.xlsx"))[0] == 1


@pytest.mark.parametrize("line", [(), ("marriages",), ("weddings", "so.xlsx")])
def test_a_kind_and_a_file_are_needed(ward, line):
    status, _, err = ward("import", *line)
    assert status == 2
    assert "Các loại:" in err


def test_a_template_is_written_and_reads_as_its_kind(ward, tmp_path):
    path = tmp_path / "mau.xlsx"
    assert ward("import", "--template", "dossiers", str(path))[0] == 0
    titles = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[0]
    assert {"Mã hồ sơ", "Ngày hẹn trả"} <= set(titles)
    assert ward("import", "--template", "dossiers")[0] == 1


def test_only_somebody_who_may_brings_in_and_takes_back(ward, register, tmp_path):
    hire(tmp_path)
    assert ward("import", "marriages", str(register), "--by", "dung")[0] == 1
    assert ward("import", "marriages", str(register), "--by", "khong.ai")[0] == 1
    assert ward("import", "marriages", str(register), "--by", "hanh")[0] == 0
    assert ward("import", "--undo", "1")[0] == 1
    status, out, _ = ward("import", "--undo", "1", "--by", "hanh", "--json")
    assert (status, json.loads(out)) == (0, {"undone": 1, "rows": 24})
    status, _, err = ward("import", "--undo", "1", "--by", "hanh")
    assert status == 1
    assert "trước đó" in err


def test_a_suppliers_mapping_is_read_and_a_broken_one_told(ward, register, tmp_path):
    good, bad, odd = (tmp_path / name for name in ("tot.toml", "hong.toml", "la.toml"))
    good.write_text('[columns]\nnumber = "Số đăng ký"\n', "utf-8")
    bad.write_text("[columns", "utf-8")
    odd.write_text("[columns]\nnumber = 7\n", "utf-8")
    assert ward("import", "marriages", str(register), "--mapping", str(good))[0] == 0
    for path in (bad, odd):
        status, _, err = ward("import", "marriages", str(register), "--mapping", str(path))
        assert status == 1
        assert "Tệp ánh xạ" in err


@pytest.mark.usefixtures("register")
def test_a_second_putting_off_is_refused_in_its_row(ward, tmp_path):
    path, status, out = tmp_path / "ho-so.xlsx", 0, ""
    for later in (0, 2, 5):
        row = dossier(0)
        rows = [put(row, DUE, row[DUE] + timedelta(later)), dossier(1)]
        path.write_bytes(xlsx(Book(rows, titles=DOSSIER_TITLES)))
        status, out, _ = ward("import", "dossiers", str(path), "--json")
    assert status == 1
    assert "lần hai" in json.loads(out)["rows_refused"][0]["why"]


def long_register(tmp_path, people: int):
    path = tmp_path / "nguoi-dan.xlsx"
    rows = [
        [name(place), 1950 + place % 60, "Nam", "", f"Số {place} Thí Dụ", f"TDP {place}", ""]
        for place in range(1, people + 1)
    ]
    path.write_bytes(xlsx(Book(rows, titles=RESIDENT_TITLES)))
    return path


@pytest.mark.usefixtures("register")
def test_a_long_register_comes_in_by_several_runs_each_with_a_number_of_its_own(ward, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "PAUSE_S", 0)
    monkeypatch.setattr(imports, "ROWS_AT_ONCE", 5)
    path = long_register(tmp_path, 12)
    status, out, _ = ward("import", "residents", str(path), "--json", "--dry-run")
    assert (status, json.loads(out)["runs"], json.loads(out)["new"]) == (0, [], 12)
    status, out, _ = ward("import", "residents", str(path), "--json")
    told = json.loads(out)
    assert (status, told["run"], told["runs"], told["new"]) == (0, 1, [1, 2, 3], 12)
    assert "Lần nạp số 4–6: mới 0, đã biết 12" in ward("import", "residents", str(path))[1]


@pytest.mark.usefixtures("register")
def test_a_house_mourns_for_as_long_as_the_ward_says(ward, tmp_path, monkeypatch):
    pages = tmp_path / "phuong"
    shutil.copytree(DEMO_WARD, pages)
    rules = (pages / "letters.toml").read_text("utf-8")
    (pages / "letters.toml").write_text(rules.replace("mourning_days = 49", "mourning_days = 100"), "utf-8")
    monkeypatch.setenv("WARD_WARD_DIR", str(pages))
    assert ward("import", "residents", str(long_register(tmp_path, 3)))[0] == 0
    path = tmp_path / "khai-tu.xlsx"
    row = ["3", "1", date(2026, 11, 19), name(2), 1952, date(2026, 11, 18), "TDP 2"]
    path.write_bytes(xlsx(Book([row], titles=DEATH_TITLES)))
    assert ward("import", "deaths", str(path))[0] == 0
    until: list[date | None] = []

    async def look(db) -> None:
        found = await db.exec(select(Household).where(col(Household.quarter) == "TDP 2"))
        until.extend(row.mourning_until for row in found.all())

    put_in(tmp_path, look)
    assert until == [date(2026, 11, 18) + timedelta(days=100)]


@pytest.fixture(autouse=True)
def _wired(monkeypatch):
    """The command stands on the line, whether or not it is wired there yet."""
    from bot.commands import parser  # noqa: PLC0415  only here

    if imports not in parser.NOUNS:
        monkeypatch.setattr(parser, "NOUNS", (*parser.NOUNS, imports))
