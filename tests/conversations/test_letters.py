"""From a marriage register to a card in a chat: a clerk checks, the chairperson signs, the couple reads.

The register is an XLSX, decisions are buttons in Telegram, the couple is on Telegram, on Zalo or
on the page. Everything goes over real HTTP; what counts is what the peers accepted.
"""

import asyncio
import hashlib
import json
from datetime import date, datetime

import aiohttp
import pytest
from sqlmodel import col, select

from bot.commands import parser
from knowledge.calendar import HERE
from records import staff
from records.cases import Permission, StaffAccount
from records.importers import Kind
from records.letters import Dossier, Letter, LetterState, Recipient, Resident, ResidentAddress, Route
from records.tables import Contact, Delivery, DeliveryState
from scheduler import jobs
from tests.conftest import WallClock
from tests.conversations.test_cases import town
from tests.conversations.voices import WebVoice, until
from tests.records.importers.register import Book, xlsx
from tests.records.registers import bring, deaths_in, dossiers_in, residents_in

FRIDAY_2PM = datetime(2026, 11, 20, 14, 0, tzinfo=HERE)
CHAIR, CLERK = "doan.thi.minh.thinh", "ha.thi.my.hanh"
TITLES = (
    *("Số đăng ký", "Quyển số", "Ngày đăng ký"),
    *("Họ tên chồng", "Ngày sinh chồng", "Nơi cư trú chồng"),
    *("Họ tên vợ", "Ngày sinh vợ", "Nơi cư trú vợ"),
    *("Ngày trao giấy chứng nhận", "Tổ dân phố"),
)
GROOM, BRIDE = "Lê Văn Thử", "Phạm Thị Mẫu"
ENTRY = [
    *(57, "01/2026", date(2026, 11, 18)),
    *(GROOM, date(1995, 3, 2), "12 Lê Lợi"),
    *(BRIDE, date(1997, 7, 9), "34 Hai Bà Trưng"),
    *(date(2026, 11, 20), "TDP 5"),
]
RESIDENTS = (
    [GROOM, date(1995, 3, 2), "Nam", "", "12 Lê Lợi", "TDP 5", "H1"],
    [BRIDE, date(1997, 7, 9), "Nữ", "", "34 Hai Bà Trưng", "TDP 5", "H2"],
    ["Phạm Văn Ông", date(1941, 1, 5), "Nam", "", "34 Hai Bà Trưng", "TDP 5", "H2"],
)
DIED = [9, "01/2026", date(2026, 11, 20), "Phạm Văn Ông", date(1941, 1, 5), date(2026, 11, 19), "TDP 5"]
DOSSIER = "H00.00-261103-0007"


