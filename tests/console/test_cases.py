"""Phản ánh: an officer's work on cases, from the list to the answer; and who must not see or do what."""

import html
import re

import aiohttp
from sqlmodel import select

from feedback import acts
from feedback.acts import Hand
from records.cases import EntryKind, FeedbackState, Permission, RestrictedMessage
from tests.conftest import WallClock
from tests.console.bench import Answer, Browser, Console, Form
from tests.console.case_bench import (
    CHAIR,
    KHANG,
    OFFICE,
    ONE_STOP,
    PHUOC,
    TAM,
    lines_of,
    looks,
    now_of,
    picture,
    previewed,
    report,
    resident,
    sent_to,
    with_photo,
)
from tests.conversations.voices import handled, until

MOVED = "Việc này vừa được người khác"


async def write(browser: Browser, code: str, act: str, **fields: str) -> Answer:
    """Fill in the form of a written act and look at the preview."""
    at = f"/phan-anh/{code}/viet/{act}"
    return await browser.submit(await browser.get(at), at, **fields)


async def agree(browser: Browser, preview: Answer) -> Answer:
    """Send what the preview shows."""
    return await browser.submit(preview, preview.address.removeprefix("/console"), go="1")


async def upload(browser: Browser, page: Answer, code: str, *files: bytes) -> Answer:
    data = aiohttp.FormData()
    data.add_field("csrf", page.form("/anh-sau")["csrf"])
    for number, content in enumerate(files):
        data.add_field("photo", content, filename=f"{number}.png", content_type="image/png")
    return await browser.post(f"/phan-anh/{code}/anh-sau", data)


# --- the whole way -----------------------------------------------------------------------------


async def lan_reports(lan) -> None:
    await lan.says("phản ánh")
    await lan.says("nắp cống bể ngay trường mầm non")
    await lan.says("hẻm 84 Nguyễn Trãi")
    for word in ("không có ảnh", "không", "1"):
        if "PA26" not in lan.heard[-1]:
            await lan.says(word)
    assert "PA26-0001-7" in lan.heard[-1]


async def test_an_officers_whole_case_to_the_answer_received_in_the_web_chat(console: Console) -> None:
    code = "PA26-0001-7"
    khang = await console.enter(KHANG)
    async with resident(console) as lan:
        await lan_reports(lan)
        await handled(console.office)

        listed = await khang.get("/phan-anh")
        assert code in listed.text
        assert "chưa ai giữ" in listed.text
        page = await khang.get(f"/phan-anh/{code}")
        assert "nắp cống bể ngay trường mầm non" in page.text
        page = await khang.submit(page, "/nhan")
        assert f"Anh/chị đã nhận việc {code}" in page.text
        assert code in (await khang.get("/phan-anh?cua=toi")).text

        heard = len(lan.heard)
        preview = await write(khang, code, "tien-do", text="Đã rào chắn, sáng mai thay nắp")
        await handled(console.office)
        assert len(lan.heard) == heard  # nothing is sent by looking
        done = await agree(khang, preview)
        assert "Đã báo người dân tiến độ" in done.text
        await until(lambda: len(lan.heard) > heard)
        assert lan.heard[heard] == previewed(preview)

        done = await upload(khang, done, code, picture("green"), picture("red"))
        assert "Đã có 2 ảnh sau xử lý" in done.text

        heard = len(lan.heard)
        preview = await write(
            khang, code, "tra-loi", text="Đã thay nắp gang mới lúc 9:40", outcome="resolved"
        )
        assert "kèm 2 ảnh" in previewed(preview)
        assert "Đã xong · Xong một phần · Chưa xong" in preview.text
        done = await agree(khang, preview)
        assert "chờ ý kiến" in done.text
        await until(lambda: len(lan.heard) > heard)
        assert lan.heard[heard].startswith(previewed(preview))
        await lan.says("Đã xong")
        await handled(console.office)
    assert (await now_of(console, code)).state is FeedbackState.CLOSED
    page = await khang.get(f"/phan-anh/{code}")
    assert "Đóng việc" in page.text
    assert code not in (await khang.get("/phan-anh")).text
    assert code in (await khang.get("/phan-anh?tinh-trang=da-dong")).text


