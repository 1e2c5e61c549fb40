"""The seven registers: each is read from its own template, and each has its own contradictions."""

import io
from datetime import date

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook

from records.importers import FileRefused, Kind, error_sheet, read, template_sheet
from records.importers.cells import READERS, Unread
from records.importers.forms import harmless
from records.importers.kinds import form
from records.importers.rows import Reading, Refusal, shown
from tests.records.importers.register import TITLES, Book, couples, csv, marriages, mixed, xlsx

D = date
ENTRIES = {
    Kind.MARRIAGES: {
        "number": "57", "book": "1", "registered_on": D(2026, 3, 5), "groom_name": "Nguyễn Văn Ví", "bride_name": "Trần Thị Dụ",
        "groom_born": D(1998, 1, 1), "bride_born": D(1999, 1, 1), "handed_over_on": D(2026, 3, 6),
    },
    Kind.BIRTHS: {
        "number": "8", "book": "2", "registered_on": D(2026, 3, 5), "child_name": "Nguyễn Gia Ví", "child_sex": "nam",
        "child_born": D(2026, 3, 1), "child_id": "001226000123", "mother_name": "Trần Thị Dụ", "mother_born": 1999,
        "mother_phone": "0900000123",
    },
    Kind.DEATHS: {
        "number": "3", "book": "1", "registered_on": D(2026, 3, 5), "deceased_name": "Nguyễn Văn Ví", "deceased_born": 1940,
        "died_on": D(2026, 3, 1), "deceased_id": "001040000123", "deceased_sex": "nam", "reporter_name": "Nguyễn Văn Dụ",
    },
    Kind.DEATH_REPORTS: {
        "deceased_name": "Nguyễn Văn Ví", "deceased_born": 1940, "died_on": D(2026, 3, 1), "group": "TDP 3",
        "reporter_name": "Lê Thị Tổ", "reported_on": D(2026, 3, 1), "family_phone": "0900000123",
    },
    Kind.DOSSIERS: {
        "code": "H00.00-260305-0001", "procedure_name": "Đăng ký khai sinh", "applicant_name": "Nguyễn Văn Ví",
        "taken_on": D(2026, 3, 5), "due_on": D(2026, 3, 10), "finished_on": D(2026, 3, 9), "applicant_phone": "0900000123",
    },
    Kind.CONTRIBUTIONS: {
        "receipt_number": "12", "giver": "Công ty Thí Dụ 2", "amount_vnd": 5_000_000, "cause": "Nhà văn hóa TDP 3",
        "received_on": D(2026, 3, 5), "may_name": "không",
    },
    Kind.RESIDENTS: {
        "full_name": "Nguyễn Văn Ví", "born": D(1990, 2, 3), "sex": "nam", "id_number": "001090000123", "group": "TDP 3",
        "phone": "0900000123",
    },
}  # fmt: skip
KEYS = {
    Kind.MARRIAGES: "marriage:1:57:2026",
    Kind.BIRTHS: "birth:2:8:2026",
    Kind.DEATHS: "death:1:3:2026",
    Kind.DEATH_REPORTS: "death_report:2026-03-01:",
    Kind.DOSSIERS: "dossier:H00.00-260305-0001",
    Kind.CONTRIBUTIONS: "contribution:2026:12",
    Kind.RESIDENTS: "resident:",
}


def sheet_of(kind, *entries):
    """Return an XLSX as a clerk makes it who filled in the template."""
    fields = form(kind).fields
    rows = [[entry.get(field.name, "") for field in fields] for entry in entries]
    return xlsx(Book(rows, titles=[field.title for field in fields]))


def entry(kind, **changed):
    return {**ENTRIES[kind], **changed}


@pytest.mark.parametrize("kind", Kind)
def test_a_filled_in_template_is_read(kind):
    reading = read(sheet_of(kind, ENTRIES[kind]), "x", kind)
    assert reading.refusals == ()
    (row,) = reading.rows
    assert row.key.startswith(KEYS[kind])
    told = {name for name in ENTRIES[kind] if not form(kind).field(name).evidence}
    assert {name for name, value in row.facts.items() if value is not None} >= told
    assert not [name for name in row.facts if name.endswith(("_id", "id_number"))]