class LettersDesk:
    """The clerk and the chairperson in their chats, the registers, and the clock's jobs."""

    def __init__(self, place) -> None:
        self.place, self.office, self.lan = place, place.office, place.lan

    async def hire(self) -> None:
        self.chair = await self.joins(601, CHAIR, "Đoàn Thị Minh Thịnh", Permission.SIGN_LETTERS)
        self.clerk = await self.joins(602, CLERK, "Hà Thị Mỹ Hạnh", Permission.DRAFT_LETTERS)

    async def joins(self, number, login, name="Phùng Văn Mẫu", may=Permission.ANSWER_FEEDBACK):
        """Somebody of the staff binds their Telegram account with a one-time code."""
        who = self.place.telegram.person(number, name)
        async with self.office.database.writing() as db:
            person = await staff.add(
                db, login=login, name=name, desk="mot_cua", permissions=(may,), now=self.now
            )
            code = await staff.invite(db, person, self.now)
        who.says(f"/canbo {code}")
        await self.place.settle()
        return who

    @property
    def now(self):
        return self.place.clock()

    async def registers(self, *entries) -> dict[str, int]:
        """The marriage register comes in, as `ward import` brings it."""
        content = xlsx(Book(entries or (ENTRY,), titles=TITLES))
        done = await bring(self.office.database, content, Kind.MARRIAGES, now=self.now)
        return dict(done.counts)

    async def ticks(self, *more) -> None:
        """What the clock would do next."""
        for job in (jobs.consider, *more, jobs.letters):
            await job(self.office, self.now)
        await self.place.settle()

    async def is_the_bride(self) -> None:
        """At the counter a clerk has seen that this account is the bride's; she agrees to letters."""
        await self.lan.says("xin chào")
        async with self.office.database.writing() as db:
            heard = (
                await db.exec(select(Contact).where(col(Contact.user).not_in(await self._others(db))))
            ).one()
            bride = (await db.exec(select(Resident).where(col(Resident.name) == BRIDE))).one()
            db.add(
                ResidentAddress(
                    channel=heard.channel,
                    user=heard.user,
                    resident_id=bride.id or 0,
                    verified_at=self.now,
                    verified_by=CLERK,
                )
            )
        await self.lan.says("nhận lại tin")
        assert "thư chúc mừng" in await self.lan.says("Thư gia đình")
        assert "đồng ý nhận thư" in await self.lan.says("Đồng ý")

    async def _others(self, db) -> list[str]:
        """The accounts of staff, and the group of the desk."""
        bound = await db.exec(select(StaffAccount.user))
        return [*bound.all(), str(self.place.group.id)]

    async def clerk_opens(self) -> str:
        """The morning summary has the button to begin with."""
        await jobs.signers(self.office, self.now)
        await self.place.settle()
        assert "Thư chờ soát hôm nay: 1" in self.clerk.heard[-1]
        self.clerk.presses("Xem từng thư")
        await self.place.settle()
        return str(self.clerk.heard[-1])

    async def clerk_checks(self) -> None:
        self.clerk.presses("Đã soát")
        await self.place.settle()
        assert "Đã soát" in self.clerk.heard[-1]

    async def chair_opens(self) -> str:
        self.chair.says("thư")
        await self.place.settle()
        self.chair.presses("Xem từng thư")
        await self.place.settle()
        return str(self.chair.heard[-1])

    async def chair_signs(self) -> str:
        self.chair.presses("Duyệt")
        await self.place.settle()
        return str(self.chair.heard[-1])

    async def has_it_checked(self) -> None:
        assert (await self.registers())["new"] == 1
        await self.ticks()
        await self.clerk_opens()
        await self.clerk_checks()

    async def has_it_signed(self) -> None:
        await self.has_it_checked()
        await self.chair_opens()
        assert "Đã cấp số" in await self.chair_signs()

    async def letter(self) -> Letter:
        async with self.office.database.reading() as db:
            found: Letter = (await db.exec(select(Letter))).one()
            return found

    async def routes(self) -> list[Route]:
        async with self.office.database.reading() as db:
            rows = await db.exec(select(Recipient).order_by(col(Recipient.place)))
            return [row.route for row in rows.all()]

    async def queued(self) -> list[Delivery]:
        async with self.office.database.reading() as db:
            found = await db.exec(select(Delivery).where(col(Delivery.key).startswith("letter:")))
            return list(found.all())

    async def files(self) -> list[bytes]:
        """What was put into the bride's chat, in order."""
        if isinstance(self.lan, WebVoice):
            return await pictures_on(self.lan.http)
        mine = [one for one in self.lan.peer.accepted if str(one.chat_id) == str(self.lan.person.id)]
        return [content for one in mine for content in one.files.values()]


async def pictures_on(http) -> list[bytes]:
    """Open the page anew, as after a reload, and fetch every picture it shows."""
    found: list[bytes] = []
    async with http.get("/chat/events", timeout=aiohttp.ClientTimeout(total=15)) as stream:
        async for line in stream.content:
            if line.startswith(b"data:"):
                for path in json.loads(line[5:])["photos"]:
                    async with http.get(path) as picture:
                        assert picture.status == 200
                        found.append(await picture.read())
            if found:
                return found
    return found


async def desk_of(place) -> LettersDesk:
    """The ward knows its residents, the bride has an account, the clerk and the chairperson are there."""
    made = LettersDesk(place)
    await made.hire()
    await residents_in(place.office.database, *RESIDENTS, now=made.now)
    await made.is_the_bride()
    return made


