"""A signed letter on its way: to each recipient by one route, once; what cannot go waits, is printed, or stops.

`release` and `settle` ask what is undone and may run twice. `spoke` is told of every resident who
says a word: a letter that waited for it is looked at again within a minute.
"""

from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.calendar import DAY, HERE
from knowledge.sending import CONDOLENCE, SendingHours, next_sending_moment
from letters import (
    announcing,
    enclosures,
    frozen,
    guard,
    keys,
    matching,
    notices,
    routes,
    rules,
    stopping,
)
from letters.drafting import MACHINE, leave
from letters.routes import Way
from letters.rules import Kind
from letters.work import Work
from records import gate, outbox
from records.letters import Letter, LetterState, Recipient, Route
from records.tables import Address, ChannelName, Delivery, DeliveryState, Purpose

AT_ONCE: Final = 20  # letters a tick: each is printed anew, a picture and a paper
MARGIN: Final = timedelta(minutes=3)  # before closing time nothing new is queued: queues need their time
_GONE: Final = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DOUBTFUL)
S = LetterState


async def release(work: Work, limit: int = AT_ONCE) -> int:
    """Take signed letters that are due, and those somebody's word has woken; return how many moved."""
    await stopping.sweep(work)
    await shut(work)
    if not open_now(work, work.shelf.policy.hours):
        return 0
    letters = await _due(work, limit)
    for letter in letters:
        await _go(work, letter)
    return len(letters)


def open_now(work: Work, hours: SendingHours) -> bool:
    """Tell whether something queued now still leaves within *hours*."""
    return hours.allow(work.now) and hours.allow(work.now + MARGIN)


async def shut(work: Work) -> None:
    """Close the road for everything bulk until sending hours begin again, a little before they end."""
    hours = work.shelf.policy.hours
    if not open_now(work, hours):
        after = work.now if not hours.allow(work.now) else work.now + MARGIN
        until = next_sending_moment(after, hours)
        for channel in keys.CHANNELS:
            await gate.hold_bulk(work.db, channel, until)


