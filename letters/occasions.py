"""Greetings drafted ahead from the calendar of days, and what their approver is shown."""

from datetime import date
from typing import Final

from sqlmodel import col, select

from knowledge.greetings import Occasion, Rule
from knowledge.lunar import year_name
from letters import audience as audiences
from letters import frozen
from letters.drafting import settle_on
from letters.errors import LetterError
from letters.paper import Capacity, Signatory
from letters.render import render
from letters.states import NotAllowed
from letters.work import Work
from records.dialect import insert_new
from records.letters import Letter, LetterState

S = LetterState
_NEVER: Final = "Ngày lễ này không còn trong lịch lời chúc của phường; mời bỏ thư."


async def draft_greetings(work: Work) -> int:
    """Draft the greetings that come near, each once; return how many are new."""
    made = 0
    for occasion in work.shelf.greetings.due(work.today):
        made += await _draft(work, occasion)
    return made


async def _draft(work: Work, occasion: Occasion) -> bool:
    fresh = Letter(
        occasion=occasion.key,
        audience=str(occasion.greeting.audience),
        template=occasion.greeting.template,
        drafted_at=work.now,
        due_at=occasion.sends_at,
        stale_at=occasion.stale_at,
    )
    row = {key: value for key, value in fresh.model_dump().items() if key != "id"}
    if not await insert_new(work.db, Letter, row):
        return False
    found = await work.db.exec(select(Letter).where(col(Letter.occasion) == occasion.key))
    await _write(work, found.one(), occasion)
    return True


async def draft_again(work: Work, letter: Letter) -> None:
    """Write a greeting anew, with what a person has added to its facts. Raises NotAllowed."""
    occasion = occasion_of(work, letter)
    if occasion is None:
        raise NotAllowed(_NEVER)
    letter.template, letter.audience = occasion.greeting.template, str(occasion.greeting.audience)
    letter.due_at, letter.stale_at, letter.drafted_at = occasion.sends_at, occasion.stale_at, work.now
    frozen.drop_words(letter)
    await _write(work, letter, occasion)


def occasion_of(work: Work, letter: Letter) -> Occasion | None:
    """Return the day a greeting is for, as the calendar has it now."""
    key = letter.occasion or ""
    try:
        year = date.fromisoformat(key.rpartition(":")[2]).year
    except ValueError:
        return None
    return next((one for one in work.shelf.greetings.occurrences(year) if one.key == key), None)


async def _write(work: Work, letter: Letter, occasion: Occasion) -> None:
    gap = _fill(work, letter, occasion)
    await settle_on(work, letter, S.INCOMPLETE if gap else S.DRAFTED, gap=gap)


def _fill(work: Work, letter: Letter, occasion: Occasion) -> str:
    template = work.shelf.templates.by_name.get(letter.template)
    if template is None:
        return f"chưa có mẫu thư {letter.template}"
    said = letter.facts.get(frozen.SAID, {})
    try:
        sender = work.sender(Signatory(capacity=Capacity.CHAIRPERSON))
        text = render(template, facts_of(occasion) | said, sender)
    except LetterError as error:
        return str(error)
    letter.template_version, letter.template_sha256 = template.version, template.sha256
    frozen.put_words(letter, text)
    return ""


def facts_of(occasion: Occasion) -> dict[str, object]:
    """Return what the calendar tells of a day: its name, its year in both calendars, how many years it counts."""
    greeting, solar = occasion.greeting, occasion.solar
    # On the eve the old year still runs; the greeting is for the one that begins at midnight.
    eve = greeting.rule is Rule.NEW_YEARS_EVE
    facts: dict[str, object] = {
        "occasion": greeting.name,
        "year": solar.year,
        "lunar_year_name": year_name(occasion.lunar.year + eve),
    }
    if greeting.counts_from:
        facts["anniversary"] = solar.year - greeting.counts_from
    return facts


async def outlook(work: Work, letter: Letter) -> audiences.Outlook:
    """Return the counts for the approver; nobody where the group cannot be chosen."""
    if not audiences.can_choose(letter.audience):
        return audiences.Outlook(by_channel={}, mourning_households=0, opted_out=0, without_channel=0)
    return await audiences.outlook(work, letter.audience)


async def seal_audience(work: Work, letter: Letter) -> None:
    """Seal to whom *letter* goes; part of its signature."""
    if audiences.can_choose(letter.audience):
        sealed = await audiences.seal(work, letter.audience, work.now)
        letter.audience_sha256, letter.audience_size = sealed
        work.db.add(letter)
        await work.db.flush()
