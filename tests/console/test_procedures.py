"""The desk of procedures: a card is searched, changed, published by two people, and answered at once."""

from sqlmodel import col, select

from bot.settings import WebSettings
from knowledge.fold import fold
from records import questions
from records.cases import Permission
from records.console import CardDraft, DraftState
from records.tables import Trace, UnansweredQuestion
from tests.conftest import WallClock
from tests.console.bench import Answer, Browser, Console, open_console
from tests.console.desk_of_words import DECIDER, WRITER, resident, two_editors

BIRTH = "1.001193"
CARD = f"/thu-tuc/the/{BIRTH}"
EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


async def draft_of(console: Console, code: str = BIRTH) -> CardDraft:
    async with console.database.reading() as db:
        found = await db.exec(
            select(CardDraft).where(col(CardDraft.code) == code).order_by(col(CardDraft.id).desc())
        )
        row: CardDraft | None = found.first()
    assert row is not None
    return row


async def change(browser: Browser, **said: str) -> Answer:
    page = await browser.get(f"{CARD}/sua")
    return await browser.submit(page, "/sua", **({"lam": "de-nghi", "note": "đối chiếu nguồn"} | said))


async def publish(browser: Browser, console: Console) -> Answer:
    page = await browser.get("/thu-tuc/cong-bo")
    return await browser.submit(page, "/cong-bo", ban=str((await draft_of(console)).id))


async def test_a_card_changed_by_one_and_published_by_another_is_answered_at_once(console: Console) -> None:
    writer, decider = await two_editors(console)
    where = "Quầy số 9, tầng trệt, phòng mới"
    seen = await change(writer, where=where, lam="xem")
    assert f'<ins class="said">{where}</ins>' in seen.text
    assert "Zalo" in seen.text
    async with console.database.reading() as db:
        assert (await db.exec(select(CardDraft))).first() is None

    told = await change(writer, where=where)
    assert "Đã đề nghị công bố" in told.text
    async with resident(console) as lan:
        assert where not in await lan.asks(BIRTH)

        mine = await writer.get("/thu-tuc/cong-bo")
        assert "bản của anh/chị: chờ người khác" in mine.text
        alone = await writer.post(
            "/thu-tuc/cong-bo",
            {"csrf": mine.form("/ra")["csrf"], "ban": str((await draft_of(console)).id)},
        )
        assert alone.status == 409
        assert "một người khác công bố" in alone.text
        assert (await draft_of(console)).state is DraftState.PROPOSED

        done = await publish(decider, console)
        assert "Đã công bố ấn bản 1" in done.text
        assert where in done.text
        assert where in await lan.asks(BIRTH)

    row = await draft_of(console)
    assert (row.state, row.edition_id) == (DraftState.PUBLISHED, 1)
    history = await decider.get("/thu-tuc/an-ban")
    assert "Ấn bản 1" in history.text
    assert DECIDER.title() in history.text
    async with console.database.reading() as db:
        left = (await db.exec(select(Trace.what, Trace.who).order_by(col(Trace.id)))).all()
    assert [one for one in left if one[0].startswith(("card.", "publish"))] == [
        ("card.saved", WRITER),
        ("card.proposed", WRITER),
        ("card.published", DECIDER),
        ("publish", DECIDER),
    ]
    again = {"csrf": history.form("/ra")["csrf"], "ban": str(row.id)}
    assert (await decider.post("/thu-tuc/cong-bo", again)).status == 409


