"""Write a restricted message: read by two named persons only, shown once more before it is kept."""

from feedback import restricted
from handlers.phrases import report as phrases
from handlers.talk import Choice, Reply, Turn
from knowledge import when

STEP = "restricted:text"
_BACK = Choice("Về đầu", "/menu")
_DROP = Choice("Bỏ, không gửi", "/xoa")
LONGEST = 4000


async def begin(turn: Turn) -> Reply:
    """Say who will read it, and ask; or send what was shown."""
    draft = str(turn.memory.data.get("restricted", ""))
    if turn.argument == "gui" and turn.memory.step == STEP and draft:
        row = await restricted.keep(turn.work, turn.incoming.sender, draft)
        turn.memory.leave_step()
        text = phrases.restricted_sent(row.code, when.moment(row.due_at))
        return Reply(text=text, choices=(_BACK,), solemn=True)
    turn.memory.step, turn.memory.data = STEP, {}
    return Reply(text=phrases.RESTRICTED.format(kin=phrases.RESTRICTED_NAME), choices=(_DROP,), solemn=True)


async def text(turn: Turn) -> Reply:
    """Show the words again; nothing is kept for the staff yet."""
    turn.memory.data = {"restricted": turn.text[:LONGEST]}
    return Reply(
        text=phrases.restricted_check(turn.text[:LONGEST]),
        choices=(Choice("Gửi kín", "/kin gui"), Choice("Viết lại", "/kin"), _DROP),
        solemn=True,
    )


STEPS = {STEP: text}
