"""Photos an officer adds from the desk to show what was done; the resident gets them with the answer."""

import secrets

from feedback import acts, history
from feedback.acts import Hand
from feedback.intake import MAX_PHOTOS
from feedback.states import NotAllowed
from feedback.work import Work
from records import trace
from records.cases import FeedbackPhoto
from records.tables import Attachment, ChannelName

FULL = f"Việc này đã có {MAX_PHOTOS} ảnh sau xử lý; không thêm được nữa."


async def add(work: Work, code: str, hand: Hand, name: str) -> int:
    """Let the picture *name* of the media store belong to the case as "after"; return how many it has now.

    The same picture again changes nothing. Raises NotAllowed or Stale.
    """
    case = await acts.to_speak(work, code, hand)
    known = await history.photos(work.db, case, after=True)
    if name in {photo.sha256 for photo in known}:
        return len(known)
    if len(known) >= MAX_PHOTOS:
        raise NotAllowed(FULL)
    row = Attachment(
        channel=ChannelName.WEB,
        user=f"console:{hand.person.id}",
        ref=f"console:{secrets.token_hex(16)}",
        kind="photo",
        sha256=name,
        asked_at=work.now,
        due_at=work.now,
        fetched_at=work.now,
    )
    work.db.add(row)
    await work.db.flush()
    work.db.add(FeedbackPhoto(feedback_id=case.id or 0, attachment_id=row.id or 0, after=True))
    await work.db.flush()
    who, detail = f"staff:{hand.person.id}", {"photos": len(known) + 1}
    await trace.leave(work.db, who=who, what="feedback.photo_added", on=code, detail=detail, now=work.now)
    return len(known) + 1
