"""The chairperson and the clerk decide about letters in their chats; a resident checks a code."""

import pytest

from handlers import approval, welcome
from handlers.memory import Memory
from handlers.talk import Incoming, Reply, Turn, plain
from knowledge import catalogue
from letters import desk, lateness, occasions
from records import dossiers, people, staff
from records.letters import EventKind, LetterState
from records.tables import Address, ChannelName
from tests.feedback.bench import CALENDAR, CONCERNS, WARD
from tests.handlers.staff_bench import fits
from tests.letters.bench import CHAIR, CLERK, DEATH, MARRIAGE, PEOPLE, Bench

CARDS = catalogue.load(catalogue.BUNDLED)


@pytest.fixture
async def bench(database, tmp_path):
    made = Bench(database, tmp_path)
    await made.hire()
    return made


class Chat:
    """One account that talks about letters."""

    def __init__(self, bench, login="", user="5555"):
        numbers = {name: str(number) for number, (name, _, _) in enumerate(PEOPLE, start=1)}
        self.bench, self.count = bench, 0
        self.who = Address(ChannelName.TELEGRAM, numbers.get(login, user))
        self.last = Reply(text="")

    async def says(self, text, *, sender=None, group=False):
        self.count += 1
        incoming = Incoming(
            key=f"in:{self.who.user}:{self.count}",
            sender=sender or self.who,
            text=text,
            sent_at=self.bench.now,
            group=group,
            author=self.who if group else None,
        )
        async with self.bench.database.writing() as db:
            memory = Memory.load(*await people.conversation(db, self.who))
            turn = Turn(
                incoming=incoming,
                memory=memory,
                ward=WARD,
                catalogue=CARDS,
                calendar=CALENDAR,
                concerns=CONCERNS,
                db=db,
                now=self.bench.now,
            )
            self.last = await self._route(turn) or Reply(text="")
            await people.remember(db, self.who, memory.step, memory.dump(), self.bench.now)
        fits(self.last)
        return plain(self.last.text)

    async def _route(self, turn):
        word, _, argument = turn.incoming.text.partition(" ")
        if word in approval.COMMANDS:
            return await approval.COMMANDS[word](turn.saying(argument))
        step = approval.STEPS.get(turn.memory.step)
        return await (step(turn) if step else welcome.menu(turn.saying("")))

    async def taps(self, label):
        say = next(choice.say for choice in self.last.choices if choice.label == label)
        return await self.says(say)


async def _checked(bench, *numbers):
    for number in numbers:
        async with bench.work() as work:
            await desk.check(work, number, await bench.hand(CLERK))


