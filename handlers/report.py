"""Write a report: thing → place → photo → contact → confirm, whatever comes first; nothing twice.

`begin` opens one, `told` takes free words that tell of a nuisance, `photos`, `voice` and
`point` what is not words. Buttons say "/pa VERB …". `report_asking` words the questions.
"""

from handlers import draft as drafts
from handlers import report_asking as asking
from handlers.draft import CONTACT, PHOTOS, WHERE, Draft
from handlers.phrases import report as phrases
from handlers.report_buttons import drop, submit
from handlers.report_flow import STEP, go_on
from handlers.talk import Place, Reply, Turn
from handlers.words import NO, YES
from knowledge import privacy
from knowledge.fold import fold
from knowledge.places import Point

SHORTEST = 4  # letters from which words tell something


async def begin(turn: Turn) -> Reply:
    """Ask what it is about, or whether the report that is being written goes on."""
    known = drafts.load(turn)
    if known is not None and turn.argument != "moi":
        turn.memory.leave_step()
        return asking.unfinished(turn, known)
    turn.memory.photos = []
    return await go_on(turn, drafts.begin(turn))


async def told(turn: Turn) -> Reply:
    """Take words that tell of something as the beginning of a report, or as more of one."""
    draft = drafts.load(turn) or drafts.begin(turn)
    fresh = not draft.text
    drafts.hear(turn, draft, turn.text)
    field = turn.concerns.of(draft.category).title if fresh and draft.category else ""
    return await go_on(turn, draft, lead=phrases.noted(field) if fresh else phrases.NOTED_MORE)


async def attitude(turn: Turn) -> Reply:
    """Begin a report on how somebody was served; nobody has to be named."""
    draft = drafts.begin(turn)
    drafts.choose(turn, draft, "staff_attitude")
    drafts.save(turn, draft)
    turn.memory.step = f"{STEP}what"
    return asking.attitude()


async def photos(turn: Turn) -> Reply:
    """Take photos, alone or with words; several sent together are answered once."""
    draft = drafts.load(turn) or drafts.begin(turn)
    lost = drafts.add_photos(draft, turn.incoming.photos)
    if turn.incoming.text:
        drafts.hear(turn, draft, turn.incoming.text)
    reply = await go_on(turn, draft, lead=asking.got_photos(draft, lost))
    return asking.together(turn, draft, reply)


async def voice(turn: Turn) -> Reply:
    """Take a voice note as the report itself: a person listens to it."""
    draft = drafts.load(turn) or drafts.begin(turn)
    draft.voice = [*draft.voice, turn.incoming.voice or ""][-3:]
    return await go_on(turn, draft)


async def point(turn: Turn, place: Place) -> Reply:
    """Take a shared place: ours is named and confirmed, another ward's leads there."""
    spot = Point(place.latitude, place.longitude)
    if not turn.ward.places.inside(spot):
        return asking.outside(turn, turn.ward.places.neighbour_at(spot))
    draft = drafts.load(turn) or drafts.begin(turn)
    found = turn.ward.places.near(spot)
    drafts.pin(draft, place, found)
    if found is None or not draft.text:
        return await go_on(turn, draft)
    drafts.save(turn, draft)
    turn.memory.step = f"{STEP}where"
    return asking.confirm_point(draft)


async def phone(turn: Turn) -> Reply | None:
    """Take the number the platform's own button gave; None when nobody asked for it."""
    draft = drafts.load(turn)
    number = privacy.phone_of(turn.incoming.phone or "")
    if draft is None or number is None:
        return None
    draft.phone = number
    return await go_on(turn, draft)


# --- what is typed at a question ----------------------------------------------------------------


async def what(turn: Turn) -> Reply:
    """Hear what it is about."""
    return await _heard(turn, drafts.load(turn) or drafts.begin(turn))


async def where(turn: Turn) -> Reply:
    """Understand a typed place; ask once for more when it is wide, then take it as it is."""
    draft = drafts.load(turn) or drafts.begin(turn)
    elsewhere = asking.old_ward(turn)
    if elsewhere is not None:
        return elsewhere
    found = turn.ward.places.understand(turn.text)
    if found is not None and (found.exact or draft.place):
        wide = draft.place
        drafts.put(turn, draft, found)
        if wide and not found.quarter:  # first the quarter was told, now the mark in it
            draft.place = f"{draft.place}, {wide}"[:300]
        draft.settle(WHERE)
        return await go_on(turn, draft)
    if WHERE in draft.settled or draft.place:
        draft.place = ", ".join(part for part in (turn.text, draft.place) if part)[:300]
        draft.settle(WHERE)
        return await go_on(turn, draft)
    return _ask_nearer(turn, draft, (found is not None and found.text) or "")


def _ask_nearer(turn: Turn, draft: Draft, wide: str) -> Reply:
    draft.settle(WHERE)  # the next answer is taken as it comes
    if wide:
        draft.place = wide
        found = turn.ward.places.understand(wide)
        draft.quarter = found.quarter if found else ""
    else:
        turn.memory.data = {"typed": turn.text[:200]}
    drafts.save(turn, draft)
    turn.memory.step = f"{STEP}where"
    return asking.nearer(wide)


async def category(turn: Turn) -> Reply:
    """Take a field by its name, or more words when none of the offered ones was chosen."""
    draft = drafts.load(turn) or drafts.begin(turn)
    said = fold(turn.text)
    named = next((one for one in turn.concerns.categories if said in (fold(one.title), fold(one.name))), None)
    if named is not None:
        drafts.choose(turn, draft, named.code)
        return await go_on(turn, draft)
    return await _heard(turn, draft)


async def more_photos(turn: Turn) -> Reply:
    """Pass over the photos, or take words instead of them."""
    draft = drafts.load(turn) or drafts.begin(turn)
    if fold(turn.text) in NO or fold(turn.text) in YES:
        draft.settle(PHOTOS)
        return await go_on(turn, draft)
    return await _heard(turn, draft)


async def contact(turn: Turn) -> Reply:
    """Take a telephone number, or a no."""
    draft = drafts.load(turn) or drafts.begin(turn)
    number = privacy.phone_of(turn.text)
    if number is not None:
        draft.phone = number
    elif fold(turn.text) in NO or fold(turn.text).startswith(("chi bao", "bao qua", "khong", "khoi")):
        draft.settle(CONTACT)
    else:
        return asking.contact_again()
    return await go_on(turn, draft)


async def confirm(turn: Turn) -> Reply:
    """Take a yes, a no, or more words, and show everything again."""
    draft = drafts.load(turn) or drafts.begin(turn)
    said = fold(turn.text)
    if said in YES:
        return await submit(turn, draft)
    if said in NO:
        return await drop(turn, draft)
    return await _heard(turn, draft)


STEPS = {
    f"{STEP}what": what,
    f"{STEP}category": category,
    f"{STEP}where": where,
    f"{STEP}photos": more_photos,
    f"{STEP}contact": contact,
    f"{STEP}confirm": confirm,
}


async def _heard(turn: Turn, draft: Draft) -> Reply:
    if len(turn.text.strip()) < SHORTEST and not draft.text:
        return await go_on(turn, draft)
    lead = phrases.NOTED_MORE if draft.text else ""
    drafts.hear(turn, draft, turn.text)
    if privacy.has_personal_id(turn.text):
        lead = phrases.PERSONAL_ID
    return await go_on(turn, draft, lead)
