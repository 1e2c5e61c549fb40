"""In a real browser: a card changed by two people and read in the web chat; a greeting halted and resumed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.chat_page import last_answer, needs_chromium
from tests.conftest import WallClock
from tests.console.bench import Console
from tests.console.browser import chromium, complaints_of, context_of
from tests.console.desk_of_words import DECIDER, WRITER, two_editors
from tests.console.letters_bench import CHAIR, CLERK, LettersDesk
from tests.console.test_letters_greetings import drafted, push, residents

pytestmark = needs_chromium
BIRTH = "1.001193"
WHERE = "Quầy số 9, tầng trệt, phòng mới"


@pytest.fixture
async def window() -> AsyncIterator[Any]:
    async with chromium() as browser:
        yield browser


async def opened(window: Any, console: Console, login: str) -> Page:
    page: Page = await (await context_of(window, console, login)).new_page()
    return page


async def test_a_card_published_by_two_people_is_what_the_web_chat_shows(
    console: Console, window: Any
) -> None:
    await two_editors(console)
    writer, decider = await opened(window, console, WRITER), await opened(window, console, DECIDER)
    complaints = complaints_of(writer)
    await writer.goto(f"/console/thu-tuc/the/{BIRTH}/sua")
    await writer.locator("[name=where]").fill(WHERE)
    await writer.locator("[name=note]").fill("đối chiếu nguồn")
    async with writer.expect_navigation():
        await writer.locator("button[name=lam][value=de-nghi]").click()
    await expect(writer.locator(".told").first).to_contain_text("Đã đề nghị công bố")

    await decider.goto("/console/thu-tuc/cong-bo")
    await expect(decider.locator("main")).to_contain_text(WHERE)
    await decider.locator("input[type=checkbox][name=ban]").check()
    async with decider.expect_navigation():
        await decider.get_by_role("button", name="Công bố ấn bản mới").click()
    await expect(decider.locator(".told").first).to_contain_text("Đã công bố ấn bản 1")

    chat = await (await window.new_context(locale="vi-VN", base_url=console.url)).new_page()
    await chat.goto(f"/?tthc={BIRTH}")
    await expect(last_answer(chat)).to_contain_text(WHERE)
    assert complaints == []


async def test_the_chair_halts_a_greeting_and_lets_it_go_on(
    console: Console, window: Any, clock: WallClock
) -> None:
    desk = LettersDesk(console)
    await residents(desk)
    at = await drafted(await console.enter(CLERK))
    chair = await console.enter(CHAIR)
    await chair.submit(await chair.get(at), f"{at}/ky")
    clock.wait(minutes=85)
    await push(desk)

    page = await opened(window, console, CHAIR)
    complaints = complaints_of(page)
    await page.goto("/console/thu/loi-chuc")
    await expect(page.locator("[data-live]")).to_contain_text("Đã gửi: 0 / 5")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Dừng ngay").first.click()
    await expect(page.locator(".told").first).to_contain_text("Đã dừng: 5 bản còn chờ được giữ lại")
    await page.goto(f"/console{at}")
    async with page.expect_navigation():
        await page.locator("form[action$='/gui-tiep'] button").first.click()
    await expect(page.locator(".told").first).to_contain_text("ai đã nhận thì không nhận lần nữa")
    assert complaints == []
