"""Ten seconds to take back what was done, as long as nothing left the house.

An act that can be taken back says how, in a row: the name of the way back and what it needs.
The ways back are one table; a desk adds its own to `WAYS`.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import update
from sqlmodel import col

from console.door import Door, post
from console.trouble import Refused
from console.visit import Visit
from records import sessions
from records.console import Undoable

SECONDS: Final = 10
SLACK: Final = timedelta(seconds=3)  # for the way of the click
Way = Callable[[Visit, Mapping[str, Any]], Awaitable[str]]  # returns where to go on
TOO_LATE: Final = Refused("Đã quá mười giây nên không hoàn tác được nữa. Việc vừa làm vẫn giữ nguyên.")
WAYS: Final[dict[str, Way]] = {}


def way(name: str) -> Callable[[Way], Way]:
    """Make a function the way back of the act called *name*."""

    def enter(back: Way) -> Way:
        WAYS[name] = back
        return back

    return enter


async def offer(visit: Visit, act: str, document: Mapping[str, Any]) -> None:
    """Let the next page offer to take back what is being done; call it before `visit.back`."""
    name = sessions.token()
    visit.db.add(
        Undoable(
            token=sessions.digest(name),
            staff_id=visit.person.id or 0,
            act=act,
            document=dict(document),
            until=visit.now + timedelta(seconds=SECONDS) + SLACK,
        )
    )
    await visit.db.flush()
    visit.undo = name


async def take_back(visit: Visit) -> web.Response:
    """Take back, once and in time, what this very person did."""
    key = sessions.digest(visit.said("token"))
    result = await (await visit.db.connection()).execute(
        update(Undoable)
        .where(
            col(Undoable.token) == key,
            col(Undoable.staff_id) == visit.person.id,
            col(Undoable.used_at).is_(None),
            col(Undoable.until) >= visit.now,
        )
        .values(used_at=visit.now)
        .returning(col(Undoable.act), col(Undoable.document))
    )
    found = result.first()
    if found is None or found.act not in WAYS:
        raise TOO_LATE
    place = await WAYS[found.act](visit, found.document)
    return visit.back(place, "Đã hoàn tác.")


DOORS: tuple[Door, ...] = (post("/hoan-tac", take_back),)
