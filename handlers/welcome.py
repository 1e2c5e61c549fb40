"""Greeting, main menu, and the small courtesies of a conversation."""

import re

from handlers import draft as drafts
from handlers import lookup, report_flow
from handlers.phrases import common
from handlers.talk import Choice, Reply, Turn
from handlers.words import ADDRESSES
from knowledge.fold import fold

MENU = (
    Choice("Tra cứu thủ tục", "/tracuu"),
    Choice("Gửi phản ánh", "/phananh", "Gửi phản ánh, kiến nghị"),
    Choice("Việc của tôi", "/viec", "Việc của tôi (tình trạng)"),
    Choice("Lịch, địa chỉ, ĐT", "/vanphong", "Lịch làm việc, địa chỉ, đường dây nóng"),
    Choice("Gặp cán bộ", "/canbo"),
)
_DEEP_LINK = re.compile(r"tthc[_-](\d)[._-](\d{6})(?:[._-]([A-Z0-9]{1,10}))?")


async def hello(turn: Turn) -> Reply:
    """Greet, say that a machine is speaking, and show the menu."""
    turn.memory.leave_step()
    turn.memory.misses = 0
    return Reply(text=f"{common.hello(turn.ward)}\n{common.menu()}", choices=MENU)


async def start(turn: Turn) -> Reply:
    """Greet, or open the card a printed code leads to ("/start tthc_1.001193")."""
    link = _DEEP_LINK.fullmatch(turn.argument)
    if link is None:
        return await hello(turn)
    return await lookup.show(turn.saying(".".join(part for part in link.groups() if part)))


async def menu(turn: Turn) -> Reply:
    """Show the menu; what was being typed stays a draft no longer."""
    turn.memory.leave_step()
    turn.memory.misses = 0
    return Reply(text=f"{common.menu()}\n{common.FOOTER}", choices=MENU)


async def clear(turn: Turn) -> Reply:
    """Drop what is being typed, a report that is being written with it."""
    text = common.CLEARED if turn.memory.step or turn.memory.draft else common.NOTHING_TO_CLEAR
    draft = drafts.load(turn)
    if draft is not None:
        await report_flow.forget(turn, draft)
    turn.memory.leave_step()
    return Reply(text=text, choices=MENU)


async def thanks(turn: Turn) -> Reply:
    """Answer a thank-you."""
    turn.memory.misses = 0
    return Reply(text=common.FAREWELL)


async def large_text(turn: Turn) -> Reply:
    """Switch the airy way of writing on or off."""
    turn.memory.large_text = not turn.memory.large_text
    return Reply(text=common.LARGE_ON if turn.memory.large_text else common.LARGE_OFF)


async def address(turn: Turn) -> Reply:
    """Ask, or learn, how the person wants to be called."""
    asked = fold(turn.argument)
    chosen = next((form for form in ADDRESSES if fold(form) == asked), None)
    if chosen is None:
        return Reply(
            text=common.CHOOSE_ADDRESS, choices=tuple(Choice(form, f"/xungho {form}") for form in ADDRESSES)
        )
    turn.memory.address = chosen
    return Reply(text=common.called(chosen))