@pytest.mark.parametrize("kind", Kind)
def test_the_empty_template_has_every_title_and_an_example_and_no_row(kind):
    content = template_sheet(kind)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows == [[field.title for field in form(kind).fields]]
    assert b"xl/comments1.xml" in content
    with pytest.raises(FileRefused, match="chưa có dòng nào"):
        read(content, "mau.xlsx", kind)


@pytest.mark.parametrize("kind", Kind)
def test_every_field_has_a_reader_and_no_title_of_its_own_is_in_doubt(kind):
    fields = form(kind).fields
    assert all(field.type in READERS or field.type in {"date", "birth"} for field in fields)
    titles = [title for field in fields for title in field.titles]
    assert sorted(titles) == sorted(set(titles))
    assert any(field.pairs for field in fields)


@pytest.mark.parametrize(
    ("kind", "changed", "why"),
    [
        (Kind.MARRIAGES, {"handed_over_on": D(2026, 3, 4)}, "trước"),
        (Kind.BIRTHS, {"child_born": D(2026, 3, 6)}, "trước"),
        (Kind.BIRTHS, {"mother_born": 1950}, "mẹ khi đó"),
        (Kind.BIRTHS, {"mother_born": D(2020, 1, 1)}, "mẹ khi đó"),
        (Kind.BIRTHS, {"father_born": 2019, "father_name": "Nguyễn Văn Cha"}, "cha khi đó"),
        (Kind.BIRTHS, {"child_id": "001326000123"}, "giới tính khác"),
        (Kind.BIRTHS, {"child_id": "001225000123"}, "khác năm sinh"),
        (Kind.DEATHS, {"died_on": D(2026, 3, 9)}, "trước"),
        (Kind.DEATHS, {"deceased_born": 1901, "deceased_id": ""}, "người mất khi đó"),
        (Kind.DEATHS, {"deceased_born": D(2026, 4, 1), "deceased_id": ""}, "người mất khi đó"),
        (Kind.DEATH_REPORTS, {"reported_on": D(2026, 2, 1)}, "trước"),
        (Kind.DEATH_REPORTS, {"group": ""}, "để trống"),
        (Kind.DOSSIERS, {"due_on": D(2026, 3, 1)}, "trước"),
        (Kind.DOSSIERS, {"taken_on": D(2026, 3, 6)}, "ngày nhận khác"),
        (Kind.DOSSIERS, {"finished_on": D(2026, 3, 1)}, "trước"),
        (Kind.CONTRIBUTIONS, {"amount_vnd": "năm triệu"}, "số tiền"),
        (Kind.CONTRIBUTIONS, {"may_name": "chắc là có"}, "“có” hoặc “không”"),
        (Kind.RESIDENTS, {"sex": "nữ"}, "giới tính khác"),
        (Kind.RESIDENTS, {"born": 1991}, "khác năm sinh"),
        (Kind.RESIDENTS, {"group": "12/03/2026"}, "cột chữ"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(kind, changed, why):
    reading = read(sheet_of(kind, entry(kind, **changed)), "x", kind)
    assert reading.rows == ()
    assert any(why in refusal.why for refusal in reading.refusals)


def test_a_mother_without_a_father_is_read():
    (row,) = read(sheet_of(Kind.BIRTHS, ENTRIES[Kind.BIRTHS]), "x", Kind.BIRTHS).rows
    assert row.facts["father_name"] is None


def test_two_people_of_one_name_and_year_in_one_group_are_left_to_a_person():
    one = entry(Kind.RESIDENTS, id_number="", born=1990, phone="0900000001")
    other = entry(Kind.RESIDENTS, id_number="", born=1990, phone="0900000002")
    others = [
        entry(Kind.RESIDENTS, id_number="", full_name=f"Lê Minh {word}")
        for word in ("Mận", "Cúc", "Đào", "Ổi", "Na", "Sen", "Lan", "Huệ")
    ]
    reading = read(sheet_of(Kind.RESIDENTS, one, *others, other), "x", Kind.RESIDENTS)
    assert {refusal.row for refusal in reading.refusals} == {2, 11}


def test_the_same_death_told_from_two_files_has_one_key():
    told = [read(sheet_of(Kind.DEATH_REPORTS, entry(Kind.DEATH_REPORTS, **more)), "x", Kind.DEATH_REPORTS).rows[0].key
            for more in ({}, {"deceased_name": "NGUYỄN VĂN VÍ", "deceased_born": D(1940, 5, 1)})]  # fmt: skip
    assert told[0] == told[1]
    assert "nguyen" not in told[0]


# --- headers ---------------------------------------------------------------------------------------

GROUPED = ["Số", "Quyển", "Ngày đăng ký", "Bên nam", "", "", "Bên nữ", "", "", "Điện thoại vợ", "TDP"]
BELOW = ["", "", "", "Họ và tên", "Ngày sinh", "CCCD", "Họ và tên", "Ngày sinh", "CCCD", "", ""]


def test_a_header_of_two_rows_with_merged_groups_is_understood():
    rows = [row[1:] for row in couples(12)]
    reading = marriages(
        [BELOW, *rows], titles=GROUPED, merges=[(0, 3, 0, 5), (0, 6, 0, 8), (0, 0, 1, 0), (0, 1, 1, 1)]
    )
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (12, (), [])
    assert reading.columns["bride_name"] == "Bên nữ Họ và tên"


def test_a_header_of_two_rows_is_understood_where_the_merging_was_lost():
    text = csv(Book([BELOW, *[row[1:] for row in couples(12)]], titles=GROUPED))
    reading = read(text.encode(), "x.csv", Kind.MARRIAGES)
    assert (len(reading.rows), mixed(reading)) == (12, [])


@pytest.mark.parametrize(
    "titles",
    [
        [title.upper() for title in TITLES],
        [f"  {title}\n(*) " for title in TITLES],
        [
            "stt",
            "so dang ky",
            "quyen so",
            "ngay dang ky",
            "ho ten chong",
            "ngay sinh chong",
            "so cccd chong",
            "ho ten vo",
            "ngay sinh vo",
            "so cccd vo",
            "dien thoai vo",
            "to dan pho",
        ],
        [
            "STT",
            "Số đăg ký",
            "Quyểnn số",
            "Ngày đăng ký",
            "Họ tên chồng",
            "Ngày sinh chồg",
            "Số CCCD chồng",
            "Họ tên vợ",
            "Ngày sihn vợ",
            "Số CCCD vợ",
            "Điện thoai vợ",
            "Tổ dân phô",
        ],
        [
            "TT",
            "Số",
            "Quyển",
            "Ngày vào sổ",
            "Chú rể",
            "Năm sinh chú rể",
            "Căn cước chú rể",
            "Cô dâu",
            "Ngày tháng năm sinh cô dâu",
            "Số định danh cá nhân của vợ",
            "SĐT vợ",
            "Khu phố",
        ],
    ],
    ids=["capitals", "remarks", "no marks", "slips", "other words"],
)
def test_titles_are_understood_by_what_they_mean(titles):
    reading = marriages(couples(12), titles=titles)
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (12, (), [])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"Họ tên vợ": "Họ tên", "Họ tên chồng": "Họ tên"}, "hiểu nhiều cách"),
        ({"Ngày sinh vợ": "Ngày sinh", "Ngày sinh chồng": "Ngày sinh"}, "hiểu nhiều cách"),
        ({"Số CCCD vợ": "Họ tên vợ"}, "hiểu nhiều cách"),
        ({"Quyển số": "Cột gì đó"}, "Thiếu cột bắt buộc: Quyển số"),
        ({"Họ tên vợ": "Cột khác"}, "Thiếu cột bắt buộc: Họ tên vợ"),
        ({"Điện thoại vợ": ""}, "không có tiêu đề"),
    ],
)
def test_a_title_in_doubt_refuses_the_file(changed, why):
    with pytest.raises(FileRefused, match=why):
        marriages(couples(12), titles=[changed.get(title, title) for title in TITLES])


