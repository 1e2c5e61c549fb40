"""Whom a letter goes to: the people a record names, found among the residents, or left to a person.

Three keys or more must agree (`records.residents`). Two living people who fit are never chosen
by the machine; `tell_apart` gives the approver two facts that differ.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete
from sqlmodel import col, select

from letters.reading import day_of, year_of
from letters.rules import Rule, To
from letters.work import Work
from records import residents
from records.cases import Feedback
from records.letters import Dossier, Letter, Recipient, Resident
from records.residents import Person
from records.tables import ChannelName

Facts = Mapping[str, Any]
_PLACES: Final[Mapping[To, tuple[str, ...]]] = {  # the prefix of a person's facts in the record
    To.SPOUSES: ("groom", "bride"),
    To.PARENTS: ("mother", "father"),
    To.BEREAVED: ("family",),
    To.APPLICANT: ("applicant",),
    To.CONTRIBUTOR: ("giver",),
    To.AUTHOR: ("contact",),
    To.HONOURED: ("recipient",),
}
_BARE: Final = ("giver", "recipient", "name", "contact_name")  # a name may stand without its "_name"


async def place(work: Work, letter: Letter, rule: Rule, event: Facts) -> list[Recipient]:
    """Write down to whom *letter* goes, anew. Who was chosen by a person before is forgotten."""
    await (await work.db.connection()).execute(delete(Recipient).where(col(Recipient.letter_id) == letter.id))
    rows = []
    for number, prefix in enumerate(_PLACES[rule.to]):
        row = await _row(work, letter, prefix, event, rule)
        if row is not None:
            row.place = number
            rows.append(row)
    work.db.add_all(rows)
    await work.db.flush()
    return rows


async def _row(work: Work, letter: Letter, prefix: str, event: Facts, rule: Rule) -> Recipient | None:
    person = person_of(prefix, event)
    row = Recipient(letter_id=letter.id or 0, name=person.name[:200], quarter=person.quarter[:40])
    row.address = person.address[:300]
    known = await _known(work, row, rule, event)
    if not person.name and known is None and row.channel is None:
        return _nameless(row, event) if rule.to is To.BEREAVED else None
    if known is not None:
        row.resident_id, row.name = known.id, row.name or known.name
        return row
    if person.name and row.channel is None:
        found = await residents.fitting(work.db, person)
        living = [one for one in found.candidates if one.deceased_on is None]
        dead = found.candidates[0] if found.candidates and not living else None
        chosen = found.resident or dead  # one who died is named, so that the stops see it
        row.resident_id = chosen.id if chosen is not None else None
        row.candidates = [] if chosen is not None else [one.id or 0 for one in living]
    return row


def _nameless(row: Recipient, event: Facts) -> Recipient:
    """A family whose spokesman nobody named: the letter is carried to the house."""
    row.name = f"gia quyến {event.get('deceased_name', '')}".strip()
    return row


async def _known(work: Work, row: Recipient, rule: Rule, event: Facts) -> Resident | None:
    """Return whom the records already tie to this event; an author is known by the account that wrote."""
    if rule.to is To.APPLICANT:
        code = event.get("dossier_code") or event.get("code") or event.get("receipt_code")
        found = await work.db.exec(select(Dossier).where(col(Dossier.receipt_code) == str(code)))
        dossier = found.first()
        if dossier is not None and dossier.applicant_id is not None:
            return await work.db.get(Resident, dossier.applicant_id)
    if rule.to is To.AUTHOR:
        code = str(event.get("feedback_code") or event.get("code"))
        case = (await work.db.exec(select(Feedback).where(col(Feedback.code) == code))).first()
        if case is not None and case.channel is not None and case.user is not None:
            row.channel, row.user = ChannelName(case.channel), case.user
    return None


def person_of(prefix: str, event: Facts) -> Person:
    """Return what *event* tells of the person whose facts begin with *prefix*."""
    born = event.get(f"{prefix}_born")
    return Person(
        name=_name(prefix, event),
        born_year=year_of(born),
        born_on=day_of(born) if len(str(born or "")) > 4 else None,  # noqa: PLR2004  a year alone
        quarter=str(event.get("group") or event.get("neighbourhood") or ""),
        address=str(event.get(f"{prefix}_address") or event.get("address") or ""),
    )


def _name(prefix: str, event: Facts) -> str:
    names = (f"{prefix}_name", *(_BARE if prefix in ("giver", "recipient", "contact") else ()))
    return next((str(event[name]) for name in names if event.get(name)), "")


def subjects(rule: Rule, event: Facts) -> list[Person]:
    """Return people a letter speaks of without writing to them; a letter does not go when one is dead."""
    if rule.to is not To.PARENTS or not event.get("child_name"):
        return []
    born = day_of(event.get("child_born"))
    return [Person(name=str(event["child_name"]), born_on=born, quarter=str(event.get("group") or ""))]


async def recipients(work: Work, letter_id: int) -> list[Recipient]:
    """Return to whom a letter goes, in order, as the database has them now."""
    found = await work.db.exec(
        select(Recipient)
        .where(col(Recipient.letter_id) == letter_id)
        .order_by(col(Recipient.place))
        .execution_options(populate_existing=True)
    )
    return list(found.all())


def unresolved(rows: Sequence[Recipient]) -> list[Recipient]:
    """Return those a person has to choose for."""
    return [row for row in rows if row.resident_id is None and row.candidates]


_TELLING: Final[tuple[tuple[str, Callable[[Resident], str]], ...]] = (
    ("ngày sinh", lambda one: f"{one.born_on:%d/%m/%Y}" if one.born_on else ""),
    ("địa chỉ", lambda one: one.address),
    ("tổ dân phố", lambda one: one.quarter),
    ("năm sinh", lambda one: str(one.born_year or "")),
    ("số điện thoại", lambda one: f"…{one.phone[-3:]}" if one.phone else ""),
    ("mã cư dân", lambda one: f"#{one.id}"),
)
TWO: Final = 2


def tell_apart(candidates: Sequence[Resident]) -> dict[int, str]:
    """Return for each candidate two facts in which they differ, as "địa chỉ …, ngày sinh …"."""
    differing = [(title, read) for title, read in _TELLING if len({read(one) for one in candidates}) > 1]
    used = (differing if len(candidates) > 1 else list(_TELLING))[:TWO]
    return {
        one.id or 0: ", ".join(f"{title} {read(one) or 'chưa ghi'}" for title, read in used)
        for one in candidates
    }
