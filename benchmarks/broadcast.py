"""A greeting to many at the Telegram peer: killed again and again, at the full rate, halted, and counted.

Four tables. Each ends with what was promised; the command ends with 1 when a promise is broken.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from sqlalchemy import insert

from benchmarks.crowd import FIRST, GREETING, LEAVES, ByDay, Crowd
from benchmarks.warm import Warm
from letters import broadcast
from records import schema
from records.database import Database
from records.tables import ChannelName, Delivery, DeliveryState, Purpose
from tests.letters.bench import CHAIR
from tests.peers import TelegramPeer
from tests.peers.faults import Fault

RAISED = 400  # messages a second, where the rate is not what is looked at
AFTER = (Fault.RESET_AFTER, Fault.E502_AFTER, Fault.HTML_200_AFTER)
SLACK = 0.02  # of the limit's own time
ANSWERED_S, MEMORY_MB, HALT_S, COUNTED_MS = 1.0, 150, 1.0, 100
ASKERS, EVERY_S = 20, 1.0
SILENCE_S = 3
QUESTION = "giờ làm việc"
DELIVERIES = 200_000


@dataclass(kw_only=True)
class Table:
    """What was measured, a line each, and which promises it breaks."""

    title: str
    lines: list[tuple[str, object]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> object:
        return dict(self.lines)[name]

    def put(self, name: str, value: object, promise: str = "", *, kept: bool = True) -> None:
        """Add a line; with a *promise* say whether it was *kept*."""
        self.lines.append(
            (name, f"{value}  ({promise}: {'kept' if kept else 'BROKEN'})" if promise else value)
        )
        if not kept:
            self.broken.append(f"{name}: {value}, promised {promise}")

    def show(self) -> None:
        """Print it."""
        print(self.title)
        for name, value in self.lines:
            print(f"  {name:44} {value}")
        print(f"  load of the machine: {Path('/proc/loadavg').read_text('ascii')[:14]}", flush=True)


# --- kills ---------------------------------------------------------------------------------------


@dataclass
class Storm:
    """What was seen while the office was killed."""

    kills_queueing: int = 0
    kills_sending: int = 0
    on_the_wire: set[int] = field(default_factory=set)


async def kills(
    people: int,
    kills: int,
    folder: Path,
    url: str,
    *,
    seed: int = 7,
    faults: int = 0,
    warm: Warm | None = None,
) -> Table:
    """Kill the office *kills* times while it queues and sends a greeting; *faults* eat answers besides."""
    dice, began = random.Random(seed), monotonic()
    peer = TelegramPeer(per_second=None, per_chat_per_second=None)
    async with peer:
        crowd = Crowd(people, folder, url, peer, warm=warm)
        await crowd.settle_in()
        for place in sorted(dice.sample(range(people), k=faults)):
            crowd.faults.strike_at(place, dice.choice(AFTER))
        storm = Storm()
        await _killed_while_queueing(crowd, storm, dice, max(1, kills // 5))
        await _killed_while_sending(crowd, storm, dice, kills - storm.kills_queueing)
        table = await _judge(crowd, storm)
        await crowd.database.close()
    table.put("seconds", round(monotonic() - began))
    return table


async def _killed_while_queueing(crowd: Crowd, storm: Storm, dice: random.Random, times: int) -> None:
    """Ring the clock by hand, and kill it in the middle; what is left is queued in the end."""
    office = crowd.process(RAISED)
    for minute, most in enumerate(sorted(dice.randrange(crowd.people) for _ in range(times)), start=-times):
        tick = await office.begin("tick", later_s=60 * minute)  # the clock rings a job once a minute
        while office.lives(tick) and await crowd.queued() <= most:
            await asyncio.sleep(0.003)
        storm.kills_queueing += await office.end(tick) < 0
    await crowd.queue()
    await office.close()


async def _killed_while_sending(crowd: Crowd, storm: Storm, dice: random.Random, times: int) -> None:
    """Kill at random places of the way, and sometimes right at the start."""
    office = crowd.process(RAISED)
    try:
        await office.start()
        for place in sorted(dice.randrange(crowd.people) for _ in range(times)):
            while len(crowd.peer.accepted) < place and await crowd.under_way():
                await asyncio.sleep(0.01)
            await asyncio.sleep(dice.uniform(0, 0.05))
            await office.kill()
            storm.kills_sending += 1
            storm.on_the_wire |= await crowd.chats(DeliveryState.SENDING)
            await office.start()
        await crowd.all_left(within=60 + crowd.people / 20)
    finally:
        await office.close()


async def _judge(crowd: Crowd, storm: Storm) -> Table:
    """Hold what reached people against what the tables say."""
    copies = Counter(crowd.reached)
    everybody, reached = set(range(FIRST, FIRST + crowd.people)), set(copies)
    doubtful = await crowd.chats(DeliveryState.DOUBTFUL)
    sent = await crowd.chats(DeliveryState.SENT)
    doubled = sum(number > 1 for number in copies.values())
    due = storm.on_the_wire | crowd.faults.hit
    table = Table(
        title=f"a greeting to {crowd.people}, killed {storm.kills_queueing + storm.kills_sending} times"
    )
    table.put("kills while queueing", storm.kills_queueing)
    table.put("kills while sending", storm.kills_sending)
    table.put("answers eaten after acceptance", len(crowd.faults.hit))
    table.put("reached", len(reached))
    lost = len(everybody - reached - doubtful)
    table.put("lost", lost, "0", kept=not lost)
    table.put("doubled", doubled, "0", kept=not doubled)
    table.put("said to be sent, and not reached", len(sent - reached), "0", kept=sent <= reached)
    table.put("doubtful", len(doubtful))
    table.put("  of them on the wire at a kill", len(storm.on_the_wire))
    table.put("    the person has it", len(storm.on_the_wire & reached))
    table.put("    cut before the platform had it whole", len(storm.on_the_wire - reached))
    table.put("      seen by the platform as cut", crowd.faults.cut)
    table.put("  of them hit by a fault", len(crowd.faults.hit & doubtful))
    strange = await crowd.why(doubtful - due)
    table.put("doubtful without a reason", f"{len(strange)} {strange or ''}", "0", kept=not strange)
    table.put("on the wire, and not doubtful", len(due - doubtful), "0", kept=due <= doubtful)
    most = storm.kills_sending * 10
    table.put("on the wire at most", most, "hands x kills", kept=len(storm.on_the_wire) <= most)
    return table


# --- the rate ------------------------------------------------------------------------------------


@dataclass
class Meanwhile:
    """What was seen beside a greeting on its way."""

    waits: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


async def rate(people: int, per_second: int, folder: Path, url: str) -> Table:
    """Let a greeting leave at *per_second*, which the peer enforces, while others ask questions."""
    peer = TelegramPeer(per_second=per_second)
    async with peer:
        crowd = Crowd(people, folder, url, peer)
        await crowd.settle_in()
        queued_s = await crowd.queue()
        office, seen = crowd.process(per_second), Meanwhile()
        try:
            await office.start()
            asking = asyncio.create_task(_ask(peer, seen))
            watching = asyncio.create_task(_watch(office, seen))
            await crowd.all_left(within=120 + 2 * people / per_second)
            burst_s = await _burst(peer)
            for task in (asking, watching):
                task.cancel()
            peak = office.memory_mb("VmHWM")
        finally:
            await office.close()
        await crowd.database.close()
        return _rate_table(crowd, per_second, seen, (queued_s, burst_s, peak))


def _rate_table(crowd: Crowd, per_second: int, seen: Meanwhile, more: tuple[float, float, float]) -> Table:
    peer, (queued_s, burst_s, peak) = crowd.peer, more
    moments = [one.at for one in peer.accepted if one.method == GREETING]
    took = moments[-1] - moments[0]
    sends = sum(1 for one in peer.accepted if one.paced and moments[0] <= one.at <= moments[-1])
    own = (sends - 1) / per_second
    p95 = statistics.quantiles(seen.waits, n=20)[-1] if len(seen.waits) > 1 else 0.0
    once = len(set(crowd.reached)) == len(crowd.reached) == crowd.people
    table = Table(title=f"a greeting to {crowd.people} at {per_second} a second")
    table.put("queueing, seconds", round(queued_s, 2))
    table.put("reached, each once", len(crowd.reached), "everybody", kept=once)
    table.put("messages in that time, answers too", sends)
    table.put("seconds of the limit itself", round(own, 1))
    over = took / own - 1
    table.put("seconds", f"{took:.1f} ({over:+.2%})", f"within {SLACK:.0%}", kept=over <= SLACK)
    worst = peer.worst_second()
    table.put("worst trailing second at the peer", worst, f"at most {per_second}", kept=worst <= per_second)
    refused = sum(1 for one in peer.refused if one.code == 429)  # noqa: PLR2004  too many requests
    table.put("refused as too fast", refused, "0", kept=not refused)
    table.put("questions meanwhile", len(seen.waits))
    table.put("median answer, seconds", round(statistics.median(seen.waits or [0]), 3))
    table.put("p95 answer, seconds", round(p95, 3), f"at most {ANSWERED_S:g}", kept=p95 <= ANSWERED_S)
    table.put("slowest answer, seconds", round(max(seen.waits, default=0), 3))
    table.put(f"{ASKERS} at once, seconds until the last answer", round(burst_s, 2))
    memory = max(seen.memory, default=0)
    table.put("memory, MB", round(memory), f"at most {MEMORY_MB}", kept=memory <= MEMORY_MB)
    table.put("memory at its highest ever, MB", round(peak))
    return table


async def _ask(peer: TelegramPeer, seen: Meanwhile) -> None:
    """One after another asks, every second or so."""
    waiting = set()
    number = 0
    while True:
        task = asyncio.create_task(_answered(peer, number % ASKERS, seen.waits))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        number += 1
        await asyncio.sleep(EVERY_S)


async def _answered(peer: TelegramPeer, number: int, waits: list[float]) -> None:
    person, began = peer.person(1_000 + number, "Dân", started=True), monotonic()
    heard = len(person.heard)
    person.says(QUESTION)
    while len(person.heard) == heard:
        await asyncio.sleep(0.002)
    waits.append(monotonic() - began)


async def _burst(peer: TelegramPeer) -> float:
    """Let many ask at once; return how long until the last has an answer."""
    began, waits = monotonic(), list[float]()
    await asyncio.gather(*(_answered(peer, ASKERS + number, waits) for number in range(ASKERS)))
    return monotonic() - began


async def _watch(office: ByDay, seen: Meanwhile) -> None:
    while True:
        seen.memory.append(office.memory_mb())
        await asyncio.sleep(0.5)


# --- the halt ------------------------------------------------------------------------------------


async def halt(people: int, per_second: int, folder: Path, url: str) -> Table:
    """Call a greeting back in the middle, ask questions meanwhile, then let it go on."""
    peer, seen = TelegramPeer(per_second=per_second), Meanwhile()
    async with peer:
        crowd = Crowd(people, folder, url, peer)
        await crowd.settle_in()
        await crowd.queue()
        office = crowd.process(per_second)
        try:
            await office.start()
            while len(crowd.reached) < people / 4:
                await asyncio.sleep(0.02)
            said = await _called_back(office, crowd)
            await asyncio.gather(asyncio.sleep(SILENCE_S), _burst(peer), _answered(peer, 0, seen.waits))
            before = len(crowd.reached)
            late = sum(1 for one in peer.accepted if one.method == GREETING and one.at > said + HALT_S)
            await _on_again(crowd)
            await crowd.all_left(within=60 + 2 * people / per_second)
        finally:
            await office.close()
        await crowd.database.close()
        return _halt_table(crowd, before, late, seen)


async def _called_back(office: ByDay, crowd: Crowd) -> float:
    """Say "Dừng" as the chairperson at the command line; return when it was done."""
    line = ("letters", "recall", str(crowd.letter), "--by", CHAIR, "--reason", "bão vào tối nay")
    assert await (await office.command(*line)).wait() == 0
    return crowd.peer.clock.tick()


async def _on_again(crowd: Crowd) -> None:
    async with crowd.bench.work() as work:
        await broadcast.resume(work, crowd.letter, await crowd.bench.hand(CHAIR))
    await crowd.queue()


def _halt_table(crowd: Crowd, before: int, late: int, seen: Meanwhile) -> Table:
    once = len(set(crowd.reached)) == len(crowd.reached) == crowd.people
    table = Table(title=f"a greeting to {crowd.people}, called back and let go on")
    table.put("reached before the halt", before)
    table.put(f"left more than {HALT_S:g} s after it", late, "0", kept=not late)
    table.put("question while halted, seconds", round(seen.waits[0], 3))
    table.put("reached in the end, each once", len(crowd.reached), "everybody", kept=once)
    return table


# --- progress ------------------------------------------------------------------------------------


async def progress(database_url: str) -> Table:
    """Count the deliveries of one greeting among many."""
    database = Database(database_url)
    await schema.upgrade(database)
    async with database.writing() as db:
        rows = [_delivery(number) for number in range(DELIVERIES)]
        await (await db.connection()).execute(insert(Delivery), rows)
    times = []
    for letter in (1, 5, 10) * 3:
        async with database.reading() as db:
            began = monotonic()
            seen = await broadcast.standing(db, letter)
            times.append(1000 * (monotonic() - began))
            assert (seen.total, seen.sent) == (DELIVERIES // 10, DELIVERIES // 20)
    await database.close()
    table = Table(title=f"progress of one greeting among {DELIVERIES} deliveries")
    spent = statistics.median(times)
    table.put("milliseconds", round(spent, 1), f"at most {COUNTED_MS}", kept=spent <= COUNTED_MS)
    return table


def _delivery(number: int) -> dict[str, object]:
    states = (DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.DOUBTFUL)
    return {
        "key": f"letter:{number % 10 + 1}:r{number}:telegram",
        "channel": ChannelName.TELEGRAM,
        "user": str(number),
        "purpose": Purpose.GREETING,
        "urgency": int(Purpose.GREETING.urgency),
        "text": "Kính chúc ông/bà năm mới mạnh khỏe. " * 10,
        "choices": [],
        "attachments": ["0" * 64],
        "state": states[number // 10 % 4],
        "created_at": LEAVES,
        "due_at": LEAVES,
        "attempts": 0,
        "doubts": 0,
    }


# --- the line ------------------------------------------------------------------------------------


async def main(arguments: list[str] | None = None) -> int:
    """Print the tables that are asked for; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--per-second", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=["kills", "rate", "halt", "progress"], nargs="*")
    asked = parser.parse_args(arguments)
    few = min(asked.people, 900)
    parts: dict[str, Callable[[Path, str], Awaitable[Table]]] = {
        "kills": lambda at, url: kills(
            asked.people, asked.kills, at, url, seed=asked.seed, faults=asked.kills
        ),
        "rate": lambda at, url: rate(asked.people, asked.per_second, at, url),
        "halt": lambda at, url: halt(few, asked.per_second, at, url),
        "progress": lambda _, url: progress(url),
    }
    broken = []
    for name in asked.only or parts:
        with tempfile.TemporaryDirectory() as folder:
            table = await parts[name](Path(folder), f"sqlite+aiosqlite:///{folder}/ward.db")
        table.show()
        broken += table.broken
    print("every promise kept" if not broken else f"BROKEN: {'; '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
