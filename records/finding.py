"""Looking people of the register up: by name, telephone, receipt of a dossier, code of a case; and one person whole.

Whoever looks at somebody leaves a trace of it (`binding.seen`), with ids only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records import binding, dossiers, residents
from records.cases import DataRequest, Feedback
from records.importers.cells import READERS, Unread
from records.importers.titles import fold
from records.letters import (
    Dossier,
    Household,
    Letter,
    Recipient,
    Resident,
    ResidentAddress,
)
from records.tables import Address, ChannelName, Consent, Contact

MOST: Final = 50  # people shown at once; more are told to be looked for more exactly
SHORTEST: Final = 2  # letters of a name
FIGURES: Final = 8  # of a receipt code, at least: its day and a number; a name with a year has four
MOST_OF_A_QUARTER: Final = 1000  # looked through when a quarter was said: it is spelled in many ways
PER_PERSON: Final = 20  # letters, dossiers, cases on a person's page
_CASE = re.compile(r"\s*pa\d{2}-\d{3,6}-\d", re.IGNORECASE)
_PHONE = re.compile(r"\s*[+0][\d .\-]{8,16}")


@dataclass(frozen=True, kw_only=True)
class Found:
    """Who was found and how; `dossier` and `case` when the words named one."""

    how: str = ""  # "name" | "phone" | "dossier" | "case" | ""
    people: tuple[Resident, ...] = ()
    more: bool = False
    dossier: Dossier | None = None
    case: Feedback | None = None


async def find(db: AsyncSession, said: str, *, register: bool) -> Found:
    """Return whom *said* names; telephones, receipts and cases only for who keeps the register."""
    if register and _CASE.match(said):
        return await _by_case(db, said)
    if register and _PHONE.fullmatch(said):
        return await _by_phone(db, said)
    if (
        register
        and sum(letter.isdigit() for letter in said) >= FIGURES
        and (found := await _by_receipt(db, said))
    ):
        return found
    return await _by_name(db, said)


async def _by_case(db: AsyncSession, said: str) -> Found:
    code = said.strip().upper()[:20]
    case = (await db.exec(select(Feedback).where(col(Feedback.code) == code))).first()
    if case is None or case.channel is None or case.user is None:
        return Found(how="case", case=case)
    whose = await binding.owner(db, Address(ChannelName(case.channel), case.user))
    one = await db.get(Resident, whose.resident_id) if whose is not None else None
    return Found(how="case", case=case, people=(one,) if one is not None else ())


async def _by_phone(db: AsyncSession, said: str) -> Found:
    try:
        number = str(READERS["phone"](said))
    except Unread:
        return Found(how="phone")
    found = await db.exec(
        select(Resident).where(col(Resident.phone) == number).order_by(col(Resident.id)).limit(MOST)
    )
    return Found(how="phone", people=tuple(found.all()))


async def _by_receipt(db: AsyncSession, said: str) -> Found | None:
    row = await dossiers.by_code(db, said)
    if row is None:
        return None
    one = await db.get(Resident, row.applicant_id) if row.applicant_id is not None else None
    return Found(how="dossier", dossier=row, people=(one,) if one is not None else ())


async def _by_name(db: AsyncSession, said: str) -> Found:
    """Find by the beginning of the name; when nobody begins so, by any part of it."""
    wanted = binding.wanted(said)
    folded = fold(wanted.name)[:100]
    if len(folded) < SHORTEST:
        return Found()
    name = col(Resident.folded)
    begins = (name >= folded) & (name < folded + "\uffff") & name.startswith(folded, autoescape=True)
    for which in (begins, name.contains(folded, autoescape=True)):
        query = select(Resident).where(which).order_by(col(Resident.folded), col(Resident.born_year))
        if wanted.year:
            query = query.where((col(Resident.born_year) == wanted.year) | col(Resident.born_year).is_(None))
        rows = list((await db.exec(query.limit(MOST_OF_A_QUARTER if wanted.quarter else MOST + 1))).all())
        fits = [row for row in rows if _lives_there(row, wanted.quarter)]
        if rows:
            return Found(how="name", people=tuple(fits[:MOST]), more=len(fits) > MOST)
    return Found(how="name")


def _lives_there(row: Resident, quarter: str) -> bool:
    return not (row.quarter and quarter) or residents.same_quarter(row.quarter, quarter)


async def bound(db: AsyncSession, people: Sequence[Resident]) -> dict[int, int]:
    """Return how many open accounts each of *people* has; those with none are left out."""
    found = await db.exec(
        select(col(ResidentAddress.resident_id), func.count())
        .where(
            col(ResidentAddress.resident_id).in_([one.id for one in people]),
            col(ResidentAddress.closed_at).is_(None),
            col(ResidentAddress.verified_at).is_not(None),
        )
        .group_by(col(ResidentAddress.resident_id))
    )
    return dict(found.all())


# --- one person ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Account:
    """A chat account of somebody: what they agreed to, and whether it can be reached."""

    row: ResidentAddress
    name: str
    consents: tuple[Consent, ...]
    off: bool


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A person as the register has them, and who lives with them."""

    one: Resident
    house: Household | None
    members: tuple[Resident, ...]
    accounts: tuple[Account, ...]
    requests: tuple[DataRequest, ...] = field(default_factory=tuple)

    @property
    def open_accounts(self) -> list[Address]:
        """Return the accounts that are theirs now."""
        return [
            Address(ChannelName(account.row.channel), account.row.user)
            for account in self.accounts
            if account.row.closed_at is None
        ]


