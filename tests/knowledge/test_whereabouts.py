from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.places import Places, Point, metres_between
from knowledge.ward import load_ward

AN_THINH = Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh"
PLACES = load_ward(AN_THINH).places


@pytest.fixture
def places() -> Places:
    return PLACES


LE_LOI, NGUYEN_TRAI = "Lê Lợi", "Nguyễn Trãi"
HEM_84, HEM_42 = "hẻm 84 Nguyễn Trãi", "hẻm 42 Lê Lợi"


@pytest.mark.parametrize(
    ("said", "quarter", "street", "exact"),
    [
        ("kp3", "kp3", "", False),
        ("KP3", "kp3", "", False),
        ("k.p 3", "kp3", "", False),
        ("k.p.3", "kp3", "", False),
        ("k p 3", "kp3", "", False),
        ("KP. 03", "kp3", "", False),
        ("kphố 3", "kp3", "", False),
        ("khu pho 3", "kp3", "", False),
        ("khupho3", "kp3", "", False),
        ("khu phố số 3", "kp3", "", False),
        ("Khu phố ba", "kp3", "", False),
        ("khu 3", "kp3", "", False),
        ("tdp 3", "kp3", "", False),
        ("xom ben", "kp4", "", False),
        ("khu phố 17", "", "", False),
        ("tổ 5", "", "", False),
        ("to 5 kp 2", "kp2", "", False),
        ("Lê Lợi", "", LE_LOI, False),
        ("le loi", "", LE_LOI, False),
        ("LÊ LỢI", "", LE_LOI, False),
        ("đường Lê Lợi", "", LE_LOI, False),
        ("duong le loi", "", LE_LOI, False),
        ("d. le loi", "", LE_LOI, False),
        ("đ. Lê Lợi", "", LE_LOI, False),
        ("leloi", "", LE_LOI, False),
        ("đường L. Lợi", "", LE_LOI, False),
        ("k.p 3, duong le loi", "kp3", LE_LOI, False),
        ("nguyen trai", "", NGUYEN_TRAI, False),
        ("nguyentrai", "", NGUYEN_TRAI, False),
        ("Nguyễn Trải", "", NGUYEN_TRAI, False),
        ("ng trai", "", NGUYEN_TRAI, False),
        ("Ng. Trãi", "", NGUYEN_TRAI, False),
        ("duong n. trai", "", NGUYEN_TRAI, False),
        ("tran hung dao kp 4", "kp4", "Trần Hưng Đạo", False),
        ("duong bo song", "", "Bạch Đằng", False),
        ("đường Trần Phú", "", "", False),
        ("đường 3/2", "", "", False),
        ("12 Lê Lợi", "", LE_LOI, True),
        ("so nha 12 duong le loi", "", LE_LOI, True),
        ("sn 12, đường Lê Lợi, kp 2", "kp2", LE_LOI, True),
        ("12A Lê Lợi", "", LE_LOI, True),
        ("hẻm 84 Nguyễn Trãi", "kp3", HEM_84, True),
        ("hem 84 ng trai", "kp3", HEM_84, True),
        ("hẽm 84 nguyễn trải", "kp3", HEM_84, True),
        ("h.84 Nguyễn Trãi", "kp3", HEM_84, True),
        ("k84 nguyen trai", "kp3", HEM_84, True),
        ("kiệt 84 Nguyễn Trãi", "kp3", HEM_84, True),
        ("ngo 84 nguyen trai", "kp3", HEM_84, True),
        ("84/5 Nguyễn Trãi", "kp3", HEM_84, True),
        ("K84/12 ng trai", "kp3", HEM_84, True),
        ("hẻm 84", "kp3", HEM_84, True),
        ("hem mam non", "kp3", HEM_84, True),
        ("Hẻm 42 Lê Lợi, khu phố 3", "kp3", HEM_42, True),
        ("hẻm 42, đường Lê Lợi", "kp3", HEM_42, True),
        ("cuoi hem 42 le loi kp 3", "kp3", HEM_42, True),
        ("31/2 phan boi chau", "kp4", "kiệt 31 Phan Bội Châu", True),
        ("hẻm 12 Trần Phú", "", "", True),
        ("ngã tư Lê Lợi - Nguyễn Trãi", "", LE_LOI, True),
        ("goc hai ba trung va hoang dieu", "", "Hai Bà Trưng", True),
        ("chợ An Thịnh", "kp5", "", True),
        ("cho an thinh", "kp5", "", True),
        ("doi dien cho an thinh", "kp5", "", True),
        ("gan tram y te", "kp4", "", True),
        ("trc cổng trường cấp 2", "kp5", "", True),
        ("truong mam non", "kp3", "", True),
        ("ubnd phường", "kp2", "", True),
        ("đường Quang Trung gần trường tiểu học", "kp1", "Quang Trung", True),
        ("đối diện quán phở Hạnh", "", "", False),
        ("gần cây xăng", "", "", False),
        ("trước quán phở, đường Lê Lợi, kp2", "kp2", LE_LOI, True),
    ],
)
def test_free_words_are_understood(places: Places, said: str, quarter: str, street: str, exact: bool) -> None:  # noqa: FBT001
    found = places.understand(said)
    assert found is not None
    assert (found.quarter, found.street, found.exact) == (quarter, street, exact)
    assert (found.text, found.metres) == (said, None)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "   ",
        "?!",
        "không biết",
        "hem biết",
        "đèn đường hỏng ba đêm nay",
        "den duong hong ba dem nay",
        "lề lối làm việc",
        "UBND phường ơi đèn hỏng",
        "trước Tết đã hỏng",
        "sau 3 ngày vẫn chưa sửa",
        "ngập gần 2 tuần",
        "trước nhà tôi",
        "gan nha em",
        "xử lý ngay",
        "đường 5 ngày nay chưa sửa",
        "ĐÈN ĐƯỜNG HỎNG RỒI",
        "trường mầm non thu tiền sai",
        "tôi ở phường An Thịnh",
        "3",
        "\0\0",
        "👍",
    ],
)
def test_words_without_a_place_are_not_made_into_one(places: Places, said: str) -> None:
    assert places.understand(said) is None
    assert places.in_text(said) == ""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("nắp cống bể ngay trường mầm non hẻm 84 Nguyễn Trãi", "hẻm 84 Nguyễn Trãi"),
        ("nap cong be ngay truong mam non hem 84 ng trai", "hem 84 ng trai"),
        ("nắp cống bể ngay trường mầm non, tối qua có người té", "trường mầm non"),
        ("Đèn đường Lê Lợi hỏng ba đêm nay", "đường Lê Lợi"),
        ("đèn tắt trước số nhà 42 lê lợi khu phố 3 đã ba hôm", "trước số nhà 42 lê lợi khu phố 3"),
        ("rác chất đống sau chợ An Thịnh, mùi hôi lắm", "sau chợ An Thịnh"),
        ("ổ gà to trên đường Quang Trung gần trường tiểu học", "đường Quang Trung gần trường tiểu học"),
        ("cây nghiêng đối diện quán phở Hạnh bị gió", "đối diện quán phở Hạnh"),
        ("cột đèn gần cây xăng số 5 nghiêng", "gần cây xăng số 5"),
        ("mất nước 3 ngày ở tổ 5 khu phố 3", "tổ 5 khu phố 3"),
        ("mất điện ở hẻm 42 Lê Lợi; hẻm 84 cũng mất", "hẻm 42 Lê Lợi"),
        ("ĐÈN HỎNG Ở HẺM 42 LÊ LỢI", "HẺM 42 LÊ LỢI"),
        ("Kính gửi ủy ban phường, cây đổ chắn hẻm 15 ng trai từ sáng", "hẻm 15 ng trai"),
        ("karaoke ồn ở 56/3 hai bà trưng kp5 mỗi đêm", "56/3 hai bà trưng kp5"),
        ("đêm 3/2 hẻm 84 mất điện", "hẻm 84"),
        ("xe đậu bịt số nhà 5, hẻm 84 Nguyễn Trãi.", "số nhà 5, hẻm 84 Nguyễn Trãi"),
        ("người té ngay trước mặt chợ", "trước mặt chợ"),
        ("xe tông ở ngã tư Lê Lợi với Nguyễn Trãi, gọi rồi", "ngã tư Lê Lợi với Nguyễn Trãi"),
    ],
)
def test_the_part_of_a_sentence_that_tells_the_place_is_found(places: Places, said: str, told: str) -> None:
    assert places.in_text(said) == told


