"""An operator in an empty folder with a database and a key of its own; `inside` reaches past the commands."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot import app
from bot.commands import parser
from records import schema
from records.database import Database
from tests.feedback.bench import Bench

KEY = "khoa-thu-nghiem"


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Runs commands and hears what they say."""

    url: str
    told: Callable[[], Any]

    def run(self, *line: str) -> tuple[int, str, str]:
        """Give status, output, complaint."""
        status = parser.run(line)
        said = self.told()
        return status, said.out, said.err

    def does(self, *line: str) -> str:
        """Run what must succeed; give its output."""
        status, out, err = self.run(*line)
        assert (status, err) == (0, "")
        return out

    def is_refused(self, *line: str) -> str:
        """Run what must be refused; give the complaint."""
        status, out, err = self.run(*line)
        assert (status, out) == (1, "")
        return err

    def inside(self, work: Callable[[Bench], Awaitable[Any]]) -> Any:
        """Do *work* in the same database, now."""

        async def go() -> Any:
            database = Database(self.url, audit_key=KEY.encode())
            try:
                await schema.upgrade(database)
                return await work(Bench(database, app.clock()))
            finally:
                await database.close()

        return asyncio.run(go())


@pytest.fixture
def operator(monkeypatch, tmp_path, capsys) -> Operator:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite+aiosqlite:///{tmp_path}/ward.db"
    monkeypatch.setenv("WARD_DATABASE_URL", url)
    monkeypatch.setenv("WARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("WARD_AUDIT_KEY", KEY)
    return Operator(url=url, told=capsys.readouterr)
