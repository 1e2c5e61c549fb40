"""What goes wrong in a ward's register: each defect named, each refused or read for what it is."""

from datetime import date, timedelta

import pytest

from records.importers import FileRefused
from tests.records.importers.register import (
    BOOK,
    BRIDE,
    BRIDE_BORN,
    BRIDE_ID,
    DAY,
    GROOM,
    GROOM_BORN,
    GROOM_ID,
    NUMBER,
    PHONE,
    TITLES,
    couples,
    marriages,
    mixed,
)


def column(rows, at):
    return [row[at] for row in rows]


def replaced(rows, at, values):
    return [[*row[:at], value, *row[at + 1 :]] for row, value in zip(rows, values, strict=True)]


def with_cell(rows, place, at, value):
    return [[*row[:at], value, *row[at + 1 :]] if n == place else row for n, row in enumerate(rows)]


# --- the whole file is refused ---------------------------------------------------------------------


def a_column_is_sorted_alone(rows):
    return replaced(rows, BRIDE, sorted(column(rows, BRIDE)))


def a_column_is_sorted_alone_downwards(rows):
    return replaced(rows, GROOM, sorted(column(rows, GROOM), reverse=True))


def birth_dates_are_sorted_alone(rows):
    bare = [[*row[:BRIDE_ID], "", *row[BRIDE_ID + 1 :]] for row in rows]
    return replaced(bare, BRIDE_BORN, sorted(column(rows, BRIDE_BORN)))


def a_part_of_a_column_is_sorted_alone(rows):
    brides = column(rows, BRIDE)
    return replaced(rows, BRIDE, [*brides[:4], *sorted(brides[4:18]), *brides[18:]])


def a_cell_is_inserted_and_pushes_a_column_down(rows):
    brides = column(rows, BRIDE)
    last = [""] * len(TITLES)
    return replaced([*rows, last], BRIDE, [*brides[:5], "", *brides[5:]])


def a_cell_is_inserted_and_filled(rows):
    brides = column(rows, BRIDE)
    last = [""] * len(TITLES)
    return replaced([*rows, last], BRIDE, [*brides[:5], "Lê Thị Lạ", *brides[5:]])


def a_cell_is_deleted_and_pulls_a_column_up(rows):
    brides = column(rows, BRIDE)
    return replaced(rows, BRIDE, [*brides[:5], *brides[6:], ""])


def a_shorter_column_is_pasted(rows):
    return replaced(rows, BRIDE, [*column(rows, BRIDE)[3:], "", "", ""])


def a_longer_column_is_pasted(rows):
    longer = ["Lê Thị Lạ", "Lê Thị Quen", *column(rows, BRIDE)]
    return replaced([*rows, [""] * 12, [""] * 12], BRIDE, longer)


def phones_are_pushed_down(rows):
    return replaced([*rows, [""] * 12], PHONE, ["", *column(rows, PHONE)])


def phones_are_pulled_up(rows):
    return replaced(rows, PHONE, [*column(rows, PHONE)[1:], ""])


def a_block_of_three_columns_is_pushed_down(rows):
    moved = [*rows, [""] * 12]
    for at in (BRIDE, BRIDE_BORN, BRIDE_ID):
        values = column(rows, at)
        moved = replaced(moved, at, [*values[:4], "", *values[4:]])
    return moved


def a_name_is_missing(rows):
    return with_cell(rows, 6, GROOM, "")


def ten_rows_are_moved_one_cell_right(rows):
    return [["", *row[:-1]] if 3 <= place < 13 else row for place, row in enumerate(rows)]


def a_block_of_cells_is_moved_right(rows):
    return [[*row[:GROOM], "", *row[GROOM:]] if place > 14 else row for place, row in enumerate(rows)]


def brides_and_grooms_change_columns_in_many_rows(rows):
    turn = lambda row: [*row[:GROOM], *row[BRIDE : BRIDE + 3], *row[GROOM : GROOM + 3], *row[PHONE:]]  # noqa: E731
    return [turn(row) if place % 3 == 0 else row for place, row in enumerate(rows)]


