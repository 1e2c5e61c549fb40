"""The schema, fourth page: how staff come in to the console, and what is being prepared there.

Tokens and codes stand here as hashes only; passwords as argon2 writes them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel

from records.columns import Instant, word


class DraftState(StrEnum):
    """Where a change to what the ward publishes stands. Two people: one proposes, another decides."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    DROPPED = "dropped"


class UploadState(StrEnum):
    """Where a file that was handed in stands."""

    RECEIVED = "received"  # on disk; being read
    READ = "read"  # looked through: the rows and what would become of them are known
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"  # refused as a whole; `result` says why
    DROPPED = "dropped"


class Login(SQLModel, table=True):
    """How a staff person proves who they are. `totp_step` is the last interval used: a code works once."""

    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    password_hash: str = Field(max_length=200)
    password_at: datetime = Field(sa_type=Instant)
    totp_secret: str = Field(default="", max_length=64)
    totp_at: datetime | None = Field(default=None, sa_type=Instant)  # when it was confirmed by a right code
    totp_step: int = 0


class ConsoleSession(SQLModel, table=True):
    """One browser of one person. `rights` is what they might do when its name was given."""

    token_sha256: str = Field(max_length=64, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    csrf: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    proved_at: datetime = Field(sa_type=Instant)  # password (and second factor) given
    second_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    rights: str = Field(default="", max_length=300)
    device: str = Field(default="", max_length=60)


class HalfLogin(SQLModel, table=True):
    """Somebody whose password was right and who still owes the second factor."""

    token_sha256: str = Field(max_length=64, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    made_at: datetime = Field(sa_type=Instant)
    code_sha256: str = Field(default="", max_length=64)
    code_at: datetime | None = Field(default=None, sa_type=Instant)
    tries: int = 0


class LoginMiss(SQLModel, table=True):
    """How often a password was wrong, for one name from one kind of visitor, since when."""

    key: str = Field(max_length=64, primary_key=True)
    since: datetime = Field(sa_type=Instant)
    misses: int = 0


class UsedForm(SQLModel, table=True):
    """A form that was sent, by the number it carried: the second click finds what the first one did."""

    token: str = Field(max_length=64, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant, index=True)
    location: str = Field(default="", max_length=500)
    told: str = Field(default="", max_length=500)


class Undoable(SQLModel, table=True):
    """Something done that may be taken back for a few seconds; `document` says how."""

    token: str = Field(max_length=64, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id")
    act: str = Field(max_length=60)
    document: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    until: datetime = Field(sa_type=Instant, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class Upload(SQLModel, table=True):
    """A register file handed in, what its rows would do, and how far it has come."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    file: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    state: UploadState = Field(default=UploadState.RECEIVED, sa_column=word(UploadState))
    by: int = Field(foreign_key="staff.id", index=True)
    at: datetime = Field(sa_type=Instant)
    columns: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    done: int = 0
    total: int = 0
    import_id: int | None = Field(default=None, foreign_key="importrun.id")
    changed_at: datetime = Field(sa_type=Instant)


class CardDraft(SQLModel, table=True):
    """A changed card of one procedure, before it is part of an edition."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20, index=True)
    document: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    note: str = Field(default="", max_length=500)
    state: DraftState = Field(default=DraftState.DRAFT, sa_column=word(DraftState))
    version: int = 1
    by: int = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    edition_id: int | None = Field(default=None, foreign_key="catalogueedition.id")


class ContentDraft(SQLModel, table=True):
    """A page of the ward's own (hours, directory, a template's wording). The newest published one counts."""

    __table_args__ = (Index("ix_content_page", "page", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    page: str = Field(max_length=80)
    document: str = Field(sa_column=Column(Text, nullable=False))
    note: str = Field(default="", max_length=500)
    state: DraftState = Field(default=DraftState.DRAFT, sa_column=word(DraftState))
    version: int = 1
    by: int = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)


class MergeProposal(SQLModel, table=True):
    """Two entries of the register that somebody takes for one person; somebody else decides."""

    id: int | None = Field(default=None, primary_key=True)
    keep_id: int = Field(foreign_key="resident.id", index=True)
    drop_id: int = Field(index=True)  # gone once they are one
    reason: str = Field(default="", max_length=300)
    proposed_by: int = Field(foreign_key="staff.id")
    proposed_at: datetime = Field(sa_type=Instant)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted: bool | None = None
