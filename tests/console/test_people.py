"""Người dân và hồ sơ: found, looked at with a trace, bound, merged by two, asked about their data, their dossiers."""

import json
from datetime import date, timedelta

from sqlmodel import col, select

from feedback import own_data
from records import binding, people, trace
from records.cases import DataRequest, Permission, RequestKind
from records.console import MergeProposal
from records.letters import Dossier, DossierState, Household, Letter, Recipient, Resident, ResidentAddress
from records.tables import Address, ChannelName, Delivery, Purpose, Trace
from tests.conftest import WallClock
from tests.console.bench import Answer, Browser, Console
from tests.console.office_of_records import HOA, LAN, brought_in, clerks, residents, sheet
from tests.records.registers import DOSSIER_TITLES, dossier

THU = Address(ChannelName.WEB, "web-thu")


async def ward(console: Console, count: int = 6) -> tuple[Browser, Browser]:
    lan, hoa = await clerks(console)
    await brought_in(lan, "residents", sheet(residents(count)))
    return lan, hoa


async def code_of(console: Console, who: Address = THU) -> str:
    async with console.database.writing() as db:
        return await binding.claim(db, who, console.clock())


async def traces(console: Console, what: str) -> list[Trace]:
    async with console.database.reading() as db:
        return list(
            (await db.exec(select(Trace).where(col(Trace.what) == what).order_by(col(Trace.id)))).all()
        )


async def test_somebody_is_found_by_name_without_marks_by_phone_and_by_receipt(console: Console) -> None:
    lan, _ = await ward(console, 12)
    rows = [dossier(0), dossier(1)]
    rows[0][2], rows[0][9] = "Trần Văn Mận Cúc", "0900 000 001"
    await brought_in(lan, "dossiers", sheet(rows, DOSSIER_TITLES))

    found = await lan.get("/nguoi-dan", params={"q": "tran van man cuc"})
    assert "Thấy 1 người" in found.text
    assert "Trần Văn Mận Cúc" in found.text
    assert "Trần Văn Mận Cúc" in (await lan.get("/nguoi-dan", params={"q": "man cuc 1951"})).text
    assert "Không thấy ai" in (await lan.get("/nguoi-dan", params={"q": "man cuc 1990"})).text
    assert "Thấy 11 người" in (await lan.get("/nguoi-dan", params={"q": "Trần Văn"})).text.replace("12", "11")
    by_phone = await lan.get("/nguoi-dan", params={"q": "0900.000.001"})
    assert "Thấy 1 người" in by_phone.text
    by_receipt = await lan.get("/nguoi-dan", params={"q": rows[0][0].lower().replace("-", "")})
    assert rows[0][0] in by_receipt.text
    assert "Trần Văn Mận Cúc" in by_receipt.text
    for odd in ("' OR 1=1 --", "%", "_", "x" * 500, "<script>alert(1)</script>", "\u202e"):
        page = await lan.get("/nguoi-dan", params={"q": odd})
        assert page.status == 200
        assert "<script>alert" not in page.text

    before = len(await traces(console, "residents.seen"))
    whole = await lan.get("/nguoi-dan/1")
    assert "Số 1 đường Thí Dụ" in whole.text
    assert "0900000001" in whole.text
    assert rows[0][0] in whole.text
    seen = await traces(console, "residents.seen")
    assert len(seen) == before + 1
    assert seen[-1].who == LAN
    assert "Trần" not in json.dumps(seen[-1].detail, ensure_ascii=False)
    assert (await lan.get("/nguoi-dan/999")).status == 404