async def test_what_is_wrong_is_said_by_its_field_and_nothing_typed_is_lost(console: Console) -> None:
    writer, _ = await two_editors(console)
    wrong = await change(
        writer,
        fee_kind="amount",
        fee_vnd="năm nghìn",
        checked_on="31/11/2026",
        source="javascript:alert(1)",
        working_days="-3",
        aliases="đăng ký kết hôn",
        short_name="x",
        papers="Tờ khai | một | khi cần | thừa",
    )
    assert wrong.status == 422
    for sentence in (
        "Lệ phí, bằng số (đồng)</a>: “năm nghìn” không phải số tiền đồng, ví dụ 8000",
        "Ngày kiểm tra</a>: “31/11/2026” không phải ngày có thật",
        "Trang nguồn</a>: phải là địa chỉ trang nguồn, bắt đầu bằng https://",
        "Số ngày làm việc</a>: “-3” không phải một con số",
        "Tên ngắn</a>: cần ít nhất 4 chữ cái",
        "mỗi dòng nhiều nhất 3 phần",
    ):
        assert sentence in wrong.text, sentence
    form = wrong.form("/sua")
    assert (form["fee_vnd"], form["checked_on"]) == ("năm nghìn", "31/11/2026")
    assert form["papers"] == "Tờ khai | một | khi cần | thừa"

    clash = await change(writer, aliases="đăng ký kết hôn")
    assert "đã là tên gọi của Đăng ký kết hôn" in clash.text
    future = await change(writer, checked_on="2027-01-05")
    assert "chưa tới" in future.text
    assert "chưa có mục nào khác" in (await change(writer)).text
    free = await change(writer, fee_kind="free", fee_vnd="5.000")
    assert "đã chọn “Không thu” thì để trống" in free.text


async def test_two_writers_at_one_card_do_not_overwrite_each_other(console: Console) -> None:
    one, other = await two_editors(console)
    page = await other.get(f"{CARD}/sua")
    await change(one, result="Giấy khai sinh bản mới", lam="luu")
    late = await other.submit(page, "/sua", result="Bản của tôi", lam="luu")
    assert late.status == 422
    assert "người khác vừa lưu" in late.text
    assert late.form("/sua")["result"] == "Bản của tôi"

    page = await other.get(CARD)
    assert "Bản sửa số 1: bản nháp" in page.text
    gone = await other.submit(page, "/bo")
    assert "Đã bỏ bản sửa" in gone.text
    back = await other.submit(gone, "/hoan-tac")
    assert "Bản sửa số 1: bản nháp" in back.text
    asked = await other.submit(back, "/de-nghi")
    assert "Cần một người khác" in asked.text


async def test_a_draft_on_an_old_card_is_not_published_over_a_newer_one(console: Console) -> None:
    writer, decider = await two_editors(console)
    await change(writer, where="Quầy số 1")
    await publish(decider, console)
    async with console.database.writing() as db:
        old = await draft_of(console)
        document = old.document | {"card": old.document["card"] | {"where": "Quầy cũ"}}
        document["base"] = "0" * 16
        db.add(
            CardDraft(
                code=BIRTH,
                document=document,
                state=DraftState.PROPOSED,
                version=9,
                by=old.by,
                at=console.clock(),
            )
        )
    refused = await publish(decider, console)
    assert refused.status == 409
    assert "đã đổi sau khi bản sửa này được soạn" in refused.text
    assert "soạn trên thẻ cũ" in (await decider.get("/thu-tuc/cong-bo")).text
    assert "Thẻ đang dùng đã đổi" in (await writer.get(f"{CARD}/sua")).text


async def test_a_question_nobody_could_answer_becomes_an_everyday_name(console: Console) -> None:
    writer, decider = await two_editors(console)
    asked = "xin tờ bông sen hồng cho cu tí"
    async with console.database.writing() as db:
        for text in (asked, "xin tờ bông sen hồng cho cu Tí ạ", "hôm nay ăn gì ngon"):
            await questions.note(db, text, fold(text), console.clock())
    before = await writer.get("/thu-tuc", params={"hoi": "tờ bông sen hồng"})
    assert "Chắc chắn" not in before.text
    async with resident(console) as lan:
        page = await writer.get("/thu-tuc/cau-hoi")
        assert "2 lần" in page.text
        taken = await writer.submit(page, "/ten", ten="đăng ký kết hôn", khac=BIRTH, ma="")
        assert taken.status == 409
        assert "đã là tên gọi của" in taken.text
        nobody = await writer.submit(page, "/ten", ten="tờ giấy 0900 000 123", khac=BIRTH, ma="")
        assert "có thể là của một người" in nobody.text
        told = await writer.submit(page, "/ten", ten="tờ bông sen hồng", khac=BIRTH, ma="")
        assert "chờ một người khác công bố" in told.text
        assert asked not in told.text
        await publish(decider, console)
        assert "Đăng ký khai sinh" in (await lan.asks("tờ bông sen hồng"))
    found = await writer.get("/thu-tuc", params={"hoi": "tờ bông sen hồng"})
    assert "Chắc chắn" in found.text
    assert "khớp với tên: “tờ bông sen hồng”" in found.text

    page = await writer.get("/thu-tuc/cau-hoi")
    gone = await writer.submit(page, "/bo-qua")
    assert "Đã bỏ qua câu hỏi" in gone.text
    assert "Chưa có câu hỏi nào bỏ trống" in gone.text
    back = await writer.submit(gone, "/hoan-tac")
    assert "hôm nay ăn gì ngon" in back.text
    async with console.database.reading() as db:
        assert len((await db.exec(select(UnansweredQuestion))).all()) == 1


