"""To whom a greeting goes: the group a person approved, less everybody a stop holds back now.

**Members** are residents of the group with an account verified, both known, when the letter was signed.
The seal is over their ids and accounts, whether or not a stop holds them: somebody who opts
out, dies or mourns after the signature falls out, which is no change of what was approved. A
member who is gone or whose account is another's is a change; so is more than one newcomer in a
hundred. Newcomers get nothing: nobody approved writing to them. A changed audience voids the approval.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlmodel import col

from knowledge.greetings import Audience
from letters import keys
from letters.routes import FREE
from letters.work import Work
from records.letters import Household, Resident, ResidentAddress
from records.tables import ChannelName, Consent, Contact, Purpose

NEWCOMERS: Final = 0.01  # of the approved; more of them than this void the approval
ELDERLY_FROM: Final = 60  # Luật Người cao tuổi 39/2009/QH12, Điều 2; looked up 2026-11-20
YOUTH: Final = (16, 30)  # Luật Thanh niên 57/2020/QH14, Điều 1
CHILD_BELOW: Final = 16  # Luật Trẻ em 102/2016/QH13, Điều 1
GROWN_FROM: Final = 18
_FEMALE: Final = ("female", "nữ", "nu")


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What the approver sees before signing: how many by which way, who is left out and why."""

    by_channel: Mapping[ChannelName, int]
    mourning_households: int
    opted_out: int
    without_channel: int
    cost_vnd: int = 0  # nothing is sent outside the free windows

    @property
    def total(self) -> int:
        """Return to how many people it goes."""
        return sum(self.by_channel.values())


def _elderly(today: date) -> ColumnElement[bool]:
    return col(Resident.born_year) <= today.year - ELDERLY_FROM


def _youth(today: date) -> ColumnElement[bool]:
    return col(Resident.born_year).between(today.year - YOUTH[1], today.year - YOUTH[0])


def _parents(today: date) -> ColumnElement[bool]:
    """Grown-ups under one roof with a child: who of them is whose parent no register says."""
    child = Resident.__table__.alias("child")  # type: ignore[attr-defined]  # hidden by SQLModel
    return and_(
        col(Resident.born_year) <= today.year - GROWN_FROM,
        exists().where(
            child.c.household_id == col(Resident.household_id),
            child.c.born_year > today.year - CHILD_BELOW,
            child.c.deceased_on.is_(None),
        ),
    )


# A group can be chosen only from what the registers know anyway; the others need a list of their own.
GROUPS: Final[Mapping[str, Callable[[date], ColumnElement[bool]]]] = {
    Audience.EVERYONE: lambda _: literal(value=True),
    Audience.ELDERLY: _elderly,
    Audience.WOMEN: lambda _: col(Resident.gender).in_(_FEMALE),
    Audience.YOUTH: _youth,
    Audience.PARENTS: _parents,
}


def can_choose(audience: str) -> bool:
    """Tell whether the records can say who belongs to this group."""
    return audience in GROUPS


def _members(work: Work, audience: str, as_of: datetime) -> ColumnElement[bool]:
    group = GROUPS[audience](work.today)
    return and_(group, col(Resident.added_at) <= as_of, col(ResidentAddress.verified_at) <= as_of)


async def seal(work: Work, audience: str, as_of: datetime) -> tuple[str, int]:
    """Return the seal over the members at *as_of*, and how many residents they are."""
    rows = await (await work.db.connection()).execute(
        select(col(ResidentAddress.resident_id), col(ResidentAddress.channel), col(ResidentAddress.user))
        .join(Resident, col(Resident.id) == col(ResidentAddress.resident_id))
        .where(_members(work, audience, as_of))
        .order_by(col(ResidentAddress.resident_id), col(ResidentAddress.channel), col(ResidentAddress.user))
    )
    digest, people = hashlib.sha256(audience.encode()), set()
    for number, channel, user in rows:
        digest.update(f"\n{number}:{channel}:{user}".encode())
        people.add(number)
    return digest.hexdigest(), len(people)


async def newcomers(work: Work, audience: str, since: datetime) -> int:
    """Return how many belong to the group now and did not at *since*."""
    before = _members(work, audience, since)
    counted = await (await work.db.connection()).execute(
        select(func.count(func.distinct(col(ResidentAddress.resident_id))))
        .join(Resident, col(Resident.id) == col(ResidentAddress.resident_id))
        .where(_members(work, audience, work.now), ~before, col(Resident.deceased_on).is_(None))
    )
    return int(counted.scalar_one())


