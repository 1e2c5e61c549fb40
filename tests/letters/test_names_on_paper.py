"""Names stay on one line, and a card on one sheet."""

import pytest

from letters.press import laid_out, names_together

HELD = "\u00a0"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("tới anh Lê Văn Thử và chị Phạm Thị Mẫu.", ["Lê Văn Thử", "Phạm Thị Mẫu."]),
        ("Ủy ban nhân dân phường An Thịnh, tôi xin", ["An Thịnh,"]),
        ("gia quyến cụ Đỗ Thị Ý", ["Đỗ Thị Ý"]),
        ("cháu Lê Mẫu An, Lê Mẫu Bình", ["Lê Mẫu An,", "Lê Mẫu Bình"]),
        ("Nhận được tin buồn ấy, chúng tôi chia buồn", []),
        ("THƯ CHÚC MỪNG KẾT HÔN", []),
    ],
)
def test_a_name_is_held_together_and_a_sentence_is_not(text, kept):
    held = [word.replace(HELD, " ") for word in names_together(text).split(" ") if HELD in word]
    assert held == kept


def test_a_name_too_long_for_a_line_may_break():
    words = names_together("ông " + "Nguyễn Phước Công Tằng Tôn Nữ Thị Mẫu Thử").split(" ")
    assert max(map(len, words)) <= 32


def test_names_given_in_pieces_are_held_as_well():
    assert names_together("Le\u0302 Va\u0306n Thu\u031b\u0309") == f"Lê{HELD}Văn{HELD}Thử"


def test_letters_hold_the_names_they_are_told(on_paper):
    _, data = laid_out(on_paper("marriage_congratulation"))
    assert f"Lê{HELD}Văn{HELD}Thử" in str(data["greeting"])
    paragraphs = data["paragraphs"]
    assert isinstance(paragraphs, list)
    assert any(f"An{HELD}Thịnh" in one for one in paragraphs)


@pytest.mark.parametrize(
    ("groom", "bride"),
    [("Lê Văn Thử", "Phạm Thị Mẫu"), ("Nguyễn Hoàng Thiên Phúc Thử", "Công Tằng Tôn Nữ Thị Mẫu")],
)
def test_every_card_stays_one_sheet_whatever_the_names(on_paper, press, groom, bride):
    sheets = press.pages(on_paper("marriage_congratulation", groom_name=groom, bride_name=bride), 72)
    assert len(sheets) == 1
