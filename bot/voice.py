"""What the office says in chats when staff act in the console: the same words as when they act in a chat.

The words belong to the conversations; the console knows no conversation, and gets this instead.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from feedback.work import Work
from handlers import binding, deaths
from handlers.dossier_desk import tell_chair
from handlers.phrases import consent, rights
from handlers.phrases import deaths as phrases
from records import outbox, staff
from records.cases import Staff
from records.dossiers import SecondAppointment
from records.letters import CivilEvent
from records.tables import Address, Purpose

_FACTS: Mapping[str, str] = {  # a fact of the event → the question it answers in chat
    "deceased_name": "name",
    "deceased_sex": "sex",
    "deceased_born": "born",
    "group": "group",
    "address": "address",
    "family_name": "family",
    "family_relation": "relation",
    "viewing": "viewing",
}


class Voice:
    """Says things to residents and to staff, in the transaction of whoever acts."""

    async def of_binding(self, db: AsyncSession, who: Address, now: datetime, *, bound: bool) -> None:
        """Tell a resident whose account was bound or set free."""
        await binding.tell(db, who, now, bound=bound)

    async def of_second_promise(self, work: Work, late: SecondAppointment) -> None:
        """Tell the chairperson of a promise that was to be put off a second time."""
        await tell_chair(work, late)

    def of_rights(self, number: int, outcome: str) -> str:
        """Return what a resident reads when a request about their data is answered."""
        return rights.done(number, outcome)

    def of_purpose(self, purpose: Purpose) -> str:
        """Return what a purpose is called where residents agree to it."""
        return consent.NAMES.get(purpose, str(purpose))

    async def ask_about_death(self, db: AsyncSession, event: CivilEvent, by: Staff, now: datetime) -> int:
        """Ask everybody else who may confirm, in their chats; return how many were asked."""
        text, asked = phrases.to_confirm(_told(event.facts), by.name), 0
        tail = f"{event.id} {event.revision}"
        for person in await staff.everybody(db):
            accounts = await staff.accounts(db, person.id or 0)
            if not deaths.allowed(person) or person.login == event.reported_by or not accounts:
                continue
            asked += await outbox.put(
                db,
                key=f"alert:death:{event.id}:{event.revision}:{person.login}",
                to=accounts[0],
                purpose=Purpose.ALERT,
                text=text,
                now=now,
                choices=(("Đúng, xác nhận", f"/xntu {tail}"), ("Báo nhầm", f"/xntu {tail} sai")),
            )
        return asked


def _told(facts: Mapping[str, Any]) -> dict[str, str]:
    told = {name: str(facts[fact]) for fact, name in _FACTS.items() if facts.get(fact)}
    told["died"] = phrases.day(date.fromisoformat(str(facts["died_on"])))
    return told | ({"delicate": "có"} if facts.get("delicate") else {})
