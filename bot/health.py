"""Is it alive, can it serve, what does it do: the pages a machine looks at."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.metadata import version

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.metrics import Metrics
from records import gate, inbox, outbox, schema
from records.database import Database

STUCK = timedelta(minutes=10)  # a delivery due so long means that nobody is sending
VERSION = version("ward")


class Health:
    """The four pages of `contract.md` §4."""

    def __init__(self, database: Database, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the pages with their addresses."""
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.metrics),
            web.get("/version", self.version),
        ]

    async def alive(self, _: web.Request) -> web.Response:
        """The process lives."""
        return web.json_response({"alive": True})

    async def version(self, _: web.Request) -> web.Response:
        """Tell which version serves."""
        return web.json_response({"name": "ward", "version": VERSION})

    async def ready(self, _: web.Request) -> web.Response:
        """It can serve: the database answers, migrations are current, nothing is stuck."""
        try:
            state = await self.state()
        except (SQLAlchemyError, OSError):
            return web.json_response({"ready": False, "database": False}, status=503)
        return web.json_response(state, status=200 if state["ready"] else 503)

    async def state(self) -> dict[str, object]:
        """Return what `/readyz` and `ward check` tell."""
        now = self._clock()
        current = await schema.current(self._database)
        async with self._database.reading() as db:
            oldest = await outbox.oldest_due(db, now)
            waiting = await inbox.waiting(db)
            gates = await gate.all_gates(db)
        closed = [item for item in gates if item.closed_until is not None and item.closed_until > now]
        age = (now - oldest).total_seconds() if oldest else 0.0
        return {
            "ready": current == schema.head(),
            "database": True,
            "migrations": current == schema.head(),
            "oldest_due_s": round(age, 1),
            "stuck": age > STUCK.total_seconds(),
            "messages_waiting": waiting,
            "gates_closed": {item.channel: item.why or "" for item in closed},
        }

    async def metrics(self, _: web.Request) -> web.Response:
        """Give the numbers to Prometheus."""
        page = await self._metrics.page(self._database, self._clock())
        return web.Response(body=page, content_type="text/plain", charset="utf-8")
