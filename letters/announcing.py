"""Word by an approved form to whoever is outside Zalo's free window: a result is there, a letter waits.

A result is told wholly by its form. A signed letter is not: the form says that it waits, the letter
goes when the resident next says a word (docs/decisions/0011). A form goes once; one that is refused
is not repeated, and what it told of waits as it would have without it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from letters import frozen, keys, notices, reading, rules
from letters.facts import composed, in_words
from letters.forms import OF_LETTERS, Carried, Form, FormKind, filled, usable
from letters.rules import Rule
from letters.work import Work, at_hand
from records import outbox
from records.letters import CivilEvent, Dossier, Letter, Recipient, ResidentAddress
from records.tables import Address, ChannelName, Delivery, DeliveryState, Purpose

REFUSED: Final = "template_"  # what a sender's note on a refused form begins with
UNWANTED: Final = "template_unwanted"  # this person takes no forms of ours
STOPPED: Final = "template_stopped"  # nobody gets this form before a person acts
REST: Final = timedelta(days=1)  # for how long a form that was stopped is not tried again
MOOT: Final = "thư đã có đường đi, không cần tin mẫu báo nữa"
_DAYS: Final = ("original_due_on", "new_due_on", "contribution_date")
_CODES: Final = ("dossier_code", "feedback_code")


async def letter_waits(work: Work, letter: Letter, row: Recipient, to: Address) -> bool:
    """Tell *row* by a form that *letter* waits, if the ward has one for such letters; once.

    For an apology or thanks only. False when nothing was queued.
    """
    rule = rules.of_template(letter.template)
    kind = OF_LETTERS.get(rule.kind) if rule is not None else None
    form = usable(work.shelf.policy.forms, kind, work.today) if kind is not None else None
    if rule is None or form is None or to.channel is not ChannelName.ZALO:
        return False
    carried = filled(form, await _facts(work, letter, row, rule))
    if carried is None or await _is_barred(work.db, to, form, work.now):
        return False
    return await outbox.put(
        work.db,
        key=_key(letter, row, to),
        to=to,
        purpose=Purpose.LETTER,
        text=notices.waits(frozen.text_of(letter), work.shelf.ward.committee),
        now=work.now,
        template=carried,
    )


def _key(letter: Letter, row: Recipient, to: Address) -> str:
    return keys.key(letter.id or 0, row.id or 0, to.channel) + keys.FORM


async def _facts(work: Work, letter: Letter, row: Recipient, rule: Rule) -> Mapping[str, object]:
    """Return what a form may tell of *letter*: of its record only what the signed words say as well."""
    facts: dict[str, object] = {
        "recipient": row.name,
        "letter_number": notices.number(letter),
        "ward_name": work.shelf.ward.name,
    }
    event = await work.db.get(CivilEvent, letter.event_id) if letter.event_id is not None else None
    template = work.shelf.templates.by_name.get(letter.template)
    if event is None or template is None:
        return facts
    known = {**event.facts, **letter.facts.get(frozen.SAID, {})}
    found = reading.facts_of(rule, template, known, work)
    text = letter.text or ""
    for name in _DAYS:
        day = reading.day_of(found.get(name))
        if day is not None and in_words(day) in text:
            facts[name] = day.isoformat()
    code = next((composed(str(found[name])) for name in _CODES if found.get(name)), "")
    return facts | ({"code": code} if code and code in text else {})


async def moot(work: Work, letter: Letter, row: Recipient) -> None:
    """Keep the form at home that would tell of a letter which has found its way, also one in doubt."""
    keyed = keys.key(letter.id or 0, row.id or 0, ChannelName.ZALO) + keys.FORM
    await (await work.db.connection()).execute(
        update(Delivery)
        .where(
            col(Delivery.key) == keyed,
            col(Delivery.state).in_([DeliveryState.QUEUED, DeliveryState.DOUBTFUL]),
        )
        .values(state=DeliveryState.WITHHELD, error=MOOT)
    )


async def of_result(db: AsyncSession, who: Address, row: Dossier, now: datetime) -> Carried | None:
    """Return the form that tells *who* of the result of *row*; None where none may go.

    Only to an account somebody verified: Zalo wants a transaction behind it, and it costs.
    """
    work = at_hand(db, now)
    form = usable(work.shelf.policy.forms, FormKind.RESULT_READY, work.today) if work is not None else None
    if work is None or form is None or who.channel is not ChannelName.ZALO:
        return None
    owner = await db.get(ResidentAddress, tuple(who))
    if owner is None or owner.verified_at is None or await _is_barred(db, who, form, now):
        return None
    ward = work.shelf.ward
    return filled(form, {"code": row.receipt_code, "place": ward.centre.name, "ward_name": ward.name})


async def _is_barred(db: AsyncSession, who: Address, form: Form, now: datetime) -> bool:
    """Tell whether this person takes no forms, or nobody is to get this one now."""
    theirs = (col(Delivery.user) == who.user) & col(Delivery.error).startswith(_noted(UNWANTED))
    lately = (col(Delivery.due_at) > now - REST) & col(Delivery.error).startswith(_noted(STOPPED))
    found = await db.exec(
        select(Delivery).where(
            col(Delivery.channel) == who.channel,
            col(Delivery.state) == DeliveryState.FAILED,
            or_(theirs, lately),
        )
    )
    return any(row.user == who.user or (row.template or {}).get("id") == form.template_id for row in found)


def _noted(mark: str) -> str:
    """Return how a sender's note begins: the error's own name goes first."""
    return f"Refused: {mark}"
