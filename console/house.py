"""As much of the office as the console needs: `bot.app.Office` is one."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.work import Work
from knowledge.calendar import Calendar
from knowledge.catalogue import Catalogue
from knowledge.concerns import Concerns
from knowledge.ward import Ward
from records.cases import Staff
from records.database import Database
from records.dossiers import SecondAppointment
from records.letters import CivilEvent
from records.media import MediaStore
from records.tables import Address, ChannelName, Purpose


class Known(Protocol):
    """What the house looks up."""

    ward: Ward
    catalogue: Catalogue
    calendar: Calendar
    concerns: Concerns
    edition: int


class Voice(Protocol):
    """What the office says in chats when somebody acts here: its words belong to the conversations."""

    async def of_binding(self, db: AsyncSession, who: Address, now: datetime, *, bound: bool) -> None:
        """Tell a resident whose account was bound or set free."""
        ...

    async def of_second_promise(self, work: Work, late: SecondAppointment) -> None:
        """Tell the chairperson of a promise that was to be put off a second time."""
        ...

    def of_rights(self, number: int, outcome: str) -> str:
        """Return what a resident reads when a request about their data is answered."""
        ...

    def of_purpose(self, purpose: Purpose) -> str:
        """Return what a purpose is called where residents agree to it."""
        ...

    async def ask_about_death(self, db: AsyncSession, event: CivilEvent, by: Staff, now: datetime) -> int:
        """Ask everybody else who may confirm, in their chats; return how many were asked."""
        ...


class House(Protocol):
    """The office, seen from the console."""

    database: Database
    media: MediaStore

    @property
    def clock(self) -> Callable[[], datetime]:
        """Return what tells the present moment."""
        ...

    @property
    def voice(self) -> Voice:
        """Return what speaks to chats in the words of the conversations."""
        ...

    @property
    def shelf(self) -> Known:
        """Return the ward's own pages, the catalogue and the fields of reports."""
        ...

    @property
    def data_dir(self) -> Path:
        """Return the folder for what is kept beside the database."""
        ...

    @property
    def public_url(self) -> str:
        """Return the address residents know, without a slash at its end; "" when nobody set one."""
        ...

    @property
    def telegram_name(self) -> str:
        """Return the name by which Telegram finds our bot; "" when there is none."""
        ...

    @property
    def zalo_account(self) -> str:
        """Return the number of our Official Account on Zalo; "" when there is none."""
        ...

    @property
    def behind_proxy(self) -> bool:
        """Tell whether a proxy of ours says from where a request came."""
        ...

    @property
    def channel_names(self) -> tuple[ChannelName, ...]:
        """Return the channels that are on."""
        ...

    def work(self, db: AsyncSession, now: datetime) -> Work:
        """Return what an act on a case works with."""
        ...

    def wake(self) -> None:
        """Have every sender look at the outbox now."""
        ...

    async def refresh_catalogue(self) -> int:
        """Take the newest edition into use."""
        ...

    async def refresh_content(self) -> int:
        """Take the newest pages of the ward into use."""
        ...

    def original_page(self, page: str) -> str:
        """Return the text of a page of the ward as its folder has it; "" where there is none."""
        ...
