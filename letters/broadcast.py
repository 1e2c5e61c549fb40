"""A greeting to many: drafted ahead, approved once, queued in chunks, halted by one word, resumed by another.

The approval is for an audience (`audience`); it is void when that has changed at the moment the
release begins, or begins again. Each chunk moves `cursor` in the same commit, so a crash resumes
where it stopped. What has left, or may have, never leaves again.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import JSON, Integer, String, func, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.sending import next_sending_moment
from letters import audience as audiences
from letters import frozen, guard, keys, notices, stopping, watching
from letters.aloud import Texts, texts
from letters.desk import Hand, open_letter
from letters.drafting import MACHINE, leave
from letters.occasions import draft_greetings, outlook
from letters.release import finish, open_now
from letters.states import NotAllowed
from letters.work import Work
from records import outbox
from records.cases import Permission
from records.columns import Instant, word
from records.letters import Household, Letter, LetterState, Resident
from records.tables import Delivery, DeliveryState, Purpose

CHUNK: Final = 500
S = LetterState
Opened = Callable[[], AbstractAsyncContextManager[Work]]
_OPEN: Final = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DOUBTFUL)
_LEFT: Final = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.SEEN)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a greeting has come, in deliveries: `total` are all that were queued so far.

    `queued` are still to leave or under way, `withheld` stayed at home, `doubtful` wait for a person.
    """

    total: int
    sent: int
    queued: int
    doubtful: int
    failed: int
    withheld: int


async def push(opened: Opened, limit: int = 200) -> int:
    """Queue greetings that are due, a chunk a transaction, up to *limit* chunks; return how many deliveries."""
    queued = 0
    for _ in range(limit):
        async with opened() as work:
            done = await step(work)
        if done is None:
            return queued
        queued += done
    return queued


async def step(work: Work) -> int | None:
    """Queue the next chunk of a greeting that is due; None when there is nothing to do now."""
    if not open_now(work, work.shelf.policy.hours):
        return None
    letter = await _next(work)
    if letter is None:
        return None
    if letter.state is S.SIGNED and not await _begin(work, letter):
        return 0
    if not audiences.can_choose(letter.audience):
        await finish(work, letter)
        return 0
    return await _chunk(work, letter) if letter.cursor >= 0 else 0