async def test_everybody_may_search_and_only_editors_may_change(console: Console) -> None:
    await console.hire("chi.xem", Permission.ANSWER_FEEDBACK)
    officer = await console.enter("chi.xem")
    found = await officer.get("/thu-tuc", params={"hoi": "làm giấy khai sinh cho con"})
    assert "Chắc chắn: Trợ lý số trả lời ngay bằng thẻ đầu tiên." in found.text
    assert "chữ trong câu hỏi có trong tên" in found.text
    assert "Không có" in (await officer.get("/thu-tuc", params={"hoi": "qwerty zxcv"})).text
    page = await officer.get(CARD)
    assert "Giấy chứng sinh" in page.text
    assert "Sửa thẻ" not in page.text
    assert (await officer.get(f"{CARD}/sua")).status == 403
    assert (await officer.get("/thu-tuc/cau-hoi")).status == 403
    assert (await officer.get("/thu-tuc/the/9.999999")).status == 404
    listed = await officer.get("/thu-tuc", params={"linh-vuc": "ho_tich", "muc": "thieu"})
    assert "thẻ</caption>" in listed.text or "Không có thẻ nào" in listed.text
    old = await officer.get("/thu-tuc", params={"qua-han": "12"})
    assert "Không có thẻ nào khớp bộ lọc" in old.text
    book = await officer.get("/thu-tuc.csv", params={"linh-vuc": "ho_tich"})
    assert "Đăng ký khai sinh" in book.body.decode("utf-8-sig")
    assert (await officer.get("/thu-tuc/an-ban.xlsx")).body.startswith(b"PK")
    assert (await officer.get("/thu-tuc/cau-hoi.csv")).status == 403


async def test_code_in_a_card_is_shown_and_never_runs(console: Console) -> None:
    writer, decider = await two_editors(console)
    said = {"where": EVIL, "fee": EVIL, "mistakes": EVIL, "aliases": f"khai sinh {EVIL}", "note": EVIL}
    pages = [await change(writer, **said, lam="xem"), await change(writer, **said)]
    pages.append(await decider.get("/thu-tuc/cong-bo"))
    pages.append(await publish(decider, console))
    pages += [await decider.get(CARD), await decider.get("/thu-tuc", params={"hoi": EVIL})]
    assert sum("&lt;img src=x" in page.text for page in pages) >= 5
    for page in pages:
        assert page.status == 200
        assert "<img src=x" not in page.text
        assert "<script>alert" not in page.text


async def test_sheets_with_codes_are_printed_where_there_is_an_address(tmp_path, clock: WallClock) -> None:
    async with open_console(
        tmp_path, clock, web=WebSettings(port=0, public_url="https://tro-ly.anthinh.example")
    ) as console:
        await console.hire("chi.xem", Permission.ANSWER_FEEDBACK)
        officer = await console.enter("chi.xem")
        for path in (f"{CARD}/qr.pdf", "/thu-tuc/linh-vuc/ho_tich/qr.pdf"):
            sheet = await officer.get(path)
            assert sheet.status == 200
            assert sheet.body.startswith(b"%PDF-")
        assert (await officer.get("/thu-tuc/linh-vuc/khong_co/qr.pdf")).status == 404


async def test_without_an_address_no_code_leads_nowhere(console: Console) -> None:
    await console.hire("chi.xem", Permission.ANSWER_FEEDBACK)
    officer = await console.enter("chi.xem")
    assert "Chưa đặt địa chỉ công khai" in (await officer.get(f"{CARD}/qr.pdf")).text
