"""People as the ward's registers know them: found by three keys or more, or not at all.

Name, year of birth, and quarter or address must agree; a whole date of birth and a sex must not
contradict. Two who fit are never chosen between: both are handed back, for a person to tell
apart. A chat account is never bound here: what a register says of a phone proves nothing.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.importers.titles import fold
from records.letters import Household, Resident, ResidentAddress

MOURNING_DAYS = 49  # the custom of forty-nine days; the ward may set its own
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MARK = re.compile(r"[\u0300-\u036f]")
_QUARTER_KINDS = {  # folded words of a register → the kind of neighbourhood they name
    "to dan pho": "to",
    "tdp": "to",
    "to": "to",
    "khu pho": "kp",
    "kp": "kp",
    "khu dan cu": "kdc",
    "kdc": "kdc",
    "thon": "thon",
    "ap": "ap",
    "xom": "xom",
    "so": "",
    "": "",
}
_QUARTER = re.compile(r"(\D*?)\s*0*(\d{1,3})")


@dataclass(frozen=True, kw_only=True)
class Person:
    """What one row of a register tells of a person. `phone` is kept to be called, never to be trusted."""

    name: str
    born_year: int | None = None
    born_on: date | None = None
    gender: str = ""
    quarter: str = ""
    address: str = ""
    phone: str = ""

    @property
    def year(self) -> int | None:
        """Return the year of birth, from the date when there is one."""
        return self.born_on.year if self.born_on else self.born_year

    @property
    def enough(self) -> bool:
        """Tell whether three keys are known, without which nobody is chosen."""
        return bool(self.name and self.year and (self.quarter or self.address))


@dataclass(frozen=True, kw_only=True)
class Found:
    """Who is meant: `resident` when exactly one fits, else nobody; `candidates` are all who may be.

    `made`: nobody was there before. `changes` names what the register knew better.
    """

    resident: Resident | None = None
    candidates: tuple[Resident, ...] = ()
    made: bool = False
    changes: tuple[str, ...] = ()


# --- who fits ------------------------------------------------------------------------------------


async def fitting(db: AsyncSession, person: Person) -> Found:
    """Find who *person* is among the residents.

    With fewer than three keys nobody is chosen: those who fit what is known are candidates. So
    is somebody whose house has another number.
    """
    fits = await _candidates(db, person)
    alone = len(fits) == 1 and person.enough and _all_three(fits[0], person)
    chosen = fits[0] if alone and not _elsewhere(fits[0], person) else None
    return Found(resident=chosen, candidates=fits)


async def applicant(db: AsyncSession, person: Person) -> Resident | None:
    """Return the one living resident a paper's *person* is: by telephone, day of birth, or three keys.

    Never by a name alone, nor by a name and a year; of two who fit, nobody.
    """
    living = [row for row in await _candidates(db, person) if row.deceased_on is None]
    proven = [row for row in living if _proven(row, person)]
    return proven[0] if len(proven) == 1 else None


def _proven(row: Resident, person: Person) -> bool:
    """Tell whether something besides the name agrees that few people share."""
    same_phone = bool(person.phone) and row.phone == person.phone
    same_day = person.born_on is not None and row.born_on == person.born_on
    return same_phone or same_day or (_all_three(row, person) and not _elsewhere(row, person))


async def _candidates(db: AsyncSession, person: Person) -> tuple[Resident, ...]:
    found = await db.exec(
        select(Resident)
        .where(col(Resident.folded) == fold(person.name)[:100])
        .order_by(col(Resident.id))
        .execution_options(populate_existing=True)
    )
    return tuple(row for row in found.all() if _may_be(row, person))


def _may_be(row: Resident, person: Person) -> bool:
    """Tell whether nothing we know speaks against it."""
    if not same_name(row.name, person.name) or (row.gender and person.gender not in ("", row.gender)):
        return False
    if row.born_on and person.born_on and row.born_on != person.born_on:
        return False
    if row.born_year and person.year and row.born_year != person.year:
        return False
    return _same_place(row, person) is not False


def _all_three(row: Resident, person: Person) -> bool:
    """Tell whether name, year and place are known of both, and agree."""
    return bool(row.born_year and person.year) and _same_place(row, person) is True


def _same_place(row: Resident, person: Person) -> bool | None:
    """Tell whether the third key agrees: the quarter where both are known, else the address; None: unknown."""
    if row.quarter and person.quarter:
        return same_quarter(row.quarter, person.quarter)
    if row.address and person.address:
        return fold(row.address) == fold(person.address)
    return None


def _elsewhere(row: Resident, person: Person) -> bool:
    """Tell whether the two addresses have different numbers: perhaps another house."""
    one, other = (re.findall(r"\d+", address) for address in (row.address, person.address))
    return bool(one and other and one != other)


def same_name(one: str, other: str) -> bool:
    """Tell whether two spellings are one name: marks must agree, unless a whole name has none.

    >>> same_name("Lê Thị Hoà", "LÊ THỊ HÒA"), same_name("Lê Thị Hòa", "Lê Thị Hoa")
    (True, False)
    """
    if fold(one) != fold(other):
        return False
    bare = any(not _MARK.search(unicodedata.normalize("NFD", name)) for name in (one, other))
    return bare or _spelled(one) == _spelled(other)


def _spelled(name: str) -> list[tuple[str, list[str]]]:
    """Return each word's letters without tones, and its tones apart: where a tone stands does not matter."""
    words = unicodedata.normalize("NFD", name.lower()).split()
    return [
        ("".join(letter for letter in word if letter not in _TONES), [t for t in word if t in _TONES])
        for word in words
    ]


