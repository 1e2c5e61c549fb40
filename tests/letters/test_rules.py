"""The rules as data: each row whole, each thing that forbids a letter found."""

import pytest

from letters.fields import FIELDS
from letters.rules import RULES, of_event
from letters.template import load_templates
from records.letters import EventKind, LetterState
from tests.letters.bench import BIRTH, DEATH, MARRIAGE

NO_LETTER = {EventKind.DEATH_REGISTERED}  # changes the person, moves no letter


def test_every_kind_of_event_has_its_letter_or_is_known_to_have_none():
    assert {kind for kind in EventKind if not of_event(kind)} == NO_LETTER


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.template)
def test_every_rule_names_a_template_and_facts_that_exist(rule):
    template = load_templates().get(rule.template)
    assert set(rule.takes) <= {*template.needs, *template.may}
    assert set(rule.takes) <= set(FIELDS)
    assert rule.stale_after.days > 0


def test_only_condolence_is_solemn_and_needs_two_tellers():
    solemn = [rule.template for rule in RULES if rule.kind == "solemn"]
    assert solemn == [rule.template for rule in RULES if rule.two_tellers] == ["condolence"]


@pytest.mark.parametrize(
    ("kind", "facts", "state", "words"),
    [
        (EventKind.MARRIAGE, MARRIAGE | {"handed_over_on": None}, LetterState.INCOMPLETE, "trao"),
        (EventKind.BIRTH, BIRTH | {"handed_over_on": ""}, LetterState.INCOMPLETE, "trao"),
        (EventKind.MARRIAGE, MARRIAGE | {"registration_type": "Đăng ký lại"}, LetterState.WITHHELD, "mới"),
        (EventKind.MARRIAGE, MARRIAGE | {"remark": "Ghi chú ly hôn"}, LetterState.WITHHELD, "mới"),
        (EventKind.MARRIAGE, MARRIAGE | {"wants_letter": "Không"}, LetterState.WITHHELD, "không muốn"),
        (EventKind.MARRIAGE, MARRIAGE | {"bride_name": "null"}, LetterState.INCOMPLETE, "họ tên vợ"),
        (EventKind.BIRTH, BIRTH | {"registration_type": "người lớn"}, LetterState.WITHHELD, "mới"),
        (EventKind.BIRTH, BIRTH | {"child_died": True}, LetterState.INCOMPLETE, "con đã mất"),
        (EventKind.DEATH_REPORTED, DEATH | {"remark": "tự tử"}, LetterState.INCOMPLETE, "người quyết định"),
        (EventKind.CONTRIBUTION, {"remark": "khoản bắt buộc"}, LetterState.WITHHELD, "bắt buộc"),
        (EventKind.VALUABLE_FEEDBACK, {"remark": "tố cáo"}, LetterState.WITHHELD, "tố cáo"),
        (EventKind.INITIATIVE_RECOGNISED, {"name": "Trần Thị Mẫu"}, LetterState.INCOMPLETE, "sáng kiến"),
        (EventKind.DUE_SOON, {"state": "Tạm dừng"}, LetterState.WITHHELD, "Mẫu"),
    ],
)
async def test_what_forbids_a_letter_is_said_in_words(bench, kind, facts, state, words):
    more = {"reported_by": "a", "confirmed_by": "b"} if kind is EventKind.DEATH_REPORTED else {}
    await bench.happens(kind, facts, **more)
    letter = await bench.letter()
    assert letter.state is state, (letter.gap, letter.reason)
    assert words in f"{letter.gap}{letter.reason}"


async def test_a_gift_is_thanked_for_in_its_own_words(bench):
    facts = {
        "giver": "Công ty Mẫu",
        "amount_vnd": 5_000_000,
        "goods": "20 ngày công",
        "cause": "mở rộng ngõ 12 đường Lê Lợi",
        "received_on": "2026-10-28",
    }
    await bench.happens(EventKind.CONTRIBUTION, facts)
    letter = await bench.letter()
    assert letter.state is LetterState.DRAFTED, letter.gap
    assert "20 ngày công và ủng hộ 5.000.000 đồng" in letter.text


async def test_considering_twice_changes_nothing(bench):
    event = await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    first = await bench.letter()
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    assert (await bench.letter()).version == first.version
    assert len(await bench.letters()) == 1
    assert event.considered_at is not None or event.revision == 1
