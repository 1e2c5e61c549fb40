"""Nhập dữ liệu: a file is tried, mended, brought in, taken back; hostile files, crashes and clicks."""

import asyncio
import io
import re
import zipfile

import aiohttp
import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import col, func, select

from console.imports_work import ImportDesk
from letters import drafting
from letters.work import on_duty
from records import bringing, events, importing, trace, uploads
from records.cases import Permission
from records.console import Upload, UploadState
from records.letters import CivilEvent, EventKind, Household, ImportRun, Letter, LetterState, Resident
from records.tables import Trace
from tests.conftest import WallClock
from tests.console.bench import Browser, Console, open_console
from tests.console.office_of_records import (
    LAN,
    brought_in,
    clerks,
    hand_in,
    residents,
    settled,
    sheet,
)
from tests.records.importers.register import Book, couples, xlsx
from tests.records.registers import RESIDENT_TITLES


async def count(console: Console, table) -> int:
    async with console.database.reading() as db:
        return int((await db.exec(select(func.count()).select_from(table))).one())


async def upload(console: Console, number: int = 1) -> Upload:
    async with console.database.reading() as db:
        row: Upload | None = await db.get(Upload, number)
    assert row is not None
    return row


def folder(console: Console) -> set[str]:
    root = console.office.data_dir / "uploads"
    return {path.name for path in root.iterdir()} if root.is_dir() else set()


async def test_a_clerk_tries_a_file_mends_it_brings_it_in_and_takes_it_back(
    console: Console, clock: WallClock
) -> None:
    lan, hoa = await clerks(console)
    clock.wait(days=60)  # the register tells of this year's end
    lan, hoa = await console.enter(LAN), await console.enter("hoa")
    rows = residents(12)
    rows[4][1] = "31/02/1970"
    tried = await settled(lan, await hand_in(lan, "residents", sheet(rows), "người dân <3>.xlsx"))
    assert "người dân _3_.xlsx" in tried.text
    assert "mới thử, chưa ghi gì" in tried.text
    assert "Nạp 11 dòng vào sổ" in tried.text
    assert await count(console, Resident) == 0
    assert "<option" in tried.text
    assert "Số hộ" in tried.text

    book = await lan.get("/nhap/1/dong-loi.xlsx")
    listed = CalamineWorkbook.from_filelike(io.BytesIO(book.body)).get_sheet_by_index(0).to_python()
    assert str(listed[1][0]) == "6"

    done = await settled(lan, await lan.submit(tried, "/xac-nhan"))
    assert "đã nạp" in done.text
    assert await count(console, Resident) == 11
    assert folder(console) == {"1.errors.xlsx"}  # the register itself is gone

    mended = await settled(lan, await hand_in(lan, "residents", sheet(residents(12)), "sửa.xlsx"))
    assert "Nạp 1 dòng vào sổ" in mended.text
    await settled(lan, await lan.submit(mended, "/xac-nhan"))
    assert await count(console, Resident) == 12

    back = await hoa.submit(await hoa.get("/nhap/2"), "/hoan-tac")
    assert "bỏ 1 dòng" in back.text
    assert await count(console, Resident) == 11
    again = await hoa.get("/nhap/2")
    assert "Đã hoàn tác: bỏ 1 dòng" in again.text
    history = await hoa.get("/nhap/lich-su")
    assert "đã hoàn tác" in history.text
    assert (await hoa.get("/nhap/lich-su.csv")).headers["Content-Type"].startswith("text/csv")
    assert "sửa.xlsx" in (await hoa.get("/nhap")).text
    async with console.database.reading() as db:
        what = set((await db.exec(select(Trace.what))).all())
        assert {"upload.received", "upload.confirmed", "import", "import.undone", "export"} <= what
        assert (await trace.verify(db)).whole


