"""The public list of answered cases in a browser without script: narrow, open, print, on a phone, and empty."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from feedback import acts
from records.cases import Feedback, Outcome
from tests.browser.chat_page import CHROMIUM, DESKTOP, PHONE, SMALL, needs_chromium, shoot
from tests.channels.public_house import PublicHouse, open_house

pytestmark = needs_chromium

REPORTS = (
    (
        "flood_drain",
        "Nắp cống vỡ trước trường mầm non, xe máy dễ sụp",
        "hẻm 84 Nguyễn Trãi, khu phố 3",
        "kp3",
    ),
    ("lighting", "Đèn đường tắt ba đêm nay, đoạn gần chợ tối om", "đường Lê Lợi, khu phố 2", "kp2"),
    ("waste", "Rác để bốn ngày chưa ai thu gom, bốc mùi", "đường Quang Trung, khu phố 1", "kp1"),
)
ANSWER = (
    "Tổ đã thay nắp cống mới lúc 15 giờ, chèn lại mép bê tông và dọn sạch miệng cống.\n"
    "Cảm ơn anh/chị đã báo sớm."
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PublicHouse]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def page(house: PublicHouse) -> AsyncIterator[Page]:
    """A browser that runs no script at all; at the end nothing may have been forbidden or missing."""
    complaints: list[str] = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(
            viewport=DESKTOP, locale="vi-VN", base_url=str(house.http._base_url), java_script_enabled=False
        )
        opened = await context.new_page()
        opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        opened.on("requestfailed", lambda request: complaints.append(f"{request.failure} {request.url}"))
        yield opened
        await browser.close()
    # a picture still on its way when the next page is opened is no complaint
    assert [line for line in complaints if "404" not in line and "ERR_ABORTED" not in line] == []


async def publish(house: PublicHouse, number: int = 0, outcome: Outcome = Outcome.RESOLVED) -> Feedback:
    """Let a case be reported, answered and published."""
    category, text, place, quarter = REPORTS[number % len(REPORTS)]
    taken = await house.bench.report(text, category=category, place=place, quarter=quarter)
    hand = await house.bench.hand("ha.thi.my.hanh")
    async with house.bench.work() as work:
        await acts.claim(work, taken.case.code, hand)
    house.bench.wait(hours=1)
    async with house.bench.work() as work:
        await acts.answer(work, taken.case.code, hand, ANSWER, outcome)
    await house.change(taken.case.code, published_at=house.bench.now)
    return taken.case


async def fits(page: Page) -> bool:
    """Tell whether nothing has to be scrolled sideways (measured without the page's own script)."""
    body = await page.locator("body").bounding_box()
    boxes = [await part.bounding_box() for part in await page.locator("header *, main *, footer *").all()]
    assert body is not None
    return all(box["x"] + box["width"] <= body["width"] + 1 for box in boxes if box)


async def test_the_latest_answer_comes_first_and_opens_with_its_photos(house, page):
    case = await publish(house)
    await house.add_photo(case, colour="slategray")
    await house.add_photo(case, after=True, colour="darkseagreen")
    await publish(house, 1, Outcome.PARTLY)
    await page.goto("/phan-anh")
    titles = await page.locator(".cases h2").all_inner_texts()
    assert [title[:9] for title in titles] == ["Đèn đường", "Nắp cống "]
    await shoot(page, "public-list-desktop")
    await page.get_by_role("link", name="Nắp cống vỡ").click()
    assert page.url.endswith(f"/phan-anh/{case.code}")
    await expect(page.get_by_role("main")).to_contain_text("Kết quả: đã xử lý")
    await expect(page.get_by_role("main")).to_contain_text("hẻm 84 Nguyễn Trãi, khu phố 3")
    for photo in await page.locator(".photos img").all():
        await photo.scroll_into_view_if_needed()
        box = await photo.bounding_box()
        assert box is not None
        assert box["width"] > 100
    await expect(page.locator(".photos img")).to_have_count(2)
    await shoot(page, "public-case-desktop")


async def test_the_list_narrows_by_field_and_quarter_without_a_script(house, page):
    for number in range(3):
        await publish(house, number)
    await page.goto("/phan-anh")
    await page.get_by_label("Lĩnh vực").select_option("lighting")
    await page.get_by_role("button", name="Xem").click()
    assert await page.locator(".cases li").count() == 1
    await expect(page.get_by_label("Lĩnh vực")).to_have_value("lighting")
    await page.get_by_label("Khu phố").select_option("kp1")
    await page.get_by_role("button", name="Xem").click()
    await expect(page.get_by_role("main")).to_contain_text("Chưa có việc nào như anh/chị chọn")
    await shoot(page, "public-none")
    await page.get_by_role("link", name="xem tất cả").click()
    assert await page.locator(".cases li").count() == 3


async def test_more_than_a_page_is_turned(house, page):
    for number in range(21):
        await publish(house, number)
    await page.goto("/phan-anh")
    await expect(page.get_by_role("main")).to_contain_text("21 việc, trang 1/2.")
    await page.get_by_role("link", name="Trang sau").click()
    assert await page.locator(".cases li").count() == 1
    await page.get_by_role("link", name="Trang trước").click()
    assert await page.locator(".cases li").count() == 20
    await page.goto("/phan-anh?trang=9")
    await page.get_by_role("link", name="Về trang đầu").click()
    assert await page.locator(".cases li").count() == 20


async def test_on_phones_everything_fits_and_can_be_touched(house, page):
    case = await publish(house)
    await house.add_photo(case)
    for name, size in (("phone", PHONE), ("small", SMALL)):
        await page.set_viewport_size(size)
        for path in ("/phan-anh", f"/phan-anh/{case.code}"):
            await page.goto(path)
            assert await fits(page), (name, path)
            await shoot(page, f"public-{name}-{'case' if 'PA' in path else 'list'}")
        await page.goto("/phan-anh")
        for part in await page.locator("button, select, .cases h2 a, .act").all():
            box = await part.bounding_box()
            assert box is not None
            assert box["height"] >= 40


async def test_on_paper_only_the_cases_remain(house, page):
    case = await publish(house)
    await page.emulate_media(media="print")
    await page.goto("/phan-anh")
    for hidden in (".narrow", ".act"):
        await expect(page.locator(hidden)).to_be_hidden()
    await expect(page.locator(".cases li")).to_be_visible()
    await shoot(page, "public-print")
    assert (await page.pdf()).startswith(b"%PDF")
    await page.goto(f"/phan-anh/{case.code}")
    await expect(page.locator(".back")).to_be_hidden()


async def test_in_the_dark_and_with_nothing_published_it_says_what_to_do(page):
    await page.set_viewport_size(PHONE)
    await page.emulate_media(color_scheme="dark")
    await page.goto("/phan-anh")
    await expect(page.get_by_role("main")).to_contain_text("Phường chưa đăng việc nào.")
    await expect(page.get_by_role("main").get_by_role("link", name="nhắn trợ lý số")).to_have_attribute(
        "href", "/"
    )
    await shoot(page, "public-empty-dark")


async def test_a_case_that_is_not_public_is_told_as_one_that_is_not_there(house, page):
    unpublished = await house.bench.report()
    secret = await house.bench.report(category="child")
    await house.change(secret.case.code, published_at=house.bench.now)
    pages = set()
    for code in (unpublished.case.code, secret.case.code, "PA26-9999-9", "%00", "' OR 1=1 --"):
        answer = await page.goto(f"/phan-anh/{code}")
        assert answer is not None
        assert answer.status == 404
        pages.add(await answer.text())
    assert len(pages) == 1
    await shoot(page, "public-404")


async def test_hostile_words_stay_words(house, page):
    words = "<script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7*7 }} \u202eđảo"
    case = await publish(house)
    await house.change(case.code, public_text=words, title=words[:100], answer=words)
    await page.goto("/phan-anh")
    await expect(page.get_by_role("main")).to_contain_text("<script>alert(1)</script>")
    await page.goto(f"/phan-anh/{case.code}")
    await expect(page.locator(".case .words").first).to_contain_text("{{ 7*7 }}")
    assert await page.locator("script, .case img").count() == 0


async def test_every_page_keeps_to_itself(house):
    case = await publish(house)
    name = await house.add_photo(case)
    await house.media.save(b"<script>not a photo</script>")
    for path in ("/phan-anh", f"/phan-anh/{case.code}", f"/phan-anh/anh/{name}", "/phan-anh/x"):
        async with house.http.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith(
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"
            )
            assert "script-src" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "Set-Cookie" not in answer.headers
    async with house.http.get(f"/phan-anh/anh/{name}") as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")


async def test_a_photo_is_shown_only_while_its_case_is_public(house):
    case = await publish(house)
    shown = await house.add_photo(case)
    other = await house.add_photo((await house.bench.report()).case, colour="red")
    nobodys = await house.media.save(b"\xff\xd8\xff not of a case")
    script = await house.attach(case, await house.media.save(b"<script>alert(1)</script>"))
    for name, expected in (
        (shown, 200),
        (other, 404),
        (nobodys, 404),
        (script, 404),
        ("0" * 64, 404),
        ("..", 404),
    ):
        async with house.http.get(f"/phan-anh/anh/{name}") as answer:
            assert answer.status == expected
    await house.change(case.code, published_at=None)
    async with house.http.get(f"/phan-anh/anh/{shown}") as answer:
        assert answer.status == 404
