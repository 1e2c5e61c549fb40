"""Two processes on one PostgreSQL sign the same pile and are killed at random moments; then the register is read.

`python -m benchmarks.signing --letters 1000 --kills 20`: numbers must have no gap and no repeat, and
every signed letter, printed again, must have the bytes whose hash was kept.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from sqlmodel import col, select

from benchmarks.acceptance import local_postgres
from benchmarks.letters import MORNING, Desk
from letters import desk, drafting, frozen
from letters.desk import Hand
from letters.states import NotAllowed, Stale
from records import events, schema, staff
from records.letters import EventKind, Letter, LetterState

WORKERS = 2
AT_ONCE = 25  # letters one process has in its hands
SEED = 20261120


async def pile(made: Desk, clerk: Hand, count: int) -> None:
    """Draft and check *count* letters, each of another couple."""
    async with made.work() as work:
        for number in range(count):
            facts = {"groom_name": "Lê Văn Mẫu", "bride_name": "Phạm Thị Thử", "handed_over_on": "2026-12-26"}
            await events.note(
                work.db,
                key=f"marriage:bench:{number}",
                kind=EventKind.MARRIAGE,
                happened_on=MORNING.date(),
                facts={**facts, "number": number},
                now=MORNING,
            )
        await drafting.consider(work, limit=count)
        for number in range(1, count + 1):
            await desk.check(work, number, clerk)


async def sign_all(folder: Path, url: str, worker: int) -> None:
    """Sign whatever is checked, from one end of the pile or the other, until nothing is left."""
    made = Desk(folder, url)
    async with made.database.reading() as db:
        person = await staff.by_login(db, made.shelf.ward.desks.chair)
    if person is None:
        raise LookupError(made.shelf.ward.desks.chair)
    while numbers := await _checked(made, last_first=bool(worker % 2)):
        await asyncio.gather(*(_sign(made, number, Hand(person=person)) for number in numbers))
    await made.database.close()


async def _checked(made: Desk, *, last_first: bool) -> list[int]:
    order = col(Letter.id).desc() if last_first else col(Letter.id)
    wanted = select(Letter.id).where(col(Letter.state) == LetterState.CHECKED).order_by(order).limit(AT_ONCE)
    async with made.database.reading() as db:
        return [number or 0 for number in (await db.exec(wanted)).all()]


async def _sign(made: Desk, number: int, chair: Hand) -> None:
    try:
        async with made.work() as work:
            await desk.sign(work, number, chair)
    except (NotAllowed, Stale):  # the other process was first
        return


async def storm(folder: Path, url: str, kills: int) -> int:
    """Let the workers sign, kill one *kills* times; return how many deaths there were before the end."""
    chance, done = random.Random(SEED), 0
    workers = [await _start(folder, url, number) for number in range(WORKERS)]
    while kills > done and all(one.returncode is None for one in workers):
        await asyncio.sleep(chance.uniform(1.5, 3.5))  # a process needs a second to begin
        victim = chance.randrange(WORKERS)
        if workers[victim].returncode is None:
            workers[victim].kill()
            done += 1
        await workers[victim].wait()
        workers[victim] = await _start(folder, url, victim)
    for one in workers:
        await one.wait()
    return done


async def _start(folder: Path, url: str, number: int) -> asyncio.subprocess.Process:
    line = (sys.executable, "-m", "benchmarks.signing", "--worker", str(number))
    return await asyncio.create_subprocess_exec(*line, "--folder", str(folder), "--url", url)


async def judge(made: Desk, count: int) -> bool:
    """Tell whether the register is whole and every letter prints as it was signed."""
    async with made.database.reading() as db:
        letters = list((await db.exec(select(Letter).order_by(col(Letter.number)))).all())
    whole = [letter.number for letter in letters] == list(range(1, count + 1))
    async with made.work() as work:
        same = sum([frozen.intact(letter, await frozen.pdf(work, letter)) for letter in letters])
    print(f"register      {count} numbers without gap or repeat: {whole}; identical bytes: {same} of {count}")
    return whole and same == count


async def main(arguments: Sequence[str] | None = None) -> int:
    """Print the counts, and fail when the register has a gap or a letter prints otherwise."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--letters", type=int, default=200)
    asked.add_argument("--kills", type=int, default=3)
    asked.add_argument("--worker", type=int)
    asked.add_argument("--folder", type=Path)
    asked.add_argument("--url")
    told = asked.parse_args(arguments)
    if told.worker is not None:
        await sign_all(told.folder, told.url, told.worker)
        return 0
    with tempfile.TemporaryDirectory() as folder, local_postgres() as url:
        made = Desk(Path(folder), url)
        await schema.upgrade(made.database)
        clerk, _ = await made.hire()
        await pile(made, clerk, told.letters)
        began = perf_counter()
        died = await storm(Path(folder), url, told.kills)
        took = perf_counter() - began
        print(f"signatures    {told.letters} by {WORKERS} processes, {died} killed: {took:.1f} s")
        good = await judge(made, told.letters)
        await made.database.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
