"""The schema, third page: what moves the ward to write, the letters, to whom they go, and dossiers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from records.columns import Instant, word
from records.tables import ChannelName


class EventKind(StrEnum):
    """What happened that moves the ward to write, or tells it not to."""

    MARRIAGE = "marriage"
    BIRTH = "birth"
    DEATH_REPORTED = "death_reported"  # told by a neighbourhood; a second person confirms it
    DEATH_REGISTERED = "death_registered"  # the register: changes the person, moves no letter
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CONTRIBUTION = "contribution"
    VALUABLE_FEEDBACK = "valuable_feedback"
    INITIATIVE_RECOGNISED = "initiative_recognised"
    ACHIEVEMENT = "achievement"
    SERVICE_FAULT_CONFIRMED = "service_fault_confirmed"
    DOSSIER_LOST_OR_WRONG = "dossier_lost_or_wrong"


class LetterState(StrEnum):
    """What is true of a letter. `letters.states.STEPS` says how one leads to another."""

    INCOMPLETE = "incomplete"  # a fact is missing: `gap` names it
    DRAFTED = "drafted"
    CHECKED = "checked"  # a clerk has read it beside its record
    SIGNED = "signed"  # frozen and numbered
    RELEASED = "released"  # its deliveries are in the outbox, or on the hand-over list
    FINISHED = "finished"  # nothing of it is open any more
    REJECTED = "rejected"  # the signer gave it back; `reason` says why
    HALTED = "halted"  # called back on its way
    WITHHELD = "withheld"  # the house chose not to send it: `reason`


class Route(StrEnum):
    """By which way a letter reaches one recipient."""

    UNDECIDED = "undecided"
    CHAT = "chat"  # a delivery to `channel`, `user`
    WAITING = "waiting"  # for the resident's next word, until the letter is stale
    PAPER = "paper"  # printed and handed over
    NONE = "none"  # kept back: `why`


class DossierState(StrEnum):
    """Where a dossier stands (Thông tư 03/2025/TT-VPCP, mẫu 01–06)."""

    TAKEN = "taken"
    SUPPLEMENT = "supplement"  # the applicant was asked for more; the clock stands still
    SUSPENDED = "suspended"
    READY = "ready"  # the result is here
    HANDED = "handed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Household(SQLModel, table=True):
    """People under one roof; while it mourns nothing festive goes there."""

    id: int | None = Field(default=None, primary_key=True)
    quarter: str = Field(default="", max_length=40, index=True)
    address: str = Field(default="", max_length=300, index=True)
    mourning_until: date | None = None


class Resident(SQLModel, table=True):
    """A person of the ward, as its registers know them."""

    __table_args__ = (Index("ix_resident_same", "folded", "born_year", "quarter"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100)
    folded: str = Field(max_length=100)
    gender: str = Field(default="", max_length=10)
    born_year: int | None = None
    born_on: date | None = None
    quarter: str = Field(default="", max_length=40)
    address: str = Field(default="", max_length=300)
    household_id: int | None = Field(default=None, foreign_key="household.id", index=True)
    phone: str = Field(default="", max_length=20, index=True)
    deceased_on: date | None = None
    added_at: datetime = Field(sa_type=Instant)


class ResidentAddress(SQLModel, table=True):
    """A chat account that belongs to a resident, as somebody verified."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    resident_id: int = Field(foreign_key="resident.id", index=True)
    verified_at: datetime | None = Field(default=None, sa_type=Instant)
    verified_by: str = Field(default="", max_length=100)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class AddressClaim(SQLModel, table=True):
    """Somebody asked, from this account, to have it bound: the hash of the code they read out at the desk.

    An account has one at most; the row goes when the code is used, replaced, or its time is over.
    """

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    code_sha256: str = Field(max_length=64, unique=True)
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class ImportRun(SQLModel, table=True):
    """One file that was read in, and what became of its rows."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    file: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    by: str = Field(max_length=100)
    at: datetime = Field(sa_type=Instant)
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    undone_at: datetime | None = Field(default=None, sa_type=Instant)


class CivilEvent(SQLModel, table=True):
    """One thing that happened, once, under the key of its register entry.

    `revision` grows when the register says something else; a letter remembers the revision it
    was written from. `reported_by` and `confirmed_by` are two different people for a death.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    kind: EventKind = Field(sa_column=word(EventKind))
    happened_on: date
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    facts_sha256: str = Field(max_length=64)
    revision: int = 1
    import_id: int | None = Field(default=None, foreign_key="importrun.id", index=True)
    reported_by: str = Field(default="", max_length=100)
    confirmed_by: str = Field(default="", max_length=100)
    noted_at: datetime = Field(sa_type=Instant)
    changed_at: datetime = Field(sa_type=Instant)
    considered_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)


