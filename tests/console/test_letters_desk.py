"""The letters desk in the browser: a clerk checks, the chairperson signs, everybody else stays outside."""

import re

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from console import letters, letters_acts, letters_greetings, letters_one, letters_paper
from letters import release
from records import events
from records.cases import Permission
from records.letters import EventKind, LetterState, Route
from records.tables import DeliveryState, Trace
from tests.conftest import WallClock
from tests.console.bench import Console
from tests.console.letters_bench import CHAIR, CLERK, LettersDesk, open_chat

DOORS = (
    *letters.DOORS,
    *letters_paper.DOORS,
    *letters_greetings.DOORS,
    *letters_one.DOORS,
    *letters_acts.DOORS,
)
NOT_GIVEN = "chưa được giao quyền"


@pytest.fixture
def desk(console: Console) -> LettersDesk:
    return LettersDesk(console)


async def test_a_marriage_in_the_register_becomes_a_letter_the_groom_sees_in_his_chat(
    console: Console, desk: LettersDesk
) -> None:
    groom = await desk.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    async with open_chat(console) as chat:
        await desk.writes_from(groom, chat.address)
        letter = await desk.marriage()
        clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)

        drafts = await clerk.get("/thu")
        assert "Thư chúc mừng kết hôn" in drafts.text
        page = await clerk.get(f"/thu/{letter.id}")
        assert "20/11/2026" in page.text  # the record beside the letter
        assert "dự kiến: gửi qua chat: trang web" in page.text
        assert f"/thu/{letter.id}/ky" not in page.text
        done = await clerk.submit(page, f"/thu/{letter.id}/soat")
        assert "Không còn thư nào chờ soát" in done.text

        waiting = await chair.get("/thu")
        assert "Ký lần lượt: 1 thư chờ anh/chị" in waiting.text
        page = await chair.get(f"/thu/{letter.id}")
        shown = await chair.get(f"/thu/{letter.id}/anh.png")
        assert shown.body.startswith(b"\x89PNG")
        assert shown.headers["Cache-Control"] == "no-store"
        done = await chair.submit(page, f"/thu/{letter.id}/ky")
        assert "Đã ký thư số 01/TC-UBND" in done.text
        assert "Không còn thư nào chờ ký" in done.text

        await desk.released()
        told, picture = await chat.picture()
        assert "thư chúc mừng kết hôn" in "".join(piece["text"] for piece in told["text"])
        assert picture.startswith((b"\x89PNG", b"\xff\xd8\xff"))
    after = await clerk.get(f"/thu/{letter.id}")
    assert "ảnh thư qua trang web" in after.text
    assert "Ghi đã trao" in after.text  # the bride has no account: hers is carried
    book = await chair.get("/thu/so?so=1")
    assert "không thiếu số nào" in book.text
    assert "Lê Văn Thử, Phạm Thị Mẫu" in book.text


async def test_two_clerks_on_one_letter_do_it_once_and_the_second_is_told(
    console: Console, desk: LettersDesk
) -> None:
    await console.hire("le.thu.mau", Permission.DRAFT_LETTERS)
    letter = await desk.marriage()
    one, other = await console.enter(CLERK), await console.enter("le.thu.mau")
    hers, his = await one.get(f"/thu/{letter.id}"), await other.get(f"/thu/{letter.id}")

    await one.submit(hers, f"/thu/{letter.id}/soat")
    late = await other.submit(his, f"/thu/{letter.id}/soat")
    assert late.status == 409
    assert "vừa được người khác" in late.text
    again = await one.submit(hers, f"/thu/{letter.id}/soat")  # the back button and a second click
    assert again.status == 200
    edited = await other.submit(
        his, f"/thu/{letter.id}/sua-loi", words="Chúc hai bạn trăm năm hạnh phúc, gia đình ấm êm."
    )
    assert edited.status == 409
    now = await desk.letter(letter.id)
    assert now.state is LetterState.CHECKED
    async with console.database.reading() as db:
        checked = await db.exec(select(Trace).where(col(Trace.what) == "letter.checked"))
        assert len(checked.all()) == 1