async def test_the_chairperson_decides_one_by_one_and_hears_the_sum(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.happens(EventKind.DEATH_REPORTED, DEATH, reported_by="tổ trưởng", confirmed_by="trạm y tế")
    await _checked(bench, 1, 2)
    chair = Chat(bench, CHAIR)

    told = await chair.says("/thu")
    assert "Thư chờ duyệt hôm nay: 2" in told
    assert "1 thư chia buồn" in told
    told = await chair.taps("Xem từng thư")
    assert told.startswith("(1/2)")
    assert "Thư chia buồn" in told
    assert "tổ trưởng báo, trạm y tế xác minh" in told
    assert "Không gửi qua chat" in told
    assert [choice.label for choice in chair.last.choices] == [
        "Duyệt",
        "Sửa lời",
        "Không gửi",
        "Để sau",
        "Hỏi lại phòng",
    ]
    picture = (await bench.told("letterview:"))[0]
    assert (await bench.media.read(picture.attachments[0])).startswith(b"\xff\xd8\xff")

    told = await chair.taps("Duyệt")
    assert "Đã cấp số 01/TC-UBND" in told
    assert "(2/2)" in told
    told = await chair.taps("Không gửi")
    told = await chair.says("đôi này xin không nhận")
    assert "Xong 2/2: 1 duyệt, 1 trả lại. 0 thư gửi qua chat, 1 thư giao tay." in told
    assert [one.state for one in await bench.letters()] == [LetterState.REJECTED, LetterState.SIGNED]


async def test_words_the_chairperson_writes_go_back_to_the_clerk(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await _checked(bench, 1)
    chair, clerk = Chat(bench, CHAIR), Chat(bench, CLERK)
    await chair.says("/thutung")
    await chair.taps("Sửa lời")
    assert "trở lại bước soát" in await chair.says("Chúc mừng anh chị.\n\nPhường luôn đồng hành.")
    assert "Thư chờ soát hôm nay: 1" in await clerk.says("/thu")
    await clerk.taps("Xem từng thư")
    assert "Đã soát" in await clerk.taps("Đã soát")
    await chair.says("/thutung")
    await chair.taps("Duyệt")
    assert "Phường luôn đồng hành" in (await bench.letter()).text


async def test_a_stale_button_does_nothing_and_shows_the_newest(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE, key="m")
    await _checked(bench, 1)
    chair = Chat(bench, CHAIR)
    await chair.says("/thutung")
    old = chair.last.choices[0].say
    await bench.happens(EventKind.MARRIAGE, MARRIAGE | {"bride_name": "Phạm Thị Thử"}, key="m")
    assert "vừa thay đổi" in await chair.says(old)
    assert (await bench.letter()).state is LetterState.DRAFTED


@pytest.mark.parametrize("login", ["", "ta.huu.phuoc", CLERK])
async def test_a_forwarded_button_does_nothing(bench, login):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await _checked(bench, 1)
    chair, other = Chat(bench, CHAIR), Chat(bench, login)
    await chair.says("/thutung")
    await other.says(chair.last.choices[0].say)
    assert (await bench.letter()).state is LetterState.CHECKED


@pytest.mark.parametrize("junk", ["", "1", "x y", "1 999999999999999", "-1 2", "1 2 3 4 5", "²3 4"])
async def test_a_button_nobody_made_does_nothing(bench, junk):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await _checked(bench, 1)
    chair = Chat(bench, CHAIR)
    for word in approval.COMMANDS:
        await chair.says(f"{word} {junk}".strip())
    assert (await bench.letter()).state is LetterState.CHECKED


async def test_in_a_group_nothing_is_shown(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await _checked(bench, 1)
    chair = Chat(bench, CHAIR)
    told = await chair.says("/thutung", sender=Address(ChannelName.TELEGRAM, "-1001"), group=True)
    assert "Lê Văn Thử" not in told


async def test_two_of_one_name_are_shown_with_what_tells_them_apart(bench):
    one = await bench.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    await bench.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    clerk = Chat(bench, CLERK)
    told = await clerk.says("/thutung")
    assert "Chưa chắc Lê Văn Thử là ai" in told
    assert len({choice.line for choice in clerk.last.choices}) == 3
    assert "Đã ghi người nhận" in await clerk.taps("Người 1")
    assert (await bench.recipients(await bench.letter()))[0].resident_id == one.id


async def test_the_morning_summary_comes_once_a_day(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    async with bench.work() as work:
        assert await approval.morning(work) == 1
        assert await approval.morning(work) == 0
    await _checked(bench, 1)
    async with bench.work() as work:
        assert await approval.morning(work) == 2  # the two who may sign


async def test_whoever_types_the_code_learns_that_the_letter_is_true_and_no_more(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    signed = await bench.signed()
    resident = Chat(bench)
    told = await resident.says(f"/xm {signed.check_code.lower()}")
    assert "Đúng là thư của phường. Thư chúc mừng kết hôn, số 01/TC-UBND" in told
    assert "Chủ tịch Đoàn Thị Minh Thịnh ký" in told
    assert "Thử" not in told
    async with bench.work() as work:
        await desk.recall(work, 1, await bench.hand(CHAIR), "gia đình xin hoãn")
    assert "đã thu hồi" in await resident.says(f"/xm {signed.check_code}")


async def test_codes_cannot_be_guessed_for_long(bench):
    resident = Chat(bench)
    assert "tám chữ" in await resident.says("/xm alo")
    for _ in range(5):
        assert "thư giả" in await resident.says("/xm 7F3K-9QX2")
    assert "thử lại sau" in await resident.says("/xm 7F3K-9QX3")


# --- nothing is a dead end -----------------------------------------------------------------------

LATE = {"dossier_code": "H99.1", "applicant_name": "Trần Văn Mẫu", "procedure_name": "Đăng ký đất đai"}
ANSWERS = (
    ("ngày nhận hồ sơ", "03/11/2026"),
    ("ngày hẹn trả ban đầu", "24/11/2026"),
    ("lý do cụ thể", "phải xác minh ranh giới thửa đất với hộ liền kề"),
    ("ngày hẹn trả mới", "30/11/2026"),
    ("họ tên người phụ trách", "Vũ Thị Mẫu"),
    ("số điện thoại người phụ trách", "0236 0000 101"),
)


async def test_the_clerk_fills_the_gaps_by_answering_one_question_after_another(bench):
    await bench.happens(EventKind.DUE_SOON, LATE)
    clerk = Chat(bench, CLERK)
    told = await clerk.says("/thu")
    assert "Thư còn thiếu thông tin: 1." in told
    assert "Thư 1 · thư xin lỗi · Trần Văn Mẫu: thiếu ngày nhận hồ sơ; thiếu ngày hẹn" in told
    told = await clerk.taps("Xem thư còn thiếu")
    assert told.startswith("(1/1)")
    assert "• thiếu ngày hẹn trả mới (ví dụ 30/11/2026)" in told
    assert "ward letters supply 1 taken_on=… " in told
    told = await clerk.taps("Bổ sung")
    for title, answer in ANSWERS:
        assert f"Xin cho biết {title}" in told
        if title == "ngày hẹn trả mới":
            assert "không phải ngày" in await clerk.says("tuần sau")
            assert "phải sau ngày hẹn ban đầu" in await clerk.says("20/11/2026")
        told = await clerk.says(answer)
    assert "Đã soạn lại thư 1: chờ soát." in told
    assert (await bench.letter()).state is LetterState.DRAFTED


async def test_a_letter_nobody_may_complete_by_typing_says_what_it_waits_for(bench):
    await bench.happens(EventKind.DEATH_REPORTED, DEATH, reported_by="tổ trưởng")
    clerk = Chat(bench, CLERK)
    told = await clerk.says("/thuthieu")
    assert "• chưa có người thứ hai xác minh tin báo" in told
    assert [choice.label for choice in clerk.last.choices] == [
        *("Viết lời", "Soạn lại", "Không gửi", "Để sau")
    ]
    assert "chưa có người thứ hai" in await clerk.taps("Soạn lại")


async def test_the_words_for_a_child_are_a_person_s(bench):
    child = DEATH | {"deceased_born": "2019"}
    await bench.happens(EventKind.DEATH_REPORTED, child, reported_by="tổ trưởng", confirmed_by="trạm y tế")
    clerk = Chat(bench, CLERK)
    assert "trẻ em hoặc còn trẻ" in await clerk.says("/thuthieu")
    await clerk.taps("Viết lời")
    await clerk.says("Chúng tôi đau xót khi được tin cháu đi xa.")
    assert (await bench.letter()).state is LetterState.DRAFTED


async def test_a_halted_letter_shows_who_and_why_and_goes_on_by_permission(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    async with bench.work() as work:
        await desk.recall(work, 1, await bench.hand(CLERK), "gia đình xin hoãn")
    clerk, chair = Chat(bench, CLERK), Chat(bench, CHAIR)
    told = await clerk.says("/thu")
    assert "Thư đang dừng, chưa rời cơ quan: 1." in told
    told = await clerk.taps("Xem thư đã dừng")
    assert "Hà Thị Mỹ Hạnh đã dừng thư này: gia đình xin hoãn." in told
    assert [choice.label for choice in clerk.last.choices] == ["Soạn lại", "Để sau"]
    await chair.says("/thudung")
    assert [choice.label for choice in chair.last.choices] == ["Cho gửi tiếp", "Để sau"]
    old = chair.last.choices[0].say
    assert "gửi tiếp đúng bản đã ký" in await chair.taps("Cho gửi tiếp")
    assert (await bench.letter()).state is LetterState.SIGNED
    assert "vừa thay đổi" in await chair.says(old)


@pytest.mark.parametrize("login", ["", "ta.huu.phuoc", CLERK])
async def test_a_forwarded_button_of_a_halted_letter_does_nothing(bench, login):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.signed()
    async with bench.work() as work:
        await desk.recall(work, 1, await bench.hand(CHAIR), "gia đình xin hoãn")
    letter = await bench.letter()
    await Chat(bench, login).says(f"/thugui {letter.id} {letter.version}")
    assert (await bench.letter()).state is LetterState.HALTED


async def test_the_chairperson_asks_back_and_the_clerk_sees_the_question(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await _checked(bench, 1)
    chair, clerk = Chat(bench, CHAIR), Chat(bench, CLERK)
    await chair.says("/thutung")
    assert "ít nhất vài chữ" in await _asks(chair, "?")
    assert "Đã chuyển câu hỏi" in await chair.says("tên chú rể đã đúng chưa")
    told = await clerk.says("/thuthieu")
    assert "người ký hỏi lại: tên chú rể đã đúng chưa" in told
    assert "Đã soạn lại thư 1: chờ soát." in await clerk.taps("Soạn lại")
    assert any("tên chú rể" in (row.text or "") for row in await bench.told("alert:ask:"))


async def _asks(chair, question):
    await chair.taps("Hỏi lại phòng")
    return await chair.says(question)


async def test_the_unit_s_room_reads_the_question_and_nobody_s_name(bench):
    async with bench.work() as work:
        row = await dossiers.upsert(
            work.db,
            {"code": "H99.1", "procedure_name": "Đăng ký đất đai", "taken_on": bench.now.date()},
            bench.now,
        )
        unit = lateness.desk_of(work.shelf.ward, row.dossier).code
        await staff.bind_room(work.db, Address(ChannelName.TELEGRAM, "-1009"), unit, None, bench.now)
    await bench.happens(EventKind.DUE_SOON, LATE)
    clerk = Chat(bench, CLERK)
    await clerk.says("/thuthieu")
    told = await clerk.taps("Bổ sung")
    for _, answer in ANSWERS:
        told = await clerk.says(answer)
    assert "chờ soát" in told
    await _checked(bench, 1)
    chair = Chat(bench, CHAIR)
    await chair.says("/thutung")
    await _asks(chair, "vì sao chậm xác minh ranh giới")
    [room] = [row for row in await bench.told("alert:ask:") if row.user == "-1009"]
    assert "H99.1" in room.text
    assert "Mẫu" not in room.text


async def test_three_samples_are_shown_as_pictures_and_sign_nothing(bench):
    for number in range(4):
        await bench.happens(EventKind.MARRIAGE, MARRIAGE | {"number": number}, key=f"m{number}")
    await _checked(bench, 1, 2, 3, 4)
    chair = Chat(bench, CHAIR)
    await chair.says("/thu")
    assert "Đã gửi 3 thư mẫu" in await chair.taps("Xem 3 thư mẫu")
    told = await bench.told("letterview:")
    assert [row.text.split(" · ")[0] for row in told] == ["Mẫu 1/3", "Mẫu 2/3", "Mẫu 3/3"]
    assert {one.state for one in await bench.letters()} == {LetterState.CHECKED}


async def test_a_greeting_is_shown_as_three_people_will_get_it(bench):
    bench.now = bench.now.replace(month=12, day=26)
    for number in range(4):
        one = await bench.lives(f"Người Mẫu {number}", "1980-01-01", f"{number} Lê Lợi")
        await bench.writes_from(one)
    async with bench.work() as work:
        await occasions.draft_greetings(work)
    await _checked(bench, 1)
    chair = Chat(bench, CHAIR)
    await chair.says("/thutung")
    assert "Đã gửi 3 thư mẫu" in await chair.taps("Xem 3 thư mẫu")
    said = [row.text for row in await bench.told("letterview:")][1:]
    assert said[0] == "Mẫu 1: tới một người ở TDP 5, qua Telegram."
    assert not any("Người Mẫu" in text for text in said)


async def test_all_is_put_off_to_monday_and_nothing_is_signed(bench):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await bench.happens(EventKind.DEATH_REPORTED, DEATH, reported_by="tổ trưởng", confirmed_by="trạm y tế")
    await _checked(bench, 1, 2)
    chair = Chat(bench, CHAIR)
    await chair.says("/thu")
    told = await chair.taps("Hoãn tất cả")
    assert "Trong đó có 1 thư chia buồn" in told
    assert [choice.label for choice in chair.last.choices] == [
        *("7:30 thứ Hai 23/11", "10:00 hôm nay", "14:00 hôm nay", "16:00 hôm nay")
    ]
    monday = chair.last.choices[0].say
    assert "hỏi lại 7:30 thứ Hai 23/11" in await chair.says(monday)
    assert {one.state for one in await bench.letters()} == {LetterState.CHECKED}
    bench.wait(days=1)
    assert "không còn hiệu lực" in await chair.says(monday)
    async with bench.work() as work:
        assert await approval.morning(work) == 1  # the vice chairperson only
    bench.wait(days=2, hours=-1.5)  # half past seven on Monday
    async with bench.work() as work:
        assert await approval.morning(work) == 2


@pytest.mark.parametrize("login", ["", "ta.huu.phuoc"])
async def test_a_forwarded_put_off_does_nothing(bench, login):
    await bench.happens(EventKind.MARRIAGE, MARRIAGE)
    await _checked(bench, 1)
    chair, other = Chat(bench, CHAIR), Chat(bench, login)
    await chair.says("/thu")
    await chair.taps("Hoãn tất cả")
    await other.says(chair.last.choices[0].say)
    assert await bench.told("alert:letters:") == []