def birth_dates_belong_to_the_next_row(rows):
    return replaced(rows, BRIDE_BORN, [*column(rows, BRIDE_BORN)[1:], date(1995, 5, 5)])


def personal_numbers_belong_to_the_next_row(rows):
    return replaced(rows, GROOM_ID, [*column(rows, GROOM_ID)[1:], "001095000999"])


def dates_are_put_in_another_order(rows):
    return replaced(rows, DAY, list(reversed(column(rows, DAY))))


def numbers_are_put_in_another_order(rows):
    return replaced(rows, NUMBER, list(reversed(column(rows, NUMBER))))


def the_month_stands_in_front(rows):
    return replaced(rows, DAY, [f"{day:%m/%d/%Y}" for day in column(rows, DAY)])


def an_english_machine_read_the_dates(rows):
    swapped = [date(d.year, d.day, d.month) if d.day <= 12 else f"{d:%d/%m/%Y}" for d in column(rows, DAY)]
    return replaced(rows, DAY, swapped)


def personal_numbers_are_dragged(rows):
    bare = [[*row[:BRIDE_BORN], "", *row[BRIDE_BORN + 1 :]] for row in rows]
    return replaced(bare, BRIDE_ID, [f"001195{n:06d}" for n in range(len(rows))])


def birth_dates_are_dragged(rows):
    bare = [[*row[:BRIDE_ID], "", *row[BRIDE_ID + 1 :]] for row in rows]
    return replaced(bare, BRIDE_BORN, [date(1995, 1, 1) + timedelta(n) for n in range(len(rows))])


def one_bride_is_dragged_down(rows):
    brides = column(rows, BRIDE)
    return replaced(rows, BRIDE, [*brides[:5], *([brides[5]] * 6), *brides[11:]])


def letters_lost_their_marks(rows):
    return replaced(rows, BRIDE, [f"Tr?n Th? M?{chr(97 + n % 20)}" for n in range(len(rows))])


def all_rows_are_of_another_book_year(rows):
    return replaced(rows, BOOK, ["01/2025"] * len(rows))


def the_register_is_empty(_rows):
    return []


FILE_DEFECTS = (
    a_column_is_sorted_alone,
    a_column_is_sorted_alone_downwards,
    birth_dates_are_sorted_alone,
    a_part_of_a_column_is_sorted_alone,
    a_cell_is_inserted_and_pushes_a_column_down,
    a_cell_is_inserted_and_filled,
    a_cell_is_deleted_and_pulls_a_column_up,
    a_shorter_column_is_pasted,
    a_longer_column_is_pasted,
    phones_are_pushed_down,
    phones_are_pulled_up,
    a_block_of_three_columns_is_pushed_down,
    a_name_is_missing,
    ten_rows_are_moved_one_cell_right,
    a_block_of_cells_is_moved_right,
    brides_and_grooms_change_columns_in_many_rows,
    birth_dates_belong_to_the_next_row,
    personal_numbers_belong_to_the_next_row,
    dates_are_put_in_another_order,
    numbers_are_put_in_another_order,
    the_month_stands_in_front,
    an_english_machine_read_the_dates,
    personal_numbers_are_dragged,
    birth_dates_are_dragged,
    one_bride_is_dragged_down,
    letters_lost_their_marks,
    all_rows_are_of_another_book_year,
    the_register_is_empty,
)


@pytest.mark.parametrize("defect", FILE_DEFECTS, ids=lambda defect: defect.__name__)
def test_the_whole_file_is_refused_when(defect):
    with pytest.raises(FileRefused) as refused:
        marriages(defect(couples(24)))
    assert refused.value.why.endswith(".")
    assert refused.value.todo.startswith("Mời")


# --- one row is refused, the others are read -------------------------------------------------------

