"""What is not a word: photos, a voice note, a place, a card, a thing we cannot open."""

from handlers import cases, handover, report
from handlers.phrases import common
from handlers.talk import Reply, Turn


async def answer(turn: Turn) -> Reply | None:
    """Answer a message whose matter is not text: it belongs to what is being said, else it begins a report."""
    incoming = turn.incoming
    if incoming.photos:
        return await _photos(turn)
    if incoming.voice:
        return await _voice(turn)
    if incoming.place:
        return await report.point(turn, incoming.place)
    if incoming.phone:
        return await report.phone(turn) or Reply(text=common.PHONE)
    return _courtesy(turn)


async def _photos(turn: Turn) -> Reply:
    if turn.memory.step == cases.ADDING:
        return await cases.added(turn)
    if turn.memory.step == handover.QUESTION:
        turn.memory.photos.extend(turn.incoming.photos)
        return await handover.question(turn) if turn.incoming.text else Reply(text=common.PHOTO_KEPT)
    return await report.photos(turn)


async def _voice(turn: Turn) -> Reply:
    if turn.memory.step == cases.ADDING:
        return await cases.added(turn)
    if turn.memory.step == handover.QUESTION:
        turn.memory.photos.append(turn.incoming.voice or "")
        return Reply(text=common.PHOTO_KEPT)
    return await report.voice(turn)


def _courtesy(turn: Turn) -> Reply | None:
    """Answer what we do not take: kindly once, silently where there is nothing to say."""
    incoming = turn.incoming
    if incoming.edited or not incoming.unsupported:
        return None
    return Reply(text=common.STICKER if incoming.unsupported == "sticker" else common.UNSUPPORTED)