def same_quarter(one: str, other: str) -> bool:
    """Tell whether two spellings are one neighbourhood.

    >>> same_quarter("TDP 3", "Tổ dân phố số 03"), same_quarter("TDP 3", "KP 3")
    (True, False)
    """
    (kind, number), (its_kind, its_number) = _quarter(one), _quarter(other)
    if not number or not its_number:
        return fold(one) == fold(other)
    return number == its_number and (kind == its_kind or not kind or not its_kind)


def _quarter(text: str) -> tuple[str, str]:
    folded = fold(text)
    found = _QUARTER.fullmatch(folded)
    words = found[1].strip().removesuffix(" so") if found else ""
    if found is None or words not in _QUARTER_KINDS:
        return "", ""
    return _QUARTER_KINDS[words], found[2]


# --- from a register -----------------------------------------------------------------------------


async def find_or_make(db: AsyncSession, person: Person, now: datetime, taken: Collection[int] = ()) -> Found:
    """Return the resident *person* is, made when nobody fits; nobody when it cannot be told.

    *taken* are those other rows of the same register stand for: one person has one row.
    """
    fits = tuple(row for row in await _candidates(db, person) if row.id not in taken)
    chosen = _entry_of(fits, person)
    if chosen is not None:
        return await _learn(db, chosen, person)
    if fits or not person.enough:
        return Found(candidates=fits)
    return await _make(db, person, now)


def _entry_of(fits: Sequence[Resident], person: Person) -> Resident | None:
    """Return whose entry this is: the only one who fits, or the only one of that house or day of birth."""
    known = [row for row in fits if _all_three(row, person)]
    if len(known) != len(fits):
        return None
    near = [row for row in known if not _elsewhere(row, person)]
    born = [row for row in known if person.born_on and row.born_on == person.born_on]
    return next((some[0] for some in (near, born) if len(some) == 1), None)


async def _make(db: AsyncSession, person: Person, now: datetime) -> Found:
    row = Resident(
        name=person.name[:100],
        folded=fold(person.name)[:100],
        gender=person.gender,
        born_year=person.year,
        born_on=person.born_on,
        quarter=person.quarter[:40],
        address=person.address[:300],
        phone=person.phone[:20],
        added_at=now,
    )
    db.add(row)
    await db.flush()
    return Found(resident=row, candidates=(row,), made=True)