async def test_columns_that_were_not_understood_are_chosen_by_the_clerk(console: Console) -> None:
    lan, _ = await clerks(console)
    odd = sheet(residents(6), ("Họ tên", "Chào đời", *RESIDENT_TITLES[2:4], "Ở đâu", *RESIDENT_TITLES[5:]))
    refused = await settled(lan, await hand_in(lan, "residents", odd))
    assert "không nạp được" in refused.text
    form = refused.form("/cot")
    assert form["cot-0"] == "full_name"
    assert form["cot-1"] == ""
    assert form["cot-4"] == ""

    twice = await lan.submit(refused, "/cot", **{"cot-1": "born", "cot-2": "born"})
    assert twice.status == 422
    assert "chọn cho hai cột" in twice.text
    assert twice.form("/cot")["cot-1"] == "born"  # what was chosen is still there
    strange = await lan.submit(refused, "/cot", **{"cot-1": "../../born"})
    assert strange.status == 422

    right = await lan.submit(refused, "/cot", **{"cot-1": "born", "cot-4": "address"})
    tried = await settled(lan, right)
    assert "Nạp 6 dòng vào sổ" in tried.text
    await settled(lan, await lan.submit(tried, "/xac-nhan"))
    async with console.database.reading() as db:
        one = (await db.exec(select(Resident).order_by(col(Resident.id)))).first()
    assert one is not None
    assert one.address == "Số 1 đường Thí Dụ"
    assert one.born_on is not None


