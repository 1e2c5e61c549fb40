import pytest

from knowledge import catalogue, elsewhere, match
from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.fold import fold
from knowledge.instead import instead

ENTRY = """[[elsewhere]]
key = "ho_chieu"
name = "Hộ chiếu"
codes = ["1.001456"]
aliases = ["làm hộ chiếu"]
body = "Công an tỉnh"
where = "Nộp tại Công an tỉnh."
source = "https://dichvucong.gov.vn"
as_of = "2026-07"
checked_on = 2026-11-20
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
        ("làm hộ chiếu cần gì", "ho_chieu"),
        ("lam ho chieu", "ho_chieu"),
        ("đổi bằng lái xe ô tô hết hạn ở đâu", "doi_bang_lai"),
        ("xin phiếu lý lịch tư pháp số 2", "ly_lich_tu_phap"),
        ("sang tên sổ đỏ", "sang_ten_so_do"),
        ("thành lập cty tnhh", "lap_cong_ty"),
        ("nghỉ việc lãnh bảo hiểm thất nghiệp", "tro_cap_that_nghiep"),
        ("mua bảo hiểm y tế", "bhyt"),
        ("thuế hộ kinh doanh", "thue_ho_kinh_doanh"),
        ("thủ tục ly hôn", "ly_hon"),
        ("xin visa đi Nhật", "visa_di_nuoc_ngoai"),
        ("xin visa my cho ba me", "visa_di_nuoc_ngoai"),
        ("gia hạn visa", "thi_thuc"),
    ],
)
def test_what_is_done_elsewhere_is_known(cards, question, key):
    assert meant(cards, question) == key
    assert match.verdict(cards.index.find(question)) == "none"


@pytest.mark.parametrize(
    "question",
    ["trình báo mất hộ chiếu", "đăng ký tạm trú", "tách hộ", "khai sinh", "xin chào", "ổ gà trước nhà", ""],
)
def test_what_the_ward_does_is_not_sent_away(cards, question):
    assert meant(cards, question) is None


def test_every_entry_answers_to_each_of_its_names(cards):
    own = {fold(name) for item in cards.procedures for name in (item.name, item.short_name, *item.aliases)}
    mute = [
        (name, entry.key)
        for entry in cards.elsewhere
        for name in (entry.name, *entry.aliases)
        for said in (name, fold(name))
        if fold(name) not in own and cards.index.look(said)[1][0].procedure.code != entry.key
    ]
    assert mute == []


def test_an_edition_with_its_own_card_is_asked_first(cards):
    passport = cards.get("1.001193")
    assert passport is not None
    code = next(entry.codes[0] for entry in cards.elsewhere if entry.key == "ho_chieu")
    own = passport.__class__(**vars(passport) | {"code": code, "name": "Cấp hộ chiếu", "aliases": ()})
    assert meant(Catalogue((own,)), "làm hộ chiếu") is None


def test_a_stored_edition_knows_the_other_offices_too(cards):
    assert meant(catalogue.restore(cards.document()), "làm hộ chiếu") == "ho_chieu"


def test_defects_are_told_with_file_line_and_field(tmp_path):
    path = tmp_path / "noi_khac.toml"
    path.write_text(ENTRY + ENTRY.replace('body = "Công an tỉnh"', 'phone = "113"'), "utf-8")
    with pytest.raises(CatalogueError) as caught:
        elsewhere.load(path)
    told = [str(defect) for defect in caught.value.defects]
    assert any(line.startswith("noi_khac.toml:2: ho_chieu · key: khóa dùng hai lần") for line in told)
    assert {defect.field for defect in caught.value.defects} == {"key", "body", "phone"}


def test_a_file_that_is_no_toml_is_a_defect(tmp_path):
    path = tmp_path / "noi_khac.toml"
    path.write_text("= ?", "utf-8")
    with pytest.raises(CatalogueError, match="không đọc được"):
        elsewhere.load(path)


def test_a_whole_entry_is_read(tmp_path):
    path = tmp_path / "noi_khac.toml"
    path.write_text(ENTRY, "utf-8")
    (entry,) = elsewhere.load(path)
    assert (entry.key, entry.aliases, entry.online) == ("ho_chieu", ("làm hộ chiếu",), "")