async def test_whoever_checked_a_letter_reads_why_they_cannot_sign_it(
    console: Console, desk: LettersDesk
) -> None:
    await console.hire("vo.thi.mau", Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
    letter = await desk.marriage()
    both, clerk = await console.enter("vo.thi.mau"), await console.enter(CLERK)
    draft = await both.get(f"/thu/{letter.id}")
    await both.submit(draft, f"/thu/{letter.id}/soat")

    page = await both.get(f"/thu/{letter.id}")
    assert "Người soạn hoặc người soát không ký chính thư ấy" in page.text
    assert f'/thu/{letter.id}/ky"' not in page.text
    fields = page.form("/khong-gui")
    refused = await both.post(f"/thu/{letter.id}/ky", fields)
    assert refused.status == 409
    assert "Người soạn hoặc người soát không ký chính thư ấy" in refused.text
    assert "0 thư chờ anh/chị" not in (await both.get("/thu?muc=cho-ky")).text

    told = await clerk.get(f"/thu/{letter.id}")
    assert "Anh/chị chưa được giao quyền ký thư" in told.text
    once = await console.enter(CHAIR, second=False)
    assert "hai lớp xác thực" in (await once.get(f"/thu/{letter.id}")).text
    sent_on = await once.post(f"/thu/{letter.id}/ky", fields | {"csrf": ""})
    assert sent_on.address == "/console/tai-khoan"
    assert (await desk.letter(letter.id)).state is LetterState.CHECKED


async def test_a_condolence_is_signed_only_by_somebody_who_has_just_proved_who_they_are(
    console: Console, desk: LettersDesk, clock: WallClock
) -> None:
    letter = await desk.death()
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    await desk.checked(clerk, letter.id)
    page = await chair.get(f"/thu/{letter.id}")

    clock.wait(minutes=6)
    elsewhere = await chair.submit(page, f"/thu/{letter.id}/ky")
    assert elsewhere.address == f"/console/xac-nhan?den=/thu/{letter.id}"
    again = await chair.get(f"/thu/{letter.id}")
    assert "Xác nhận rồi ký" in again.text
    assert f'/thu/{letter.id}/ky"' not in again.text
    assert (await desk.letter(letter.id)).number is None

    fresh = await console.enter(CHAIR)
    page = await fresh.get(f"/thu/{letter.id}")
    done = await fresh.submit(page, f"/thu/{letter.id}/ky")
    assert "Đã ký thư số 01/TC-UBND. Thư in để trao tận tay." in done.text


async def test_a_letter_that_lacks_facts_is_completed_asked_about_rejected_and_taken_back(
    console: Console, desk: LettersDesk
) -> None:
    facts = {
        "dossier_code": "H99.12-261103-0007",
        "procedure_name": "Đăng ký khai sinh",
        "applicant_name": "Trần Thị Mẫu",
        "taken_on": "2026-11-03",
        "original_due_on": "2026-11-24",
        "unit": "Trung tâm Phục vụ hành chính công",
        "officer_name": "Phùng Văn Dũng",
        "officer_phone": "0236 0000 110",
    }
    letter = await desk.happens(EventKind.DUE_SOON, facts)
    at = f"/thu/{letter.id}"
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    lacking = await clerk.get("/thu?muc=con-thieu")
    assert "thiếu lý do cụ thể" in lacking.text
    page = await clerk.get(at)
    said = {"muc_specific_reason": "bản trích lục từ nơi cư trú cũ đến chậm", "muc_new_due_on": "30/11/2026"}
    wrong = await clerk.submit(page, f"{at}/bo-sung", **said | {"muc_new_due_on": "31/11/2026"})
    assert (wrong.status, "Không có ngày 31/11/2026" in wrong.text) == (409, True)
    done = await clerk.submit(page, f"{at}/bo-sung", **said)
    assert "Tình trạng: chờ soát" in done.text
    assert "cán bộ bổ sung" in done.text

    asked = await chair.submit(
        await chair.get(at), f"{at}/hoi-lai", question="Vì sao không nhắc nơi cũ sớm hơn?"
    )
    assert "Thư chờ ở mục Còn thiếu" in asked.text
    await clerk.submit(await clerk.get(at), f"{at}/soan-lai")
    await desk.checked(clerk, letter.id)
    short = await chair.submit(await chair.get(at), f"{at}/khong-gui", reason="x")
    assert (short.status, "ghi rõ lý do" in short.text) == (409, True)
    given_back = await chair.submit(await chair.get(at), f"{at}/khong-gui", reason="Việc đã xong đúng hẹn.")
    assert "Hoàn tác" in given_back.text
    assert (await desk.letter(letter.id)).state is LetterState.REJECTED
    back = await chair.submit(given_back, "/hoan-tac")
    assert "Đã hoàn tác" in back.text
    assert (await desk.letter(letter.id)).state is LetterState.CHECKED
    signed = await chair.submit(await chair.get(at), f"{at}/ky")
    assert "Đã ký thư số 01" in signed.text


async def test_of_two_people_of_one_name_a_person_chooses(console: Console, desk: LettersDesk) -> None:
    await desk.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    await desk.lives("Lê Văn Thử", "1995-08-20", "90 Lê Lợi")
    letter = await desk.marriage(groom_born="1995", groom_address="")
    clerk = await console.enter(CLERK)
    page = await clerk.get(f"/thu/{letter.id}")
    assert "Có nhiều người tên Lê Văn Thử" in page.text
    assert "ngày sinh 02/03/1995" in page.text
    assert "20/08/1995" in page.text
    assert f"/thu/{letter.id}/soat" not in page.text
    groom = (await desk.recipients(letter.id))[0]
    none = await clerk.submit(page, f"/thu/{letter.id}/chon")
    assert (none.status, "Chưa chọn ai" in none.text) == (409, True)
    stranger = await clerk.submit(page, f"/thu/{letter.id}/chon", resident="4711")
    assert stranger.status == 409
    chosen = await clerk.submit(page, f"/thu/{letter.id}/chon", resident=str(groom.candidates[0]))
    assert "Đã ghi người nhận" in chosen.text
    assert f"/thu/{letter.id}/soat" in chosen.text


async def test_a_signed_letter_is_stopped_at_once_and_goes_on_as_it_was(
    console: Console, desk: LettersDesk
) -> None:
    groom = await desk.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    await desk.writes_from(groom)  # by Telegram, which this ward has not switched on: it stays in the queue
    letter = await desk.marriage()
    at = f"/thu/{letter.id}"
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    signed = await desk.signed(clerk, chair, letter.id)
    assert signed.address == f"/console{at}"
    await desk.released()  # the page of the clerk is older than this
    assert {one.state for one in await desk.copies(letter.id)} == {DeliveryState.QUEUED}
    stopped = await chair.submit(signed, f"{at}/dung", reason="Gia đình xin chuyển ngày.")
    assert "2 bản còn chờ được giữ lại" in stopped.text
    assert {one.state for one in await desk.copies(letter.id)} == {DeliveryState.WITHHELD}
    assert await desk.released() == 0
    assert "Gia đình xin chuyển ngày" in (await clerk.get("/thu?muc=da-dung")).text

    again = await chair.submit(await chair.get(at), f"{at}/gui-tiep")
    assert "đúng bản đã ký" in again.text
    before = await desk.letter(letter.id)
    await desk.released()
    states = [one.state for one in await desk.copies(letter.id)]
    assert states.count(DeliveryState.QUEUED) == 2  # picture and paper, once more
    assert (await desk.letter(letter.id)).pdf_sha256 == before.pdf_sha256


async def test_a_record_that_changed_after_the_check_is_seen_and_stops_the_signature(
    console: Console, desk: LettersDesk
) -> None:
    letter = await desk.marriage()
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    await desk.checked(clerk, letter.id)
    page = await chair.get(f"/thu/{letter.id}")
    async with desk.work() as work:
        await events.note(
            work.db,
            key="marriage:57",
            kind=EventKind.MARRIAGE,
            happened_on=work.today,
            facts={"groom_name": "Lê Văn Thửa"},
            now=work.now,
        )
    refused = await chair.submit(page, f"/thu/{letter.id}/ky")
    assert (refused.status, "Bản ghi nguồn vừa được sửa" in refused.text) == (409, True)
    seen = await chair.get(f"/thu/{letter.id}")
    assert "Bản ghi nguồn đã đổi" in seen.text
    assert "Lê Văn Thửa" in seen.text


async def test_papers_are_printed_carried_and_their_receipt_noted_and_taken_back(
    console: Console, desk: LettersDesk
) -> None:
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    one = await desk.marriage(groom_address="34 Hai Bà Trưng")  # both live in one house
    other = await desk.marriage(58, group="TDP 7", groom_name="Bùi Văn Mẫu", bride_name="Hồ Thị Mẫu")
    for letter in (one, other):
        await desk.signed(clerk, chair, letter.id)
    await desk.released()
    page = await clerk.get("/thu/trao-tay?to=TDP 5")
    assert "1 thư chờ trao ở TDP 5" in page.text
    assert "Lê Văn Thử, Phạm Thị Mẫu" in page.text
    for name in ("danh-sach.pdf", "thu.pdf"):
        sheet = await clerk.get(f"/thu/trao-tay/{name}?to=TDP 5")
        assert sheet.body.startswith(b"%PDF-")
        assert sheet.headers["Cache-Control"] == "no-store"
    assert (await clerk.get("/thu/trao-tay/thu.pdf?to=TDP 99")).status == 404

    groom = (await desk.recipients(one.id))[0]
    nobody = await clerk.submit(page, "/trao-tay/da-trao", nhan=str(groom.id), to=" ")
    assert (nobody.status, "Chưa ghi ai nhận" in nobody.text) == (409, True)
    done = await clerk.submit(page, "/trao-tay/da-trao", nhan=str(groom.id), to="Tổ trưởng tổ 5")
    assert "Đã ghi 1 thư đã trao" in done.text
    assert all(row.handed_by == "Tổ trưởng tổ 5" for row in await desk.recipients(one.id))
    back = await clerk.submit(done, "/hoan-tac")
    assert "Đã hoàn tác" in back.text
    assert all(row.handed_at is None for row in await desk.recipients(one.id))

    page = await clerk.get(f"/thu/{one.id}")
    noted = await clerk.submit(page, f"/thu/{one.id}/da-trao", to="Phạm Thị Mẫu")
    assert "Đã ghi: trao cho Phạm Thị Mẫu" in noted.text
    book = await clerk.get("/thu/so?ngay=2026-11-20&loai=marriage_congratulation")
    assert "2 thư trong sổ" in book.text
    assert "chưa có số nào" in (await clerk.get("/thu/so?nam=2020")).text
    table = await clerk.get("/thu/so.csv?nam=2026")
    assert "01/TC-UBND" in table.text
    assert "Bùi Văn Mẫu" in (await clerk.get("/thu.csv?muc=dang-gui&loai=marriage_congratulation")).text
    assert "Bùi Văn Mẫu" in (await clerk.get("/thu?muc=dang-gui&tim=bùi văn")).text


async def test_a_letter_in_doubt_is_settled_both_ways(console: Console, desk: LettersDesk) -> None:
    groom = await desk.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    await desk.writes_from(groom)
    letter = await desk.marriage()
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    await desk.signed(clerk, chair, letter.id)
    await desk.released()

    async def in_doubt() -> None:
        async with console.database.writing() as db:
            for copy in await desk.copies(letter.id):
                copy.state = DeliveryState.DOUBTFUL
                await db.merge(copy)

    await in_doubt()
    picture, paper = await desk.copies(letter.id)
    page = await clerk.get("/thu/chua-ro")
    assert "2 bản chưa rõ" in page.text
    assert "Lê Văn Thử" in page.text
    arrived = await clerk.submit(page, f"/chua-ro/{picture.id}", outcome="toi")
    assert "thư đã tới" in arrived.text
    again = await clerk.submit(arrived, f"/chua-ro/{paper.id}", outcome="chua")
    assert "thư được gửi lại" in again.text
    assert "Không có thư nào chưa rõ" in again.text
    states = [one.state for one in await desk.copies(letter.id)]
    assert states == [DeliveryState.SENT, DeliveryState.QUEUED]
    twice = await clerk.submit(page, f"/chua-ro/{picture.id}", outcome="chua", once="")
    assert twice.status == 409

    await in_doubt()
    await chair.submit(
        await chair.get(f"/thu/{letter.id}"), f"/thu/{letter.id}/dung", reason="Gia đình xin hoãn."
    )
    stays = await clerk.submit(await clerk.get("/thu/chua-ro"), f"/chua-ro/{paper.id}", outcome="chua")
    assert "không gửi lại" in stays.text
    assert (await desk.copies(letter.id))[1].state is DeliveryState.WITHHELD


async def test_what_never_arrived_and_is_a_day_old_goes_on_paper(
    console: Console, desk: LettersDesk, clock: WallClock
) -> None:
    groom = await desk.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")
    await desk.writes_from(groom)
    letter = await desk.marriage()
    await desk.signed(await console.enter(CLERK), await console.enter(CHAIR), letter.id)
    await desk.released()
    async with console.database.writing() as db:
        for copy in await desk.copies(letter.id):
            copy.state = DeliveryState.DOUBTFUL
            await db.merge(copy)
    clock.wait(hours=25)
    clerk = await console.enter(CLERK)
    page = await clerk.get("/thu/chua-ro")
    picture = (await desk.copies(letter.id))[0]
    told = await clerk.submit(page, f"/chua-ro/{picture.id}", outcome="chua")
    assert "đường khác hoặc in để trao tay" in told.text
    async with desk.work() as work:
        await release.settle(work)
    await desk.released()
    assert (await desk.recipients(letter.id))[0].route is Route.PAPER


async def test_nobody_else_comes_in_by_any_door(console: Console, desk: LettersDesk) -> None:
    letter = await desk.marriage()
    clerk, chair = await console.enter(CLERK), await console.enter(CHAIR)
    await desk.signed(clerk, chair, letter.id)
    officer, stranger = await console.enter("ta.huu.phuoc"), console.stranger()
    for door in DOORS:
        path = re.sub(r"\{kind:[^}]*\}", "csv", door.path).replace("{number}", str(letter.id))
        for browser, told in ((officer, NOT_GIVEN), (stranger, "Đăng nhập")):
            knock = browser.get(path) if door.method == "GET" else browser.post(path, {})
            answer = await knock
            outside = answer.status in (401, 403) or answer.address.startswith("/console/vao")
            assert outside, (door.method, path)
            assert told in answer.text or answer.status == 401, (door.method, path)
            assert "Lê Văn Thử" not in answer.text
    csrf = (await clerk.get("/thu")).form("/ra")["csrf"]
    for act in ("ky", "hoi-lai", "gui-tiep"):
        assert NOT_GIVEN in (await clerk.post(f"/thu/{letter.id}/{act}", {"csrf": csrf})).text
    csrf = (await chair.get("/thu")).form("/ra")["csrf"]
    for act in ("soat", "bo-sung", "soan-lai"):
        assert NOT_GIVEN in (await chair.post(f"/thu/{letter.id}/{act}", {"csrf": csrf})).text
    for nothing in ("/thu/4711", "/thu/4711/anh.png", "/thu/4711/ban-in.pdf", "/thu/4711/tien-do"):
        assert (await clerk.get(nothing)).status == 404
    assert (await clerk.get(f"/thu/{letter.id}/tien-do")).status == 404  # it is no greeting
    sheet = await chair.get(f"/thu/{letter.id}/ban-in.pdf")
    assert sheet.body.startswith(b"%PDF-")
    assert sheet.headers["Cache-Control"] == "no-store"
    assert sheet.headers["Content-Disposition"].startswith("inline")


async def test_a_longer_list_asks_no_more_questions(console: Console, desk: LettersDesk) -> None:
    clerk = await console.enter(CLERK)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    async def questions(path: str) -> int:
        before = len(asked)
        assert (await clerk.get(path)).status == 200
        return sum("letter" in one or "recipient" in one for one in asked[before:])

    reader = console.database._reader.sync_engine
    await desk.marriage(1)
    event.listen(reader, "before_cursor_execute", note)
    few = [await questions(path) for path in ("/thu?muc=cho-soat", "/thu/so", "/thu/loi-chuc")]
    for number in range(2, 9):
        await desk.marriage(number)
    many = [await questions(path) for path in ("/thu?muc=cho-soat", "/thu/so", "/thu/loi-chuc")]
    event.remove(reader, "before_cursor_execute", note)
    assert few == many
    assert max(many) <= 12
