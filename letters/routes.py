"""By which way a letter reaches one person: the best account that is theirs, reachable and willing; else paper.

`choose` only looks. The reason goes with the answer, for whoever asks later why it went that way.
Whoever is outside Zalo's free window is WAITING; an approved form may tell them so (`announcing`),
but it is never the letter's way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from letters import guard, keys, rules
from letters.enclosures import promised
from letters.rules import Kind
from letters.work import Work
from records.letters import Letter, Recipient, ResidentAddress, Route
from records.tables import Address, ChannelName, Contact, Delivery

FREE: Final = timedelta(hours=47)  # Zalo's free window is 48 h (zalo.md §5); an hour for the way


@dataclass(frozen=True, kw_only=True)
class Way:
    """A route and why; `to` is set for CHAT and WAITING."""

    route: Route
    why: str
    to: Address | None = None


async def choose(work: Work, letter: Letter, row: Recipient) -> Way:
    """Return how *letter* reaches *row* now."""
    rule = rules.of_template(letter.template)
    kind = rule.kind if rule is not None else Kind.FESTIVE
    willing = await guard.consents(work, row)
    if willing is False and kind is not Kind.OWED and kind is not Kind.SOLEMN:
        return Way(route=Route.NONE, why="người nhận đã ngừng nhận thư")
    if kind is Kind.SOLEMN and row.channel is None:
        return Way(route=Route.PAPER, why="thư chia buồn trao tận tay")
    if not willing and kind is not Kind.SOLEMN:
        return Way(route=Route.PAPER, why="chưa có tài khoản đồng ý nhận thư")
    theirs = [_named(row)] if kind is Kind.SOLEMN else await _accounts(work, row)
    return await _by_chat(work, letter, row, [one for one in theirs if one is not None])


async def _by_chat(work: Work, letter: Letter, row: Recipient, theirs: list[Address]) -> Way:
    fit = [one for one in theirs if one.channel is not ChannelName.WEB or not _brings_a_file(work, letter)]
    accounts = [one for one in fit if not await _tried(work, letter, row, one)]
    known = {one: await _heard(work, one) for one in accounts}
    reachable = [one for one in accounts if known[one] is not None]
    open_now = [one for one in reachable if _is_open(one, known[one], work.now)]
    if open_now:
        best = min(open_now, key=lambda one: keys.CHANNELS.index(one.channel))
        return Way(route=Route.CHAT, why="tài khoản đã xác minh, đồng ý nhận thư", to=best)
    if reachable:
        return Way(route=Route.WAITING, why="chờ người nhận nhắn tin qua Zalo", to=reachable[0])
    return Way(route=Route.PAPER, why="không còn tài khoản nào nhận được")


def _brings_a_file(work: Work, letter: Letter) -> bool:
    """Tell whether a sheet goes along that is no picture: the web chat shows pictures only."""
    sheet = work.shelf.enclosures.get(letter.template)
    return sheet is not None and not sheet.is_picture and promised(letter.facts) is not None


async def _accounts(work: Work, row: Recipient) -> list[Address]:
    """Return the accounts of *row* that somebody verified; one who is no resident has the one that wrote."""
    named = _named(row)
    if row.resident_id is None:
        return [named] if named is not None else []
    found = await work.db.exec(
        select(ResidentAddress).where(
            col(ResidentAddress.resident_id) == row.resident_id,
            col(ResidentAddress.verified_at).is_not(None),
            col(ResidentAddress.closed_at).is_(None),
            col(ResidentAddress.channel).in_(keys.CHANNELS),
        )
    )
    return [Address(one.channel, one.user) for one in found.all()]


def _named(row: Recipient) -> Address | None:
    return Address(row.channel, row.user) if row.channel is not None and row.user is not None else None


async def _tried(work: Work, letter: Letter, row: Recipient, to: Address) -> bool:
    """Tell whether this letter was put into the outbox for this account before."""
    same = col(Delivery.key) == keys.key(letter.id or 0, row.id or 0, to.channel)
    return (await work.db.exec(select(Delivery.id).where(same))).first() is not None


async def _heard(work: Work, to: Address) -> datetime | None:
    """Return when the account was last heard; None when it cannot be reached, or never was."""
    found = await work.db.exec(
        select(Contact).where(
            col(Contact.channel) == to.channel,
            col(Contact.user) == to.user,
            col(Contact.off_since).is_(None),
        )
    )
    known = found.first()
    return known.heard_at if known is not None else None


def _is_open(to: Address, heard_at: datetime | None, now: datetime) -> bool:
    """Tell whether the platform lets us write now without being paid."""
    if to.channel is not ChannelName.ZALO:
        return True
    return heard_at is not None and now - heard_at <= FREE
