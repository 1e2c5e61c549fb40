"""Which letters wait for whom, and what one of them looks like to whoever decides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case
from sqlmodel import col, select

from letters import frozen, matching, notices
from letters.work import Work
from records import staff
from records.cases import Permission, Staff
from records.letters import CivilEvent, Letter, LetterState, Recipient, Route

MOST: Final = 200


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A letter beside its recipients and its record."""

    letter: Letter
    recipients: tuple[Recipient, ...]
    event: CivilEvent | None
    title: str


async def for_person(work: Work, person: Staff) -> list[Letter]:
    """Return what waits for *person*: checked letters for a signer, drafts for a clerk; sorrow first.

    A signer does not see what they checked themselves.
    """
    if staff.may(person, Permission.SIGN_LETTERS):
        found = await letters(work, [LetterState.CHECKED])
        return [one for one in found if person.id not in (one.checked_by, one.drafted_by)]
    if staff.may(person, Permission.DRAFT_LETTERS):
        return await letters(work, [LetterState.DRAFTED])
    return []


async def letters(work: Work, states: Sequence[LetterState]) -> list[Letter]:
    """Return letters in these states, condolence first, then the oldest."""
    sorrow = case((col(Letter.template) == "condolence", 0), else_=1)
    found = await work.db.exec(
        select(Letter).where(col(Letter.state).in_(list(states))).order_by(sorrow, col(Letter.id)).limit(MOST)
    )
    return list(found.all())


def counts(found: Sequence[Letter]) -> Mapping[str, int]:
    """Return how many of each kind wait, by its Vietnamese name."""
    return Counter(
        notices.title_of(frozen.text_of(one).title).lower() for one in found if frozen.has_words(one)
    )


async def shown(work: Work, letter: Letter) -> Shown:
    """Return *letter* with everything its approver reads beside it."""
    rows = await matching.recipients(work, letter.id or 0)
    event = await work.db.get(CivilEvent, letter.event_id) if letter.event_id is not None else None
    title = frozen.text_of(letter).title if frozen.has_words(letter) else letter.template
    return Shown(letter=letter, recipients=tuple(rows), event=event, title=title)


async def to_print(work: Work) -> dict[str, list[tuple[Letter, Recipient]]]:
    """Return what is to be handed over on paper, by quarter, one row a letter and address."""
    rows = await work.db.exec(
        select(Letter, Recipient)
        .join(Recipient, col(Recipient.letter_id) == col(Letter.id))
        .where(
            col(Letter.state) == LetterState.RELEASED,
            col(Recipient.route) == Route.PAPER,
            col(Recipient.handed_at).is_(None),
        )
        .order_by(col(Recipient.quarter), col(Letter.number), col(Recipient.place))
    )
    found: dict[str, list[tuple[Letter, Recipient]]] = {}
    seen: set[tuple[int | None, str]] = set()
    for letter, row in rows.all():
        if (letter.id, row.address) not in seen:
            seen.add((letter.id, row.address))
            found.setdefault(row.quarter or "Chưa rõ tổ dân phố", []).append((letter, row))
    return found
