import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.importers import FileRefused, Kind, read
from records.importers.encodings import (
    ALPHABET,
    TCVN3,
    VNI,
    Doubtful,
    Encoding,
    decode,
    from_cp1258,
    from_tcvn3,
    from_vni,
    is_syllable,
    recognise,
)
from tests.records.importers.register import Book, couples, csv, html, marriages, mixed, xlsx

NAMES = (
    "Nguyễn Văn Đức Trần Thị Hòa Lê Ngọc Ánh Phạm Quốc Khánh Đỗ Thị Ước Hoàng Mỹ Hạnh Vũ Đình Thắng Bùi Thị Hằng "
    "Đặng Hữu Nghĩa Hồ Xuân Hương Ngô Bảo Châu Dương Thuý Quỳnh Lý Thường Kiệt Trương Vĩnh Ký Huỳnh Tấn Phát"
)
MARKED = sorted(letter for letter in ALPHABET if not letter.isascii())
SMALL_IN_TCVN3 = {letter: typed for typed, letter in TCVN3.items()}
IN_VNI = {
    letter: typed
    for typed, letter in VNI.items()
    if typed == (typed.upper() if letter.isupper() else typed.lower())
}


def in_tcvn3(text):
    return "".join(SMALL_IN_TCVN3.get(letter, SMALL_IN_TCVN3.get(letter.lower(), letter)) for letter in text)


def in_vni(text):
    return "".join(IN_VNI.get(letter, letter) for letter in text)


def in_cp1258(text):
    found = ""
    for letter in text:
        base, *marks = list(unicodedata.normalize("NFD", letter))
        tones = [mark for mark in marks if mark in "\u0300\u0309\u0303\u0301\u0323"]
        hats = [mark for mark in marks if mark not in tones]
        found += unicodedata.normalize("NFC", base + "".join(hats)) + "".join(tones)
    return found.encode("cp1258").decode("latin-1")


def test_there_are_sixty_seven_marked_letters_of_each_case():
    assert len(MARKED) == 134
    assert sum(letter.isupper() for letter in MARKED) == 67


def test_every_small_letter_comes_back_from_tcvn3():
    small = [letter for letter in MARKED if letter.islower()]
    assert [from_tcvn3(SMALL_IN_TCVN3[letter]) for letter in small] == small
    assert sorted(TCVN3.values()) == sorted([*small, *"ĂÂÊÔƠƯĐ"])


def test_every_letter_comes_back_from_vni_in_both_cases():
    assert [from_vni(IN_VNI[letter]) for letter in MARKED] == MARKED


def test_every_letter_comes_back_from_windows_1258_in_both_cases():
    assert [from_cp1258(in_cp1258(letter)) for letter in MARKED] == MARKED


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("NguyÔn V¨n A", "Nguyễn Văn A"),
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc"),
        ("NGUYÔN V¡N §øC", "NGUYỄN VĂN ĐỨC"),
    ],
)
def test_known_words_are_read_from_tcvn3(typed, meant):
    assert from_tcvn3(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguyeãn Vaên A", "Nguyễn Văn A"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"),
        ("NGUYEÃN THÒ ÖÔÙC", "NGUYỄN THỊ ƯỚC"),
    ],
)
def test_known_words_are_read_from_vni(typed, meant):
    assert from_vni(typed) == meant


@pytest.mark.parametrize(
    ("write", "encoding"),
    [
        (str, Encoding.UNICODE),
        (in_tcvn3, Encoding.TCVN3),
        (in_vni, Encoding.VNI),
        (in_cp1258, Encoding.CP1258),
    ],
)
def test_the_encoding_is_recognised_with_confidence(write, encoding):
    found = recognise([write(NAMES)])
    assert (found.encoding, found.confidence) == (encoding, 1.0)
    assert found.convert(write(NAMES)).lower() == NAMES.lower()


@given(
    st.lists(st.sampled_from(NAMES.split()), min_size=12, unique=True),
    st.sampled_from((in_tcvn3, in_vni, in_cp1258)),
)
def test_an_old_font_is_converted_rightly_or_refused(words, write):
    text = " ".join(words)
    try:
        found = recognise([write(text)])
    except Doubtful:
        return
    assert found.convert(write(text)).lower() == text.lower()


@pytest.mark.parametrize("text", ["José Müller", "Nguyen Van A", "", "12/03/2026", "François Lê Thị Hòa"])
def test_foreigners_and_plain_letters_are_left_alone(text):
    assert recognise([text]).encoding is Encoding.UNICODE


@pytest.mark.parametrize("text", ["Nguyá»…n Vàn Ä\x90á»©c Trá»‹nh Há»“ng", "µ¶· ÆÇÈ ÿþý ¸¹º"])
def test_letters_of_no_known_font_are_in_doubt_and_shown(text):
    with pytest.raises(Doubtful) as doubt:
        recognise([text])
    assert len(doubt.value.preview) == 4


@pytest.mark.parametrize(
    "word", ["nghiêng", "quýt", "giếng", "ươm", "yến", "khuỷu", "oanh", "thuở", "Đ".lower() + "ức"]
)
def test_a_vietnamese_syllable_is_one(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["nguyeãn", "vaên", "trÇn", "thß", "ðức", "á́"])
def test_what_an_old_font_looks_like_is_no_syllable(word):
    assert not is_syllable(word)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    ],
)
def test_unicode_files_are_read_in_every_form(encode):
    assert decode(encode("số;họ tên\r\nmột;Nguyễn Văn Đức")) == "số;họ tên\r\nmột;Nguyễn Văn Đức"


@pytest.mark.parametrize("write", [in_tcvn3, in_vni, in_cp1258])
@pytest.mark.parametrize("shape", [csv, html])
def test_a_register_in_an_old_code_page_is_read(write, shape):
    content = write(shape(Book(couples(24)))).encode("latin-1")
    reading = read(content, "cu.xls", Kind.MARRIAGES)
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (24, (), [])


@pytest.mark.parametrize("write", [in_tcvn3, in_vni])
def test_a_workbook_typed_in_an_old_font_is_read_and_says_so(write):
    rows = [[write(cell) if isinstance(cell, str) else cell for cell in row] for row in couples(24)]
    reading = marriages(rows, titles=[write(title) for title in Book(rows).titles])
    assert (len(reading.rows), mixed(reading)) == (24, [])
    assert any("đã chuyển sang Unicode" in note for note in reading.notes)


def test_a_workbook_half_in_an_old_font_is_refused():
    rows = [
        [in_vni(cell) if isinstance(cell, str) and place % 2 else cell for cell in row]
        for place, row in enumerate(couples(24))
    ]
    with pytest.raises(FileRefused):
        read(xlsx(Book(rows)), "x", Kind.MARRIAGES)
