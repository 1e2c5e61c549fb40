"""The letters desk from the command line: every state a letter may stand in has a way on."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.settings import DEMO_WARD
from knowledge.calendar import here
from letters import matching
from records import people, schema
from records.database import Database
from records.letters import EventKind, Letter, LetterState, Route
from records.tables import Address, ChannelName
from tests.commands.conftest import KEY
from tests.letters.bench import CHAIR, CLERK, DEATH, MARRIAGE, Bench


@pytest.fixture
def inside(operator, tmp_path) -> Callable[[Callable[[Bench], Awaitable[Any]]], Any]:
    """Do something at the letters desk in the same database, now."""

    def run(work: Callable[[Bench], Awaitable[Any]]) -> Any:
        async def go() -> Any:
            database = Database(operator.url, audit_key=KEY.encode())
            try:
                await schema.upgrade(database)
                return await work(Bench(database, tmp_path, app.clock()))
            finally:
                await database.close()

        return asyncio.run(go())

    return run


@pytest.fixture
def desk(inside):
    """A clerk and a chairperson are hired; letters come by name."""

    async def hire(bench: Bench) -> None:
        await bench.hire()

    inside(hire)

    def happens(kind: EventKind, facts: dict[str, Any], **more: Any) -> None:
        async def work(bench: Bench) -> None:
            await bench.happens(kind, facts, **more)

        inside(work)

    return happens


def today() -> str:
    return here(app.clock()).date().isoformat()


def wedding(**changed: Any) -> dict[str, Any]:
    return MARRIAGE | {"registered_on": today(), "handed_over_on": today()} | changed


def shown(operator, number: int = 1) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(operator.does("letters", "show", str(number), "--json"))
    return told


def state_of(operator, number: int = 1) -> str:
    return str(shown(operator, number)["state"])


def signed(operator) -> None:
    operator.does("letters", "check", "1", "--by", CLERK)
    operator.does("letters", "approve", "1", "--by", CHAIR)


def test_what_is_missing_is_named_all_at_once_and_supplied_as_the_ward_writes_it(operator, desk):
    desk(EventKind.DUE_SOON, {"dossier_code": "H99.1", "applicant_name": "Trần Văn Mẫu"})
    lacks = shown(operator)["gaps"]
    names = [gap["name"] for gap in lacks]
    assert {"specific_reason", "new_due_on", "procedure_name", "officer_phone"} <= set(names)
    page = operator.does("letters", "show", "1")
    assert "còn thiếu: thiếu ngày hẹn trả mới (ví dụ 30/11/2026); mục new_due_on" in page
    assert "bổ sung: ward letters supply 1 " in page

    said = {
        "procedure_name": "Đăng ký đất đai",
        "taken_on": "03/11/2026",
        "Ngày hẹn trả ban đầu": "24/11/2026",
        "specific_reason": "phải xác minh ranh giới thửa đất với hộ liền kề",
        "new_due_on": "30/11/2026",
        "officer_name": "Vũ Thị Mẫu",
        "officer_phone": "0236 0000 101",
    }
    facts = [f"{name}={value}" for name, value in said.items()]
    told = json.loads(operator.does("letters", "supply", "1", *facts, "--by", CLERK, "--json"))
    assert told["state"] == "drafted", told["gap"]
    assert "30 tháng 11 năm 2026" in shown(operator)["text"]


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        ("new_due_on", "viết là MỤC=GIÁ_TRỊ"),
        ("color=đỏ", "Không có mục nào tên “color”"),
        ("new_due_on=31/11/2026", "Không có ngày 31/11/2026"),
        ("new_due_on=mai", "không phải ngày"),
        ("new_due_on=", "Chưa có chữ nào cho mục ngày hẹn trả mới"),
        ("hotline=0900 000 000", "Không có mục nào"),
        ("late_days=ba", "số nguyên"),
    ],
)
def test_what_cannot_be_a_fact_is_refused_with_what_to_do(operator, desk, fact, why):
    desk(EventKind.DUE_SOON, {"dossier_code": "H99.1", "applicant_name": "Trần Văn Mẫu"})
    assert why in operator.is_refused("letters", "supply", "1", fact, "--by", CLERK)


def test_a_halted_letter_goes_on_under_its_number_or_is_written_anew(operator, desk):
    desk(EventKind.MARRIAGE, wedding())
    signed(operator)
    operator.does("letters", "recall", "1", "--by", CHAIR, "--reason", "gia đình xin hoãn")
    assert state_of(operator) == "halted"
    told = json.loads(operator.does("letters", "resume", "1", "--by", CHAIR, "--json"))
    assert (told["state"], told["number"]) == ("signed", 1)
    assert "không bị dừng" in operator.is_refused("letters", "resume", "1", "--by", CHAIR)
    assert "dừng thư trước" in operator.is_refused("letters", "redraft", "1", "--by", CLERK)

    operator.does("letters", "recall", "1", "--by", CHAIR, "--reason", "gia đình xin hoãn")
    told = json.loads(operator.does("letters", "redraft", "1", "--by", CLERK, "--json"))
    assert (told["state"], told["number"]) == ("drafted", 1)


def test_a_letter_given_back_is_written_anew(operator, desk):
    desk(EventKind.MARRIAGE, wedding())
    operator.does("letters", "reject", "1", "--by", CHAIR, "--reason", "xem lại tên cô dâu")
    operator.does("letters", "redraft", "1", "--by", CLERK)
    assert state_of(operator) == "drafted"


def test_a_question_goes_back_to_whoever_knows_and_the_letter_waits_with_it(operator, desk, inside):
    desk(EventKind.MARRIAGE, wedding())
    operator.does("letters", "check", "1", "--by", CLERK)
    operator.does("letters", "ask", "1", "--by", CHAIR, "--question", "tên chú rể viết đúng chưa")
    seen = shown(operator)
    assert (seen["state"], seen["text"] is None) == ("incomplete", False)
    assert "tên chú rể viết đúng chưa" in seen["gaps"][0]["says"]

    async def told(bench: Bench) -> list[str]:
        return [row.text or "" for row in await bench.told("alert:ask:")]

    assert any("tên chú rể viết đúng chưa" in text for text in inside(told))
    operator.does("letters", "redraft", "1", "--by", CLERK)
    assert state_of(operator) == "drafted"


def test_new_words_come_from_a_file(operator, desk, tmp_path: Path):
    desk(EventKind.MARRIAGE, wedding())
    words = tmp_path / "loi.txt"
    words.write_text("Chúc mừng anh chị.\r\n\r\nPhường luôn đồng hành.", "utf-8")
    operator.does("letters", "edit", "1", "--file", str(words), "--by", CLERK)
    assert "Phường luôn đồng hành." in shown(operator)["text"]
    words.write_bytes(b"\xff\xfe")
    assert "UTF-8" in operator.is_refused("letters", "edit", "1", "--file", str(words), "--by", CLERK)


def test_two_of_one_name_are_told_apart_and_chosen(operator, desk, inside):
    async def twins(bench: Bench) -> None:
        for _ in range(2):
            await bench.lives("Lê Văn Thử", "1995-03-02", "12 Lê Lợi")

    inside(twins)
    desk(EventKind.MARRIAGE, wedding())
    seen = shown(operator)["recipients"][0]
    assert len(seen["told_apart"]) == 2
    assert "--place 0 --resident 1: " in operator.does("letters", "show", "1")
    assert "Không chọn được" in operator.is_refused(
        "letters", "choose", "1", "--resident", "9", "--by", CLERK
    )
    assert "hoặc none" in operator.is_refused("letters", "choose", "1", "--resident", "x", "--by", CLERK)
    operator.does("letters", "choose", "1", "--place", "0", "--resident", "2", "--by", CLERK)
    assert shown(operator)["recipients"][0]["candidates"] == []


def test_a_condolence_goes_by_chat_only_where_somebody_knows_who_reads(operator, desk, inside):
    desk(
        EventKind.DEATH_REPORTED,
        DEATH | {"died_on": today()},
        reported_by="tổ trưởng",
        confirmed_by="trạm y tế",
    )
    line = ("letters", "reader", "1", "--place", "0", "--by", CLERK, "--account")
    assert "KÊNH:MÃ" in operator.is_refused(*line, "bồ câu")
    assert "Chưa thấy tài khoản này" in operator.is_refused(*line, "telegram:90909")

    async def speaks(bench: Bench) -> None:
        async with bench.work() as work:
            await people.heard(work.db, Address(ChannelName.TELEGRAM, "90909"), bench.now)

    inside(speaks)
    operator.does(*line, "telegram:90909")


def test_nobody_does_what_is_not_theirs(operator, desk):
    desk(EventKind.MARRIAGE, wedding())
    assert "Không có thư này" in operator.is_refused("letters", "approve", "1", "--by", CLERK)
    assert "Không có cán bộ" in operator.is_refused("letters", "check", "1", "--by", "ai.do")
    assert "ward letters show 1" in operator.is_refused(
        "letters", "check", "1", "--by", CLERK, "--version", "99"
    )
    with pytest.raises(SystemExit) as wrong:
        operator.run("letters", "reject", "1", "--by", CHAIR)
    assert wrong.value.code == 2


def test_the_sheet_a_letter_promises_lies_beside_it_in_the_print_set(
    operator, desk, inside, tmp_path, monkeypatch
):
    ward = tmp_path / "phuong"
    own = ward / "letters"
    own.mkdir(parents=True)
    for page in DEMO_WARD.glob("*.toml"):
        (ward / page.name).write_bytes(page.read_bytes())
    (own / "nep-song-van-minh.pdf").write_bytes(b"%PDF-1.7 to cua phuong")
    (own / "nep-song-van-minh.toml").write_text(
        'title = "Nếp sống văn minh trong việc cưới"\ngoes_with = ["marriage_congratulation"]\n'
        'approved_by = "Chủ tịch UBND phường"\napproved_on = 2026-11-02\n',
        "utf-8",
    )
    monkeypatch.setenv("WARD_WARD_DIR", str(ward))
    desk(EventKind.MARRIAGE, wedding(handed_over_on=None))
    assert shown(operator)["gaps"][0]["name"] == "handed_over_on"
    operator.does("letters", "supply", "1", f"handed_over_on={today()}", "--by", CLERK)
    assert "kèm thư này là tờ giới thiệu" in shown(operator)["text"]
    assert "Gửi kèm: Nếp sống văn minh" in operator.does("letters", "show", "1")
    signed(operator)

    async def leaves(bench: Bench) -> None:
        async with bench.work() as work:
            letter = await work.db.get(Letter, 1)
            assert letter is not None
            letter.state = LetterState.RELEASED
            work.db.add(letter)
            for row in await matching.recipients(work, 1):
                row.route = Route.PAPER
                work.db.add(row)

    inside(leaves)
    operator.does("letters", "print", "--to", str(tmp_path / "in"))
    names = sorted(path.name for path in (tmp_path / "in").iterdir())
    assert names == ["danh-sach-01.pdf", "thu-0001-kem-nep-song-van-minh.pdf", "thu-0001.pdf"]
    (own / "nep-song-van-minh.pdf").unlink()
    assert "nep-song-van-minh.pdf, .png hoặc .jpg" in operator.is_refused("letters", "show", "1")
