"""Whole days in a real browser: a clerk, the chairperson on a phone, an officer who uses no mouse."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update
from sqlmodel import col

from letters import drafting
from records.console import ConsoleSession
from records.tables import Delivery, DeliveryState
from tests.browser.chat_page import needs_chromium
from tests.conftest import WallClock
from tests.console import case_bench
from tests.console.bench import Console
from tests.console.browser import DESKTOP, PHONE, chromium, complaints_of, context_of
from tests.console.letters_bench import CHAIR, CLERK, LettersDesk, open_chat
from tests.records.importers.register import DAY, GROOM, GROOM_BORN, Book, couples, xlsx

pytestmark = needs_chromium
expect.set_options(timeout=15_000)
WRITTEN = "Tổ đã thay nắp cống lúc chín giờ sáng nay."


@pytest.fixture
async def window() -> AsyncIterator[Any]:
    async with chromium() as browser:
        yield browser


async def opened(window: Any, console: Console, login: str, size: dict[str, int] | None = None) -> Page:
    context = await context_of(window, console, login, size=size or DESKTOP)
    page: Page = await context.new_page()
    return page


async def hand_in(page: Page, kind: str, file: Path) -> None:
    await page.goto("/console/nhap")
    await page.select_option("#f-kind", kind)
    await page.set_input_files("#f-file", file)
    await page.get_by_role("button", name="Đọc thử tệp").click()
    await expect(page.get_by_role("heading", name="Nếu nạp tệp này")).to_be_visible()


async def doubts_settled(console: Console, clerk: Page, desk: LettersDesk) -> None:
    """The line was lost just when letter 1 was sent; the clerk asks the reader and says that it came."""
    async with console.database.writing() as db:
        await db.exec(
            update(Delivery)
            .values(state=DeliveryState.DOUBTFUL)
            .where(col(Delivery.key).startswith("letter:1:"))
        )
    await clerk.goto("/console/thu/chua-ro")
    while await clerk.get_by_role("button", name="Đã tới").count():
        async with clerk.expect_navigation():
            await clerk.get_by_role("button", name="Đã tới").first.click()
    await expect(clerk.get_by_text("Không có thư nào chưa rõ")).to_be_visible()
    assert {one.state for one in await desk.copies(1)} == {DeliveryState.SENT}


async def test_a_clerks_day_from_a_file_with_faults_to_a_letter_in_the_chat(
    console: Console, window: Any, tmp_path: Path, clock: WallClock
) -> None:
    clock.wait(days=60)  # the register tells of this year's end
    desk, rows = LettersDesk(console), couples(4)
    groom = await desk.lives(str(rows[0][GROOM]), str(rows[0][GROOM_BORN]), "12 Lê Lợi", "TDP 1")
    clerk = await opened(window, console, CLERK)
    complaints = complaints_of(clerk)

    broken = tmp_path / "so ket hon.xlsx"
    faulty = [list(row) for row in rows]
    faulty[2][DAY] = ""
    broken.write_bytes(xlsx(Book(faulty)))
    await hand_in(clerk, "marriages", broken)
    await expect(clerk.get_by_text("Dòng không nạp được")).to_be_visible()
    async with clerk.expect_download() as download:
        await clerk.get_by_role("link", name="Tải tệp dòng lỗi").click()
    assert (await download.value).suggested_filename.endswith(".xlsx")
    await clerk.get_by_role("button", name="Bỏ tệp này").click()

    mended = tmp_path / "so ket hon da sua.xlsx"
    mended.write_bytes(xlsx(Book([list(row) for row in rows])))
    await hand_in(clerk, "marriages", mended)
    await clerk.get_by_role("button", name="Nạp 4 dòng vào sổ").click()
    await expect(clerk.get_by_role("heading", name="Đã nạp")).to_be_visible()
    async with desk.work() as work:
        await drafting.consider(work)
    await clerk.reload()
    await expect(clerk.get_by_role("heading", name="Thư soạn từ tệp này")).to_be_visible()

    async with open_chat(console) as chat:
        await desk.writes_from(groom, chat.address)
        await clerk.get_by_role("link", name="Thư số 1", exact=True).click()
        await expect(clerk.get_by_text("Chưa ghi ngày trao Giấy chứng nhận kết hôn")).to_be_visible()
        await clerk.get_by_label("Ngày trao giấy").fill("18/01/2027")
        await clerk.get_by_role("button", name="Bổ sung và soạn lại").click()
        await clerk.get_by_role("button", name="Đã soát, chuyển ký").click()
        await expect(clerk.locator(".told")).to_contain_text("soát")

        chair = await opened(window, console, CHAIR, PHONE)
        await chair.goto("/console/thu/1")
        picture = chair.locator("img.paper")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("one => one.complete && one.naturalWidth > 0")
        await chair.get_by_role("button", name="Ký thư").click()
        await expect(chair.locator(".told")).to_contain_text("Đã ký thư số 01")

        await desk.released()
        told, shown = await chat.picture()
        assert shown.startswith((b"\x89PNG", b"\xff\xd8\xff"))
        assert "thư chúc mừng kết hôn" in "".join(piece["text"] for piece in told["text"])

    await doubts_settled(console, clerk, desk)
    assert complaints == []


async def press(page: Page, wanted: str) -> None:
    """Go with the tabulator until what has the focus is called so, and press it."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        name = await page.evaluate("() => (document.activeElement.textContent || '').trim()")
        if name == wanted:
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach “{wanted}”")


