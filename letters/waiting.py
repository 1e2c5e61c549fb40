"""Which letters wait for whom, and what one of them looks like to whoever decides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case
from sqlmodel import col, select

from letters import desk, frozen, matching, notices
from letters.work import Work
from records import staff
from records.cases import Permission, Staff
from records.letters import CivilEvent, Letter, LetterState, Recipient, Route
from records.tables import Trace

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


async def lacking(work: Work, person: Staff) -> list[Letter]:
    """Return letters that lack something *person* can mend, while they still make sense."""
    if not staff.may(person, Permission.DRAFT_LETTERS):
        return []
    return _in_time(work, await letters(work, [LetterState.INCOMPLETE]))


async def halted(work: Work, person: Staff) -> list[Letter]:
    """Return what was halted and can go on, while it makes sense: letters nothing of which left, greetings."""
    if not any(staff.may(person, one) for one in (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)):
        return []
    found = _in_time(work, await letters(work, [LetterState.HALTED]))
    return [one for one in found if one.occasion is not None or not await desk.has_left(work, one)]


def _in_time(work: Work, found: Sequence[Letter]) -> list[Letter]:
    return [one for one in found if one.stale_at is None or work.now < one.stale_at]


async def who_halted(work: Work, letter: Letter) -> str:
    """Return the name of who halted *letter*, or that the house did."""
    found = await work.db.exec(
        select(Trace.who)
        .where(col(Trace.object) == f"letter:{letter.id}", col(Trace.what) == "letter.halted")
        .order_by(col(Trace.id).desc())
        .limit(1)
    )
    login = found.first()
    person = await staff.by_login(work.db, login) if login else None
    return person.name if person is not None else "hệ thống"


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
    title = frozen.text_of(letter).title if frozen.has_words(letter) else _title_of(work, letter)
    return Shown(letter=letter, recipients=tuple(rows), event=event, title=title)


def _title_of(work: Work, letter: Letter) -> str:
    template = work.shelf.templates.by_name.get(letter.template)
    return template.title if template is not None else letter.template


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
