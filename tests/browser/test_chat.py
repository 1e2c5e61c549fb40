"""The chat page in a real browser, as a resident meets it. Skipped where there is no Chromium."""

import asyncio
from io import BytesIO

from PIL import Image
from playwright.async_api import BrowserContext as Context
from playwright.async_api import Page, Route, expect

from handlers.talk import Place
from tests.browser.chat_page import (
    PHONE,
    choose_photos,
    identity_card,
    last_answer,
    needs_chromium,
    own,
    picture,
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


async def test_a_photo_goes_along_made_small(ward: WebWard, page: Page) -> None:
    await choose_photos(page, picture("PNG", (3000, 1000)))
    await expect(page.locator(".tray img")).to_have_count(1)
    await shoot(page, "tray")
    await write(page, "đèn đường hỏng")
    await expect(last_answer(page)).to_contain_text("đã nhận 1 ảnh")
    await expect(own(page).locator("img")).to_have_count(1)
    heard = (await ward.heard())[-1]
    kept = Image.open(BytesIO(await ward.channel.fetch(heard.photos[0])))
    assert (kept.format, kept.size) == ("JPEG", (2048, 683))


async def test_several_photos_go_one_after_another_as_one_message(ward: WebWard, page: Page) -> None:
    may_go = asyncio.Event()
    under_way: list[int] = []

    async def slowly(route: Route) -> None:
        under_way.append(len(under_way))
        await may_go.wait()
        await route.continue_()

    await page.route("**/chat/photos", slowly)
    await choose_photos(
        page, *(picture(colour=colour) for colour in ("red", "green", "blue", "gold", "gray", "tan"))
    )
    await expect(page.get_by_role("status")).to_contain_text("nhiều nhất 5 ảnh")
    await expect(page.locator(".tray > div")).to_have_count(5)
    await expect(page.get_by_role("button", name="Gửi", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(own(page)).to_contain_text("Đang gửi ảnh 1/5…")
    await shoot(page, "uploading")
    assert under_way == [0]
    may_go.set()
    await expect(last_answer(page)).to_contain_text("đã nhận 5 ảnh")
    await expect(own(page)).to_have_count(1)
    await expect(own(page)).not_to_contain_text("Đang gửi")
    assert len({*(await ward.heard())[-1].photos}) == 5


async def test_an_identity_card_is_left_out_and_the_rest_is_sent(ward: WebWard, page: Page) -> None:
    await choose_photos(page, picture(colour="red"), identity_card(), picture(colour="blue"))
    await write(page, "nắp cống bể")
    await expect(last_answer(page)).to_contain_text("đã nhận 2 ảnh")
    await expect(own(page)).to_contain_text("Xin đừng gửi ảnh giấy tờ tùy thân qua đây.")
    await expect(own(page).locator("img")).to_have_count(2)  # its little picture is not kept here either
    await page.reload()
    await expect(own(page)).to_contain_text("Xin đừng gửi ảnh giấy tờ tùy thân qua đây.")
    await expect(own(page).locator("img")).to_have_count(2)
    assert len((await ward.heard())[-1].photos) == 2


async def test_an_identity_card_alone_is_not_sent(ward: WebWard, page: Page) -> None:
    await choose_photos(page, identity_card())
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(own(page)).to_contain_text("Xin đừng gửi ảnh giấy tờ tùy thân qua đây.")
    await expect(own(page).locator("img")).to_have_count(0)
    await expect(own(page)).to_contain_text("Ảnh đã được bỏ ra.")
    await shoot(page, "refused-card")
    await page.get_by_role("button", name="Bỏ tin này").click()
    await expect(own(page)).to_have_count(0)
    assert await texts(ward) == ["/batdau"]


async def test_a_file_that_is_no_photo_is_left_out_and_the_words_are_sent(ward: WebWard, page: Page) -> None:
    await choose_photos(page, b"no picture")
    await write(page, "xem giúp ảnh này")
    await expect(own(page)).to_contain_text("không phải ảnh JPEG")
    await expect(last_answer(page)).to_contain_text("đã nghe: xem giúp ảnh này")
    await shoot(page, "refused")
    assert (await ward.heard())[-1].photos == ()


async def test_a_message_the_ward_refuses_comes_back_to_be_mended(page: Page) -> None:
    await page.route(
        "**/chat/messages", lambda route: route.fulfill(status=400, json={"error": "Tin này dài quá."})
    )
    await write(page, "một câu rất dài")
    await expect(own(page)).to_contain_text("Tin này dài quá.")
    await page.get_by_role("button", name="Sửa lại").click()
    await expect(page.get_by_label("Anh/chị cần hỏi việc gì?")).to_have_value("một câu rất dài")
    await expect(own(page)).to_have_count(0)


async def test_a_place_is_sent_by_one_press_of_the_keyboard(
    ward: WebWard, context: Context, page: Page
) -> None:
    await context.grant_permissions(["geolocation"])
    await page.get_by_label("Anh/chị cần hỏi việc gì?").fill("còn đang viết dở")
    await page.get_by_role("button", name="Gửi vị trí").focus()
    await page.keyboard.press("Enter")
    await expect(last_answer(page)).to_contain_text("vị trí: True")
    await expect(own(page)).to_contain_text("10.50000, 107.10000, sai số khoảng 12 m")
    await expect(page.get_by_role("button", name="Gửi vị trí")).to_be_focused()
    await expect(page.get_by_label("Anh/chị cần hỏi việc gì?")).to_have_value("còn đang viết dở")
    heard = (await ward.heard())[-1]
    assert heard.place == Place(latitude=10.5, longitude=107.1)


async def test_where_the_place_may_not_be_asked_for_the_page_says_what_to_do(
    ward: WebWard, page: Page
) -> None:
    await page.get_by_role("button", name="Gửi vị trí").click()
    await expect(page.get_by_role("status")).to_contain_text("Trình duyệt chưa được phép xem vị trí.")
    await expect(page.get_by_role("status")).to_contain_text("gõ tên đường và mốc gần nhất")
    await shoot(page, "no-place")
    assert await texts(ward) == ["/batdau"]


async def test_a_place_that_is_only_guessed_is_not_sent(ward: WebWard, context: Context, page: Page) -> None:
    await context.grant_permissions(["geolocation"])
    await context.set_geolocation({"latitude": 10.5, "longitude": 107.1, "accuracy": 4200})
    await page.get_by_role("button", name="Gửi vị trí").click()
    await expect(page.get_by_role("status")).to_contain_text("trong khoảng 5 km nên chưa gửi")
    assert await texts(ward) == ["/batdau"]


async def test_nobody_is_asked_where_they_are_before_they_press(page: Page) -> None:
    await page.add_init_script(
        "navigator.geolocation.getCurrentPosition = () => { document.title = 'asked' }"
    )
    await page.reload()
    await write(page, "khai sinh")
    await expect(last_answer(page)).to_contain_text("Giấy chứng sinh")
    assert await page.title() != "asked"
    await page.get_by_role("button", name="Gửi vị trí").click()
    await expect(page).to_have_title("asked")


async def test_choices_stand_once_with_the_numbers_one_may_type(page: Page) -> None:
    await expect(last_answer(page).locator(".words")).not_to_contain_text("1. ")
    await expect(
        last_answer(page).get_by_role("button", name="1. Tra cứu thủ tục (giấy tờ, lệ phí)")
    ).to_be_visible()
    await expect(last_answer(page).get_by_text("Chọn hoặc gõ số:")).to_have_count(1)
    await write(page, "khai sinh")
    await expect(last_answer(page).get_by_role("button", name="2. Không đúng ý")).to_be_visible()
    older = page.locator(".say").first
    await expect(older.get_by_text("1.")).to_be_hidden()  # a typed number means the newest list
    await expect(older.get_by_text("Chọn hoặc gõ số:")).to_be_hidden()
    await expect(older.get_by_role("button", name="Gặp cán bộ")).to_be_enabled()


async def test_photos_of_the_ward_are_shown_and_opened_large(ward: WebWard, page: Page) -> None:
    user = (await ward.heard())[0].sender.user
    name = await ward.channel.media.save_image(picture(size=(1600, 1200)))
    await ward.send(await ward.put(user, "PA26-0001-7, ảnh sau khi làm xong", attachments=[name]))
    await page.set_viewport_size(PHONE)
    for _ in range(2):
        image = last_answer(page).get_by_role("img", name="Ảnh phường gửi")
        await image.scroll_into_view_if_needed()
        await expect(image).to_have_js_property("naturalWidth", 1600)
        await expect(image).to_have_attribute("loading", "lazy")
        await page.reload()
    button = last_answer(page).get_by_role("button", name="Ảnh phường gửi")
    await button.focus()
    await page.keyboard.press("Enter")
    large = page.get_by_role("dialog").get_by_role("img", name="Ảnh phường gửi")
    await expect(large).to_be_in_viewport(ratio=1)
    await shoot(page, "photo-large")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(button).to_be_focused()


async def test_a_photo_that_was_forgotten_leaves_a_word(ward: WebWard, page: Page) -> None:
    user = (await ward.heard())[0].sender.user
    name = await ward.channel.media.save_image(picture())
    await ward.send(await ward.put(user, "Ảnh đây ạ", attachments=[name]))
    await expect(last_answer(page).get_by_role("img")).to_have_count(1)
    await ward.channel.media.drop(name)
    await page.reload()
    await expect(last_answer(page)).to_contain_text("Ảnh này không còn xem được.")


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