async def test_every_other_written_act_shows_first_what_will_be_read(console: Console) -> None:
    khang = await console.enter(KHANG)
    asked = await report(console)
    preview = await write(khang, asked.code, "hoi-them", text="Nắp hình tròn hay vuông ạ?")
    await agree(khang, preview)
    page = await khang.get(f"/phan-anh/{asked.code}")
    assert "đang tạm dừng từ" in page.text
    assert asked.code in (await khang.get("/phan-anh?han=tam-dung")).text

    later = await report(console)
    form = await khang.get(f"/phan-anh/{later.code}/viet/gia-han")
    days = re.findall(r'<option value="(2026-\d\d-\d\d)"', form.text)
    assert len(days) == 5
    refused = await write(khang, later.code, "gia-han", text="Chờ vật tư về kho")
    assert refused.status == 422
    assert "Xin chọn hạn mới" in refused.text
    assert "Chờ vật tư về kho" in refused.text
    extended = await write(khang, later.code, "gia-han", text="Chờ vật tư về kho", due=days[1])
    assert "Hạn chỉ dời một lần" in previewed(extended)
    done = await agree(khang, extended)
    assert "Đã gia hạn một lần" in done.text
    assert "viet/gia-han" not in done.text

    other = await report(console)
    preview = await write(khang, other.code, "chuyen-to", text="Đất của khu chợ", desk="moi_truong")
    done = await agree(khang, preview)
    assert (await now_of(console, other.code)).desk == "moi_truong"

    away = await report(console)
    preview = await write(khang, away.code, "chuyen-noi-khac", body="khac", body_name="Ban quản lý hồ")
    assert preview.status == 422
    whole = {"body_address": "1 Bờ Hồ", "body_phone": "0236 0000 399", "body_basis": "Quyết định phân cấp"}
    preview = await write(
        khang, away.code, "chuyen-noi-khac", body="khac", body_name="Ban quản lý hồ", **whole
    )
    assert "Ban quản lý hồ, 1 Bờ Hồ, điện thoại 0236 0000 399" in previewed(preview)
    await agree(khang, preview)
    told = [one.text or "" for one in await sent_to(console)]
    for one in (extended, preview):
        shown = previewed(one)
        assert any(text.replace("\x02", "").replace("\x03", "").startswith(shown) for text in told)


async def test_a_double_is_closed_with_the_code_of_the_other(console: Console) -> None:
    khang = await console.enter(KHANG)
    first, second = await report(console), await report(console)
    elsewhere = await report(console, category="waste")
    wrong = await write(khang, second.code, "tra-loi", outcome="duplicate", original=elsewhere.code)
    assert "Không thấy việc gốc" in wrong.text
    preview = await write(khang, second.code, "tra-loi", outcome="duplicate", original=first.code)
    assert first.code in previewed(preview)
    await agree(khang, preview)
    page = await khang.get(f"/phan-anh/{second.code}")
    assert "trùng với việc đang xử lý" in page.text
    assert f">{first.code}</a>" in page.text


async def test_what_was_changed_after_the_preview_is_shown_again_and_not_sent(console: Console) -> None:
    khang = await console.enter(KHANG)
    case = await report(console)
    preview = await write(khang, case.code, "tien-do", text="Đã rào chắn")
    at = preview.address.removeprefix("/console")
    again = await khang.submit(preview, at, go="1", text="Đã rào chắn, \x02bẩn\x03 mai thay")
    assert "Bản xem trước cũ không còn đúng" in again.text
    assert "bẩn mai thay" in previewed(again)
    assert await sent_to(console) == []
    assert "Đã báo" in (await agree(khang, again)).text