def test_an_alley_and_a_landmark_have_a_point_a_long_street_has_none(places: Places) -> None:
    alley, market, street = map(places.understand, (HEM_84, "chợ An Thịnh", "12 Lê Lợi"))
    assert alley is not None
    assert alley.point is not None
    assert market is not None
    assert market.point == Point(15.9100, 108.0019)
    assert street is not None
    assert street.point is None
    assert metres_between(alley.point, Point(15.9191, 108.0093)) < 5


def test_the_quarter_the_resident_names_is_believed(places: Places) -> None:
    found = places.understand("hẻm 84 Nguyễn Trãi khu phố 6")
    assert found is not None
    assert found.quarter == "kp6"


def test_words_typed_in_pieces_of_letters_are_understood_all_the_same(places: Places) -> None:
    decomposed = "he\u0309m 84 Nguye\u0302\u0303n Tra\u0303i"
    found = places.understand(decomposed)
    assert found is not None
    assert (found.text, found.street) == (HEM_84, HEM_84)


def test_of_a_very_long_answer_only_the_place_is_kept(places: Places) -> None:
    found = places.understand("ngập nặng lắm, " * 40 + "ở hẻm 42 Lê Lợi")
    assert found is not None
    assert found.text == HEM_42


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "ở ",
        "ngay trước ",
        "số ",
        "hẻm 84 ",
        "nguyễn ",
        "1/",
        "9",
        "đối diện quán ",
        "\u0301",
        "kp3\n",
        "xyzw ",
    ],
)
def test_a_megabyte_is_read_no_farther_than_anybody_would(places: Places, piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert len(places.in_text(text)) <= 4000
    found = places.understand(text)
    assert found is None or len(found.text) <= 4000


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_whatever_breaks_the_reading(text: str) -> None:
    found, told = PLACES.understand(text), PLACES.in_text(text)
    assert (found is None) == (told == "")
