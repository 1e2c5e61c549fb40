"""A letter's code is understood however and whenever a resident types it."""

import pytest

from handlers import approval, router, verify
from handlers.memory import Memory
from handlers.talk import Incoming, Turn, plain
from knowledge import catalogue
from records.tables import Address, ChannelName
from tests.feedback.bench import CALENDAR, CONCERNS, WARD
from tests.letters.bench import Bench

CARDS = catalogue.load(catalogue.BUNDLED)


@pytest.fixture
async def bench(database, tmp_path):
    return Bench(database, tmp_path)


@pytest.mark.parametrize(
    "text", ["xm7F3K9QX2", "xm 7f3k9qx2", "XM7F3K-9QX2", "xm: 7F3K.9QX2", "Xm 7f3k 9qx2"]
)
@pytest.mark.parametrize("step", ["", "report:what", "letter:words"])
async def test_a_code_is_understood_however_and_whenever_it_is_typed(bench, text, step):
    async with bench.work() as work:
        memory = Memory(step=step, choices=[["Bỏ qua", "/x", ""]])
        turn = Turn(
            incoming=Incoming(
                key="k", sender=Address(ChannelName.TELEGRAM, "7"), text=text, sent_at=bench.now
            ),
            memory=memory,
            ward=WARD,
            catalogue=CARDS,
            calendar=CALENDAR,
            concerns=CONCERNS,
            db=work.db,
            now=bench.now,
        )
        command = router.command_of(turn)
        assert command.startswith("/xm ")
        reply = await approval.COMMANDS["/xm"](turn.saying(command.removeprefix("/xm ")))
    assert reply is not None
    assert "Không có thư nào của phường mang mã này" in plain(reply.text)
    assert memory.step == step
    assert [choice.label for choice in reply.choices] == (["Bỏ qua"] if step else [])


@pytest.mark.parametrize("text", ["xm gì vậy", "xmas vui vẻ", "xm 7F3K"])
def test_words_that_only_begin_so_stay_an_answer(text):
    assert verify.asked(text, in_a_step=True) == ""
