"""The Zalo Official Account as a channel: what came in, what goes out, and by which endpoint."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from bot.channel import (
    Arrival,
    Limits,
    Movement,
    Outgoing,
    Receipt,
    SendError,
    Throttled,
    Unreadable,
    Untrusted,
    Window,
)
from bot.settings import ZaloSettings
from bot.zalo import account, groups, reading, signature, writing
from bot.zalo.api import Api
from bot.zalo.errors import Kind, error_of, kind_of, template_error_of
from bot.zalo.media import Media, on_loopback
from bot.zalo.payload import ident_at, parse, text_at
from bot.zalo.tokens import TokenKeeper
from bot.zalo.uploads import Uploads
from bot.zalo.wire import Answer, Wire
from handlers.talk import Incoming
from knowledge.sending import TEMPLATES, WAKING, next_sending_moment
from records.database import Database
from records.tables import ChannelName

log = logging.getLogger(__name__)

FREE = timedelta(hours=48)  # zalo.md §5
COUNTED = timedelta(days=7)
MARGIN = timedelta(minutes=5)  # clocks differ, and a message waits its turn
PAUSE = timedelta(seconds=0.3)
IN_FLIGHT = 8

V3, V2 = "v3", "v2"
PATHS = {V3: "/v3.0/oa/message/cs", V2: "/v2.0/oa/message"}
GROUP_PATH = "/v3.0/oa/group/message"
# By the person's id only. By telephone number nobody's consent covers it: numbers in registers are
# old, shared, or somebody else's by now, and a letter's news would reach a stranger.
TEMPLATE_PATH = "/v3.0/oa/message/template"
AWAKE = WAKING.within(TEMPLATES)  # a form rings like a call, and nobody has just written to us
# Which refusal of which endpoint names the other one. On any other error the second endpoint
# is never tried: Zalo has been seen to report an error and deliver all the same (zalo.md §6).
OTHER = {(V3, -235): V2, (V2, -240): V3}

_QUIRK = "endpoint"


class ZaloChannel:
    """One Official Account. Keeps nothing but tokens and the endpoint that works."""

    name: ChannelName = ChannelName.ZALO

    def __init__(
        self,
        settings: ZaloSettings,
        database: Database,
        *,
        media_path: Callable[[str], Path],
        clock: Callable[[], datetime],
        per_minute: float = 100,
    ) -> None:
        self.limits: Limits = Limits(per_second=per_minute / 60, in_flight=IN_FLIGHT)
        self.tokens = TokenKeeper(settings, database, clock)
        app_secret = settings.app_secret.get_secret_value() if settings.app_secret else None
        self._app_id = settings.app_id or ""
        self._oa_id = settings.oa_id
        self._oa_secret = settings.oa_secret.get_secret_value() if settings.oa_secret else ""
        self._clock = clock
        self._wire = Wire(settings.send_timeout_s)
        self._api = Api(self._wire, self.tokens, settings.api_url, app_secret)
        self._uploads = Uploads(self._api, media_path, clock)
        self._media = Media(self._wire, loopback=on_loopback(settings.api_url))
        self._endpoint: str | None = None
        self._looking: asyncio.Task[None] | None = None

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Arrival]:
        """Check one webhook call and name what it brings. Raises Untrusted or Unreadable."""
        shown = signature.given(headers)
        if shown is None or not self._oa_secret:
            raise Untrusted("no signature")
        try:
            fields = parse(body)
        except Unreadable:
            self._check(shown, body, signature.loose_timestamp(body))
            raise
        self._check(shown, body, text_at(fields, "timestamp"))
        if text_at(fields, "app_id") not in ("", self._app_id):
            raise Untrusted("another app's event")
        return (reading.arrival_of(fields, body),)

    def read(self, arrival: Arrival, now: datetime) -> Incoming | Receipt | Movement | None:
        """Understand one stored event; None when it is deliberately ignored. Raises Unreadable."""
        return reading.read(arrival, now, self._media.trusts)

    async def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Do nothing: the 200 of the webhook is all that Zalo wants to hear."""

    def window(self, heard_at: datetime | None, now: datetime, user: str = "") -> Window:
        """Tell whether a person last heard at *heard_at* may be written to now; a group always may."""
        if groups.named_by(user):
            return Window.OPEN
        if heard_at is None:
            return Window.CLOSED
        silence = now - heard_at + MARGIN
        if silence <= FREE:
            return Window.OPEN
        return Window.COUNTED if silence <= COUNTED else Window.CLOSED

    def pause_after(self, user: str) -> timedelta:  # noqa: ARG002  the protocol's signature; everybody is alike
        """Tell how long to leave a person in peace after a message."""
        return PAUSE

    async def send(self, message: Outgoing) -> str:
        """Send by one call and return Zalo's message id, empty if it told none. Raises SendError."""
        if message.template is not None:
            return await self._send_template(message)
        writing.check(message)
        answer = await self._attempt(message)
        if kind_of(answer.code) is Kind.UPLOAD and message.attachments:
            self._uploads.forget(message.attachments[0])
            answer = await self._attempt(message)
        if answer.code:
            in_group = bool(groups.named_by(message.to.user))
            raise error_of(answer, self._clock(), in_group=in_group)
        return ident_at(answer.data, "message_id")

    async def fetch(self, ref: str) -> bytes:
        """Bring in a photo or voice note a resident sent. Raises SendError, as `send` does."""
        return await self._media.fetch(ref)

    async def start(self) -> None:
        """Look at the account in the background: a platform that is down stops nobody."""
        self._looking = asyncio.create_task(account.look(self._api, self._oa_id, self._clock))

    async def stop(self) -> None:
        """Finish a renewal of tokens, then close every connection."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self.tokens.close()
        await self._wire.close()

    def _check(self, shown: str, body: bytes, timestamp: str) -> None:
        expected = signature.digest(self._app_id, body, timestamp, self._oa_secret)
        if not signature.matches(shown, expected):
            raise Untrusted("wrong signature") from None

    async def _attempt(self, message: Outgoing) -> Answer:
        """Send by the endpoint that works for this account, changing to the other one at most once.

        Groups have one endpoint of their own.
        """
        uploaded = await self._uploads.bring(message.attachments[0]) if message.attachments else None
        body = writing.body(message, uploaded)
        if groups.named_by(message.to.user):
            return await self._api.post_json(GROUP_PATH, body)
        endpoint = await self._known_endpoint()
        answer = await self._api.post_json(PATHS[endpoint], body)
        other = OTHER.get((endpoint, answer.code))
        if other is None:
            return answer
        answer = await self._api.post_json(PATHS[other], body)
        if kind_of(answer.code) is not Kind.DOOR:
            await self._remember(other)
        return answer

    async def _send_template(self, message: Outgoing) -> str:
        """Send a form Zalo approved, by the person's id with this account; never in quiet hours."""
        now = self._clock()
        if not AWAKE.allow(now):
            wait = next_sending_moment(now, AWAKE) - now
            raise Throttled("tin mẫu không gửi ban đêm", wait, only_this_message=True)
        answer = await self._api.post_json(TEMPLATE_PATH, writing.template_body(message))
        if answer.code:
            raise template_error_of(answer, self._clock())
        return ident_at(answer.data, "message_id") or ident_at(answer.data, "msg_id")

    async def _known_endpoint(self) -> str:
        if self._endpoint is None:
            known = await self.tokens.quirk(_QUIRK)
            self._endpoint = known if known in PATHS else V3
        return self._endpoint

    async def _remember(self, endpoint: str) -> None:
        """Never fail: the message is already on its way, and the next restart can learn it again."""
        self._endpoint = endpoint
        with suppress(SendError):
            await self.tokens.note_quirk(_QUIRK, endpoint)
        log.warning("this zalo account sends by %s from now on", PATHS[endpoint])
