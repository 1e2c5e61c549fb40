"""A greeting to many: looked at, worded, timed, signed once, halted, resumed; void when its audience changed."""

import pytest
from sqlmodel import col, select

from letters import broadcast, stopping
from records.letters import Letter, LetterState
from records.tables import DeliveryState
from tests.conftest import WallClock
from tests.console.bench import Browser, Console
from tests.console.letters_bench import CHAIR, CLERK, LettersDesk

RESIDENTS = 5
SOON = "2026-11-20T17:00"  # a little over an hour ahead of the clock of the suite


@pytest.fixture
def desk(console: Console) -> LettersDesk:
    return LettersDesk(console)


async def residents(desk: LettersDesk) -> None:
    """Five with an account of a channel that is off here, so that they wait in the queue; one without any."""
    for number in range(RESIDENTS):
        one = await desk.lives(f"Cư Dân Mẫu {number}", "1980-01-05", f"{number} Lê Lợi")
        await desk.writes_from(one)
    await desk.lives("Cụ Mẫu Không Máy", "1940-01-05", "99 Lê Lợi", "TDP 7")


async def drafted(clerk: Browser) -> str:
    """Have the greeting for New Year's Day drafted, look at it, give it another hour and check it."""
    page = await clerk.get("/thu/loi-chuc")
    assert "Tết Dương lịch" in page.text
    assert "mùng 1 tháng Giêng" in page.text
    key = "greeting:new_year_day:2027-01-01"
    opened = await clerk.submit(page, "/loi-chuc/soan", key=key)
    at = opened.address.removeprefix("/console")
    assert "<strong>5</strong> người" in opened.text
    assert "1 người, <a" in opened.text  # without a channel
    assert "0 đồng" in opened.text
    assert "Mẫu 3: tới một người ở TDP 5, qua Telegram." in opened.text
    assert "Loa truyền thanh" in opened.text
    night = await clerk.submit(opened, f"{at}/hen-gio", at="2026-11-20T22:30")
    assert (night.status, "chỉ gửi từ 08:00" in night.text) == (409, True)
    timed = await clerk.submit(opened, f"{at}/hen-gio", at=SOON)
    assert "Đã hẹn gửi lúc 17:00 ngày 20/11/2026" in timed.text
    words = "Năm mới đến, phường chúc mọi nhà mạnh khỏe, bình an."
    worded = await clerk.submit(timed, f"{at}/sua-loi", words=words)
    assert words in worded.text
    await clerk.submit(worded, f"{at}/soat")
    return at


async def push(desk: LettersDesk, *, all_of_it: bool = True) -> None:
    await broadcast.push(desk.work, 200 if all_of_it else 1)


async def greeting(console: Console) -> Letter:
    async with console.database.reading() as db:
        letter: Letter = (await db.exec(select(Letter).where(col(Letter.occasion).is_not(None)))).one()
        return letter


async def test_a_greeting_is_scheduled_signed_once_halted_and_resumed(
    console: Console, desk: LettersDesk, clock: WallClock
) -> None:
    await residents(desk)
    at = await drafted(await console.enter(CLERK))
    chair = await console.enter(CHAIR)
    signed = await chair.submit(await chair.get(at), f"{at}/ky")
    assert "Đã ký thư số 01/TC-UBND" in signed.text
    assert at == f"/thu/{(await greeting(console)).id}"
    await push(desk)
    assert await desk.copies((await greeting(console)).id) == []  # not before its hour

    clock.wait(minutes=85)
    await push(desk)
    chair = await console.enter(CHAIR)
    page = await chair.get("/thu/loi-chuc")
    assert "Đã gửi: <strong>0</strong> / 5" in page.text
    async with chair.http.get(f"/console{at}/tien-do") as stream:
        assert stream.content_type == "text/event-stream"
        assert stream.headers["Cache-Control"] == "no-store"
        first = (await stream.content.readuntil(b"\n\n")).decode()
    assert first.startswith("event: piece")
    assert "Đã gửi: <strong>0</strong> / 5" in first

    halted = await chair.submit(page, f"{at}/dung")
    assert "Đã dừng: 5 bản còn chờ được giữ lại" in halted.text
    number = (await greeting(console)).id
    assert {one.state for one in await desk.copies(number)} == {DeliveryState.WITHHELD}
    await push(desk)
    assert {one.state for one in await desk.copies(number)} == {DeliveryState.WITHHELD}

    again = await chair.submit(halted, f"{at}/gui-tiep")
    assert "ai đã nhận thì không nhận lần nữa" in again.text
    await push(desk)
    copies = await desk.copies(number)
    assert [one.state for one in copies] == [DeliveryState.QUEUED] * RESIDENTS
    assert len({one.user for one in copies}) == RESIDENTS
    async with chair.http.get(f"/console{at}/tien-do") as stream:
        async with desk.work() as work:
            letter = await work.db.get(Letter, number)
            assert letter is not None
            await stopping.halt(work, letter, "dừng lúc đang xem", by="test")
        seen = (await stream.content.read()).decode()  # it ends by itself
    assert "Tình trạng đã đổi" in seen
    assert seen.rstrip().endswith("event: end\ndata:")


async def test_an_approval_is_void_when_others_would_get_it_and_the_page_says_so(
    console: Console, desk: LettersDesk, clock: WallClock
) -> None:
    await residents(desk)
    clerk = await console.enter(CLERK)
    at = await drafted(clerk)
    chair = await console.enter(CHAIR)
    await chair.submit(await chair.get(at), f"{at}/ky")
    clock.wait(minutes=85)
    new = await desk.lives("Người Mới Mẫu", "1981-01-05", "7 Lê Lợi")
    await desk.writes_from(new)
    await push(desk)
    assert (await greeting(console)).state is LetterState.HALTED
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    page = await clerk.get(at)
    assert "danh sách người nhận đã khác lúc duyệt" in page.text
    assert "Mời soạn lại, xem danh sách mới, soát và ký lại" in page.text
    await clerk.submit(page, f"{at}/soan-lai")
    seen = await clerk.get(at)
    assert "<strong>6</strong> người" in seen.text
    await clerk.submit(seen, f"{at}/hen-gio", at="2026-11-20T18:00")
    await clerk.submit(await clerk.get(at), f"{at}/soat")
    done = await chair.submit(await chair.get(at), f"{at}/ky")
    assert "số 01/TC-UBND" in done.text  # the number stays with the letter
    table = await chair.get(f"{at}/trao-tay.csv")
    assert "Cụ Mẫu Không Máy" in table.text
    assert "Người Mới Mẫu" not in table.text