async def whole(db: AsyncSession, number: int) -> Whole | None:
    """Return everything the register says of one person; None where there is no such person."""
    one = await db.get(Resident, number)
    if one is None:
        return None
    house = await db.get(Household, one.household_id) if one.household_id is not None else None
    rows = await binding.accounts(db, number)
    return Whole(
        one=one,
        house=house,
        members=await _members(db, one),
        accounts=await _accounts(db, rows),
        requests=await _requests(db, rows),
    )


async def _members(db: AsyncSession, one: Resident) -> tuple[Resident, ...]:
    if one.household_id is None:
        return ()
    found = await db.exec(
        select(Resident)
        .where(col(Resident.household_id) == one.household_id, col(Resident.id) != one.id)
        .order_by(col(Resident.born_year), col(Resident.id))
        .limit(MOST)
    )
    return tuple(found.all())


async def _accounts(db: AsyncSession, rows: Sequence[ResidentAddress]) -> tuple[Account, ...]:
    channels, users = {row.channel for row in rows}, [row.user for row in rows]
    said = await db.exec(
        select(Consent).where(col(Consent.channel).in_(channels), col(Consent.user).in_(users))
    )
    agreed = list(said.all())
    met = await db.exec(
        select(Contact).where(col(Contact.channel).in_(channels), col(Contact.user).in_(users))
    )
    off = {(one.channel, one.user) for one in met.all() if one.off_since is not None}
    return tuple(
        Account(
            row=row,
            name=binding.name(db, Address(ChannelName(row.channel), row.user)),
            consents=tuple(one for one in agreed if (one.channel, one.user) == (row.channel, row.user)),
            off=(row.channel, row.user) in off,
        )
        for row in rows
    )


async def _requests(db: AsyncSession, rows: Sequence[ResidentAddress]) -> tuple[DataRequest, ...]:
    """Return what their accounts asked about data."""
    if not rows:
        return ()
    found = await db.exec(
        select(DataRequest)
        .where(col(DataRequest.user).in_([row.user for row in rows]))
        .order_by(col(DataRequest.id).desc())
        .limit(PER_PERSON)
    )
    theirs = {(row.channel, row.user) for row in rows}
    return tuple(row for row in found.all() if (row.channel, row.user) in theirs)


async def letters_to(db: AsyncSession, number: int) -> list[tuple[Letter, Recipient]]:
    """Return the letters to one person, the newest first."""
    found = await db.exec(
        select(Letter, Recipient)
        .join(Recipient, col(Recipient.letter_id) == col(Letter.id))
        .where(col(Recipient.resident_id) == number)
        .order_by(col(Letter.id).desc())
        .limit(PER_PERSON)
    )
    return [(letter, row) for letter, row in found.all()]


async def dossiers_of(db: AsyncSession, number: int) -> list[Dossier]:
    """Return the dossiers one person handed in, the newest first."""
    found = await db.exec(
        select(Dossier)
        .where(col(Dossier.applicant_id) == number)
        .order_by(col(Dossier.taken_on).desc())
        .limit(PER_PERSON)
    )
    return list(found.all())


async def owners(db: AsyncSession, who: Sequence[Address]) -> dict[Address, int]:
    """Return whose accounts these are, as far as somebody has verified it."""
    found = await db.exec(
        select(ResidentAddress).where(
            col(ResidentAddress.channel).in_({one.channel for one in who}),
            col(ResidentAddress.user).in_({one.user for one in who}),
            col(ResidentAddress.closed_at).is_(None),
        )
    )
    known = {Address(ChannelName(row.channel), row.user): row.resident_id for row in found.all()}
    return {one: known[one] for one in who if one in known}
