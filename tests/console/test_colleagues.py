"""The staff desk: somebody is invited, changes, is away, leaves; and the journal tells of it."""

import csv
import io

from records import staff
from records.cases import Permission
from tests.conftest import WallClock
from tests.console.bench import Console

CHAIR = "doan.thi.minh.thinh"


async def page_of(console: Console, login: str) -> str:
    return f"/can-bo/{(await console.person(login)).id}"


async def test_somebody_new_is_invited_comes_in_and_leaves(console: Console, clock: WallClock) -> None:
    chair = await console.enter(CHAIR)
    form = await chair.get("/can-bo/moi")
    fields = form.form("/can-bo/moi") | {"name": "Lý Thử Nghiệm", "may": "answer_feedback"}
    told = await chair.post("/can-bo/moi", fields)
    code = told.text.split('class="secret"><strong>')[1].split("<")[0]
    again = await chair.post("/can-bo/moi", fields)  # the second click
    assert "đã được gửi một lần" in again.text
    async with console.office.database.reading() as db:
        assert len([one for one in await staff.everybody(db) if one.name == "Lý Thử Nghiệm"]) == 1

    new = console.stranger()
    invitation = await new.get(f"/invite/{code}")
    words = "bến sông vắng mùa nước"
    assert (await new.submit(invitation, code, password=words, again=words)).address == "/console/tai-khoan"

    place = await page_of(console, "ly.thu.nghiem")
    gone = await chair.submit(await chair.get(place), "/ngung")
    assert "Đã ngừng tài khoản" in gone.text
    assert (await new.get("")).address == "/console/vao"

    back = await chair.submit(gone, "/hoan-tac")
    assert "Đã hoàn tác" in back.text
    page = await new.get("/vao")
    assert (await new.submit(page, "/vao", login="ly.thu.nghiem", password=words)).address == "/console"

    gone = await chair.submit(await chair.get(place), "/ngung")
    clock.wait(seconds=20)
    late = await chair.submit(gone, "/hoan-tac")
    assert "Đã quá mười giây" in late.text
    assert (await new.get("")).address == "/console/vao"


async def test_nobody_takes_the_keys_from_themselves(console: Console) -> None:
    chair = await console.enter(CHAIR)
    place = await page_of(console, CHAIR)
    page = await chair.get(place)
    assert "Ngừng tài khoản" not in page.text
    csrf = page.form("/ra")["csrf"]
    assert "không tự ngừng" in (await chair.post(f"{place}/ngung", {"csrf": csrf})).text
    fields = page.form("/quyen") | {"may": "answer_feedback"}
    assert "không tự bỏ quyền" in (await chair.post(f"{place}/quyen", fields)).text
    assert Permission.MANAGE_STAFF in (await console.person(CHAIR)).permissions


async def test_an_absence_with_somebody_who_stands_in(console: Console) -> None:
    chair = await console.enter(CHAIR)
    place = await page_of(console, "cao.xuan.khang")
    deputy = await console.person("ta.huu.phuoc")
    page = await chair.get(place)
    told = await chair.submit(page, "/vang", first="2026-11-23", last="2026-11-27", deputy=str(deputy.id))
    assert f"người thay: {deputy.name}" in told.text
    wrong = await chair.submit(page, "/vang", first="2026-11-27", last="2026-11-23", once="another")
    assert "không trước ngày đầu" in wrong.text
    assert "23/11/2026 – 27/11/2026" in (await chair.get("/can-bo")).text


async def test_the_journal_tells_who_did_what_and_is_whole(console: Console) -> None:
    chair = await console.enter(CHAIR)
    await console.hire("tam", Permission.ANSWER_FEEDBACK)
    person = await console.person("tam")
    await chair.submit(await chair.get(f"/can-bo/{person.id}"), "/ma")
    page = await chair.get("/nhat-ky", params={"loai": "staff", "gi": f"staff:{person.id}"})
    assert "cấp mã" in page.text
    assert "mời cán bộ" not in page.text
    assert "Nhật ký nguyên vẹn" in (await chair.get("/nhat-ky/kiem-tra")).text
    assert "Không có dòng nào" in (await chair.get("/nhat-ky", params={"ai": "khong.co"})).text
    assert (await chair.get("/nhat-ky", params={"tu": "hôm qua"})).status == 409


async def test_a_table_taken_home_holds_no_formula(console: Console) -> None:
    await console.hire("xau", Permission.ANSWER_FEEDBACK)
    async with console.office.database.writing() as db:
        person = await staff.by_login(db, "xau")
        assert person is not None
        person.name = '=HYPERLINK("http://evil.example","x")'
        db.add(person)
    chair = await console.enter(CHAIR)
    table = await chair.get("/can-bo.csv")
    rows = list(csv.reader(io.StringIO(table.body.decode("utf-8-sig"))))
    assert rows[0][0] == "Họ tên"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    book = await chair.get("/can-bo.xlsx")
    assert book.body.startswith(b"PK")
    assert "xuất bảng" in (await chair.get("/nhat-ky", params={"loai": "export"})).text