async def reach(page: Page, selector: str) -> None:
    """Go with the tabulator until the field has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


async def test_an_officer_answers_and_the_chair_signs_without_a_mouse(console: Console, window: Any) -> None:
    case = await case_bench.report(console)
    officer = await opened(window, console, case_bench.KHANG)
    await officer.goto(f"/console/phan-anh/{case.code}")
    await press(officer, "Nhận việc này")
    await press(officer, "Trả lời, đóng việc")
    await reach(officer, "#f-outcome")
    await officer.keyboard.press("ArrowDown")
    await reach(officer, "#f-text")
    await officer.keyboard.type(WRITTEN)
    await press(officer, "Xem trước")
    await expect(officer.locator(".preview").first).to_contain_text(WRITTEN)
    await press(officer, "Gửi")
    await expect(officer.locator(".thread")).to_contain_text(WRITTEN)

    desk = LettersDesk(console)
    letter = await desk.marriage()
    await desk.checked(await console.enter(CLERK), letter.id)
    chair = await opened(window, console, CHAIR)
    await chair.goto(f"/console/thu/{letter.id}")
    await press(chair, "Ký thư")
    await expect(chair.locator(".told")).to_contain_text("Đã ký thư số")


async def test_what_was_typed_outlives_an_expired_session_and_a_double_click_counts_once(
    console: Console, window: Any
) -> None:
    case = await case_bench.report(console)
    officer = await opened(window, console, case_bench.KHANG)
    place = f"/console/phan-anh/{case.code}"
    await officer.goto(place)
    async with officer.expect_navigation():
        await officer.get_by_role("button", name="Nhận việc này").dblclick()
    await officer.goto(f"{place}/viet/tra-loi")
    await officer.select_option("#f-outcome", index=1)
    await officer.fill("#f-text", WRITTEN)
    async with console.database.writing() as db:
        long_ago = console.clock() - timedelta(hours=1)
        await db.exec(update(ConsoleSession).values(seen_at=long_ago))
    await officer.get_by_role("button", name="Xem trước").click()
    await expect(officer.get_by_text("nội dung vừa nhập vẫn còn")).to_be_visible()

    again = await console.enter(case_bench.KHANG)
    await officer.context.add_cookies(
        [
            {
                "name": "__Host-ward-console",
                "value": again.session_name(),
                "url": console.url.replace("http:", "https:"),
                "secure": True,
            }
        ]
    )
    await officer.goto(f"{place}/viet/tra-loi")
    await expect(officer.locator("#f-text")).to_have_value(WRITTEN)
    claimed = [line for line in await case_bench.lines_of(console, case.code) if line.kind == "claimed"]
    assert len(claimed) == 1
