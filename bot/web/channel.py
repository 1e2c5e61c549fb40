"""The web chat as a channel: what a page posts comes in, what the outbox holds is shown."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.channel import Arrival, Limits, Outgoing, Refused, Unreadable, Untrusted, Window
from bot.settings import LimitSettings
from bot.web.listeners import Listeners
from bot.web.said import Said, parse
from bot.web.trouble import NotTaken
from handlers.talk import Incoming, Place
from records.media import MediaStore
from records.tables import Address, ChannelName

PHOTO = "media:"  # how a photo of a page is called: it is in our store before it is spoken of
REF_LENGTH = 200  # what Delivery.channel_ref holds


class WebChannel:
    """The ward's own pages. Sending is waking them: they read the outbox themselves."""

    name = ChannelName.WEB

    def __init__(self, media: MediaStore, limits: LimitSettings) -> None:
        self.media = media
        self.limits = Limits(per_second=limits.web_per_second, in_flight=100)
        self.listeners = Listeners()

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Arrival]:  # noqa: ARG002  the protocol's
        """Refuse: nobody calls us by webhook. Pages come through `routes`."""
        raise Untrusted("the web chat has no webhook")

    def arrival(self, session_id: str, said: Said) -> Arrival:
        """Name one message of a page; a repeat of it gets the same key."""
        body = json.dumps(said, ensure_ascii=False)
        return Arrival(key=f"web:{session_id}:{said['id']}", user=session_id, body=body)

    def read(self, arrival: Arrival, now: datetime) -> Incoming:
        """Understand one stored message. Raises Unreadable."""
        try:
            said = parse(arrival.body.encode())
        except (NotTaken, UnicodeEncodeError) as error:
            raise Unreadable("not a message of the web chat") from error
        return Incoming(
            key=arrival.key,
            sender=Address(ChannelName.WEB, arrival.user),
            text=said["text"],
            sent_at=_written_at(arrival.body) or now,
            photos=tuple(PHOTO + name for name in said["photos"]),
            place=Place(**said["place"]) if "place" in said else None,
            pressed="label" in said,
        )

    async def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Say nothing: the page had its 200."""

    def window(self, heard_at: datetime | None, now: datetime, user: str = "") -> Window:  # noqa: ARG002  the protocol's
        """Tell that a page may always be written to; it is read when it is opened."""
        return Window.OPEN

    def pause_after(self, user: str) -> timedelta:  # noqa: ARG002  the protocol's
        """Tell that a page needs no rest."""
        return timedelta()

    async def send(self, message: Outgoing) -> str:
        """Wake the person's pages; whoever has none open will find the message later."""
        if not all(map(self.media.has, message.attachments)):
            raise Refused("a photo is not in the media store")
        self.listeners.wake(message.to.user, message.key)
        return f"web:{message.key}"[:REF_LENGTH]

    async def fetch(self, ref: str) -> bytes:
        """Return a photo that a page has brought. Raises Refused when it is not here."""
        try:
            return await self.media.read(ref.removeprefix(PHOTO))
        except (OSError, ValueError) as error:
            raise Refused("the photo is not in the media store") from error

    async def start(self) -> None:
        """Need nothing before the first message."""

    async def stop(self) -> None:
        """End the streams, so that closing does not wait for pages."""
        self.listeners.close()


def _written_at(body: str) -> datetime | None:
    """Return when we took the message; None for what an older version stored."""
    at = json.loads(body).get("at")
    try:
        moment = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