async def test_notes_and_showing_to_everybody_can_be_taken_back(console: Console) -> None:
    khang = await console.enter(KHANG)
    case = await report(console)
    page = await khang.get(f"/phan-anh/{case.code}")
    page = await khang.submit(page, "/ghi-chu", text="Đã gọi, hẹn chiều xem")
    assert "Đã gọi, hẹn chiều xem" in page.text
    line = (await lines_of(console, case.code))[-1]
    assert (line.kind, line.public) == (EntryKind.INTERNAL, False)

    page = await khang.submit(page, "/cong-khai")
    assert (await now_of(console, case.code)).published_at is not None
    page = await khang.submit(page, "/hoan-tac")
    assert "Đã hoàn tác" in page.text
    assert (await now_of(console, case.code)).published_at is None
    secret = await report(console, category="land")
    assert "/cong-khai" not in (await khang.get(f"/phan-anh/{secret.code}")).text


# --- two at once -------------------------------------------------------------------------------


async def test_of_two_officers_on_one_case_one_takes_it(console: Console) -> None:
    case = await report(console)
    khang, phuoc = await console.enter(KHANG), await console.enter(PHUOC)
    mine, theirs = [await one.get(f"/phan-anh/{case.code}") for one in (khang, phuoc)]
    await khang.submit(mine, "/nhan")
    refused = await phuoc.submit(theirs, "/nhan")
    assert refused.status == 409
    assert MOVED in refused.text
    page = await phuoc.get(f"/phan-anh/{case.code}")
    assert "Cao Xuân Khang đang giữ việc này" in page.text
    assert "0900 000 111" not in page.text  # only whoever holds it may call
    assert "0900 000 111" in (await khang.get(f"/phan-anh/{case.code}")).text
    refused = await phuoc.get(f"/phan-anh/{case.code}/viet/tra-loi")
    assert "Cao Xuân Khang đang giữ" in refused.text


async def test_a_second_tab_gives_back_what_was_typed_and_does_nothing(console: Console) -> None:
    khang, case = await console.enter(KHANG), await report(console)
    at = f"/phan-anh/{case.code}/viet/tra-loi"
    old = await khang.get(at)
    await agree(khang, await write(khang, case.code, "tien-do", text="Đã rào chắn"))
    moved = await khang.submit(old, at, text="Đã thay nắp mới", outcome="resolved", go="1")
    assert moved.status == 409
    assert MOVED in moved.text
    assert "Đã thay nắp mới" in moved.text
    preview = await khang.submit(moved, at)
    await agree(khang, preview)
    lost = await khang.submit(preview, at, text="Thêm một câu nữa", go="1", once="another form")
    assert lost.status == 409
    assert "không còn làm được" in lost.text
    assert "Thêm một câu nữa" in lost.text
    answers = [one for one in await sent_to(console) if ":answer:" in one.key]
    assert len(answers) == 1


async def test_a_form_sent_twice_is_done_once(console: Console) -> None:
    khang, case = await console.enter(KHANG), await report(console)
    preview = await write(khang, case.code, "tien-do", text="Đã rào chắn")
    first, second = await agree(khang, preview), await agree(khang, preview)
    assert first.address == second.address == f"/console/phan-anh/{case.code}"
    assert second.status == 200
    assert len(await sent_to(console)) == 1


async def test_a_session_that_ends_in_the_middle_of_an_answer_says_so(
    console: Console, clock: WallClock
) -> None:
    khang, case = await console.enter(KHANG), await report(console)
    preview = await write(khang, case.code, "tra-loi", text="Đã thay nắp mới", outcome="resolved")
    clock.wait(minutes=31)
    refused = await agree(khang, preview)
    assert refused.status == 401
    assert "nội dung vừa nhập vẫn còn" in refused.text
    assert await sent_to(console) == []
    khang = await console.enter(KHANG)
    assert (await khang.get(f"/phan-anh/{case.code}/viet/tra-loi")).status == 200


