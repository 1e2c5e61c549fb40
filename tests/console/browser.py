"""Real pages in a real browser: a person who has come in, and what every page must show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import BrowserContext, Page, async_playwright

from console.gate import COOKIE
from tests.browser.chat_page import CHROMIUM
from tests.console.bench import Console

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    """Run Debian's Chromium."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


async def context_of(
    browser: Any, console: Console, login: str, *, second: bool = True, size: dict[str, int] = DESKTOP
) -> BrowserContext:
    """Return a browser window in which a person has just come in."""
    inside = await console.enter(login, second=second)
    window: BrowserContext = await browser.new_context(
        viewport=size, locale="vi-VN", base_url=console.url, reduced_motion="reduce"
    )
    await window.add_cookies(
        [
            {
                "name": COOKIE,
                "value": inside.session_name(),
                "url": console.url.replace("http:", "https:"),
                "secure": True,
            }
        ]
    )
    return window


def complaints_of(page: Page) -> list[str]:
    """Return a list that grows by every error of a script and every breach of the content policy."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("dialog", lambda dialog: found.append(f"dialog: {dialog.message}"))
    page.on("console", lambda line: found.append(line.text) if "Content Security" in line.text else None)
    return found
