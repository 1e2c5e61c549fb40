"""Three letters to look at before many are signed: of one kind, of each kind, or as three people will get a greeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, select

from letters import audience as audiences
from letters import frozen, matching, notices
from letters.work import Work
from records.letters import Letter, Resident
from records.tables import ChannelName

MOST: Final = 3
_WAYS: Final = {ChannelName.ZALO: "Zalo", ChannelName.TELEGRAM: "Telegram", ChannelName.WEB: "khung chat web"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One picture to show: of this letter, and what is said under it."""

    letter: Letter
    says: str


async def of_kind(work: Work, letter: Letter, waiting: Sequence[Letter]) -> list[Sample]:
    """Return letters of the kind of *letter* that wait: the first, one in the middle, the last."""
    alike = [one for one in waiting if one.template == letter.template and frozen.has_words(one)]
    return await _said(work, _spread(alike))


async def of_each_kind(work: Work, waiting: Sequence[Letter]) -> list[Sample]:
    """Return one letter of each kind that waits, and more of a kind while there is room."""
    written = [one for one in waiting if frozen.has_words(one)]
    first = list({one.template: one for one in reversed(written)}.values())[::-1]
    rest = [one for one in written if one not in first]
    return await _said(work, [*first, *_spread(rest)][:MOST])


async def of_greeting(work: Work, letter: Letter) -> list[Sample]:
    """Return the greeting as three of its recipients will have it; the words are the same for all."""
    if not audiences.can_choose(letter.audience):
        return [Sample(letter=letter, says="Bản in, đọc loa, đăng trang: không nhắn riêng cho ai.")]
    accounts = audiences.chosen(work, letter.audience, work.now)
    found = await (await work.db.connection()).execute(
        select(accounts.c.channel, col(Resident.quarter))
        .join(Resident, col(Resident.id) == accounts.c.resident)
        .where(accounts.c.place == 1)
        .order_by(accounts.c.resident)
        .limit(MOST)
    )
    told = [
        f"Mẫu {number}: tới một người ở {quarter or 'phường'}, qua {_WAYS[ChannelName(channel)]}."
        for number, (channel, quarter) in enumerate(found.all(), start=1)
    ]
    return [
        Sample(letter=letter, says=says) for says in told or ["Chưa có ai nhận được qua chat; đây là bản in."]
    ]


def _spread(found: Sequence[Letter]) -> list[Letter]:
    if len(found) <= MOST:
        return list(found)
    return [found[0], found[len(found) // 2], found[-1]]


async def _said(work: Work, found: Sequence[Letter]) -> list[Sample]:
    made = []
    for number, letter in enumerate(found, start=1):
        whom = notices.to_whom(await matching.recipients(work, letter.id or 0))
        title = notices.title_of(frozen.text_of(letter).title)
        made.append(Sample(letter=letter, says=f"Mẫu {number}/{len(found)} · {title} · {whom}"))
    return made