# --- who must not ------------------------------------------------------------------------------


async def test_an_officer_of_another_desk_sees_nothing(console: Console) -> None:
    case, photo = await with_photo(console, category="land", text="Bị dời cọc ranh đất", quarter="kp2")
    assert case.discreet
    tam, khang, phuoc = [await console.enter(one) for one in (TAM, KHANG, PHUOC)]
    for query in ("", "?tinh-trang=tat-ca", f"?tim={case.code}", "?tim=0001", "?to=moi_truong", "?kp=kp2"):
        assert f"/phan-anh/{case.code}" not in (await tam.get(f"/phan-anh{query}")).text
    assert case.code not in (await tam.get("/phan-anh.csv?tinh-trang=tat-ca")).text
    at = f"/phan-anh/{case.code}"
    for path in (
        at,
        f"{at}/viet/tra-loi",
        f"{at}/anh/{photo}",
        f"{at}/anh/{photo}?nho=1",
        "/phan-anh/PA26-9999-1",
    ):
        page = await tam.get(path)
        assert page.status == 404
        assert "cọc" not in page.text
    token = (await tam.get("/phan-anh/ghi-ho")).form("/ghi-ho")["csrf"]
    for path in ("/nhan", "/ghi-chu", "/cong-khai", "/rut", "/viet/tien-do"):
        refused = await tam.post(at + path, {"csrf": token, "version": "1", "text": "xin chào cả nhà"})
        assert refused.status == 404
    assert (await tam.post(at + "/giao", {"csrf": token})).status == 403
    assert (await now_of(console, case.code)).version == 1

    listed = (await phuoc.get("/phan-anh")).text
    assert case.code in listed
    assert "cọc" not in listed  # a discreet case is named by its field only, until somebody opens it
    assert await looks(console, "feedback.viewed", case.code) == 0
    assert "dời cọc ranh đất" in (await phuoc.get(at)).text
    shown = await phuoc.get(f"{at}/anh/{photo}")
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert (await phuoc.get(f"{at}/anh/{photo}?nho=1")).body[:3] == b"\xff\xd8\xff"
    assert await looks(console, "feedback.viewed", case.code) == 2
    other = await report(console)
    assert (await khang.get(f"/phan-anh/{other.code}/anh/{photo}")).status == 404
    export = (await phuoc.get("/phan-anh.csv")).text
    assert case.code in export
    assert "cọc" not in export
    assert "0900" not in export


async def test_nobody_sees_what_is_said_about_their_own_unit(console: Console) -> None:
    case = await report(console, category="staff_attitude", about_desk="van_phong", text="Văn thư gắt gỏng")
    office, chair = await console.enter(OFFICE), await console.enter(CHAIR)
    assert case.code not in (await office.get("/phan-anh?tinh-trang=tat-ca")).text
    assert (await office.get(f"/phan-anh/{case.code}")).status == 404
    assert case.code in (await chair.get("/phan-anh")).text


async def test_texts_of_strangers_are_shown_and_never_run(console: Console) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }}"
    case = await report(
        console, evil, place='"><svg onload=alert(3)>', contact_name="<b>Lan</b>", contact_phone="<i>1</i>"
    )
    khang = await console.enter(KHANG)
    page = await khang.submit(await khang.get(f"/phan-anh/{case.code}"), "/nhan")
    await khang.submit(page, "/ghi-chu", text="</textarea><script>alert(4)</script>")
    preview = await write(khang, case.code, "tien-do", text="</div><script>alert(5)</script>")
    pages = [preview, await agree(khang, preview), await khang.get("/phan-anh")]
    pages.append(await khang.get(f"/phan-anh?tim={evil}"))
    for one in pages:
        assert not re.search(r"<(script>|img src=x|svg|b>|i>)", one.text), one.address
    assert "{{ 7*7 }}" in pages[1].text
    assert html.escape(evil, quote=False) in pages[1].text.replace("&#39;", "'")
    assert "</div><script>alert(5)</script>" in previewed(preview)


