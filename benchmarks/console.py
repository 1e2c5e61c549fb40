"""The console over a full house: 100,000 cases, 50,000 letters, 200,000 deliveries; time and queries of every list.

    python -m benchmarks.console [--cases N] [--letters N] [--deliveries N]

Time is what the server needs, measured at its door over loopback, the median of some rounds.
Ends with 1 when a list or a search needs longer than was promised.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert

os.environ.setdefault("PTB_TIMEDELTA", "1")

from console.door import Who
from console.doors import DOORS
from knowledge.fold import fold
from records.cases import EntryKind, Feedback, FeedbackEntry, FeedbackState, Permission, Source
from records.database import Database
from records.letters import (
    CivilEvent,
    Dossier,
    DossierState,
    EventKind,
    Letter,
    LetterState,
    Recipient,
    Resident,
    Route,
)
from records.tables import ChannelName, Delivery, DeliveryState, Purpose, Trace
from tests.console.bench import Browser, Console, open_console

PROMISED_MS = 150
ROUNDS = 7
AT_ONCE = 5000
DESKS = ("do_thi", "dia_chinh", "van_hoa", "hanh_chinh_cong", "cong_an")
CATEGORIES = ("waste", "lighting", "noise", "urban_order", "construction", "other")
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Minh", "Ngọc", "Phúc", "Quân")


def _cases(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    states = list(FeedbackState)
    for number in range(1, count + 1):
        taken = now - timedelta(minutes=5 * (count - number))
        state = states[number % len(states)] if number > count - 3000 else FeedbackState.CLOSED
        yield {
            "id": number,
            "code": f"PA26-{number:06}-{number % 10}",
            "year": 2026,
            "number": number,
            "draft": f"d{number}",
            "kind": "report",
            "source": list(Source)[number % 3],
            "channel": ChannelName.WEB,
            "user": f"u{number % 9000}",
            "title": f"Rác đổ ở hẻm {number % 400}",
            "text": "Rác để nhiều ngày chưa thu gom, mùi hôi bay vào nhà dân.",
            "public_text": "Rác để nhiều ngày chưa thu gom.",
            "category": CATEGORIES[number % len(CATEGORIES)],
            "level": "normal",
            "place": f"hẻm {number % 400}",
            "desk": DESKS[number % len(DESKS)],
            "state": state,
            "taken_at": taken,
            "clock_from": taken,
            "due_at": taken + timedelta(days=3),
            "first_due_at": taken + timedelta(days=3),
            "answered_at": taken + timedelta(days=2) if state is FeedbackState.CLOSED else None,
            "closed_at": taken + timedelta(days=5) if state is FeedbackState.CLOSED else None,
            "rating": number % 4 or None,
        }


def _entries(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        at = now - timedelta(minutes=5 * (count - number))
        yield {
            "feedback_id": number,
            "kind": EntryKind.SAID,
            "text": "Rác nhiều ngày",
            "public": True,
            "at": at,
        }
        yield {"feedback_id": number, "kind": EntryKind.ANSWER, "text": "Đã dọn", "public": True, "at": at}


def _residents(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        name = f"{FAMILY[number % 8]} Thị {GIVEN[number % 12]} {GIVEN[number // 12 % 12]}"
        yield {
            "id": number,
            "name": name,
            "folded": fold(name),
            "born_year": 1930 + number % 90,
            "quarter": f"khu phố {number % 20}",
            "phone": f"0900{number:06}",
            "added_at": now,
        }


def _events(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "id": number,
            "key": f"birth:{number}",
            "kind": EventKind.BIRTH,
            "happened_on": now.date(),
            "facts": {},
            "facts_sha256": "0" * 64,
            "noted_at": now,
            "changed_at": now,
            "considered_at": now,
        }


def _letters(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    states = list(LetterState)
    for number in range(1, count + 1):
        signed = number <= count - 500
        state = LetterState.FINISHED if signed else states[number % 3]
        at = now - timedelta(minutes=10 * (count - number))
        yield {
            "id": number,
            "event_id": number,
            "event_revision": 1,
            "template": "birth_congratulation",
            "state": state,
            "facts": {},
            "text": None,
            "year": 2026 if signed else None,
            "number": number if signed else None,
            "drafted_at": at,
            "signed_at": at if signed else None,
            "due_at": at,
            "finished_at": at if signed else None,
        }


def _recipients(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "letter_id": number,
            "place": 0,
            "resident_id": number % 20000 + 1,
            "candidates": [],
            "name": f"{FAMILY[number % 8]} Thị {GIVEN[number % 12]}",
            "quarter": f"khu phố {number % 20}",
            "route": Route.PAPER if number % 3 else Route.CHAT,
        }


def _dossiers(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "receipt_code": f"H99.26-{number:06}",
            "procedure_name": "Đăng ký khai sinh",
            "applicant_name": f"{FAMILY[number % 8]} Thị {GIVEN[number % 12]}",
            "state": list(DossierState)[number % 7],
            "taken_on": now.date(),
            "current_due_on": now.date() + timedelta(days=number % 30 - 15),
            "original_due_on": now.date(),
            "changed_at": now,
        }


def _deliveries(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    purposes = list(Purpose)
    for number in range(1, count + 1):
        doubtful = number % 20_000 == 0
        yield {
            "key": f"k{number}",
            "channel": ChannelName.WEB,
            "user": f"u{number % 9000}",
            "purpose": purposes[number % len(purposes)],
            "urgency": int(purposes[number % len(purposes)].urgency),
            "text": "Lời chúc",
            "choices": [],
            "attachments": [],
            "state": DeliveryState.DOUBTFUL if doubtful else DeliveryState.SENT,
            "created_at": now,
            "due_at": now,
        }


def _traces(count: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "who": "cao.xuan.khang",
            "what": "feedback.viewed",
            "object": f"feedback:{number}",
            "detail": {},
            "at": now,
        }


async def _fill(database: Database, table: Any, rows: Iterator[Mapping[str, Any]]) -> None:
    batch: list[Mapping[str, Any]] = []
    async with database.writing() as db:
        connection = await db.connection()
        for row in rows:
            batch.append(row)
            if len(batch) == AT_ONCE:
                await connection.execute(insert(table), batch)
                batch = []
        if batch:
            await connection.execute(insert(table), batch)


async def _fill_house(console: Console, asked: argparse.Namespace) -> None:
    database, now = console.office.database, console.clock()
    await _fill(database, Feedback, _cases(asked.cases, now))
    await _fill(database, FeedbackEntry, _entries(asked.cases, now))
    await _fill(database, Resident, _residents(20_000, now))
    await _fill(database, CivilEvent, _events(asked.letters, now))
    await _fill(database, Letter, _letters(asked.letters, now))
    await _fill(database, Recipient, _recipients(asked.letters))
    await _fill(database, Dossier, _dossiers(10_000, now))
    await _fill(database, Delivery, _deliveries(asked.deliveries, now))
    await _fill(database, Trace, _traces(100_000, now))


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Give a list that grows by every question put to the database."""
    asked: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement)

    engines = {database.engine.sync_engine, database._reader.sync_engine}  # noqa: SLF001  both see questions
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def lists() -> list[str]:
    """Return every page without a number in its address, and searches."""
    plain = [
        door.path
        for door in DOORS
        if door.method == "GET"
        and "{" not in door.path
        and door.needs is not Who.ANYBODY
        and not door.alone
        and not door.path.startswith("/tai-khoan/ma")
    ]
    return [
        *plain,
        "/phan-anh?tu=hem+37",
        "/phan-anh?trang=40",
        "/phan-anh?hen=tre",
        "/nguoi-dan?tim=nguyen+thi+an",
        "/nguoi-dan?tim=0900000042",
        "/thu?trang=30",
        "/bao-cao?ky=nam",
        "/nhat-ky?loai=feedback&trang=100",
    ]


async def _timed(browser: Browser, path: str) -> tuple[int, float]:
    took: list[float] = []
    status = 0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = await browser.get(path)
        took.append((time.perf_counter() - start) * 1000)
        status = answer.status
    return status, statistics.median(took)


async def main(arguments: list[str]) -> int:
    """Fill a house, look at every list, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--letters", type=int, default=50_000)
    parser.add_argument("--deliveries", type=int, default=200_000)
    asked = parser.parse_args(arguments)
    slow = 0
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        async with open_console(Path(folder), lambda: datetime.now(UTC)) as console:
            await _fill_house(console, asked)
            await console.hire("all", *Permission)
            browser = await console.enter("all")
            print(f"filled in {time.perf_counter() - start:.0f} s")
            print(f"{'page':44} {'status':>6} {'ms':>8} {'queries':>8}")
            for path in lists():
                status, took = await _timed(browser, path)
                with counted(console.office.database) as questions:
                    await browser.get(path)
                late = took > PROMISED_MS and not path.startswith("/bao-cao")  # a report is no list
                slow += late
                print(f"{path:44} {status:6} {took:8.1f} {len(questions):8}{'  SLOW' if late else ''}")
    print(f"{slow} pages needed more than {PROMISED_MS} ms")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