async def test_who_drafts_letters_looks_people_up_and_no_more(console: Console) -> None:
    await ward(console)
    await console.hire("soan", Permission.DRAFT_LETTERS)
    drafter = await console.enter("soan")
    page = await drafter.get("/nguoi-dan", params={"q": "tran van man cuc"})
    assert "Trần Văn Mận Cúc" in page.text
    one = await drafter.get("/nguoi-dan/1")
    assert one.status == 200
    assert "0900000001" not in one.text
    assert "Gắn khung chat" not in one.text
    assert "Không thấy ai" in (await drafter.get("/nguoi-dan", params={"q": "0900000001"})).text
    for path in ("/nguoi-dan/gop", "/nguoi-dan/yeu-cau", "/nguoi-dan/ho-so", "/nguoi-dan/ho-so.csv"):
        assert (await drafter.get(path)).status == 403, path

    await console.hire("khac", *(set(Permission) - {Permission.IMPORT_RECORDS, Permission.DRAFT_LETTERS}))
    other = await console.enter("khac")
    for path in (
        "/nguoi-dan",
        "/nguoi-dan/1",
        "/nguoi-dan/gop/1",
        "/nguoi-dan/ho-so/x",
        "/nguoi-dan/yeu-cau/1",
    ):
        assert (await other.get(path)).status == 403, path
    assert "Người dân và hồ sơ" not in (await other.get("/tai-khoan")).text


async def test_an_account_is_bound_with_a_code_and_set_free_and_its_owner_hears_of_both(
    console: Console,
) -> None:
    lan, _ = await ward(console)
    code = await code_of(console)
    async with console.database.writing() as db:
        await people.say_consent(
            db, THU, [Purpose.GREETING], granted=True, wording="greeting-1", now=console.clock()
        )
    page = await lan.get("/nguoi-dan/1")
    blind = await lan.submit(page, "/gan", code=code)
    assert "Chưa xác nhận đã xem thẻ" in blind.text
    wrong = await lan.submit(page, "/gan", code="AAAA-2222", card="1")
    assert "Mã đã dùng" in wrong.text
    done = await lan.submit(await lan.get("/nguoi-dan/1"), "/gan", code=code, card="1")
    assert "Đã gắn khung chat" in done.text
    assert "lời chúc lễ, Tết" in done.text
    assert "greeting-1" in done.text
    async with console.database.reading() as db:
        owner = await binding.owner(db, THU)
        assert owner is not None
        assert (owner.resident_id, owner.verified_by) == (1, LAN)
        told = (await db.exec(select(Delivery.text).where(col(Delivery.user) == THU.user))).all()
    assert any("được ghi là của anh/chị" in (text or "") for text in told)

    free = await lan.submit(done, "/go")
    assert "Đã gỡ khung chat" in free.text
    async with console.database.reading() as db:
        assert await binding.owner(db, THU) is None
    assert len(await traces(console, "address.bound")) == len(await traces(console, "address.unbound")) == 1

    for _ in range(10):  # guessing is counted
        await lan.submit(await lan.get("/nguoi-dan/1"), "/gan", code="BBBB-3333", card="1")
    tired = await lan.submit(await lan.get("/nguoi-dan/1"), "/gan", code=await code_of(console), card="1")
    assert "Nhập sai mã nhiều lần" in tired.text


async def doubles(console: Console) -> tuple[int, int]:
    """Put one person into the register twice, each with something only that entry has; return both numbers."""
    now = console.clock()
    async with console.database.writing() as db:
        house = Household(quarter="Tổ dân phố 3", address="Số 7 đường Thí Dụ")
        mourning = Household(quarter="TDP 3", address="", mourning_until=date(2026, 12, 31))
        db.add_all([house, mourning])
        await db.flush()
        keep = Resident(
            name="Lê Thị Mẫu",
            folded="le thi mau",
            born_year=1960,
            quarter="Tổ dân phố 3",
            address=house.address,
            household_id=house.id,
            added_at=now,
        )
        drop = Resident(
            name="Lê Thị Mẫu",
            folded="le thi mau",
            born_year=1960,
            born_on=date(1960, 5, 6),
            gender="nữ",
            phone="0900000777",
            household_id=mourning.id,
            added_at=now,
        )
        db.add_all([keep, drop])
        await db.flush()
        kept, dropped = keep.id or 0, drop.id or 0
        db.add(ResidentAddress(channel=THU.channel, user=THU.user, resident_id=dropped, verified_at=now))
        letter = Letter(template="condolence", drafted_at=now)
        db.add(letter)
        await db.flush()
        db.add(Recipient(letter_id=letter.id or 0, place=0, resident_id=dropped, name=drop.name))
        db.add(Recipient(letter_id=letter.id or 0, place=1, candidates=[dropped, kept], name=drop.name))
        db.add(
            Dossier(
                receipt_code="H00.00-261101-0009",
                applicant_id=dropped,
                taken_on=date(2026, 11, 1),
                changed_at=now,
            )
        )
        return kept, dropped