# --- several, and by telephone -----------------------------------------------------------------


async def test_several_are_given_at_once_and_those_that_cannot_are_named(console: Console) -> None:
    free, moved, foreign = [await report(console, category=one) for one in ("lighting", "trees", "noise")]
    chair = await console.enter(CHAIR)
    khang = await console.person(KHANG)
    page = await chair.get("/phan-anh")
    async with console.database.writing() as db:
        work = console.office.work(db, console.clock())
        await acts.claim(work, moved.code, Hand(person=khang))
    fields = page.form("/giao") | {"officer": str(khang.id)}
    ticks = [("case", f"{one.code} 1") for one in (free, moved, foreign)]
    told = await chair.post("/phan-anh/giao", [*fields.items(), *ticks])
    assert told.status == 422
    assert "Đã giao 1 trên 3 việc" in told.text
    assert "việc đã khác lúc anh/chị mở danh sách" in told.text
    assert "không thuộc tổ giữ việc này" in told.text
    assert (await now_of(console, free.code)).officer_id == khang.id
    assert (await now_of(console, foreign.code)).officer_id is None

    again = await report(console, category="lighting")
    page = await chair.get("/phan-anh?linh-vuc=lighting")
    fields = page.form("/giao") | {"officer": str(khang.id), "case": f"{again.code} 1"}
    done = await chair.post("/phan-anh/giao", fields)
    assert done.address == "/console/phan-anh?linh-vuc=lighting"
    assert "Đã giao 1 việc cho Cao Xuân Khang" in done.text
    assert "/phan-anh/giao" not in (await (await console.enter(KHANG)).get("/phan-anh")).text


async def test_what_came_by_telephone_is_written_down_once_beside_what_is_like_it(console: Console) -> None:
    there = await report(console, level="urgent")
    clerk = await console.enter(ONE_STOP)
    form = await clerk.get("/phan-anh/ghi-ho")
    said = {"source": "phone", "text": "Nắp cống bể trước trường mầm non, có người té", "phone": "12"}
    wrong = await clerk.submit(form, "/ghi-ho", **said)
    assert wrong.status == 422
    assert "Số điện thoại chưa đúng" in wrong.text
    assert "có người té" in wrong.text
    place = "hẻm 84 Nguyễn Trãi, khu phố 3"
    looked = await clerk.submit(wrong, "/ghi-ho", phone="0900 000 222", place=place)
    assert there.code in looked.text
    assert f"Ghi thêm vào {there.code}" not in looked.text  # it belongs to another desk
    assert "Tổ Quản lý đô thị" in looked.text
    done = await clerk.submit(looked, "/ghi-ho", go="1")
    again = await clerk.submit(looked, "/ghi-ho", go="1")
    assert done.address == again.address == "/console/phan-anh/ghi-ho/da-ghi?ma=PA26-0002-5"
    assert re.search(r"mã xem chi tiết \w{3}-\w{3}-\w{3}", done.text)
    case = await now_of(console, "PA26-0002-5")
    assert (case.source, case.contact_phone, case.channel) == ("phone", "0900000222", None)
    tam = await console.enter(TAM)
    assert (await tam.get("/phan-anh/ghi-ho/da-ghi?ma=PA26-0002-5")).status == 404

    khang = await console.enter(KHANG)
    looked = await khang.submit(
        await khang.get("/phan-anh/ghi-ho"), "/ghi-ho", place=place, **(said | {"phone": ""})
    )
    added = await khang.submit(looked, "/ghi-ho/them")
    assert "Đã ghi thêm vào" in added.text
    assert "Thêm một người dân báo cùng việc" in added.text