async def _due(work: Work, limit: int) -> list[Letter]:
    woken = select(Recipient.letter_id).where(col(Recipient.route) == Route.UNDECIDED)
    found = await work.db.exec(
        select(Letter)
        .where(
            col(Letter.event_id).is_not(None),
            or_(
                (col(Letter.state) == S.SIGNED) & (col(Letter.due_at) <= work.now),
                (col(Letter.state) == S.RELEASED) & col(Letter.id).in_(woken),
            ),
        )
        .order_by(col(Letter.due_at), col(Letter.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(found.all())


async def _go(work: Work, letter: Letter) -> None:
    """Send *letter* to everybody it can go to now, or halt it with the reason."""
    if letter.state is S.SIGNED:
        why = await _against(work, letter)
        if why:
            await stopping.halt(work, letter, why, by=MACHINE)
            return
        if await _another_today(work, letter):
            letter.due_at = _tomorrow(work)
            work.db.add(letter)
            await work.db.flush()
            return
    elif not _is_stale(work, letter) and (bar := await guard.of_letter(work, letter)) is not None:
        await stopping.halt(work, letter, bar.why, by=MACHINE)
        return
    rows = [row for row in await matching.recipients(work, letter.id or 0) if row.route is Route.UNDECIDED]
    for row in rows:
        await _send(work, letter, row)
    if letter.state is S.SIGNED:
        letter.state, letter.version = S.RELEASED, letter.version + 1
        work.db.add(letter)
        await work.db.flush()
        await leave(work, letter, "letter.released", MACHINE, number=letter.number)


async def _against(work: Work, letter: Letter) -> str:
    """Return why a signed letter must not leave, or nothing."""
    if guard.too_late(letter, work.now):
        return "quá 24 giờ so với giờ gửi; người quyết định gửi tiếp hay thôi"
    if not frozen.has_words(letter) or not frozen.intact(letter, await frozen.pdf(work, letter)):
        return "bản in không khớp bản đã ký"
    bar = await guard.of_letter(work, letter)
    return bar.why if bar is not None else ""


async def _another_today(work: Work, letter: Letter) -> bool:
    """Tell whether somebody who is to get this had another letter today: only what is not urgent waits."""
    rule = rules.of_template(letter.template)
    if rule is None or rule.kind in (Kind.OWED, Kind.SOLEMN):
        return False
    for row in await matching.recipients(work, letter.id or 0):
        way = await routes.choose(work, letter, row)
        if way.to is not None and await guard.had_one_today(work, letter, way.to.channel, way.to.user):
            return True
    return False


def _is_stale(work: Work, letter: Letter) -> bool:
    return letter.stale_at is not None and work.now >= letter.stale_at


def _tomorrow(work: Work) -> datetime:
    begins = datetime.combine(work.today + DAY, time.min, tzinfo=HERE)
    return next_sending_moment(begins, work.shelf.policy.hours)


async def _send(work: Work, letter: Letter, row: Recipient) -> None:
    """Find the way of one recipient, with every stop asked again in this very transaction."""
    rule = rules.of_template(letter.template)
    bar = await guard.of_person(work, row, rule) if rule is not None else None
    if bar is not None:
        await _take(work, row, Way(route=Route.NONE, why=bar.why))
        return
    if rule is not None and rule.kind is Kind.SOLEMN and not CONDOLENCE.allow(work.now):
        return
    way = await routes.choose(work, letter, row)
    if _is_stale(work, letter) and way.route is not Route.NONE:
        way = Way(route=Route.PAPER, why="quá thời gian gửi qua chat")
    await _take(work, row, way)
    if way.route is Route.CHAT and way.to is not None:
        await _queue(work, letter, row, way.to)
    elif way.route is Route.WAITING and way.to is not None:
        await announcing.letter_waits(work, letter, row, way.to)
    else:
        await announcing.moot(work, letter, row)


async def _take(work: Work, row: Recipient, way: Way) -> None:
    row.route, row.why = way.route, way.why[:200]
    if way.to is not None:
        row.channel, row.user = way.to
    work.db.add(row)
    await work.db.flush()


async def _queue(work: Work, letter: Letter, row: Recipient, to: Address) -> None:
    """Put the picture with its line, then the paper itself: two calls, since a channel takes one file a call."""
    await announcing.moot(work, letter, row)
    text = frozen.text_of(letter)
    shown = await work.shelf.media.save_image(await frozen.picture(work, letter))
    line = notices.under_picture(text, work.shelf.ward.committee, letter.check_code or "")
    key = keys.key(letter.id or 0, row.id or 0, to.channel)
    await _put(work, key, to, line, shown)
    if to.channel is not ChannelName.WEB:  # the web chat shows pictures only
        await _put(
            work, f"{key}{keys.PAPER}", to, "", await work.shelf.media.save(await frozen.pdf(work, letter))
        )
    sheet = work.shelf.enclosures.get(letter.template) if enclosures.promised(letter.facts) else None
    if sheet is not None:  # `guard` has just seen that it is the one that was signed
        await _put(
            work, f"{key}{keys.ENCLOSED}", to, sheet.title, await enclosures.kept(work.shelf.media, sheet)
        )


async def _put(work: Work, key: str, to: Address, text: str, file: str) -> None:
    await outbox.put(
        work.db, key=key, to=to, purpose=Purpose.LETTER, text=text, now=work.now, attachments=[file]
    )


async def spoke(db: AsyncSession, who: Address) -> int:
    """Wake letters that waited for a word of *who*; the next `release` sends them. Return how many."""
    result = await (await db.connection()).execute(
        update(Recipient)
        .where(
            col(Recipient.route) == Route.WAITING,
            col(Recipient.channel) == who.channel,
            col(Recipient.user) == who.user,
        )
        .values(route=Route.UNDECIDED, why="người nhận vừa nhắn tin")
    )
    return result.rowcount


async def settle(work: Work) -> int:
    """Let letters come to rest: failed on one account, to the next; waited too long, to paper; done, finished."""
    late = await _too_long_in_the_queue(work)
    moved = await _failed(work) + await _waited_out(work)
    return late + moved + await _finish(work)


async def _too_long_in_the_queue(work: Work) -> int:
    """Keep back what has waited in the outbox for more than a day: a person decides."""
    bulk = col(Delivery.purpose).in_([Purpose.LETTER, Purpose.GREETING])
    old = bulk & (col(Delivery.created_at) < work.now - guard.LATE) & (col(Delivery.due_at) < work.now)
    return await stopping.withhold(work.db, old, "muộn quá 24 giờ; người quyết định")


async def _failed(work: Work) -> int:
    """Send recipients whose picture was refused on to their next way."""
    found = await work.db.exec(
        select(Recipient, Letter)
        .join(Letter, col(Letter.id) == col(Recipient.letter_id))
        .where(col(Letter.state) == S.RELEASED, col(Recipient.route) == Route.CHAT)
    )
    moved = 0
    for row, letter in found.all():
        if row.channel is None or row.user is None:
            continue
        if await _state_of(work, letter, row) is DeliveryState.FAILED:
            rest = keys.of_recipients(letter.id or 0, [row.id or 0])
            await stopping.withhold(work.db, rest, "ảnh thư không tới được")
            await _take(work, row, Way(route=Route.UNDECIDED, why=f"{row.channel} không nhận"))
            moved += 1
    return moved


async def _state_of(work: Work, letter: Letter, row: Recipient) -> DeliveryState | None:
    """Return what became of the picture on the way it took."""
    key = keys.key(letter.id or 0, row.id or 0, row.channel or ChannelName.WEB)
    found = await work.db.exec(select(Delivery.state).where(col(Delivery.key) == key))
    state = found.first()
    return DeliveryState(state) if state is not None else None


async def _waited_out(work: Work) -> int:
    """Print what waited for a word until it is stale."""
    found = await work.db.exec(
        select(Recipient, Letter)
        .join(Letter, col(Letter.id) == col(Recipient.letter_id))
        .where(
            col(Letter.state) == S.RELEASED,
            col(Letter.stale_at) <= work.now,
            col(Recipient.route) == Route.WAITING,
        )
    )
    printed = found.all()
    for row, letter in printed:
        await announcing.moot(work, letter, row)
        await _take(work, row, Way(route=Route.PAPER, why="người nhận không nhắn tin trong thời gian chờ"))
    return len(printed)


async def _finish(work: Work) -> int:
    """Finish letters of which nothing is open: no delivery, nobody waiting, no paper to be handed over."""
    open_rows = select(Recipient.letter_id).where(
        col(Recipient.route).in_([Route.UNDECIDED, Route.WAITING])
        | ((col(Recipient.route) == Route.PAPER) & col(Recipient.handed_at).is_(None))
    )
    found = await work.db.exec(
        select(Letter)
        .where(
            col(Letter.state) == S.RELEASED,
            col(Letter.event_id).is_not(None),
            col(Letter.id).not_in(open_rows),
        )
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    done = [letter for letter in found.all() if not await _has_open(work, letter)]
    for letter in done:
        await finish(work, letter)
    return len(done)


async def _has_open(work: Work, letter: Letter) -> bool:
    mine = keys.of_recipients(
        letter.id or 0, [row.id or 0 for row in await matching.recipients(work, letter.id or 0)]
    )
    found = await work.db.exec(select(Delivery.id).where(mine, col(Delivery.state).in_(_GONE)).limit(1))
    return found.first() is not None


async def finish(work: Work, letter: Letter) -> None:
    """Note that nothing of *letter* is open any more."""
    letter.state, letter.finished_at, letter.version = S.FINISHED, work.now, letter.version + 1
    work.db.add(letter)
    await work.db.flush()
    await leave(work, letter, "letter.finished", MACHINE, number=letter.number)
