"""The schema, first page: the two doors, people, and the clockwork. `records.cases` is the second.

Instants are aware and in UTC. A row's state is told by the enum beside it, stored by its
value. Hot paths use these classes as plain statements; nothing here loads lazily.
"""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, Index, Integer, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.columns import Instant, word

# Named constraints: SQLite can only change a table by copying it, and must find them by name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class ChannelName(StrEnum):
    """The roads on which people reach the ward."""

    TELEGRAM = "telegram"
    ZALO = "zalo"
    ZALO_BOT = "zalo_bot"  # the Zalo Bot Platform: staff alerts, no buttons
    WEB = "web"


class Address(NamedTuple):
    """Where a person or a group can be written to: a channel and the id it has there."""

    channel: ChannelName
    user: str


class Urgency(IntEnum):
    """Who goes first when the road is narrow; smaller goes first."""

    NOW = 0  # somebody waits for it in front of a screen
    SOON = 1  # machine notices that help today
    BULK = 5  # letters, greetings, surveys: never before the others


class Purpose(StrEnum):
    """Why something is sent. Consent is given per purpose; replies need none."""

    REPLY = "reply"
    ALERT = "alert"
    RESULT_READY = "result_ready"
    LETTER = "letter"
    GREETING = "greeting"
    SURVEY = "survey"

    @property
    def urgency(self) -> Urgency:
        """Tell how urgent a delivery of this purpose is."""
        return _URGENCY.get(self, Urgency.BULK)

    @property
    def repeatable(self) -> bool:
        """Tell whether a second copy hurts less than none (never for letters and greetings)."""
        return self in _URGENCY


_URGENCY = {
    Purpose.REPLY: Urgency.NOW,
    Purpose.ALERT: Urgency.NOW,
    Purpose.RESULT_READY: Urgency.SOON,
}


class DeliveryState(StrEnum):
    """What is true of a delivery."""

    QUEUED = "queued"  # born; also: sending -> queued, to be tried again at due_at
    SENDING = "sending"  # claimed by one sender until lease_until
    SENT = "sent"  # the channel accepted it
    DELIVERED = "delivered"  # a receipt says it reached the phone
    SEEN = "seen"  # a receipt says it was read
    DOUBTFUL = "doubtful"  # perhaps sent, perhaps not; a person decides
    FAILED = "failed"  # the channel will never accept it
    WITHHELD = "withheld"  # we chose not to send (no consent, deceased, stale)


