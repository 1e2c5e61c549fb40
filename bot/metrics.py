"""What the operator's monitoring reads: counters of this process, states from the tables."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from records import gate, inbox, outbox
from records.database import Database


class Metrics:
    """One registry a process; two offices in one test do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.webhooks = Counter(
            "ward_webhook_calls",
            "Webhook calls by channel and answer",
            ["channel", "status"],
            registry=self.registry,
        )
        self.accepted = Counter(
            "ward_messages_accepted", "Messages stored durably", ["channel"], registry=self.registry
        )
        self._deliveries = Gauge(
            "ward_deliveries", "Deliveries by channel and state", ["channel", "state"], registry=self.registry
        )
        self._waiting = Gauge("ward_messages_waiting", "Messages not handled yet", registry=self.registry)
        self._oldest = Gauge(
            "ward_oldest_due_seconds", "Age of the longest due delivery", registry=self.registry
        )
        self._closed = Gauge(
            "ward_gate_closed", "1 while a channel may not send", ["channel"], registry=self.registry
        )

    async def page(self, database: Database, now: datetime) -> bytes:
        """Return the page, with the tables as they are at *now*."""
        self._deliveries.clear()  # a state that nothing is in any more must not keep its old number
        async with database.reading() as db:
            for (channel, state), number in (await outbox.counts(db)).items():
                self._deliveries.labels(channel, state).set(number)
            self._waiting.set(await inbox.waiting(db))
            oldest = await outbox.oldest_due(db, now)
            self._oldest.set((now - oldest).total_seconds() if oldest else 0)
            for item in await gate.all_gates(db):
                closed = item.closed_until is not None and item.closed_until > now
                self._closed.labels(item.channel).set(int(closed))
        return generate_latest(self.registry)
