"""Whose chat is it? Lan asks for a code, reads it out at the desk with her card, and a clerk binds."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from feedback import own_data
from handlers import router
from handlers.talk import plain
from letters import keys
from records import binding, dossiers, outbox, people, residents, staff
from records.cases import Permission
from records.letters import (
    AddressClaim,
    CivilEvent,
    EventKind,
    Letter,
    LetterState,
    Recipient,
    Resident,
    ResidentAddress,
    Route,
)
from records.residents import Person
from records.tables import Address, ChannelName, Consent, Delivery, DeliveryState, Purpose, Trace
from records.trace import verify
from tests.feedback.bench import LAN, Bench
from tests.handlers import staff_bench
from tests.handlers.staff_bench import Talk, hears, says_of
from tests.records.test_dossiers import ROW

CLERK, OTHER_CLERK = Address(ChannelName.TELEGRAM, "502"), Address(ChannelName.TELEGRAM, "503")
OFFICER, BOT_USER = Address(ChannelName.TELEGRAM, "2"), Address(ChannelName.ZALO_BOT, "9")
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
THU = Person(name="Nguyễn Thị Thử", born_year=1975, gender="nữ", quarter="TDP 3", address="Số 42 Thí Dụ")
TWIN = Person(name="Nguyễn Thị Thử", born_year=1975, gender="nữ", quarter="TDP 3", address="Số 7 Thí Dụ")


@pytest.fixture(autouse=True)
def _led(monkeypatch):
    monkeypatch.setattr(staff_bench, "route", router.answer)


@pytest.fixture
async def bench(database):
    made = Bench(database)
    await made.hire()
    async with made.work() as work:
        for who, login, may in (
            (CLERK, "mot.cua", Permission.IMPORT_RECORDS),
            (OTHER_CLERK, "van.thu", Permission.DRAFT_LETTERS),
        ):
            person = await staff.add(
                work.db, login=login, name=login, desk="mot_cua", permissions=[may], now=work.now
            )
            await staff.bind(work.db, who, person.id or 0, work.now)
    return made


@pytest.fixture
def lan(bench):
    return Talk(bench, LAN)


@pytest.fixture
def clerk(bench):
    return Talk(bench, CLERK)


async def lives(bench, *people_of_the_register) -> list[Resident]:
    rows, taken = [], set[int]()
    async with bench.work() as work:
        for one in people_of_the_register:
            row = (await residents.find_or_make(work.db, one, work.now, taken)).resident
            assert row is not None
            await residents.house(work.db, row)
            taken.add(row.id or 0)
            rows.append(row)
    return rows


async def asks(talk) -> str:
    found = CODE.search(plain((await talk.says("đăng ký nhận thư")).text))
    assert found is not None
    return found[0]


async def is_bound(bench, lan, clerk) -> Resident:
    [row] = await lives(bench, THU)
    await clerk.says(f"gắn {await asks(lan)}")
    await clerk.says("Nguyễn Thị Thử 1975 tổ 3")
    await clerk.says("Người 1")
    hears(await clerk.says("Đúng, gắn"), "Đã gắn với Nguyễn Thị Thử")
    return row


async def everything(bench, table):
    async with bench.database.reading() as db:
        return list((await db.exec(select(table))).all())


async def addresses(bench) -> list[tuple[str, int, bool]]:
    rows = await everything(bench, ResidentAddress)
    return [(row.user, row.resident_id, row.closed_at is None) for row in rows]


# --- the way it goes -------------------------------------------------------------------------------


async def test_lan_takes_a_code_to_the_desk_and_letters_can_reach_her(bench, lan, clerk):
    [row] = await lives(bench, THU)
    reply = await lan.says("Đăng ký nhận thư")
    hears(reply, "bộ phận một cửa", "thẻ căn cước", "7", "không hỏi số căn cước")
    assert "/nhantin letter" in says_of(reply)
    [code] = CODE.findall(plain(reply.text))
    hears(await clerk.says(f"gắn {code}"), "khung chat Zalo", "Xem thẻ căn cước")
    hears(await clerk.says("nguyen thi thu 1975, tổ 3"), "có một người khớp")
    hears(await clerk.says("1"), "Gắn khung chat Zalo với Nguyễn Thị Thử", "Số 42 Thí Dụ")
    assert await addresses(bench) == []
    hears(await clerk.says("Đúng, gắn"), "Đã gắn với Nguyễn Thị Thử")
    [bound] = await everything(bench, ResidentAddress)
    assert (bound.user, bound.resident_id, bound.verified_by) == (LAN.user, row.id, "mot.cua")
    assert bound.verified_at == bench.now
    assert await everything(bench, AddressClaim) == []
    [told] = await lan.private()
    assert told.startswith("Từ nay khung chat này")
    assert "Thử" not in told
    assert "Thí Dụ" not in told


async def test_consent_is_asked_in_full_for_each_purpose_and_only_what_is_left_is_offered(bench, lan):
    await asks(lan)
    hears(await lan.says("Thư gia đình"), "Anh/chị có đồng ý", "thư chúc mừng")
    hears(await lan.says("Đồng ý"), "đồng ý nhận thư", "cần được xác minh một lần")
    assert "/nhantin letter" not in says_of(await lan.says("/nhanthu"))
    async with bench.database.reading() as db:
        assert await people.consents(db, LAN) == {Purpose.LETTER: True}


async def test_after_the_binding_nothing_is_asked_for_any_more(bench, lan, clerk):
    await is_bound(bench, lan, clerk)
    hears(await lan.says("đăng ký nhận thư"), "đã được xác minh là của anh/chị")
    assert await everything(bench, AddressClaim) == []
    await lan.says("/nhantin greeting")
    assert "xác minh một lần" not in (await lan.says("Đồng ý")).text


async def test_what_was_done_is_sealed_without_a_name_or_an_account(bench, lan, clerk):
    row = await is_bound(bench, lan, clerk)
    lines = [one for one in await everything(bench, Trace) if one.what.startswith(("address", "residents"))]
    assert [line.what for line in lines] == ["address.claimed", "residents.seen", "address.bound"]
    assert lines[-1].object == f"resident:{row.id}"
    told = str([line.model_dump() for line in lines])
    for secret in ("Thử", "Thí Dụ", LAN.user):
        assert secret not in told
    async with bench.database.reading() as db:
        assert (await verify(db)).whole


async def test_one_person_may_have_several_accounts(bench, lan, clerk):
    await is_bound(bench, lan, clerk)
    phone = Talk(bench, Address(ChannelName.TELEGRAM, "lan-2"))
    await clerk.says(f"gan ma {(await asks(phone)).lower().replace('-', ' ')}")
    await clerk.says("Nguyễn Thị Thử")
    await clerk.says("1")
    hears(await clerk.says("1"), "Đã gắn")
    assert len(await addresses(bench)) == 2


async def test_in_the_web_chat_the_browser_is_spoken_of_and_a_channel_without_letters_gives_no_code(bench):
    web = await Talk(bench, Address(ChannelName.WEB, "w1")).says("/nhanthu")
    hears(web, "trình duyệt này")
    bot = await Talk(bench, BOT_USER).says("/nhanthu")
    hears(bot, "chưa nhận được thư")
    assert CODE.search(plain(bot.text)) is None


# --- nobody is chosen by the machine ---------------------------------------------------------------


async def test_of_two_with_one_name_the_clerk_sees_what_tells_them_apart(bench, lan, clerk):
    first, second = await lives(bench, THU, TWIN)
    await clerk.says(f"gắn {await asks(lan)}")
    reply = await clerk.says("Nguyễn Thị Thử 1975 tổ 3")
    hears(reply, "Chọn đúng người trên thẻ")
    assert [choice.line for choice in reply.choices[:2]] == [
        "Nguyễn Thị Thử, địa chỉ Số 42 Thí Dụ, mã cư dân #1",
        "Nguyễn Thị Thử, địa chỉ Số 7 Thí Dụ, mã cư dân #2",
    ]
    await clerk.says("2")
    await clerk.says("Đúng, gắn")
    assert first.id != second.id
    assert await addresses(bench) == [(LAN.user, second.id, True)]


async def test_when_unsure_nobody_is_bound_and_the_code_stays_good(bench, lan, clerk):
    await lives(bench, THU)
    code = await asks(lan)
    await clerk.says(f"gắn {code}")
    await clerk.says("Nguyễn Thị Thử")
    hears(await clerk.says("Không ai"), "chưa thay đổi gì")
    hears(await clerk.says(f"gắn {code}"), "Mã đúng")
    assert await addresses(bench) == []


async def test_too_many_of_one_name_need_more_facts_and_nobody_at_all_is_said(bench, lan, clerk):
    crowd = [Person(name=THU.name, born_year=1960 + n, quarter=f"TDP {n + 1}") for n in range(5)]
    await lives(bench, *crowd)
    await clerk.says(f"gắn {await asks(lan)}")
    hears(await clerk.says("Nguyễn Thị Thử"), "nhiều người trùng")
    hears(await clerk.says("Trần Văn Không Có"), "Chưa thấy ai")
    hears(await clerk.says("Nguyễn Thị Thử 1962"), "có một người khớp")
    hears(await clerk.says(f"gắn {await asks(lan)}"), "Mã đúng")  # another code begins anew
    hears(await clerk.presses("/gan chon 3"), "không còn tác dụng")


# --- hostile ---------------------------------------------------------------------------------------


async def test_guessed_codes_tire_soon(bench, lan, clerk):
    code = await asks(lan)
    for number in range(staff.MOST_MISSES):
        hears(await clerk.says(f"gắn AAA{number + 2}-AAAA"), "không dùng được")
    hears(await clerk.says(f"gắn {code}"), "Sai nhiều lần")
    bench.wait(hours=1)
    hears(await clerk.says(f"gắn {code}"), "Mã đúng")


async def test_an_old_code_a_replaced_one_and_a_used_one_open_nothing(bench, lan, clerk):
    replaced = await asks(lan)
    code = await asks(lan)
    hears(await clerk.says(f"gắn {replaced}"), "không dùng được")
    bench.wait(days=7, seconds=1)
    hears(await clerk.says(f"gắn {code}"), "không dùng được")
    await is_bound(bench, lan, clerk)
    hears(await clerk.says(f"gắn {code}"), "không dùng được")


async def test_a_code_that_grows_old_while_the_clerk_looks_binds_nobody(bench, lan, clerk):
    await lives(bench, THU)
    await clerk.says(f"gắn {await asks(lan)}")
    await clerk.says("Nguyễn Thị Thử")
    await clerk.says("1")
    bench.wait(days=8)
    hears(await clerk.says("Đúng, gắn"), "quá 7 ngày")
    assert await addresses(bench) == []


async def test_staff_without_the_permission_and_residents_learn_nothing(bench, lan):
    code = await asks(lan)
    for who in (OFFICER, LAN, Address(ChannelName.ZALO, "minh")):
        talk = Talk(bench, who)
        for word in (f"gắn {code}", f"/gan {code}", "/gan chon 1", "/gan dung 1", "gỡ khung chat"):
            hears(await talk.says(word), "cần việc gì")
    assert len(await everything(bench, AddressClaim)) == 1


async def test_whoever_lost_the_permission_on_the_way_goes_no_further(bench, lan, clerk):
    await lives(bench, THU)
    await clerk.says(f"gắn {await asks(lan)}")
    async with bench.work() as work:
        person = await staff.by_login(work.db, "mot.cua")
        assert person is not None
        await staff.disable(work.db, person, work.now)
    hears(await clerk.says("Nguyễn Thị Thử"), "cần việc gì")


async def test_a_clerk_does_not_vouch_for_their_own_account(bench, clerk):
    await lives(bench, THU)
    code = await asks(clerk)
    for step in (f"gắn {code}", "Nguyễn Thị Thử", "1"):
        await clerk.says(step)
    hears(await clerk.says("Đúng, gắn"), "của chính người đang gắn")
    assert await addresses(bench) == []


async def test_forwarded_and_stale_buttons_do_nothing(bench, lan, clerk):
    await lives(bench, THU)
    await clerk.says(f"gắn {await asks(lan)}")
    await clerk.says("Nguyễn Thị Thử")
    other = Talk(bench, OTHER_CLERK)
    for press in ("/gan chon 1", "/gan dung 1", "/gan thao 1 zalo-00000000"):
        hears(await other.presses(press), "không còn tác dụng")
    hears(await clerk.presses("/gan dung 1"), "không còn tác dụng")  # what was not shown once more
    hears(await clerk.presses("/gan chon 99"), "không còn tác dụng")
    await clerk.presses("/gan chon 1")
    await clerk.says("Đúng, gắn")
    hears(await clerk.presses("/gan dung 1"), "không còn tác dụng")
    assert len(await addresses(bench)) == 1
    assert await clerk.in_group("/gan chon 1") is not None
    assert len(await lan.private()) == 1


async def test_the_dead_are_shown_as_such_and_never_bound(bench, lan, clerk):
    [row] = await lives(bench, THU)
    await clerk.says(f"gắn {await asks(lan)}")
    await clerk.says("Nguyễn Thị Thử")
    async with bench.work() as work:
        gone = await work.db.get_one(Resident, row.id)
        await residents.note_death(work.db, gone, bench.now.date(), bench.now)
    hears(await clerk.says("1"), "đã được ghi nhận qua đời")
    hears(await clerk.says("Nguyễn Thị Thử"), "có một người khớp")
    reply = await clerk.says("Nguyễn Thị Thử 1975")
    assert "đã ghi nhận qua đời" in reply.choices[0].line
    assert await addresses(bench) == []


async def test_who_dies_between_the_question_and_the_answer_is_not_bound(bench, lan, clerk):
    [row] = await lives(bench, THU)
    for step in (f"gắn {await asks(lan)}", "Nguyễn Thị Thử", "1"):
        await clerk.says(step)
    async with bench.work() as work:
        gone = await work.db.get_one(Resident, row.id)
        await residents.note_death(work.db, gone, bench.now.date(), bench.now)
    hears(await clerk.says("Đúng, gắn"), "qua đời")
    assert await addresses(bench) == []


async def test_an_account_belongs_to_one_person_only(bench, lan, clerk):
    code = await asks(lan)
    first, second = await lives(bench, THU, TWIN)
    async with bench.work() as work:
        account = ResidentAddress(
            channel=LAN.channel, user=LAN.user, resident_id=first.id or 0, verified_at=bench.now
        )
        work.db.add(account)
    hears(await clerk.says(f"gắn {code}"), "đang gắn với người dân số 1")
    async with bench.work() as work:
        with pytest.raises(binding.NotBindable, match="người khác"):
            await binding.bind(work.db, binding.hashed(code), second.id or 0, by="mot.cua", now=bench.now)
    assert await addresses(bench) == [(LAN.user, first.id, True)]


async def test_words_of_everyday_are_no_code(bench, lan):
    for words in ("gắn thêm bảng", "gắn đồng hồ nước", "gắn biển số nhà", "gắn"):
        assert "/gan" not in router.command_of(turn_of(bench, words)), words
    assert router.command_of(turn_of(bench, "Gắn mã: k7qx 9m2p")) == "/gan k7qx9m2p"
    assert lan.heard == []


def turn_of(bench, text):
    from handlers.memory import Memory  # noqa: PLC0415  only here
    from handlers.talk import Incoming, Turn  # noqa: PLC0415
    from tests.feedback.bench import CALENDAR, CONCERNS, WARD  # noqa: PLC0415

    incoming = Incoming(key="k", sender=LAN, text=text, sent_at=bench.now)
    return Turn(
        incoming=incoming,
        memory=Memory(),
        ward=WARD,
        catalogue=staff_bench.CARDS,
        calendar=CALENDAR,
        concerns=CONCERNS,
        db=None,  # type: ignore[arg-type]  # nothing is asked of it
        now=bench.now,
    )


# --- undone ----------------------------------------------------------------------------------------


async def letters_wait_for(bench, row) -> None:
    """A greeting, a letter in the outbox, one that waits for a word, and an answer, all for Lan."""
    async with bench.work() as work:
        event = CivilEvent(
            key="k",
            kind=EventKind.CONTRIBUTION,
            happened_on=bench.now.date(),
            facts_sha256="",
            noted_at=bench.now,
            changed_at=bench.now,
        )
        work.db.add(event)
        await work.db.flush()
        for number, route in ((1, Route.CHAT), (2, Route.WAITING), (3, Route.CHAT)):
            letter = Letter(template=f"t{number}", state=LetterState.RELEASED, drafted_at=bench.now)
            work.db.add(letter)
            await work.db.flush()
            one = Recipient(letter_id=letter.id or 0, resident_id=row.id, route=route)
            one.channel, one.user = LAN
            work.db.add(one)
            await work.db.flush()
            if route is Route.CHAT:
                name = keys.key(letter.id or 0, one.id or 0, LAN.channel)
                await outbox.put(work.db, key=name, to=LAN, purpose=Purpose.LETTER, text="", now=bench.now)
        await work.db.flush()
        await outbox.put(
            work.db, key="letter:9:r1:zalo", to=LAN, purpose=Purpose.GREETING, text="", now=bench.now
        )
        await outbox.put(work.db, key="reply:k", to=LAN, purpose=Purpose.REPLY, text="", now=bench.now)
        left = update(Delivery).where(col(Delivery.key) == keys.key(3, 3, LAN.channel))
        await (await work.db.connection()).execute(left.values(state=DeliveryState.SENT))


async def test_unbinding_stops_what_waits_and_letters_look_for_another_way(bench, lan, clerk):
    row = await is_bound(bench, lan, clerk)
    await letters_wait_for(bench, row)
    hears(await clerk.says("gỡ khung chat"), "Gỡ khung chat của ai")
    await clerk.says("Nguyễn Thị Thử")
    hears(await clerk.says("1"), "Gỡ khung chat nào")
    hears(await clerk.says("1"), "Đã gỡ", "2 tin đang chờ gửi được giữ lại")
    assert await addresses(bench) == [(LAN.user, row.id, False)]
    states = {one.key: one.state for one in await everything(bench, Delivery)}
    assert states[keys.key(1, 1, LAN.channel)] is DeliveryState.WITHHELD
    assert states["letter:9:r1:zalo"] is DeliveryState.WITHHELD
    assert states["reply:k"] is DeliveryState.QUEUED
    assert [(one.route, one.user) for one in await everything(bench, Recipient)] == [
        (Route.UNDECIDED, None),
        (Route.UNDECIDED, None),
        (Route.CHAT, LAN.user),  # it had left
    ]
    assert "không còn được ghi" in (await lan.private())[-1]


async def test_a_mistake_is_taken_back_with_the_button_under_it(bench, lan, clerk):
    row = await is_bound(bench, lan, clerk)
    hears(await clerk.says("Gắn nhầm, gỡ ra"), "Đã gỡ")
    hears(await clerk.presses(f"/gan thao {row.id} zalo-00000000"), "không còn tác dụng")
    assert await addresses(bench) == [(LAN.user, row.id, False)]
    hears(await lan.says("đăng ký nhận thư"), "bộ phận một cửa")


async def test_a_yes_of_the_owner_before_does_not_count_for_the_new_one(bench, lan, clerk):
    await is_bound(bench, lan, clerk)
    await lan.says("/nhantin letter co")
    await lan.says("/nhantin greeting khong")
    await clerk.says("Gắn nhầm, gỡ ra")
    bench.wait(minutes=1)
    [son] = await lives(bench, Person(name="Trần Văn Nghiệm", born_year=2000, quarter="TDP 3"))
    for step in (f"gắn {await asks(lan)}", "Trần Văn Nghiệm", "1", "Đúng, gắn"):
        await clerk.says(step)
    assert await addresses(bench) == [(LAN.user, son.id, True)]
    rows = await everything(bench, Consent)
    assert [(one.purpose, one.granted) for one in rows] == [(Purpose.GREETING, False)]


async def test_a_new_code_is_offered_a_week_long(bench, lan):
    await asks(lan)
    [row] = await everything(bench, AddressClaim)
    assert row.expires_at - row.made_at == timedelta(days=7)
    assert row.code_sha256 not in ("", LAN.user)


# --- what is kept of it ----------------------------------------------------------------------------


async def test_lan_sees_that_she_is_bound_and_what_she_follows_and_may_have_both_forgotten(bench, lan, clerk):
    row = await is_bound(bench, lan, clerk)
    async with bench.work() as work:
        kept = (await dossiers.upsert(work.db, ROW, work.now)).dossier
        await dossiers.watch(work.db, kept, LAN, work.now)
        copy = own_data.document(work, LAN, await own_data.of(work, LAN))
    assert copy["verified_as_yours"] == {"verified_at": "2026-11-20T07:00:00+00:00", "closed_at": None}
    assert copy["dossiers_watched"] == ["H26.1187"]
    assert row.address not in str(copy)
    hears(
        await lan.says("dữ liệu của tôi"),
        "cán bộ đối chiếu ngày 20/11/2026",
        "1 hồ sơ đang theo dõi",
    )
    hears(await lan.says("Xóa phần được xóa"), "việc ghi khung chat này là của anh/chị")
    await lan.says("Xóa")
    assert await addresses(bench) == []
    async with bench.work() as work:
        copy = own_data.document(work, LAN, await own_data.of(work, LAN))
    assert (copy["verified_as_yours"], copy["dossiers_watched"]) == (None, [])


async def test_an_officer_at_work_on_a_case_may_bind_without_it_being_taken_for_progress(bench, lan):
    await lives(bench, THU)
    async with bench.work() as work:
        both = [Permission.ANSWER_FEEDBACK, Permission.IMPORT_RECORDS]
        await staff.add(work.db, login="dung", name="Anh Dũng", desk="do_thi", permissions=both, now=work.now)
    officer = Talk(bench, OFFICER)
    taken = await bench.report()
    await officer.says(f"/nhan {taken.case.code}")
    officer_says = [f"gắn {await asks(lan)}", "Nguyễn Thị Thử 1975 tổ 3", "1", "Đúng, gắn"]
    replies = [await officer.says(text) for text in officer_says]
    hears(replies[0], "Mã đúng")
    hears(replies[-1], "Đã gắn với Nguyễn Thị Thử")
    hears(await officer.says("gỡ khung chat"), "Gỡ khung chat của ai")
