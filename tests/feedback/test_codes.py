"""Codes that are read out over the telephone, keys that open details: what is found, what is not taken for one."""

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import codes
from feedback.codes import LENGTH, LETTERS, Named

CASES = [(year, number) for year in (25, 26, 27, 99, 0) for number in range(1, 20_001, 10)]  # 10,000
WHOLE = Named(year=26, number=417, check=7)
KEY = "7F3-K9Q-X2M"


def digits(year: int, number: int) -> str:
    return f"{year:02}{number:04}{codes.check_digit(year, number)}"


def fits(typed: str) -> bool:
    """Tell whether somebody who typed these digits would be believed."""
    said = codes.named(f"PA{typed[:2]}-{typed[2:-1]}-{typed[-1]}")
    return said is not None and said.check is not None and said.right


def test_every_single_wrong_digit_is_found():
    for year, number in CASES:
        right = digits(year, number)
        for place, digit in itertools.product(range(len(right)), "0123456789"):
            if digit != right[place]:
                assert not fits(right[:place] + digit + right[place + 1 :]), right


def test_every_two_neighbours_exchanged_are_found():
    for year, number in CASES:
        right = digits(year, number)
        for place in range(len(right) - 1):
            one, other = right[place], right[place + 1]
            if one != other:
                assert not fits(right[:place] + other + one + right[place + 2 :]), right


@given(st.integers(2000, 2099), st.integers(1, 999_999))
def test_a_code_is_read_back_as_it_was_written(year, number):
    code = codes.code_of(year, number)
    read = codes.named(f"Cho hỏi {code} xong chưa")
    assert read == Named(year=year % 100, number=number, check=int(code[-1]))
    assert read.right


@pytest.mark.parametrize(
    "typed",
    [
        "PA26-0417-7",
        "pa26-0417-7",
        "pa26 0417 7",
        "PA 26 0417 7",
        "PA.26.0417.7",
        "PA-26-0417-7",
        "PA26 - 0417 - 7",
        "PA2604177",
        "pa26–0417–7",
        "PA26−0417−7",
        "tình trạng PA26-0417-7",
        "mã của tôi là pa26 0417 7, xong chưa?",
        "PA26-0417-7 7F3-K9Q-X2M",
        "7F3-K9Q-X2M PA26-0417-7",
    ],
)
def test_a_whole_code_is_understood_however_it_is_typed(typed):
    assert codes.named(typed) == WHOLE


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0417", Named(year=None, number=417, check=None)),
        ("mã 417", Named(year=None, number=417, check=None)),
        ("0417-7", Named(year=None, number=417, check=7)),
        ("tinh trang 0417", Named(year=None, number=417, check=None)),
        ("PA26-0417", Named(year=26, number=417, check=None)),
        ("PA26-10417-9", Named(year=26, number=10_417, check=9)),
        ("PA26-10417", Named(year=26, number=10_417, check=None)),
    ],
)
def test_a_part_of_a_code_is_taken_for_that_part(typed, meant):
    assert codes.named(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "PA", "PA26", "xong chưa", "17", "PA2604178", "PA26-00417-7", "https://x.vn/?a=1"]
)
def test_what_is_no_code_is_none(typed):
    assert codes.named(typed) is None


@given(st.text(max_size=300))
def test_nothing_anybody_types_makes_the_reader_stumble(text):
    said = codes.named(text)
    assert said is None or said.number < 10**6
    key = codes.key_in(text)
    assert key == "" or re.fullmatch(f"[{LETTERS}]{{3}}(-[{LETTERS}]{{3}}){{2}}", key)


@pytest.mark.parametrize("size", [4_096, 100_000])
@pytest.mark.parametrize("piece", ["pa26-", "7F3-", "pa 2 ", "9", "- ", "7f3 k9q "])
def test_a_long_text_of_beginnings_ends(piece, size):
    text = (piece * size)[:size]
    codes.named(text)
    codes.key_in(text)


# --- keys --------------------------------------------------------------------------------------


def test_a_new_key_is_read_back_and_is_like_no_word():
    for _ in range(2_000):
        key = codes.new_key()
        assert codes.key_in(f"PA26-0417-7 {key}") == key
        assert codes.key_in(f"tình trạng PA26-0417-7 mã xem {key.replace('-', '').lower()}") == key
        assert codes.key_in(f"pa26 0417 7 {key.replace('-', ' ')}") == key
        assert codes.key_in(f"{key} PA26-0417-7") == key


def test_keys_do_not_repeat():
    assert len({codes.new_key() for _ in range(5_000)}) == 5_000


@pytest.mark.parametrize(
    "typed",
    [
        "PA26-0417-7",
        "PA26-0417-7 xem lan nua",
        "PA26-0417-7 sua the nay a",
        "PA26-0417-7 bay gan xem",
        "PA26-0417-7 hem 234 nha",
        "PA26-0417-7 đến đâu rồi ạ",
        "PA26-0417-7 gửi ngày 23 tháng 8",
        "PA26-0417-7 234 567 892",
        "PA26-0417-7 lan-nam-hue",
        "PA26-0417-7 0900000123",
        "PA26-0417-7 PA26-0418-8",
        "xem lan nua PA26-0417-7",
        "tình trạng 0417",
    ],
)
def test_ordinary_words_are_no_key(typed):
    assert codes.key_in(typed) == ""


def test_a_key_opens_its_own_case_only():
    sealed = codes.seal("PA26-0417-7", KEY)
    assert codes.opens("PA26-0417-7", KEY, sealed)
    assert not codes.opens("PA26-0418-8", KEY, sealed)
    assert not codes.opens("PA26-0417-7", "7F3-K9Q-X2N", sealed)
    assert KEY not in sealed


def test_a_year_of_guessing_hits_with_a_chance_below_one_in_a_million():
    """A guess names one case, so it has one chance in so many keys, whoever guesses and whatever else lies there.

    A thousand an hour is for all accounts together. Hitting any of 100,000 cases is counted:
    the guesses may be spread over them as one likes, each is still one of the keys of one case.
    """
    one_group = 1 - (24 / 32) ** LENGTH_OF_GROUP - (8 / 32) ** LENGTH_OF_GROUP  # letters and digits mixed
    keys = len(LETTERS) ** LENGTH * (1 - (1 - one_group) ** 3)
    guesses = 1_000 * 24 * 365
    cases = 100_000
    per_case = [guesses // cases + (place < guesses % cases) for place in range(cases)]
    misses = math.fsum(math.log1p(-tried / keys) for tried in per_case)  # no key is tried twice at a case
    assert -math.expm1(misses) < 1e-6
    assert guesses / keys < 3e-7  # all of them at one case: no better


LENGTH_OF_GROUP = 3
