"""A public case in the words of GeoReport v2."""

from datetime import datetime
from typing import Any

from bot.public_page import photo_path
from feedback.public import STATES, PublicCase
from knowledge.calendar import here


def request(case: PublicCase, site: str) -> dict[str, Any]:
    """Return *case* as a service request; *site* is how the addresses of our photos begin."""
    return {
        "service_request_id": case.code,
        "status": "open" if case.is_open else "closed",
        "status_notes": status_notes(case),
        "service_name": case.field,
        "service_code": case.category,
        "description": case.text or None,
        "agency_responsible": case.desk,
        "service_notice": None,
        "requested_datetime": moment(case.taken_at),
        "updated_datetime": moment(case.changed_at),
        "expected_datetime": moment(case.due_at),
        "address": case.place or None,
        "address_id": None,
        "zipcode": None,
        "lat": case.latitude,
        "long": case.longitude,
        "media_url": site + photo_path(case.photos[0].name) if case.photos else None,
    }


def status_notes(case: PublicCase) -> str:
    """Return the state; of a published answer, how it ended and the answer itself."""
    state = STATES[case.state]
    told = f"{state[:1].upper()}{state[1:]}."
    if case.outcome:
        told += f" Kết quả: {case.outcome}."
    return f"{told} {case.answer}".strip()


def moment(value: datetime) -> str:
    """Return a moment as the specification wants it, on the ward's clock.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 20, 7, 0, tzinfo=UTC))
    '2026-11-20T14:00:00+07:00'
    """
    return here(value).isoformat(timespec="seconds")
