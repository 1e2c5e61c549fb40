"""The chat page in a real browser, as a resident meets it. Skipped where there is no Chromium."""

import asyncio
from io import BytesIO

from PIL import Image
from playwright.async_api import BrowserContext as Context
from playwright.async_api import Page, Route, expect

from tests.browser.chat_page import (
    last_answer,
    needs_chromium,
    own,
    shoot,
    texts,
    write,
)
from tests.channels.web_ward import WebWard

pytestmark = needs_chromium


async def test_lan_asks_and_is_answered(ward: WebWard, page: Page) -> None:
    await write(page, "đăng ký khai sinh")
    await expect(last_answer(page)).to_contain_text("Giấy chứng sinh")
    await expect(last_answer(page).locator("strong").first).to_have_text("Đăng ký khai sinh")
    await expect(own(page)).to_have_count(1)
    await expect(own(page)).not_to_contain_text("Đang gửi")
    await expect(page.locator("#waiting")).to_be_hidden()
    assert await texts(ward) == ["/batdau", "đăng ký khai sinh"]


async def test_a_choice_shows_its_label_and_says_its_words(ward: WebWard, page: Page) -> None:
    await page.get_by_role("button", name="Việc của tôi").click()
    await expect(own(page).locator(".words")).to_have_text("Việc của tôi")
    await expect(last_answer(page)).to_contain_text("đã nghe: tình trạng")
    await page.get_by_role("button", name="Gặp cán bộ").click()  # an old choice can still be pressed
    await expect(last_answer(page)).to_contain_text("đã nghe: gặp cán bộ")
    assert [heard.pressed for heard in await ward.heard()] == [False, True, True]


async def test_the_keyboard_alone_is_enough(ward: WebWard, page: Page) -> None:
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Đến ô nhập câu hỏi")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("dòng một")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("dòng hai")
    await page.keyboard.press("Enter")
    await expect(last_answer(page)).to_contain_text("dòng hai")
    await expect(page.get_by_label("Anh/chị cần hỏi việc gì?")).to_be_focused()
    await page.get_by_role("button", name="Tra cứu thủ tục").focus()
    await page.keyboard.press("Enter")
    await expect(last_answer(page)).to_contain_text("đã nghe: tra cứu")
    await page.get_by_role("button", name="Xóa khung chat trên máy này").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert await texts(ward) == ["/batdau", "dòng một\ndòng hai", "tra cứu"]


async def test_a_word_still_being_composed_is_not_sent(ward: WebWard, page: Page) -> None:
    box = page.get_by_label("Anh/chị cần hỏi việc gì?")
    await box.fill("khai sin")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    await expect(box).to_have_value("khai sin")
    assert await texts(ward) == ["/batdau"]


async def test_what_is_written_without_a_line_arrives_once_when_it_is_back(
    ward: WebWard, context: Context, page: Page
) -> None:
    await context.set_offline(True)
    await write(page, "khi mất mạng")
    await expect(own(page)).to_contain_text("Đang gửi…")
    await expect(page.get_by_role("status")).to_contain_text("Mất kết nối, đang nối lại…")
    await shoot(page, "offline")
    assert await texts(ward) == ["/batdau"]
    await context.set_offline(False)
    await expect(last_answer(page)).to_contain_text("đã nghe: khi mất mạng")
    await expect(page.get_by_role("status")).to_be_empty()
    await expect(own(page)).to_have_count(1)
    assert await texts(ward) == ["/batdau", "khi mất mạng"]


async def test_an_answer_that_never_arrived_makes_the_page_repeat_not_double(
    ward: WebWard, page: Page
) -> None:
    tries = 0

    async def lose_the_answer(route: Route) -> None:
        nonlocal tries
        tries += 1
        await route.fetch()
        await (route.abort() if tries == 1 else route.continue_())

    await page.route("**/chat/messages", lose_the_answer)
    await write(page, "một lần thôi")
    await expect(own(page)).not_to_contain_text("Đang gửi", timeout=10_000)
    await expect(page.locator(".say:not(.mine)")).to_have_count(2)
    assert tries == 2
    assert await texts(ward) == ["/batdau", "một lần thôi"]


async def test_what_waits_to_be_sent_survives_a_reload(page: Page) -> None:
    await page.route("**/chat/messages", lambda route: route.abort())
    await write(page, "trước khi tải lại")
    await expect(own(page)).to_contain_text("Đang gửi…")
    await page.unroute("**/chat/messages")
    await page.reload()
    await expect(last_answer(page)).to_contain_text("đã nghe: trước khi tải lại")
    await expect(own(page)).to_have_count(1)


async def test_a_reload_shows_the_conversation_once(ward: WebWard, page: Page) -> None:
    await write(page, "khai sinh")
    await expect(last_answer(page)).to_contain_text("Giấy chứng sinh")
    await page.reload()
    await expect(page.locator(".say")).to_have_count(3)
    await asyncio.sleep(0.5)  # a doubled greeting would come now
    await expect(page.locator(".say")).to_have_count(3)
    assert await texts(ward) == ["/batdau", "khai sinh"]


async def test_two_tabs_show_the_same(context: Context, page: Page) -> None:
    other = await context.new_page()
    await other.goto("/")
    await write(page, "từ cửa sổ kia")
    await expect(last_answer(other)).to_contain_text("đã nghe: từ cửa sổ kia")
    await expect(other.locator(".say")).to_have_count(3)
    await expect(page.locator(".say")).to_have_count(3)


