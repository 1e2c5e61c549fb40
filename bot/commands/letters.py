"""`ward letters list|show|print`: the letters desk, for operators; `letter_acts` has what is decided."""

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.commands import letter_acts
from bot.commands.letter_shelf import line, opened, row
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from knowledge.wording import plain
from letters import desk, enclosures, frozen, gaps, matching, notices, waiting
from letters.errors import LetterError
from letters.gaps import Gap
from letters.paper import HandoverPaper, HandoverRow
from letters.waiting import Shown
from letters.work import Work
from records.letters import Letter, LetterState, Recipient

Told = Mapping[int, Mapping[int, str]]  # by place: who may be meant, and what tells them apart


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "thư: xem, soát, ký, bổ sung, trả lại, dừng, gửi tiếp, in danh sách giao tay"
    verbs = nouns.add_parser("letters", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    rows = verbs.add_parser("list", help="danh sách thư")
    rows.add_argument("--state", choices=[state.value for state in LetterState], help="chỉ một tình trạng")
    rows.set_defaults(run=show_list)
    one = verbs.add_parser("show", help="một thư, cạnh bản ghi của nó, và điều nó còn thiếu")
    one.add_argument("number", type=int, metavar="SỐ", help="số thứ tự trong ward letters list")
    one.add_argument("--pdf", type=Path, metavar="TỆP", help="ghi bản in")
    one.add_argument("--png", type=Path, metavar="TỆP", help="ghi ảnh")
    one.set_defaults(run=show)
    letter_acts.add(verbs)
    sheets = verbs.add_parser("print", help="danh sách giao tay, mỗi tổ dân phố một tờ, kèm từng thư")
    sheets.add_argument("--to", type=Path, metavar="THƯ_MỤC", help="ghi các tệp PDF vào đây")
    sheets.set_defaults(run=print_out)
    for verb in verbs.choices.values():
        verb.add_argument("--json", action="store_true", help="in JSON")


async def show_list(asked: argparse.Namespace) -> int:
    """Print the letters, a line each, without names."""
    states = [LetterState(asked.state)] if asked.state else list(LetterState)
    async with opened() as work:
        found = await waiting.letters(work, states)
    for letter in found:
        print(json.dumps(row(letter), ensure_ascii=False) if asked.json else line(letter))
    if not found and not asked.json:
        print("Không có thư nào như vậy.")
    return 0


async def show(asked: argparse.Namespace) -> int:
    """Print one letter with its record and what it lacks, and write it as a file if wanted."""
    async with opened() as work:
        letter = await work.db.get(Letter, asked.number)
        if letter is None:
            raise Trouble(f"Không có thư số {asked.number}. Xem: ward letters list")
        seen = await waiting.shown(work, letter)
        missing = await gaps.of(work, letter)
        unsure = {one.place: await desk.candidates(work, one) for one in matching.unresolved(seen.recipients)}
        await _write(work, letter, asked)
    if asked.json:
        print(json.dumps(_whole(seen, missing, unsure), ensure_ascii=False))
    else:
        print(_page(seen, missing, unsure))
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


async def print_out(asked: argparse.Namespace) -> int:
    """Print what is to be handed over; with --to a list a quarter, every letter as PDF, and what goes with it."""
    async with opened() as work:
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
            rows=tuple(_handover(letter, one) for letter, one in rows),
            contact_phone=work.shelf.ward.phone,
        )
        await _save(
            folder / f"danh-sach-{place:02d}.pdf", await asyncio.to_thread(work.shelf.press.pdf, paper)
        )
        for letter, _ in rows:
            await _letter(work, letter, folder)


async def _letter(work: Work, letter: Letter, folder: Path) -> None:
    """Write a letter, and beside it the sheet its words promise."""
    name = f"thu-{letter.number or 0:04d}"
    await _save(folder / f"{name}.pdf", await frozen.pdf(work, letter))
    promised = enclosures.promised(letter.facts)
    sheet = work.shelf.enclosures.get(letter.template) if promised is not None else None
    if sheet is not None:
        await _save(folder / f"{name}-kem-{sheet.name}{sheet.suffix}", sheet.content)
    elif promised is not None:
        raise Trouble(
            f"Thư {letter.id} nhắc tới tờ {promised['name']} mà phường không còn tờ ấy trong thư mục letters. "
            "Đặt lại tờ đã duyệt rồi in lại."
        )


def _handover(letter: Letter, one: Recipient) -> HandoverRow:
    title = notices.title_of(frozen.text_of(letter).title)
    return HandoverRow(number=letter.number, title=title, recipient=one.name, address=one.address)


async def _save(path: Path, content: bytes) -> None:
    await asyncio.to_thread(path.write_bytes, content)


def _whole(seen: Shown, missing: Sequence[Gap], unsure: Told) -> dict[str, Any]:
    recipients = [
        {
            "place": one.place,
            "name": one.name,
            "route": str(one.route),
            "why": one.why,
            "candidates": one.candidates,
            "told_apart": {str(number): told for number, told in unsure.get(one.place, {}).items()},
        }
        for one in seen.recipients
    ]
    record = notices.record(seen.event, seen.letter.facts.get(frozen.SAID, {}))
    found = [{"name": gap.name, "says": gap.says} for gap in missing]
    return row(seen.letter) | {
        "text": seen.letter.text,
        "recipients": recipients,
        "record": record,
        "gaps": found,
    }


def _page(seen: Shown, missing: Sequence[Gap], unsure: Told) -> str:
    card = plain(notices.card(seen.letter, seen.title, seen.recipients, seen.event, ""))
    ways = [f"  {one.name}: {notices.ROUTES[one.route]} {one.why}".rstrip() for one in seen.recipients]
    for place, told in unsure.items():
        ways += [f"  --place {place} --resident {number}: {what}" for number, what in told.items()]
    lacks = [f"  còn thiếu: {gap.says}{gap.hint}{f'; mục {gap.name}' if gap.name else ''}" for gap in missing]
    named = " ".join(f"{gap.name}=…" for gap in missing if gap.name)
    if named:
        lacks.append(f"  bổ sung: ward letters supply {seen.letter.id} {named} --by …")
    return "\n".join([line(seen.letter), card, *ways, *lacks, "", seen.letter.text or ""])
