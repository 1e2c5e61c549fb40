"""What was carried to a house: the neighbourhood head brings the signed list back, a clerk notes it."""

from sqlmodel import col, select

from letters.desk import Hand, open_letter
from letters.drafting import leave
from letters.states import NotAllowed
from letters.work import Work
from records.cases import Permission
from records.letters import Recipient, Route


async def handed(work: Work, number: int, hand: Hand, place: int, *, to: str) -> Recipient:
    """Note that the paper for recipient *place* of letter *number* was received by *to*.

    Raises NotAllowed; noting it again changes nothing.
    """
    await open_letter(work, number, hand, Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
    found = await work.db.exec(
        select(Recipient).where(col(Recipient.letter_id) == number, col(Recipient.place) == place)
    )
    row = found.first()
    if row is None or row.route is not Route.PAPER:
        raise NotAllowed("Thư này không nằm trong danh sách giao tay.")
    if row.handed_at is None:
        row.handed_at, row.handed_by = work.now, to[:100]
        work.db.add(row)
        await work.db.flush()
        letter = await open_letter(work, number, hand, Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
        await leave(work, letter, "letter.handed", hand.person.login, place=place)
    return row
