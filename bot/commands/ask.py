"""`ward ask`: the lookup without any channel, one question or a batch."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from knowledge import catalogue, match
from knowledge.catalogue import Catalogue


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "tra cứu thủ tục bằng lời thường"
    command = nouns.add_parser("ask", help=text, description=text)
    command.add_argument("question", nargs="?", metavar="CÂU_HỎI")
    command.add_argument("--top", type=int, default=5, help="số thủ tục tối đa (mặc định 5)")
    command.add_argument("--knowledge", type=Path, metavar="TỆP", help="dùng danh mục khác")
    command.add_argument("--batch", action="store_true", help="đọc mỗi dòng một câu hỏi JSON từ đầu vào")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Answer on standard output."""
    if not asked.batch and not asked.question:
        print("Thiếu câu hỏi. Ví dụ: ward ask “làm giấy khai sinh”", file=sys.stderr)
        return 2
    cards = open_catalogue(asked.knowledge)
    if asked.batch:
        return _batch(cards, asked.top)
    found = answer(cards, asked.question, asked.top)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    print(found["verdict"])
    for item in found["matches"]:
        print(f"{item['score']:5.1f}  {item['code']}  {item['name']}")
    return 0


def open_catalogue(path: Path | None) -> Catalogue:
    """Load the catalogue at *path*, or the bundled one."""
    if path is not None and not path.exists():
        raise Trouble(f"Không có tệp {path}.")
    return catalogue.load(path or catalogue.BUNDLED)


def answer(cards: Catalogue, question: str, top: int) -> dict[str, Any]:
    """Return verdict and matches, best first."""
    found = cards.index.find(question, limit=max(top, 2))
    return {
        "verdict": match.verdict(found),
        "matches": [
            {"code": item.procedure.code, "name": item.procedure.name, "score": item.score}
            for item in found[:top]
        ],
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