async def test_the_chat_is_wiped_from_a_shared_machine(ward: WebWard, page: Page) -> None:
    await write(page, "chuyện riêng của Lan")
    await expect(last_answer(page)).to_contain_text("chuyện riêng")
    await page.get_by_role("button", name="Xóa khung chat trên máy này").click()
    await shoot(page, "erase")
    await page.get_by_role("dialog").get_by_role("button", name="Xóa", exact=True).click()
    await expect(page.locator(".say")).to_have_count(1)
    await expect(last_answer(page)).to_contain_text("Anh/chị cần việc gì ạ?")
    await page.reload()
    await expect(page.locator(".say")).to_have_count(1)
    assert "riêng" not in await page.content() + str(await page.evaluate("JSON.stringify(localStorage)"))
    assert len({heard.sender.user for heard in await ward.heard()}) == 2


async def test_wiping_without_a_line_is_finished_when_it_is_back(
    ward: WebWard, context: Context, page: Page
) -> None:
    await write(page, "chuyện riêng của Lan")
    await expect(last_answer(page)).to_contain_text("chuyện riêng")
    await context.set_offline(True)
    await page.get_by_role("button", name="Xóa khung chat trên máy này").click()
    await page.get_by_role("dialog").get_by_role("button", name="Xóa", exact=True).click()
    await expect(page.locator(".say")).to_have_count(0)
    await context.set_offline(False)
    await expect(last_answer(page)).to_contain_text("Anh/chị cần việc gì ạ?")
    await expect(page.locator(".say")).to_have_count(1)
    assert len({heard.sender.user for heard in await ward.heard()}) == 2


async def test_wiping_in_one_tab_wipes_the_other(ward: WebWard, context: Context, page: Page) -> None:
    other = await context.new_page()
    await other.goto("/")
    await expect(last_answer(other)).to_contain_text("Anh/chị cần việc gì ạ?")
    old = (await ward.heard())[0].sender.user
    await page.get_by_role("button", name="Xóa khung chat trên máy này").click()
    await page.get_by_role("dialog").get_by_role("button", name="Xóa", exact=True).click()
    await expect(page.locator(".say")).to_have_count(1)
    await ward.say(old, "trả lời cho cuộc trò chuyện cũ")
    await write(other, "ai đó khác")
    await expect(last_answer(other)).to_contain_text("đã nghe: ai đó khác")
    assert "cuộc trò chuyện cũ" not in await other.content() + await page.content()


async def test_a_photo_and_a_place_go_along(ward: WebWard, context: Context, page: Page) -> None:
    await context.grant_permissions(["geolocation"])
    picture = BytesIO()
    Image.effect_noise((3000, 1000), 60).save(picture, "PNG")
    await page.locator("#file").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    await page.get_by_role("button", name="Vị trí").click()
    await expect(page.locator(".tray > div")).to_have_count(2)
    await shoot(page, "tray")
    await write(page, "đèn đường hỏng")
    await expect(last_answer(page)).to_contain_text("đã nhận 1 ảnh, vị trí: True")
    await expect(own(page).locator("img")).to_have_count(1)
    heard = (await ward.heard())[-1]
    kept = Image.open(BytesIO(await ward.channel.fetch(heard.photos[0])))
    assert (kept.format, kept.size) == ("JPEG", (2048, 683))
    assert heard.place is not None
    assert heard.place.latitude == 10.5


async def test_a_file_that_is_no_photo_is_refused_and_the_words_come_back(page: Page) -> None:
    await page.locator("#file").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    await write(page, "xem giúp ảnh này")
    await expect(own(page)).to_contain_text("không phải ảnh JPEG")
    await shoot(page, "refused")
    await page.get_by_role("button", name="Sửa lại").click()
    await expect(page.get_by_label("Anh/chị cần hỏi việc gì?")).to_have_value("xem giúp ảnh này")
    await expect(own(page)).to_have_count(0)


async def test_a_code_on_a_poster_leads_to_its_procedure_once(ward: WebWard, context: Context) -> None:
    page = await context.new_page()
    await page.goto("/?tthc=1.001193")
    await expect(last_answer(page)).to_contain_text("Giấy chứng sinh")
    await expect(own(page).locator(".words")).to_have_text("Xem thủ tục 1.001193")
    await page.reload()
    await expect(page.locator(".say")).to_have_count(3)
    await page.goto("/?tthc=javascript:1")
    await expect(page.locator(".say")).to_have_count(3)
    assert await texts(ward) == ["/batdau", "/start tthc_1.001193"]


async def test_an_answer_is_only_text(ward: WebWard, page: Page) -> None:
    user = (await ward.heard())[0].sender.user
    await ward.say(
        user, "<img src=x onerror=alert(1)> <b>đậm</b> http://evil.example javascript:1 https://a.vn/x?y=1."
    )
    await expect(last_answer(page)).to_contain_text("<img src=x onerror=alert(1)> <b>đậm</b>")
    links = last_answer(page).get_by_role("link")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", "https://a.vn/x?y=1")
    await expect(links).to_have_attribute("rel", "noopener noreferrer")


async def test_when_the_session_was_lost_the_page_gets_a_new_one(context: Context, page: Page) -> None:
    await context.clear_cookies()
    await write(page, "còn đó không")
    await expect(last_answer(page)).to_contain_text("đã nghe: còn đó không", timeout=15_000)
