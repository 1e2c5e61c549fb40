"""Six cases of a month, each with another end."""

from datetime import timedelta
from typing import Any

from records import tallies
from records.cases import EntryKind, Feedback, FeedbackEntry, FeedbackState, Source
from records.database import Database
from records.tables import Address, ChannelName
from tests.conftest import WallClock


def a_case(number: int, clock: WallClock, **told: Any) -> Feedback:
    taken = clock() - timedelta(days=3)
    known: dict[str, Any] = {
        "code": f"PA26-{number:04}-0",
        "year": 2026,
        "number": number,
        "draft": f"draft-{number}",
        "kind": "report",
        "source": Source.WEB,
        "category": "waste",
        "level": "normal",
        "desk": "urban",
        "taken_at": taken,
        "clock_from": taken,
        "due_at": clock() - timedelta(days=1),
        "first_due_at": clock() - timedelta(days=1),
    }
    return Feedback(**(known | told))


async def fill(database: Database, clock: WallClock) -> None:
    """Two answered in time, one late, one open and late, one open in time, one reopened, one passed on."""
    on_time = {"state": FeedbackState.CLOSED, "answered_at": clock() - timedelta(days=2), "rating": 1}
    cases = [
        a_case(1, clock, **on_time),
        a_case(2, clock, **on_time, cycle=1),
        a_case(3, clock, state=FeedbackState.ANSWERED, answered_at=clock() - timedelta(hours=2)),
        a_case(4, clock, state=FeedbackState.ASSIGNED, desk="police", category="noise"),
        a_case(5, clock, state=FeedbackState.NEW, due_at=clock() + timedelta(days=1)),
        a_case(6, clock, state=FeedbackState.REFERRED, source=Source.PHONE),
    ]
    async with database.writing() as db:
        db.add_all(cases)
        await db.flush()
        for case, hours in zip(cases[:3], (24, 24, 70), strict=True):
            at = case.taken_at + timedelta(hours=hours)
            db.add(FeedbackEntry(feedback_id=case.id or 0, kind=EntryKind.ANSWER, at=at, public=True))
        for who in ("a", "b", "c"):
            await tallies.count(db, "lookup.sure", Address(ChannelName.WEB, who), clock().date())
        await tallies.count(db, "lookup.none", Address(ChannelName.ZALO, "a"), clock().date())
