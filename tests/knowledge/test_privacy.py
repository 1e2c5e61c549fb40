"""What is covered before strangers read it, and what must stay readable."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.privacy import COVERS, Secret, has_personal_id, mask, phone_of, spot

PIECES = st.sampled_from(
    [
        *("0900000123", "0900 000 123", "+84", "84", "0", "90", "000", "123", "1187", "2026", "12", "9704"),
        *("048201000123", "201234567", "123456789", "1234567890123", "123456", "01681234567", "02360000123"),
        *("cmnd", "CCCD", "căn cước", "stk", "số tài khoản", "chuyển khoản", "otp", "mật khẩu", "sđt", "gọi"),
        *("H26.1187", "1.001193", "2.500.000 đồng", "20/11/2026", "16.0544068, 108.2021667", "đồng", "tr"),
        *("a@example.vn", "@", "a", ".", "-", " ", "  ", ", ", "\n", "\u200b", "/", "(", ")", "０９", "\0"),
        *COVERS.values(),
        *("[đã che", "]", "người dân hỏi việc này từ hôm qua", "bảo hiểm y tế", "năm", "và"),
    ]
)
MESSAGES = st.lists(PIECES, max_size=30).map("".join) | st.lists(PIECES, max_size=30).map(" ".join)
DIGITS = st.text(alphabet="0123456789 .-+()84@avn[]\u200b", max_size=60)


def kinds(text: str) -> list[Secret]:
    return [found.kind for found in spot(text)]


@pytest.mark.parametrize(
    "number",
    [
        "0900000123",
        "0900 000 123",
        "0900.000.123",
        "0900-000-123",
        "0900 – 000 – 123",
        "090 000 0123",
        "09000 00123",
        "0 9 0 0 0 0 0 1 2 3",
        "+84900000123",
        "+84 900 000 123",
        "(+84) 900 000 123",
        "+84 (0) 900 000 123",
        "84900000123",
        "0084900000123",
        "０９００ ０００ １２３",
        "09\u200b00\u2060000\ufeff123",
        "0️⃣9️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣",
        "sđt0900000123ạ",
        "số nhà 12 0900 000 123",
        "sđt 09 00 00 01 23",
        "dt: 900000123",
        "0900000123 là số điện thoại của tôi",
    ],
)
def test_a_mobile_number_is_covered_and_read_however_it_is_typed(number):
    assert kinds(number) == [Secret.PHONE]
    assert COVERS[Secret.PHONE] in mask(number)
    assert phone_of(number) == "0900000123"


@pytest.mark.parametrize(
    "said",
    [
        "không chín không không không không không một hai ba",
        "khong chin khong khong khong khong khong mot hai ba nha",
        "Không chín không không, không không không, một hai ba",
        unicodedata.normalize("NFD", "không chín không không không không không một hai ba"),
        "không chín 0 không 0 không không 1 hai 3",
    ],
)
def test_a_number_said_in_words_is_read(said):
    assert phone_of(said) == "0900000123"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "không có",
        "113",
        "1022",
        "19001234",
        "0236 0000 123",
        "090000012",
        "09000001234",
        "0900000123 hoặc 0900000124",
        "048201000123",
        "năm mươi ba nhà không có số",
        "0168 000 0123",
    ],
)
def test_what_is_no_mobile_number_or_more_than_one_is_not_taken_for_one(text):
    assert phone_of(text) is None


def test_the_same_number_twice_is_one_number():
    assert phone_of("0900 000 123, zalo cũng +84900000123") == "0900000123"


@pytest.mark.parametrize(
    "text",
    [
        "048201000123",
        "048 201 000 123",
        "0482-0100-0123",
        "０４８２０１０００１２３",
        "Tôi tên Lan,048201000123.",
        "cmnd 201000123",
        "CMND: 201.000.123",
        "số chứng minh nhân dân của tôi là 201000123",
        "so chung minh 201000123",
        "căn cước 201000123 cấp năm 2010",
        unicodedata.normalize("NFD", "căn cước 201000123"),
        "201000123 là số cmnd của tôi",
        "CCCD 148901000123",
        "bảo hiểm xã hội 4800000123",
        "thẻ BHYT GD4480000000123",
    ],
)
def test_a_personal_id_number_is_covered(text):
    assert has_personal_id(text)
    assert kinds(text) == [Secret.PERSONAL_ID]
    assert "000" not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "stk 1234567890123 Vietcombank",
        "số tài khoản ngân hàng Nông nghiệp (Agribank) của tôi là 1234 5678 9012",
        "SO TAI KHOAN: 12345678",
        "chuyển khoản vào 9704000012345678 giúp",
    ],
)
def test_an_account_is_covered_when_it_is_called_one(text):
    assert kinds(text) == [Secret.BANK_ACCOUNT]


def test_a_code_for_one_use_is_covered():
    assert mask("Mã OTP là 123456 nhé") == "Mã OTP là [đã che mã xác thực] nhé"
    assert kinds("mật khẩu 1234") == [Secret.OTP]


@pytest.mark.parametrize("mail", ["lan.a@example.vn", "Lan_1+x@mail.example.com", "0900000123@example.vn"])
def test_a_mail_address_is_covered_whole(mail):
    assert mask(f"gửi về {mail}, cảm ơn") == "gửi về [đã che email], cảm ơn"


@pytest.mark.parametrize(
    "text",
    [
        "Hồ sơ H26.1187 và 000.00.01.H26-251120-0001, H05-301120-0001",
        "PA26-0417-9, mã xem chi tiết: 5820, 0417",
        "1.001193 và 2.000635.000.00.00.H26",
        "2.500.000 đồng, 84.500.000.000đ, 84,500,000,000 VNĐ, 250.000.000",
        "chuyển khoản 2.500.000 đồng hoặc 15000000 đồng, 15.000.000",
        "20/11/2026, 05.11.2026 08 giờ 30, 05-11-2026, 2026-11-20",
        "số nhà 123/45/6, hẻm 84 Nguyễn Trãi, km 12+345, km12 + 300",
        "gọi 113, 114, 115, 111, 1022, 1800 1234, 1900 000 123",
        "Văn phòng: 0236 0000 123 hoặc 02360000123, 024 0000 0123",
        "khu phố 01 02 03 04 05 06, tổ 05 06 07 08 09",
        "16.0544068, 108.2021667 hoặc 16.0544068 108.2021667",
        "Nghị định 30/2020/NĐ-CP, thửa 123 tờ bản đồ 45, 123456789 m2",
        "201000123 và 1234567890123 không ai gọi tên",
        "làm căn cước hết 7 ngày, lúc 7:30-11:30, quầy 2",
        "8.000 đồng/bản @ quầy 2",
        "https://example.vn/thu-tuc/019d2bfc-b2e3-7549-bb77-036058450199, /0a0b0c0d-b2e3-7549-9b09-0900000123ab",
    ],
)
def test_what_belongs_to_nobody_stays(text):
    assert mask(text) == text
    assert not has_personal_id(text)


def test_each_number_is_what_the_nearest_word_says():
    text = "cmnd 201000123, stk 201000124, gọi 0900000123, hồ sơ H26.1187"
    assert mask(text) == (
        "cmnd [đã che số giấy tờ], stk [đã che số tài khoản], gọi [đã che số điện thoại], hồ sơ H26.1187"
    )


def test_two_numbers_in_a_row_are_two():
    assert kinds("0900000123 0900000124 048201000123") == [
        Secret.PHONE,
        Secret.PHONE,
        Secret.PERSONAL_ID,
    ]


def test_a_word_far_away_says_nothing():
    assert kinds(f"cmnd {'của người trong nhà ' * 5} 201000123") == []


@given(MESSAGES | DIGITS | st.text())
@example("stk 12345678 1234 5678")
@example("5[đã che email]900000123")
def test_covering_twice_is_covering_once(text):
    once = mask(text)
    assert mask(once) == once


@given(MESSAGES | DIGITS | st.text())
def test_what_is_found_is_in_order_and_does_not_survive(text):
    found = spot(text)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    kept = [text[a:b] for a, b in zip([0, *(f.end for f in found)], [*(f.start for f in found), len(text)])]  # noqa: B905  one more of each
    covers = [COVERS[one.kind] for one in found]
    assert mask(text) == "".join(part for pair in zip(kept, [*covers, ""], strict=True) for part in pair)


@given(st.text().filter(lambda text: "@" not in text and not any(letter.isdigit() for letter in text)))
def test_words_stay_as_they_are(text):
    assert mask(text) == text


@given(
    st.integers(0, 99_999_999),
    st.sampled_from("35789"),
    st.sampled_from(" .-"),
    st.text("abc ,:", max_size=9),
)
def test_no_mobile_number_gets_through(number, network, between, around):
    digits = f"0{network}{number:08d}"
    typed = between.join((digits[:4], digits[4:7], digits[7:]))
    assert mask(f"{around}{typed}{around}") == f"{around}{COVERS[Secret.PHONE]}{around}"


@pytest.mark.timeout(20)  # squares and cubes of a million would take hours
@pytest.mark.parametrize(
    "piece",
    [
        "0",
        "a",
        "@",
        "a@",
        "a.",
        "a@a.",
        "0 ",
        "0.",
        "84",
        "+",
        "[",
        "1.000",
        "stk 1 ",
        "cmnd",
        "\u200b",
        "0\u200b",
    ],
)
def test_a_very_long_message_is_read_in_one_go(piece):
    mask((piece * 300_000)[:300_000])
