"""Many residents, one signed greeting for them, the office in a process of its own, and a peer with little memory."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from aiohttp import web
from sqlalchemy import insert
from sqlmodel import col, func, select

from benchmarks.crash import Process
from benchmarks.warm import Warm
from knowledge.calendar import HERE
from letters import broadcast
from records import schema
from records.database import Database
from records.letters import Resident, ResidentAddress
from records.tables import ChannelName, Consent, Contact, Delivery, DeliveryState, Purpose
from tests.letters.bench import PEOPLE as STAFF
from tests.letters.bench import Bench
from tests.peers import TelegramPeer
from tests.peers.faults import Dialect, Fault, Faults

DRAFTED = datetime(2026, 12, 26, 9, 0, tzinfo=HERE)  # a week before New Year's Day
LEAVES = datetime(2027, 1, 1, 8, 30, tzinfo=HERE)
FIRST = 100_000  # the chat of the first resident
GREETING = "sendPhoto"


class Watched(Faults):
    """Faults that remember whom they hit, and forget what is heavy: twenty thousand pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.peer: TelegramPeer | None = None
        self.hit: set[int] = set()
        self.cut = 0
        self._calls, self._plan = 0, dict[int, Fault]()

    def strike_at(self, place: int, fault: Fault) -> None:
        """Let the greeting that comes as number *place* meet *fault*."""
        self._plan[place + 1] = fault

    async def surround(
        self,
        method: str,
        request: web.Request,
        dialect: Dialect,
        handle: Callable[[], Awaitable[web.Response]],
    ) -> web.Response:
        """Do as always; whatever was accepted is slimmed at once."""
        before = len(self.struck)
        if method == GREETING:
            self._calls += 1
            if self._calls in self._plan:
                self.next(method, self._plan[self._calls])

        async def seen() -> web.Response:
            struck = len(self.struck) > before  # nothing else ran since the fault was drawn
            try:
                answer = await handle()
            except ConnectionResetError:  # whoever sent it was killed while we read
                self.cut += method == GREETING
                return web.Response()
            if answer.status == 200:  # noqa: PLR2004  OK
                self._slim(struck=struck)
            return answer

        return await super().surround(method, request, dialect, seen)

    def _slim(self, *, struck: bool) -> None:
        """Called before anything else runs: what was accepted last is what this call brought."""
        peer = self.peer
        if peer is None or not peer.accepted:
            return
        last = peer.accepted[-1]
        if struck and last.method == GREETING:
            self.hit.add(int(last.chat_id))
        peer.accepted[-1] = replace(last, files={}, payload={})
        peer.calls.clear()
        peer._exchange.shelf.stored.clear()  # noqa: SLF001  the peer keeps every picture for ever
        peer._exchange.chats[int(last.chat_id)].messages.clear()  # noqa: SLF001  the same


