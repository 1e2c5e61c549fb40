"""The schema, second page: cases of residents, the staff who answer for them, and what must stay apart."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from records.columns import Instant, word
from records.tables import ChannelName


class Permission(StrEnum):
    """What a staff person may do. Names are fixed: operators script against them."""

    ANSWER_FEEDBACK = "answer_feedback"
    ASSIGN_FEEDBACK = "assign_feedback"
    SEE_RESTRICTED = "see_restricted"
    DRAFT_LETTERS = "draft_letters"
    SIGN_LETTERS = "sign_letters"
    EDIT_KNOWLEDGE = "edit_knowledge"
    IMPORT_RECORDS = "import_records"
    MANAGE_STAFF = "manage_staff"
    SEE_REPORTS = "see_reports"


class Source(StrEnum):
    """By which way a case came to us."""

    TELEGRAM = "telegram"
    ZALO = "zalo"
    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    PAPER_BOX = "paper_box"
    OPEN311 = "open311"


class FeedbackState(StrEnum):
    """Where a case stands. `feedback.states.STEPS` says how one leads to another."""

    NEW = "new"  # taken and shown to a desk; nobody has it yet
    ASSIGNED = "assigned"  # one officer answers for it
    ANSWERED = "answered"  # the resident has an answer and may still say "not done"
    REOPENED = "reopened"  # the resident said so; the clock runs anew
    CLOSED = "closed"  # answered, with an outcome, and nobody objects
    REFERRED = "referred"  # not ours: passed on, and the resident knows where


class Outcome(StrEnum):
    """With what a case ended."""

    RESOLVED = "resolved"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"
    DUPLICATE = "duplicate"
    NOT_OURS = "not_ours"


class EntryKind(StrEnum):
    """What one line of a case's history is."""

    SAID = "said"  # the report itself
    ADDED = "added"  # the resident told more
    ASKED = "asked"  # we asked the resident
    CLAIMED = "claimed"
    TRANSFERRED = "transferred"
    PROGRESS = "progress"  # told to the resident on the way
    INTERNAL = "internal"  # seen by staff only
    EXTENDED = "extended"
    REFERRED = "referred"
    ANSWER = "answer"
    RATED = "rated"
    REOPENED = "reopened"
    CLOSED = "closed"
    OBJECTED = "objected"  # the resident does not accept a new date


class RequestKind(StrEnum):
    """What a person asks about their own data."""

    ACCESS = "access"
    EXPORT = "export"
    CORRECT = "correct"
    ERASE = "erase"
    WITHDRAW = "withdraw"


class Staff(SQLModel, table=True):
    """A staff person: a login the ward's files name, and what they may do."""

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=100)
    desk: str = Field(default="", max_length=40)
    permissions: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Instant)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)


class StaffAccount(SQLModel, table=True):
    """A chat account that a staff person has bound with a one-time code."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    bound_at: datetime = Field(sa_type=Instant)


class Room(SQLModel, table=True):
    """A group (or a topic of one) in which a desk hears of its cases."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    desk: str = Field(max_length=40, index=True)
    bound_at: datetime = Field(sa_type=Instant)
    bound_by: int | None = Field(default=None, foreign_key="staff.id")


class Invitation(SQLModel, table=True):
    """A one-time code, kept as its hash: it binds a person's account, or a desk's group."""

    code_sha256: str = Field(max_length=64, primary_key=True)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    desk: str = Field(default="", max_length=40)
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class Absence(SQLModel, table=True):
    """Days on which a staff person is away, and who stands in."""

    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    first: date
    last: date
    deputy_id: int | None = Field(default=None, foreign_key="staff.id")


