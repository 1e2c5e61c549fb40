"""What is done with one letter: add a fact, mend words, check, sign, reject, ask back, stop, go on, hand over.

Every form carries the version of the letter it was made for; only stopping does not: it must work at once.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from console import undo
from console.account import require_fresh
from console.door import Door, post
from console.letters import LETTERS
from console.letters_one import facts_said, letter_of, onward
from console.trouble import Refused
from console.visit import Visit
from letters import (
    asking,
    beside,
    broadcast,
    desk,
    handing,
    listing,
    matching,
    notices,
    rounds,
    second_thoughts,
)
from letters.desk import Hand
from letters.second_thoughts import Before
from letters.states import TITLES
from records.cases import Permission
from records.letters import Letter, LetterState
from records.tables import Address, ChannelName

_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n+")
DRAFT, SIGN = Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS
STOPPED: Final = "dừng từ trang làm việc"  # a greeting is stopped by one word


def hand_of(visit: Visit) -> Hand:
    """Return who acts, on the letter as the form's page showed it."""
    return Hand(person=visit.person, version=visit.said_number("version"))


async def check(visit: Visit) -> web.Response:
    """Note that the letter was read beside its record, and go on to the next draft."""
    letter = await desk.check(visit.letters, visit.number("number"), hand_of(visit))
    following, left = await listing.next_to_check(visit.letters, but=letter.id or 0)
    told = f"Đã soát thư {letter.id}; thư chuyển tới người ký."
    if following is None:
        return visit.back("/thu?muc=cho-soat", f"{told} Không còn thư nào chờ soát.")
    return visit.back(f"/thu/{following}", f"{told} Còn {left} thư chờ soát; đây là thư kế tiếp.")


async def sign(visit: Visit) -> web.Response:
    """Sign, and go on to the next letter that waits for this person."""
    letter = await letter_of(visit)
    if beside.is_solemn(letter):
        require_fresh(visit, onward(letter))
    signed = await desk.sign(visit.letters, letter.id or 0, hand_of(visit))
    rows = await matching.recipients(visit.letters, signed.id or 0)
    told = f"Đã ký thư số {notices.number(signed)}. {notices.leaves(signed, rows)}".strip()
    following, left = await listing.next_to_sign(visit.letters, visit.person, but=signed.id or 0)
    if signed.occasion is not None or following is None:
        done = "Không còn thư nào chờ ký." if not left else f"Còn {left} thư chờ ký."
        return visit.back(onward(signed), f"{told} {done}")
    return visit.back(f"/thu/{following}", f"{told} Còn {left} thư chờ ký; đây là thư kế tiếp.")


async def reject(visit: Visit) -> web.Response:
    """Decide that the letter is not sent; for ten seconds it can be taken back."""
    stood = second_thoughts.before(await letter_of(visit))
    letter = await desk.reject(visit.letters, visit.number("number"), hand_of(visit), visit.said("reason"))
    await undo.offer(
        visit,
        "letters.reject",
        {"letter": letter.id, "version": letter.version, "state": str(stood.state), "gap": stood.gap},
    )
    return visit.back(onward(letter), f"Đã ghi: không gửi thư {letter.id}.")


@undo.way("letters.reject")
async def _unreject(visit: Visit, kept: Mapping[str, Any]) -> str:
    hand = Hand(person=visit.person, version=kept["version"])
    stood = Before(state=LetterState(kept["state"]), gap=kept["gap"])
    return onward(await second_thoughts.unreject(visit.letters, kept["letter"], hand, stood))


async def ask(visit: Visit) -> web.Response:
    """Ask the unit that keeps the record."""
    number = visit.number("number")
    told = await asking.ask_back(visit.letters, number, hand_of(visit), visit.said("question"))
    heard = f"đã nhắn {told} nơi" if told else "chưa ai gắn khung chat nên xin nhắn trực tiếp"
    return visit.back(f"/thu/{number}", f"Đã hỏi lại ({heard}). Thư chờ ở mục Còn thiếu.")


async def supply(visit: Visit) -> web.Response:
    """Add facts the record does not hold."""
    facts = facts_said(visit)
    if not facts:
        raise Refused("Chưa có chữ nào được nhập. Mời ghi điều còn thiếu rồi bấm lại.")
    letter = await desk.supply(visit.letters, visit.number("number"), hand_of(visit), facts)
    return visit.back(onward(letter), f"Đã bổ sung và soạn lại. Tình trạng: {TITLES[letter.state]}.")


