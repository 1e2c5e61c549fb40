"""From a draft to a signature: who may do what, what is frozen, what is refused."""

import asyncio
import hashlib
from datetime import date

import pytest

from letters import desk, frozen, register
from letters.desk import Hand
from letters.policy import Policy
from letters.states import NotAllowed, Stale
from records import dossiers, trace
from records.letters import DossierState, EventKind, LetterState, Route
from records.tables import ChannelName, DeliveryState
from tests.letters.bench import BIRTH, CHAIR, CLERK, DEATH, MARRIAGE, VICE, couple


async def test_a_marriage_becomes_a_signed_letter_in_the_chats_of_both(bench):
    groom, bride = await couple(bench)
    await bench.writes_from(groom)
    await bench.writes_from(bride, ChannelName.ZALO)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)

    letter = await bench.letter()
    assert letter.state is LetterState.DRAFTED
    assert "anh Lê Văn Thử và chị Phạm Thị Mẫu" in letter.text

    signed = await bench.signed()
    assert (signed.year, signed.number) == (2026, 1)
    assert register.code_in(f"xm {signed.check_code}") == signed.check_code

    assert await bench.released() == 1
    told = await bench.told()
    assert [row.channel for row in told] == ["telegram", "telegram", "zalo", "zalo"]
    assert "thư chúc mừng kết hôn" in told[0].text
    assert signed.check_code in told[0].text
    assert not any(row.choices for row in told)
    paper = await bench.media.read(told[1].attachments[0])
    assert hashlib.sha256(paper).hexdigest() == signed.pdf_sha256
    assert (await bench.released(), len(await bench.told())) == (0, 4)


