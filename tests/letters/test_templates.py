"""The bundled words: complete, drafts until a ward approves them, and every defect of a file is told."""

import re
import unicodedata
from pathlib import Path

import pytest

from letters.paper import Layout
from letters.render import TemplateError, load_templates, render
from letters.template import BUNDLED
from tests.letters.family import FACTS, SENDER

LETTERS = {
    "marriage_congratulation",
    "birth_congratulation",
    "condolence",
    "apology_due_soon",
    "apology_overdue",
    "apology_service_fault",
    "apology_lost_or_wrong_result",
    "thanks_contribution",
    "thanks_feedback",
    "commendation",
    "praise",
}
GREETINGS = {
    "lunar_new_year",
    "new_year_day",
    "hung_kings_day",
    "reunification_labour_day",
    "national_day",
    "vietnam_culture_day",
    "womens_day",
    "vietnamese_womens_day",
    "war_invalids_martyrs_day",
    "childrens_day",
    "older_persons_day",
    "teachers_day",
    "mid_autumn",
    "buddhas_birthday",
    "christmas",
    "general",
    "party_founding",
    "doctors_day",
    "youth_union",
    "disability_day",
    "labour_day",
    "dien_bien_phu",
    "ho_chi_minh_birthday",
    "elderly_day",
    "family_day",
    "vu_lan",
    "august_revolution",
    "entrepreneurs_day",
    "great_unity_day",
    "peoples_army_day",
}
GOOD = """name: thu_mau
title: THƯ MẪU
version: 3
owner: Văn phòng
audience: Mọi người
layout: letter
solemn: no
needs: recipient
may: place
---
Kính gửi {{ recipient | upper_first }},
---
Xin chào{% if place %} tại {{ place }}{% endif %}.
---
Trân trọng.
"""


@pytest.fixture
def folder(tmp_path: Path):
    """Write one template, changed here and there, and return its folder."""

    def write(*changes: tuple[str, str], name: str = "thu_mau") -> Path:
        text = GOOD
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / f"{name}.txt").write_text(text, "utf-8")
        return tmp_path

    return write


def told(folder: Path) -> str:
    with pytest.raises(TemplateError) as caught:
        load_templates(folder)
    return str(caught.value)


# --- the bundled words -------------------------------------------------------------------------


def test_there_is_a_letter_for_every_occasion(templates):
    assert set(templates.by_name) == LETTERS | {f"greeting_{name}" for name in GREETINGS}


def test_the_bundled_words_are_drafts_until_the_ward_approves_them(templates):
    assert set(templates.unapproved) == set(templates.by_name)
    assert not render(templates.get("praise"), FACTS, SENDER).approved


def test_sorrow_has_plain_paper_and_joy_has_cards(templates):
    assert {one.name for one in templates if one.solemn} == {"condolence"}
    assert {one.name for one in templates if one.layout is Layout.SOLEMN} == {"condolence"}
    assert {one.name for one in templates if one.layout is Layout.LETTER} == {
        name for name in LETTERS if name.startswith("apology")
    }


def test_letters_are_as_long_as_people_read(templates):
    limits = {"condolence": range(80, 146), "greeting": range(150, 301)}
    for template in templates:
        kind = "greeting" if template.name.startswith("greeting") else template.name
        words = render(template, FACTS, SENDER).words
        assert words in limits.get(kind, range(120, 241)), (template.name, words)


@pytest.mark.parametrize("whole", [True, False], ids=["all that may be known", "only what must be known"])
def test_every_sentence_is_whole(templates, whole):
    """Spaces, commas and capitals, with and without the facts a letter may do without."""
    for template in templates:
        wanted = {*template.needs, "mother_name", *(template.may if whole else ())}
        text = render(template, {name: FACTS[name] for name in wanted & FACTS.keys()}, SENDER)
        plain = text.plain()
        assert plain == unicodedata.normalize("NFC", plain)
        assert not re.search(r" [,.;:!?]|[,;:]\.|\.\.| {2}|\(\s|[{}%_]|\bNone\b|\bTrue\b", plain), (
            template.name
        )
        for paragraph in (*text.paragraphs, text.closing):
            assert paragraph[0].isupper(), (template.name, paragraph)
            assert paragraph.endswith("."), (template.name, paragraph)
            begun = [after[:1] for after in paragraph.split(". ")[1:]]
            assert not any(letter.islower() for letter in begun), (template.name, paragraph)


