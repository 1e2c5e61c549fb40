"""What only looks wrong in a register, and how it is read; what a text file may hide."""

import unicodedata
from datetime import UTC, date, datetime

import pytest

from records.importers import FileRefused, Kind, read
from tests.records.importers.register import (
    BOOK,
    BRIDE,
    DAY,
    GROOM,
    GROOM_ID,
    NUMBER,
    PHONE,
    TITLES,
    Book,
    couples,
    csv,
    marriages,
    mixed,
    xlsx,
)


def put(row, at, value):
    return [*row[:at], value, *row[at + 1 :]]


def test_a_whole_register_sorted_by_the_groom_is_read():
    rows = sorted(couples(24), key=lambda row: str(row[GROOM]))
    reading = marriages(rows)
    assert (len(reading.rows), mixed(reading)) == (24, [])


def test_a_row_written_twice_is_read_once():
    rows = couples(24)
    reading = marriages([*rows[:8], rows[7], *rows[8:]])
    assert len(reading.rows) == 24
    assert any("lặp lại" in note for note in reading.notes)


def test_a_book_number_merged_over_its_rows_holds_for_all_of_them():
    rows = couples(24)
    rows = [put(row, BOOK, "01/2026" if place == 0 else "") for place, row in enumerate(rows)]
    reading = marriages(rows, merges=[(1, BOOK, 24, BOOK)])
    assert {row.facts["book"] for row in reading.rows} == {"1"}
    assert len(reading.rows) == 24


def test_titles_sums_repeated_headers_blank_rows_and_signatures_are_passed_over():
    rows = couples(24)
    above = [["ỦY BAN NHÂN DÂN PHƯỜNG THÍ DỤ"], ["SỔ ĐĂNG KÝ KẾT HÔN NĂM 2026"], []]
    between = [[""] * 12, list(TITLES), ["Tháng 3"]]
    below = [
        [],
        ["Tổng cộng: 24"],
        [""] * 8 + ["Phường Thí Dụ, ngày 31 tháng 12 năm 2026"],
        ["", "", "", "", "Người lập biểu", "", "", "Chủ tịch"],
        ["", "", "", "", "Lê Văn Ký", "", "", "Đỗ Thị Đóng"],
    ]
    reading = marriages([*rows[:12], *between, *rows[12:], *below], above=above)
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (24, (), [])
    assert reading.header_row == 4
    assert reading.rows[0].number == 5


def test_a_number_that_was_struck_out_is_passed_over():
    rows = couples(24)
    rows[5] = ["", 6, "01/2026", "", "đã hủy"]
    reading = marriages(rows)
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (23, (), [])


def test_a_row_that_counts_the_columns_is_no_entry():
    reading = marriages([[f"({n})" for n in range(1, 13)], *couples(9)])
    assert len(reading.rows) == 9


def test_dates_are_read_however_they_were_written():
    rows = couples(24)
    shapes = (
        lambda day: day,
        lambda day: (day - date(1899, 12, 30)).days,
        lambda day: f"{day:%d/%m/%Y}",
        lambda day: f"{day.day}-{day.month}-{day:%y}",
        lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}",
        lambda day: datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC).replace(tzinfo=None),
        lambda day: f"{day:%Y-%m-%d}",
    )
    rows = [put(row, DAY, shapes[place % 7](row[DAY])) for place, row in enumerate(rows)]
    reading = marriages(rows)
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (24, (), [])


def test_numbers_kept_as_text_and_phones_without_their_zero_are_read():
    rows = [put(put(row, NUMBER, f" {row[NUMBER]} "), PHONE, int(str(row[PHONE]))) for row in couples(9)]
    rows = [put(put(row, GROOM_ID, int(str(row[GROOM_ID]))), BOOK, "Quyển số 01/2026") for row in rows]
    reading = marriages(rows)
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (9, (), [])


def test_decomposed_letters_and_odd_spaces_read_like_any_others():
    rows = couples(9)
    for row in rows:
        row[BRIDE] = unicodedata.normalize("NFD", str(row[BRIDE])).replace(" ", "\u00a0 ") + "\u200b"
    assert mixed(marriages(rows)) == []


def test_personal_numbers_are_evidence_and_are_not_handed_on():
    reading = marriages(couples(9))
    handed = [str(value) for row in reading.rows for value in row.facts.values()]
    assert not [value for value in handed if value.startswith("001")]


def test_a_refusal_masks_personal_numbers():
    rows = couples(24)
    rows[3][PHONE] = "090000012345678"
    refusal = marriages(rows).refusals[0]
    assert refusal.found == "•••678"


def test_a_key_names_the_entry_and_no_person():
    assert marriages(couples(3)).rows[2].key == "marriage:1:3:2026"


def test_a_date_that_has_not_come_is_refused_when_today_is_told():
    reading = read(xlsx(Book(couples(24))), "x", Kind.MARRIAGES, today=date(2026, 2, 17))
    assert (
        {refusal.why for refusal in reading.refusals} == {"ngày này chưa tới"} if reading.refusals else True
    )


def test_an_unquoted_separator_in_an_address_refuses_its_row():
    rows = couples(24)
    text = csv(Book(rows)).replace("TDP 3", "TDP 3; đường Thí Dụ", 1)
    reading = read(text.encode(), "x.csv", Kind.MARRIAGES)
    assert len(reading.refusals) >= 1
    assert mixed(reading) == []


def test_a_quote_that_never_closes_refuses_the_file():
    text = csv(Book(couples(24))).replace("Nguyễn Văn", '"Nguyễn Văn', 1)
    with pytest.raises(FileRefused):
        read(text.encode(), "x.csv", Kind.MARRIAGES)


def test_two_quotes_far_apart_do_not_join_two_rows():
    text = csv(Book(couples(24))).replace(";Nguyễn Văn", ';"Nguyễn Văn', 1).replace("TDP 4;", 'TDP 4";')
    text = text.replace("TDP 4\r\n", 'TDP 4"\r\n', 1)
    with pytest.raises(FileRefused):
        read(text.encode(), "x.csv", Kind.MARRIAGES)
