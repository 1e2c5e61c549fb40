"""Bring in what residents sent along, one by one, into the media store."""

import logging
from collections.abc import Mapping
from datetime import datetime

from bot.channel import Channel, Refused, SendError, Unreachable
from records import attachments
from records.database import Database
from records.media import MediaStore, NotAnImage, TooLarge
from records.tables import Attachment, ChannelName

AT_ONCE = 10  # attachments a tick brings in

log = logging.getLogger(__name__)


class Fetcher:
    """Fetches attachments that were noted and are not here yet."""

    def __init__(
        self, database: Database, channels: Mapping[ChannelName, Channel], media: MediaStore
    ) -> None:
        self._database = database
        self._channels = channels
        self._media = media

    async def fetch(self, now: datetime) -> int:
        """Fetch what is due; return how many arrived."""
        async with self._database.writing() as db:
            rows = await attachments.claim(db, now, AT_ONCE)
        return sum([await self._bring(row, now) for row in rows])

    async def _bring(self, row: Attachment, now: datetime) -> int:
        """Fetch one attachment and note where it lies, or why it did not come."""
        number = row.id or 0
        try:
            content = await self._channels[row.channel].fetch(row.ref)
            name = await self._keep(row.kind, content)
        except (SendError, NotAnImage, TooLarge, KeyError) as error:
            for_ever = not isinstance(error, SendError) or isinstance(error, Refused | Unreachable)
            log.warning("attachment %s did not come: %s", number, type(error).__name__)
            async with self._database.writing() as db:
                await attachments.failed(db, number, type(error).__name__, for_ever=for_ever)
            return 0
        async with self._database.writing() as db:
            await attachments.arrived(db, number, name, now)
        return 1

    async def _keep(self, kind: str, content: bytes) -> str:
        if kind == "photo":
            return await self._media.save_image(content)
        return await self._media.save(content)
