"""Every page in a real browser: nothing hostile runs, everybody can read it, it fits a phone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.browser.chat_page import needs_chromium
from tests.console.bench import Console
from tests.console.browser import PHONE, chromium, complaints_of, context_of
from tests.console.full_house import EVERYTHING, HOSTILE, furnish, pages

pytestmark = needs_chromium
GRAVE = ("serious", "critical")
FITS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
async def window() -> AsyncIterator[Any]:
    async with chromium() as browser:
        yield browser


async def test_nothing_residents_wrote_ever_runs(console: Console, window: Any) -> None:
    known = await furnish(console, HOSTILE)
    context = await context_of(window, console, EVERYTHING)
    page = await context.new_page()
    complaints, empty = complaints_of(page), []
    for address in pages(known):
        answer = await page.goto(f"/console{address}")
        assert answer is not None
        assert answer.status in (200, 404, 409), (address, answer.status)
        if answer.status != 200:
            empty.append(address)
        assert await page.evaluate("window.broken") is None, address
        odd = await page.locator(
            "main script, main iframe, main [onerror], main [onload], main [ontoggle]"
        ).count()
        assert odd == 0, address
        links = await page.locator("a[href^='javascript' i]").count()
        assert links == 0, address
    assert complaints == []
    assert len(empty) <= 4, empty


async def test_every_page_can_be_read_by_everybody_and_fits_a_phone(console: Console, window: Any) -> None:
    known = await furnish(console)
    context = await context_of(window, console, EVERYTHING, size=PHONE)
    page = await context.new_page()
    grave: dict[str, list[str]] = {}
    wide: dict[str, int] = {}
    for address in pages(known):
        await page.goto(f"/console{address}")
        found = (await Axe().run(page)).response["violations"]
        bad = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in GRAVE]
        if bad:
            grave[address] = bad
        if (over := await page.evaluate(FITS)) > 0:
            wide[address] = over
    assert grave == {}
    assert wide == {}
