"""The chairperson and the clerk decide about letters in their chats; a resident checks a code."""

import pytest

from handlers import approval, welcome
from handlers.memory import Memory
from handlers.talk import Incoming, Reply, Turn, plain
from knowledge import catalogue
from letters import desk
from records import people
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
    assert [choice.label for choice in chair.last.choices] == ["Duyệt", "Sửa lời", "Không gửi", "Để sau"]
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