class Feedback(SQLModel, table=True):
    """One report or suggestion: what was said, where it stands, by when it is answered.

    `text` is what the resident wrote, `public_text` the same without numbers that point to a
    person. `version` grows with every act: a button that names an older one does nothing.
    `next_alert_at` is when the ladder is to be looked at again; `claim_by` when an unclaimed
    case is given to somebody. `cycle` counts reopenings. `pin_sha256` seals the code with
    which details may be seen from another account.
    """

    __table_args__ = (
        UniqueConstraint("year", "number", name="uq_feedback_number"),
        Index("ix_feedback_person", "channel", "user"),
        Index("ix_feedback_desk", "desk", "state"),
        Index("ix_feedback_taken", "taken_at"),
        Index("ix_feedback_desk_taken", "desk", "taken_at"),
        Index(  # everything the list of cases may be narrowed by, so that counting reads the index alone
            "ix_feedback_listing",
            "state",
            "desk",
            "officer_id",
            "category",
            "quarter",
            "about_desk",
            "taken_at",
            "due_at",
            "paused_at",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20, unique=True)
    year: int
    number: int
    draft: str = Field(max_length=40, unique=True)
    kind: str = Field(max_length=20)
    source: Source = Field(sa_column=word(Source))
    channel: ChannelName | None = Field(default=None, sa_column=word(ChannelName, nullable=True))
    user: str | None = Field(default=None, max_length=100)
    title: str = Field(default="", max_length=100)
    text: str | None = Field(default=None, sa_column=Column(Text))
    public_text: str | None = Field(default=None, sa_column=Column(Text))
    category: str = Field(max_length=40)
    level: str = Field(max_length=10)
    place: str = Field(default="", max_length=300)
    quarter: str = Field(default="", max_length=40)
    latitude: float | None = None
    longitude: float | None = None
    hide_photos: bool = False
    discreet: bool = False
    contact_name: str = Field(default="", max_length=100)
    contact_phone: str = Field(default="", max_length=20)
    callback: str = Field(default="", max_length=100)
    behalf: bool = False
    external_code: str = Field(default="", max_length=40)
    pin_sha256: str = Field(default="", max_length=64)

    state: FeedbackState = Field(default=FeedbackState.NEW, sa_column=word(FeedbackState))
    version: int = 1
    cycle: int = 0
    desk: str = Field(max_length=40)
    about_desk: str = Field(default="", max_length=40)
    officer_id: int | None = Field(default=None, foreign_key="staff.id")
    entered_by: int | None = Field(default=None, foreign_key="staff.id")
    taken_at: datetime = Field(sa_type=Instant)
    clock_from: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    first_due_at: datetime = Field(sa_type=Instant)
    claim_by: datetime | None = Field(default=None, sa_type=Instant)
    next_alert_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    pause_until: datetime | None = Field(default=None, sa_type=Instant)
    pause_minutes_left: int | None = None
    extended_at: datetime | None = Field(default=None, sa_type=Instant)
    extension_reason: str = Field(default="", max_length=500)

    answer: str | None = Field(default=None, sa_column=Column(Text))
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: Outcome | None = Field(default=None, sa_column=word(Outcome, nullable=True))
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: int | None = Field(default=None, foreign_key="staff.id")
    rating: int | None = None
    duplicate_of: int | None = Field(default=None, foreign_key="feedback.id")
    referred_to: str = Field(default="", max_length=200)
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    erased_at: datetime | None = Field(default=None, sa_type=Instant)


class FeedbackEntry(SQLModel, table=True):
    """One line of a case's history. `public`: the resident reads it."""

    id: int | None = Field(default=None, primary_key=True)
    feedback_id: int = Field(foreign_key="feedback.id", index=True)
    kind: EntryKind = Field(sa_column=word(EntryKind))
    text: str | None = Field(default=None, sa_column=Column(Text))
    public: bool = False
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant)


class FeedbackPhoto(SQLModel, table=True):
    """A photo or voice note that belongs to a case; `after` was taken when the work was done."""

    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True)
    attachment_id: int = Field(foreign_key="attachment.id", primary_key=True, index=True)
    after: bool = False


class Follower(SQLModel, table=True):
    """Somebody else who wants to hear how a case ends."""

    feedback_id: int = Field(foreign_key="feedback.id", primary_key=True)
    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    since: datetime = Field(sa_type=Instant)


class Guess(SQLModel, table=True):
    """How often somebody named a code that is not there, since when."""

    channel: ChannelName = Field(sa_column=word(ChannelName, primary_key=True))
    user: str = Field(max_length=100, primary_key=True)
    since: datetime = Field(sa_type=Instant)
    misses: int = 0


class RestrictedMessage(SQLModel, table=True):
    """A message for the two named persons only. Who wrote it stands in another table."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20, unique=True)
    text: str | None = Field(default=None, sa_column=Column(Text))
    taken_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    next_alert_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: int | None = Field(default=None, foreign_key="staff.id")


class RestrictedSender(SQLModel, table=True):
    """Where the answer to a restricted message goes; kept apart from what it says."""

    message_id: int = Field(foreign_key="restrictedmessage.id", primary_key=True)
    channel: ChannelName = Field(sa_column=word(ChannelName))
    user: str = Field(max_length=100)


class DataRequest(SQLModel, table=True):
    """What a person asked about their data, and by when the law wants an answer."""

    id: int | None = Field(default=None, primary_key=True)
    kind: RequestKind = Field(sa_column=word(RequestKind))
    channel: ChannelName = Field(sa_column=word(ChannelName))
    user: str = Field(max_length=100)
    detail: str | None = Field(default=None, sa_column=Column(Text))
    asked_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: str = Field(default="", max_length=100)
    outcome: str = Field(default="", max_length=500)


class Erasure(SQLModel, table=True):
    """The register of what was deleted: the class of data, how many, why; never what it was."""

    id: int | None = Field(default=None, primary_key=True)
    what: str = Field(max_length=60)
    object: str = Field(default="", max_length=100)
    count: int
    reason: str = Field(max_length=200)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Instant)
