"""Greetings drafted ahead from the calendar of days, and what their approver is shown."""

from typing import Final

from sqlmodel import col, select

from knowledge.greetings import Audience, Occasion
from knowledge.lunar import year_name
from letters import audience as audiences
from letters import frozen
from letters.drafting import settle_on
from letters.errors import LetterError
from letters.paper import Capacity, Signatory
from letters.render import render
from letters.work import Work
from records.dialect import insert_new
from records.letters import Letter, LetterState

S = LetterState
# The first year of what is remembered: Tuyên ngôn Độc lập 2/9/1945; ngày 30/4/1975; Ngày Thương binh – Liệt sĩ
# 27/7/1947. Checked 2026-11-20.
_SINCE: Final = {"national_day": 1945, "reunification_labour_day": 1975, "war_invalids_martyrs_day": 1947}


async def draft_greetings(work: Work) -> int:
    """Draft the greetings that come near, each once; return how many are new."""
    made = 0
    for occasion in work.shelf.greetings.due(work.today):
        made += await _draft(work, occasion)
    return made


async def _draft(work: Work, occasion: Occasion) -> bool:
    template = _template_of(work, occasion)
    fresh = Letter(
        occasion=occasion.key,
        audience=str(occasion.greeting.audience),
        template=template or occasion.greeting.template,
        drafted_at=work.now,
        due_at=occasion.sends_at,
        stale_at=occasion.stale_at,
    )
    row = {key: value for key, value in fresh.model_dump().items() if key != "id"}
    if not await insert_new(work.db, Letter, row):
        return False
    found = await work.db.exec(select(Letter).where(col(Letter.occasion) == occasion.key))
    letter = found.one()
    gap = _fill(work, letter, occasion) if template else f"chưa có mẫu thư cho {occasion.greeting.name}"
    if not gap and not _can_reach(occasion):
        gap = "phường chưa có danh sách nhóm này; chỉ dùng làm bài đăng, bài loa"
    await settle_on(work, letter, S.INCOMPLETE if gap else S.DRAFTED, gap=gap)
    return True


def _can_reach(occasion: Occasion) -> bool:
    return audiences.can_choose(occasion.greeting.audience) or (
        occasion.greeting.audience is Audience.PUBLIC_POST
    )


def _template_of(work: Work, occasion: Occasion) -> str:
    """Return the template of an occasion: its own, or that of another day with the same words."""
    known = work.shelf.templates.by_name
    greeting = occasion.greeting
    kin = [one.code for one in work.shelf.greetings.greetings if one.template == greeting.template]
    names = (greeting.template, f"greeting_{greeting.code}", *(f"greeting_{code}" for code in _near(kin)))
    return next((name for name in names if name in known), "")


def _near(kin: list[str]) -> list[str]:
    """Only a pair of days shares its words; a template used by many is no kinship."""
    return kin if len(kin) <= 2 else []  # noqa: PLR2004  giao thừa and Tết


def _fill(work: Work, letter: Letter, occasion: Occasion) -> str:
    template = work.shelf.templates.get(letter.template)
    solar = occasion.solar
    # Tết of a lunar year lies in the solar year of that number, and so does its eve.
    facts: dict[str, object] = {"year": solar.year, "lunar_year_name": year_name(solar.year)}
    since = _SINCE.get(occasion.greeting.code)
    if since is not None:
        facts["anniversary"] = solar.year - since
    try:
        text = render(template, facts, work.sender(Signatory(capacity=Capacity.CHAIRPERSON)))
    except LetterError as error:
        return str(error)
    letter.template_version, letter.template_sha256 = template.version, template.sha256
    frozen.put_words(letter, text)
    return ""


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
