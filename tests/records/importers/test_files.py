"""Files as they really arrive: wrong endings, cut off, locked, hollow, hostile."""

import io
import struct
import zipfile

import pytest

from records.importers import FileRefused, Kind, read
from tests.records.importers.old_workbook import xls
from tests.records.importers.register import TITLES, Book, couples, csv, html, mixed, said, xlsx

COUPLES = couples(24)


def marriages(content, name="so.bin"):
    return read(content, name, Kind.MARRIAGES)


def all_there(reading):
    return (len(reading.rows), reading.refusals, mixed(reading)) == (24, (), [])


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_with_any_separator_is_read(separator, encoding):
    assert all_there(marriages(csv(Book(COUPLES), separator).encode(encoding), "so.txt"))


def test_a_line_that_names_the_separator_is_believed():
    assert all_there(marriages(("sep=|\n" + csv(Book(COUPLES), "|")).encode()))


def test_figures_kept_as_text_by_a_spreadsheet_are_bared():
    text = csv(Book(COUPLES)).replace(";0900", ';="0900').replace(";TDP", '";TDP')
    assert all_there(marriages(text.encode()))


@pytest.mark.parametrize("name", ["so.xls", "so.pdf", "so", "so.csv"])
def test_the_ending_of_the_name_is_never_asked(name):
    assert all_there(marriages(html(Book(COUPLES)).encode(), name))
    assert all_there(marriages(xlsx(Book(COUPLES)), name))


def test_an_old_workbook_is_read():
    assert all_there(
        marriages(
            xls(
                [
                    [cell if isinstance(cell, int) else said(cell) for cell in row]
                    for row in Book(COUPLES).grid()
                ]
            )
        )
    )


def test_spans_and_inner_tables_of_a_page_are_understood():
    rows = "".join("<tr>" + "".join(f"<td>{said(cell)}</td>" for cell in row) + "</tr>" for row in COUPLES)
    top = "".join(f"<th rowspan=2>{title}</th>" for title in TITLES[:4])
    top += "<th colspan=3>Bên nam</th><th colspan=3>Bên nữ</th>" + "".join(
        f"<th rowspan=2>{t}</th>" for t in TITLES[10:]
    )
    sub = "<th>Họ tên</th><th>Ngày sinh</th><th>Số CCCD</th>" * 2
    page = f"<html><body><table><tr>{top}</tr><tr>{sub}</tr>{rows}</table></body></html>"
    assert all_there(marriages(page.encode()))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "rỗng"),
        (b"\0\0\0\0", "rỗng"),
        (b"%PDF-1.7 x", "PDF"),
        (b"\x89PNG\r\n", "ảnh"),
        (b"\xff\xd8\xff\xe0", "ảnh"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"{\\rtf1 x", "RTF"),
        (b"MIME-Version: 1.0\r\n", "MHT"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "2003"),
        (b"<?xml version='1.0'?><svg/>", "không phải bảng tính"),
        (b"PK\x03\x04 rubbish", "hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (b"<html><table><tr><td>S", "cắt giữa chừng"),
        (b"x" * (20 * 2**20 + 1), "20 MB"),
        (b"a;b;" + b"c" * 40_000, "32.767"),
        (b"a,b\0c\n", "không phải văn bản"),
        ("một câu không phải bảng".encode(), "tiêu đề"),
    ],
)
def test_what_is_no_register_is_refused_and_named(content, why):
    with pytest.raises(FileRefused) as refused:
        marriages(content)
    assert why in refused.value.why
    assert refused.value.todo.startswith("Mời")


def packed(change=None, more=()):
    """Return the workbook with one of its parts changed and others added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(Book(COUPLES)))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if change and name.endswith("sheet1.xml") else part)
        for name, part in more:
            new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lambda: packed(more=[("xl/media/a.bin", b"\0" * (201 << 20))]), "200 MB"),
        (lambda: lying(packed(more=[("xl/media/a.bin", b"\0" * (201 << 20))])), "200 MB"),
        (lambda: packed(more=[(f"xl/{n}", b"") for n in range(2100)]), "200 MB"),
        (
            lambda: packed(
                lambda part: part.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)
            ),
            "khai báo lạ",
        ),
        (lambda: packed(lambda part: part.replace(b'r="L9"', b'r="XFD9"')), "100.000"),
        (
            lambda: packed(
                lambda part: part.replace(b'<row r="25"', b'<row r="1048576"').replace(
                    b'r="A25"', b'r="A1048576"'
                )
            ),
            "100.000",
        ),
        (lambda: packed(lambda part: part.replace(b' r="L25"', b"\nr='XFD1048576'")), ""),
        (lambda: packed(lambda part: part[:900]), ""),
        (lambda: packed(lambda part: b"\xff\xfe" + part.decode().encode("utf-16-le")), "khai báo lạ"),
    ],
    ids=[
        "bomb",
        "lying bomb",
        "many parts",
        "entities",
        "far column",
        "far row",
        "hidden far cell",
        "cut off",
        "utf-16",
    ],
)
def test_a_hostile_package_is_refused(content, why):
    with pytest.raises(FileRefused) as refused:
        marriages(content())
    assert why in refused.value.why


def lying(content):
    """Return the package with every claimed size of an unpacked part made small."""
    out, at = bytearray(content), 0
    while (at := out.find(b"PK\x01\x02", at)) >= 0:
        if struct.unpack_from("<L", out, at + 24)[0] > 1 << 20:
            struct.pack_into("<L", out, at + 24, 100)
        at += 4
    return bytes(out)


def test_a_claimed_dimension_is_no_cell():
    big = packed(lambda part: part.replace(b'<dimension ref="A1:L25"/>', b'<dimension ref="A1:XFD1048576"/>'))
    assert all_there(marriages(big))


def test_a_zip_that_is_no_workbook_is_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<x/>")
    with pytest.raises(FileRefused, match="Word"):
        marriages(out.getvalue())


def test_a_page_of_a_million_open_brackets_is_soon_refused():
    with pytest.raises(FileRefused):
        marriages(b"<html><table>" + b"<![" * 300_000)


def test_a_page_with_endless_spans_is_refused():
    cells = '<td rowspan="1000" colspan="200">x</td>'
    with pytest.raises(FileRefused):
        marriages(f"<html><table>{'<tr>' + cells * 2 + '</tr>'}</table></html>".encode())


# --- which sheet -----------------------------------------------------------------------------------


def test_the_sheet_that_fits_is_found_among_others():
    notes = Book([["Mua giấy in"], ["Gọi tổ 3"]], titles=(), name="Việc")
    reading = marriages(xlsx(notes, Book([], name="Trống"), Book(COUPLES)))
    assert reading.sheet == "Kết hôn"
    assert all_there(reading)


def test_two_sheets_that_fit_are_asked_about():
    content = xlsx(Book(COUPLES), Book(couples(9), name="Bản nháp"))
    with pytest.raises(FileRefused, match="2 trang"):
        marriages(content)
    assert len(read(content, "x", Kind.MARRIAGES, {"sheet": "Bản nháp"}).rows) == 9


def test_a_hidden_copy_does_not_stand_in_the_way():
    assert all_there(marriages(xlsx(Book(COUPLES), Book(couples(9), name="Cũ", hidden=True))))


def test_another_register_is_refused():
    with pytest.raises(FileRefused):
        read(xlsx(Book(COUPLES)), "x", Kind.DOSSIERS)