class Letter(SQLModel, table=True):
    """One letter, from draft to the last delivery.

    For a greeting `occasion` is its key and there is no event; `audience` names to whom, and
    `audience_sha256` freezes who they were when it was signed. What was signed is frozen in
    `facts`, `text` and `pdf_sha256`; `cursor` is how far its release has come.
    """

    __table_args__ = (
        UniqueConstraint("event_id", "template", name="uq_letter_event"),
        UniqueConstraint("year", "number", name="uq_letter_number"),
        Index("ix_letter_state", "state", "due_at"),
        Index("ix_letter_kind", "state", "template", "due_at"),
        Index("ix_letter_day", "document_date", "number"),
        Index("ix_letter_book", "year", "template", "number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: int | None = Field(default=None, foreign_key="civilevent.id")
    event_revision: int = 0
    occasion: str | None = Field(default=None, max_length=100, unique=True)
    audience: str = Field(default="", max_length=40)
    audience_sha256: str = Field(default="", max_length=64)
    audience_size: int = 0
    template: str = Field(max_length=60)
    template_version: int = 0
    template_sha256: str = Field(default="", max_length=64)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    text: str | None = Field(default=None, sa_column=Column(Text))
    text_sha256: str = Field(default="", max_length=64)
    pdf_sha256: str = Field(default="", max_length=64)
    state: LetterState = Field(default=LetterState.DRAFTED, sa_column=word(LetterState))
    version: int = 1
    gap: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=300)
    year: int | None = None
    number: int | None = None
    document_date: date | None = None
    check_code: str | None = Field(default=None, max_length=12, unique=True)
    drafted_at: datetime = Field(sa_type=Instant)
    drafted_by: int | None = Field(default=None, foreign_key="staff.id")
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    checked_by: int | None = Field(default=None, foreign_key="staff.id")
    signed_at: datetime | None = Field(default=None, sa_type=Instant)
    signed_by: int | None = Field(default=None, foreign_key="staff.id")
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    stale_at: datetime | None = Field(default=None, sa_type=Instant)
    cursor: int = 0
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class Recipient(SQLModel, table=True):
    """One person a letter goes to, and the way it takes; unsure ones are left to the approver.

    `candidates` are residents who may be meant when the register does not tell them apart.
    """

    __table_args__ = (
        UniqueConstraint("letter_id", "place", name="uq_recipient_place"),
        Index("ix_recipient_account", "channel", "user"),
    )

    id: int | None = Field(default=None, primary_key=True)
    letter_id: int = Field(foreign_key="letter.id", index=True)
    place: int = 0
    resident_id: int | None = Field(default=None, foreign_key="resident.id", index=True)
    candidates: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    name: str = Field(default="", max_length=200)
    quarter: str = Field(default="", max_length=40)
    address: str = Field(default="", max_length=300)
    route: Route = Field(default=Route.UNDECIDED, sa_column=word(Route))
    channel: ChannelName | None = Field(default=None, sa_column=word(ChannelName, nullable=True))
    user: str | None = Field(default=None, max_length=100)
    why: str = Field(default="", max_length=200)
    handed_at: datetime | None = Field(default=None, sa_type=Instant)
    handed_by: str = Field(default="", max_length=100)


class Dossier(SQLModel, table=True):
    """One dossier: its receipt code is what residents type. It is put off once at most."""

    __table_args__ = (Index("ix_dossier_due", "state", "current_due_on"),)

    id: int | None = Field(default=None, primary_key=True)
    receipt_code: str = Field(max_length=60, unique=True)
    procedure_code: str = Field(default="", max_length=20)
    procedure_name: str = Field(default="", max_length=300)
    unit: str = Field(default="", max_length=100)
    applicant_id: int | None = Field(default=None, foreign_key="resident.id", index=True)
    applicant_name: str = Field(default="", max_length=100)
    applicant_phone: str = Field(default="", max_length=20)
    state: DossierState = Field(default=DossierState.TAKEN, sa_column=word(DossierState))
    sensitive: bool = False
    taken_on: date
    original_due_on: date | None = Field(default=None, index=True)
    current_due_on: date | None = Field(default=None, index=True)
    reappointments: int = 0
    delay_reason: str = Field(default="", max_length=500)
    ready_on: date | None = None
    handed_on: date | None = None
    changed_at: datetime = Field(sa_type=Instant)


class DossierWatch(SQLModel, table=True):
    """An account that wants to hear when a dossier's result is there."""

    dossier_id: int = Field(foreign_key="dossier.id", primary_key=True)
    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    since: datetime = Field(sa_type=Instant)
    told_at: datetime | None = Field(default=None, sa_type=Instant)