async def _learn(db: AsyncSession, row: Resident, person: Person) -> Found:
    """Take what the register knows and we did not, or knows anew; of the dead nothing is learned."""
    if row.deceased_on is not None:
        return Found(resident=row, candidates=(row,))
    told: dict[str, object] = {
        "name": person.name if fold(person.name) != person.name.lower() else "",  # no marks, no news
        "gender": person.gender,
        "born_on": person.born_on,
        "address": person.address[:300],
        "phone": person.phone[:20],
    }
    changes = tuple(name for name, value in told.items() if value and value != getattr(row, name))
    for name in changes:
        setattr(row, name, told[name])
    if changes:
        db.add(row)
        await db.flush()
    return Found(resident=row, candidates=(row,), changes=changes)


async def house(db: AsyncSession, row: Resident, with_them: Resident | None = None) -> bool:
    """Put *row* under a roof: that of *with_them*, else that of its quarter and address; tell whether it moved."""
    household = await _roof(db, row, with_them)
    if household is None or household == row.household_id:
        return False
    row.household_id = household
    db.add(row)
    await db.flush()
    return True


async def _roof(db: AsyncSession, row: Resident, with_them: Resident | None) -> int | None:
    if with_them is not None and with_them.household_id is not None:
        return with_them.household_id
    if row.household_id is not None or not (row.address or with_them is not None):
        return row.household_id
    if row.address:
        near = await db.exec(select(Household).where(col(Household.address) == row.address))
        for known in near.all():
            if same_quarter(known.quarter, row.quarter):
                return known.id
    fresh = Household(quarter=row.quarter, address=row.address)
    db.add(fresh)
    await db.flush()
    return fresh.id


# --- death ---------------------------------------------------------------------------------------


async def note_death(
    db: AsyncSession, row: Resident, died_on: date, now: datetime, *, mourning_days: int = MOURNING_DAYS
) -> bool:
    """Note that *row* died: accounts are closed, the household mourns. False when it was known so."""
    if row.deceased_on == died_on:
        return False
    row.deceased_on = died_on
    db.add(row)
    await db.flush()
    await (await db.connection()).execute(
        update(ResidentAddress)
        .where(col(ResidentAddress.resident_id) == row.id, col(ResidentAddress.closed_at).is_(None))
        .values(closed_at=now)
    )
    await house(db, row)
    await hold(db, [row], died_on + timedelta(days=mourning_days))
    return True


async def hold(db: AsyncSession, rows: Sequence[Resident], until: date) -> list[int]:
    """Let the households of *rows* mourn until then, if not longer already; return which.

    Also for two who fit a death and cannot be told apart: nothing festive goes to either.
    """
    held: list[int] = []
    for row in rows:
        if row.household_id is None:
            await house(db, row, with_them=row)
        household = await db.get(Household, row.household_id or 0, populate_existing=True)
        if household is not None and (household.mourning_until or date.min) < until:
            household.mourning_until = until
            db.add(household)
            held.append(household.id or 0)
    await db.flush()
    return held


async def revive(
    db: AsyncSession,
    row: Resident,
    closed_at: datetime | None = None,
    *,
    mourning_days: int = MOURNING_DAYS,
) -> None:
    """Take back a death noted of the wrong person; accounts closed at that very moment are open again."""
    row.deceased_on = None
    db.add(row)
    await db.flush()
    if closed_at is not None:
        await (await db.connection()).execute(
            update(ResidentAddress)
            .where(col(ResidentAddress.resident_id) == row.id, col(ResidentAddress.closed_at) == closed_at)
            .values(closed_at=None)
        )
    if row.household_id is not None:
        await mourn_anew(db, row.household_id, mourning_days=mourning_days)


async def mourn_anew(db: AsyncSession, household_id: int, *, mourning_days: int = MOURNING_DAYS) -> None:
    """Let a household mourn for its own dead and nobody else."""
    household = await db.get(Household, household_id, populate_existing=True)
    if household is None:
        return
    members = await db.exec(
        select(col(Resident.deceased_on)).where(col(Resident.household_id) == household_id)
    )
    deaths = [day for day in members.all() if day is not None]
    household.mourning_until = max(deaths) + timedelta(days=mourning_days) if deaths else None
    db.add(household)
    await db.flush()
