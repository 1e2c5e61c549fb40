"""What the letters say, to whom, and when they refuse to be written."""

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from knowledge.ward import load_ward
from letters.address import (
    Gender,
    children,
    familiar,
    family,
    formal,
    gender_of,
    longevity_term,
    lunar_day,
    of_the_deceased,
    organisation,
)
from letters.errors import MissingFact, NeedsPerson, WrongFact
from letters.facts import composed
from letters.paper import Capacity, Letterhead, Sender, Signatory
from letters.render import render, suspicious
from tests.letters.family import FACTS, SENDER

# --- a wedding, a birth ------------------------------------------------------------------------


def test_a_couple_is_congratulated_on_the_day_they_get_their_certificate(letter):
    text = letter("marriage_congratulation")
    assert text.greeting == "Thân gửi anh Lê Văn Thử và chị Phạm Thị Mẫu,"
    assert "Ngày 20 tháng 11 năm 2026" in text.paragraphs[0]
    assert "tổ dân phố số 5" in text.plain()
    assert "tờ giới thiệu nếp sống văn minh" in text.plain()
    assert text.plain().endswith("CHỦ TỊCH\nNguyễn Văn Mẫu")


def test_a_couple_without_a_neighbourhood_or_a_leaflet_gets_a_whole_sentence(letter):
    text = letter("marriage_congratulation", neighbourhood=None, guideline_enclosed=False)
    assert "bà con nơi mình sinh sống giữ nếp sống văn minh, nghĩa tình." in text.plain()


def test_both_parents_are_congratulated(letter):
    text = letter("birth_congratulation")
    assert text.greeting == "Thân gửi anh Lê Văn Thử và chị Phạm Thị Mẫu,"
    assert "chúc mừng anh chị và gia đình" in text.plain()
    assert "sinh ngày 05 tháng 02 năm 2026" in text.plain()


@pytest.mark.parametrize("father", [None, "", "  ", "null", "—", "\u200b"])
def test_a_single_mother_is_addressed_alone(letter, father):
    text = letter("birth_congratulation", father_name=father)
    assert text.greeting == "Thân gửi chị Phạm Thị Mẫu,"
    assert "anh" not in text.plain().split()
    assert "chúc mừng chị và gia đình. Chúc mẹ mau khỏe" in text.plain()


def test_a_father_alone_is_not_told_about_the_mother(letter):
    text = letter("birth_congratulation", mother_name=None)
    assert text.greeting == "Thân gửi anh Lê Văn Thử,"
    assert "mẹ" not in text.plain()
    assert "chị" not in text.plain().split()


def test_twins_are_both_named_and_wished_well(letter):
    text = letter("birth_congratulation", child_names=["Lê Mẫu An", "Lê Mẫu Bình"])
    assert "chào đón hai cháu Lê Mẫu An và Lê Mẫu Bình" in text.plain()
    assert "những công dân nhỏ" in text.plain()
    assert text.closing.startswith("Chúc các bé")


@pytest.mark.parametrize("sad", ["mother_died", "child_died", "adopted_or_found", "parentage_disputed"])
def test_a_birth_with_sorrow_in_it_is_left_to_a_person(letter, sad):
    with pytest.raises(NeedsPerson):
        letter("birth_congratulation", **{sad: True})


def test_a_child_without_parents_on_record_is_left_to_a_person(letter):
    with pytest.raises(NeedsPerson, match="không có tên mẹ và tên cha"):
        letter("birth_congratulation", mother_name=None, father_name=" ")


# --- a death -----------------------------------------------------------------------------------


def test_the_family_of_an_old_woman_is_condoled(letter):
    text = letter("condolence")
    assert text.greeting == "Kính gửi gia quyến cụ Đỗ Thị Mẫu,"
    assert (
        "ngày 12 tháng 11 năm 2026 (tức ngày mùng 4 tháng 10 năm Bính Ngọ), hưởng thọ 84 tuổi" in text.plain()
    )
    assert text.solemn


def test_a_death_whose_lunar_day_nobody_gave_is_told_by_the_solar_day_alone(letter):
    assert "năm 2026, hưởng thọ" in letter("condolence", death_date_lunar="").plain()


@pytest.mark.parametrize(
    ("age", "term"), [(59, "hưởng dương 59"), (60, "hưởng thọ 60"), (31, "hưởng dương 31")]
)
def test_sixty_is_a_long_life(letter, age, term):
    assert term in letter("condolence", age_by_custom=age, birth_year=None).plain()


@pytest.mark.parametrize("age", [0, 1, 7, 16, 30])
def test_nobody_young_gets_prepared_words(letter, age):
    with pytest.raises(NeedsPerson, match="trẻ"):
        letter("condolence", age_by_custom=age, birth_year=None)


