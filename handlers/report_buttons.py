"""What the buttons of a report say: "/pa VERB ARGUMENT". Each changes the draft and goes on."""

from collections.abc import Awaitable, Callable

from feedback import intake, replies
from handlers import draft as drafts
from handlers import report_asking as asking
from handlers.draft import CATEGORY, CONFIRM, CONTACT, PHOTOS, SIMILAR, WHERE, Draft
from handlers.report_flow import alike, complete, forget, go_on
from handlers.talk import Reply, Turn
from knowledge.fold import fold


async def act(turn: Turn) -> Reply:
    """Do what a button of the report says: "/pa VERB ARGUMENT"."""
    verb, _, argument = turn.argument.partition(" ")
    if verb == "theo":
        return await _follow(turn, argument)
    draft = drafts.load(turn)
    if draft is None:
        return asking.nothing_open(turn)
    do = _ACTS.get(verb)
    return await do(turn.saying(argument), draft) if do else await go_on(turn, draft)


async def _group(turn: Turn, draft: Draft) -> Reply:
    """One of the first buttons was pressed: a field of its own, or a few to choose from."""
    groups = turn.concerns.group()
    name = next((name for name in groups if fold(name) == fold(turn.argument)), None)
    if name is None:
        return await go_on(turn, draft)
    draft.group = name
    drafts.hear(turn, draft, "")
    if len(groups[name]) == 1:
        drafts.choose(turn, draft, groups[name][0])
    return await go_on(turn, draft)


async def _field(turn: Turn, draft: Draft) -> Reply:
    if turn.argument in {one.code for one in turn.concerns.categories}:
        drafts.choose(turn, draft, turn.argument)
    return await go_on(turn, draft)


async def _place_right(turn: Turn, draft: Draft) -> Reply:
    draft.settle(WHERE)
    return await go_on(turn, draft)


async def _place_wrong(turn: Turn, draft: Draft) -> Reply:
    draft.place = draft.quarter = ""
    draft.latitude = draft.longitude = None
    draft.unsettle(WHERE)
    return await go_on(turn, draft)


async def _place_as_typed(turn: Turn, draft: Draft) -> Reply:
    draft.place = draft.place or str(turn.memory.data.get("typed", ""))
    draft.settle(WHERE)
    return await go_on(turn, draft)


async def _enough_photos(turn: Turn, draft: Draft) -> Reply:
    draft.settle(PHOTOS)
    return await go_on(turn, draft)


async def _no_phone(turn: Turn, draft: Draft) -> Reply:
    draft.settle(CONTACT)
    return await go_on(turn, draft)


async def _call_back(turn: Turn, draft: Draft) -> Reply:
    """Note when somebody wants to be called; the number is asked for as always."""
    if turn.argument not in asking.HALF_DAYS:
        drafts.save(turn, draft)
        return asking.when_to_call()
    draft.callback = asking.HALF_DAYS[turn.argument]
    draft.unsettle(CONTACT)
    return await go_on(turn, draft)


async def _other_thing(turn: Turn, draft: Draft) -> Reply:
    draft.settle(SIMILAR)
    return await go_on(turn, draft)


async def _hide(turn: Turn, draft: Draft) -> Reply:
    draft.hide_photos = not draft.hide_photos
    return await go_on(turn, draft)


async def _edit(turn: Turn, draft: Draft) -> Reply:
    """Ask one part anew: "/pa sua viec"."""
    part = turn.argument
    if part not in _CLEARED:
        return asking.which_part()
    _CLEARED[part](draft)
    return await go_on(turn, draft)


async def drop(turn: Turn, draft: Draft) -> Reply:
    """Let the report go without keeping anything."""
    await forget(turn, draft)
    return asking.dropped()


async def submit(turn: Turn, draft: Draft) -> Reply:
    """Send the report, once; ask what is still missing first."""
    if drafts.next_question(turn, draft) != CONFIRM:
        return await go_on(turn, draft)
    taken = await intake.take(turn.work, complete(turn, draft))
    await forget(turn, draft)
    turn.memory.last_case = taken.case.code
    return asking.sent(turn, taken.case, taken.key)


async def _follow(turn: Turn, code: str) -> Reply:
    """Follow a case that is open instead of sending one's own."""
    draft = drafts.load(turn)
    offered = [case for case, _ in await alike(turn, draft)] if draft else []
    case = next((case for case in offered if case.code == code), None)
    if draft is None or case is None:
        return asking.nothing_open(turn)
    await replies.follow(turn.work, case, turn.incoming.sender)
    await forget(turn, draft)
    return asking.following(case)


async def _same_again(turn: Turn, draft: Draft) -> Reply:
    return await go_on(turn, draft)


_ACTS: dict[str, Callable[[Turn, Draft], Awaitable[Reply]]] = {
    "nhom": _group,
    "loai": _field,
    "dung": _place_right,
    "chokhac": _place_wrong,
    "giu": _place_as_typed,
    "duanh": _enough_photos,
    "chichat": _no_phone,
    "goilai": _call_back,
    "moi": _other_thing,
    "anh": _hide,
    "sua": _edit,
    "bo": drop,
    "gui": submit,
    "tiep": _same_again,
}
_CLEARED: dict[str, Callable[[Draft], None]] = {
    "viec": lambda draft: _clear(draft, "text", CATEGORY),
    "nhom": lambda draft: _clear(draft, "category", CATEGORY),
    "noi": lambda draft: _clear(draft, "place", WHERE),
    "anh": lambda draft: _clear(draft, "photos", PHOTOS),
    "lienhe": lambda draft: _clear(draft, "phone", CONTACT),
}


def _clear(draft: Draft, part: str, question: str) -> None:
    """Empty one part of the draft, and everything that followed from it."""
    if part == "photos":
        draft.photos = []
    else:
        setattr(draft, part, "")
    if part == "text":
        draft.category = ""
    if part == "place":
        draft.latitude = draft.longitude = None
        draft.unsettle(SIMILAR)
    draft.unsettle(question)
