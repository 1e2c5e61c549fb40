"""How the chat page looks: large letters, small phones, no script, and inside other people's pages."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from playwright.async_api import BrowserContext as Context
from playwright.async_api import Page, expect

from tests.browser.chat_page import (
    NEIGHBOURS,
    PHONE,
    SMALL,
    last_answer,
    needs_chromium,
    shoot,
    write,
)
from tests.channels.web_ward import WebWard

pytestmark = needs_chromium


async def test_large_letters_stay_large(page: Page) -> None:
    button = page.get_by_role("button", name="Chữ to")
    before = await page.evaluate("getComputedStyle(document.querySelector('.words')).fontSize")
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await expect(button).to_have_attribute("aria-pressed", "true")
    after = await page.evaluate("getComputedStyle(document.querySelector('.words')).fontSize")
    assert float(after.removesuffix("px")) > 1.25 * float(before.removesuffix("px"))


async def test_large_letters_on_a_small_phone_do_not_scroll_sideways(page: Page) -> None:
    await write(page, "khai sinh " + "x" * 300)
    await expect(last_answer(page)).to_contain_text("Giấy chứng sinh")
    await page.set_viewport_size(SMALL)
    for name in ("small", "small-large-letters"):
        for selector in ("document.documentElement", "document.querySelector('#scroll')"):
            assert await page.evaluate(f"{selector}.scrollWidth <= {selector}.clientWidth")
        await shoot(page, name)
        await page.get_by_role("button", name="Chữ to").click()


async def test_a_long_answer_is_read_from_its_beginning(ward: WebWard, page: Page) -> None:
    user = (await ward.heard())[0].sender.user
    await page.set_viewport_size(PHONE)
    for turn in range(3):
        await ward.say(
            user, f"Lần {turn}: bắt đầu.\n" + "Một dòng dài của câu trả lời này.\n" * 40, NEIGHBOURS
        )
        await expect(last_answer(page)).to_contain_text(f"Lần {turn}: bắt đầu.")
        if not turn:
            await expect(last_answer(page).get_by_text("Lần 0: bắt đầu.")).to_be_in_viewport()
        for part in ("header", "footer"):
            await expect(page.locator(part)).to_be_in_viewport(ratio=1)
    await shoot(page, "phone-long")
    await page.get_by_role("button", name="Xem tin mới").click()
    await expect(last_answer(page).get_by_role("button", name="Không đúng ý")).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Xem tin mới")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")


async def test_everything_pressed_with_a_thumb_is_large_enough(page: Page) -> None:
    await page.set_viewport_size(PHONE)
    for button in await page.get_by_role("button").all():
        box = await button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, await button.inner_text()


async def test_the_page_in_pictures(page: Page) -> None:
    await shoot(page, "desktop-greeting")
    await write(page, "lam giay khai sin cho con can gi z, khai sinh")
    await expect(last_answer(page)).to_contain_text("Giấy chứng sinh")
    await shoot(page, "desktop")
    await page.set_viewport_size(PHONE)
    await page.reload()
    await expect(last_answer(page)).to_contain_text("Giấy chứng sinh")
    await shoot(page, "phone")
    await page.get_by_role("button", name="Chữ to").click()
    await page.locator("#scroll").evaluate("it => it.scrollTo(0, it.scrollHeight)")
    await shoot(page, "phone-large-letters")
    await page.emulate_media(color_scheme="dark")
    await shoot(page, "phone-dark")


async def test_without_a_script_the_hotline_is_shown(ward: WebWard, context: Context) -> None:
    assert context.browser is not None
    still = await context.browser.new_context(java_script_enabled=False, base_url=ward.url, viewport=PHONE)
    page = await still.new_page()
    await page.goto("/")
    await expect(page.get_by_text(re.compile("Khung chat cần JavaScript"))).to_contain_text("0254 3 123 456")
    await expect(page.get_by_role("button")).to_have_count(0)
    await shoot(page, "no-script")


@asynccontextmanager
async def another_site(html: str) -> AsyncIterator[str]:
    """Serve one page on "localhost", which is not the ward's 127.0.0.1."""

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", show)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def with_button(ward: WebWard) -> str:
    script = f'<script src="{ward.url}/chat/widget.js"></script>'
    return f"<!doctype html><title>x</title><h1>Trang khác</h1>{script}"


async def test_the_button_opens_the_chat_on_another_page(ward: WebWard, context: Context) -> None:
    page = await context.new_page()
    frame = page.frame_locator("iframe")
    async with another_site(with_button(ward)) as address:
        await page.goto(
            address.replace("localhost", "127.0.0.1")
        )  # same site: our plain-http cookie is let in
        await page.get_by_role("button", name="Hỏi Trợ lý số").click()
        await expect(frame.get_by_text("Anh/chị cần việc gì ạ?")).to_be_visible()
        await expect(page.get_by_role("button", name="Đóng khung chat")).to_have_attribute(
            "aria-expanded", "true"
        )
        await shoot(page, "widget")
        await page.set_viewport_size(PHONE)
        await frame.get_by_label("Anh/chị cần hỏi việc gì?").fill("khai sinh")
        await frame.get_by_role("button", name="Gửi", exact=True).click()
        await expect(frame.get_by_text("Giấy chứng sinh")).to_be_visible()
        await shoot(page, "widget-phone")
        await page.get_by_role("button", name="Đóng khung chat").click()
        await expect(page.locator("iframe")).to_be_hidden()


async def test_where_our_cookie_is_refused_the_way_to_our_own_page_is_shown(
    ward: WebWard, context: Context
) -> None:
    page = await context.new_page()
    frame = page.frame_locator("iframe")
    async with another_site(with_button(ward)) as address:
        await page.goto(address)
        await page.get_by_role("button", name="Hỏi Trợ lý số").click()
        await expect(frame.get_by_role("link", name="Mở trang trò chuyện riêng")).to_be_visible()
        await shoot(page, "widget-blocked")
    assert await ward.received() == []


async def test_a_page_that_is_not_for_embedding_stays_out_of_frames(ward: WebWard, context: Context) -> None:
    page = await context.new_page()
    async with another_site(f'<!doctype html><title>x</title><iframe src="{ward.url}/"></iframe>') as address:
        await page.goto(address)
        await expect(
            page.frame_locator("iframe").get_by_role("heading", name="Phường An Thịnh")
        ).to_have_count(0)
