"""Photos the ward sends to a page: shown to the session they were sent to, and to nobody else."""

from aiohttp import web
from sqlalchemy import String, cast
from sqlmodel import col, select

from bot.web.guard import dress
from bot.web.trouble import NotTaken, Trouble
from records.database import Database
from records.media import MediaStore
from records.tables import ChannelName, Delivery, DeliveryState

PATH = "/chat/photos/"
_NEVER_SENT = (DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.WITHHELD)
_JPEG = b"\xff\xd8\xff"  # what the store makes of every picture; a voice note lies there too


class Photos:
    """The way from the media store to a page."""

    def __init__(self, database: Database, media: MediaStore) -> None:
        self._database = database
        self._media = media

    async def give(self, user: str, name: str) -> web.Response:
        """Return picture *name* if it was sent to *user*.

        Raises NotTaken, in the same words whether it is another's, forgotten or never was.
        """
        content = await self._read(name) if await self._was_sent(user, name) else b""
        if not content.startswith(_JPEG):
            raise NotTaken(Trouble.NOT_FOUND)
        response = web.Response(body=content, content_type="image/jpeg")
        response.headers["Cache-Control"] = "private, no-store"  # the machine may be shared
        dress(response)
        return response

    async def _was_sent(self, user: str, name: str) -> bool:
        query = select(Delivery.attachments).where(
            col(Delivery.channel) == ChannelName.WEB,
            col(Delivery.user) == user,
            col(Delivery.state).not_in(_NEVER_SENT),
            cast(col(Delivery.attachments), String) != "[]",
        )
        async with self._database.reading() as db:
            return any(name in names for names in (await db.exec(query)).all())

    async def _read(self, name: str) -> bytes:
        try:
            return await self._media.read(name)
        except (FileNotFoundError, ValueError):  # swept away since, or no name of ours
            return b""