async def edit(visit: Visit) -> web.Response:
    """Change the words of the body."""
    parts = _PARAGRAPHS.split(visit.said("words"))
    letter = await desk.edit(visit.letters, visit.number("number"), hand_of(visit), parts)
    return visit.back(onward(letter), "Đã giữ lời mới. Thư trở về bước chờ soát.")


async def choose(visit: Visit) -> web.Response:
    """Say which of the people of one name is meant."""
    number = visit.number("number")
    if not visit.said("resident"):
        raise Refused("Chưa chọn ai. Mời chọn một người, hoặc “Không ai trong số này”.")
    await desk.choose(
        visit.letters,
        number,
        hand_of(visit),
        visit.said_number("place"),
        visit.said_number("resident"),
    )
    return visit.back(f"/thu/{number}", "Đã ghi người nhận.")


async def reader(visit: Visit) -> web.Response:
    """Vouch for who reads an account."""
    channel, _, user = visit.said("account").partition(":")
    if channel not in set(ChannelName) or not user:
        raise Refused("Chưa chọn tài khoản nào. Mời chọn lại.")
    number, to = visit.number("number"), Address(ChannelName(channel), user)
    await desk.confirm_reader(visit.letters, number, hand_of(visit), visit.said_number("place"), to)
    return visit.back(f"/thu/{number}", "Đã xác nhận người đọc tài khoản này.")


async def recall(visit: Visit) -> web.Response:
    """Stop what has not left yet; whatever version the page showed."""
    letter = await letter_of(visit)
    reason = visit.said("reason") or (STOPPED if letter.occasion is not None else "")
    kept = await desk.recall(visit.letters, letter.id or 0, Hand(person=visit.person), reason)
    told = f"{kept} bản còn chờ được giữ lại" if kept else "chưa có bản nào kịp xếp hàng gửi"
    return visit.back(onward(letter), f"Đã dừng: {told}.")


async def resume(visit: Visit) -> web.Response:
    """Let a letter or a greeting that was halted go on as it was signed."""
    letter = await letter_of(visit)
    if beside.is_solemn(letter):
        require_fresh(visit, onward(letter))
    act = broadcast.resume if letter.occasion is not None else desk.resume
    again: Letter = await act(visit.letters, letter.id or 0, hand_of(visit))
    return visit.back(onward(again), "Đã cho gửi tiếp, đúng bản đã ký; ai đã nhận thì không nhận lần nữa.")


async def redraft(visit: Visit) -> web.Response:
    """Have the letter drafted anew from what the record says now."""
    letter = await desk.redraft(visit.letters, visit.number("number"), hand_of(visit))
    return visit.back(onward(letter), f"Đã soạn lại từ bản ghi. Tình trạng: {TITLES[letter.state]}.")


async def handed(visit: Visit) -> web.Response:
    """Note that the paper reached somebody; for ten seconds it can be taken back."""
    if not visit.said("to"):
        raise Refused(rounds.NOBODY)
    number, place = visit.number("number"), visit.said_number("place")
    row = await handing.handed(visit.letters, number, hand_of(visit), place, to=visit.said("to"))
    await undo.offer(visit, "letters.handed", {"recipients": [row.id], "to": f"/thu/{number}"})
    return visit.back(f"/thu/{number}", f"Đã ghi: trao cho {row.handed_by}.")


@undo.way("letters.handed")
async def _not_handed(visit: Visit, kept: Mapping[str, Any]) -> str:
    await rounds.not_handed(visit.letters, Hand(person=visit.person), kept["recipients"])
    return str(kept["to"])


DOORS: tuple[Door, ...] = (
    post("/thu/{number}/soat", check, DRAFT),
    post("/thu/{number}/ky", sign, SIGN, second=True),
    post("/thu/{number}/khong-gui", reject, *LETTERS),
    post("/thu/{number}/hoi-lai", ask, SIGN),
    post("/thu/{number}/bo-sung", supply, DRAFT),
    post("/thu/{number}/sua-loi", edit, *LETTERS),
    post("/thu/{number}/chon", choose, *LETTERS),
    post("/thu/{number}/nguoi-doc", reader, *LETTERS),
    post("/thu/{number}/dung", recall, *LETTERS),
    post("/thu/{number}/gui-tiep", resume, SIGN, second=True),
    post("/thu/{number}/soan-lai", redraft, DRAFT),
    post("/thu/{number}/da-trao", handed, *LETTERS),
)