def test_a_supplier_s_mapping_names_columns_and_gives_what_is_not_there():
    titles = ["X" if title == "Họ tên vợ" else "Y" if title == "Quyển số" else title for title in TITLES]
    mapping = {"columns": {"bride_name": "X"}, "constants": {"book": "1"}}
    reading = marriages(couples(12), mapping, titles=titles)
    assert (len(reading.rows), mixed(reading)) == (12, [])
    assert "“Y”" in " ".join(reading.notes)


@pytest.mark.parametrize(
    "mapping",
    [
        {"cot": {}},
        {"columns": {"groom": "x"}},
        {"constants": {"bride_name": "Trần Thị Dụ"}},
        {"constants": {"book": "mười"}},
        {"constants": {"registered_on": "05/03/2026"}},
        {"sheet": "Không có"},
    ],
)
def test_a_mapping_that_is_wrong_is_refused(mapping):
    with pytest.raises(FileRefused, match=r"ánh xạ|Không có trang"):
        marriages(couples(12), mapping)


def test_formulas_and_hidden_columns_are_noted():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [*TITLES, "Tính"])
        page.set_column(4, 4, None, None, {"hidden": True})
        for number, row in enumerate(couples(9), start=1):
            page.write_row(
                number, 0, [cell if not isinstance(cell, date) else f"{cell:%d/%m/%Y}" for cell in row]
            )
            page.write_formula(number, 12, "=1+1", None, 2 if number > 1 else "")
            page.set_row(number, None, None, {"hidden": number == 3})
    notes = " ".join(read(content.getvalue(), "x", Kind.MARRIAGES).notes)
    assert "9 ô công thức" in notes
    assert "1 ô công thức chưa có giá trị (M2)" in notes
    assert "cột bị ẩn" in notes
    assert "1 dòng bị ẩn" in notes