class Crowd:
    """A ward of *people* on Telegram, a greeting that is signed, and the peer they hear it at."""

    def __init__(
        self,
        people: int,
        folder: Path,
        database_url: str,
        peer: TelegramPeer,
        *,
        warm: Warm | None = None,
    ) -> None:
        self.warm = warm
        self.people, self.folder, self.url, self.peer = people, folder, database_url, peer
        self.database = Database(database_url)
        self.bench = Bench(self.database, folder, DRAFTED)
        self.ahead = LEAVES - datetime.now(UTC)
        self.letter = 0
        watched = Watched()
        watched.peer, peer.faults = peer, watched
        self.faults = watched

    async def settle_in(self) -> None:
        """Fill the records, and let the greeting be signed a week ahead."""
        await schema.upgrade(self.database)
        await self.bench.hire()
        for number in range(1, len(STAFF) + 1):
            self.peer.person(number, "Cán bộ", started=True)
        async with self.database.writing() as db:
            rows = list(_rows(self.people))
            for table, at in ((Resident, 0), (ResidentAddress, 1), (Contact, 2), (Consent, 3)):
                await (await db.connection()).execute(insert(table), [row[at] for row in rows])
        for number in range(self.people):
            self.peer.person(FIRST + number, "Dân", started=True)
        async with self.bench.work() as work:
            await broadcast.draft_greetings(work)
        self.letter = (await self.bench.signed()).id or 0
        self.bench.now = LEAVES

    async def queue(self) -> float:
        """Queue everything as the tick does; return the seconds it took."""
        began = monotonic()
        await broadcast.push(self.bench.work)
        return monotonic() - began

    def process(self, per_second: float) -> "ByDay":
        """Return the office, not yet open, sending *per_second*."""
        return ByDay(self, per_second, self.warm)

    @property
    def reached(self) -> list[int]:
        """Return the chats a greeting reached, in order, as often as it did."""
        return [int(one.chat_id) for one in self.peer.accepted if one.method == GREETING]

    async def chats(self, *states: DeliveryState) -> set[int]:
        """Return the chats whose greeting is in one of *states*."""
        async with self.database.reading() as db:
            rows = await db.exec(
                select(Delivery.user).where(
                    col(Delivery.purpose) == Purpose.GREETING, col(Delivery.state).in_(states)
                )
            )
            return {int(user) for user in rows.all()}

    async def why(self, chats: set[int]) -> list[str]:
        """Return what is noted beside the greetings of *chats*."""
        async with self.database.reading() as db:
            users = [str(chat) for chat in chats]
            found = select(Delivery.error).where(
                col(Delivery.purpose) == Purpose.GREETING, col(Delivery.user).in_(users)
            )
            return [str(why) for why in (await db.exec(found)).all()]

    async def queued(self) -> int:
        """Return how many greetings were queued so far, whatever became of them."""
        async with self.database.reading() as db:
            mine = select(func.count()).where(col(Delivery.purpose) == Purpose.GREETING)
            return (await db.exec(mine)).one()

    async def under_way(self) -> bool:
        """Tell whether a greeting is queued or being sent."""
        open_ = select(Delivery.id).where(
            col(Delivery.channel) == ChannelName.TELEGRAM,
            col(Delivery.state).in_([DeliveryState.QUEUED, DeliveryState.SENDING]),
            col(Delivery.purpose) == Purpose.GREETING,
        )
        async with self.database.reading() as db:
            return (await db.exec(open_.limit(1))).first() is not None

    async def all_left(self, within: float) -> None:
        """Wait until no greeting is queued or under way."""
        async with asyncio.timeout(within):
            while await self.under_way():
                await asyncio.sleep(0.3)


class ByDay(Process):
    """The office, on New Year's morning."""

    def __init__(self, crowd: Crowd, per_second: float, warm: Warm | None) -> None:
        super().__init__(crowd.peer, crowd.folder, crowd.url, warm=warm)
        self.ahead_s = crowd.ahead.total_seconds()
        self._environment |= {
            "WARD_LIMITS__TELEGRAM_PER_SECOND": str(per_second),
            "WARD_LIMITS__MESSAGES_PER_PERSON_PER_MINUTE": "1000",
        }

    def memory_mb(self, what: str = "VmRSS") -> float:
        """Return how much of the machine's memory the process holds."""
        text = Path(f"/proc/{self.number}/status").read_text("ascii")
        found = re.search(rf"{what}:\s+(\d+) kB", text)
        return int(found[1]) / 1024 if found else 0


def _rows(people: int) -> Sequence[tuple[dict[str, object], ...]]:
    """Return resident, account, contact and consent of each."""
    return [_person(number) for number in range(people)]


def _person(number: int) -> tuple[dict[str, object], ...]:
    user, channel = str(FIRST + number), ChannelName.TELEGRAM
    name = f"Người Mẫu {number}"
    resident = {
        "id": number + 1,
        "name": name,
        "folded": name.lower(),
        "born_year": 1980,
        "added_at": DRAFTED,
    }
    account = {"channel": channel, "user": user, "resident_id": number + 1, "verified_at": DRAFTED}
    contact = {"channel": channel, "user": user, "heard_at": DRAFTED}
    said = {"purpose": Purpose.GREETING, "granted": True, "said_at": DRAFTED, "wording": "t-1"}
    return resident, account | {"verified_by": "quầy"}, contact, {"channel": channel, "user": user} | said