@pytest.mark.parametrize("road", ["telegram", "zalo", "web"])
async def test_a_marriage_becomes_a_card_in_the_chat_of_the_bride_once(road, tmp_path):
    async with town(road, tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        await desk.has_it_checked()
        shown = await desk.chair_opens()
        assert "(1/1) Thư chúc mừng kết hôn" in shown
        assert "ngày đăng ký 18/11/2026" in shown
        signed = await desk.chair_signs()
        letter = await desk.letter()
        assert f"Đã cấp số 01/TC-UBND, mã xác minh {letter.check_code}" in signed
        assert "Gửi từ" in signed

        before = len(desk.lan.heard)
        await desk.ticks()
        await until(lambda: len(desk.lan.heard) > before)
        assert "gửi thư chúc mừng kết hôn" in desk.lan.heard[before]
        assert letter.check_code in desk.lan.heard[before]
        files = await desk.files()
        assert files[0].startswith(b"\xff\xd8\xff")
        if road != "web":  # the page shows pictures only
            assert files[1].startswith(b"%PDF")
            assert len(files) == 2
        assert await desk.routes() == [Route.PAPER, Route.CHAT]  # of the groom no account is known

        await a_stranger_checks(place, letter)
        await nothing_comes_twice(desk)


async def a_stranger_checks(place, letter) -> None:
    """Whoever types the code learns that the letter is true, and nothing of anybody."""
    stranger = place.telegram.person(777, "Khách")
    stranger.says(f"xm {letter.check_code.lower()}")
    await place.settle()
    told = stranger.heard[-1]
    assert "Đúng là thư của phường" in told
    assert "số 01/TC-UBND" in told
    assert not any(word in told for word in (GROOM, BRIDE, "Thử", "Lê Lợi", "TDP 5"))
    stranger.says("xm 2222-2222")
    await place.settle()
    assert "thư giả" in stranger.heard[-1]


async def nothing_comes_twice(desk) -> None:
    """The same file again, an hour and a day of ticks: nobody hears anything more."""
    before = len(desk.lan.heard), len(await desk.queued())
    counts = await desk.registers()
    assert (counts["new"], counts["known"]) == (0, 1)
    for hours in (0, 1, 24):
        desk.place.clock.wait(hours=hours)
        await desk.ticks(jobs.signers)
    assert (len(desk.lan.heard), len(await desk.queued())) == before


async def test_a_death_between_signature_and_sending_keeps_the_card_at_home(tmp_path):
    async with town("telegram", tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        await desk.has_it_signed()
        before = len(desk.lan.heard)
        await deaths_in(place.office.database, DIED, now=desk.now)
        for _ in range(2):
            await desk.ticks()
        assert desk.lan.heard[before:] == []
        assert [one for one in await desk.queued() if one.state is not DeliveryState.WITHHELD] == []
        letter = await desk.letter()
        assert (letter.state, letter.number) == (LetterState.HALTED, 1)
        assert "tang" in letter.reason
        stranger = place.telegram.person(777, "Khách")
        stranger.says(f"xm {letter.check_code}")
        await place.settle()
        assert "đã thu hồi" in stranger.heard[-1]


async def test_on_zalo_a_card_waits_for_the_next_word_of_who_has_been_silent(tmp_path):
    async with town("zalo", tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        place.clock.wait(hours=72)
        desk.lan.peer.clock.ahead(hours=72)
        await desk.has_it_signed()
        before = len(desk.lan.heard)
        await desk.ticks()
        assert await desk.routes() == [Route.PAPER, Route.WAITING]
        assert desk.lan.heard[before:] == []
        await desk.lan.says("xin chào")
        await desk.ticks()
        assert await desk.routes() == [Route.PAPER, Route.CHAT]
        assert "gửi thư chúc mừng kết hôn" in desk.lan.heard[-1]
        assert len(await desk.files()) == 2


async def test_buttons_of_a_letter_that_moved_do_nothing(tmp_path):
    async with town("telegram", tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        await desk.has_it_checked()
        await desk.chair_opens()
        message, button = newest(desk.chair, "Duyệt")

        corrected = [*ENTRY[:6], "Phạm Thị Mẫu Mới", *ENTRY[7:]]
        assert (await desk.registers(corrected))["changed"] == 1
        await desk.ticks()
        desk.chair.forges_press(button, message)
        await place.settle()
        letter = await desk.letter()
        assert (letter.state, letter.number) == (LetterState.DRAFTED, None)
        assert any("vừa thay đổi" in text for text in desk.chair.heard[-2:])

        desk.lan.person.says("/menu")
        await place.settle()
        desk.lan.person.forges_press(f"/thuky {letter.id} {letter.version}", newest(desk.lan.person)[0])
        await place.settle()
        assert (await desk.letter()).state is LetterState.DRAFTED


async def test_words_the_chairperson_types_come_back_checked_and_are_what_is_sent(tmp_path):
    async with town("telegram", tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        await desk.has_it_checked()
        await desk.chair_opens()
        desk.chair.presses("Sửa lời")
        await place.settle()
        desk.chair.says("Phường chúc mừng hai bạn.\n\nNhà hai bạn có việc cần, phường luôn ở bên.")
        await place.settle()
        assert any("trở lại bước soát" in text for text in desk.chair.heard[-2:])
        desk.clerk.says("thư")
        await place.settle()
        desk.clerk.presses("Xem từng thư")
        await place.settle()
        await desk.clerk_checks()
        await desk.chair_opens()
        assert "Đã cấp số 01/TC-UBND" in await desk.chair_signs()
        assert "phường luôn ở bên" in ((await desk.letter()).text or "")
        await desk.ticks()
        assert len(await desk.files()) == 2


def newest(person, label=""):
    """Return the newest message with buttons, and what the one called *label* says."""
    for number, message in reversed(person.chat.messages.items()):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if label in ("", button["text"]):
                    return number, button["callback_data"]
    raise LookupError(label)


async def test_an_apology_is_asked_for_signed_and_printed_and_the_promise_moves(tmp_path, monkeypatch):
    """Nobody knows the applicant's account: the letter is owed all the same, and goes on paper."""
    row = [DOSSIER, "Đăng ký khai sinh", GROOM, date(2026, 11, 3), date(2026, 11, 25)]
    async with town("telegram", tmp_path, WallClock(FRIDAY_2PM)) as place:
        desk = await desk_of(place)
        head = await desk.joins(603, place.office.shelf.ward.desks.named("Một cửa")[0].head)
        await dossiers_in(place.office.database, [*row, "", "", "Đang xử lý", "Một cửa", ""], now=desk.now)
        await jobs.due_soon(place.office, desk.now)
        await desk.ticks()
        assert "sắp đến hẹn" in head.heard[-1]
        head.presses(DOSSIER)
        await place.settle()
        head.presses("Xin lỗi, hẹn lại")
        for said in ("trích lục từ nơi cư trú cũ đến chậm năm ngày", "27/11"):
            await place.settle()
            head.says(said)
        await place.settle()
        head.presses("Ghi, trình ký")
        await place.settle()
        await desk.ticks()
        assert (
            f"Chưa chắc {GROOM} là ai" in await desk.clerk_opens()
        )  # the register of dossiers has names only
        desk.clerk.presses("Người 1")
        await place.settle()
        await desk.clerk_checks()
        assert "Thư xin lỗi" in await desk.chair_opens()
        assert "Đã cấp số 01/TC-UBND" in await desk.chair_signs()
        async with place.office.database.reading() as db:
            dossier = (await db.exec(select(Dossier))).one()
        assert (dossier.current_due_on, dossier.reappointments) == (date(2026, 11, 27), 1)
        await desk.ticks()
        assert await desk.routes() == [Route.PAPER]
        assert await desk.queued() == []
        signed = await desk.letter()
    await it_is_printed_and_handed_over(signed, tmp_path, monkeypatch)


async def it_is_printed_and_handed_over(signed, folder, monkeypatch) -> None:
    """The operator prints the very bytes that were signed, and notes who received them."""
    monkeypatch.setenv("WARD_DATABASE_URL", f"sqlite+aiosqlite:///{folder}/ward.db")
    monkeypatch.setenv("WARD_DATA_DIR", str(folder))

    async def ward(*line: str) -> None:
        assert await asyncio.to_thread(parser.run, ["letters", *line]) == 0

    await ward("print", "--to", str(folder / "in"))
    assert (folder / "in" / "danh-sach-01.pdf").read_bytes().startswith(b"%PDF")
    printed = (folder / "in" / "thu-0001.pdf").read_bytes()
    assert hashlib.sha256(printed).hexdigest() == signed.pdf_sha256
    await ward("handed", str(signed.id), "--by", CLERK, "--to", "người nộp")
    await ward("print", "--to", str(folder / "lan-sau"))
    assert list((folder / "lan-sau").iterdir()) == []
