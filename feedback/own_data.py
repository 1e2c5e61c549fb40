"""What is kept about one address: shown to its owner, copied for them, put right by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from feedback import history
from feedback.states import OPEN
from feedback.work import Work
from knowledge import when
from knowledge.calendar import here
from knowledge.wording import plain
from records import outbox, retention, rights, staff
from records.cases import (
    DataRequest,
    EntryKind,
    Feedback,
    FeedbackEntry,
    Follower,
    RequestKind,
    RestrictedMessage,
    RestrictedSender,
    Staff,
)
from records.letters import Dossier, DossierWatch, ResidentAddress
from records.tables import Address, Attachment, Consent, Contact, Delivery, Handover, Purpose

MOST = 1000  # rows of one kind in a copy
HALF_A_DAY = 240  # working minutes before the deadline at which the leadership hears of a request
KINDS = {
    RequestKind.ACCESS: "xem",
    RequestKind.EXPORT: "nhận bản sao",
    RequestKind.CORRECT: "sửa",
    RequestKind.ERASE: "xóa",
    RequestKind.WITHDRAW: "rút đồng ý",
}
CORRECTED = {
    "contact_phone": "Người dân đã sửa số điện thoại liên hệ.",
    "contact_name": "Người dân đã sửa tên liên hệ.",
}


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Everything kept about one address. `lines` are the public history of each case, by its id.

    `bound` says since when somebody of the register is known to read it; `watched` are receipt codes.
    """

    cases: Sequence[Feedback]
    lines: Mapping[int, Sequence[FeedbackEntry]]
    photos: int
    questions: Sequence[Handover]
    consents: Sequence[Consent]
    told: Sequence[Delivery]
    following: Sequence[str]
    watched: Sequence[str]
    bound: ResidentAddress | None
    restricted: Sequence[RestrictedMessage]
    requests: Sequence[DataRequest]
    heard_at: datetime | None

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name given for being called, once each."""
        return tuple(dict.fromkeys(case.contact_name for case in self.cases if case.contact_name))

    @property
    def phones(self) -> tuple[str, ...]:
        """Return every telephone number given, once each."""
        return tuple(dict.fromkeys(case.contact_phone for case in self.cases if case.contact_phone))


async def of(work: Work, who: Address) -> Holding:
    """Gather everything that is kept about *who*."""
    db = work.db
    cases = await history.of_person(db, who, MOST)
    contact = await db.get(Contact, (who.channel, who.user))
    return Holding(
        cases=cases,
        lines=await _lines(work, [case.id or 0 for case in cases]),
        photos=await _photos(work, who),
        questions=await _rows(work, Handover, who, col(Handover.question).is_not(None)),
        consents=await _rows(work, Consent, who),
        told=await _rows(work, Delivery, who, col(Delivery.text).is_not(None), _not_work()),
        following=await _following(work, who),
        watched=await _watched(work, who),
        bound=await db.get(ResidentAddress, (who.channel, who.user)),
        restricted=await _restricted(work, who),
        requests=await rights.of(db, who, MOST),
        heard_at=contact.heard_at if contact else None,
    )


async def _lines(work: Work, cases: Sequence[int]) -> dict[int, list[FeedbackEntry]]:
    found: dict[int, list[FeedbackEntry]] = {number: [] for number in cases}
    public = select(FeedbackEntry).where(col(FeedbackEntry.feedback_id).in_(cases), col(FeedbackEntry.public))
    for line in (await work.db.exec(public.order_by(col(FeedbackEntry.id)))).all():
        found[line.feedback_id].append(line)
    return found


def _not_work() -> Any:
    return col(Delivery.purpose) != Purpose.ALERT  # alerts are of the office, also for who works there


async def _rows(work: Work, table: Any, who: Address, *also: Any) -> list[Any]:
    """Return the rows of one table that belong to *who*; the table decides their type."""
    mine = (col(table.channel) == who.channel, col(table.user) == who.user)
    return list((await work.db.exec(select(table).where(*mine, *also).limit(MOST))).all())


async def _photos(work: Work, who: Address) -> int:
    found = await work.db.exec(
        select(func.count())
        .select_from(Attachment)
        .where(
            col(Attachment.channel) == who.channel,
            col(Attachment.user) == who.user,
            ~col(Attachment.ref).startswith(retention.ERASED),
        )
    )
    return found.one()


async def _following(work: Work, who: Address) -> list[str]:
    found = await work.db.exec(
        select(Feedback.code)
        .join(Follower, col(Follower.feedback_id) == col(Feedback.id))
        .where(col(Follower.channel) == who.channel, col(Follower.user) == who.user)
    )
    return list(found.all())


async def _watched(work: Work, who: Address) -> list[str]:
    found = await work.db.exec(
        select(Dossier.receipt_code)
        .join(DossierWatch, col(DossierWatch.dossier_id) == col(Dossier.id))
        .where(col(DossierWatch.channel) == who.channel, col(DossierWatch.user) == who.user)
        .order_by(col(Dossier.receipt_code))
    )
    return list(found.all())


async def _restricted(work: Work, who: Address) -> list[RestrictedMessage]:
    found = await work.db.exec(
        select(RestrictedMessage)
        .join(RestrictedSender, col(RestrictedSender.message_id) == col(RestrictedMessage.id))
        .where(col(RestrictedSender.channel) == who.channel, col(RestrictedSender.user) == who.user)
    )
    return list(found.all())


# --- a copy -------------------------------------------------------------------------------------


def document(work: Work, who: Address, kept: Holding) -> dict[str, Any]:
    """Return a copy that a machine reads: identifiers in English, moments in ISO 8601, words as they are.

    A restricted message is named by its code only, and of the register no more than that the
    account stands beside a name there: what they say is read at the counter.
    """
    return {
        "made_at": work.now.isoformat(),
        "kept_by": work.ward.committee,
        "account": {"channel": str(who.channel), "id": who.user, "last_heard_at": _iso(kept.heard_at)},
        "cases": [_case(work, case, kept.lines.get(case.id or 0, ())) for case in kept.cases],
        "photos_and_voice_notes": kept.photos,
        "questions": [
            {"asked_at": _iso(row.asked_at), "question": row.question, "answered_at": _iso(row.answered_at)}
            for row in kept.questions
        ],
        "consents": [
            {
                "purpose": str(row.purpose),
                "granted": row.granted,
                "said_at": _iso(row.said_at),
                "wording": row.wording,
            }
            for row in kept.consents
        ],
        "following": list(kept.following),
        "dossiers_watched": list(kept.watched),
        "verified_as_yours": _bound(kept.bound),
        "restricted_messages": [
            {"code": row.code, "taken_at": _iso(row.taken_at)} for row in kept.restricted
        ],
        "messages_sent_to_you": [
            {"at": _iso(row.created_at), "purpose": str(row.purpose), "text": plain(row.text or "")}
            for row in kept.told
        ],
        "requests": [
            {
                "number": row.id,
                "kind": str(row.kind),
                "asked_at": _iso(row.asked_at),
                "due_at": _iso(row.due_at),
                "done_at": _iso(row.done_at),
                "outcome": row.outcome,
            }
            for row in kept.requests
        ],
    }


def _bound(row: ResidentAddress | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"verified_at": _iso(row.verified_at), "closed_at": _iso(row.closed_at)}


def _case(work: Work, case: Feedback, lines: Sequence[FeedbackEntry]) -> dict[str, Any]:
    return {
        "code": case.code,
        "category": work.concerns.of(case.category).title,
        "state": str(case.state),
        "outcome": str(case.outcome) if case.outcome else None,
        "text": case.text,
        "place": case.place,
        "latitude": case.latitude,
        "longitude": case.longitude,
        "contact_name": case.contact_name,
        "contact_phone": case.contact_phone,
        "callback": case.callback,
        "taken_at": _iso(case.taken_at),
        "due_at": _iso(case.due_at),
        "answer": case.answer,
        "answered_at": _iso(case.answered_at),
        "rating": case.rating,
        "history": [
            {"at": _iso(line.at), "kind": str(line.kind), "text": line.text} for line in lines if line.text
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


# --- requests -----------------------------------------------------------------------------------------


async def ask(
    work: Work, who: Address, kind: RequestKind, *, detail: str | None = None, done: str = ""
) -> DataRequest:
    """Register what *who* asks, to be answered in two working days; *done* tells how it ended at once."""
    return await rights.ask(
        work.db, who, kind, now=work.now, due_at=answer_by(work), detail=detail, done=done
    )


async def open_link(work: Work, who: Address, done: str) -> str:
    """Return the token of a one-time link to a copy of the data of *who*."""
    return await rights.open_link(work.db, who, now=work.now, due_at=answer_by(work), done=done)


def answer_by(work: Work) -> datetime:
    """Return when the office closes on the last day for an answer; the day of asking does not count."""
    day = work.calendar.add_working_days(here(work.now).date(), rights.ANSWER_DAYS)
    return work.calendar.close_of(day)


# --- putting right, and the deadline ----------------------------------------------------------------


async def correctable(work: Work, who: Address, field: str) -> list[Feedback]:
    """Return the cases of *who* in which *field* may be put right: those that have it, and open ones."""
    mine = await history.of_person(work.db, who, MOST)
    return [case for case in mine if getattr(case, field) or case.state in OPEN]


async def correct(work: Work, who: Address, field: str, value: str, code: str = "") -> list[str]:
    """Put *value* in *field* ("contact_name", "contact_phone") of the case *code*, or of all; return the codes.

    The history tells the officer that it changed; the new value stands in the case.
    """
    codes = []
    for case in await correctable(work, who, field):
        if code and case.code != code:
            continue
        setattr(case, field, value)
        work.db.add(case)
        await work.db.flush()
        await history.note(work.db, case, EntryKind.INTERNAL, work.now, text=CORRECTED[field])
        codes.append(case.code)
    return codes


async def warn(work: Work) -> int:
    """Tell the leadership of requests that wait until half a working day before their deadline."""
    told = 0
    for row in await rights.waiting(work.db):
        if work.calendar.subtract_working_minutes(row.due_at, HALF_A_DAY) > work.now:
            continue
        for person in await _leaders(work):
            for account in (await staff.accounts(work.db, person.id or 0))[:1]:
                told += await outbox.put(
                    work.db,
                    key=f"alert:rights:{row.id}:{person.login}",
                    to=account,
                    purpose=Purpose.ALERT,
                    text=waits(row),
                    now=work.now,
                )
    return told


def waits(row: DataRequest) -> str:
    """Tell the leadership of one request; never who asked."""
    return (
        f"Yêu cầu về dữ liệu cá nhân số {row.id} ({KINDS[row.kind]}) chưa có kết quả. "
        f"Hạn trả lời {when.moment(row.due_at)}. Xem: ward rights list"
    )


async def _leaders(work: Work) -> list[Staff]:
    desks = work.ward.desks
    return [
        person
        for person in await staff.everybody(work.db)
        if person.disabled_at is None and (person.desk == desks.leadership or person.login == desks.chair)
    ]
