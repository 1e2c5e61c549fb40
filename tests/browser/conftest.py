"""A ward to talk to, a browser to do it with, and its page with the greeting on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext as Context
from playwright.async_api import Page, async_playwright, expect

from tests.browser.chat_page import CHROMIUM, DESKTOP, last_answer, office
from tests.channels.web_ward import WebWard, open_ward


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[WebWard]:
    async with open_ward(tmp_path) as opened:
        opened.office = office
        yield opened


@pytest.fixture
async def context(ward: WebWard) -> AsyncIterator[Context]:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_context(
            viewport=DESKTOP,
            locale="vi-VN",
            base_url=ward.url,
            geolocation={"latitude": 10.5, "longitude": 107.1, "accuracy": 12},
        )
        yield opened
        await browser.close()


@pytest.fixture
async def page(context: Context) -> AsyncIterator[Page]:
    """Open the page and wait for the greeting; at the end nothing may stand in the console."""
    opened = await context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None
    )
    await opened.goto("/")
    await expect(last_answer(opened)).to_contain_text("Anh/chị cần việc gì ạ?")
    yield opened
    assert complaints == []
