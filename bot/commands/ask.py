"""`ward ask`: the lookup without any channel, one question or a batch."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.commands import editions_in_use
from bot.commands.serve import Nouns
from knowledge.catalogue import Catalogue
from knowledge.explaining import answer, lines
from knowledge.match import Reason


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "tra cứu thủ tục bằng lời thường"
    command = nouns.add_parser("ask", help=text, description=text)
    command.add_argument("question", nargs="?", metavar="CÂU_HỎI")
    command.add_argument("--top", type=int, default=5, help="số thủ tục tối đa (mặc định 5)")
    command.add_argument("--knowledge", type=Path, metavar="TỆP", help="dùng danh mục khác")
    command.add_argument("--explain", action="store_true", help="nói vì sao tìm ra")
    command.add_argument("--batch", action="store_true", help="đọc mỗi dòng một câu hỏi JSON từ đầu vào")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Answer on standard output."""
    if not asked.batch and not asked.question:
        print("Thiếu câu hỏi. Ví dụ: ward ask “làm giấy khai sinh”", file=sys.stderr)
        return 2
    cards = await editions_in_use.to_ask(asked.knowledge)
    if asked.batch:
        return _batch(cards, asked.top)
    found = answer(cards, asked.question, asked.top)
    reasons = cards.index.explain(asked.question, asked.top) if asked.explain else []
    if asked.json:
        told = {"reasons": [_plain(reason) for reason in reasons]} if asked.explain else {}
        print(json.dumps(found | told, ensure_ascii=False))
        return 0
    _print(found, reasons)
    return 0


def _print(found: dict[str, Any], reasons: Sequence[Reason]) -> None:
    print(found["verdict"])
    if "instead" in found:
        what = "việc của nơi khác" if found["instead"]["kind"] == "elsewhere" else "sự kiện"
        print(f"→ {what}: {found['instead']['name']} ({found['instead']['key']})")
    for item in found["matches"]:
        print(f"{item['score']:5.1f}  {item['code']}  {item['name']}")
        for reason in reasons:
            if reason.match.procedure.code == item["code"]:
                print(*(f"{'':7}{line}" for line in lines(reason)), sep="\n")


def _plain(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.match.procedure.code,
        "score": reason.match.score,
        "by": reason.match.by,
        "answered": reason.answered,
        "unanswered": reason.unanswered,
        "not_asked": reason.not_asked,
        "siblings": reason.siblings,
    }


def _batch(cards: Catalogue, top: int) -> int:
    bad = 0
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            name, question = asked["id"], str(asked["q"])
        except (ValueError, KeyError, TypeError, RecursionError):
            print(f'Dòng {number}: cần {{"id": …, "q": …}}.', file=sys.stderr)
            bad = 1
            continue
        print(json.dumps({"id": name, **answer(cards, question, top)}, ensure_ascii=False))
    return bad