def test_no_letter_scolds_shouts_or_names_districts():
    """5 không: no capitals for emphasis, no "!!", no word of an office that is no more."""
    for path in BUNDLED.glob("*.txt"):
        text = path.read_text("utf-8").split("---", 1)[1].casefold()
        words = " ".join(("", *re.findall(r"\w+", text), ""))
        assert "!" not in text, path.name
        for banned in ("yêu cầu", "phải chấp hành", "quận", "huyện", "thị trấn", "giấy khen", "http"):
            assert f" {banned} " not in words, (path.name, banned)


# --- a ward's own words ------------------------------------------------------------------------


def test_a_ward_approves_its_own_words_and_they_replace_the_bundled(folder):
    own = folder(
        ("name: thu_mau", "name: praise"),
        ("needs:", "approved_by: Chủ tịch\napproved_on: 2026-11-05\nneeds:"),
        name="praise",
    )
    templates = load_templates(BUNDLED, own)
    assert templates.get("praise").approved
    assert templates.get("praise").version == 3
    assert "praise" not in templates.unapproved
    assert len(templates.by_name) == len(LETTERS) + len(GREETINGS)


def test_approval_is_of_these_very_words(folder):
    before = load_templates(folder()).get("thu_mau").sha256
    assert load_templates(folder(("Xin chào", "Chào"))).get("thu_mau").sha256 != before


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("version: 3", "version: ba", "thu_mau.txt:3: version: phải là số nguyên từ 1"),
        ("version: 3", "version: 0", "phải là số nguyên từ 1"),
        ("owner: Văn phòng", "owner:", "thu_mau.txt:4: thiếu owner"),
        ("solemn: no", "solemn: maybe", "chỉ nhận yes, no"),
        ("layout: letter", "layout: poster", "chỉ nhận letter, card, solemn"),
        ("name: thu_mau", "name: khac", "phải trùng tên tệp"),
        ("version: 3", "version: 3\nversion: 4", "ghi hai lần"),
        ("version: 3", "version: 3\nhello", "không hiểu dòng"),
        ("needs: recipient", "needs: recipient, salary", "không có mục nào tên salary"),
        ("needs: recipient", "needs: recipient, you", "khai you mà thư không dùng"),
        ("may: place\n", "", "thư dùng place mà đầu mẫu không khai"),
        ("Trân trọng.", "{{ longevity_term }}", "mục làm từ age_by_custom"),
        ("solemn: no", "approved_by: Chủ tịch\nsolemn: no", "ghi đủ cả người duyệt"),
        ("solemn: no", "approved_by: A\napproved_on: hôm qua\nsolemn: no", "phải là ngày dạng"),
        ("solemn: no", "solemn: yes\navoid: trân trọng", "không nên dùng trong thư này: “trân trọng”"),
        ("{% endif %}", "", "thu_mau.txt:13: không đọc được"),
        ("Xin chào", "{{ 7 * 7 }}", "thu_mau.txt:13: mẫu thư chỉ được hỏi"),
        ("Xin chào", "{{ recipient.__class__ }}", "mẫu thư chỉ được hỏi"),
        ("Xin chào", "{% for x in recipient %}{{ x }}{% endfor %}", "mẫu thư chỉ được hỏi"),
        ("Xin chào", "{% include 'x' %}", "mẫu thư chỉ được hỏi"),
        ("Xin chào", "{{ recipient | pprint }}", "không đọc được"),
        ("Trân trọng.\n", "Trân trọng.\n---\nthêm", "cần bốn phần"),
    ],
)
def test_a_defect_is_told_with_its_line(folder, old, new, what):
    assert what in told(folder((old, new)))


def test_words_of_joy_are_refused_in_sorrow(folder):
    where = folder(("solemn: no", "solemn: yes"), ("Xin chào", "Chúc gia đình vui"))
    assert "“chúc”" in told(where)
    assert "“vui”" in told(where)


def test_all_defects_of_all_files_are_told_at_once(folder, tmp_path):
    folder(("version: 3", "version: x"), ("owner: Văn phòng", "owner:"))
    (tmp_path / "hai.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "ba.txt").write_text(unicodedata.normalize("NFD", GOOD).replace("thu_mau", "ba"), "utf-8")
    with pytest.raises(TemplateError) as caught:
        load_templates(tmp_path)
    assert len(caught.value.problems) == 4
    assert all(re.match(r"\w+\.txt:\d+: ", problem) for problem in caught.value.problems)


def test_an_empty_folder_is_a_defect(tmp_path):
    assert "không có mẫu thư nào" in told(tmp_path)