async def proposed(browser: Browser, keep: int, drop: int) -> Answer:
    page = await browser.get(f"/nguoi-dan/{keep}")
    assert f"giu={keep}&amp;bo={drop}" in page.text
    sides = await browser.get("/nguoi-dan/gop/so-sanh", params={"giu": str(keep), "bo": str(drop)})
    return await browser.submit(sides, "/nguoi-dan/gop", reason="cùng ngày sinh, đã gọi hỏi")


async def test_two_people_make_one_of_two_entries_and_it_can_be_taken_back_for_a_moment(
    console: Console,
) -> None:
    lan, hoa = await clerks(console)
    keep, drop = await doubles(console)
    assert "Đã lập đề nghị gộp số 1" in (await proposed(lan, keep, drop)).text
    assert (await proposed(hoa, keep, drop)).status == 409  # one proposal at a time

    own = await lan.get("/nguoi-dan/gop/1")
    assert "cần một người khác quyết định" in own.text
    theirs = await hoa.get("/nguoi-dan/gop/1")
    forced = await lan.post(
        "/nguoi-dan/gop/1/gop", theirs.form("/gop/1/gop") | {"csrf": own.form("/khong-gop")["csrf"]}
    )
    assert forced.status == 409
    assert "do chính anh/chị lập" in forced.text
    assert "0900000777" in theirs.text

    joined = await hoa.submit(theirs, "/gop/1/gop")
    assert joined.address == f"/console/nguoi-dan/{keep}"
    assert "Đã gộp hai dòng" in joined.text
    await require_one(console, keep, drop)
    assert (await hoa.get(f"/nguoi-dan/{drop}")).status == 404

    back = await hoa.submit(joined, "/hoan-tac")
    assert back.address == "/console/nguoi-dan/gop/1"
    async with console.database.reading() as db:
        again = await db.get(Resident, drop)
        kept = await db.get(Resident, keep)
        assert again is not None
        assert kept is not None
        assert (again.phone, again.born_on, again.gender) == ("0900000777", date(1960, 5, 6), "nữ")
        assert (kept.phone, kept.born_on, kept.gender) == ("", None, "")
        owner = await binding.owner(db, THU)
        assert owner is not None
        assert owner.resident_id == drop
        rows = (await db.exec(select(Recipient).order_by(col(Recipient.place)))).all()
        assert (rows[0].resident_id, rows[1].candidates) == (drop, [drop, keep])
        house = await db.get(Household, kept.household_id)
        assert house is not None
        assert house.mourning_until is None
        assert (await db.exec(select(Dossier.applicant_id))).one() == drop

    assert "Đã gộp hai dòng" in (await hoa.submit(back, "/gop/1/gop")).text
    await require_one(console, keep, drop)
    async with console.database.reading() as db:
        assert (await trace.verify(db)).whole
    assert [row.who for row in await traces(console, "merge.accepted")] == [HOA, HOA]


