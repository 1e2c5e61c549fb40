import pytest

from knowledge import catalogue, events
from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.instead import instead

EVENT = """[[event]]
key = "sinh_con"
name = "Nhà có em bé"
aliases = ["sinh con"]
intro = "Chúc mừng gia đình."
source = "https://dichvucong.gov.vn"
as_of = "2026-07"
checked_on = 2026-11-20

  [[event.steps]]
  text = "Đăng ký khai sinh."
  code = "1.001193"
  deadline = "Trong 60 ngày"

  [[event.steps]]
  text = "Hồ sơ thai sản."
  elsewhere = "thai_san"
"""


@pytest.fixture(scope="module")
def cards():
    return catalogue.load(catalogue.BUNDLED)


def meant(cards, question):
    found = instead(cards, *cards.index.look(question))
    return found[0].key if found else None


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("sinh con", "sinh_con"),
        ("có người mất", "nguoi_mat"),
        ("nha co nguoi mat", "nguoi_mat"),
        ("kết hôn", "ket_hon"),
        ("mở quán", "mo_quan"),
        ("mất ví", "mat_giay_to"),
        ("chuyển nhà", "chuyen_nha"),
        ("mất giấy tờ", "mat_giay_to"),
        ("roi mat so ho khau xin lai o dau", "so_ho_khau_giay"),
    ],
)
def test_what_happened_in_a_family_is_known(cards, question, key):
    assert meant(cards, question) == key


@pytest.mark.parametrize(
    "question", ["đăng ký kết hôn", "đăng ký khai tử", "mất căn cước", "giấy phép xây dựng"]
)
def test_who_names_a_procedure_gets_its_card(cards, question):
    assert meant(cards, question) is None


def test_every_step_leads_somewhere(cards):
    keys = {entry.key for entry in cards.elsewhere}
    codes = {item.code for item in cards.procedures}
    steps = [step for event in cards.events for step in event.steps]
    assert [step for step in steps if step.code and step.code not in codes] == []
    assert [step for step in steps if step.elsewhere and step.elsewhere not in keys] == []


def test_a_step_to_an_unknown_card_is_a_defect(tmp_path):
    path = tmp_path / "su_kien.toml"
    path.write_text(EVENT, "utf-8")
    found = events.load(path, {"thai_san"})
    (defect,) = events.unknown_codes(path, found, {"1.000656"})
    assert (defect.code, defect.field) == ("sinh_con", "steps.0.code")
    assert "1.001193" in defect.what


def test_a_step_to_an_unknown_office_is_a_defect(tmp_path):
    path = tmp_path / "su_kien.toml"
    path.write_text(EVENT, "utf-8")
    with pytest.raises(CatalogueError, match="thai_san"):
        events.load(path, set())


def test_an_event_without_steps_is_a_defect(tmp_path):
    path = tmp_path / "su_kien.toml"
    path.write_text(EVENT.partition("  [[event.steps]]")[0], "utf-8")
    with pytest.raises(CatalogueError, match="steps"):
        events.load(path, set())


def test_an_edition_with_few_cards_keeps_the_events(cards):
    few = Catalogue(cards.procedures[:3])
    assert meant(few, "sinh con") == "sinh_con"
