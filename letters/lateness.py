"""What can be said of a dossier whose promise breaks: the event's key, its facts, the unit that answers."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.desks import Desk
from knowledge.ward import Ward
from records import staff
from records.letters import Dossier, EventKind

LATE = "late_dossier"  # the concern whose desk takes dossiers of a unit nobody knows
SAID = ("specific_reason", "new_due_on")  # the facts that only the unit can tell


def key(kind: EventKind, row: Dossier, due_on: date) -> str:
    """Return the key of the event about this promise: one for each promised date."""
    return f"{kind}:{row.receipt_code}:{due_on}"


def desk_of(ward: Ward, row: Dossier) -> Desk:
    """Return the unit that works on a dossier; the one-stop desk when its name says nothing to us."""
    named = ward.desks.named(row.unit) if row.unit else []
    return named[0] if named else ward.desks.of_category(LATE)


async def facts(db: AsyncSession, ward: Ward, row: Dossier, *, late_days: int = 0) -> dict[str, object]:
    """Return what an apology can be written from; the reason and the new date are the unit's to say."""
    desk = desk_of(ward, row)
    head = await staff.by_login(db, desk.head)
    return {
        "dossier_code": row.receipt_code,
        "procedure_name": row.procedure_name,
        "applicant_name": row.applicant_name,
        "taken_on": row.taken_on,
        "original_due_on": row.original_due_on,
        "unit": desk.name,
        "officer_name": head.name if head is not None else None,
        "officer_phone": desk.phone,
        "reappointments": row.reappointments,
        **({"late_days": late_days} if late_days else {}),
    }
