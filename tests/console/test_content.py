"""The desk of the ward's own pages: changed by one, published by another, spoken by at once, and brought back."""

from datetime import date

from sqlmodel import col, select

from bot import contents as pages
from bot.settings import Settings
from letters.work import ON_THE_SHELF
from records.cases import Permission
from records.console import ContentDraft, DraftState
from records.tables import Trace
from scheduler import jobs
from tests.console.bench import Answer, Browser, Console
from tests.console.desk_of_words import DECIDER, WRITER, resident, two_editors

EVIL = '<img src=x onerror="alert(1)">'
HOLIDAY = """
[[day]]
date = 2026-11-25
kind = "off"
reason = "Nghỉ hoán đổi để thử"
source = "Thông báo bịa để thử"
checked_on = 2026-11-20
"""


async def newest(console: Console) -> ContentDraft:
    async with console.database.reading() as db:
        found = await db.exec(select(ContentDraft).order_by(col(ContentDraft.id).desc()).limit(1))
        row: ContentDraft | None = found.first()
    assert row is not None
    return row


async def decide(browser: Browser, console: Console) -> Answer:
    number = (await newest(console)).id
    return await browser.submit(await browser.get(f"/noi-dung/ban/{number}"), "/cong-bo")


async def write(browser: Browser, page: str, change: tuple[str, str], **said: str) -> Answer:
    form = await browser.get(f"/noi-dung/trang/{page}/sua")
    text = form.form("/sua")["van-ban"]
    assert change[0] in text
    given = {"van-ban": text.replace(*change), "lam": "de-nghi"} | said
    return await browser.submit(form, "/sua", **given)


async def test_hours_changed_by_one_and_published_by_another_are_told_at_once(console: Console) -> None:
    writer, decider = await two_editors(console)
    form = await writer.get("/noi-dung/bieu-mau/gio-lam-viec")
    fields = {"r.1.open": "6:45-10:15, 14:10-16:20", "note": "giờ mới"}
    seen = await writer.submit(form, "/gio-lam-viec", **fields, lam="xem")
    assert "6:45–10:15, 14:10–16:20" in seen.text
    assert "<ins>+ open = " in seen.text
    told = await writer.submit(seen, "/gio-lam-viec", lam="de-nghi")
    assert "Cần một người khác" in told.text
    assert "một người khác xem rồi công bố" in told.text

    async with resident(console) as lan:
        assert "6:45" not in await lan.asks("giờ làm việc")
        mine = {"csrf": told.form("/ra")["csrf"]}
        alone = await writer.post(f"/noi-dung/ban/{(await newest(console)).id}/cong-bo", mine)
        assert alone.status == 409
        assert "một người khác công bố" in alone.text
        assert "6:45" not in await lan.asks("giờ làm việc")

        done = await decide(decider, console)
        assert "Đã công bố: Trụ sở, giờ làm việc, bản số 1" in done.text
        assert "6:45" in await lan.asks("giờ làm việc")

        back = await writer.submit(await writer.get("/noi-dung/trang/office.toml"), "/tro-lai", ban="0")
        assert "Đã đề nghị trở lại" in back.text
        await decide(decider, console)
        assert "6:45" not in await lan.asks("giờ làm việc")

        page = await decider.get("/noi-dung/trang/office.toml")
        again = await decider.submit(page, "/tro-lai", ban="1")
        assert "Đã đề nghị trở lại bản cũ" in again.text
        await decide(writer, console)
        assert "6:45" in await lan.asks("giờ làm việc")
    async with console.database.reading() as db:
        left = (await db.exec(select(Trace.what, Trace.who).order_by(col(Trace.id)))).all()
    assert [one for one in left if one[0] == "content.published"] == [
        ("content.published", DECIDER),
        ("content.published", DECIDER),
        ("content.published", WRITER),
    ]


async def test_another_instance_and_a_new_start_speak_by_the_same_page(console: Console) -> None:
    writer, decider = await two_editors(console)
    await write(writer, "office.toml", ("0236 0000 100", "0236 0000 199"))
    await decide(decider, console)
    assert console.office.shelf.ward.phone == "0236 0000 199"
    assert await jobs.edition(console.office, console.clock()) == 0
    console.office.shelf.content = 0  # as an instance that has not looked yet
    assert await jobs.edition(console.office, console.clock()) == 1
    found = pages.in_force(Settings(), {"office.toml": "x = [", "letters/condolence.txt": "không ra gì"})
    assert found.ward.phone == "0236 0000 100"  # what can be read no longer gives way to the folder's file


