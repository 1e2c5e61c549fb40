"""What is not a word: photos, a voice note, a place, a card, a thing we cannot open."""

from datetime import datetime, timedelta

from handlers import handover
from handlers.phrases import common
from handlers.talk import Choice, Reply, Turn

TOGETHER = timedelta(seconds=20)  # photos sent so close belong together (conversation.md §2)
QUIET = timedelta(seconds=2)  # silence after which an album is complete
_PERSON = Choice("Chuyển cho cán bộ", "/canbo")
_DROP = Choice("Bỏ", "/xoa")


async def answer(turn: Turn) -> Reply | None:
    """Answer a message whose matter is not text."""
    incoming = turn.incoming
    if incoming.photos:
        return await _photos(turn)
    if incoming.voice:
        turn.memory.photos.append(incoming.voice)
        return Reply(text=common.VOICE, choices=(_PERSON, _DROP))
    if incoming.place:
        turn.memory.photos.append(f"geo:{incoming.place.latitude:.5f},{incoming.place.longitude:.5f}")
        return Reply(text=common.PLACE, choices=(_PERSON, _DROP))
    return _courtesy(turn)


def _courtesy(turn: Turn) -> Reply | None:
    """Answer what we do not take: kindly once, silently where there is nothing to say."""
    incoming = turn.incoming
    if incoming.phone:
        return Reply(text=common.PHONE)
    if incoming.edited or not incoming.unsupported:
        return None
    return Reply(text=common.STICKER if incoming.unsupported == "sticker" else common.UNSUPPORTED)


async def _photos(turn: Turn) -> Reply:
    """Collect photos that come together and answer them once; a caption is the question itself."""
    memory, incoming = turn.memory, turn.incoming
    since = datetime.fromisoformat(memory.photos_at) if memory.photos_at else None
    if since is None or turn.now - since > TOGETHER:
        memory.photos, memory.photos_at = [], turn.now.isoformat()
    memory.photos.extend(incoming.photos)
    if memory.step == "handover:question" and incoming.text:
        return await handover.question(turn)
    sender = incoming.sender
    return Reply(
        text=common.photos(len(memory.photos)),
        choices=(_PERSON, _DROP),
        key=f"photos:{sender.channel}:{sender.user}:{memory.photos_at}",
        delay=QUIET,
    )
