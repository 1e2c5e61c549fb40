"""What an open page is told: everything sent to it, once, whoever sent it and in whatever order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channel import Outgoing
from bot.web import streams
from bot.web.answers import parted
from handlers.talk import Choice, bold, with_numbers
from knowledge.wording import CHOOSE
from records.tables import Address, ChannelName, DeliveryState
from tests.channels.web_ward import Browser, WebWard, open_browser, open_ward


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[WebWard]:
    async with open_ward(tmp_path) as opened:
        yield opened


@pytest.fixture
async def lan(ward: WebWard) -> AsyncIterator[Browser]:
    async with open_browser(ward) as browser:
        yield browser


@pytest.fixture
def slow_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SWEEP_S", 3600)


@pytest.mark.usefixtures("slow_sweep")
async def test_lan_sees_an_answer_the_moment_it_is_sent(ward: WebWard, lan: Browser) -> None:
    user = await lan.user()
    async with lan.events() as stream:
        row = await ward.put(
            user, f"Lệ phí: {bold('không thu')}.\nMời chọn:", [Choice("Khai sinh", "khai sinh")]
        )
        assert await stream.is_silent()
        await ward.send(row)
        answer = await stream.next(within_s=1)
    assert answer["id"] == row.id
    assert answer["text"] == [
        {"text": "Lệ phí: ", "bold": False},
        {"text": "không thu", "bold": True},
        {"text": ".\nMời chọn:", "bold": False},
    ]
    assert answer["choices"] == [{"label": "Khai sinh", "say": "khai sinh"}]
    assert answer["words"] == answer["text"]  # no list stood under it
    assert answer["lines"] == []


LIFE = (Choice("Khai sinh", "/tthc 1", f"Khai sinh {bold('đúng hạn')}"), Choice("Kết hôn", "/tthc 2"))


async def test_what_may_be_chosen_is_told_apart_from_the_words(ward: WebWard, lan: Browser) -> None:
    user = await lan.user()
    listed = with_numbers(f"Việc nào ạ?\n\n{CHOOSE}\n1. (tin cũ)", LIFE)
    await ward.say(user, listed, LIFE)
    async with lan.events() as stream:
        answer = await stream.next()
    assert "".join(part["text"] for part in answer["text"]).endswith("1. Khai sinh đúng hạn\n2. Kết hôn")
    assert "".join(part["text"] for part in answer["words"]) == f"Việc nào ạ?\n\n{CHOOSE}\n1. (tin cũ)"
    assert answer["lines"] == ["Khai sinh đúng hạn", "Kết hôn"]
    assert [choice["label"] for choice in answer["choices"]] == ["Khai sinh", "Kết hôn"]


@pytest.mark.parametrize(
    "text",
    [
        "Việc nào ạ?",
        f"2. Kết hôn\n\n{CHOOSE}",
        f"Việc nào ạ?\n\n{CHOOSE}\n1. Khai sinh",  # the rest stands in another piece
        f"Việc nào ạ?\n\n{CHOOSE}\n1. Khai sinh\n3. Kết hôn",
        f"Việc nào ạ?\n\n{CHOOSE}\n1. Khai sinh\n2. Kết hôn\n(còn nữa)",
        f"\n\n{CHOOSE}\n1. Khai sinh\n2. Kết hôn",
    ],
)
async def test_a_list_that_is_not_whole_stays_where_it_stands(text: str) -> None:
    assert parted(text, len(LIFE)) == (text, [])


@pytest.mark.usefixtures("slow_sweep")
async def test_an_answer_is_seen_though_the_sender_has_not_yet_written_that_it_is_sent(
    ward: WebWard, lan: Browser
) -> None:
    user = await lan.user()
    async with lan.events() as stream:
        row = await ward.put(user, "Dạ", state=DeliveryState.SENDING)
        to = Address(ChannelName.WEB, user)
        await ward.channel.send(Outgoing(key=row.key, to=to, text="Dạ"))
        assert (await stream.next(within_s=1))["id"] == row.id
        await ward.send(row)
        assert await stream.is_silent()


async def test_what_another_process_sent_is_seen_within_two_seconds(ward: WebWard, lan: Browser) -> None:
    user = await lan.user()
    async with lan.events() as stream:
        number = await ward.say(user, "từ tiến trình khác", here=False)
        assert (await stream.next(within_s=3))["id"] == number


@pytest.mark.usefixtures("slow_sweep")
async def test_only_what_was_sent_to_this_session_is_told(ward: WebWard, lan: Browser) -> None:
    user = await lan.user()
    for state in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.FAILED, DeliveryState.WITHHELD):
        await ward.put(user, state.value, state=state)
    await ward.put(user, None, state=DeliveryState.SENT, sent_at=ward.now)
    await ward.say("someone else", "không phải của Lan")
    row = await ward.put(user, "zalo", key="z", channel=ChannelName.ZALO)
    await ward.send(row, here=False)
    seen = await ward.put(user, "seen", state=DeliveryState.SEEN, sent_at=ward.now)
    async with lan.events() as stream:
        assert (await stream.next())["id"] == seen.id
        assert await stream.is_silent()


@pytest.mark.usefixtures("slow_sweep")
async def test_a_line_cut_again_and_again_loses_nothing_and_doubles_nothing(
    ward: WebWard, lan: Browser
) -> None:
    user = await lan.user()
    told: list[int] = []
    sent: list[int] = []
    for turn in range(6):
        sent += [await ward.say(user, f"{turn}a")]
        ward.now += timedelta(minutes=10)
        async with lan.events(after=told[-1] if told else None) as stream:
            sent += [await ward.say(user, f"{turn}b"), await ward.say(user, f"{turn}c")]
            while told != sent:
                number = (await stream.next())["id"]
                if number not in told[-2:]:  # told within the last two minutes: a page knows them by id
                    told.append(number)
                assert told == sent[: len(told)]
            assert await stream.is_silent(0.05)
        ward.now += timedelta(minutes=10)


@pytest.mark.usefixtures("slow_sweep")
async def test_a_letter_written_earlier_and_sent_later_is_not_skipped(ward: WebWard, lan: Browser) -> None:
    user = await lan.user()
    early = await ward.put(user, "thư soạn tuần trước")
    async with lan.events() as stream:
        late = await ward.say(user, "trả lời hôm nay")
        assert (await stream.next())["id"] == late
        await ward.send(early)
        assert (await stream.next())["id"] == early.id
        assert (early.id or 0) < late
    older = await ward.put(user, "nữa", key="older")
    newest = await ward.say(user, "mới nhất")
    async with lan.events(headers={"Last-Event-ID": str(newest)}) as stream:
        told = {
            (await stream.next())["id"] for _ in range(2)
        }  # within the overlap: the page knows them by id
        assert told == {early.id, late}
        await ward.send(older)
        assert (await stream.next())["id"] == older.id


@pytest.mark.usefixtures("slow_sweep")
async def test_what_was_sent_while_the_page_was_closed_comes_in_the_order_of_sending(
    ward: WebWard, lan: Browser
) -> None:
    user = await lan.user()
    first, second, third = [await ward.put(user, text) for text in "abc"]
    for row in (third, first, second):
        await ward.send(row)
    async with lan.events() as stream:
        assert await stream.ids(3) == [third.id, first.id, second.id]


@pytest.mark.parametrize("after", ["-1", "x", "9" * 40, "1.5", "²", "999"])
async def test_a_strange_resuming_point_means_the_beginning(ward: WebWard, lan: Browser, after: str) -> None:
    number = await ward.say(await lan.user(), "Dạ")
    async with lan.events(headers={"Last-Event-ID": after} if after.isascii() else {}) as stream:
        assert (await stream.next())["id"] == number


@pytest.mark.usefixtures("slow_sweep")
async def test_somebody_elses_delivery_is_no_resuming_point(ward: WebWard, lan: Browser) -> None:
    number = await ward.say(await lan.user(), "Dạ")
    ward.now += timedelta(days=1)
    foreign = await ward.say("someone else", "khác")
    async with lan.events(after=foreign) as stream:
        assert (await stream.next())["id"] == number


async def test_two_open_pages_of_one_person_both_see_it(ward: WebWard, lan: Browser) -> None:
    user = await lan.user()
    async with lan.events() as one, lan.events() as two:
        number = await ward.say(user, "Dạ")
        assert [(await one.next())["id"], (await two.next())["id"]] == [number, number]


async def test_a_silent_stream_beats(lan: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(streams, "LOOK_S", 0.1)
    await lan.user()
    async with lan.events() as stream:
        assert stream.answer.content_type == "text/event-stream"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        async with asyncio.timeout(3):
            while (await stream.answer.content.readline()) != b": still here\n":
                pass


async def test_without_a_session_there_is_no_stream(lan: Browser) -> None:
    async with lan.events() as stream:
        assert stream.status == 401
    async with lan.http.get("/chat/session") as answer:
        assert answer.status == 401
    await lan.user()
    async with lan.http.get("/chat/session") as answer:
        assert answer.status == 200


async def test_a_new_session_does_not_see_the_old_conversation(ward: WebWard, lan: Browser) -> None:
    await ward.say(await lan.user(), "chuyện riêng")
    assert (await lan.post("/chat/session"))[0] == 200
    async with lan.events() as stream:
        assert await stream.is_silent()


async def test_the_house_closes_without_waiting_for_pages(tmp_path: Path) -> None:
    async with asyncio.timeout(4):
        async with open_ward(tmp_path) as ward, open_browser(ward) as lan:
            await lan.user()
            async with lan.events() as stream:
                await ward.channel.stop()
                with pytest.raises(EOFError):
                    await stream.next()


async def test_a_page_that_went_away_is_let_go(
    ward: WebWard, lan: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOK_S", 0.05)
    user = await lan.user()
    async with lan.events():
        assert ward.channel.listeners.users() == [user]
    async with asyncio.timeout(3):
        while ward.channel.listeners.users():
            await asyncio.sleep(0.02)


async def test_a_hundred_pages_are_served_by_one_question(tmp_path: Path) -> None:
    async with (
        open_ward(tmp_path, limits={"web_streams_per_address": 200}) as ward,
        open_browser(ward) as lan,
    ):
        user = await lan.user()
        opened = [lan.events() for _ in range(100)]
        pages = await asyncio.gather(*(page.__aenter__() for page in opened))
        number = await ward.say(user, "Dạ", here=False)
        assert {answer["id"] for answer in await asyncio.gather(*(page.next() for page in pages))} == {number}
        for page in opened:
            await page.__aexit__(None, None, None)
