"""What is read beside a letter: its source record as it stands now, who did what, and what became of each copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel import col, select

from letters import frozen, keys, notices, routes, rules
from letters.fields import FIELDS
from letters.rules import Kind
from letters.states import UNSIGNED
from letters.work import Work
from records import outbox
from records.cases import Staff
from records.letters import (
    CivilEvent,
    ImportRun,
    Letter,
    LetterState,
    Recipient,
    ResidentAddress,
    Route,
)
from records.tables import ChannelName, Delivery, DeliveryState

MOST: Final = 40  # deliveries shown of one letter
CHANNELS: Final[Mapping[ChannelName, str]] = {
    ChannelName.ZALO: "Zalo",
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.WEB: "trang web",
    ChannelName.ZALO_BOT: "Zalo Bot",
}
DELIVERIES: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.QUEUED: "chờ gửi",
    DeliveryState.SENDING: "đang gửi",
    DeliveryState.SENT: "đã gửi",
    DeliveryState.DELIVERED: "đã tới máy người nhận",
    DeliveryState.SEEN: "người nhận đã xem",
    DeliveryState.DOUBTFUL: "chưa rõ đã tới hay chưa",
    DeliveryState.FAILED: "không gửi được",
    DeliveryState.WITHHELD: "giữ lại, không gửi",
}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of the record; `added` by a clerk, not in the record itself."""

    title: str
    says: str
    added: bool = False


@dataclass(frozen=True, kw_only=True)
class Source:
    """The record that moved a letter. `moved`: it says something else now than when the letter was written."""

    event: CivilEvent
    title: str
    facts: tuple[Fact, ...]
    run: ImportRun | None
    moved: bool


@dataclass(frozen=True, kw_only=True)
class Way:
    """One recipient and how the letter reaches them, or would; the copies that were queued for them."""

    row: Recipient
    says: str
    why: str
    copies: tuple[Delivery, ...]

    @property
    def may_be_handed(self) -> bool:
        """Tell whether a paper for them is out and nobody has noted its receipt."""
        return self.row.route is Route.PAPER and self.row.handed_at is None


async def source(work: Work, letter: Letter) -> Source | None:
    """Return the record beside *letter*; None for a greeting."""
    if letter.event_id is None:
        return None
    event = await work.db.get(CivilEvent, letter.event_id)
    if event is None:
        return None
    run = await work.db.get(ImportRun, event.import_id) if event.import_id is not None else None
    shown = [
        Fact(title=title, says=said(event.facts[name]))
        for name, title in notices.RECORD.items()
        if event.facts.get(name)
    ]
    extra: Mapping[str, object] = letter.facts.get(frozen.SAID, {})
    shown += [
        Fact(title=FIELDS[name].title, says=said(value), added=True)
        for name, value in extra.items()
        if name in FIELDS
    ]
    return Source(
        event=event,
        title=notices.EVENTS[event.kind],
        facts=tuple(shown),
        run=run,
        moved=event.revision != letter.event_revision or event.cancelled_at is not None,
    )


def said(value: object) -> str:
    """Return a fact as people write it.

    >>> said("2026-11-20"), said(True), said(["Lê Mẫu An", "Lê Mẫu Bình"])
    ('20/11/2026', 'có', 'Lê Mẫu An, Lê Mẫu Bình')
    """
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    text = str(value)
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}" if len(text) == 10 else text  # noqa: PLR2004  2026-11-20
    except ValueError:
        return text


async def ways(work: Work, letter: Letter, rows: Sequence[Recipient]) -> list[Way]:
    """Return how *letter* reaches each of *rows*: what was done, or what would be done if it left now."""
    found = await work.db.exec(
        select(Delivery)
        .where(outbox.named(f"letter:{letter.id}:"))
        .order_by(col(Delivery.id).desc())
        .limit(MOST)
    )
    copies = list(found.all())
    told = []
    for row in rows:
        mine = tuple(one for one in copies if f":{one.key}:".find(f":{letter.id}:{row.id}:") > 0)
        told.append(await _way(work, letter, row, mine))
    return told


async def _way(work: Work, letter: Letter, row: Recipient, copies: tuple[Delivery, ...]) -> Way:
    undecided = row.route is Route.UNDECIDED
    chosen = row.resident_id is not None or not row.candidates
    expected = letter.state in UNSIGNED or letter.state is LetterState.SIGNED
    if undecided and chosen and expected:
        plan = await routes.choose(work, letter, row)
        where = f": {CHANNELS[plan.to.channel]}" if plan.to is not None else ""
        return Way(row=row, says=f"dự kiến: {notices.ROUTES[plan.route]}{where}", why=plan.why, copies=copies)
    where = f": {CHANNELS[row.channel]}" if row.channel is not None and row.route is Route.CHAT else ""
    return Way(row=row, says=f"{notices.ROUTES[row.route]}{where}", why=row.why, copies=copies)


def part_of(copy: Delivery) -> str:
    """Return which part of a letter a delivery carries."""
    if copy.key.endswith(keys.PAPER):
        return "bản in"
    if copy.key.endswith(keys.FORM):
        return "tin mẫu báo có thư chờ"
    return "tờ kèm theo" if copy.key.endswith(keys.ENCLOSED) else "ảnh thư"


async def readers(work: Work, letter: Letter, row: Recipient) -> list[ResidentAddress]:
    """Return accounts of *row* a person may vouch for: of a condolence only, verified and open."""
    rule = rules.of_template(letter.template)
    if rule is None or rule.kind is not Kind.SOLEMN or row.resident_id is None:
        return []
    found = await work.db.exec(
        select(ResidentAddress).where(
            col(ResidentAddress.resident_id) == row.resident_id,
            col(ResidentAddress.verified_at).is_not(None),
            col(ResidentAddress.closed_at).is_(None),
            col(ResidentAddress.channel).in_(keys.CHANNELS),
        )
    )
    return list(found.all())


def is_solemn(letter: Letter) -> bool:
    """Tell whether *letter* speaks of a death."""
    rule = rules.of_template(letter.template)
    return rule is not None and rule.kind is Kind.SOLEMN


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Somebody did something to a letter; `name` is empty where the house did."""

    what: str
    name: str
    at: datetime


async def deeds(work: Work, letter: Letter) -> list[Deed]:
    """Return what was done to *letter* and by whom, the first first."""
    rows = [
        ("soạn", letter.drafted_by, letter.drafted_at),
        ("soát", letter.checked_by, letter.checked_at),
        ("ký", letter.signed_by, letter.signed_at),
        ("xong", None, letter.finished_at),
    ]
    ids = [number for _, number, _ in rows if number is not None]
    found = await work.db.exec(select(Staff.id, Staff.name).where(col(Staff.id).in_(ids)))
    names: dict[int | None, str] = dict(found.all())
    return [Deed(what=what, name=names.get(by, ""), at=at) for what, by, at in rows if at is not None]