def chosen(work: Work, audience: str, as_of: datetime, window: tuple[int, int] | None = None) -> Subquery:
    """Return one account a resident: id, channel, user. Members only, and nobody a stop holds back.

    *window* takes residents with ids above the first and up to the second.
    """
    rank = case(
        {channel: place for place, channel in enumerate(keys.CHANNELS)}, value=col(ResidentAddress.channel)
    )
    best = func.row_number().over(
        partition_by=col(ResidentAddress.resident_id), order_by=(rank, col(ResidentAddress.user))
    )
    query = (
        select(
            col(ResidentAddress.resident_id).label("resident"),
            col(ResidentAddress.channel).label("channel"),
            col(ResidentAddress.user).label("user"),
            best.label("place"),
        )
        .join(Resident, col(Resident.id) == col(ResidentAddress.resident_id))
        .where(_members(work, audience, as_of), *_stops(work))
    )
    if window is not None:
        query = query.where(col(Resident.id) > window[0], col(Resident.id) <= window[1])
    return query.subquery()


def _stops(work: Work) -> list[ColumnElement[bool]]:
    """Alive, not in mourning, account open and reachable, agreed, and free to be written to."""
    return [
        col(Resident.deceased_on).is_(None),
        ~mourning(work),
        col(ResidentAddress.closed_at).is_(None),
        _reachable(work),
        _said(granted=True),
        ~_said_no_anywhere(),
    ]


def mourning(work: Work) -> ColumnElement[bool]:
    """Return what holds for a resident whose household mourns today."""
    return exists().where(
        col(Household.id) == col(Resident.household_id), col(Household.mourning_until) >= work.today
    )


def _reachable(work: Work) -> ColumnElement[bool]:
    known = and_(
        col(Contact.channel) == col(ResidentAddress.channel),
        col(Contact.user) == col(ResidentAddress.user),
        col(Contact.off_since).is_(None),
    )
    free = or_(
        col(ResidentAddress.channel).in_([ChannelName.TELEGRAM, ChannelName.WEB]),
        and_(col(ResidentAddress.channel) == ChannelName.ZALO, col(Contact.heard_at) >= work.now - FREE),
    )
    return exists().where(known, free)


def _said(*, granted: bool) -> ColumnElement[bool]:
    return exists().where(
        col(Consent.channel) == col(ResidentAddress.channel),
        col(Consent.user) == col(ResidentAddress.user),
        col(Consent.purpose) == Purpose.GREETING,
        col(Consent.granted).is_(granted),
    )


def _said_no_anywhere() -> ColumnElement[bool]:
    """Hold for a resident who said no on any account of theirs."""
    other = ResidentAddress.__table__.alias("other")  # type: ignore[attr-defined]  # hidden by SQLModel
    return exists().where(
        other.c.resident_id == col(Resident.id),
        other.c.closed_at.is_(None),
        col(Consent.channel) == other.c.channel,
        col(Consent.user) == other.c.user,
        col(Consent.purpose) == Purpose.GREETING,
        col(Consent.granted).is_(False),
    )


def rows_to_queue(letter_id: int, accounts: Subquery, common: Mapping[str, Any]) -> Select[Any]:
    """Return the rows of an INSERT … SELECT, a delivery for each of *accounts*."""
    prefix, colon = literal(f"letter:{letter_id}:r"), literal(":")
    named = prefix + cast(accounts.c.resident, String) + colon + cast(accounts.c.channel, String)
    return select(named, accounts.c.channel, accounts.c.user, *(value for value in common.values())).where(
        accounts.c.place == 1
    )


async def outlook(work: Work, audience: str) -> Outlook:
    """Return to how many it would go now, and who is left out."""
    connection = await work.db.connection()
    accounts = chosen(work, audience, work.now)
    counted = await connection.execute(
        select(accounts.c.channel, func.count()).where(accounts.c.place == 1).group_by(accounts.c.channel)
    )
    by_channel = {ChannelName(channel): number for channel, number in counted.all()}
    group = and_(GROUPS[audience](work.today), col(Resident.deceased_on).is_(None))
    houses = select(func.count(func.distinct(col(Resident.household_id)))).where(group, mourning(work))
    refused = select(func.count(col(Resident.id))).where(group, _said_no_anywhere())
    everybody = select(func.count(col(Resident.id))).where(group, ~mourning(work), ~_said_no_anywhere())
    mourn, out, rest = [int((await connection.execute(q)).scalar_one()) for q in (houses, refused, everybody)]
    return Outlook(
        by_channel=by_channel,
        mourning_households=mourn,
        opted_out=out,
        without_channel=max(0, rest - sum(by_channel.values())),
    )
