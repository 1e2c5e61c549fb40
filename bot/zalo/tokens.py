"""Who renews the token pair, and when: one renewer among all processes, saved before used.

An access token lives 25 hours; a refresh token works once (zalo.md §4). What cannot be made
safe: a machine that dies after Zalo made the new pair and before it is on our disk. Then the
old refresh token is used up, the new one unknown, and a person has to consent again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channel import Misconfigured, Throttled, Unavailable
from bot.settings import ZaloSettings
from bot.zalo.errors import Kind, kind_of, until_next_minute
from bot.zalo.payload import text_at
from bot.zalo.wire import Answer, Wire
from records import tokens
from records.database import Database
from records.tables import ChannelName, ChannelToken
from records.tokens import Given, Pair

log = logging.getLogger(__name__)

T = TypeVar("T")

OLD = timedelta(hours=20)  # of the 25 an access token lives
LIFE_S = 90_000  # 25 hours, where Zalo's `expires_in` makes no sense
LEASE = timedelta(seconds=90)  # longer than two calls to Zalo
WAIT_S = 20.0  # how long a message waits for somebody else's renewal
POLL_S = 0.2  # how often it looks
CALL_S = 20.0  # the longest call; two of them fit into LEASE
SAVE_PAUSE_S = 1.0  # between two attempts to save a pair that must not be lost
PATH = "/v4/oa/access_token"

_MOST_DIGITS = 7  # of `expires_in`: up to 115 days
_LONGEST = 2000  # characters of a token our records hold


class _TurnedDown(Exception):
    """Zalo will not take this refresh token; the text is for staff."""


class TokenKeeper:
    """Gives a token that works, and renews the pair. Raises SendError, never with a secret in it."""

    def __init__(self, settings: ZaloSettings, database: Database, clock: Callable[[], datetime]) -> None:
        self._app_id = settings.app_id or ""
        self._app_secret = settings.app_secret.get_secret_value() if settings.app_secret else ""
        refresh = settings.refresh_token.get_secret_value() if settings.refresh_token else ""
        self._given = Given(refresh=refresh, app=f"{self._app_id}\n{self._app_secret}")
        self._url = settings.oauth_url.rstrip("/") + PATH
        self._database = database
        self._clock = clock
        # Its own connections: a token must not queue behind messages, nor hang as long as they may.
        self._wire = Wire(min(settings.send_timeout_s, CALL_S))
        self._adopted = False
        self._renewal: asyncio.Task[str] | None = None
        self._exchanging = False  # between using a refresh token up and saving what came for it

    async def access(self) -> str:
        """Return the access token, renewed first if it has run out."""
        row = await self._row()
        if row.access and row.expires_at > self._clock():
            return row.access
        return await self.renew(row.access)

    async def renew(self, refused: str) -> str:
        """Return another access token than *refused*; whoever asks meanwhile waits for the same one."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(refused))
            self._renewal.add_done_callback(_heard)
        try:
            async with asyncio.timeout(WAIT_S):
                # Shielded: a sender that gives up must not tear a half-made pair to pieces.
                return await asyncio.shield(self._renewal)
        except TimeoutError:
            raise Unavailable("token Zalo đang được đổi", doubtful=False) from None

    async def renew_if_old(self, now: datetime) -> bool:
        """Renew a pair of 20 hours; tell whether it was done. For the clock, about every hour.

        A road that is closed today is tried again at the next tick. Raises Misconfigured
        when Zalo refuses, and not again while a person has not acted.
        """
        row = await self._any_row()
        if row.trouble is not None or (row.access and row.renewed_at + OLD > now):
            return False
        try:
            await self.renew(row.access)
        except (Unavailable, Throttled) as error:
            log.warning("the zalo tokens could not be renewed yet: %s", error)
            return False
        return True

    async def quirk(self, name: str) -> str | None:
        """Return what is remembered of this account under *name*."""
        return (await self._any_row()).quirks.get(name)

    async def note_quirk(self, name: str, value: str) -> None:
        """Remember *value* under *name*, over restarts."""
        await self._any_row()
        await self._with_row(lambda db: tokens.note_quirk(db, ChannelName.ZALO, name, value))

    async def close(self) -> None:
        """Finish a renewal that is under way, then let go."""
        if self._renewal is not None:
            if self._exchanging:
                await asyncio.wait([self._renewal], timeout=2 * CALL_S)
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)
        await self._wire.close()

    async def _row(self) -> ChannelToken:
        row = await self._any_row()
        if row.trouble is not None:
            raise Misconfigured(row.trouble)
        return row

    async def _any_row(self) -> ChannelToken:
        if not self._adopted:
            await self._adopt()
        row = await self._with_row(lambda db: tokens.find(db, ChannelName.ZALO), reading=True)
        if row is None:
            raise Misconfigured("mất dòng token của Zalo: khởi động lại")
        return row

    async def _adopt(self) -> None:
        if not _is_token(self._given.refresh):
            raise Misconfigured("WARD_ZALO__REFRESH_TOKEN thiếu hoặc không phải một token")
        await self._with_row(lambda db: tokens.adopt(db, ChannelName.ZALO, self._given, self._clock()))
        self._adopted = True

    async def _with_row(self, work: Callable[[AsyncSession], Awaitable[T]], *, reading: bool = False) -> T:
        """Do *work* in a transaction of its own. Raises Unavailable when the database does not answer."""
        try:
            async with self._database.reading() if reading else self._database.writing() as db:
                return await work(db)
        except (SQLAlchemyError, OSError) as error:
            kind = type(error).__name__
        # Outside the `except`: the database's errors quote the statement, and so the tokens.
        raise Unavailable(f"cơ sở dữ liệu không trả lời: {kind}", doubtful=False)

    async def _renew(self, refused: str) -> str:
        """Renew, or wait until another process has; the row tells which."""
        for _ in range(int(LEASE.total_seconds() / POLL_S) + 1):
            if await self._claim(refused):
                return await self._exchange_alone()
            row = await self._row()
            if row.access and row.access != refused:
                return row.access
            refused = row.access  # empty: a person gave a new token meanwhile
            await asyncio.sleep(POLL_S)
        raise Unavailable("token Zalo đang được nơi khác đổi", doubtful=False)

    async def _claim(self, refused: str) -> bool:
        now = self._clock()
        return await self._with_row(lambda db: tokens.claim(db, ChannelName.ZALO, refused, now, now + LEASE))

    async def _exchange_alone(self) -> str:
        self._exchanging = True
        try:
            return await self._exchange()
        finally:
            self._exchanging = False

    async def _exchange(self) -> str:
        """Change the refresh token into a new pair. No transaction is open while we wait for Zalo."""
        used = (await self._row()).refresh
        try:
            pair = await self._ask(used)
        except _TurnedDown as error:
            return await self._refused(used, str(error))
        except (Unavailable, Throttled):
            await self._with_row(lambda db: tokens.give_up(db, ChannelName.ZALO, used))
            raise
        await self._save(used, pair)
        return await self._saved()

    async def _saved(self) -> str:
        """Return the token on the disk, which is the only one anybody may use."""
        access = (await self._row()).access
        if not access:
            raise Unavailable("token Zalo vừa được thay", doubtful=False)
        return access

    async def _refused(self, used: str, why: str) -> str:
        noted = await self._with_row(
            lambda db: tokens.note_trouble(db, ChannelName.ZALO, used, why, self._given)
        )
        if not noted:
            return await self._saved()
        log.error("zalo refused to renew the tokens; nothing is sent until a person acts: %s", why)
        raise Misconfigured(why)

    async def _save(self, used: str, pair: Pair) -> None:
        """Save *pair* however long it takes: it exists nowhere else, and *used* is used up."""
        while True:
            try:
                kept = await self._with_row(
                    lambda db: tokens.keep(db, ChannelName.ZALO, used, pair, self._clock())
                )
            except Unavailable as error:
                log.error("the new zalo tokens are not on disk yet: %s", error)  # noqa: TRY400
                await asyncio.sleep(SAVE_PAUSE_S)
            else:
                break
        log.info("zalo tokens renewed, good until %s%s", pair.expires_at, "" if kept else "; but replaced")

    async def _ask(self, refresh: str) -> Pair:
        """Ask for a new pair; when the answer is lost, once more with the same token."""
        try:
            return self._pair(await self._post(refresh))
        except Unavailable as error:
            log.warning("no answer about the zalo tokens, asking once more: %s", error)
        try:
            return self._pair(await self._post(refresh))
        except Unavailable as error:
            why = str(error)
        raise Unavailable(why, doubtful=False)

    async def _post(self, refresh: str) -> Answer:
        form = {"refresh_token": refresh, "app_id": self._app_id, "grant_type": "refresh_token"}
        headers = {"secret_key": self._app_secret, "Content-Type": "application/x-www-form-urlencoded"}
        return await self._wire.call("POST", self._url, headers, urlencode(form).encode())

    def _pair(self, answer: Answer) -> Pair:
        """Return the pair in *answer*. Only -32 may be repeated; anything else needs a person."""
        if kind_of(answer.code) is Kind.SLOW:
            raise Throttled("Zalo chưa cho đổi token: quá nhiều lần gọi", until_next_minute(self._clock()))
        access, refresh = text_at(answer.fields, "access_token"), text_at(answer.fields, "refresh_token")
        if answer.code or not _is_token(access) or not _is_token(refresh):
            raise _TurnedDown(
                f"Zalo từ chối đổi token (mã {answer.code}): cấp quyền lại cho OA rồi đặt "
                "WARD_ZALO__REFRESH_TOKEN mới và khởi động lại"
            )
        life = timedelta(seconds=_seconds(text_at(answer.fields, "expires_in")))
        return Pair(access=access, refresh=refresh, expires_at=self._clock() + life)


def _seconds(text: str) -> int:
    """Return `expires_in`, which is a text; nonsense must not cost us the pair.

    >>> _seconds("3600"), _seconds("bientôt")
    (3600, 90000)
    """
    sound = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if sound and int(text) else LIFE_S


def _is_token(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isascii() and text.isprintable() and " " not in text


def _heard(renewal: asyncio.Task[str]) -> None:
    """Look at the outcome even if everybody who waited has left, so that asyncio is content."""
    if not renewal.cancelled():
        renewal.exception()
