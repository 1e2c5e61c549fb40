"""Bring in what residents sent along, one by one, into the media store."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channel import Channel, Refused, SendError, Unreachable
from feedback import intake
from feedback.work import Work
from handlers import draft as drafts
from handlers.phrases import report as phrases
from records import attachments, outbox
from records.database import Database
from records.identity_card import is_identity_card
from records.media import MediaError, MediaStore
from records.tables import Address, Attachment, ChannelName, Purpose

AT_ONCE = 10  # attachments a tick brings in

log = logging.getLogger(__name__)


class IdentityCard(MediaError):
    """A photo of somebody's identity card: refused, and never written to disk."""


# What a resident is told when a photo of theirs was not kept; other troubles are retried in silence.
_TOLD: dict[type[MediaError], str] = {IdentityCard: phrases.CARD_REFUSED}


class Fetcher:
    """Fetches attachments that were noted and are not here yet."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[ChannelName, Channel],
        media: MediaStore,
        work: Callable[[AsyncSession, datetime], Work],
    ) -> None:
        self._database = database
        self._channels = channels
        self._media = media
        self._work = work
        self._alarm = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look now: somebody sent a photo."""
        self._alarm.set()

    def stop(self) -> None:
        """Fetch what is under way and end."""
        self._stopping = True
        self._alarm.set()

    async def run(self, clock: Callable[[], datetime]) -> None:
        """Fetch whenever somebody sent something, until `stop`; what failed comes by the timetable."""
        while not self._stopping:
            await self._alarm.wait()
            self._alarm.clear()
            while await self.fetch(clock()) and not self._stopping:
                pass

    async def fetch(self, now: datetime) -> int:
        """Fetch what is due, some at a time; return how many were: 0 when nothing is due any more.

        Those that do not come count as well: ten broken files of one person must not keep the
        next one's photos waiting for the timetable.
        """
        async with self._database.writing() as db:
            rows = await attachments.claim(db, now, AT_ONCE)
        for row in rows:
            await self._bring(row, now)
        return len(rows)

    async def _bring(self, row: Attachment, now: datetime) -> None:
        """Fetch one attachment and note where it lies, or why it did not come."""
        number = row.id or 0
        try:
            content = await self._channels[row.channel].fetch(row.ref)
            name = await self._keep(row.kind, content)
        except (SendError, MediaError, KeyError) as error:
            await self._did_not_come(row, error, now)
            return
        async with self._database.writing() as db:
            await attachments.arrived(db, number, name, now)
            row.sha256, row.fetched_at = name, now
            await intake.photo_arrived(self._work(db, now), row)

    async def _did_not_come(self, row: Attachment, error: Exception, now: datetime) -> None:
        """Note why, and tell the resident where it is theirs to know."""
        for_ever = not isinstance(error, SendError) or isinstance(error, Refused | Unreachable)
        log.warning("attachment %s did not come: %s", row.id, type(error).__name__)
        async with self._database.writing() as db:
            if isinstance(error, MediaError):
                await self._refuse(db, row, _TOLD.get(type(error), phrases.NOT_A_PHOTO), now)
            await attachments.failed(db, row.id or 0, type(error).__name__, for_ever=for_ever)

    async def _refuse(self, db: AsyncSession, row: Attachment, told: str, now: datetime) -> None:
        """Tell the resident, and let neither their report nor a case count what is not kept."""
        who = Address(row.channel, row.user)
        await drafts.leave_out(db, who, row.ref, now)
        await intake.photo_refused(self._work(db, now), row)
        await outbox.put(db, key=f"photo:{row.id}:refused", to=who, purpose=Purpose.REPLY, text=told, now=now)

    async def _keep(self, kind: str, content: bytes) -> str:
        known = self._media.known(content)  # a page has brought it, and it was looked at then
        if known is not None:
            return known
        if kind != "photo":
            return await self._media.save_voice(content)
        if await asyncio.to_thread(is_identity_card, content):
            raise IdentityCard
        return await self._media.save_image(content)
