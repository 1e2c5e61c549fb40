"""No letter is a dead end: what is missing is named, what was halted goes on, what is promised is sent along."""

import re
from dataclasses import replace

import pytest

from knowledge.greetings import Audience
from knowledge.sheet import SheetError
from letters import (
    broadcast,
    desk,
    enclosures,
    frozen,
    gaps,
    matching,
    occasions,
    resuming,
    waiting,
)
from letters import work as shelf_words
from letters.audience import can_choose, outlook
from letters.states import NotAllowed
from letters.template import Templates
from records import dossiers
from records.letters import EventKind, Letter, LetterState, Resident, Route
from records.tables import ChannelName, Delivery, DeliveryState
from tests.letters.bench import CHAIR, CLERK, DEATH, MARRIAGE, couple

PDF = b"%PDF-1.7 to cua phuong"
FRONT = """title = "Nếp sống văn minh trong việc cưới"
goes_with = ["marriage_congratulation"]
approved_by = "Chủ tịch UBND phường"
approved_on = 2026-11-02
"""
WITNESSED = {"reported_by": "tổ trưởng", "confirmed_by": "trạm y tế"}


async def recalled(bench):
    async with bench.work() as work:
        await desk.recall(work, 1, await bench.hand(CHAIR), "gia đình xin hoãn")


# --- halted, and on its way again ----------------------------------------------------------------


async def test_a_letter_halted_in_the_outbox_goes_after_all_and_reaches_each_once(bench):
    groom, bride = await couple(bench)
    await bench.writes_from(groom)
    await bench.writes_from(bride)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    await recalled(bench)
    async with bench.work() as work:
        assert len(await waiting.halted(work, await bench.person(CHAIR))) == 1
        assert await waiting.who_halted(work, await work.db.get(Letter, 1)) == "Đoàn Thị Minh Thịnh"
        await desk.resume(work, 1, await bench.hand(CHAIR))
    assert await bench.released() == 1
    states = [row.state for row in await bench.told()]
    assert states.count(DeliveryState.QUEUED) == 4  # a picture and a paper for each of the two
    assert states.count(DeliveryState.WITHHELD) == 4


async def test_a_greeting_halted_on_its_way_is_still_in_the_pile_and_goes_on(bench):
    one = await bench.lives("Người Mẫu", "1980-01-01", "1 Lê Lợi")
    await bench.writes_from(one)
    bench.now = bench.now.replace(month=12, day=26)
    async with bench.work() as work:
        await occasions.draft_greetings(work)
    await bench.signed()
    bench.now = bench.now.replace(year=2027, month=1, day=1, hour=8)
    assert await broadcast.push(bench.work) == 1
    await recalled(bench)
    async with bench.work() as work:
        assert [letter.id for letter in await waiting.halted(work, await bench.person(CHAIR))] == [1]
        assert (await resuming.resume(work, 1, await bench.hand(CHAIR))).state is LetterState.SIGNED


async def test_what_has_left_is_neither_sent_again_nor_written_anew(bench):
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        row = await work.db.get(Delivery, 1)
        row.state = DeliveryState.SENT
        work.db.add(row)
    await recalled(bench)
    async with bench.work() as work:
        for act in (desk.resume, desk.redraft):
            who = await bench.hand(CHAIR if act is desk.resume else CLERK)
            with pytest.raises(NotAllowed, match="rời cơ quan"):
                await act(work, 1, who)
        assert await waiting.halted(work, await bench.person(CHAIR)) == []