async def require_one(console: Console, keep: int, drop: int) -> None:
    async with console.database.reading() as db:
        assert await db.get(Resident, drop) is None
        one = await db.get(Resident, keep)
        assert one is not None
        assert (one.phone, one.born_on, one.gender) == ("0900000777", date(1960, 5, 6), "nữ")
        assert one.address == "Số 7 đường Thí Dụ"
        house = await db.get(Household, one.household_id)
        assert house is not None
        assert house.mourning_until == date(2026, 12, 31)  # who mourned goes on mourning
        owner = await binding.owner(db, THU)
        assert owner is not None
        assert owner.resident_id == keep
        rows = (await db.exec(select(Recipient).order_by(col(Recipient.place)))).all()
        assert (rows[0].resident_id, rows[1].candidates) == (keep, [keep])
        assert (await db.exec(select(Dossier.applicant_id))).one() == keep
        row = await db.get(MergeProposal, 1)
        assert row is not None
        assert row.accepted is True


async def test_a_merge_is_about_what_was_shown_and_the_dead_are_not_joined_to_the_living(
    console: Console,
) -> None:
    lan, hoa = await clerks(console)
    keep, drop = await doubles(console)
    await proposed(lan, keep, drop)
    seen = await hoa.get("/nguoi-dan/gop/1")
    async with console.database.writing() as db:
        row = await db.get(Resident, drop)
        assert row is not None
        row.phone = "0900000778"
        db.add(row)
    moved = await hoa.submit(seen, "/gop/1/gop")
    assert moved.status == 409
    assert "vừa thay đổi" in moved.text
    async with console.database.writing() as db:
        row = await db.get(Resident, drop)
        assert row is not None
        row.deceased_on = date(2026, 11, 2)
        db.add(row)
    dead = await hoa.submit(await hoa.get("/nguoi-dan/gop/1"), "/gop/1/gop")
    assert dead.status == 409
    assert "đã qua đời" in dead.text
    declined = await lan.submit(await lan.get("/nguoi-dan/gop/1"), "/khong-gop")  # the proposer may withdraw
    assert "giữ nguyên cả hai" in declined.text
    assert "không gộp" in declined.text
    async with console.database.reading() as db:
        assert await db.get(Resident, drop) is not None
    assert (await hoa.get("/nguoi-dan/gop/1")).status == 409
    assert (await hoa.get("/nguoi-dan/gop/so-sanh", params={"giu": "1", "bo": "1"})).status == 404
    assert (await hoa.get("/nguoi-dan/gop/so-sanh", params={"giu": "x"})).status == 409


async def test_a_request_about_data_has_its_clock_and_is_answered_in_the_chat(
    console: Console, clock: WallClock
) -> None:
    lan, hoa = await clerks(console)
    async with console.database.writing() as db:
        work = console.office.work(db, clock())
        await own_data.ask(work, THU, RequestKind.CORRECT, detail="Tên tôi là <b>Thử</b>")
        await own_data.ask(work, THU, RequestKind.EXPORT)
    page = await lan.get("/nguoi-dan/yeu-cau")
    assert "sửa dữ liệu" in page.text
    assert "còn " in page.text
    clock.wait(days=7)
    lan, hoa = await console.enter(LAN), await console.enter(HOA)
    assert "quá hạn" in (await lan.get("/nguoi-dan/yeu-cau")).text
    one = await lan.get("/nguoi-dan/yeu-cau/1")
    assert "<b>Thử</b>" not in one.text
    assert "&lt;b&gt;Thử" in one.text
    nothing = await lan.submit(one, "/xong", outcome="   ")
    assert nothing.status == 422
    done = await lan.submit(nothing, "/xong", outcome="Đã sửa tên trong phản ánh.")
    assert "báo người dân" in done.text
    twice = await hoa.submit(await hoa.get("/nguoi-dan/yeu-cau/2"), "/xong", outcome="Đã giao tại quầy.")
    assert twice.status == 200
    assert (await hoa.submit(one, "/xong", outcome="x", csrf=await token(hoa))).status == 409
    async with console.database.reading() as db:
        told = (await db.exec(select(Delivery.text).where(col(Delivery.user) == THU.user))).all()
        rows = (await db.exec(select(DataRequest).order_by(col(DataRequest.id)))).all()
    assert any("Đã sửa tên trong phản ánh" in (text or "") for text in told)
    assert [row.done_by for row in rows] == [LAN, HOA]
    past = await lan.get("/nguoi-dan/yeu-cau", params={"xem": "xong"})
    assert "Đã giao tại quầy" in past.text
    book = await lan.get("/nguoi-dan/yeu-cau.csv", params={"xem": "xong"})
    assert "Đã giao tại quầy" in book.text


