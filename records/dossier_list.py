"""Dossiers as those who keep the register look through them: near their date, past it, ready; and one whole."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.letters import CivilEvent, Dossier, DossierState, DossierWatch, EventKind, Letter

SOON: Final = 3  # days to the promised date
MOST_COUNTED: Final = 1000  # more than anybody reads; a whole count of 100,000 takes its time


class Which(StrEnum):
    """Which dossiers somebody looks through."""

    SOON = "sap-han"
    LATE = "qua-han"
    READY = "co-ket-qua"
    STILL = "cho-bo-sung"
    ALL = "tat-ca"


_PRESSING: Final = frozenset({Which.SOON, Which.LATE})  # the nearest date first; the others by what came last


def _wanted(which: Which, today: date) -> list[ColumnElement[bool]]:
    working = col(Dossier.state) == DossierState.TAKEN
    due = col(Dossier.current_due_on)
    wanted: Mapping[Which, list[ColumnElement[bool]]] = {
        Which.SOON: [working, due >= today, due <= today + timedelta(days=SOON)],
        Which.LATE: [working, due < today],
        Which.READY: [col(Dossier.state) == DossierState.READY],
        Which.STILL: [col(Dossier.state).in_([DossierState.SUPPLEMENT, DossierState.SUSPENDED])],
        Which.ALL: [],
    }
    return wanted[which]


async def listed(
    db: AsyncSession, which: Which, today: date, *, most: int = 30, skip: int = 0
) -> list[Dossier]:
    """Return dossiers, the most pressing first, or the newest."""
    query = select(Dossier).where(*_wanted(which, today)).limit(most).offset(skip)
    if which in _PRESSING:
        query = query.order_by(col(Dossier.current_due_on), col(Dossier.id))
    else:
        query = query.order_by(col(Dossier.id).desc())
    return list((await db.exec(query)).all())


async def counted(db: AsyncSession, which: Which, today: date) -> int:
    """Return how many there are, at most `MOST_COUNTED`."""
    some = select(Dossier.id).where(*_wanted(which, today)).limit(MOST_COUNTED).subquery()
    return (await db.exec(select(func.count()).select_from(some))).one()


async def watchers(db: AsyncSession, rows: Sequence[Dossier]) -> dict[int, int]:
    """Return how many accounts wait for the result of each; those nobody waits for are left out."""
    found = await db.exec(
        select(col(DossierWatch.dossier_id), func.count())
        .where(col(DossierWatch.dossier_id).in_([row.id for row in rows]))
        .group_by(col(DossierWatch.dossier_id))
    )
    return dict(found.all())


async def events_of(db: AsyncSession, row: Dossier) -> list[tuple[CivilEvent, Letter | None]]:
    """Return what was noted about the promise of a dossier, and the letter that came of it, the oldest first."""
    heads = [f"{kind}:{row.receipt_code}:" for kind in (EventKind.DUE_SOON, EventKind.OVERDUE)]
    under = [(col(CivilEvent.key) >= head) & (col(CivilEvent.key) < head[:-1] + ";") for head in heads]
    found = await db.exec(
        select(CivilEvent, Letter)
        .outerjoin(Letter, col(Letter.event_id) == col(CivilEvent.id))
        .where(under[0] | under[1])
        .order_by(col(CivilEvent.id))
        .limit(20)
    )
    return [(event, letter) for event, letter in found.all()]
