"""Clerks who bring registers in, and files to bring in: what the stories of imports and people share."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import aiohttp

from records.cases import Permission
from tests.console.bench import Answer, Browser, Console
from tests.records.importers.register import Book, xlsx
from tests.records.registers import RESIDENT_TITLES

LAN, HOA = "lan", "hoa"


async def clerks(console: Console) -> tuple[Browser, Browser]:
    """Hire two clerks who keep the register, and return their browsers."""
    for login in (LAN, HOA):
        await console.hire(login, Permission.IMPORT_RECORDS, Permission.DRAFT_LETTERS)
    return await console.enter(LAN), await console.enter(HOA)


def residents(count: int, *, start: int = 1, quarter: str = "Tổ dân phố 3") -> list[list[Any]]:
    """Return invented people, one a row."""
    words = ("Mận", "Cúc", "Đào", "Lê", "Hạnh", "Xoài", "Na", "Quýt", "Cam", "Vải")
    return [
        [
            " ".join(["Trần Văn", *(words[int(figure)] for figure in f"{at:02d}")]),
            f"{1 + at % 28:02d}/03/{1950 + at % 50}",
            "nam",
            f"0900 {at // 1000:03d} {at % 1000:03d}",
            f"Số {at} đường Thí Dụ",
            quarter,
            "",
        ]
        for at in range(start, start + count)
    ]


def sheet(rows: Sequence[Sequence[Any]], titles: Sequence[str] = RESIDENT_TITLES) -> bytes:
    """Return a register as XLSX."""
    return xlsx(Book([list(row) for row in rows], titles=tuple(titles)))


async def hand_in(
    browser: Browser, kind: str, content: bytes, name: str = "so.xlsx", **changed: str
) -> Answer:
    """Hand a file in, by the form of the page, in the order of its fields."""
    page = await browser.get("/nhap")
    fields = page.form("/nhap") | {"kind": kind} | changed
    form = aiohttp.FormData(quote_fields=False)  # as browsers write a file's name
    for field, value in fields.items():
        form.add_field(field, value)
    form.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    return await browser.post("/nhap", form)


async def settled(browser: Browser, page: Answer) -> Answer:
    """Return the page of an upload once nothing moves on it any more."""
    path = page.address.removeprefix("/console")
    for _ in range(400):
        page = await browser.get(path)
        if "data-live" not in page.text:
            return page
        await asyncio.sleep(0.02)
    raise AssertionError(f"still at work: {page.address}")


async def brought_in(browser: Browser, kind: str, content: bytes, name: str = "so.xlsx") -> Answer:
    """Hand a file in, confirm it, and return the page that tells how it went."""
    tried = await settled(browser, await hand_in(browser, kind, content, name))
    return await settled(browser, await browser.submit(tried, "/xac-nhan"))