async def _next(work: Work) -> Letter | None:
    found = await work.db.exec(
        pick(Letter)
        .where(
            col(Letter.occasion).is_not(None),
            (col(Letter.state) == S.SIGNED) | ((col(Letter.state) == S.RELEASED) & (col(Letter.cursor) >= 0)),
            col(Letter.due_at) <= work.now,
        )
        .order_by(col(Letter.due_at), col(Letter.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return found.first()


async def _begin(work: Work, letter: Letter) -> bool:
    """Let a signed greeting start, or go on; False and halted when its approval does not hold any more."""
    if letter.reason:  # it was halted on its way
        await _queue_again(work, letter)
    why = await _against(work, letter)
    if why:
        await stopping.halt(work, letter, why, by=MACHINE)
        return False
    shown = await work.shelf.media.save_image(await frozen.picture(work, letter))
    sheet = {**letter.facts[frozen.SHEET], "picture": shown}
    letter.facts = {**letter.facts, frozen.SHEET: sheet}
    letter.state, letter.version, letter.reason = S.RELEASED, letter.version + 1, ""
    work.db.add(letter)
    await work.db.flush()
    await leave(work, letter, "letter.released", MACHINE, number=letter.number, size=letter.audience_size)
    return True


async def _against(work: Work, letter: Letter) -> str:
    if guard.too_late(letter, work.now):
        return "quá 24 giờ so với giờ gửi; người quyết định"
    if not frozen.intact(letter, await frozen.pdf(work, letter)):
        return "bản in không khớp bản đã ký"
    mourning = work.shelf.greetings.mourning_on(work.today)
    if mourning is not None:
        return f"{mourning.reason}: giữ lại mọi lời chúc"
    bar = await guard.of_letter(work, letter)
    if bar is not None:
        return bar.why
    return await _audience_changed(work, letter)


async def _audience_changed(work: Work, letter: Letter) -> str:
    if not letter.audience_sha256 or letter.signed_at is None:
        return ""
    now_is, _ = await audiences.seal(work, letter.audience, letter.signed_at)
    fresh = await audiences.newcomers(work, letter.audience, letter.signed_at)
    if now_is != letter.audience_sha256 or fresh > audiences.NEWCOMERS * letter.audience_size:
        return "danh sách người nhận đã khác lúc duyệt; mời xem và duyệt lại"
    return ""


async def _chunk(work: Work, letter: Letter) -> int:
    """Queue the next residents by id and move the cursor, in one commit; stop when nobody is left."""
    if letter.stale_at is not None and work.now >= letter.stale_at:
        await _end(work, letter)
        return 0
    last = await _last_of_chunk(work, letter.cursor)
    if last is None:
        await _end(work, letter)
        return 0
    accounts = audiences.chosen(work, letter.audience, letter.signed_at or work.now, (letter.cursor, last))
    insert = _insert(work, letter, audiences.rows_to_queue(letter.id or 0, accounts, _common(work, letter)))
    result = await (await work.db.connection()).execute(insert)
    letter.cursor = last
    work.db.add(letter)
    await work.db.flush()
    return int(result.rowcount)


async def _last_of_chunk(work: Work, cursor: int) -> int | None:
    """Return the id the chunk ends with, its residents and houses locked against a death meanwhile."""
    ids = list(
        (
            await work.db.exec(
                pick(Resident.id)
                .where(col(Resident.id) > cursor)
                .order_by(col(Resident.id))
                .limit(CHUNK)
                .with_for_update(read=True)
            )
        ).all()
    )
    if not ids:
        return None
    houses = pick(Resident.household_id).where(col(Resident.id) > cursor, col(Resident.id) <= ids[-1])
    await work.db.exec(pick(Household.id).where(col(Household.id).in_(houses)).with_for_update(read=True))
    return ids[-1]


def _common(work: Work, letter: Letter) -> dict[str, Any]:
    line = notices.under_picture(frozen.text_of(letter), work.shelf.ward.committee, letter.check_code or "")
    picture: str = letter.facts[frozen.SHEET]["picture"]
    kind, state = word(Purpose).type, word(DeliveryState).type
    return {
        "purpose": literal(Purpose.GREETING, kind),
        "urgency": literal(int(Purpose.GREETING.urgency), Integer),
        "text": literal(line, String),
        "choices": literal([], JSON),
        "attachments": literal([picture], JSON),
        "state": literal(DeliveryState.QUEUED, state),
        "created_at": literal(work.now, Instant),
        "due_at": literal(work.now, Instant),
        "attempts": literal(0, Integer),
        "doubts": literal(0, Integer),
    }


def _insert(work: Work, letter: Letter, rows: Any) -> Any:  # both dialects' Insert, which share no base
    dialect = postgresql if work.db.get_bind().dialect.name == "postgresql" else sqlite
    names = ["key", "channel", "user", *_common(work, letter)]
    return dialect.insert(Delivery).from_select(names, rows).on_conflict_do_nothing()


async def _end(work: Work, letter: Letter) -> None:
    """Note that everybody had their turn; it is finished when nothing of it is open."""
    letter.cursor = -1
    work.db.add(letter)
    await work.db.flush()


# --- halted, and on again ----------------------------------------------------------------------------


async def resume(work: Work, number: int, hand: Hand) -> Letter:
    """Let a greeting that was halted on its way go on with those it has not reached. Raises NotAllowed or Stale.

    It is signed again as it was: the next `push` asks every stop and the approval anew before
    anything leaves, and halts it again where one does not hold.
    """
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS)
    if letter.state is not S.HALTED or letter.occasion is None or letter.pdf_sha256 == "":
        raise NotAllowed("Đây không phải lời chúc bị dừng giữa chừng, nên không có gì để gửi tiếp.")
    if letter.stale_at is not None and work.now >= letter.stale_at:
        raise NotAllowed("Đã quá ngày của lời chúc này; gửi nữa sẽ muộn.")
    letter.state, letter.version = S.SIGNED, letter.version + 1
    letter.due_at = next_sending_moment(work.now, work.shelf.policy.hours)
    work.db.add(letter)
    await work.db.flush()
    await leave(work, letter, "letter.resumed", hand.person.login)
    return letter


async def _queue_again(work: Work, letter: Letter) -> None:
    """Queue what the halt kept at home, for everybody no other stop holds back now."""
    accounts = audiences.chosen(work, letter.audience, letter.signed_at or work.now)
    await (await work.db.connection()).execute(
        update(Delivery)
        .where(
            outbox.named(f"letter:{letter.id}:"),
            col(Delivery.state) == DeliveryState.WITHHELD,
            col(Delivery.error) == letter.reason[:200],
            tuple_(col(Delivery.channel), col(Delivery.user)).in_(
                select(accounts.c.channel, accounts.c.user).where(accounts.c.place == 1)
            ),
        )
        .values(state=DeliveryState.QUEUED, error=None, due_at=work.now, created_at=work.now)
    )


# --- on the way --------------------------------------------------------------------------------------


async def progress(work: Work, letter: Letter) -> dict[DeliveryState, int]:
    """Return how many deliveries of *letter* are in which state."""
    return await _states(work.db, letter.id or 0)


async def standing(db: AsyncSession, letter_id: int) -> Standing:
    """Return how far greeting *letter_id* has come; cheap enough to be asked every few seconds."""
    states = await _states(db, letter_id)
    return Standing(
        total=sum(states.values()),
        sent=sum(states.get(state, 0) for state in _LEFT),
        queued=states.get(DeliveryState.QUEUED, 0) + states.get(DeliveryState.SENDING, 0),
        doubtful=states.get(DeliveryState.DOUBTFUL, 0),
        failed=states.get(DeliveryState.FAILED, 0),
        withheld=states.get(DeliveryState.WITHHELD, 0),
    )


async def _states(db: AsyncSession, letter_id: int) -> dict[DeliveryState, int]:
    rows = await (await db.connection()).execute(
        select(col(Delivery.state), func.count())
        .where(outbox.named(f"letter:{letter_id}:"))
        .group_by(col(Delivery.state))
    )
    return {DeliveryState(state): number for state, number in rows.all()}


async def rest(work: Work) -> int:
    """Finish greetings that are through, and close the road where too much fails; return how many changed."""
    found = await work.db.exec(
        pick(Letter)
        .where(col(Letter.occasion).is_not(None), col(Letter.state) == S.RELEASED, col(Letter.cursor) < 0)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    done = 0
    for letter in found.all():
        if not await _is_open(work, letter):
            await finish(work, letter)
            done += 1
    closed = [await watching.watch(work, channel) for channel in keys.CHANNELS]
    return done + sum(closed)


async def _is_open(work: Work, letter: Letter) -> bool:
    mine = outbox.named(f"letter:{letter.id}:")
    found = await work.db.exec(pick(Delivery.id).where(mine, col(Delivery.state).in_(_OPEN)).limit(1))
    return found.first() is not None


__all__ = [
    "Standing",
    "Texts",
    "draft_greetings",
    "outlook",
    "progress",
    "push",
    "rest",
    "resume",
    "standing",
    "step",
    "texts",
]
