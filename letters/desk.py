"""What people do with a letter. Each act checks who acts and where the letter stands, or does nothing.

`Stale` means that the letter has moved since the button was made. A clerk checks, somebody else
signs; what is signed is frozen, numbered and can only be called back.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import String, cast, literal, update
from sqlmodel import col, select

from knowledge.sending import next_sending_moment
from letters import (
    drafting,
    frozen,
    guard,
    keys,
    matching,
    occasions,
    register,
    rules,
    stopping,
    writing,
)
from letters.drafting import leave, settle_on
from letters.errors import LetterError
from letters.facts import composed
from letters.fields import FIELDS
from letters.occasions import seal_audience
from letters.paper import Capacity, Signatory
from letters.promises import put_off
from letters.render import suspicious
from letters.states import ON_ITS_WAY, UNSIGNED, NotAllowed, Stale, allowed
from letters.supplied import value_of
from letters.work import Work
from records import people, staff
from records.cases import Permission, Staff
from records.letters import CivilEvent, Letter, LetterState, Recipient, Resident, Route
from records.tables import Address, Delivery, DeliveryState

S = LetterState
LONGEST: Final = 6000  # letters of an edited text; a page holds about 2,000
SHORTEST_REASON: Final = 5
NOT_YOURS: Final = "Không có thư này, hoặc thư không thuộc phần việc của anh/chị."
NOBODY: Final = (
    0  # chosen instead of a candidate: none of these, the letter goes to the address in the register
)


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A staff person about to act: on the letter as they saw it (`version`), or as it is (None)."""

    person: Staff
    version: int | None = None