async def test_a_holiday_moves_the_deadline(console: Console) -> None:
    writer, decider = await two_editors(console)
    calendar = console.office.shelf.calendar
    friday = date(2026, 11, 20)
    before = calendar.add_working_days(friday, 5)
    page = await writer.get("/noi-dung/trang/holiday_overrides.toml/sua")
    text = page.form("/sua")["van-ban"] + HOLIDAY
    seen = await writer.submit(page, "/sua", **{"van-ban": text, "lam": "xem"})
    assert "5 ngày làm việc" in seen.text
    assert f"{before:%d/%m/%Y}" in seen.text
    wrong = await writer.submit(seen, "/sua", **{"van-ban": text.replace('"off"', '"nghỉ"'), "lam": "luu"})
    assert wrong.status == 422
    assert "mục day.kind: phải là một trong: off, work" in wrong.text
    assert "Nghỉ hoán đổi để thử" in wrong.form("/sua")["van-ban"]
    await writer.submit(wrong, "/sua", **{"van-ban": text, "lam": "de-nghi"})
    await decide(decider, console)
    after = console.office.shelf.calendar.add_working_days(friday, 5)
    assert after > before
    letters = console.database.info[ON_THE_SHELF]
    assert letters.calendar.add_working_days(friday, 5) == after


async def test_words_of_a_letter_are_approved_by_being_published(console: Console) -> None:
    writer, decider = await two_editors(console)
    page = "thu.marriage_congratulation"
    bad = await write(writer, page, ("Chúc anh chị trăm năm", "{% for x in y %}{% endfor %}Chúc trăm năm"))
    assert bad.status == 422
    assert "mẫu thư chỉ được hỏi" in bad.text
    forged = await write(
        writer, page, ("approved_by:\napproved_on:", "approved_by: Tôi\napproved_on: 2026-11-20"), lam="luu"
    )
    assert "Chưa có gì khác bản đang dùng" in forged.text
    told = await write(writer, page, ("trăm năm hạnh phúc", "trọn đời hạnh phúc"))
    assert "Chúc anh chị trọn đời hạnh phúc." in told.text
    assert "(họ tên chồng)" in told.text
    await decide(decider, console)
    template = console.database.info[ON_THE_SHELF].templates.get("marriage_congratulation")
    assert (template.version, template.approved_by) == (2, DECIDER.title())
    assert template.approved_on == date(2026, 11, 20)
    assert "đã duyệt" in (await writer.get("/noi-dung")).text


async def test_forms_say_what_is_wrong_and_keep_what_was_typed(console: Console) -> None:
    writer, _ = await two_editors(console)
    form = await writer.get("/noi-dung/bieu-mau/gio-lam-viec")
    wrong = await writer.submit(form, "/gio-lam-viec", lam="luu", **{"r.0.open": "sáng", "r.0.month": "13"})
    assert wrong.status == 422
    assert "mục hours.season.open: phải là các khoảng giờ" in wrong.text
    assert "mục hours.season.month: phải là số từ 1 đến 12" in wrong.text
    assert wrong.form("/gio-lam-viec")["r.0.open"] == "sáng"
    same = await writer.submit(form, "/gio-lam-viec", lam="luu", once="khác")
    assert "Chưa có gì khác bản đang dùng" in same.text

    week = await writer.get("/noi-dung/bieu-mau/lich-tuan")
    row = next(
        name[:-5] for name, value in week.form("/lich-tuan").items() if name[-5:] == ".what" and not value
    )
    entry = {f"{row}.date": "2026-12-02", f"{row}.at": "9:00", f"{row}.what": f"Họp dân {EVIL}"}
    kept = await writer.submit(week, "/lich-tuan", lam="luu", **entry)
    assert "Đã lưu bản nháp" in kept.text
    assert EVIL not in kept.text
    assert "&lt;img src=x" in kept.text
    assert "starts_on = 2026-11-30" in kept.text
    late = await writer.submit(week, "/lich-tuan", lam="luu", once="lần nữa", **entry)
    assert late.status == 422
    assert "Người khác vừa lưu" in late.text

    session = await writer.get("/noi-dung/bieu-mau/tiep-cong-dan")
    moved = await writer.submit(session, "/tiep-cong-dan", lam="de-nghi", **{"r.0.host": "Phó Chủ tịch"})
    assert "Đã đề nghị công bố" in moved.text
    gone = await writer.submit(moved, "/bo")
    assert "Đã bỏ bản này" in gone.text
    again = await writer.submit(gone, "/hoan-tac")
    assert "chờ công bố" in again.text
    assert (await newest(console)).state is DraftState.PROPOSED


async def test_only_who_may_edit_comes_in_and_no_other_file_is_a_page(console: Console) -> None:
    await console.hire("chi.xem", Permission.ANSWER_FEEDBACK)
    officer = await console.enter("chi.xem")
    assert (await officer.get("/noi-dung")).status == 403
    writer, _ = await two_editors(console)
    for page in ("desks.toml", "places.toml", "thu.khong_co", "..%2Foffice.toml", "thu...%2Foffice"):
        assert (await writer.get(f"/noi-dung/trang/{page}")).status == 404
    assert (await writer.get("/noi-dung/bieu-mau/khac")).status == 404
    for one in ("office.toml", "directory.toml", "old_wards.toml", "petition.toml", "thu.condolence"):
        assert (await writer.get(f"/noi-dung/trang/{one}")).status == 200, one
        assert (await writer.get(f"/noi-dung/trang/{one}/sua")).status == 200, one
    evil = await write(writer, "petition.toml", ('where = "', f"where = '{EVIL}' #"), lam="xem")
    assert EVIL not in evil.text
