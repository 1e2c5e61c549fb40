"""Residents ask about their own data: they see it, fetch it, put it right, delete it."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp.web
import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import select

from bot import app
from bot.own_data import setup_own_data
from bot.settings import Settings, WebSettings
from feedback import own_data
from handlers import consent, rights, router
from handlers.memory import Memory
from handlers.phrases import consent as consent_phrases
from handlers.talk import LABEL_LENGTH, MAX_CHOICES, SAY_BYTES, Incoming, Reply, Turn, plain
from knowledge import catalogue
from records import people, trace
from records import rights as register
from records.cases import DataRequest, Erasure, Feedback, FeedbackEntry, RequestKind
from records.rights import Form
from records.tables import Address, ChannelName, Consent, Purpose, Trace
from tests.feedback.bench import CALENDAR, CONCERNS, FRIDAY_2PM, LAN, WARD, Bench

CARDS = catalogue.load(catalogue.BUNDLED)
COMMANDS = {**rights.COMMANDS, "/ngungtin": consent.stop, "/nhantin": consent.again}
WEDNESDAY_5PM = datetime(2026, 11, 25, 17, 0, tzinfo=FRIDAY_2PM.tzinfo)  # Tuesday is a public holiday


@dataclass
class Resident:
    """Somebody who says and presses things, after the router has understood them."""

    bench: Bench
    who: Address = LAN
    memory: Memory = field(default_factory=Memory)
    url: str = ""

    async def says(self, text: str) -> Reply:
        word, _, argument = text.partition(" ")
        handler = COMMANDS.get(word) or rights.STEPS.get(self.memory.step) or router.answer
        async with self.bench.database.writing() as db:
            if self.url:
                db.info[rights.OWN_DATA_URL] = self.url
            incoming = Incoming(key="k", sender=self.who, text=text, sent_at=self.bench.now)
            turn = Turn(
                incoming=incoming,
                memory=self.memory,
                ward=WARD,
                catalogue=CARDS,
                calendar=CALENDAR,
                concerns=CONCERNS,
                db=db,
                now=self.bench.now,
                argument=argument if word in COMMANDS else "",
            )
            reply = await handler(turn)
        assert reply is not None
        assert len(reply.choices) <= MAX_CHOICES
        for choice in reply.choices:
            assert len(choice.label) <= LABEL_LENGTH
            assert len(choice.say.encode()) <= SAY_BYTES
        return reply

    async def hears(self, text: str) -> str:
        return plain((await self.says(text)).text)


@pytest.fixture
async def bench(database):
    made = Bench(database)
    await made.hire()
    return made


@pytest.fixture
def lan(bench):
    return Resident(bench)


async def rows(bench: Bench, table):
    async with bench.database.reading() as db:
        return list((await db.exec(select(table))).all())


# --- seeing --------------------------------------------------------------------------------------


async def test_a_stranger_sees_that_little_is_kept(lan):
    told = await lan.hears("/dulieucuatoi")
    assert "tên gọi: không có" in told
    assert "0 phản ánh" in told


async def test_lan_sees_what_is_kept_and_what_may_be_done(bench, lan):
    await bench.report(contact_phone="0900000123", contact_name="Lan Quất")
    await bench.report()
    await lan.says("/nhantin greeting co")
    reply = await lan.says("/dulieucuatoi")
    told = plain(reply.text)
    assert "tên gọi: Lan Quất" in told
    assert "số điện thoại: 0900…123" in told
    assert "0900000123" not in told
    assert "2 phản ánh, kiến nghị (2 đang xử lý)" in told
    assert "lựa chọn về lời chúc lễ, Tết: đồng ý nhận, ghi ngày 20/11/2026" in told
    assert [choice.say for choice in reply.choices] == [
        "/dulieucuatoi tai",
        "/dulieucuatoi sua",
        "/xoadulieu",
        "/ngungtin",
        "/menu",
    ]


async def test_every_request_is_registered_and_what_is_done_at_once_is_done(bench, lan):
    await lan.says("/dulieucuatoi")
    (row,) = await rows(bench, DataRequest)
    assert (row.kind, row.asked_at, row.done_at) == (RequestKind.ACCESS, bench.now, bench.now)
    assert row.due_at == WEDNESDAY_5PM


# --- consent ---------------------------------------------------------------------------------------


async def test_each_purpose_is_asked_for_in_its_own_words_and_silence_is_no(bench, lan):
    asked = await lan.hears("/nhantin letter")
    assert "thư chúc mừng, thư chia buồn" in asked
    assert "Không trả lời là không đồng ý" in asked
    assert await rows(bench, Consent) == []
    assert "đã ghi nhận anh/chị đồng ý" in await lan.hears("/nhantin letter co")
    (row,) = await rows(bench, Consent)
    assert (row.purpose, row.granted, row.wording) == (Purpose.LETTER, True, "letter-1")


async def test_a_yes_and_a_stop_are_sealed_with_the_words_they_answered(bench, lan):
    await lan.says("/nhantin survey co")
    await lan.says("/ngungtin")
    async with bench.database.writing() as db:
        mine = register.pseudonym(db, LAN)
        assert (await trace.verify(db)).whole
    sealed = [row for row in await rows(bench, Trace) if row.what == "consent"]
    assert {row.object for row in sealed} == {mine}
    assert LAN.user not in mine
    assert sealed[0].detail == {"purpose": "survey", "granted": True, "wording": "survey-1"}
    assert {(row.detail["purpose"], row.detail["wording"]) for row in sealed[1:]} == {
        ("letter", "stop-1"),
        ("greeting", "stop-1"),
        ("survey", "stop-1"),
    }
    assert [row.at for row in sealed] == [bench.now] * 4


async def test_only_greetings_stop_and_the_rest_is_as_before(bench, lan):
    await lan.says("/nhantin letter co")
    await lan.says("/ngungtin")
    await lan.says("/ngungtin chuc")
    async with bench.database.reading() as db:
        said = await people.consents(db, LAN)
    assert said == {Purpose.LETTER: True, Purpose.GREETING: False, Purpose.SURVEY: False}


def test_a_wording_that_was_said_never_changes():
    digests = {one.id: hashlib.sha256(one.text.encode()).hexdigest()[:12] for one in consent_phrases.WORDINGS}
    assert digests == PINNED, "add a wording with the next number; leave the old one"
    assert {consent_phrases.newest(purpose).purpose for purpose in consent_phrases.NAMES} == set(
        consent_phrases.NAMES
    )


PINNED = {
    "letter-1": "b42ed2639e7b",
    "greeting-1": "4b4d4275c26a",
    "survey-1": "8c925e114d32",
    "result_ready-1": "459e4c39f83f",
    "stop-1": "a89069df681e",
    "stop_all-1": "472cb082601f",
    "stop_greetings-1": "a04a49d4b2e4",
}


# --- putting right ------------------------------------------------------------------------------------


async def test_lan_puts_her_number_right_herself(bench, lan):
    taken = await bench.report(contact_phone="0900000111")
    await lan.says("/dulieucuatoi sua dt")
    assert "chưa nhận ra" in await lan.hears("abc")
    assert taken.case.code in await lan.hears("0900 000 222")
    (case,) = await rows(bench, Feedback)
    assert case.contact_phone == "0900000222"
    assert lan.memory.step == ""
    (row,) = await rows(bench, DataRequest)
    assert (row.kind, row.done_at, row.detail) == (RequestKind.CORRECT, bench.now, None)
    notes = [line.text for line in await rows(bench, FeedbackEntry) if line.kind == "internal"]
    assert notes == ["Người dân đã sửa số điện thoại liên hệ."]


async def test_of_several_cases_one_is_chosen(bench, lan):
    first = (await bench.report(contact_phone="0900000111")).case.code
    second = (await bench.report(contact_phone="0900000111")).case.code
    offered = [choice.say for choice in (await lan.says("/dulieucuatoi sua dt")).choices]
    assert offered == [
        f"/dulieucuatoi sua dt {second}",
        f"/dulieucuatoi sua dt {first}",
        "/dulieucuatoi sua dt het",
        "/xoa",
    ]
    await lan.says(offered[1])
    await lan.says("0900 000 222")
    assert {case.code: case.contact_phone for case in await rows(bench, Feedback)} == {
        first: "0900000222",
        second: "0900000111",
    }


async def test_nobody_corrects_a_case_of_somebody_else(bench, lan):
    taken = await bench.report(who=Address(ChannelName.ZALO, "minh"), contact_phone="0900000111")
    assert "chưa lưu tên" in await lan.hears(f"/dulieucuatoi sua dt {taken.case.code}")
    lan.memory.step, lan.memory.data = rights.VALUE, {"field": "contact_phone", "code": taken.case.code}
    assert "không còn sửa được" in await lan.hears("0900 000 222")
    (case,) = await rows(bench, Feedback)
    assert case.contact_phone == "0900000111"


async def test_what_only_staff_can_put_right_waits_for_them(bench, lan):
    await lan.says("/dulieucuatoi sua khac")
    told = await lan.hears("Tên đường ghi sai, số CCCD 012345678901")
    assert "trước 17:00 thứ Tư 25/11" in told
    async with bench.database.reading() as db:
        (row,) = await register.waiting(db)
    assert row.kind is RequestKind.CORRECT
    assert "012345678901" not in (row.detail or "")


# --- deleting --------------------------------------------------------------------------------------


async def test_deleting_is_asked_once_and_may_be_declined(bench, lan):
    taken = await bench.report()
    asked = await lan.hears("/xoadulieu")
    assert "Phần phải giữ" in asked
    assert taken.case.code in asked
    assert "không xóa gì" in await lan.hears("/xoadulieu khong")
    assert await rows(bench, Erasure) == []


async def test_the_conversation_remembers_nothing_afterwards(lan):
    lan.memory = Memory(
        step="x",
        draft={"text": "nháp"},
        last_case="PA26-0001-7",
        awaited="PA26-0001-7",
        photos=["r"],
        asked="hỏi",
        data={"a": 1},
        address="bác",
        choices=[["a", "b", "c"]],
        greeted_on="2026-11-20",
        recent=[1.0],
    )
    await lan.says("/xoadulieu that")
    assert lan.memory == Memory(greeted_on="2026-11-20", recent=[1.0])


async def test_what_stays_can_be_stripped_of_contact_or_left_to_staff(bench, lan):
    taken = await bench.report(contact_phone="0900000123")
    reply = await lan.says("/xoadulieu that")
    assert [choice.say for choice in reply.choices] == ["/xoadulieu lienhe", "/xoadulieu canbo", "/menu"]
    assert taken.case.code in await lan.hears("/xoadulieu lienhe")
    (case,) = await rows(bench, Feedback)
    assert case.contact_phone == ""
    assert "đã ghi yêu cầu số" in await lan.hears("/xoadulieu canbo")
    async with bench.database.reading() as db:
        (row,) = await register.waiting(db)
    assert (row.kind, taken.case.code in (row.detail or "")) == (RequestKind.ERASE, True)


# --- fetching ------------------------------------------------------------------------------------


async def test_without_a_public_address_it_is_said_here_and_the_file_waits_at_the_counter(bench, lan):
    taken = await bench.report()
    told = await lan.hears("/dulieucuatoi tai")
    assert taken.case.code in told
    assert "Nắp cống vỡ trước trường mầm non" in told
    assert WARD.address in told
    async with bench.database.reading() as db:
        assert [row.kind for row in await register.waiting(db)] == [RequestKind.EXPORT]


async def test_a_link_opens_once_in_each_form_for_an_hour(bench, lan):
    lan.url = "https://troly.phuong.example/du-lieu/"
    told = await lan.hears("/dulieucuatoi tai")
    found = re.search(r"https://troly\.phuong\.example/du-lieu/([\w-]{43})\n", told)
    assert found is not None
    token = found[1]
    (row,) = await rows(bench, DataRequest)
    assert token not in str(row.model_dump())
    async with bench.database.writing() as db:
        for form in Form:
            assert await register.use_link(db, token, form, bench.now) == LAN
            assert await register.use_link(db, token, form, bench.now) is None
        assert not await register.is_open(db, token, bench.now)
        assert (await trace.verify(db)).whole


@pytest.mark.parametrize("wrong", ["", "x", "%", "_" * 43, "a" * 43, "a" * 5000, "../" * 10])
async def test_a_guess_opens_nothing(bench, lan, wrong):
    lan.url = "https://troly.phuong.example/du-lieu/"
    await lan.says("/dulieucuatoi tai")
    async with bench.database.writing() as db:
        assert await register.use_link(db, wrong, Form.FILE, bench.now) is None


async def test_a_link_is_dead_after_an_hour_and_after_deleting(bench, lan):
    for ends in ("time", "deleting"):
        async with bench.work() as work:
            token = await own_data.open_link(work, LAN, "xong")
        later = bench.now
        if ends == "time":
            later += timedelta(hours=1, seconds=1)
        else:
            await lan.says("/xoadulieu that")
        async with bench.database.writing() as db:
            assert await register.use_link(db, token, Form.FILE, later) is None


async def test_the_page_is_fetched_only_by_pressing_and_only_once(tmp_path, clock):
    config = Settings(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/ward.db",
        data_dir=tmp_path,
        web=WebSettings(public_url="https://troly.phuong.example"),
    )
    office = app.build(config, clock)
    await office.prepare()
    bench = Bench(office.database, clock())
    await bench.report(text="<script>alert(1)</script> nắp cống", contact_phone="0900000123")
    async with bench.work() as work:
        token = await own_data.open_link(work, LAN, "xong")
    doors = aiohttp.web.Application()
    setup_own_data(doors, office)
    assert office.database.info[rights.OWN_DATA_URL] == "https://troly.phuong.example/du-lieu/"
    async with serving(doors) as http:
        for _ in range(3):  # a messenger looks at every link, often
            async with http.get(f"/du-lieu/{token}") as seen:
                door = await seen.text()
        assert seen.status == 200
        assert "0900000123" not in door
        async with http.post(f"/du-lieu/{token}/trang") as seen:
            page = await seen.text()
        assert seen.headers["Cache-Control"] == "no-store"
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        assert "0900000123" in page
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        async with http.post(f"/du-lieu/{token}/trang") as seen:
            assert (seen.status, "0900000123" in await seen.text()) == (404, False)
        async with http.post(f"/du-lieu/{token}/tep") as seen:
            copy = json.loads(await seen.text())
        assert "attachment" in seen.headers["Content-Disposition"]
        assert [case["contact_phone"] for case in copy["cases"]] == ["0900000123"]
        async with http.get(f"/du-lieu/{token}") as seen:
            assert seen.status == 404
    await office.database.close()


def serving(doors: aiohttp.web.Application):
    return TestClient(TestServer(doors))


# --- staff ------------------------------------------------------------------------------------------


async def test_staff_answer_a_request_and_the_resident_is_told(bench, lan):
    await lan.says("/dulieucuatoi sua khac")
    await lan.says("Tên đường ghi sai")
    (row,) = await rows(bench, DataRequest)
    async with bench.database.writing() as db:
        told = "Đã sửa tên đường."
        args = {"by": "staff:2", "outcome": told, "told": told, "now": bench.now}
        assert await register.done(db, row.id or 0, **args)
        assert not await register.done(db, row.id or 0, **args)
        assert not await register.done(db, 99, **args)
    (sent,) = await bench.told("rights:")
    assert (sent.user, sent.text) == (LAN.user, told)
    async with bench.database.reading() as db:
        assert await register.waiting(db) == []
