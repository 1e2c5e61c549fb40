"""A signer asks the unit that knows the matter: the letter goes back, its question with it, and they are told.

The letter waits as INCOMPLETE, its words kept: whoever knows the answer adds a fact, mends the
words or has it drafted anew, and a clerk checks it again.
"""

from typing import Final

from sqlmodel import col, select

from letters import gaps, lateness
from letters.desk import Hand, a_reason, open_letter
from letters.drafting import settle_on
from letters.states import NotAllowed, Stale, allowed
from letters.work import Work
from records import dossiers, outbox, staff
from records.cases import Feedback, Permission
from records.letters import CivilEvent, EventKind, Letter, LetterState
from records.tables import Address, Purpose

ASKED: Final = "người ký hỏi lại"
_OF_DOSSIERS: Final = (EventKind.DUE_SOON, EventKind.OVERDUE, EventKind.DOSSIER_LOST_OR_WRONG)
_OF_CASES: Final = (EventKind.VALUABLE_FEEDBACK, EventKind.SERVICE_FAULT_CONFIRMED)


async def ask_back(work: Work, number: int, hand: Hand, question: str) -> int:
    """Give letter *number* back with a question; return how many were told. Raises NotAllowed or Stale."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS)
    if not allowed(letter.state, LetterState.INCOMPLETE) or letter.state is LetterState.INCOMPLETE:
        raise Stale
    if letter.event_id is None:
        raise NotAllowed("Lời chúc không có phòng chuyên môn nào giữ; mời sửa lời.")
    said = a_reason(question)
    await settle_on(work, letter, LetterState.INCOMPLETE, gap=f"{ASKED}: {said}", by=hand.person.login)
    desk = await _desk_of(work, letter)
    told = 0
    for place, to in enumerate(await _who(work, desk, hand)):
        told += await outbox.put(
            work.db,
            key=f"alert:ask:{letter.id}:{letter.version}:{place}",
            to=to,
            purpose=Purpose.ALERT,
            text=await _text(work, letter, said),
            now=work.now,
        )
    return told


async def _desk_of(work: Work, letter: Letter) -> str:
    """Return the unit that owns the record, or nothing where only the drafters do."""
    event = await work.db.get(CivilEvent, letter.event_id)
    if event is None:
        return ""
    code = str(event.facts.get("dossier_code") or event.facts.get("feedback_code") or event.facts.get("code"))
    if event.kind in _OF_DOSSIERS:
        row = await dossiers.by_code(work.db, code)
        return lateness.desk_of(work.shelf.ward, row).code if row is not None else ""
    if event.kind in _OF_CASES:
        found = await work.db.exec(select(Feedback.desk).where(col(Feedback.code) == code))
        return found.first() or ""
    return ""


async def _who(work: Work, desk: str, hand: Hand) -> list[Address]:
    """Return the rooms of the unit, else its head; and whoever drafts letters, but for who asks."""
    rooms = await staff.rooms(work.db, desk) if desk else []
    if desk and not rooms:
        head = await staff.by_login(work.db, work.shelf.ward.desks.desk(desk).head)
        rooms = (await staff.accounts(work.db, head.id or 0))[:1] if head is not None else []
    drafters = [to for login, to in await gaps.drafters(work) if login != hand.person.login]
    return list(dict.fromkeys([*rooms, *drafters]))


async def _text(work: Work, letter: Letter, question: str) -> str:
    """Say what is asked: a room reads the number and the code of the matter, nobody's name."""
    event = await work.db.get(CivilEvent, letter.event_id)
    facts = event.facts if event is not None else {}
    code = facts.get("dossier_code") or facts.get("feedback_code") or facts.get("code")
    about = f" · {code}" if code else ""
    return (
        f"Người ký hỏi lại về thư {letter.id} ({gaps.kind_of(work, letter)}){about}:\n“{question}”\n"
        "Ai soạn thư trả lời bằng cách bổ sung, sửa lời hoặc soạn lại: gõ “thư”, bấm Xem thư còn thiếu."
    )
