"""`ward letters check|approve|reject|recall|redraft|…`: what a person decides about one letter, by its number.

Each verb is a row: its name, what it is for, what it asks for, and the act of the letters desk
that is done with the answers.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.commands import ledger
from bot.commands.letter_shelf import line, opened, row
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from letters import asking, desk, handing, resuming
from letters.desk import NOBODY, Hand
from letters.states import NotAllowed, Stale
from letters.supplied import name_of
from letters.work import Work
from records.letters import Letter
from records.tables import Address, ChannelName

MOVED: Final = "Thư này không ở bước làm được việc ấy, hoặc vừa thay đổi. Xem lại: ward letters show {number}"
LARGEST: Final = 100_000  # bytes of a file with new words; a letter has some 6,000 letters
_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n")
Act = Callable[..., Awaitable[object]]
_PLACE: Final[Mapping[str, Any]] = {
    "type": int,
    "default": 0,
    "metavar": "N",
    "help": "người nhận thứ mấy, từ 0",
}


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One act: `asks` are its options by name, as argparse takes them; the act gets them by these names."""

    name: str
    told: str
    act: Act
    asks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


async def _choose(work: Work, number: int, hand: Hand, *, place: int, resident: str) -> object:
    if resident != "none" and not (resident.isascii() and resident.isdecimal()):
        raise NotAllowed("--resident nhận số của một người (xem: ward letters show SỐ) hoặc none.")
    chosen = NOBODY if resident == "none" else int(resident)
    return await desk.choose(work, number, hand, place, chosen)


async def _reader(work: Work, number: int, hand: Hand, *, place: int, account: str) -> object:
    channel, colon, user = account.partition(":")
    if not colon or not user or channel not in set(ChannelName):
        known = ", ".join(f"{one}:MÃ" for one in ChannelName)
        raise NotAllowed(f"--account viết là KÊNH:MÃ, một trong: {known}.")
    return await desk.confirm_reader(work, number, hand, place, Address(ChannelName(channel), user))


async def _edit(work: Work, number: int, hand: Hand, *, file: Path) -> object:
    return await desk.edit(work, number, hand, _PARAGRAPHS.split(await asyncio.to_thread(_words, file)))


def _words(file: Path) -> str:
    """Read new words from *file*, "-" for standard input. Raises NotAllowed."""
    if str(file) == "-":
        content = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with file.open("rb") as opened_file:
            content = opened_file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise NotAllowed("Tệp quá lớn cho một lá thư; xem lại có nhầm tệp không.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise NotAllowed("Tệp không phải UTF-8; lưu lại bằng bảng mã UTF-8.") from error


async def _supply(work: Work, number: int, hand: Hand, *, facts: Sequence[str]) -> object:
    said: dict[str, object] = {}
    for one in facts:
        name, equals, value = one.partition("=")
        if not equals:
            raise NotAllowed(f"“{one[:60]}”: viết là MỤC=GIÁ_TRỊ, ví dụ new_due_on=30/11/2026")
        said[name_of(name)] = value
    return await desk.supply(work, number, hand, said)


async def _ask(work: Work, number: int, hand: Hand, *, question: str) -> object:
    return await asking.ask_back(work, number, hand, question)


_REASON: Final = {"reason": {"required": True, "metavar": "LÝ_DO"}}
VERBS: Final = (
    Verb(name="check", told="đã soát thư cạnh bản ghi", act=desk.check),
    Verb(name="approve", told="ký thư: cấp số, khóa lời, hẹn giờ gửi", act=desk.sign),
    Verb(name="reject", told="không gửi thư này", act=desk.reject, asks=_REASON),
    Verb(name="recall", told="dừng thư đã ký; bản còn chờ không rời cơ quan", act=desk.recall, asks=_REASON),
    Verb(name="redraft", told="soạn lại từ bản ghi: thư bị trả, bị giữ hoặc đã dừng", act=desk.redraft),
    Verb(name="resume", told="cho thư đã dừng gửi tiếp, đúng bản đã ký", act=resuming.resume),
    Verb(
        name="ask",
        told="hỏi lại đơn vị giữ hồ sơ; thư trở về bước còn thiếu",
        act=_ask,
        asks={"question": {"required": True, "metavar": "CÂU_HỎI"}},
    ),
    Verb(
        name="supply",
        told="bổ sung điều thư còn thiếu rồi soạn lại",
        act=_supply,
        asks={"facts": {"nargs": "+", "metavar": "MỤC=GIÁ_TRỊ", "help": "ví dụ new_due_on=30/11/2026"}},
    ),
    Verb(
        name="choose",
        told="chọn người nhận khi trùng tên",
        act=_choose,
        asks={
            "place": _PLACE,
            "resident": {"required": True, "metavar": "SỐ|none", "help": "none: không ai trong số này"},
        },
    ),
    Verb(
        name="reader",
        told="xác nhận ai đọc tài khoản này (thư chia buồn chỉ qua chat khi có)",
        act=_reader,
        asks={"place": _PLACE, "account": {"required": True, "metavar": "KÊNH:MÃ"}},
    ),
    Verb(
        name="edit",
        told="thay lời thân thư; thư trở lại bước soát",
        act=_edit,
        asks={
            "file": {"required": True, "type": Path, "metavar": "TỆP", "help": "- để đọc từ bàn phím"},
        },
    ),
    Verb(
        name="handed",
        told="đã giao tận tay, tổ trưởng nộp lại danh sách có chữ ký",
        act=handing.handed,
        asks={"place": _PLACE, "to": {"required": True, "metavar": "AI", "help": "ai ký nhận"}},
    ),
)


def add(verbs: Nouns) -> None:
    """Add the acts to `ward letters`."""
    for verb in VERBS:
        parser = verbs.add_parser(verb.name, help=verb.told, description=verb.told)
        parser.add_argument("number", type=int, metavar="SỐ", help="số thứ tự trong ward letters list")
        for name, how in verb.asks.items():
            parser.add_argument(name if "nargs" in how else f"--{name}", **how)
        parser.add_argument("--by", required=True, metavar="TÊN_ĐĂNG_NHẬP", help="người quyết định")
        parser.add_argument("--version", type=int, metavar="N", help="chỉ khi thư còn đúng bản này")
        parser.set_defaults(run=change, verb=verb)


async def change(asked: argparse.Namespace) -> int:
    """Do one act in the name of --by, and print the letter as it is then."""
    verb: Verb = asked.verb
    said = {name: getattr(asked, name) for name in verb.asks}
    try:
        async with opened() as work:
            person = await ledger.person_of(work.db, asked.by)
            await verb.act(work, asked.number, Hand(person=person, version=asked.version), **said)
            letter = await work.db.get(Letter, asked.number)
    except NotAllowed as refusal:
        raise Trouble(str(refusal)) from refusal
    except Stale as moved:
        raise Trouble(MOVED.format(number=asked.number)) from moved
    if letter is not None:
        print(json.dumps(row(letter), ensure_ascii=False) if asked.json else line(letter))
    return 0
