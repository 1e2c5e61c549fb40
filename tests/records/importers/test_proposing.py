"""A header is shown as it was understood, and read as a person says."""

import pytest

from records.importers import FileRefused, Kind, proposing, sheet
from records.importers.reading import understand
from tests.records.importers.register import BRIDE_BORN, TITLES, Book, couples, xlsx


def grids(titles, rows=None):
    return sheet.read(xlsx(Book(rows or couples(6), titles=titles)), "so.xlsx")


def renamed(place, title):
    return (*TITLES[:place], title, *TITLES[place + 1 :])


def test_a_proposal_says_what_each_column_was_taken_for():
    found = proposing.propose(grids(TITLES), Kind.MARRIAGES)
    assert found is not None
    assert (found.sheet, found.first, found.last) == ("Kết hôn", 0, 0)
    taken = {column.title: column.field for column in found.columns}
    assert taken["Họ tên vợ"] == "bride_name"
    assert taken["STT"] == ""
    assert proposing.unpacked(proposing.packed(found)) == found


def test_a_file_without_a_header_has_no_proposal():
    assert proposing.propose(grids(("a", "b", "c")), Kind.MARRIAGES) is None


def test_a_title_in_doubt_is_said_so_and_a_person_decides():
    odd = grids(renamed(BRIDE_BORN, "Ngày sinh"))
    with pytest.raises(FileRefused):
        understand(odd, Kind.MARRIAGES)
    found = proposing.propose(odd, Kind.MARRIAGES)
    assert found is not None
    assert [column.place for column in found.columns if column.doubtful] == [BRIDE_BORN]
    fields = {column.place: column.field for column in found.columns} | {BRIDE_BORN: "bride_born"}
    reading = understand(odd, Kind.MARRIAGES, proposing.chosen(found, fields))
    assert len(reading.rows) == 6
    assert all(row.facts["bride_born"] for row in reading.rows)


@pytest.mark.parametrize(
    "fields",
    [{"0": "number", "1": "number"}, {"0": "no_such_field"}, {"x": "number"}, ["number"], None],
)
def test_a_choice_that_cannot_be_meant_is_refused(fields):
    mapping = {"placed": {"first": 0, "last": 0, "fields": fields}}
    with pytest.raises(FileRefused):
        understand(grids(TITLES), Kind.MARRIAGES, mapping)


def test_a_place_outside_the_sheet_is_no_header():
    mapping = {"placed": {"first": 99, "last": 99, "fields": {"1": "number"}}}
    with pytest.raises(FileRefused):
        understand(grids(TITLES), Kind.MARRIAGES, mapping)