ROW_DEFECTS = {
    "a row is moved one cell right": lambda row: ["", *row],
    "a row is moved one cell right and cut off": lambda row: ["", *row[:-1]],
    "a row is moved one cell left": lambda row: row[1:],
    "the bride was born before 1900": lambda row: put(row, BRIDE_BORN, "05/03/1899"),
    "the bride is under eighteen": lambda row: put(put(row, BRIDE_ID, ""), BRIDE_BORN, date(2010, 6, 1)),
    "the groom is under twenty": lambda row: put(put(row, GROOM_ID, ""), GROOM_BORN, date(2007, 6, 1)),
    "the groom's name is a date": lambda row: put(row, GROOM, date(1990, 1, 1)),
    "the groom's birth is a name": lambda row: put(row, GROOM_BORN, "Nguyễn Văn Na"),
    "the groom's name is a number": lambda row: put(row, GROOM, 12),
    "two names stand in one cell": lambda row: put(row, BRIDE, "Trần Thị Na, Lê Thị Ổi"),
    "the date does not exist": lambda row: put(row, DAY, "31/02/2026"),
    "the date has no year": lambda row: put(row, DAY, "12/03"),
    "the date is only a year": lambda row: put(row, DAY, 2026),
    "the date is a time of day": lambda row: put(row, DAY, 0.5),
    "the century of birth is unclear": lambda row: put(row, GROOM_BORN, "05/03/20"),
    "the number is out of its place": lambda row: put(row, NUMBER, 900),
    "the date is out of its place": lambda row: put(row, DAY, date(2026, 12, 30)),
    "the book's year is not the date's": lambda row: put(row, BOOK, "01/2025"),
    "the number's year is not the date's": lambda row: put(row, NUMBER, f"{row[NUMBER]}/2024"),
    "the personal number is of a man": lambda row: put(row, BRIDE_ID, "001091000777"),
    "the personal number is of another year": lambda row: put(row, GROOM_ID, "001060000777"),
    "the personal number is too short": lambda row: put(row, GROOM_ID, "12345"),
    "the phone is two phones": lambda row: put(row, PHONE, "0900000001 / 0900000002"),
    "the phone is a word": lambda row: put(row, PHONE, "không có số"),
    "a formula failed": lambda row: put(row, BRIDE, "#N/A"),
    "a needed date is empty": lambda row: put(row, DAY, ""),
    "a formula has no value": lambda row: put(row, DAY, "{=A1}"),
    "a cell in another font": lambda row: put(row, BRIDE, "TrÇn ThÞ Hoµ"),
    "names of both are of the other sex": lambda row: put(put(row, GROOM, "Lê Thị Na"), BRIDE, "Lê Văn Ổi"),
    "a remark outside the table": lambda row: [*row, "đã trao"],
    "a number that is a date": lambda row: put(row, NUMBER, date(2026, 12, 1)),
    "a one-word name": lambda row: put(row, GROOM, "Tuấn"),
}


def put(row, at, value):
    return [*row[:at], value, *row[at + 1 :]]


@pytest.mark.parametrize("defect", ROW_DEFECTS)
def test_one_row_is_refused_and_the_others_are_read_when(defect):
    rows = couples(24)
    rows[9] = ROW_DEFECTS[defect](rows[9])
    reading = marriages(rows)
    assert {refusal.row for refusal in reading.refusals} == {11}
    assert len(reading.rows) == 23
    assert mixed(reading) == []
    assert all(refusal.why and refusal.todo.startswith("Mời") for refusal in reading.refusals)


def test_the_same_bride_with_two_husbands_is_refused_in_both_rows():
    rows = couples(24)
    for at in (BRIDE, BRIDE_BORN, BRIDE_ID):
        rows[15][at] = rows[4][at]
    reading = marriages(rows)
    assert {refusal.row for refusal in reading.refusals} == {6, 17}


def test_one_number_with_two_different_entries_is_refused_in_both_rows():
    rows = couples(24)
    rows[10][NUMBER] = rows[9][NUMBER]
    assert {refusal.row for refusal in marriages(rows).refusals} == {11, 12}


def test_a_cell_merged_over_two_couples_is_refused_in_both_rows():
    rows = couples(24)
    reading = marriages(rows, merges=[(5, BRIDE_BORN, 6, BRIDE_BORN)])
    assert {refusal.row for refusal in reading.refusals} == {6, 7}
    assert mixed(reading) == []