async def test_photos_are_redrawn_and_what_is_none_is_refused(console: Console) -> None:
    khang, case = await console.enter(KHANG), await report(console)
    page = await khang.get(f"/phan-anh/{case.code}")
    refused = await upload(khang, page, case.code, picture(), b"<svg onload=alert(1)>")
    assert refused.status == 409
    assert "Chưa thêm ảnh nào" in refused.text
    for _ in range(2):  # the same one again changes nothing
        done = await upload(khang, page, case.code, picture())
    assert "Đã có 1 ảnh sau xử lý" in done.text
    data = aiohttp.FormData()
    data.add_field("photo", picture(), filename="a.png", content_type="image/png")
    foreign = await khang.post(f"/phan-anh/{case.code}/anh-sau", data)
    assert foreign.status == 403
    number = re.search(r"/anh/(\d+)\?nho=1", done.text)
    assert number is not None
    shown = await khang.get(f"/phan-anh/{case.code}/anh/{number[1]}")
    assert shown.body[:3] == b"\xff\xd8\xff"


# --- the restricted box ------------------------------------------------------------------------


async def test_the_restricted_box_is_for_the_two_named_persons_only(console: Console) -> None:
    words = "Tôi tố cáo ông X nhận tiền, xin giữ kín"
    async with resident(console) as lan:
        for word in ("tố cáo", "/kin", words, "/kin gui"):
            if not await _box(console):
                await lan.says(word)
        waiting = await _box(console)
        assert len(waiting) == 1
        code = waiting[0]
        at = f"/phan-anh/hop-kin/{code}"
        chair = await console.enter(CHAIR)
        assert code in (await chair.get("/phan-anh/hop-kin")).text
        assert await looks(console, "restricted.read", code) == 0
        page = await chair.get(at)
        assert "tố cáo" in page.text
        assert await looks(console, "restricted.read", code) == 1

        half = await console.enter(CHAIR, second=False)
        assert (await half.get(at)).address == "/console/tai-khoan"
        khang = await console.enter(KHANG)
        assert (await khang.get(at)).status == 403
        await console.hire("to.to", Permission.SEE_RESTRICTED, Permission.ASSIGN_FEEDBACK)
        unnamed = await console.enter("to.to")
        assert (await unnamed.get(at)).status == 404
        assert (await unnamed.get("/phan-anh/hop-kin")).status == 404
        assert "Hộp kín" not in (await unnamed.get("/phan-anh")).text
        for path in (
            "/phan-anh?tinh-trang=tat-ca",
            f"/phan-anh?tim={code}",
            "/phan-anh.csv?tinh-trang=tat-ca",
        ):
            assert "tố cáo" not in (await chair.get(path)).text
        assert (await chair.get("/phan-anh/hop-kin/KIN-2222222")).status == 404

        heard = len(lan.heard)
        preview = await chair.submit(page, at, text="Phường đã nhận và đang xem xét.")
        done = await chair.submit(preview, at, go="1")
        assert f"Đã trả lời tin kín {code}" in done.text
        await until(lambda: len(lan.heard) > heard)
        assert lan.heard[heard] == previewed(preview)
        assert "Tin này đã được trả lời" in (await chair.submit(preview, at, go="1", once="")).text


async def _box(console: Console) -> list[str]:
    async with console.database.reading() as db:
        return list((await db.exec(select(RestrictedMessage.code))).all())


async def test_every_form_on_the_page_of_a_case_has_a_door(console: Console) -> None:
    case = await report(console, who=None, source="phone")
    chair = await console.enter(CHAIR)
    page = await chair.get(f"/phan-anh/{case.code}")
    assert "không có khung chat" in page.text
    assert "hoi-them" not in page.text  # there is no chat to ask in
    for address, _ in Form(page.text).found:
        answer = await chair.get(address.removeprefix("/console"))
        assert answer.status in (404, 405)  # a door for sending, not for looking
    for address in re.findall(rf'href="/console(/phan-anh/{case.code}/[^"]+)"', page.text):
        assert (await chair.get(address)).status == 200
    assert case.channel is None