def zipped(files: dict[str, bytes]) -> bytes:
    paper = io.BytesIO()
    with zipfile.ZipFile(paper, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return paper.getvalue()


HOSTILE = {
    "a bomb": zipped({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"\0" * (210 << 20)}),
    "a Word file": zipped({"word/document.xml": b"<a/>"}),
    "a program": b"\x7fELF" + b"\0" * 900,
    "a broken workbook": b"PK\x03\x04" + b"x" * 500,
    "a page with a script": b"<html><script>alert(1)</script></html>",
    "an XML entity": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
    "noise": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_hostile_file_is_refused_with_a_reason(console: Console, what: str) -> None:
    lan, _ = await clerks(console)
    page = await settled(lan, await hand_in(lan, "residents", HOSTILE[what]))
    assert "Không nạp được:" in page.text
    assert "/xac-nhan" not in page.text
    assert await count(console, Resident) == 0


async def test_names_sizes_and_forms_that_are_not_ours_come_to_nothing(console: Console) -> None:
    lan, _ = await clerks(console)
    two = sheet(residents(2))
    evil = await settled(
        lan, await hand_in(lan, "residents", two, "../../../etc/<script>alert(1)</script>.xlsx")
    )
    assert "<script>alert" not in evil.text
    assert all(re.fullmatch(r"\d+\.(register|errors\.xlsx)", name) for name in folder(console))
    assert (await hand_in(lan, "residents", two)).address == "/console/nhap/1"  # the same file

    too_large = await hand_in(lan, "residents", b"a" * (uploads.LARGEST + 1))
    assert too_large.status == 413
    assert "20 MB" in too_large.text
    empty = await hand_in(lan, "residents", b"")
    assert empty.status == 422
    assert (await hand_in(lan, "novels", sheet(residents(2)))).status == 422
    assert (await hand_in(lan, "residents", sheet(residents(3)), csrf="x" * 43)).status == 403
    form = aiohttp.FormData()
    form.add_field("kind", "residents")
    form.add_field("file", sheet(residents(3)), filename="a.xlsx")
    assert (await lan.post("/nhap", form)).status == 403  # the token must come first
    assert (await lan.post("/nhap", {"kind": "residents"})).status == 403
    cuts = ("--x\r\n", f"--x{_part('csrf', evil.form('/bo')['csrf'])}--x{_part('kind', 'residents')}--x")
    for cut in cuts:
        for ending in ("", '\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nabc'):
            broken = await lan.post(
                "/nhap",
                f"{cut}{ending}".encode(),
                headers={"Content-Type": "multipart/form-data; boundary=x"},
            )
            assert broken.status in (403, 422)
            assert await count(console, Upload) == 1
    assert folder(console) == {"1.register"}


def _part(name: str, value: str) -> str:
    return f'\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


async def test_a_cell_that_begins_like_a_formula_stays_a_word(console: Console) -> None:
    lan, _ = await clerks(console)
    rows = residents(6)
    rows[1][1] = "=HYPERLINK(1)"
    rows[2][4] = '=cmd|"/c calc"!A1'
    tried = await settled(lan, await hand_in(lan, "residents", sheet(rows)))
    assert "=HYPERLINK(1)" in tried.text
    book = await lan.get("/nhap/1/dong-loi.xlsx")
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(book.body)).read("xl/worksheets/sheet1.xml")
    listed = CalamineWorkbook.from_filelike(io.BytesIO(book.body)).get_sheet_by_index(0).to_python()
    assert not any(str(cell).startswith("=") for row in listed for cell in row)


async def test_a_double_click_on_confirm_brings_in_once(console: Console) -> None:
    lan, hoa = await clerks(console)
    tried = await settled(lan, await hand_in(lan, "residents", sheet(residents(20))))
    other_tab = await hoa.get("/nhap/1")
    await asyncio.gather(
        lan.submit(tried, "/xac-nhan"), lan.submit(tried, "/xac-nhan"), hoa.submit(other_tab, "/xac-nhan")
    )
    done = await settled(lan, await lan.get("/nhap/1"))
    assert "đã nạp" in done.text
    assert await count(console, Resident) == 20
    assert await count(console, ImportRun) == 1
    late = await hoa.submit(other_tab, "/bo")  # the other tab is of yesterday
    assert late.status == 409
    assert (await upload(console)).state is UploadState.DONE


async def test_a_kill_in_the_middle_is_gone_on_with_by_the_next_start(
    tmp_path, clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 8)
    second, go = asyncio.Event(), asyncio.Event()
    whole = bringing.bring

    async def slowly(database, number, piece, *rest, **more):
        if piece.rows[0].number > 16:  # after two runs the machine dies
            second.set()
            await go.wait()
        return await whole(database, number, piece, *rest, **more)

    monkeypatch.setattr(bringing, "bring", slowly)
    async with open_console(tmp_path, clock) as console:
        lan, _ = await clerks(console)
        tried = await settled(lan, await hand_in(lan, "residents", sheet(residents(30))))
        await lan.submit(tried, "/xac-nhan")
        await asyncio.wait_for(second.wait(), 20)
        half = await lan.get("/nhap/1")
        assert "<strong>16</strong> / <strong>" in half.text or "16" in half.text
        assert await count(console, Resident) == 16
    monkeypatch.setattr(bringing, "bring", whole)
    async with open_console(tmp_path, clock) as console:
        lan = await console.enter(LAN)
        done = await settled(lan, await lan.get("/nhap/1"))
        assert "đã nạp" in done.text
        row = await upload(console)
        assert (row.state, row.done, row.total, len(row.result["runs"])) == (UploadState.DONE, 30, 30, 4)
        assert row.result["applied"]["new"] == 30
        assert await count(console, Resident) == 30
        gone = await lan.submit(done, "/hoan-tac")
        assert "bỏ 30 dòng" in gone.text
        assert await count(console, Resident) == 0
        assert await count(console, Household) == 0


async def test_progress_is_told_while_it_moves_and_ends_with_where_to_go(console: Console) -> None:
    lan, _ = await clerks(console)
    tried = await settled(lan, await hand_in(lan, "residents", sheet(residents(4))))
    assert tried.status == 200
    told = await lan.get("/nhap/1/tien-do")
    assert "event: end" in told.text
    assert "Xem kết quả" in told.text
    assert "data-onward" in told.text
    assert (await lan.get("/nhap/999/tien-do")).status == 404


async def test_a_register_with_unsigned_drafts_is_taken_back_and_one_with_a_signed_letter_is_not(
    console: Console, clock: WallClock
) -> None:
    clock.wait(days=60)
    lan, _ = await clerks(console)
    done = await brought_in(lan, "marriages", xlsx(Book(couples(6))))
    assert "đã nạp" in done.text
    async with console.database.writing() as db:
        assert await drafting.consider(on_duty(db, clock())) >= 1
    with_letters = await lan.get("/nhap/1")
    assert "/console/thu/1" in with_letters.text

    async with console.database.writing() as db:
        letter = await db.get(Letter, 1)
        assert letter is not None
        before, letter.state, letter.signed_at = letter.state, LetterState.SIGNED, clock()
        db.add(letter)
    refused = await lan.submit(with_letters, "/hoan-tac")
    assert refused.status == 409
    assert "đã ký hoặc đã gửi" in refused.text
    assert await count(console, CivilEvent) == 6

    async with console.database.writing() as db:
        letter = await db.get(Letter, 1)
        assert letter is not None
        letter.state, letter.signed_at = before, None
        db.add(letter)
    back = await lan.submit(await lan.get("/nhap/1"), "/hoan-tac")
    assert "bỏ 6 dòng" in back.text
    assert await count(console, CivilEvent) == 0
    assert await count(console, Letter) == 0


async def test_a_file_nobody_wants_is_dropped_and_had_back_for_a_moment(
    console: Console, clock: WallClock
) -> None:
    lan, _ = await clerks(console)
    tried = await settled(lan, await hand_in(lan, "residents", sheet(residents(4))))
    dropped = await lan.submit(tried, "/bo")
    assert "Đã bỏ tệp" in dropped.text
    back = await lan.submit(dropped, "/hoan-tac")
    assert back.address == "/console/nhap/1"
    assert "Nạp 4 dòng" in back.text
    await lan.submit(back, "/bo")
    assert folder(console) == {"1.register"}
    clock.wait(minutes=3)
    await ImportDesk(console.office).tidy()
    assert folder(console) == set()


async def test_a_death_is_told_by_one_and_confirmed_by_another(console: Console) -> None:
    lan, hoa = await clerks(console)
    await brought_in(lan, "residents", sheet(residents(3)))
    page = await lan.get("/nhap/bao-tu")
    wrong = await lan.submit(page, "/nhap/bao-tu", deceased_name="Trần Văn Mận Cúc", died_on="31/12/2026")
    assert wrong.status == 422
    assert "ngày này chưa tới" in wrong.text
    assert wrong.form("/nhap/bao-tu")["deceased_name"] == "Trần Văn Mận Cúc"
    told = await lan.submit(
        wrong,
        "/nhap/bao-tu",
        deceased_sex="nam",
        deceased_born="02/03/1951",
        died_on="19/11/2026",
        group="Tổ dân phố 3",
        address="Số 1 đường Thí Dụ",
    )
    assert "Cần một người khác xác nhận" in told.text
    assert "/xac-nhan" not in told.text  # one's own report shows no such button
    form = told.form("/bao-nham")
    own = await lan.post("/nhap/bao-tu/1/xac-nhan", form)
    assert own.status == 409
    assert "do chính anh/chị báo" in own.text
    async with console.database.reading() as db:
        assert (await db.exec(select(Resident).where(col(Resident.deceased_on).is_not(None)))).first() is None

    theirs = await hoa.get("/nhap/bao-tu")
    confirmed = await hoa.submit(theirs, "/xac-nhan")
    assert "Đã xác nhận" in confirmed.text
    again = await hoa.submit(theirs, "/xac-nhan")
    assert again.address == confirmed.address  # the same form, sent twice
    async with console.database.reading() as db:
        dead = (await db.exec(select(Resident).where(col(Resident.deceased_on).is_not(None)))).all()
        assert [one.name for one in dead] == ["Trần Văn Mận Cúc"]
        house = await db.get(Household, dead[0].household_id)
        assert house is not None
        assert house.mourning_until is not None
        assert not await events.unconfirmed(db, EventKind.DEATH_REPORTED)


async def test_other_roles_see_nothing_of_imports(console: Console) -> None:
    lan, _ = await clerks(console)
    tried = await settled(lan, await hand_in(lan, "residents", sheet(residents(3))))
    everything = set(Permission) - {Permission.IMPORT_RECORDS}
    await console.hire("khach", *everything)
    await console.hire("khong")
    for login in ("khach", "khong"):
        other: Browser = await console.enter(login)
        for path in ("/nhap", "/nhap/1", "/nhap/1/tien-do", "/nhap/1/dong-loi.xlsx", "/nhap/lich-su"):
            assert (await other.get(path)).status == 403, path
        csrf = re.search(r'name="csrf" value="([^"]+)"', (await other.get("/tai-khoan")).text)
        assert csrf is not None
        fields = tried.form("/xac-nhan") | {"csrf": csrf[1]}
        for act in ("xac-nhan", "bo", "cot", "hoan-tac"):
            assert (await other.post(f"/nhap/1/{act}", fields)).status == 403, act
        assert (await hand_in_by_force(other, csrf[1])).status == 403
    nobody = console.stranger()
    assert (await nobody.get("/nhap/1")).address.startswith("/console/vao")
    assert (await upload(console)).state is UploadState.READ
    assert (await lan.get("/nhap/99")).status == 404


async def hand_in_by_force(browser: Browser, csrf: str):
    form = aiohttp.FormData()
    form.add_field("csrf", csrf)
    form.add_field("kind", "residents")
    form.add_field("file", sheet(residents(1)), filename="a.xlsx")
    return await browser.post("/nhap", form)