async def open_letter(work: Work, number: int, hand: Hand, *needed: Permission) -> Letter:
    """Return letter *number*, locked, if *hand* has one of the permissions. Raises NotAllowed or Stale."""
    found = await work.db.exec(
        select(Letter)
        .where(col(Letter.id) == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    letter = found.first()
    if letter is None or not any(staff.may(hand.person, one) for one in needed):
        raise NotAllowed(NOT_YOURS)
    if hand.version is not None and hand.version != letter.version:
        raise Stale
    return letter


async def check(work: Work, number: int, hand: Hand) -> Letter:
    """A clerk has read the letter beside its record. Raises NotAllowed or Stale."""
    letter = await open_letter(work, number, hand, Permission.DRAFT_LETTERS)
    _require(letter, S.CHECKED)
    await _stand_up_to(work, letter)
    await settle_on(work, letter, S.CHECKED, by=hand.person.login)
    letter.checked_by, letter.checked_at = hand.person.id, work.now
    return await _kept(work, letter)


async def sign(work: Work, number: int, hand: Hand) -> Letter:
    """Sign: the number is given, everything is frozen, the moment it leaves is set.

    Raises NotAllowed or Stale; a signature that is refused changes nothing.
    """
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS)
    _require(letter, S.SIGNED)
    if letter.state is not S.CHECKED:
        raise Stale
    await fit_to_sign(work, letter, hand.person)
    await put_off(work, letter)
    await seal_audience(work, letter)
    await _freeze(work, letter, hand.person)
    await leave(work, letter, "letter.signed", hand.person.login, number=letter.number, pdf=letter.pdf_sha256)
    return letter


async def fit_to_sign(work: Work, letter: Letter, person: Staff) -> None:
    """See that nothing stands between a checked *letter* and the signature of *person*. Raises NotAllowed."""
    if person.id in (letter.drafted_by, letter.checked_by):
        raise NotAllowed("Người soạn hoặc người soát không ký chính thư ấy; mời người khác có quyền ký.")
    _require_approved(work, letter)
    await _as_recorded(work, letter)
    await _stand_up_to(work, letter)


def _require_approved(work: Work, letter: Letter) -> None:
    template = work.shelf.templates.by_name.get(letter.template)
    if template is None or template.sha256 != letter.template_sha256:
        raise NotAllowed("Mẫu thư đã đổi từ khi soạn. Mời soạn lại rồi soát lại thư này.")
    if not template.approved and not work.shelf.policy.trial:
        raise NotAllowed(
            f"Mẫu “{template.title}” chưa được phường duyệt. Ghi approved_by và approved_on "
            f"vào tệp {template.name}.txt trong thư mục letters của phường, rồi soạn lại."
        )


async def _as_recorded(work: Work, letter: Letter) -> None:
    """Raise NotAllowed when the source record is not the one the letter was written from."""
    if letter.event_id is None:
        return
    found = await work.db.exec(
        select(CivilEvent)
        .where(col(CivilEvent.id) == letter.event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found.one().revision != letter.event_revision:
        raise NotAllowed("Bản ghi nguồn vừa được sửa. Thư sẽ được soạn lại; mời soát lại bản mới.")


async def _stand_up_to(work: Work, letter: Letter) -> None:
    """Raise NotAllowed where a stop holds, or a recipient is still to be chosen."""
    if matching.unresolved(await matching.recipients(work, letter.id or 0)):
        raise NotAllowed(
            "Chưa chắc người nhận là ai (trùng tên hoặc thiếu năm sinh). Mời chọn người nhận trước."
        )
    bar = await guard.of_letter(work, letter)
    if bar is not None:
        raise NotAllowed(f"Chưa gửi được thư này: {bar.why}.")


async def _freeze(work: Work, letter: Letter, signer: Staff) -> None:
    """Give number, date and code, and keep the hash of the paper as it is now."""
    if letter.number is None:  # one that was halted before it left keeps its number
        letter.year = work.today.year
        letter.number = await register.number(work.db, letter.year)
    letter.document_date, letter.check_code = work.today, await register.fresh_code(work.db)
    text = frozen.signed_by(frozen.text_of(letter), signatory_of(work, signer))
    frozen.put_words(letter, text)
    sheet = frozen.sheet_of(work.head, work.shelf.policy.symbol, letter.check_code)
    letter.facts = {**letter.facts, frozen.SHEET: sheet}
    try:
        letter.pdf_sha256 = hashlib.sha256(await frozen.pdf(work, letter)).hexdigest()
    except LetterError as error:
        raise NotAllowed(f"Chưa in được thư: {error}") from error
    letter.state, letter.reason, letter.gap = S.SIGNED, "", ""
    letter.signed_by, letter.signed_at = signer.id, work.now
    letter.due_at = _leaves_at(work, letter)
    letter.version += 1
    await _kept(work, letter)


def _leaves_at(work: Work, letter: Letter) -> datetime:
    """Return when the letter may leave: a greeting at the hour of its day, others as soon as hours allow."""
    earliest = max(letter.due_at, work.now) if letter.occasion and letter.due_at else work.now
    return next_sending_moment(earliest, work.shelf.policy.hours)


def signatory_of(work: Work, signer: Staff) -> Signatory:
    """Return in what capacity *signer* signs: the chairperson as such, everybody else for the chairperson."""
    is_chair = signer.login == work.shelf.ward.desks.chair
    capacity = Capacity.CHAIRPERSON if is_chair else Capacity.FOR_CHAIRPERSON
    return Signatory(capacity=capacity, name=signer.name)


async def reject(work: Work, number: int, hand: Hand, reason: str) -> Letter:
    """Decide not to send, before the signature. Raises NotAllowed or Stale."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    _require(letter, S.REJECTED)
    await settle_on(work, letter, S.REJECTED, reason=a_reason(reason), by=hand.person.login)
    return letter


async def recall(work: Work, number: int, hand: Hand, reason: str) -> int:
    """Call a signed letter back: what is still queued stays at home from this commit on; return how many."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    if letter.state not in ON_ITS_WAY:
        raise NotAllowed("Thư này không đang trên đường gửi, nên không có gì để dừng.")
    return await stopping.halt(work, letter, a_reason(reason), by=hand.person.login)


async def edit(work: Work, number: int, hand: Hand, paragraphs: Sequence[str]) -> Letter:
    """Change the words of the body, or write them where none fit; a clerk checks the draft anew.

    Whoever may only draft becomes its author. Raises NotAllowed or Stale.
    """
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    if letter.state not in UNSIGNED:
        raise NotAllowed("Thư đã ký hoặc đã thôi; muốn đổi lời thì dừng thư rồi soạn lại.")
    clean = tuple(one for one in (composed(part) for part in paragraphs) if one)
    if not clean or sum(map(len, clean)) > LONGEST:
        raise NotAllowed(f"Lời thư cần có chữ, dài không quá {LONGEST} chữ cái.")
    before = frozen.text_of(letter) if frozen.has_words(letter) else await writing.begun(work, letter)
    text = replace(before, paragraphs=clean)
    odd = (*suspicious(text), *writing.out_of_place(text))
    if odd:
        raise NotAllowed(f"Trong lời mới còn chữ lạ hoặc không hợp thư này: {', '.join(odd)}.")
    frozen.put_words(letter, text)
    if not staff.may(hand.person, Permission.SIGN_LETTERS):
        letter.drafted_by = hand.person.id
    await settle_on(work, letter, S.DRAFTED, by=hand.person.login)
    return letter


async def supply(work: Work, number: int, hand: Hand, facts: Mapping[str, object]) -> Letter:
    """Add facts the record does not hold, and draft the letter anew. Raises NotAllowed or Stale."""
    letter = await open_letter(work, number, hand, Permission.DRAFT_LETTERS)
    if letter.state not in UNSIGNED:
        raise NotAllowed("Thư đã ký; muốn đổi thì dừng thư rồi soạn lại.")
    if letter.occasion is None and letter.event_id is None:
        raise NotAllowed("Thư này không soạn từ bản ghi nào; mời sửa lời.")
    letter.facts = {**letter.facts, frozen.SAID: letter.facts.get(frozen.SAID, {}) | _true(facts)}
    return await _anew(work, letter, hand)


def _true(facts: Mapping[str, object]) -> dict[str, object]:
    """Return *facts* as they are kept. Raises NotAllowed for one no letter knows, or that cannot be true."""
    unknown = [name for name in facts if name not in FIELDS]
    if unknown:
        raise NotAllowed(f"Không có mục nào tên {', '.join(unknown)}.")
    return {name: value_of(name, value) for name, value in facts.items()}


async def redraft(work: Work, number: int, hand: Hand) -> Letter:
    """Draft a letter anew from its record: one given back, kept back or halted, if nothing of it has left."""
    letter = await open_letter(work, number, hand, Permission.DRAFT_LETTERS)
    if not allowed(letter.state, S.DRAFTED):
        raise NotAllowed("Thư đang trên đường gửi hoặc đã xong. Muốn soạn lại thì dừng thư trước.")
    await _require_unsent(work, letter)
    await _free_keys(work, letter)
    return await _anew(work, letter, hand)


async def resume(work: Work, number: int, hand: Hand) -> Letter:
    """Let a halted letter go as it was signed, if nothing of it has left and no stop holds."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS)
    if letter.state is not S.HALTED:
        raise NotAllowed("Thư này không bị dừng.")
    await _require_unsent(work, letter)
    await _as_recorded(work, letter)
    await _stand_up_to(work, letter)
    await _free_keys(work, letter)
    letter.state, letter.reason, letter.version = S.SIGNED, "", letter.version + 1
    letter.due_at = next_sending_moment(work.now, work.shelf.policy.hours)
    await _kept(work, letter)
    await leave(work, letter, "letter.resumed", hand.person.login)
    return letter


async def _anew(work: Work, letter: Letter, hand: Hand) -> Letter:
    rule = rules.of_template(letter.template)
    event = await work.db.get(CivilEvent, letter.event_id or 0, populate_existing=True)
    if letter.occasion is not None:
        await occasions.draft_again(work, letter)
    elif rule is None or event is None:
        raise NotAllowed("Thư này không soạn từ bản ghi nào; mời sửa lời.")
    else:
        await drafting.draft(work, letter, event, rule)
    letter.drafted_by = hand.person.id
    return await _kept(work, letter)


async def has_left(work: Work, letter: Letter) -> bool:
    """Tell whether a copy may have reached somebody; what was kept back in time has not."""
    sent = select(Delivery.id).where(
        keys.of_letter(letter.id or 0), col(Delivery.state) != DeliveryState.WITHHELD
    )
    handed = select(Recipient.id).where(
        col(Recipient.letter_id) == letter.id, col(Recipient.handed_at).is_not(None)
    )
    left = [(await work.db.exec(which.limit(1))).first() for which in (sent, handed)]
    return letter.state is S.FINISHED or bool(letter.cursor) or any(one is not None for one in left)


async def _require_unsent(work: Work, letter: Letter) -> None:
    if await has_left(work, letter):
        raise NotAllowed("Thư này đã có bản rời cơ quan, không soạn lại hay gửi lại được.")


async def _free_keys(work: Work, letter: Letter) -> None:
    """Let what was kept back be queued again under its key; its row stays, under the version that halted it."""
    aside = cast(col(Delivery.key), String) + literal(f":v{letter.version}")
    connection = await work.db.connection()
    await connection.execute(update(Delivery).where(keys.of_letter(letter.id or 0)).values(key=aside))
    await connection.execute(
        update(Recipient)
        .where(col(Recipient.letter_id) == letter.id, col(Recipient.route) == Route.CHAT)
        .values(route=Route.UNDECIDED, why="")
    )


async def choose(work: Work, number: int, hand: Hand, place: int, resident_id: int) -> Recipient:
    """Say which of the candidates is meant, or `NOBODY` of them. Raises NotAllowed or Stale."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    rows = {row.place: row for row in await matching.recipients(work, number)}
    row = rows.get(place)
    if letter.state not in UNSIGNED or row is None or resident_id not in (*row.candidates, NOBODY):
        raise NotAllowed("Không chọn được người này cho thư này.")
    row.resident_id, row.candidates = resident_id or None, []
    work.db.add(row)
    await settle_on(work, letter, letter.state, gap=letter.gap, by=hand.person.login)
    await leave(work, letter, "letter.recipient", hand.person.login, place=place, resident=resident_id)
    return row


async def confirm_reader(work: Work, number: int, hand: Hand, place: int, account: Address) -> Recipient:
    """Say that a person knows who reads *account*: only so does a condolence go by chat."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS, Permission.DRAFT_LETTERS)
    row = next((one for one in await matching.recipients(work, number) if one.place == place), None)
    if row is None or letter.state not in UNSIGNED:
        raise NotAllowed("Chỉ xác nhận được trước khi ký.")
    known = await people.contact(work.db, account)
    if known is None or known.off_since is not None:
        raise NotAllowed("Chưa thấy tài khoản này nhắn cho Trợ lý số. Xem lại kênh và mã tài khoản.")
    row.channel, row.user = account.channel, account.user
    work.db.add(row)
    await settle_on(work, letter, letter.state, gap=letter.gap, by=hand.person.login)
    await leave(work, letter, "letter.reader", hand.person.login, place=place)
    return row


async def candidates(work: Work, row: Recipient) -> dict[int, str]:
    """Return who may be meant, each with two facts that tell them apart."""
    found = await work.db.exec(select(Resident).where(col(Resident.id).in_(list(row.candidates))))
    return matching.tell_apart(list(found.all()))


def _require(letter: Letter, then: LetterState) -> None:
    if not allowed(letter.state, then):
        raise Stale


def a_reason(text: str) -> str:
    """Return what was given as a reason or a question. Raises NotAllowed where it says nothing."""
    said = composed(text)
    if len(said) < SHORTEST_REASON:
        raise NotAllowed("Xin ghi rõ lý do, ít nhất vài chữ.")
    return said


async def _kept(work: Work, letter: Letter) -> Letter:
    work.db.add(letter)
    await work.db.flush()
    return letter
