"""What was halted goes on: a letter of which nothing has left, a greeting with those it has not reached."""

from letters import broadcast, desk
from letters.desk import Hand, open_letter
from letters.work import Work
from records.cases import Permission
from records.letters import Letter


async def resume(work: Work, number: int, hand: Hand) -> Letter:
    """Let letter or greeting *number* go on as it was signed. Raises NotAllowed or Stale."""
    letter = await open_letter(work, number, hand, Permission.SIGN_LETTERS)
    which = broadcast.resume if letter.occasion is not None else desk.resume
    return await which(work, number, hand)