class Received(SQLModel, table=True):
    """One message of a platform, remembered by its key for ever, by its body until handled."""

    __table_args__ = (
        Index(
            "ix_received_waiting",
            "channel",
            "user",
            "id",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    channel: ChannelName = Field(sa_column=word(ChannelName))
    user: str = Field(max_length=100)
    body: str | None = Field(default=None, sa_column=Column(Text))
    received_at: datetime = Field(sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    handled_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = Field(default=None, max_length=40)


class Conversation(SQLModel, table=True):
    """What must be remembered between two words of one person."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    step: str = Field(default="", max_length=40)
    notes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_type=Instant)


class Delivery(SQLModel, table=True):
    """One thing to be sent to one address, once: exactly one call to the platform."""

    __table_args__ = (
        Index("ix_delivery_due", "channel", "state", "urgency", "due_at", "id"),
        Index("ix_delivery_person", "channel", "user", "state"),
        Index("ix_delivery_receipt", "channel", "channel_ref"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    channel: ChannelName = Field(sa_column=word(ChannelName))
    user: str = Field(max_length=100)
    purpose: Purpose = Field(sa_column=word(Purpose))
    urgency: int = Field(sa_column=Column(Integer, nullable=False))
    text: str | None = Field(default=None, sa_column=Column(Text))
    choices: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    attachments: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    template: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON)
    )  # a form the platform approved
    state: DeliveryState = Field(default=DeliveryState.QUEUED, sa_column=word(DeliveryState))
    created_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = Field(default=0)
    doubts: int = Field(default=0)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    channel_ref: str | None = Field(default=None, max_length=200)
    error: str | None = Field(default=None, max_length=200)


class Contact(SQLModel, table=True):
    """An address as we know it: when it last spoke, and whether it still can be reached."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    heard_at: datetime | None = Field(default=None, sa_type=Instant)
    free_at: datetime | None = Field(default=None, sa_type=Instant)
    off_since: datetime | None = Field(default=None, sa_type=Instant)
    off_reason: str | None = Field(default=None, max_length=100)


class Consent(SQLModel, table=True):
    """What a person last said about one purpose, and the words they said it to."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    purpose: Purpose = Field(sa_column=word(Purpose, primary_key=True))
    granted: bool
    said_at: datetime = Field(sa_type=Instant)
    wording: str = Field(max_length=200)


class Handover(SQLModel, table=True):
    """A question left for a person, with the hour by which they promised to answer."""

    id: int | None = Field(default=None, primary_key=True)
    channel: ChannelName = Field(sa_column=word(ChannelName))
    user: str = Field(max_length=100)
    topic: str = Field(default="", max_length=100)
    question: str | None = Field(default=None, sa_column=Column(Text))
    photos: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    asked_at: datetime = Field(sa_type=Instant)
    answer_by: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: str | None = Field(default=None, max_length=100)


class Attachment(SQLModel, table=True):
    """A photo or voice note somebody sent: where the platform keeps it, then where we do."""

    __table_args__ = (
        UniqueConstraint("channel", "ref", name="uq_attachment_ref"),
        Index("ix_attachment_person", "channel", "user", "asked_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: ChannelName = Field(sa_column=word(ChannelName))
    user: str = Field(max_length=100)
    ref: str = Field(max_length=1000)
    kind: str = Field(max_length=20)
    sha256: str | None = Field(default=None, max_length=64)
    asked_at: datetime = Field(sa_type=Instant)
    attempts: int = Field(default=0)
    due_at: datetime = Field(sa_type=Instant)
    fetched_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str | None = Field(default=None, max_length=200)


class UnansweredQuestion(SQLModel, table=True):
    """A question the catalogue could not answer, without any identity, counted."""

    key: str = Field(max_length=64, primary_key=True)
    question: str = Field(max_length=300)
    times: int = Field(default=1)
    first_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)


class DayCount(SQLModel, table=True):
    """How often something happened on one day; `part` spreads the counting over several rows."""

    day: date = Field(primary_key=True)
    what: str = Field(max_length=40, primary_key=True)
    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    part: int = Field(primary_key=True)
    times: int = 0


class CatalogueEdition(SQLModel, table=True):
    """The whole catalogue as it was published once."""

    id: int | None = Field(default=None, primary_key=True)
    document: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str = Field(max_length=64)
    procedures: int
    published_by: str = Field(max_length=100)
    published_at: datetime = Field(sa_type=Instant)


class Gate(SQLModel, table=True):
    """How fast a channel may send now, and until when it is closed."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    next_at: datetime = Field(sa_type=Instant)
    next_bulk_at: datetime = Field(sa_type=Instant)
    closed_until: datetime | None = Field(default=None, sa_type=Instant)
    why: str | None = Field(default=None, max_length=200)
    troubles: int = Field(default=0)


class Counter(SQLModel, table=True):
    """The last number given in a series, without gaps."""

    series: str = Field(max_length=60, primary_key=True)
    last: int


class ChannelToken(SQLModel, table=True):
    """The token pair of a channel whose tokens wear out, and who renews it now."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    access: str = Field(sa_column=Column(String(2000), nullable=False))
    refresh: str = Field(sa_column=Column(String(2000), nullable=False))
    given_sha256: str = Field(max_length=64)
    expires_at: datetime = Field(sa_type=Instant)
    renewed_at: datetime = Field(sa_type=Instant)
    renewing_until: datetime | None = Field(default=None, sa_type=Instant)
    trouble: str | None = Field(default=None, max_length=200)
    quirks: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class JobRun(SQLModel, table=True):
    """One tick of one job: whoever inserts the row runs it."""

    __table_args__ = (Index("ix_jobrun_open", "ended_at", "started_at"),)

    name: str = Field(max_length=60, primary_key=True)
    slot: str = Field(max_length=30, primary_key=True)
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class Trace(SQLModel, table=True):
    """Who did what to which object; rows are only ever added.

    `seq` numbers them without a gap; `mac` seals each together with the one before it.
    """

    id: int | None = Field(default=None, primary_key=True)
    seq: int | None = Field(default=None, unique=True)
    mac: str = Field(default="", max_length=64)
    who: str = Field(max_length=150)
    what: str = Field(max_length=60)
    object: str = Field(max_length=200, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Instant)
