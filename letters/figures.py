"""How many letters of each kind were signed in a time, and by which way they reached people."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.letters import Letter, LetterState, Recipient, Route


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of letter: how many were signed, to how many people, by which ways."""

    template: str
    signed: int
    halted: int
    people: int
    by_route: dict[Route, int]


async def by_kind(db: AsyncSession, since: datetime, before: datetime) -> list[Kind]:
    """Return the kinds of letters signed from *since* until just *before*, the most frequent first."""
    inside = (col(Letter.signed_at) >= since, col(Letter.signed_at) < before)
    signed = await db.exec(
        select(Letter.template, Letter.state, func.count())
        .where(*inside)
        .group_by(col(Letter.template), col(Letter.state))
    )
    ways = await db.exec(
        select(Letter.template, Recipient.route, func.count())
        .join(Recipient, col(Recipient.letter_id) == col(Letter.id))
        .where(*inside)
        .group_by(col(Letter.template), col(Recipient.route))
    )
    counts: dict[str, list[int]] = {}
    for template, state, times in signed.all():
        row = counts.setdefault(template, [0, 0])
        row[0] += times
        row[1] += times if state == LetterState.HALTED else 0
    routes: dict[str, dict[Route, int]] = {}
    for template, route, times in ways.all():
        routes.setdefault(template, {})[Route(route)] = times
    kinds = [
        Kind(
            template=template,
            signed=row[0],
            halted=row[1],
            people=sum(routes.get(template, {}).values()),
            by_route=routes.get(template, {}),
        )
        for template, row in counts.items()
    ]
    return sorted(kinds, key=lambda kind: (-kind.signed, kind.template))