async def test_what_was_handed_over_is_not_written_anew(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        row = (await matching.recipients(work, 1))[0]
        assert row.route is Route.PAPER
        row.handed_at, row.handed_by = bench.now, "chú rể"
        work.db.add(row)
    await recalled(bench)
    async with bench.work() as work:
        with pytest.raises(NotAllowed, match="rời cơ quan"):
            await desk.redraft(work, 1, await bench.hand(CLERK))


@pytest.mark.parametrize("state", [LetterState.SIGNED, LetterState.RELEASED])
async def test_a_letter_on_its_way_is_halted_before_it_is_written_anew(bench, state):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    if state is LetterState.RELEASED:
        await bench.released()
    async with bench.work() as work:
        with pytest.raises(NotAllowed, match="dừng thư trước"):
            await desk.redraft(work, 1, await bench.hand(CLERK))


# --- what is missing -----------------------------------------------------------------------------


async def test_every_gap_is_named_and_clerks_hear_of_an_apology_at_once(bench):
    await bench.happens(EventKind.DUE_SOON, {"dossier_code": "H99.1", "applicant_name": "Trần Văn Mẫu"})
    async with bench.work() as work:
        names = [gap.name for gap in await gaps.of(work, await work.db.get(Letter, 1))]
    assert names[0] == "procedure_name"
    assert {"specific_reason", "new_due_on", "officer_name"} < set(names)
    told = await bench.told("alert:gap:")
    assert len(told) == 2  # the clerk and the vice chairperson, who drafts too
    assert "Thư 1 · thư xin lỗi · Trần Văn Mẫu: thiếu tên thủ tục; thiếu ngày nhận hồ sơ" in told[0].text


async def test_at_night_clerks_are_left_to_sleep(bench):
    bench.wait(hours=13)  # ten in the evening
    await bench.happens(EventKind.DEATH_REPORTED, DEATH, reported_by="tổ trưởng")
    told = await bench.told("alert:gap:")
    assert {row.due_at.astimezone(bench.now.tzinfo).hour for row in told} == {7}
    assert "chưa có người thứ hai xác minh" in told[0].text


async def test_a_wedding_without_its_date_waits_for_the_morning(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE | {"handed_over_on": None})
    assert await bench.told("alert:gap:") == []
    async with bench.work() as work:
        await desk.supply(work, 1, await bench.hand(CLERK), {"handed_over_on": "20/11/2026"})
    assert (await bench.letter()).state is LetterState.DRAFTED


async def test_a_young_death_is_written_by_a_person_and_signed(bench):
    await bench.happens(EventKind.DEATH_REPORTED, DEATH | {"deceased_born": "2015"}, **WITNESSED)
    letter = await bench.letter()
    assert (letter.state, frozen.has_words(letter)) == (LetterState.INCOMPLETE, False)
    words = ["Chúng tôi bàng hoàng và đau xót khi được tin cháu đi xa."]
    async with bench.work() as work:
        with pytest.raises(NotAllowed, match="chúc"):
            await desk.edit(work, 1, await bench.hand(CLERK), ["Chúc gia đình bình an."])
        await desk.edit(work, 1, await bench.hand(CLERK), words)
    letter = await bench.letter()
    assert letter.state is LetterState.DRAFTED
    assert "Kính gửi gia quyến" in letter.text
    assert "thành kính phân ưu" in letter.text
    assert "hưởng" not in letter.text
    async with bench.work() as work:  # its author does not check it; somebody else who drafts does
        await desk.check(work, 1, await bench.hand("trinh.quoc.loc"))
    async with bench.work() as work:
        assert (await desk.sign(work, 1, await bench.hand(CHAIR))).state is LetterState.SIGNED


async def test_words_of_a_person_do_not_stand_in_for_a_witness(bench):
    await bench.happens(EventKind.DEATH_REPORTED, DEATH, reported_by="tổ trưởng")
    async with bench.work() as work:
        with pytest.raises(NotAllowed, match="xác minh"):
            await desk.edit(work, 1, await bench.hand(CLERK), ["Chúng tôi vô cùng thương tiếc."])


# --- what goes along -----------------------------------------------------------------------------


@pytest.fixture
def sheet(bench, tmp_path):
    """The ward has approved a sheet; give what changes it."""

    def put(content=PDF, front=FRONT):
        own = tmp_path / "letters"
        own.mkdir(exist_ok=True)
        (own / "nep-song.toml").write_text(front, "utf-8")
        (own / "nep-song.pdf").write_bytes(content)
        found = enclosures.load_enclosures(own, ["marriage_congratulation"])
        bench.shelf = replace(bench.shelf, enclosures=found)
        return found

    return put


async def test_without_a_sheet_of_the_ward_nothing_is_promised(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    assert "kèm thư này" not in (await bench.letter()).text


async def test_the_sheet_goes_along_behind_the_letter(bench, sheet):
    sheet()
    groom, _ = await couple(bench)
    await bench.writes_from(groom)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    assert "kèm thư này là tờ giới thiệu" in (await bench.letter()).text
    await bench.signed()
    await bench.released()
    told = await bench.told()
    assert [row.key.rpartition(":")[2] for row in told] == ["telegram", "2", "3"]
    assert await bench.media.read(told[2].attachments[0]) == PDF
    assert told[2].text == "Nếp sống văn minh trong việc cưới"


async def test_the_web_shows_no_files_so_the_letter_is_printed_with_its_sheet(bench, sheet):
    sheet()
    groom, _ = await couple(bench)
    await bench.writes_from(groom, ChannelName.WEB)
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    await bench.released()
    assert [row.route for row in await bench.recipients(await bench.letter())] == [Route.PAPER] * 2


async def test_a_sheet_that_changed_stops_the_letter_that_promised_it(bench, sheet):
    sheet()
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    sheet(PDF + b" sua lai")
    await bench.released()
    letter = await bench.letter()
    assert letter.state is LetterState.HALTED
    assert "tờ đi kèm" in letter.reason


@pytest.mark.parametrize(
    ("content", "front", "told"),
    [
        (b"MZ", FRONT, "không phải tệp PDF thật"),
        (PDF, FRONT.replace("marriage_congratulation", "condolence"), "không nhận tờ đi kèm"),
        (PDF, FRONT.replace('"Chủ tịch UBND phường"', '""'), "approved_by"),
        (PDF, FRONT + "color = 1\n", "color"),
        (PDF + b"0" * enclosures.LARGEST, FRONT, "lớn hơn 5 MB"),
    ],
)
def test_a_sheet_that_is_not_right_is_told_when_it_is_loaded(sheet, content, front, told):
    with pytest.raises(SheetError, match=re.escape(told)):
        sheet(content, front)


# --- greetings -----------------------------------------------------------------------------------


def test_a_day_of_greetings_without_words_is_told_when_the_ward_is_looked_at(templates):
    known = Templates({name: one for name, one in templates.by_name.items() if name != "greeting_vu_lan"})
    with pytest.raises(SheetError, match=r"lời chúc vu_lan .* mẫu greeting_vu_lan"):
        shelf_words._greetings(known)


async def test_every_day_of_greetings_has_words_that_can_be_written(bench):
    async with bench.work() as work:
        for year in (2026, 2027, 2030, 2033):
            for occasion in work.shelf.greetings.occurrences(year):
                letter = Letter(
                    template=occasion.greeting.template, drafted_at=bench.now, occasion=occasion.key
                )
                assert occasions._fill(work, letter, occasion) == "", occasion.key
                assert "None" not in (letter.text or "")


@pytest.mark.parametrize(
    ("year", "code", "words"),
    [
        (2027, "new_years_eve", "Xuân Đinh Mùi"),
        (2027, "lunar_new_year", "Xuân Đinh Mùi"),
        (2027, "hung_kings_day", "mùng Mười tháng Ba năm Đinh Mùi"),
        (2027, "reunification_day", "Kỷ niệm 52 năm Ngày Giải phóng"),
        (2027, "invalids_martyrs_day", "Kỷ niệm 80 năm Ngày Thương binh"),
        (2027, "national_day", "Kỷ niệm 82 năm Quốc khánh"),
        (2027, "book_day", "Nhân Ngày Sách và Văn hóa đọc Việt Nam năm 2027"),
        (2033, "vu_lan", "rằm tháng Bảy năm Quý Sửu"),
    ],
)
async def test_years_are_counted_and_named_by_the_calendar(bench, year, code, words):
    async with bench.work() as work:
        occasion = next(one for one in work.shelf.greetings.occurrences(year) if one.greeting.code == code)
        letter = Letter(template=occasion.greeting.template, drafted_at=bench.now, occasion=occasion.key)
        occasions._fill(work, letter, occasion)
    assert words in (letter.text or "")


async def test_true_facts_of_the_year_are_added_to_a_greeting(bench):
    bench.now = bench.now.replace(month=12, day=26)
    async with bench.work() as work:
        assert await occasions.draft_greetings(work) == 1
        await desk.supply(work, 1, await bench.hand(CLERK), {"real_facts": "đã làm mới 14 con ngõ"})
    letter = await bench.letter()
    assert letter.state is LetterState.DRAFTED
    assert "Trong năm qua, phường An Thịnh đã làm mới 14 con ngõ." in letter.text


async def test_a_greeting_nobody_can_be_chosen_for_is_signed_for_paper_and_loudspeaker(bench):
    bench.now = bench.now.replace(year=2027, month=7, day=22)
    async with bench.work() as work:
        assert await occasions.draft_greetings(work) == 1
    letter = await bench.letter()
    assert (letter.state, letter.audience) == (LetterState.DRAFTED, "merit_families")
    assert not can_choose(letter.audience)
    assert (await bench.signed()).number == 1


async def test_parents_are_grown_ups_under_one_roof_with_a_child_and_youth_is_an_age(bench):
    mother = await bench.lives("Phạm Thị Mẫu", "1997-07-09", "34 Hai Bà Trưng")
    await bench.lives("Phạm Mẫu An", "2020-01-01", "34 Hai Bà Trưng")
    alone = await bench.lives("Lê Văn Thử", "1970-03-02", "12 Lê Lợi")
    for one in (mother, alone):
        await bench.writes_from(one)
    async with bench.work() as work:
        for group in (Audience.PARENTS, Audience.YOUTH):
            assert (await outlook(work, group)).total == 1
        assert (await outlook(work, Audience.EVERYONE)).total == 2


# --- how people are addressed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sex", "words"), [("female", "Kính gửi: Bà"), ("nam", "Kính gửi: Ông"), ("", "Ông/bà")]
)
async def test_an_apology_addresses_whom_the_register_knows(bench, sex, words):
    one = await bench.lives("Trần Thị Mẫu", "1980-01-01", "7 Lê Lợi")
    facts = {
        "code": "H99.1",
        "procedure_name": "Đăng ký đất đai",
        "taken_on": bench.now.date().replace(day=3),
        "due_on": bench.now.date().replace(day=24),
    }
    async with bench.work() as work:
        resident = await work.db.get(Resident, one.id)
        resident.gender = sex
        row = (await dossiers.upsert(work.db, facts, bench.now)).dossier
        row.applicant_id = one.id
        work.db.add_all([resident, row])
    await bench.happens(
        EventKind.DUE_SOON,
        {
            "dossier_code": "H99.1",
            "applicant_name": "Trần Thị Mẫu",
            "procedure_name": "Đăng ký đất đai",
            "taken_on": "2026-11-03",
            "original_due_on": "2026-11-24",
            "new_due_on": "2026-11-30",
            "specific_reason": "phải xác minh ranh giới thửa đất với hộ liền kề",
            "officer_name": "Vũ Thị Mẫu",
            "officer_phone": "0236 0000 101",
        },
    )
    assert words in (await bench.letter()).text
