"""From one question of a report to the next: keep the draft, ask what is missing, remind, let go."""

from feedback import intake, similar
from feedback.similar import Spot
from handlers import draft as drafts
from handlers import report_asking as asking
from handlers.draft import CONFIRM, CONTACT, PHOTOS, SIMILAR, Draft
from handlers.talk import Reply, Turn
from knowledge.concerns import Level
from records import outbox
from records.cases import Feedback, Source

STEP = "report:"


async def go_on(turn: Turn, draft: Draft, lead: str = "") -> Reply:
    """Keep the draft and ask what is still missing; at last show everything and ask whether it may go."""
    question = drafts.next_question(turn, draft)
    warned = asking.warning(turn, draft)
    lead = "\n".join(part for part in (lead, warned) if part)
    if question in (PHOTOS, CONTACT, CONFIRM) and SIMILAR not in draft.settled:
        known = await alike(turn, draft)
        draft.settle(SIMILAR)
        if known:
            drafts.save(turn, draft)
            turn.memory.step = ""
            return asking.same_thing(*known[0], lead=lead)
    reply = asking.ask(turn, draft, question, lead)
    drafts.save(turn, draft)
    turn.memory.step = f"{STEP}{question}"
    await _remind_later(turn, draft)
    return reply


async def forget(turn: Turn, draft: Draft) -> None:
    """Let the draft go, and the reminder of it."""
    turn.memory.draft, turn.memory.photos = {}, []
    turn.memory.leave_step()
    await outbox.withhold(turn.db, _reminder(draft), "the report was sent or dropped")


async def alike(turn: Turn, draft: Draft) -> list[tuple[Feedback, int | None]]:
    """Return open cases that may be the same thing; none for what is discreet."""
    if not draft.category or turn.concerns.of(draft.category).discreet:
        return []
    spot = Spot(
        category=draft.category, place=draft.place, quarter=draft.quarter, point=drafts.point_of(draft)
    )
    return await similar.near(turn.db, spot, turn.now)


async def _remind_later(turn: Turn, draft: Draft) -> None:
    """Remind once of a report that was left, the next day, at an hour people are awake."""
    text, choices = asking.reminder(turn, draft)
    due_at = asking.tomorrow(turn)
    if not await outbox.rewrite(turn.db, _reminder(draft), text, due_at):
        await outbox.put(
            turn.db,
            key=_reminder(draft),
            to=turn.incoming.sender,
            purpose=asking.REMINDER,
            text=text,
            now=turn.now,
            due_at=due_at,
            choices=choices,
        )


def _reminder(draft: Draft) -> str:
    return f"draft:{draft.id}"


def complete(turn: Turn, draft: Draft) -> intake.Report:
    """Return the draft as a report; a field nobody chose is "other"."""
    who = turn.incoming.sender
    return intake.Report(
        draft=draft.id,
        text=draft.text or asking.VOICE_ONLY,
        category=draft.category or "other",
        level=Level(draft.level or Level.NORMAL),
        source=Source(who.channel),
        who=who,
        place=draft.place,
        quarter=draft.quarter,
        latitude=draft.latitude,
        longitude=draft.longitude,
        photos=(*draft.photos, *draft.voice),
        hide_photos=draft.hide_photos,
        contact_phone=draft.phone,
        callback=draft.callback,
        behalf=draft.behalf,
        about_desk=draft.about_desk,
    )
