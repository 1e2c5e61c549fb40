"""From a code read out at the desk to a card in the chat: nobody but the people themselves put an account there."""

import re

import pytest

from records.letters import Route
from tests.conftest import WallClock
from tests.conversations.test_cases import town
from tests.conversations.test_letters import BRIDE, FRIDAY_2PM, RESIDENTS, LettersDesk
from tests.conversations.voices import until
from tests.records.registers import residents_in

CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")


async def desk_of(place) -> LettersDesk:
    made = LettersDesk(place)
    await made.hire()
    await residents_in(place.office.database, *RESIDENTS, now=made.now)
    return made


async def clerk_does(desk, *words: str) -> str:
    """The clerk types and presses, one after another; what they read last."""
    for word in words:
        desk.clerk.says(word)
        await desk.place.settle()
    return str(desk.clerk.heard[-1])


async def binds(desk) -> None:
    """The bride asks, comes by with her card, and the clerk binds."""
    [code] = CODE.findall(await desk.lan.says("đăng ký nhận thư"))
    before = len(desk.lan.heard)
    assert "Xem thẻ căn cước" in await clerk_does(desk, f"gắn {code}")
    assert BRIDE in await clerk_does(desk, f"{BRIDE} 1997 tổ 5")
    assert f"Đã gắn với {BRIDE}" in await clerk_does(desk, "1", "Đúng, gắn")
    await until(lambda: len(desk.lan.heard) > before)
    assert "Từ nay khung chat này" in desk.lan.heard[-1]
    assert BRIDE not in desk.lan.heard[-1]
    assert "đồng ý" in await desk.lan.says("Thư gia đình")
    await desk.lan.says("Đồng ý")


@pytest.mark.parametrize("road", ["telegram", "zalo", "web"])
async def test_a_card_reaches_the_bride_once_her_account_was_seen_to_be_hers(road, tmp_path):
    async with town(road, tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        await binds(desk)
        await desk.has_it_signed()
        before = len(desk.lan.heard)
        await desk.ticks()
        await until(lambda: len(desk.lan.heard) > before)
        assert "gửi thư chúc mừng kết hôn" in desk.lan.heard[before]
        assert await desk.routes() == [Route.PAPER, Route.CHAT]


async def test_once_taken_off_again_the_card_that_waited_is_printed(tmp_path):
    async with town("telegram", tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        await binds(desk)
        assert "Đã gỡ" in await clerk_does(desk, "Gắn nhầm, gỡ ra")
        await desk.has_it_signed()
        before = len(desk.lan.heard)
        await desk.ticks()
        assert desk.lan.heard[before:] == []
        assert await desk.routes() == [Route.PAPER, Route.PAPER]
