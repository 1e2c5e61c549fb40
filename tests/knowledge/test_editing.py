"""Cards and pages as forms: nothing is lost on the way there and back, and what is odd is told."""

import json
import tomllib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from knowledge import card_form, card_preview, catalogue, content_forms, contents, deep_links, editing
from knowledge.calendar import HERE, Calendar
from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.toml_text import written
from knowledge.ward import load_ward

AN_THINH = Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh"
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, tzinfo=HERE)
CARDS = catalogue.cards()
BIRTH = next(card for card in CARDS if card.code == "1.001193")


def test_every_card_of_the_catalogue_survives_its_form():
    for card in CARDS:
        read, problems = card_form.read(card_form.typed(card), card, TODAY)
        assert (read, problems) == (card, []), card.code


def test_every_card_survives_being_kept_as_a_draft():
    for card in CARDS[:50]:
        document = json.loads(json.dumps(editing.packed(card, card)))
        assert editing.unpacked(document) == (card, card_form.fingerprint(card))


@pytest.mark.parametrize(
    ("field", "said", "told"),
    [
        ("fee_vnd", "tám nghìn", "không phải số tiền đồng"),
        ("fee_vnd", "-5", "không phải số tiền đồng"),
        ("working_days", "1000", "nhiều nhất là 400"),
        ("calendar_days", "5", "chỉ ghi một trong hai"),
        ("checked_on", "", "cần ngày đã đối chiếu"),
        ("checked_on", "30/02/2026", "không phải ngày có thật"),
        ("checked_on", "01/01/2030", "chưa tới"),
        ("as_of", "07/2026", "ví dụ 2026-07"),
        ("source", "ftp://x", "bắt đầu bằng https://"),
        ("online", "có", "chọn một mục"),
        ("fee_kind", "rẻ", "chọn một loại lệ phí"),
        ("detail", "", "đủ chi tiết"),
        ("papers", "", "thẻ đầy đủ phải có mục này"),
        ("papers", "X", "cần ít nhất 2 chữ cái"),
        ("aliases", "một tên\nmột tên", "ghi hai lần"),
        ("same_day_until", "25:00", "không phải giờ"),
        ("short_name", "x" * 61, "rút gọn còn 60 chữ cái"),
        ("cases", "a | b\nc | d\ne | f\ng | h", "nhiều nhất 3 dòng"),
        ("mistakes", "x" * 301, "dài quá 300 chữ cái"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(field, said, told):
    read, problems = card_form.read(card_form.typed(BIRTH) | {field: said}, BIRTH, TODAY)
    assert read is None
    assert [told in str(one) for one in problems if one.field == field] == [True], problems


def test_people_write_days_money_and_invisible_marks_as_they_do():
    said = card_form.typed(BIRTH) | {
        "checked_on": "19/11/2026",
        "fee_kind": "amount",
        "fee_vnd": "8.000 đồng",
        "where": "Quầy\u200b  số\x02 9\u202e",
    }
    read, problems = card_form.read(said, BIRTH, TODAY)
    assert problems == []
    assert read is not None
    assert (read.checked_on, read.fee_vnd, read.where) == (date(2026, 11, 19), 8000, "Quầy số 9")


def test_a_name_of_two_cards_does_not_get_into_an_edition():
    other = CARDS[40]
    taken = replace(BIRTH, aliases=(*BIRTH.aliases, other.aliases[0]))
    assert editing.clashes(Catalogue(tuple(CARDS)), taken)
    with pytest.raises(CatalogueError):
        editing.exchanged(CARDS, [taken])
    fresh = editing.named(BIRTH, "tờ bông sen hồng")
    changed = editing.all_changes(CARDS, editing.exchanged(CARDS, [fresh]))
    assert [(one.card.code, one.facts[0].title) for one in changed] == [("1.001193", "Tên thường gọi")]


def test_every_card_fits_every_channel():
    calendar = Calendar(load_ward(AN_THINH).hours)
    for card in CARDS:
        looks = card_preview.of(card, calendar, NOW)
        assert looks.zalo.longest <= card_preview.ZALO_TAKES
        assert all(not strong for message in looks.zalo.messages for _, strong in message)
        assert len(looks.telegram.buttons) <= 5


def test_a_printed_code_leads_to_its_card():
    assert deep_links.telegram("bot", "1.001193.H01").endswith("?start=tthc_1_001193_H01")
    assert deep_links.zalo("12") == "https://zalo.me/12"


@pytest.mark.parametrize("form", content_forms.FORMS, ids=lambda form: form.name)
def test_every_form_gives_its_page_back(form):
    text = (AN_THINH / form.page).read_text("utf-8")
    back = content_forms.text_of(form, content_forms.typed(form, text, TODAY), text, TODAY)
    assert tomllib.loads(back) == tomllib.loads(text)
    assert contents.is_same(form.page, text, back)
    assert contents.line_changes(form.page, text, back) == []
    assert back.startswith("# ")


def test_an_entry_goes_into_the_week_of_its_day_and_past_weeks_stay():
    form, text = content_forms.BY_NAME["lich-tuan"], (AN_THINH / "week.toml").read_text("utf-8")
    later = date(2026, 11, 25)
    said = content_forms.typed(form, text, later)
    said |= {"r.9.date": "2026-12-02", "r.9.what": "Họp khu phố"}
    table = tomllib.loads(content_forms.text_of(form, said, text, later))
    assert [week["starts_on"].isoformat() for week in table["week"]] == [
        "2026-11-16",
        "2026-11-23",
        "2026-11-30",
    ]
    assert table["week"][2]["published_on"] == later
    assert contents.problems_of("week.toml", written(table)) == []


@pytest.mark.parametrize("text", ["x = [", "[" * 50_000, "a" * 70_000, "", "name = 1979-99-99", "\x00"])
def test_no_text_brings_a_page_down(text):
    for page in (*contents.BY_FILE, "desks.toml"):
        if page != contents.HOLIDAYS or text.strip():
            assert contents.problems_of(page, text), page


def test_a_published_page_stands_for_its_file():
    text = (AN_THINH / "office.toml").read_text("utf-8").replace("0236 0000 100", "0236 0000 199")
    assert load_ward(AN_THINH, {"office.toml": text}).phone == "0236 0000 199"
    assert load_ward(AN_THINH).phone == "0236 0000 100"
