"""A storm: people write by webhook while the office is killed at random moments; the peer is the judge.

Everybody says five things: opens a restricted message, writes three lines, sends the last one. Every line is echoed,
so each reply can be told apart; the last one leaves one row for the staff, so each effect
can be counted.
"""

import argparse
import asyncio
import os
import random
import re
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
from sqlmodel import col, func, select

from benchmarks.warm import Warm
from records import inbox, outbox
from records.cases import RestrictedMessage
from records.database import Database
from records.tables import DeliveryState, Received
from tests.conversations.voices import SECRET, free_port
from tests.peers import TelegramPeer

LINES = 5
ECHO = re.compile(r"“(line \d+ of \d+)”")
READY_S = 120  # a busy machine
FINISH_S = 600


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the storm left behind. `doubtful` replies wait for a person; they are not lost."""

    updates: int
    kills: int
    handled: int
    effects: int
    replies: int
    lost: int
    repeated: int
    repeated_more_than_once: int
    doubtful: int
    out_of_order: int
    seconds: float


class Process:
    """The product as an operator starts it, in a process that can be killed."""

    ahead_s = 0.0  # of the real clock

    def __init__(
        self, peer: TelegramPeer, folder: Path, database_url: str, *, warm: Warm | None = None
    ) -> None:
        self.port = free_port()
        self.number = 0
        self._warm = warm
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._log_file = folder / "log.txt"
        self._log = self._log_file.open("ab")
        self._environment = {
            **os.environ,
            "PTB_TIMEDELTA": "1",
            "WARD_DATABASE_URL": database_url,
            "WARD_DATA_DIR": str(folder),
            "WARD_WEB__PORT": str(self.port),
            "WARD_WEB__PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "WARD_TELEGRAM__TOKEN": peer.token,
            "WARD_TELEGRAM__API_URL": peer.base_url,
            "WARD_TELEGRAM__MODE": "webhook",
            "WARD_TELEGRAM__WEBHOOK_SECRET": SECRET,
            "WARD_LIMITS__TELEGRAM_PER_SECOND": "400",
            "WARD_LIMITS__TELEGRAM_PERSON_PAUSE_S": "0",
            "WARD_LIMITS__MESSAGES_PER_PERSON_PER_MINUTE": "1000",
        }

    async def start(self) -> None:
        """Start it and wait until it can serve."""
        self.number = await self.begin("run")
        async with aiohttp.ClientSession() as http, asyncio.timeout(READY_S):
            while True:
                try:
                    async with http.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:  # noqa: PLR2004  OK
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.02)

    async def begin(self, *line: str, later_s: float = 0) -> int:
        """Begin a command of the ward, forked from a warm process if there is one; return its number."""
        if self._warm is not None:
            ahead = self.ahead_s + later_s
            return self._warm.begin(line, self._environment, self._log_file, ahead_s=ahead)
        process = await self.command(*line, later_s=later_s)
        self._processes[process.pid] = process
        return process.pid

    async def command(self, *line: str, later_s: float = 0) -> asyncio.subprocess.Process:
        """Start a command of the ward in a process of its own, so much *later* by its clock."""
        ahead = self.ahead_s + later_s
        module = ("benchmarks.by_day", str(ahead)) if ahead else ("bot",)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *module, *line),
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )

    def lives(self, number: int) -> bool:
        """Tell whether the process has not ended yet."""
        process = self._processes.get(number)
        if process is not None:
            return process.returncode is None
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text("ascii")

    async def end(self, number: int) -> int:
        """End a process as a power cut would; return how it ended, below 0 by a signal."""
        if self._warm is not None:
            return self._warm.kill(number)
        process = self._processes.pop(number)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        return await process.wait()

    async def kill(self) -> None:
        """End the office as a power cut would."""
        number, self.number = self.number, 0
        if number:
            await self.end(number)

    async def close(self) -> None:
        """End it and let go of its log."""
        await self.kill()
        self._log.close()


async def storm(
    people: int, kills: int, folder: Path, database_url: str, *, seed: int = 7, warm: Warm | None = None
) -> Outcome:
    """Let *people* write five things each while the office is killed *kills* times."""
    dice, began = random.Random(seed), monotonic()
    peer = TelegramPeer(per_second=None, per_chat_per_second=None, webhook_pauses=(0.05, 0.1, 0.2))
    async with peer:
        process = Process(peer, folder, database_url, warm=warm)
        await process.start()
        talking = asyncio.create_task(_talk(peer, people, dice))
        try:
            for _ in range(kills):
                await asyncio.sleep(dice.uniform(0.05, 2.0))
                await process.kill()
                await process.start()
            await talking
            await _all_done(peer, database_url, people * LINES)
        finally:
            await process.close()
        return await _judge(peer, database_url, people, kills, monotonic() - began)


async def _talk(peer: TelegramPeer, people: int, dice: random.Random) -> None:
    """Everybody speaks, mixed with everybody else, each in their own order."""
    persons = [peer.person(10_000 + number, "Dân", started=True) for number in range(people)]
    left = dict.fromkeys(range(people), 0)
    while left:
        for number in dice.sample(sorted(left), k=min(20, len(left))):
            persons[number].says(_line(number, left[number]))
            left[number] += 1
            if left[number] == LINES:
                del left[number]
        await asyncio.sleep(0.05)


def _line(person: int, place: int) -> str:
    if place == 0:
        return "/kin"
    return "/kin gui" if place == LINES - 1 else f"line {place} of {person}"


async def _all_done(peer: TelegramPeer, database_url: str, updates: int) -> None:
    """Wait until every update is delivered, handled, and every reply has left or is in doubt."""
    await peer.delivered(within=FINISH_S)
    database = Database(database_url)
    async with asyncio.timeout(FINISH_S):
        while True:
            async with database.reading() as db:
                taken = (await db.exec(select(func.count()).select_from(Received))).one()
                waiting = await inbox.waiting(db)
                counts = await outbox.counts(db)
            open_ = sum(
                number
                for (_, state), number in counts.items()
                if state in (DeliveryState.QUEUED, DeliveryState.SENDING)
            )
            if taken >= updates and not waiting and not open_:
                break
            await asyncio.sleep(0.2)
    await database.close()


async def _judge(peer: TelegramPeer, database_url: str, people: int, kills: int, seconds: float) -> Outcome:
    """Count what reached people against what they said."""
    heard: dict[int, list[str]] = {}
    for item in peer.accepted:
        if item.method == "sendMessage":
            heard.setdefault(int(item.chat_id), []).append(_name(item.text))
    expected = {
        (10_000 + person, _name_of(person, place)) for person in range(people) for place in range(LINES)
    }
    copies = Counter((chat, name) for chat, names in heard.items() for name in names)
    facts = await _facts(database_url)
    missing = sum(1 for key in expected if key not in copies)
    return Outcome(
        updates=people * LINES,
        kills=kills,
        handled=facts["handled"],
        effects=facts["effects"],
        replies=facts["replies"],
        doubtful=facts["doubtful"],
        lost=max(0, missing - facts["doubtful"]),
        repeated=sum(1 for number in copies.values() if number == 2),  # noqa: PLR2004  twice
        repeated_more_than_once=sum(1 for number in copies.values() if number > 2),  # noqa: PLR2004
        out_of_order=sum(1 for person, names in heard.items() if not _in_order(person, names)),
        seconds=round(seconds, 1),
    )


async def _facts(database_url: str) -> dict[str, int]:
    database = Database(database_url)
    async with database.reading() as db:
        handled = select(func.count()).select_from(Received).where(col(Received.handled_at).is_not(None))
        counts = await outbox.counts(db)
        facts = {
            "handled": (await db.exec(handled)).one(),
            "effects": (await db.exec(select(func.count()).select_from(RestrictedMessage))).one(),
            "replies": sum(counts.values()),
            "doubtful": sum(n for (_, state), n in counts.items() if state is DeliveryState.DOUBTFUL),
        }
    await database.close()
    return facts


def _name(text: str) -> str:
    echoed = ECHO.search(text)
    if echoed:
        return echoed[1]
    return "sent" if "đã gửi kín" in text else "opened"


def _name_of(person: int, place: int) -> str:
    return {0: "opened", LINES - 1: "sent"}.get(place, f"line {place} of {person}")


def _in_order(chat: int, names: list[str]) -> bool:
    """Tell whether the first copies came in the order the person spoke."""
    wanted = [_name_of(chat - 10_000, place) for place in range(LINES)]
    first = list(dict.fromkeys(names))
    return first == [name for name in wanted if name in first]


async def main(arguments: Any = None) -> None:
    """Run the storm of the release: 5,000 updates, 30 kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder}/ward.db"
        outcome = await storm(asked.people, asked.kills, folder, url, seed=asked.seed)
    for name, value in vars(outcome).items():
        print(f"{name:26} {value}")


if __name__ == "__main__":
    asyncio.run(main())