async def test_a_signed_letter_prints_the_same_bytes_again(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    signed = await bench.signed()
    async with bench.work() as work:
        assert frozen.intact(signed, await frozen.pdf(work, signed))


async def test_every_act_leaves_a_sealed_line(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    async with bench.work() as work:
        assert (await trace.verify(work.db)).whole


async def test_whoever_checked_does_not_sign(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    letter = await bench.letter()
    async with bench.work() as work:
        await desk.check(work, letter.id, await bench.hand(VICE))
    with pytest.raises(NotAllowed, match="không ký chính thư ấy"):
        async with bench.work() as work:
            await desk.sign(work, letter.id, await bench.hand(VICE))


async def test_a_letter_nobody_checked_is_not_signed(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    with pytest.raises(Stale):
        async with bench.work() as work:
            await desk.sign(work, (await bench.letter()).id, await bench.hand(CHAIR))


async def test_a_template_the_ward_has_not_approved_is_refused_with_what_to_do(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    bench.rule(Policy(trial=False))
    with pytest.raises(NotAllowed, match="approved_by"):
        await bench.signed()


async def test_people_without_the_permission_learn_nothing(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    letter = await bench.letter()
    for act in (desk.check, desk.sign):
        with pytest.raises(NotAllowed, match="Không có thư này"):
            async with bench.work() as work:
                await act(work, letter.id, await bench.hand("ta.huu.phuoc"))


async def test_a_button_of_an_older_version_does_nothing(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    letter = await bench.letter()
    old = Hand(person=await bench.person(CLERK), version=letter.version)
    async with bench.work() as work:
        await desk.edit(work, letter.id, await bench.hand(CHAIR), ["Chúc mừng anh chị."])
    with pytest.raises(Stale):
        async with bench.work() as work:
            await desk.check(work, letter.id, old)


async def test_the_words_the_chairperson_changes_are_checked_anew(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    letter = await bench.letter()
    async with bench.work() as work:
        await desk.check(work, letter.id, await bench.hand(CLERK))
    async with bench.work() as work:
        edited = await desk.edit(
            work, letter.id, await bench.hand(CHAIR), ["Chúc mừng anh chị về chung nhà."]
        )
    assert edited.state is LetterState.DRAFTED
    assert "về chung nhà" in (await bench.signed()).text


async def test_words_with_left_overs_are_refused(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    with pytest.raises(NotAllowed, match="chữ lạ"):
        async with bench.work() as work:
            await desk.edit(work, 1, await bench.hand(CHAIR), ["Chúc mừng {{ho_ten}}"])


async def test_two_living_people_of_one_name_are_told_apart_by_the_approver(bench):
    await bench.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    other = await bench.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    letter = await bench.letter()
    groom = (await bench.recipients(letter))[0]
    assert groom.resident_id is None
    assert len(groom.candidates) == 2
    with pytest.raises(NotAllowed, match="Chưa chắc người nhận"):
        await bench.signed()
    async with bench.work() as work:
        shown = await desk.candidates(work, groom)
        assert len(set(shown.values())) == 2
        await desk.choose(work, letter.id, await bench.hand(CHAIR), 0, other.id)
    assert (await bench.signed()).state is LetterState.SIGNED


async def test_a_record_that_changes_sends_a_draft_back_and_halts_what_is_signed(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="marriage:1")
    async with bench.work() as work:
        await desk.check(work, 1, await bench.hand(CLERK))
    await bench.happens(EventKind.MARRIAGE, MARRIAGE | {"bride_name": "Phạm Thị Thử"}, key="marriage:1")
    letter = await bench.letter()
    assert (letter.state, letter.checked_by) == (LetterState.DRAFTED, None)
    assert "Phạm Thị Thử" in letter.text

    await bench.signed()
    await bench.happens(EventKind.MARRIAGE, MARRIAGE | {"bride_name": "Phạm Thị Mẫu"}, key="marriage:1")
    halted = await bench.letter()
    assert halted.state is LetterState.HALTED
    assert "được sửa sau khi ký" in halted.reason
    assert (await bench.released(), await bench.told()) == (0, [])

    async with bench.work() as work:
        await desk.redraft(work, 1, await bench.hand(CLERK))
    async with bench.work() as work:
        await desk.check(work, 1, await bench.hand(VICE))
    async with bench.work() as work:
        again = await desk.sign(work, 1, await bench.hand(CHAIR))
    assert (again.number, "Phạm Thị Mẫu" in (again.text or "")) == (1, True)


async def test_a_recall_takes_effect_in_its_own_transaction(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        assert await desk.recall(work, 1, await bench.hand(CHAIR), "gia đình xin hoãn") == 2
    assert {row.state for row in await bench.told()} == {DeliveryState.WITHHELD}
    assert (await bench.letter()).state is LetterState.HALTED


async def test_a_letter_given_back_is_written_again_only_by_a_person(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="marriage:1")
    async with bench.work() as work:
        await desk.reject(work, 1, await bench.hand(CHAIR), "hai vợ chồng là người nhà tôi")
    await bench.happens(EventKind.MARRIAGE, MARRIAGE | {"remark": "x"}, key="marriage:1")
    assert (await bench.letter()).state is LetterState.REJECTED
    async with bench.work() as work:
        letter = await desk.redraft(work, 1, await bench.hand(CLERK))
    assert letter.state is LetterState.DRAFTED


async def test_a_clerk_adds_what_the_record_lacks_and_an_apology_moves_the_promise_once(bench):
    facts = {
        "code": "H99.12-261103-0007",
        "procedure_name": "Đăng ký khai sinh",
        "taken_on": date(2026, 11, 3),
        "due_on": date(2026, 11, 24),
        "applicant_name": "Trần Thị Mẫu",
        "state": "đang giải quyết",
    }
    async with bench.work() as work:
        await dossiers.upsert(work.db, facts, bench.now)
    await bench.happens(EventKind.DUE_SOON, facts)
    letter = await bench.letter()
    assert letter.state is LetterState.INCOMPLETE
    assert "lý do cụ thể" in letter.gap
    more = {
        "specific_reason": "bản trích lục từ nơi cư trú cũ đến chậm năm ngày",
        "new_due_on": "2026-11-30",
        "officer_name": "Vũ Thị Mẫu",
        "officer_phone": "0236 0000 101",
    }
    async with bench.work() as work:
        letter = await desk.supply(work, 1, await bench.hand(CLERK), more)
    assert letter.state is LetterState.DRAFTED, letter.gap
    async with bench.work() as work:
        await desk.check(work, 1, await bench.hand(VICE))
    async with bench.work() as work:
        await desk.sign(work, 1, await bench.hand(CHAIR))
        row = await dossiers.by_code(work.db, "H99.12-261103-0007")
        assert row is not None
        assert (row.reappointments, row.state, str(row.current_due_on)) == (
            1,
            DossierState.TAKEN,
            "2026-11-30",
        )


async def test_a_second_putting_off_is_refused_at_the_signature(bench):
    facts = {"code": "H99.1", "procedure_name": "Đăng ký khai sinh", "taken_on": date(2026, 11, 3)}
    facts |= {"due_on": date(2026, 11, 24), "applicant_name": "Trần Thị Mẫu", "state": "đang giải quyết"}
    async with bench.work() as work:
        row = (await dossiers.upsert(work.db, facts, bench.now)).dossier
        await dossiers.put_off(work.db, row, bench.now.date().replace(day=26), "lần một", bench.now)
    more = {"specific_reason": "máy in giấy khai sinh hỏng hai ngày", "new_due_on": "2026-11-30"}
    more |= {"officer_name": "Vũ Thị Mẫu", "officer_phone": "0236 0000 101"}
    await bench.happens(EventKind.DUE_SOON, facts | more)
    with pytest.raises(NotAllowed, match="hẹn lại một lần"):
        await bench.signed()
    assert (await bench.letter()).number is None


async def test_condolence_needs_two_people_and_goes_by_hand(bench):
    await bench.happens(
        EventKind.DEATH_REPORTED, DEATH, key="d", reported_by="tổ trưởng", confirmed_by="tổ trưởng"
    )
    assert "người thứ hai" in (await bench.letter()).gap
    await bench.happens(
        EventKind.DEATH_REPORTED, DEATH, key="e", reported_by="tổ trưởng", confirmed_by="trạm y tế"
    )
    letter = (await bench.letters())[1]
    assert letter.state is LetterState.DRAFTED, letter.gap
    assert "cụ Đỗ Thị Mẫu" in letter.text
    assert "hưởng thọ 84 tuổi" in letter.text
    await bench.signed(letter.id)
    await bench.released()
    assert [row.route for row in await bench.recipients(letter)] == [Route.PAPER]
    assert await bench.told() == []


@pytest.mark.parametrize(
    "change", [{"deceased_born": "2015"}, {"deceased_born": "2000"}, {"remark": "tai nạn giao thông"}]
)
async def test_children_young_and_violent_deaths_are_left_to_a_person(bench, change):
    await bench.happens(EventKind.DEATH_REPORTED, DEATH | change, reported_by="a", confirmed_by="b")
    letter = await bench.letter()
    assert letter.state is LetterState.INCOMPLETE
    assert "người" in letter.gap


async def test_a_mother_alone_is_addressed_alone(bench):
    await bench.happens(EventKind.BIRTH, {key: value for key, value in BIRTH.items() if key != "father_name"})
    letter = await bench.letter()
    assert "Thân gửi chị Phạm Thị Mẫu" in letter.text
    assert "anh" not in letter.text.split("\n\n")[1].split()
    assert [row.name for row in await bench.recipients(letter)] == ["Phạm Thị Mẫu"]


async def test_many_signatures_at_once_leave_no_gap_and_no_repeat(bench):
    for number in range(12):
        await bench.happens(EventKind.MARRIAGE, MARRIAGE | {"number": number})
    for letter in await bench.letters():
        async with bench.work() as work:
            await desk.check(work, letter.id, await bench.hand(CLERK))
    chair = await bench.hand(CHAIR)

    async def one(number: int) -> None:
        async with bench.work() as work:
            await desk.sign(work, number, chair)
            if number % 4 == 0:
                raise OSError  # the lights go out before the commit

    await asyncio.gather(*(one(letter.id) for letter in await bench.letters()), return_exceptions=True)
    numbers = sorted(letter.number for letter in await bench.letters() if letter.number)
    assert numbers == list(range(1, 10))
    assert len({letter.check_code for letter in await bench.letters() if letter.check_code}) == 9


async def test_a_thousand_ask_for_numbers_at_once(bench):
    given: list[int] = []

    async def ask(place: int) -> None:
        async with bench.work() as work:
            number = await register.number(work.db, 2026)
            if place % 10 == 0:
                raise OSError
        given.append(number)

    many = 1000 if bench.database.is_sqlite else 200
    await asyncio.gather(*(ask(place) for place in range(many)), return_exceptions=True)
    assert sorted(given) == list(range(1, many - many // 10 + 1))
