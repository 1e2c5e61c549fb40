"""Staff see what residents asked about their data, make a copy for the counter, and answer."""

import argparse
import asyncio
import json
import stat

import pytest

from bot.commands import rights as command
from bot.commands.trouble import Trouble
from records import outbox, rights, schema, staff
from records.cases import RequestKind
from records.database import Database
from records.tables import Address, ChannelName
from tests.conftest import FRIDAY

LAN = Address(ChannelName.ZALO, "lan")


@pytest.fixture
def ward(monkeypatch, tmp_path, capsys):
    """A ward with one officer and one request; run a line, give status and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARD_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/ward.db")
    monkeypatch.setenv("WARD_DATA_DIR", str(tmp_path))
    asyncio.run(_fill(tmp_path))
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())

    def run(*line: str) -> tuple[int, str]:
        asked = parser.parse_args(["rights", *line])
        return asyncio.run(asked.run(asked)), capsys.readouterr().out

    return run


async def _fill(folder) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder}/ward.db")
    await schema.upgrade(database)
    async with database.writing() as db:
        await staff.add(db, login="hanh", name="Hạnh", desk="van_phong", permissions=[], now=FRIDAY)
        await rights.ask(db, LAN, RequestKind.CORRECT, now=FRIDAY, due_at=FRIDAY, detail="sai tên đường")
    await database.close()


async def _told(folder) -> list[str]:
    database = Database(f"sqlite+aiosqlite:///{folder}/ward.db")
    async with database.writing() as db:
        rows = await outbox.claim(db, LAN.channel, FRIDAY.replace(year=2030), 5)
    await database.close()
    return [row.text or "" for row in rows]


def test_the_list_says_what_waits_and_until_when(ward):
    status, out = ward("list", "--json")
    row = json.loads(out)
    assert (status, row["number"], row["kind"], row["detail"]) == (0, 1, "correct", "sai tên đường")
    assert row["due_at"] == FRIDAY.isoformat()
    assert "lan" not in out
    assert "sửa" in ward("list")[1]


def test_an_answer_reaches_the_resident_and_ends_the_request(ward, tmp_path):
    status, _ = ward("done", "1", "--by", "hanh", "--outcome", "Đã sửa tên đường")
    assert status == 0
    assert ward("list", "--json") == (0, "")
    (told,) = asyncio.run(_told(tmp_path))
    assert told.endswith("Đã sửa tên đường.")
    with pytest.raises(Trouble, match="Không có yêu cầu số 1"):
        ward("done", "1", "--by", "hanh", "--outcome", "Lần nữa")


def test_only_somebody_who_works_here_answers(ward):
    with pytest.raises(Trouble, match="Không có cán bộ"):
        ward("done", "1", "--by", "ai-do", "--outcome", "Đã sửa")
    with pytest.raises(Trouble, match="Kết quả trống"):
        ward("done", "1", "--by", "hanh", "--outcome", " \u200b ")


def test_a_copy_for_the_counter_is_for_our_eyes_and_replaces_nothing(ward, tmp_path):
    file = tmp_path / "copy.json"
    assert ward("export", "1", str(file), "--by", "hanh")[0] == 0
    assert json.loads(file.read_text("utf-8"))["requests"][0]["number"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        ward("export", "1", str(file), "--by", "hanh")
    with pytest.raises(Trouble, match="Không có yêu cầu số 2"):
        ward("export", "2", str(tmp_path / "other.json"), "--by", "hanh")
