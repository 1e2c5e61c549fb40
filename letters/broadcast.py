"""A greeting to many: drafted ahead, approved once, queued in chunks, halted by one word.

The approval is for an audience (`audience`); it is void when that has changed at the moment the
release begins. Each chunk moves `cursor` in the same commit, so a crash resumes where it stopped.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from sqlalchemy import JSON, Integer, String, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel import select as pick

from letters import audience as audiences
from letters import frozen, guard, keys, notices, stopping, watching
from letters.aloud import Texts, texts
from letters.drafting import MACHINE, leave
from letters.occasions import draft_greetings, outlook
from letters.release import finish, open_now
from letters.work import Work
from records.columns import Instant, word
from records.letters import Household, Letter, LetterState, Resident
from records.tables import Delivery, DeliveryState, Purpose

CHUNK: Final = 500
S = LetterState
Opened = Callable[[], AbstractAsyncContextManager[Work]]
_OPEN: Final = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DOUBTFUL)


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
    return await _chunk(work, letter)


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
    """Let a signed greeting start; False and halted when its approval does not hold any more."""
    why = await _against(work, letter)
    if why:
        await stopping.halt(work, letter, why, by=MACHINE)
        return False
    shown = await work.shelf.media.save_image(await frozen.picture(work, letter))
    sheet = {**letter.facts[frozen.SHEET], "picture": shown}
    letter.facts = {**letter.facts, frozen.SHEET: sheet}
    letter.state, letter.version = S.RELEASED, letter.version + 1
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


# --- on the way --------------------------------------------------------------------------------------


async def progress(work: Work, letter: Letter) -> dict[DeliveryState, int]:
    """Return how many deliveries of *letter* are in which state."""
    rows = await (await work.db.connection()).execute(
        select(col(Delivery.state), func.count())
        .where(keys.of_letter(letter.id or 0))
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
        states = await progress(work, letter)
        if not any(states.get(state) for state in _OPEN):
            await finish(work, letter)
            done += 1
    closed = [await watching.watch(work, channel) for channel in keys.CHANNELS]
    return done + sum(closed)


__all__ = ["Texts", "draft_greetings", "outlook", "progress", "push", "rest", "step", "texts"]