async def token(browser: Browser) -> str:
    return (await browser.get("/tai-khoan")).form("/ra")["csrf"]


async def test_a_copy_is_given_after_a_second_factor_only_and_leaves_a_trace(
    console: Console, clock: WallClock
) -> None:
    await clerks(console)
    async with console.database.writing() as db:
        await own_data.ask(console.office.work(db, clock()), THU, RequestKind.EXPORT)
    single = await console.enter(LAN, second=False)
    assert (await single.get("/nguoi-dan/yeu-cau/1/ban-sao.json")).address == "/console/tai-khoan"
    lan = await console.enter(LAN)
    copy = await lan.get("/nguoi-dan/yeu-cau/1/ban-sao.json")
    assert copy.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(copy.text)["account"]["id"] == THU.user
    assert [row.who for row in await traces(console, "rights.copied")] == [LAN]


async def test_dossiers_are_listed_by_what_presses_and_shown_with_their_promise(
    console: Console, clock: WallClock
) -> None:
    lan, _ = await clerks(console)
    today = date(2026, 11, 20)
    async with console.database.writing() as db:
        for number, (state, due) in enumerate(
            (
                (DossierState.TAKEN, today - timedelta(2)),
                (DossierState.TAKEN, today + timedelta(2)),
                (DossierState.READY, today),
                (DossierState.SUPPLEMENT, today - timedelta(9)),
                (DossierState.HANDED, today - timedelta(30)),
            )
        ):
            row = Dossier(
                receipt_code=f"H00.00-261001-000{number}",
                procedure_name="=cmd()",
                applicant_name="Lê Thị Mẫu",
                state=state,
                taken_on=today - timedelta(40),
                original_due_on=today - timedelta(10),
                current_due_on=due,
                reappointments=1,
                delay_reason="chờ xác minh ở nơi cư trú cũ",
                changed_at=clock(),
            )
            db.add(row)
            await db.flush()
    late = await lan.get("/nguoi-dan/ho-so")
    assert "H00.00-261001-0000" in late.text
    assert "quá hẹn 2 ngày" in late.text
    assert "H00.00-261001-0001" not in late.text
    assert "H00.00-261001-0001" in (await lan.get("/nguoi-dan/ho-so", params={"xem": "sap-han"})).text
    assert "H00.00-261001-0002" in (await lan.get("/nguoi-dan/ho-so", params={"xem": "co-ket-qua"})).text
    assert "H00.00-261001-0003" in (await lan.get("/nguoi-dan/ho-so", params={"xem": "cho-bo-sung"})).text
    assert (await lan.get("/nguoi-dan/ho-so", params={"xem": "tat-ca"})).text.count("ho-so/H00") == 5
    assert (await lan.get("/nguoi-dan/ho-so", params={"xem": "%00", "trang": "-1"})).status == 200

    one = await lan.get("/nguoi-dan/ho-so/H00.00-261001-0000")
    assert "chờ xác minh ở nơi cư trú cũ" in one.text
    assert "0 khung chat" in one.text
    assert [row.who for row in await traces(console, "dossier.seen")] == [LAN]
    assert (await lan.get("/nguoi-dan/ho-so/H00.00-261001-9999")).status == 404
    assert (await lan.get("/nguoi-dan/ho-so/..%2F..%2Fetc")).status == 404
    book = await lan.get("/nguoi-dan/ho-so.csv", params={"xem": "tat-ca"})
    assert "'=cmd()" in book.text
    assert "Lê Thị Mẫu" not in book.text
    single = await console.enter(LAN, second=False)
    assert (await single.get("/nguoi-dan/ho-so.xlsx")).address == "/console/tai-khoan"
