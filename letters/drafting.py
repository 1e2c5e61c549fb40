"""From an event to a draft, or to a gap with its name: once per event and template, however often it is asked.

An event that changed sends an unsigned letter back to its draft and halts a signed one; one
that was cancelled takes its letters along.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlmodel import col, select

from letters import frozen, gaps, guard, matching, reading, rules
from letters.address import Gender
from letters.enclosures import PAGE
from letters.errors import LetterError
from letters.paper import Capacity, Signatory
from letters.render import render
from letters.rules import Rule, To
from letters.states import ON_ITS_WAY, UNSIGNED
from letters.stopping import halt
from letters.work import Work
from records import trace
from records.dialect import insert_new
from records.letters import CivilEvent, Letter, LetterState, Recipient, Resident

AT_ONCE: Final = 100
MACHINE: Final = "system"
_GAP, _REASON = 200, 300
_ONE_PERSON: Final = (To.APPLICANT, To.CONTRIBUTOR, To.AUTHOR, To.HONOURED)
Facts = Mapping[str, Any]


async def consider(work: Work, limit: int = AT_ONCE) -> int:
    """Look at up to *limit* events nobody has considered, or that changed since; return how many."""
    found = await work.db.exec(
        select(CivilEvent)
        .where(col(CivilEvent.considered_at).is_(None))
        .order_by(col(CivilEvent.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    events = list(found.all())
    written = [letter for event in events for letter in await _consider(work, event)]
    await gaps.tell(work, written)
    return len(events)


async def _consider(work: Work, event: CivilEvent) -> list[Letter]:
    """Return the letters that were written anew."""
    written: list[Letter] = []
    if event.cancelled_at is not None:
        for letter in await letters_of(work, event):
            await _take_back(work, letter)
    else:
        found = [await _write(work, event, rule) for rule in rules.of_event(event.kind)]
        written = [letter for letter in found if letter is not None]
    event.considered_at = work.now
    work.db.add(event)
    await work.db.flush()
    return written


async def letters_of(work: Work, event: CivilEvent) -> list[Letter]:
    """Return the letters this event moved, locked."""
    found = await work.db.exec(
        select(Letter)
        .where(col(Letter.event_id) == event.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(found.all())


async def _take_back(work: Work, letter: Letter) -> None:
    why = "bản ghi nguồn đã bị hủy"
    if letter.state in ON_ITS_WAY:
        await halt(work, letter, why, by=MACHINE)
    elif letter.state in UNSIGNED:
        await settle_on(work, letter, LetterState.WITHHELD, reason=why)


async def _write(work: Work, event: CivilEvent, rule: Rule) -> Letter | None:
    """Return the letter if it was written, or halted to be written anew."""
    known = [one for one in await letters_of(work, event) if one.template == rule.template]
    if known and known[0].event_revision == event.revision:
        return None
    letter = known[0] if known else await _new(work, event, rule)
    if letter.state in ON_ITS_WAY:
        letter.event_revision = event.revision
        await halt(work, letter, "bản ghi nguồn đã được sửa sau khi ký; soạn lại từ bản ghi mới", by=MACHINE)
    elif letter.state in UNSIGNED or letter.state is LetterState.WITHHELD:
        await draft(work, letter, event, rule)
    return letter


async def _new(work: Work, event: CivilEvent, rule: Rule) -> Letter:
    fresh = Letter(event_id=event.id, template=rule.template, drafted_at=work.now)
    row = {key: value for key, value in fresh.model_dump().items() if key != "id"}
    await insert_new(work.db, Letter, row)
    return next(one for one in await letters_of(work, event) if one.template == rule.template)


async def draft(work: Work, letter: Letter, event: CivilEvent, rule: Rule) -> None:
    """Write *letter* anew from what *event* says now, or say what is missing."""
    letter.event_revision = event.revision
    letter.drafted_at, letter.drafted_by = work.now, None
    frozen.drop_words(letter)
    facts: Facts = {**event.facts, **letter.facts.get(frozen.SAID, {})}
    letter.stale_at = guard.stale_at(rule, event.happened_on, facts)
    rows = await matching.place(work, letter, rule, facts)
    facts = await _with_sex(work, rule, rows, facts)
    never = next((one.why for one in rule.forbids if reading.says(facts, one.facts, one.words)), "")
    if never:
        await _refuse(work, letter, rule, never)
        return
    gap = _gap(rule, event, facts) or _fill(work, letter, rule, facts)
    if gap:
        await settle_on(work, letter, LetterState.INCOMPLETE, gap=gap)
        return
    bar = await guard.of_letter(work, letter)
    if bar is None:
        await settle_on(work, letter, LetterState.DRAFTED)
    elif bar.final:
        await settle_on(work, letter, LetterState.WITHHELD, reason=bar.why)
    else:
        await settle_on(work, letter, LetterState.INCOMPLETE, gap=bar.why)


async def _refuse(work: Work, letter: Letter, rule: Rule, why: str) -> None:
    """Leave a sorrow to a person; everything else that is forbidden is simply not written."""
    if rule.kind is rules.Kind.SOLEMN:
        await settle_on(work, letter, LetterState.INCOMPLETE, gap=f"{why}; thư này phải do người quyết định")
    else:
        await settle_on(work, letter, LetterState.WITHHELD, reason=why)


async def _with_sex(work: Work, rule: Rule, rows: Sequence[Recipient], facts: Facts) -> Facts:
    """Add the sex of the one resident written to, so that a letter need not say "ông/bà"; nothing is guessed."""
    if rule.to not in _ONE_PERSON or len(rows) != 1 or rows[0].resident_id is None:
        return facts
    if any(reading.gender_of(facts.get(name)) is not Gender.UNKNOWN for name in ("gender", "sex")):
        return facts
    resident = await work.db.get(Resident, rows[0].resident_id)
    return {**facts, "gender": resident.gender} if resident is not None and resident.gender else facts


def _gap(rule: Rule, event: CivilEvent, facts: Facts) -> str:
    """Return what has to happen before this letter may be written at all."""
    return next((gap.says for gap in gaps.not_yet(rule, event, facts)), "")


def _fill(work: Work, letter: Letter, rule: Rule, facts: Facts) -> str:
    """Put the words of the template down; return what stands against it, or nothing."""
    template = work.shelf.templates.get(rule.template)
    signatory = Signatory(capacity=Capacity.CHAIRPERSON)
    try:
        said = reading.facts_of(rule, template, facts, work)
        text = render(template, said, work.sender(signatory))
    except LetterError as error:
        return str(error)
    letter.template_version, letter.template_sha256 = template.version, template.sha256
    frozen.put_words(letter, text)
    sheet = work.shelf.enclosures.get(rule.template)
    if sheet is not None:
        letter.facts = {**letter.facts, PAGE: sheet.page()}
    return ""


async def settle_on(
    work: Work, letter: Letter, state: LetterState, *, gap: str = "", reason: str = "", by: str = MACHINE
) -> None:
    """Give *letter* a state and a new version, and leave a trace; gaps and reasons stay in the row."""
    letter.state, letter.gap, letter.reason = state, gap[:_GAP], reason[:_REASON]
    letter.version += 1
    if state in UNSIGNED and state is not LetterState.CHECKED:
        letter.checked_at = letter.checked_by = None
    work.db.add(letter)
    await work.db.flush()
    await leave(work, letter, f"letter.{state}", by)


async def leave(work: Work, letter: Letter, what: str, by: str, **detail: object) -> None:
    """Add a sealed line about *letter*: ids and numbers only."""
    known = {"template": letter.template, "version": letter.version, "text": letter.text_sha256[:16]}
    await trace.leave(
        work.db, who=by, what=what, on=f"letter:{letter.id}", detail=known | detail, now=work.now
    )
