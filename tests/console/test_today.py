"""Hôm nay: what waits for whom, each tile a way into the list it counts, in a few questions to the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from feedback import acts, restricted
from feedback.acts import Hand
from records import questions, rights
from records.cases import Permission, RequestKind
from records.letters import Letter, LetterState
from records.tables import (
    Address,
    ChannelName,
    ChannelToken,
    Delivery,
    DeliveryState,
    Gate,
    JobRun,
    Purpose,
)
from tests.conftest import WallClock
from tests.console.bench import Answer, Console
from tests.console.case_bench import CHAIR, KHANG, LAN, OFFICE, PHUOC, TAM, report

MOST_QUESTIONS = 16  # of the first page, whoever looks, session and all


def tiles(page: Answer) -> dict[str, tuple[str, str]]:
    """Every tile by its name: what it shows, and where it leads."""
    found = re.findall(
        r'<a class="tile[^"]*" href="/console([^"]*)"><span class="figure[^"]*">([^<]*)</span>'
        r'<span class="name">([^<]*)</span>',
        page.text,
    )
    return {name: (figure, to.replace("&amp;", "&")) for to, figure, name in found}


@contextmanager
def counted(console: Console) -> Iterator[list[str]]:
    """Every question put to the database meanwhile."""
    asked: list[str] = []

    def note(_conn, _cursor, statement, *_more) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    engine = console.database._reader.sync_engine  # a page only reads; senders work with the other one
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


async def a_busy_ward(console: Console, clock: WallClock) -> None:
    khang = await console.person(KHANG)
    late = await report(console, level="urgent", category="trees")
    clock.wait(days=3)  # Monday afternoon: that one is late
    mine, waiting = await report(console, category="lighting"), await report(console)
    await report(console, level="urgent")
    await report(console, category="land")
    async with console.database.writing() as db:
        work = console.office.work(db, console.clock())
        await acts.claim(work, mine.code, Hand(person=khang))
        await acts.ask(work, waiting.code, Hand(person=khang), "Nắp hình gì ạ?")
        await restricted.keep(work, LAN, "Xin giữ kín giúp tôi")
    assert late.due_at < console.clock()
    await _letters_and_roads(console, khang.id or 0)


async def _letters_and_roads(console: Console, clerk: int) -> None:
    now = console.clock()
    states = [
        *[LetterState.DRAFTED] * 3,
        *[LetterState.CHECKED] * 2,
        LetterState.INCOMPLETE,
        LetterState.SIGNED,
    ]
    async with console.database.writing() as db:
        for state in states:
            due = now + timedelta(hours=2) if state is LetterState.SIGNED else None
            db.add(Letter(template="wedding", state=state, drafted_at=now, checked_by=clerk, due_at=due))
        stale = now - timedelta(days=1)
        db.add(Letter(template="wedding", state=LetterState.INCOMPLETE, drafted_at=now, stale_at=stale))
        db.add(_delivery("doubtful", DeliveryState.DOUBTFUL, now))
        db.add(_delivery("stuck", DeliveryState.QUEUED, now - timedelta(hours=1)))
        db.add(Gate(channel=ChannelName.ZALO, next_at=now, next_bulk_at=now))
        token = {"access": "a", "refresh": "b", "given_sha256": "c", "expires_at": now, "renewed_at": now}
        db.add(ChannelToken.model_validate(token | {"channel": "zalo"}))
        db.add(JobRun(name="greetings", slot="x", started_at=now - timedelta(hours=3)))
        await questions.note(db, "xin giấy nuôi rùa", "xin giay nuoi rua", now)
        await rights.ask(db, LAN, RequestKind.ERASE, now=now, due_at=now + timedelta(days=2))


def _delivery(key: str, state: DeliveryState, due) -> Delivery:
    to = Address(ChannelName.TELEGRAM, "1")
    row = {"key": key, "channel": to.channel, "user": to.user, "purpose": Purpose.LETTER, "urgency": 5}
    return Delivery.model_validate(row | {"text": "thư", "state": state, "created_at": due, "due_at": due})


async def test_the_first_page_counts_what_its_lists_show(console: Console, clock: WallClock) -> None:
    await a_busy_ward(console, clock)
    khang = await console.enter(KHANG)
    shown = tiles(await khang.get(""))
    assert shown["Quá hạn"] == ("1", "/phan-anh?han=qua-han")
    assert shown["Của tôi"][0] == "2"
    assert shown["Chờ người dân"][0] == "1"
    assert "Chờ ký" not in shown
    assert "Tin kín" not in shown
    for name in (
        "Quá hạn",
        "Đến hạn hôm nay",
        "Sắp đến hạn",
        "Của tôi",
        "Chưa ai giữ",
        "Chờ người dân",
    ):
        figure, to = shown[name]
        listed = await khang.get(to)
        assert len(set(re.findall(r"/phan-anh/(PA26-\d{4}-\d)", listed.text))) == int(figure), name
    tam = tiles(await (await console.enter(TAM)).get(""))
    assert {figure for figure, to in tam.values() if to.startswith("/phan-anh")} == {"0"}
    phuoc = tiles(await (await console.enter(PHUOC)).get(""))
    assert phuoc["Của tôi"][0] == "0"
    assert phuoc["Chưa ai giữ"][0] == "3"  # he is on duty for the other desk too


async def test_every_tile_leads_where_its_reader_may_go(console: Console, clock: WallClock) -> None:
    await a_busy_ward(console, clock)
    for login in (CHAIR, OFFICE, KHANG):
        browser = await console.enter(login)
        for name, (_, to) in tiles(await browser.get("")).items():
            page = await browser.get(to)
            assert (page.status, page.address) == (200, f"/console{to}"), f"{login}: {name}"


async def test_leaders_and_clerks_see_what_is_theirs_to_do(console: Console, clock: WallClock) -> None:
    await a_busy_ward(console, clock)
    chair = tiles(await (await console.enter(CHAIR)).get(""))
    assert chair["Chờ ký"] == ("2", "/thu?muc=cho-ky")
    assert chair["Sắp gửi đi"][0] == "1"
    assert chair["Chưa rõ đã tới hay chưa"] == ("1", "/thu/chua-ro")
    assert chair["Tin kín"] == ("1", "/phan-anh/hop-kin")
    assert "Chờ soát" not in chair
    assert "Câu hỏi chưa có câu trả lời" not in chair
    office = tiles(await (await console.enter(OFFICE)).get(""))
    assert (office["Chờ soát"][0], office["Còn thiếu"][0]) == ("3", "1")
    assert office["Câu hỏi chưa có câu trả lời"][0] == "1"
    assert office["Yêu cầu về dữ liệu cá nhân"][0] == "1"
    assert office["Việc tự động bị ngắt trong 24 giờ"] == ("1", "/kenh")
    await console.hire("chi.xem", Permission.SEE_REPORTS)
    nobody = await (await console.enter("chi.xem")).get("")
    assert tiles(nobody) == {}
    assert "chưa được giao" in nobody.text


async def test_whoever_checked_a_letter_does_not_count_it_as_theirs_to_sign(console: Console) -> None:
    signer = await console.hire("ky.thay", Permission.SIGN_LETTERS)
    async with console.database.writing() as db:
        for checker in (signer.id, None):
            row = {"template": "wedding", "state": "checked", "drafted_at": console.clock()}
            db.add(Letter.model_validate(row | {"checked_by": checker}))
    page = await (await console.enter("ky.thay")).get("")
    assert tiles(page)["Chờ ký"][0] == "1"


async def test_ill_channels_say_what_to_do(console: Console, clock: WallClock) -> None:
    await a_busy_ward(console, clock)
    chair = await console.enter(CHAIR)
    page = await chair.get("/kenh")
    assert "Khung chat web" in page.text
    assert "greetings" in page.text
    assert "Sổ tay vận hành" in page.text
    assert (await (await console.enter(KHANG)).get("/kenh")).status == 403


async def test_the_first_page_asks_the_same_few_questions_however_much_there_is(
    console: Console, clock: WallClock
) -> None:
    empty = await questions_of(console, "")
    await a_busy_ward(console, clock)
    for _ in range(20):
        await report(console)
    assert await questions_of(console, "") == empty <= MOST_QUESTIONS
    assert await questions_of(console, "/phan-anh?tinh-trang=tat-ca") <= 6


async def questions_of(console: Console, path: str) -> int:
    """How many questions a page puts to the database; the clockwork asks some now and then as well."""
    office, found = await console.enter(OFFICE), []
    for _ in range(3):
        with counted(console) as asked:
            assert (await office.get(path)).status == 200
        found.append(len(asked))
    return min(found)
