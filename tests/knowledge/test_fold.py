import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.fold import fold, meant, spelled, syllables, words

KNOWN = frozenset(
    [
        "dang",
        "ky",
        "khai",
        "sinh",
        "giay",
        "ket",
        "hon",
        "tam",
        "tru",
        "can",
        "cuoc",
        "ho",
        "khau",
        "dat",
        "do",
        "duoc",
        "hoa",
        "giai",
        "thuong",
    ]
)
VIETNAMESE = st.text(
    alphabet="aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ 0123456789?,.",
    max_size=80,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("giaays khai sinh", "giay khai sinh"),
        ("ddawng kys keets hoon", "dang ky ket hon"),
        ("gia6y1 khai sinh", "giay khai sinh"),
        ("d9ang8 ky1", "dang ky"),
        ("gks", "giay khai sinh"),
        ("dk tam tru", "dang ky tam tru"),
        ("đk tạm trú", "dang ky tam tru"),
        ("cccd", "can cuoc cong dan"),
        ("khaisinh", "khai sinh"),
        ("dangkyketho n", "dang ky ket ho n"),
        ("đăngký tạmtrú", "dang ky tam tru"),
        ("th uong", "thuong"),
        ("đăng kí", "dang ky"),
        ("hoà giải", "hoa giai"),
        ("hòa giải", "hoa giai"),
    ],
)
def test_what_is_typed_is_read_as_it_was_meant(typed, read):
    assert " ".join(syllables(typed, KNOWN)) == read


def test_an_abbreviation_typed_with_marks_is_a_word_of_its_own():
    assert syllables("ă", KNOWN) != syllables("a", KNOWN)


def test_the_place_of_the_tone_mark_does_not_matter():
    assert spelled("hoà thuý") == spelled("hòa thúy")


def test_marks_are_kept_apart_from_letters():
    assert [bare for bare, _ in spelled("mã mả ma")] == ["ma", "ma", "ma"]
    assert len({marks for _, marks in spelled("mã mả ma")}) == 3


def test_a_link_of_a_million_letters_is_one_word():
    assert len(meant("x" * 1_000_000, KNOWN)) == 1


@given(VIETNAMESE)
def test_every_unicode_form_is_read_alike(text):
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    assert all(meant(form, KNOWN) == meant(text, KNOWN) for form in forms)


@given(st.text(alphabet="abcdefghijklmnopqrstuvxy0123456789 ", max_size=60))
def test_full_width_letters_are_letters(text):
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter != " " else "\u3000" for letter in text)
    assert syllables(wide, KNOWN) == syllables(text, KNOWN)


@given(st.text(max_size=300))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
    assert all(word == fold(word) for word in words(text))