def test_an_accident_is_left_to_a_person(letter):
    with pytest.raises(NeedsPerson):
        letter("condolence", delicate=True)


@pytest.mark.parametrize("age", [81, 86, 126])
def test_an_age_that_does_not_fit_the_year_of_birth_is_sent_back(letter, age):
    with pytest.raises(WrongFact) as caught:
        letter("condolence", age_by_custom=age)
    assert caught.value.title == "tuổi hưởng thọ hoặc hưởng dương"


def test_a_name_that_is_a_happy_word_may_still_be_mourned(letter):
    assert "bà Nguyễn Thị Vui" in letter("condolence", honorific="bà", deceased_name="Nguyễn Thị Vui").plain()


# --- a dossier that is late ----------------------------------------------------------------------


def test_an_apology_names_the_reason_and_the_one_new_day(letter):
    text = letter("apology_due_soon").plain()
    for said in (
        "H99.12-261103-0007",
        "ngày 24 tháng 11 năm 2026",
        "ngày 30 tháng 11 năm 2026",
        "đến chậm năm ngày",
        "lần hẹn lại duy nhất",
        "Vũ Thị Mẫu, điện thoại 0236 0000 101",
        "0236 0000 000",
    ):
        assert said in text


@pytest.mark.parametrize("reason", ["lý do khách quan", "Do lí do khách quan.", "Quá tải", "khác"])
@pytest.mark.parametrize("name", ["apology_due_soon", "apology_overdue"])
def test_a_reason_that_says_nothing_is_sent_back(letter, name, reason):
    with pytest.raises(WrongFact, match="ghi rõ việc gì chậm"):
        letter(name, specific_reason=reason)


def test_the_new_day_must_be_later_than_the_old_one(letter):
    with pytest.raises(WrongFact, match="ngày hẹn trả mới"):
        letter("apology_due_soon", new_due_on=date(2026, 11, 24))


def test_home_delivery_is_promised_only_where_it_is_meant(letter):
    assert "giao tận nơi" in letter("apology_due_soon").plain()
    assert "giao tận nơi" not in letter("apology_due_soon", home_delivery=False).plain()


def test_a_reason_that_ends_in_a_full_stop_does_not_get_a_second_one(letter):
    assert "máy in hỏng. Sự chậm trễ" in letter("apology_due_soon", specific_reason="máy in hỏng.").plain()


def test_a_reason_that_begins_like_the_sentence_does_not_stammer(letter):
    text = letter("apology_due_soon", specific_reason="Vì máy in hỏng").plain()
    assert "đúng ngày hẹn, vì máy in hỏng." in text
    assert "bà đã hiến đất để" in letter("thanks_contribution", contribution="đã hiến đất").plain()


def test_an_apology_for_lateness_is_not_for_what_is_not_late(letter):
    with pytest.raises(WrongFact, match="chưa quá hẹn"):
        letter("apology_overdue", late_days=0)


@pytest.mark.parametrize("field", ["finding", "remedy"])
def test_an_apology_does_not_speak_of_discipline_or_damages(letter, field):
    with pytest.raises(WrongFact, match="thủ tục riêng"):
        letter("apology_service_fault", **{field: "đã xử lý Kỷ luật một người"})


def test_an_organisation_is_addressed_as_such(letter):
    who = organisation("Công ty TNHH Mẫu")
    text = letter("thanks_contribution", recipient=who.full, you=who.you)
    assert text.greeting == "Kính gửi: Công ty TNHH Mẫu"
    assert "quý đơn vị đã hiến 42 mét vuông đất" in text.plain()


# --- gaps, types, hostile facts --------------------------------------------------------------------


@pytest.mark.parametrize(
    "blank", [None, "", "   ", "\u00a0\u200b", "null", "None", "NaN", "#N/A", "...", "chưa rõ"]
)
def test_a_gap_is_named_in_vietnamese(letter, blank):
    with pytest.raises(MissingFact) as caught:
        letter("marriage_congratulation", groom_name=blank)
    assert (caught.value.field, caught.value.title) == ("groom_name", "họ tên chồng")
    assert "thiếu họ tên chồng" in str(caught.value)


def test_every_needed_fact_is_missed_when_it_is_not_there(templates):
    for template in templates:
        for field in template.needs:
            given = {name: value for name, value in FACTS.items() if name != field}
            with pytest.raises(MissingFact) as caught:
                render(template, given, SENDER)
            assert caught.value.field == field


