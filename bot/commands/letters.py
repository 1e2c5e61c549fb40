"""`ward letters list|show|check|approve|reject|recall|print`: the letters desk, for operators."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot import app, settings
from bot.commands import ledger
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from bot.settings import Settings
from knowledge.calendar import here
from knowledge.wording import plain
from letters import desk, frozen, handing, notices, waiting
from letters.desk import Hand
from letters.errors import LetterError
from letters.paper import HandoverPaper, HandoverRow
from letters.states import TITLES, NotAllowed, Stale
from letters.waiting import Shown
from letters.work import Shelf, Work
from records.letters import Letter, LetterState, Recipient
from records.media import MediaStore

MOVED = "Thư này không ở bước làm được việc ấy, hoặc vừa thay đổi. Xem lại: ward letters show {number}"
Act = Callable[[Work, int, Hand, argparse.Namespace], Awaitable[object]]


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "thư: xem, soát, ký, trả lại, dừng, in danh sách giao tay"
    verbs = nouns.add_parser("letters", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    rows = verbs.add_parser("list", help="danh sách thư")
    rows.add_argument("--state", choices=[state.value for state in LetterState], help="chỉ một tình trạng")
    rows.set_defaults(run=show_list)
    one = verbs.add_parser("show", help="một thư, cạnh bản ghi của nó")
    one.add_argument("--pdf", type=Path, metavar="TỆP", help="ghi bản in")
    one.add_argument("--png", type=Path, metavar="TỆP", help="ghi ảnh")
    one.set_defaults(run=show)
    for name, told, act in (
        ("check", "đã soát thư cạnh bản ghi", _check),
        ("approve", "ký thư: cấp số, khóa lời, hẹn giờ gửi", _approve),
        ("reject", "không gửi thư này", _reject),
        ("recall", "dừng thư đã ký; bản còn chờ không rời cơ quan", _recall),
        ("handed", "đã giao tận tay, tổ trưởng nộp lại danh sách có chữ ký", _handed),
    ):
        verb = verbs.add_parser(name, help=told)
        verb.add_argument("--by", required=True, metavar="TÊN_ĐĂNG_NHẬP", help="người quyết định")
        verb.add_argument("--version", type=int, metavar="N", help="chỉ khi thư còn đúng bản này")
        if act in (_reject, _recall):
            verb.add_argument("--reason", required=True, metavar="LÝ_DO")
        if act is _handed:
            verb.add_argument("--place", type=int, default=0, metavar="N", help="người nhận thứ mấy, từ 0")
            verb.add_argument("--to", required=True, metavar="AI", help="ai ký nhận")
        verb.set_defaults(run=change, act=act)
        _number(verb)
    _number(one)
    sheets = verbs.add_parser("print", help="danh sách giao tay, mỗi tổ dân phố một tờ, kèm từng thư")
    sheets.add_argument("--to", type=Path, metavar="THƯ_MỤC", help="ghi các tệp PDF vào đây")
    sheets.set_defaults(run=print_out)
    for verb in verbs.choices.values():
        verb.add_argument("--json", action="store_true", help="in JSON")


def _number(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("number", type=int, metavar="SỐ", help="số thứ tự trong ward letters list")


async def show_list(asked: argparse.Namespace) -> int:
    """Print the letters, a line each, without names."""
    states = [LetterState(asked.state)] if asked.state else list(LetterState)
    async with _work() as work:
        found = await waiting.letters(work, states)
    for letter in found:
        print(json.dumps(_row(letter), ensure_ascii=False) if asked.json else _line(letter))
    if not found and not asked.json:
        print("Không có thư nào như vậy.")
    return 0


async def show(asked: argparse.Namespace) -> int:
    """Print one letter with its record, and write it as a file if wanted."""
    async with _work() as work:
        letter = await work.db.get(Letter, asked.number)
        if letter is None:
            raise Trouble(f"Không có thư số {asked.number}. Xem: ward letters list")
        seen = await waiting.shown(work, letter)
        await _write(work, letter, asked)
    print(json.dumps(_whole(seen), ensure_ascii=False) if asked.json else _page(seen))
    return 0


async def _write(work: Work, letter: Letter, asked: argparse.Namespace) -> None:
    if not asked.pdf and not asked.png:
        return
    if not frozen.has_words(letter):
        raise Trouble(f"Thư chưa có lời để in: {letter.gap or letter.reason}.")
    try:
        if asked.pdf:
            await _save(asked.pdf, await frozen.pdf(work, letter))
        if asked.png:
            await _save(asked.png, await frozen.picture(work, letter))
    except LetterError as error:
        raise Trouble(str(error)) from error


async def change(asked: argparse.Namespace) -> int:
    """Do one act in the name of --by."""
    try:
        async with _work() as work:
            person = await ledger.person_of(work.db, asked.by)
            await asked.act(work, asked.number, Hand(person=person, version=asked.version), asked)
            letter = await work.db.get(Letter, asked.number)
    except NotAllowed as refusal:
        raise Trouble(str(refusal)) from refusal
    except Stale as moved:
        raise Trouble(MOVED.format(number=asked.number)) from moved
    if letter is not None:
        print(json.dumps(_row(letter), ensure_ascii=False) if asked.json else _line(letter))
    return 0


async def _check(work: Work, number: int, hand: Hand, asked: argparse.Namespace) -> object:  # noqa: ARG001  all alike
    return await desk.check(work, number, hand)


async def _approve(work: Work, number: int, hand: Hand, asked: argparse.Namespace) -> object:  # noqa: ARG001  all alike
    return await desk.sign(work, number, hand)


async def _reject(work: Work, number: int, hand: Hand, asked: argparse.Namespace) -> object:
    return await desk.reject(work, number, hand, asked.reason)


async def _recall(work: Work, number: int, hand: Hand, asked: argparse.Namespace) -> object:
    return await desk.recall(work, number, hand, asked.reason)


async def _handed(work: Work, number: int, hand: Hand, asked: argparse.Namespace) -> object:
    return await handing.handed(work, number, hand, asked.place, to=asked.to)


async def print_out(asked: argparse.Namespace) -> int:
    """Print what is to be handed over; with --to a list a quarter and every letter as PDF."""
    async with _work() as work:
        lists = await waiting.to_print(work)
        if asked.to:
            await _sheets(work, lists, asked.to)
    if asked.json:
        counted = {quarter: [letter.id for letter, _ in rows] for quarter, rows in lists.items()}
        print(json.dumps(counted, ensure_ascii=False))
    else:
        for quarter, rows in lists.items():
            print(f"{quarter}: {len(rows)} thư")
        if not lists:
            print("Không có thư nào phải giao tay.")
    return 0


async def _sheets(work: Work, lists: dict[str, list[tuple[Letter, Recipient]]], folder: Path) -> None:
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for place, (quarter, rows) in enumerate(lists.items(), start=1):
        paper = HandoverPaper(
            head=work.head,
            dated=work.today,
            neighbourhood=quarter,
            group_head="",
            rows=tuple(_handover(letter, row) for letter, row in rows),
            contact_phone=work.shelf.ward.phone,
        )
        await _save(
            folder / f"danh-sach-{place:02d}.pdf", await asyncio.to_thread(work.shelf.press.pdf, paper)
        )
        for letter, _ in rows:
            await _save(folder / f"thu-{letter.number or 0:04d}.pdf", await frozen.pdf(work, letter))


def _handover(letter: Letter, row: Recipient) -> HandoverRow:
    title = notices.title_of(frozen.text_of(letter).title)
    return HandoverRow(number=letter.number, title=title, recipient=row.name, address=row.address)


async def _save(path: Path, content: bytes) -> None:
    await asyncio.to_thread(path.write_bytes, content)


def _row(letter: Letter) -> dict[str, Any]:
    """Return what may stand in a list: no name."""
    return {
        "id": letter.id,
        "template": letter.template,
        "state": str(letter.state),
        "version": letter.version,
        "number": letter.number,
        "year": letter.year,
        "check_code": letter.check_code,
        "document_date": letter.document_date.isoformat() if letter.document_date else None,
        "due_at": here(letter.due_at).isoformat(timespec="minutes") if letter.due_at else None,
        "gap": letter.gap,
        "reason": letter.reason,
        "pdf_sha256": letter.pdf_sha256,
    }


def _line(letter: Letter) -> str:
    number = f" · số {notices.number(letter)}" if letter.number is not None else ""
    why = letter.gap or letter.reason
    return f"{letter.id:>5} · {letter.template} · {TITLES[letter.state]}{number}{f' · {why}' if why else ''}"


def _whole(seen: Shown) -> dict[str, Any]:
    recipients = [
        {
            "place": row.place,
            "name": row.name,
            "route": str(row.route),
            "why": row.why,
            "candidates": row.candidates,
        }
        for row in seen.recipients
    ]
    record = notices.record(seen.event, seen.letter.facts.get(frozen.SAID, {}))
    return _row(seen.letter) | {"text": seen.letter.text, "recipients": recipients, "record": record}


def _page(seen: Shown) -> str:
    card = plain(notices.card(seen.letter, seen.title, seen.recipients, seen.event, ""))
    ways = [f"  {row.name}: {notices.ROUTES[row.route]} {row.why}".rstrip() for row in seen.recipients]
    return "\n".join([_line(seen.letter), card, *ways, "", seen.letter.text or ""])


@asynccontextmanager
async def _work() -> AsyncIterator[Work]:
    config = settings.load()
    async with ledger.opened(config) as database, database.writing() as db:
        yield Work(db=db, shelf=_shelf(config), now=app.clock())


def _shelf(config: Settings) -> Shelf:
    shelf = app.shelf_of(config)
    return app.letters_of(config, shelf, MediaStore(config.data_dir))
