"""Too many failures on a channel: the road is closed for letters and greetings, and staff hear of it."""

from datetime import timedelta
from typing import Final

from sqlmodel import col, select

from letters.work import Work
from records import gate
from records.cases import Permission
from records.outbox import put
from records.staff import accounts, everybody, may
from records.tables import ChannelName, Delivery, DeliveryState, Purpose

SAMPLE: Final = 200  # deliveries looked at before the road is closed
TROUBLE: Final = 0.05  # of them failed: more closes it
FEWEST: Final = 40  # below so many a share means nothing
PAUSE: Final = timedelta(hours=12)
_ENDED: Final = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.SEEN, DeliveryState.FAILED)


async def watch(work: Work, channel: ChannelName) -> bool:
    """Close *channel* for bulk for a while, and alert staff, when too many of the last sends failed."""
    since = work.now - timedelta(days=1)
    found = await work.db.exec(
        select(Delivery.state)
        .where(
            col(Delivery.channel) == channel,
            col(Delivery.state).in_(_ENDED),
            col(Delivery.purpose).in_([Purpose.GREETING, Purpose.LETTER]),
            col(Delivery.created_at) > since,
        )
        .order_by(col(Delivery.id).desc())
        .limit(SAMPLE)
    )
    ended = list(found.all())
    failed = sum(state == DeliveryState.FAILED for state in ended)
    if len(ended) < FEWEST or failed <= TROUBLE * len(ended):
        return False
    await gate.hold_bulk(work.db, channel, work.now + PAUSE)
    return await _alert(work, channel, failed, len(ended))


async def _alert(work: Work, channel: ChannelName, failed: int, of: int) -> bool:
    text = (
        f"Kênh {channel}: {failed} trong {of} thư, lời chúc gần nhất không tới được. "
        "Đã tạm dừng gửi thư trên kênh này 12 giờ; câu trả lời cho người dân vẫn gửi. "
        "Mời xem danh sách: ward deliveries --state failed"
    )
    told = False
    for person in await everybody(work.db):
        if not may(person, Permission.SIGN_LETTERS) and not may(person, Permission.DRAFT_LETTERS):
            continue
        for to in (await accounts(work.db, person.id or 0))[:1]:
            key = f"alert:bulk:{channel}:{work.today}:{person.login}"
            told |= await put(work.db, key=key, to=to, purpose=Purpose.ALERT, text=text, now=work.now)
    return told
