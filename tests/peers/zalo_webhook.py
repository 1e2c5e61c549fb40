"""Events on their way to the one webhook: signed, repeated, and given up in the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from .courier import Courier, post
from .records import Json
from .zalo_wire import signature, written

_TIMEOUT_S = 2  # the platform waits no longer
_ZBS = frozenset(
    {
        "change_oa_daily_quota",
        "change_oa_template_tags",
        "change_template_quality",
        "change_template_quota",
        "change_template_status",
        "user_feedback",
    }
)


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One event as it is posted, byte for byte the same each time."""

    body: bytes
    headers: dict[str, str]


class Webhook:
    """Where the console says events go. Without `url` they are lost, as on the platform."""

    def __init__(self, app_id: str, oa_secret: str, url: str, pauses: Sequence[float]) -> None:
        """Start without anything to bring."""
        self.url = url
        self.events: list[Json] = []
        self.unsubscribed = False  # after one event that was never taken
        self._app_id = app_id
        self._oa_secret = oa_secret
        self._courier = Courier(self._deliver, pauses=pauses, connections=40, gives_up=True)

    def emit(self, event: Json, key: str, *, signed: bool = True) -> Json:
        """Bring *event* on its way, behind others with the same *key*."""
        self.events.append(event)
        if self.url and not self.unsubscribed:
            self._courier.add(key, self.parcel(event, signed=signed))
        return event

    def parcel(self, event: Json, *, signed: bool = True) -> Parcel:
        """Return *event* as bytes with its headers."""
        body = written(event)
        headers = {"Content-Type": "application/json"}
        if signed:
            stamp = str(event.get("timestamp", ""))
            mac = signature(self._app_id, body, stamp, self._oa_secret)
            headers["X-ZEvent-Signature"] = mac
        if event["event_name"] in _ZBS or "delivery_time" in event.get("message", {}):
            headers["X-ZEvent-Server"] = "ZNS"
        return Parcel(body=body, headers=headers)

    async def idle(self) -> None:
        """Return when every event was taken or given up."""
        await self._courier.idle()

    async def close(self) -> None:
        """Drop what is still on its way."""
        await self._courier.close()

    async def _deliver(self, parcel: Parcel, tried: int) -> bool:
        retry = {"num_retry": str(tried)} if tried else {}
        wrong = await post(self.url, parcel.body, parcel.headers | retry, _TIMEOUT_S)
        if wrong and self._is_last(tried):
            self.unsubscribed = True
        return not wrong

    def _is_last(self, tried: int) -> bool:
        return tried >= self._courier.attempts - 1
