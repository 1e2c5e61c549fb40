"""The addresses of the web chat, and how it is put into the application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from functools import wraps

from aiohttp import ClientPayloadError, web
from sqlalchemy.exc import SQLAlchemyError

from bot.channel import Arrival
from bot.settings import Settings
from bot.web import sessions
from bot.web.channel import WebChannel
from bot.web.guard import check_origin, dress
from bot.web.limits import Pace, Seats, address_of
from bot.web.page import Page
from bot.web.photos import PATH, Photos
from bot.web.said import MESSAGE_BYTES, parse
from bot.web.shelf import Shelf
from bot.web.streams import Streams
from bot.web.trouble import NotTaken, Trouble
from records.database import Database
from records.identity_card import is_identity_card
from records.media import NotAnImage, TooLarge
from records.tables import ChannelName

READ_S = 60  # a photo over a slow phone line
PHOTO_COST = 3  # a photo counts as so many messages: it costs a decoding and a file
FOR_EVER = "public, max-age=31536000, immutable"
CHECK_FIRST = "no-cache"
AN_HOUR = "public, max-age=3600"  # the button on other people's pages: they never change its address

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
InboxAccept = Callable[[ChannelName, Sequence[Arrival]], Awaitable[None]]


def setup_web(
    app: web.Application,
    *,
    channel: WebChannel,
    database: Database,
    inbox_accept: InboxAccept,
    settings: Settings,
    clock: Callable[[], datetime],
    ward_title: str,
    ward_hotline: str,
) -> None:
    """Put the chat on *app*: its page, its addresses, and the eye it keeps on the outbox.

    *inbox_accept* returns only when the arrivals are on disk: the page hears 200 after that.
    """
    shelf = Shelf()
    page = Page(ward_title=ward_title, ward_hotline=ward_hotline, version=shelf.version)
    streams = Streams(database, channel.listeners)
    photos = Photos(database, channel.media)
    chat = Chat(channel, streams, photos, accept=inbox_accept, settings=settings, clock=clock)
    app.add_routes([*_page_routes(page, shelf, chat), *_chat_routes(chat)])
    app.cleanup_ctx.append(_sweeper(streams))
    app.on_shutdown.append(_closer(channel))


def _page_routes(page: Page, shelf: Shelf, chat: "Chat") -> list[web.RouteDef]:
    async def show(request: web.Request) -> web.StreamResponse:
        embed = request.query.get("embed") == "1"
        response = page.show(embed=embed)
        chat.keep(request, response, sessions.of(request) or sessions.fresh())
        return response

    async def give(request: web.Request) -> web.StreamResponse:
        current = request.match_info["version"] == shelf.version
        return shelf.give(request, request.match_info["name"], FOR_EVER if current else CHECK_FIRST)

    async def widget(request: web.Request) -> web.StreamResponse:
        response = shelf.give(request, "widget.js", AN_HOUR)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return [
        web.get("/", show),
        web.get("/chat/static/{version}/{name}", _spoken(give)),
        web.get("/chat/widget.js", _spoken(widget)),
    ]


def _chat_routes(chat: "Chat") -> list[web.RouteDef]:
    return [
        web.get("/chat/session", _spoken(chat.known)),
        web.post("/chat/session", _spoken(chat.begin)),
        web.post("/chat/messages", _spoken(chat.take)),
        web.post("/chat/photos", _spoken(chat.take_photo)),
        web.get(PATH + "{name}", _spoken(chat.show_photo)),
        web.get("/chat/events", _spoken(chat.tell)),
    ]


class Chat:
    """What a page may ask of us."""

    def __init__(
        self,
        channel: WebChannel,
        streams: Streams,
        photos: Photos,
        *,
        accept: InboxAccept,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._channel = channel
        self._streams = streams
        self._photos = photos
        self._accept = accept
        self._web = settings.web
        self._clock = clock
        self._photo_bytes = int(settings.limits.web_upload_mb * 1024 * 1024)
        self._pace = Pace(settings.limits.web_messages_per_address_per_minute, clock)
        self._seats = Seats(settings.limits.web_streams_per_address)

    async def known(self, request: web.Request) -> web.StreamResponse:
        """Tell a page whose stream failed whether its session is the reason (401)."""
        _session(request)
        return web.json_response({"ok": True})

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Give the browser a new session: the old conversation cannot be reached from it any more."""
        check_origin(request, self._web.public_url)
        self._pace.admit(self._address(request))
        response = web.json_response({"ok": True})
        self.keep(request, response, sessions.fresh())
        return response

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take one message; 200 means that it is on disk. A repeat is taken once."""
        session = self._admit(request, cost=1)
        said = parse(await _body(request, MESSAGE_BYTES, Trouble.LARGE_MESSAGE))
        if not all(map(self._channel.media.has, said["photos"])):
            raise NotTaken(Trouble.NO_PHOTO)
        said["at"] = self._clock().isoformat()
        await self._accept(ChannelName.WEB, [self._channel.arrival(session.id, said)])
        return web.json_response({"ok": True})

    async def take_photo(self, request: web.Request) -> web.StreamResponse:
        """Take one photo, to be named by a message that follows."""
        self._admit(request, cost=PHOTO_COST)
        content = await _body(request, self._photo_bytes, Trouble.LARGE_PHOTO)
        if await asyncio.to_thread(is_identity_card, content):
            raise NotTaken(Trouble.IDENTITY_CARD)
        try:
            name = await self._channel.media.save_image(content)
        except TooLarge as error:
            raise NotTaken(Trouble.LARGE_PHOTO) from error
        except NotAnImage as error:
            raise NotTaken(Trouble.NOT_A_PHOTO) from error
        return web.json_response({"photo": name})

    async def show_photo(self, request: web.Request) -> web.StreamResponse:
        """Show a photo the ward has sent to this session; to everybody else there is none."""
        session = sessions.of(request)
        if session is None:
            raise NotTaken(Trouble.NOT_FOUND)
        return await self._photos.give(session.id, request.match_info["name"])

    async def tell(self, request: web.Request) -> web.StreamResponse:
        """Tell what was sent to this session, as it is sent, until the page is closed."""
        session = _session(request)
        after = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0  # noqa: PLR2004  64 bits
        with self._seats.sit(self._address(request)):
            return await self._streams.follow(request, session.id, number)

    def keep(self, request: web.Request, response: web.StreamResponse, session: sessions.Session) -> None:
        """Have the browser keep *session*."""
        https = request.secure or (self._web.public_url or "").startswith("https:")
        sessions.keep(response, session, https=https, embed=request.query.get("embed") == "1")

    def _admit(self, request: web.Request, cost: int) -> sessions.Session:
        check_origin(request, self._web.public_url)
        session = _session(request)
        self._pace.admit(self._address(request), cost)
        return session

    def _address(self, request: web.Request) -> str:
        return address_of(request, behind_proxy=self._web.behind_proxy)


def _session(request: web.Request) -> sessions.Session:
    session = sessions.of(request)
    if session is None:
        raise NotTaken(Trouble.NO_SESSION)
    return session


async def _body(request: web.Request, most: int, trouble: Trouble) -> bytes:
    """Read at most *most* bytes, unpacked. Raises NotTaken with *trouble* when there are more."""
    if (request.content_length or 0) > most:
        raise NotTaken(trouble)
    content = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.content.iter_any():
                content += chunk
                if len(content) > most:
                    raise NotTaken(trouble)
    except TimeoutError as error:
        raise NotTaken(Trouble.SLOW) from error
    except (web.RequestPayloadError, ClientPayloadError, ValueError) as error:
        raise NotTaken(Trouble.NONSENSE) from error
    return bytes(content)


def _spoken(handler: Handler) -> Handler:
    """Say every refusal in Vietnamese, and a database that does not answer as 503: the page repeats."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except NotTaken as refusal:
            response = refusal.response()
        except (SQLAlchemyError, OSError):
            response = NotTaken(Trouble.DOWN, retry_after=5).response()
        if not response.prepared:
            dress(response)
        return response

    return answer


def _sweeper(streams: Streams) -> Callable[[web.Application], AsyncIterator[None]]:
    async def sweep(_app: web.Application) -> AsyncIterator[None]:
        async with streams.sweeping():
            yield

    return sweep


def _closer(channel: WebChannel) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_app: web.Application) -> None:
        await channel.stop()

    return close
