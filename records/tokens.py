"""The token pair of one channel: one row, one renewer at a time, no pair ever lost by us.

A row descends from a token a person gave in the settings (`given_sha256`). Only a token that
was never given before replaces the stored pair; the old one still standing in the settings
does not, since it was used up long ago.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Update, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.dialect import insert_new
from records.tables import ChannelName, ChannelToken

_BEFORE = "given_before"  # digests of tokens given earlier, newest last
_APP = "troubled_app"  # digest of the app that was refused: another secret deserves another try
_MOST_BEFORE = 20
_MOST_TROUBLE = 200


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a person put into the settings: the first refresh token, and the app it belongs to."""

    refresh: str = field(repr=False)
    app: str = field(repr=False)

    @property
    def sha256(self) -> str:
        """Return the digest by which the token is remembered."""
        return _digest(self.refresh)

    @property
    def app_sha256(self) -> str:
        """Return the digest by which the app is remembered."""
        return _digest(self.app)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A token pair as the platform gave it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


async def find(db: AsyncSession, channel: ChannelName) -> ChannelToken | None:
    """Return the row of *channel* as it is now."""
    wanted = select(ChannelToken).where(col(ChannelToken.channel) == channel)
    return (await db.exec(wanted.execution_options(populate_existing=True))).first()


async def adopt(db: AsyncSession, channel: ChannelName, given: Given, now: datetime) -> None:
    """Make the row descend from *given* unless it already does or once did.

    A new token clears the trouble; so does another app, for then the stored pair may work.
    """
    fresh = _start(given, now) | {"channel": channel, "quirks": {}}
    await insert_new(db, ChannelToken, fresh)
    row = await _locked(db, channel)
    if given.sha256 == row.given_sha256 or given.sha256 in row.quirks.get(_BEFORE, ()):
        await _forgive(db, row, given)
        return
    before = [*row.quirks.get(_BEFORE, ()), row.given_sha256][-_MOST_BEFORE:]
    await _run(db, _of(channel).values(**_start(given, now), quirks={**row.quirks, _BEFORE: before}))


async def claim(db: AsyncSession, channel: ChannelName, refused: str, now: datetime, until: datetime) -> bool:
    """Become the only renewer until *until*, if *refused* is still the access token.

    False: somebody else renews, or has renewed, or a person must act; look at the row.
    """
    mine = _of(channel).where(
        col(ChannelToken.access) == refused,
        col(ChannelToken.trouble).is_(None),
        or_(col(ChannelToken.renewing_until).is_(None), col(ChannelToken.renewing_until) <= now),
    )
    return await _run(db, mine.values(renewing_until=until))


async def keep(db: AsyncSession, channel: ChannelName, used: str, pair: Pair, now: datetime) -> bool:
    """Store the pair the refresh token *used* was changed into, and end the renewal.

    False: a person gave another token meanwhile, and this pair belongs to nobody.
    """
    values = {
        "access": pair.access,
        "refresh": pair.refresh,
        "expires_at": pair.expires_at,
        "renewed_at": now,
        "renewing_until": None,
        "trouble": None,
    }
    return await _run(db, _using(channel, used).values(**values))


async def give_up(db: AsyncSession, channel: ChannelName, used: str) -> None:
    """End a renewal that got no answer; *used* may be tried again."""
    await _run(db, _using(channel, used).values(renewing_until=None))


async def note_trouble(db: AsyncSession, channel: ChannelName, used: str, why: str, given: Given) -> bool:
    """Remember that *used* was refused: nothing is sent until a person acts.

    False: the row already holds another token, so the refusal says nothing about it.
    """
    row = await _locked(db, channel)
    quirks = {**row.quirks, _APP: given.app_sha256}
    values = {"renewing_until": None, "trouble": why[:_MOST_TROUBLE], "quirks": quirks}
    return await _run(db, _using(channel, used).values(**values))


async def note_quirk(db: AsyncSession, channel: ChannelName, name: str, value: str) -> None:
    """Remember for ever that this account needs *value* for *name*."""
    row = await _locked(db, channel)
    await _run(db, _of(channel).values(quirks={**row.quirks, name: value}))


async def _forgive(db: AsyncSession, row: ChannelToken, given: Given) -> None:
    if row.trouble is not None and row.quirks.get(_APP) != given.app_sha256:
        await _run(db, _of(row.channel).values(trouble=None))


async def _locked(db: AsyncSession, channel: ChannelName) -> ChannelToken:
    wanted = select(ChannelToken).where(col(ChannelToken.channel) == channel)
    return (await db.exec(wanted.with_for_update().execution_options(populate_existing=True))).one()


def _start(given: Given, now: datetime) -> dict[str, Any]:
    """Return the columns of a pair whose access token has still to be fetched."""
    return {
        "access": "",
        "refresh": given.refresh,
        "given_sha256": given.sha256,
        "expires_at": now,
        "renewed_at": now,
        "renewing_until": None,
        "trouble": None,
    }


def _of(channel: ChannelName) -> Update:
    return update(ChannelToken).where(col(ChannelToken.channel) == channel)


def _using(channel: ChannelName, used: str) -> Update:
    return _of(channel).where(col(ChannelToken.refresh) == used)


async def _run(db: AsyncSession, change: Update) -> bool:
    """Execute *change*; tell whether it found its row."""
    done = await (await db.connection()).execute(change.execution_options(synchronize_session=False))
    return done.rowcount == 1


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
