"""What an operator types: the exit status, the words, and JSON that a script can read."""

import asyncio
import io
import json
from pathlib import Path

import pytest

from bot.commands import parser
from records import handovers, outbox, schema
from records.database import Database
from records.tables import Address, ChannelName, Purpose
from scheduler.jobs import JOBS
from tests.conftest import FRIDAY


@pytest.fixture
def ward(monkeypatch, tmp_path, capsys):
    """Run a command in an empty folder with a database of its own; give status, output, complaint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARD_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/ward.db")
    monkeypatch.setenv("WARD_DATA_DIR", str(tmp_path))

    def run(*line: str) -> tuple[int, str, str]:
        status = parser.run(line)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def put_in(folder: Path, work) -> None:
    async def go() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder}/ward.db")
        await schema.upgrade(database)
        async with database.writing() as db:
            await work(db)
        await database.close()

    asyncio.run(go())


def test_ask_answers_in_words_and_in_json(ward):
    status, out, _ = ward("ask", "lam giay khai sin cho con can gi z")
    assert status == 0
    assert "1.001193" in out.splitlines()[1]
    status, out, err = ward("ask", "đăng ký tạm trú", "--json", "--top", "3")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert found["matches"][0]["code"] == "1.004194"
    assert len(found["matches"]) <= 3


def test_ask_answers_a_batch_line_by_line_in_order(ward, monkeypatch):
    lines = [{"id": 7, "q": "khai tử"}, {"id": "b", "q": "hôm nay trời đẹp quá"}]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(map(json.dumps, lines)) + "\n"))
    status, out, _ = ward("ask", "--batch")
    found = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [item["id"] for item in found] == [7, "b"]
    assert found[0]["matches"][0]["code"] == "1.000656"
    assert found[1]["verdict"] == "none"


def test_a_bad_line_of_a_batch_is_told_and_the_others_answered(ward, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO('not json\n{"id": 1, "q": "khai tử"}\n'))
    status, out, err = ward("ask", "--batch")
    assert status == 1
    assert json.loads(out)["id"] == 1
    assert "Dòng 1" in err


def test_a_question_is_needed(ward):
    assert ward("ask")[0] == 2


def test_check_looks_at_everything_and_says_what_is_wrong(ward, monkeypatch):
    status, out, _ = ward("check", "--json")
    lines = json.loads(out)
    assert status == 0
    assert {"cài đặt", "phường", "danh mục", "cơ sở dữ liệu", "Telegram", "Zalo"} <= {
        line["what"] for line in lines
    }
    monkeypatch.setenv("WARD_ZALO__APP_ID", "1")
    status, out, _ = ward("check")
    assert status == 1
    assert "WARD_ZALO__REFRESH_TOKEN" in out


def test_calendar_knows_the_day_of_culture(ward):
    status, out, _ = ward("calendar", "2026", "--json")
    days = {item["date"]: item["kind"] for item in json.loads(out)}
    assert status == 0
    assert days["2026-11-24"] == "off"
    assert days["2026-01-10"] == "work"


def test_a_catalogue_file_of_the_portal_can_be_checked_imported_and_compared(ward, tmp_path):
    row = {"code": "9.000001", "name": "Thủ tục đăng ký nuôi rồng", "field": "Rồng", "as_of": "7/2026"}
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(json.dumps(row), "utf-8")
    bad.write_text(json.dumps(row) + '\n{"code": "x"}\nkhông phải', "utf-8")
    status, out, _ = ward("knowledge", "check", str(bad), "--json")
    assert status == 1
    assert [item["line"] for item in json.loads(out)["defects"]] == [2, 3]
    assert ward("knowledge", "import", str(good), "--by", "Hạnh")[0] == 0
    status, out, _ = ward("knowledge", "diff", str(good), "--json")
    assert json.loads(out) == {"added": [], "removed": [], "changed": {}}
    assert ward("knowledge", "check", "/không/có")[0] == 1


def test_an_answer_to_a_resident_is_queued_once(ward, tmp_path):
    async def ask(db) -> None:
        who = Address(ChannelName.WEB, "lan")
        await handovers.leave(
            db, who, topic="", question="Mấy giờ mở cửa?", photos=[], now=FRIDAY, answer_by=FRIDAY
        )

    put_in(tmp_path, ask)
    status, out, _ = ward("handover", "list", "--json")
    assert json.loads(out)["question"] == "Mấy giờ mở cửa?"
    assert ward("handover", "answer", "1", "Dạ, 7 giờ 30.", "--by", "Hạnh")[0] == 0
    status, _, err = ward("handover", "answer", "1", "Lần nữa", "--by", "Hạnh")
    assert status == 1
    assert "Không có câu hỏi số 1" in err
    status, out, _ = ward("deliveries", "--json")
    assert json.loads(out)["key"] == "handover:1:answer"
    assert "7 giờ 30" not in out


def test_a_doubt_is_settled_by_a_person_with_a_name(ward, tmp_path):
    async def doubt(db) -> None:
        await outbox.put(
            db,
            key="letter:1",
            to=Address(ChannelName.WEB, "lan"),
            purpose=Purpose.LETTER,
            text="Thư",
            now=FRIDAY,
        )
        await outbox.claim(db, ChannelName.WEB, FRIDAY, 1, bulk=True)
        await outbox.release_expired(db, FRIDAY + 2 * outbox.LEASE)

    put_in(tmp_path, doubt)
    assert ward("deliveries", "--settle", "1")[0] == 1
    assert ward("deliveries", "--settle", "1", "--as", "sent", "--by", "Hạnh")[0] == 0
    assert ward("deliveries", "--settle", "1", "--as", "sent", "--by", "Hạnh")[0] == 1


def test_tick_runs_every_job_and_refuses_the_future_while_a_live_channel_is_on(ward, monkeypatch):
    status, out, _ = ward("tick", "--now", "2030-01-01T00:00:00+07:00", "--json")
    assert status == 0
    assert set(json.loads(out)) == {job.name for job in JOBS}
    monkeypatch.setenv("WARD_TELEGRAM__TOKEN", "1:x")
    status, _, err = ward("tick", "--now", "2030-01-01T00:00:00+07:00")
    assert status == 1
    assert "kênh thật" in err


def test_a_database_of_a_newer_version_is_refused_in_words(ward, tmp_path):
    async def age(db) -> None:
        await (await db.connection()).exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    put_in(tmp_path, age)
    status, _, err = ward("tick")
    assert status == 1
    assert "bản mới hơn" in err
