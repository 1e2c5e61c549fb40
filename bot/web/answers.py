"""What the outbox holds for one session, and how a page is told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.web.photos import PATH
from handlers.talk import plain
from knowledge import wording
from knowledge.wording import CHOOSE
from records.database import Database
from records.tables import ChannelName, Delivery, DeliveryState

SHOWN = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.SEEN)
MOST = 200  # what a page keeps
OVERLAP = timedelta(minutes=2)  # rows are written a little after the time they carry, and clocks differ

Mark = tuple[int, int | None]  # how many deliveries a session has been sent, and the newest id


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One delivery as a page shows it."""

    id: int
    key: str
    text: str
    choices: list[list[str]]
    photos: list[str]
    at: datetime | None

    def event(self) -> bytes:
        """Return it as a server-sent event named by the delivery's id.

        `text` is what every channel gets. A page shows `words`, and the `lines` of the list on
        its buttons: what may be chosen stands there once.
        """
        words, lines = parted(self.text, len(self.choices))
        data = {
            "id": self.id,
            "text": segments(self.text),
            "words": segments(words),
            "choices": [{"label": plain(label), "say": say} for label, say in self.choices],
            "lines": list(map(plain, lines)),
            "photos": [PATH + name for name in self.photos],
            "at": self.at.isoformat() if self.at else None,
        }
        return f"id: {self.id}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def segments(text: str) -> list[dict[str, Any]]:
    r"""Return *text* cut where it begins or ends to stand out.

    >>> segments("Lệ phí: \x02không thu\x03.")
    [{'text': 'Lệ phí: ', 'bold': False}, {'text': 'không thu', 'bold': True}, {'text': '.', 'bold': False}]
    """
    return [{"text": part, "bold": bold} for part, bold in wording.segments(text)]


def parted(text: str, count: int) -> tuple[str, list[str]]:
    r"""Return *text* without the list of its *count* choices, and the lines of that list.

    A text without the whole list stays as it is: a long one may have been cut.

    >>> parted("Loại nào ạ?\n\nChọn hoặc gõ số:\n1. Cư trú\n2. Loại khác", 2)
    ('Loại nào ạ?', ['Cư trú', 'Loại khác'])
    """
    words, _, listed = text.rpartition(f"\n\n{CHOOSE}\n")
    lines, numbers = listed.split("\n"), [f"{number}. " for number in range(1, count + 1)]
    if not words or len(lines) != count or not all(map(str.startswith, lines, numbers)):
        return text, []
    return words, list(map(str.removeprefix, lines, numbers))


class Reader:
    """What one open page has been told so far, and therefore what is new.

    The order of sending is not the order of ids: a letter written last week may leave today.
    So what was told is remembered by id, and rows are looked up by when they were sent.
    """

    def __init__(self, user: str) -> None:
        self.user = user
        self._told: set[int] = set()
        self._since: datetime | None = None

    async def resume(self, db: AsyncSession, after: int) -> None:
        """Begin behind delivery *after*; at the beginning when it is not this session's."""
        query = select(Delivery.sent_at).where(col(Delivery.id) == after, _of(self.user))
        sent_at = (await db.exec(query)).first()
        if sent_at is not None:
            self._told.add(after)
            self._since = sent_at - OVERLAP

    async def news(self, db: AsyncSession, accepted: set[str]) -> list[Answer]:
        """Return what has not been told, in the order it was sent, and count it as told.

        *accepted* are keys the channel has just sent, whose rows say so only in a moment;
        those found are taken out of the set.
        """
        found = [row for row in await self._look(db, accepted) if row.id not in self._told]
        self._told.update(row.id for row in found)
        accepted.difference_update(row.key for row in found)
        times = [row.at - OVERLAP for row in found if row.at]
        self._since = max([*times, self._since] if self._since else times, default=None)
        return found

    async def _look(self, db: AsyncSession, accepted: set[str]) -> Sequence[Answer]:
        sent_at = col(Delivery.sent_at)
        sent: ColumnElement[bool] = col(Delivery.state).in_(SHOWN)
        if self._since is not None:
            sent = and_(sent, or_(sent_at.is_(None), sent_at >= self._since))
        query = (
            select(Delivery)
            .where(_of(self.user), or_(sent, col(Delivery.key).in_(list(accepted))))
            .order_by(sent_at.desc().nulls_first(), col(Delivery.id).desc())
            .limit(MOST)
        )
        rows = (await db.exec(query)).all()
        return [_answer(row) for row in reversed(rows) if row.text or row.attachments]


def _answer(row: Delivery) -> Answer:
    return Answer(
        id=row.id or 0,
        key=row.key,
        text=row.text or "",
        choices=row.choices,
        photos=row.attachments,
        at=row.sent_at,
    )


async def marks(database: Database, users: Sequence[str]) -> dict[str, Mark]:
    """Return for each of *users* a mark that changes when something new was sent to them."""
    user = col(Delivery.user)
    query = (
        select(user, func.count(), func.max(Delivery.id))
        .where(Delivery.channel == ChannelName.WEB, user.in_(users), col(Delivery.state).in_(SHOWN))
        .group_by(user)
    )
    async with database.reading() as db:
        return {name: (count, newest) for name, count, newest in (await db.exec(query)).all()}


def _of(user: str) -> ColumnElement[bool]:
    return and_(col(Delivery.channel) == ChannelName.WEB, col(Delivery.user) == user)
