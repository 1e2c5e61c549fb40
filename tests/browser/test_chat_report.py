"""The broken manhole in front of the kindergarten, from the first word to the photo of the new one.

Nothing is played here: the whole house answers, and a real browser shows it.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext as Context
from playwright.async_api import Geolocation, Page, ViewportSize, expect
from sqlmodel import select

from bot import app
from bot.app import Office
from records import outbox
from records.cases import Feedback
from records.tables import Address, Purpose
from tests.browser.chat_page import (
    DESKTOP,
    PHONE,
    choose_photos,
    identity_card,
    last_answer,
    needs_chromium,
    own,
    picture,
    shoot,
    write,
)
from tests.conftest import WallClock
from tests.conversations.voices import free_port, settings

pytestmark = needs_chromium

LE_LOI = Geolocation(latitude=15.9221, longitude=108.004, accuracy=14)


@pytest.fixture
async def office(tmp_path: Path, clock: WallClock) -> AsyncIterator[Office]:
    """The whole ward of An Thịnh, open to the web only."""
    async with app.build(settings(tmp_path / "an_thinh", port=free_port()), clock) as opened:
        yield opened


@pytest.fixture
async def lan(office: Office, context: Context) -> Page:
    """Lan's page, with the greeting on it."""
    await context.set_geolocation(LE_LOI)
    await context.grant_permissions(["geolocation"])
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{office.port}/")
    await expect(last_answer(page)).to_contain_text("Anh/chị cần việc gì ạ?")
    return page


async def press(page: Page, label: str) -> None:
    await last_answer(page).get_by_role("button", name=label).click()


async def show_the_new_cover(office: Office) -> Feedback:
    """Answer as the desk does: a photo of what was mended goes to whoever reported."""
    name = await office.media.save_image(picture(colour="green"))
    async with office.database.writing() as db:
        case = (await db.exec(select(Feedback))).one()
        assert case.channel is not None
        assert case.user is not None
        await outbox.put(
            db,
            key=f"case:{case.code}:after1:1",
            to=Address(case.channel, case.user),
            purpose=Purpose.REPLY,
            text=f"{case.code}: ảnh sau khi thay nắp",
            now=office.clock(),
            attachments=[name],
        )
    return case


@pytest.mark.parametrize(("screen", "view"), [("phone", PHONE), ("desktop", DESKTOP)])
async def test_lan_reports_the_manhole_from_her_page(
    office: Office, lan: Page, screen: str, view: ViewportSize
) -> None:
    await lan.set_viewport_size(view)
    await write(lan, "nắp cống bể ngay trường mầm non, tối qua có người té")
    await expect(last_answer(lan)).to_contain_text("ngập nước, cống thoát nước")
    await expect(last_answer(lan)).to_contain_text("Nếu đang có người bị nạn, xin gọi ngay 115.")
    await expect(last_answer(lan)).to_contain_text("Xin phép hỏi vị trí")
    await shoot(lan, f"report-{screen}-where")

    await lan.get_by_role("button", name="Gửi vị trí").click()
    await expect(own(lan).last).to_contain_text("15.92210, 108.00400, sai số khoảng 14 m")
    await expect(last_answer(lan)).to_contain_text("Vị trí gần đường Lê Lợi, khu phố 2")
    await press(lan, "1. Đúng")
    await expect(last_answer(lan)).to_contain_text("Anh/chị có ảnh chụp chỗ này không ạ?")
    await expect(last_answer(lan).get_by_role("button", name="1. Không có ảnh")).to_be_in_viewport(ratio=1)

    await choose_photos(lan, picture(size=(3024, 4032)), picture(colour="brown"), identity_card())
    await expect(lan.locator(".tray img")).to_have_count(3)
    await shoot(lan, f"report-{screen}-tray")
    await lan.get_by_role("button", name="Gửi", exact=True).click()
    await expect(last_answer(lan)).to_contain_text("Dạ, đã nhận 2 ảnh.")
    await expect(own(lan).last).to_contain_text("Xin đừng gửi ảnh giấy tờ tùy thân qua đây.")
    await expect(last_answer(lan)).to_contain_text("Xin phép lấy số điện thoại")

    await write(lan, "1")  # numbers may be typed though they stand only on the buttons
    await expect(last_answer(lan)).to_contain_text("Xin anh/chị xem lại:")
    await expect(last_answer(lan)).to_contain_text("Gửi kèm: 2 ảnh")
    await expect(last_answer(lan).locator(".words")).not_to_contain_text("1. Gửi")
    await shoot(lan, f"report-{screen}-confirm")
    await press(lan, "1. Gửi")
    await expect(last_answer(lan)).to_contain_text("Dạ, đã gửi. Mã của anh/chị: PA26-0001-7")
    await expect(lan.get_by_role("button", name="Xem tin mới")).to_be_hidden()
    await shoot(lan, f"report-{screen}-sent")

    case = await show_the_new_cover(office)
    await expect(last_answer(lan)).to_contain_text(f"{case.code}: ảnh sau khi thay nắp")
    await expect(last_answer(lan).get_by_role("img")).to_have_js_property("naturalWidth", 800)
    await shoot(lan, f"report-{screen}-mended")
    await lan.reload()
    await expect(last_answer(lan).get_by_role("img")).to_have_js_property("naturalWidth", 800)
    assert await lan.evaluate("document.querySelector('#scroll').scrollWidth <= innerWidth")
