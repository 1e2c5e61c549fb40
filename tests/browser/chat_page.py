"""A very small ward's answers, and the words with which tests speak of the chat page."""

import os
import shutil
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, ViewportSize, expect

from handlers.talk import Choice, Incoming, bold, with_numbers
from tests.channels.web_ward import WebWard

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SHOTS = os.environ.get("CHAT_SHOTS")  # a folder: pictures of the page are put there
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"
)

expect.set_options(timeout=15_000)  # a busy machine

DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
SMALL = ViewportSize(width=320, height=568)

MENU = (
    Choice("Tra cứu thủ tục", "tra cứu", "Tra cứu thủ tục (giấy tờ, lệ phí)"),
    Choice("Gửi phản ánh", "phản ánh"),
    Choice("Việc của tôi", "tình trạng"),
    Choice("Lịch, địa chỉ", "lịch"),
    Choice("Gặp cán bộ", "gặp cán bộ"),
)
GREETING = (
    f"Xin chào anh/chị. Đây là {bold('Trợ lý số phường An Thịnh')}, máy trả lời tự động.\n"
    "Anh/chị cần việc gì ạ?"
)
CARD = (
    f"Dạ, anh/chị hỏi về {bold('Đăng ký khai sinh')} (cấp phường).\n\n"
    "Giấy tờ cần mang:\n1. Tờ khai (có sẵn tại quầy, hoặc tải mẫu)\n2. Giấy chứng sinh (bản chính)\n"
    "3. Giấy tờ tùy thân của người đi đăng ký để đối chiếu\n\n"
    f"{bold('Nơi nộp:')} Quầy 2, Trung tâm Phục vụ hành chính công phường, hoặc trực tuyến tại "
    "https://dichvucong.gov.vn.\n"
    f"{bold('Thời gian:')} trong ngày.\n{bold('Lệ phí:')} không thu (đăng ký đúng hạn).\n\n"
    "Nguồn: mã 1.001193, kiểm tra ngày 02/11/2026."
)
NEIGHBOURS = (Choice("Bé quá 60 ngày", "khai sinh quá hạn"), Choice("Không đúng ý", "menu"))


async def office(ward: WebWard, heard: Incoming) -> None:
    """Answer like a very small ward."""
    user, text = heard.sender.user, heard.text
    if text == "/batdau":
        await ward.say(user, with_numbers(GREETING, MENU), MENU)
    elif "khai sinh" in text or text.startswith("/start tthc_"):
        await ward.say(user, with_numbers(CARD, NEIGHBOURS), NEIGHBOURS)
    elif heard.photos or heard.place:
        await ward.say(user, f"Dạ, đã nhận {len(heard.photos)} ảnh, vị trí: {heard.place is not None}.")
    else:
        await ward.say(user, f"Dạ, đã nghe: {text}")


def picture(kind: str = "JPEG", size: tuple[int, int] = (800, 600), colour: str = "gray") -> bytes:
    """Return a real photo of nothing much."""
    made = BytesIO()
    Image.blend(Image.effect_noise(size, 60).convert("RGB"), Image.new("RGB", size, colour), 0.5).save(
        made, kind
    )
    return made.getvalue()


def identity_card() -> bytes:
    """Return a photo with the code of an invented person's card."""
    code = zxingcpp.create_barcode(
        "048000000123||Lan Thử Nghiệm|01021990|Nữ|Tổ 3|20112021", zxingcpp.BarcodeFormat.QRCode
    )
    card, made = Image.new("RGB", (1200, 800), "#cde"), BytesIO()
    card.paste(Image.fromarray(code.to_image(scale=8)).convert("RGB"), (700, 80))
    card.save(made, "JPEG", quality=92)
    return made.getvalue()


async def choose_photos(page: Page, *contents: bytes) -> None:
    """Pick photos as one does from a phone's album."""
    await page.locator("#file").set_input_files(
        [
            FilePayload(name=f"{number}.jpg", mimeType="image/jpeg", buffer=content)
            for number, content in enumerate(contents)
        ]
    )


def last_answer(page: Page) -> Locator:
    return page.locator(".say:not(.mine)").last


def own(page: Page) -> Locator:
    return page.locator(".say.mine")


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Anh/chị cần hỏi việc gì?").fill(text)
    await page.keyboard.press("Enter")


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


async def texts(ward: WebWard) -> list[str]:
    return [heard.text for heard in await ward.heard()]