# --- what goes back to the clerk -------------------------------------------------------------------


@pytest.mark.parametrize("found", ["=1+1", "+1", "-1", "@x", "\tx", "=HYPERLINK(0)"])
def test_a_formula_in_a_refused_cell_is_harmless_in_the_error_sheet(found):
    refusal = Refusal(row=7, column=found, found=found, why="lý do", todo="Mời sửa.")
    content = error_sheet(
        Reading(kind=Kind.BIRTHS, sheet="x", header_row=1, columns={}, rows=(), refusals=(refusal,), notes=())
    )
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][1:3] == [harmless(found)] * 2
    assert harmless(found).startswith("'")


def test_the_error_sheet_lists_every_refusal_by_row_and_is_always_the_same():
    rows = couples(24)
    rows[3][5], rows[1][8] = "31/02/1990", "hôm qua"
    reading = marriages(rows)
    content = error_sheet(reading)
    found = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in found] == ["Dòng", "3", "5"]
    assert content == error_sheet(reading)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("001098000123", "•••123"),
        ("điện thoại 0900 000 123", "điện thoại •••123"),
        (900000123.0, "•••123"),
        ("05/03/2026", "05/03/2026"),
        ("dài " * 40, ("dài " * 40)[:39] + "…"),
        (None, ""),
    ],
)
def test_what_is_shown_back_is_short_and_masked(value, seen):
    assert shown(value) == seen


# --- cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", "57", "57"), ("number", 57.0, "57"), ("number", "Số 057", "57"), ("number", "12A", "12A"),
        ("number", "57/2026", "57/2026"), ("number", "57/TLKT", "57"),
        ("book", "01/2026", "1/2026"), ("book", "Quyển số 02", "2"), ("book", 3.0, "3"), ("book", "2026/01", "1/2026"),
        ("name", "nguyễn  thị\nví", None), ("name", "nguyễn thị ví", "Nguyễn Thị Ví"), ("name", "H'Hen Ví Dụ", "H'Hen Ví Dụ"),
        ("name", "José van der Ví", "José van der Ví"), ("name", "Lê ánh", "Lê Ánh"), ("name", "A và B", None),
        ("phone", "+84 900.000.123", "0900000123"), ("phone", "0236 0000 123", "02360000123"), ("phone", "84900000123", "0900000123"),
        ("phone", "123", None), ("phone", "0100000000", None), ("phone", "09000001234", None),
        ("id", 1098000123.0, "001098000123"), ("id", "001098000123", "001098000123"), ("id", "099098000123", None), ("id", 98000123.0, "098000123"),
        ("money", "5.000.000 đồng", 5_000_000), ("money", 5e6, 5_000_000), ("money", "5.5", None), ("money", -1, None),
        ("sex", "Nữ", "nữ"), ("sex", "x", None), ("yes", "X", 1), ("yes", "không", 0), ("yes", True, 1), ("year", "năm 2026", 2026),
        ("code", "h00.00-260305-0001", "H00.00-260305-0001"), ("code", "abc", None), ("text", "#REF!", None), ("text", True, None),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_its_column_or_refused(kind, cell, value):
    if value is None:
        with pytest.raises(Unread):
            READERS[kind](cell)
    else:
        assert READERS[kind](cell) == value