def test_a_ward_that_gives_no_telephone_number_cannot_print_one(letter):
    with pytest.raises(MissingFact, match="số điện thoại liên hệ"):
        letter("marriage_congratulation", sender=dataclasses.replace(SENDER, contact_phone=" "))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("groom_name", "Lê Văn 9"),
        ("groom_name", 7),
        ("groom_name", "A" * 121),
        ("certificate_date", "20/11/2026"),
        ("certificate_date", datetime(2026, 11, 20, tzinfo=UTC)),
        ("certificate_date", date(206, 11, 20)),
        ("guideline_enclosed", "có"),
    ],
)
def test_a_wrong_fact_is_sent_back(letter, field, wrong):
    with pytest.raises(WrongFact) as caught:
        letter("marriage_congratulation", **{field: wrong})
    assert caught.value.field == field


@pytest.mark.parametrize("names", [["An", "An"], ["A", 3], ["Lê An"] * 6, 4, ["Lê An", ""]])
def test_wrong_names_of_children_are_sent_back(letter, names):
    with pytest.raises(WrongFact):
        letter("birth_congratulation", child_names=names)


def test_no_child_is_a_gap(letter):
    with pytest.raises(MissingFact, match="họ tên con"):
        letter("birth_congratulation", child_names=["", " "])


@pytest.mark.parametrize(
    "code",
    [
        "{{ 7 * 7 }}",
        "{% for x in range(9) %}x{% endfor %}",
        "{{ self.__init__.__globals__ }}",
        "#import sys; $x$ *b* _i_ @ref <label> \\",
        "= Tiêu đề",
        "- gạch đầu dòng",
    ],
)
def test_code_in_a_fact_stays_what_it_is(letter, code):
    text = letter("apology_due_soon", specific_reason=f"máy in hỏng {code}")
    assert f"máy in hỏng {code}" in text.plain()


def test_a_fact_cannot_begin_a_paragraph(letter):
    one = letter("apology_due_soon")
    two = letter("apology_due_soon", specific_reason="máy in hỏng\n\nChúc mừng năm mới\r\n\u2028- hết")
    assert len(two.paragraphs) == len(one.paragraphs)
    assert "máy in hỏng Chúc mừng năm mới - hết" in two.plain()


def test_decomposed_and_invisible_letters_become_plain_ones(letter):
    text = letter("marriage_congratulation", groom_name="Lê Va\u0306n\u202e Thu\u031b\u0309\u200b")
    assert "anh Lê Văn Thử và" in text.greeting


def test_forgotten_variables_catch_the_eye_before_signing(letter):
    assert suspicious(letter("apology_due_soon")) == ()
    odd = letter("apology_due_soon", specific_reason="{{ho_ten}} chưa nộp .... thêm", unit="<don_vi>")
    assert {"{{", "....", "<don_vi>"} <= set(suspicious(odd))


def test_the_same_facts_give_the_same_words(letter):
    assert letter("condolence") == letter("condolence")


# --- address ---------------------------------------------------------------------------------------


def test_nobodys_sex_is_guessed():
    assert formal("Nguyễn Văn Mẫu").full == "ông/bà Nguyễn Văn Mẫu"
    assert gender_of("") is Gender.UNKNOWN
    assert (gender_of("NAM"), gender_of(" nữ ")) == (Gender.MALE, Gender.FEMALE)


def test_people_are_addressed_by_age_and_nearness():
    assert familiar("Phạm Thị Mẫu", Gender.FEMALE).full == "chị Phạm Thị Mẫu"
    assert family(formal("Trần Thị Mẫu", Gender.FEMALE)).full == "gia đình bà Trần Thị Mẫu"
    assert [of_the_deceased(Gender.MALE, age) for age in (85, 60, 35)] == ["cụ", "ông", "anh"]
    assert (longevity_term(60), longevity_term(59)) == ("hưởng thọ", "hưởng dương")


def test_children_and_lunar_days_are_counted_in_words():
    assert children(["An"]) == "cháu An"
    assert children(["An", "Bình", "Chi"]) == "ba cháu An, Bình và Chi"
    assert lunar_day(15, 6, "Ất Tỵ", leap=True) == "ngày 15 tháng 6 nhuận năm Ất Tỵ"
    assert lunar_day(10, 12, "Ất Tỵ") == "ngày mùng 10 tháng Chạp năm Ất Tỵ"


def test_the_ward_speaks_from_its_own_file():
    ward = load_ward(Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh")
    who = Signatory(capacity=Capacity.FOR_CHAIRPERSON, name="Trần Thị Mẫu")
    assert Sender.of(ward.office, who).hotline == "0236 0000 000"
    assert who.lines == ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    head = Letterhead.of(ward.office)
    assert (head.agency, head.place) == (("ỦY BAN NHÂN DÂN", "PHƯỜNG AN THỊNH"), "An Thịnh")


def test_composed_text_is_one_plain_line():
    assert composed(" a\u0301\t\nb\ufeff\u00ad ") == "á b"
