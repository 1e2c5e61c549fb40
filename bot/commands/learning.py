"""`ward knowledge unanswered|name`: what residents asked in vain becomes an everyday name."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from bot import app, settings
from bot.commands import editions_in_use
from bot.commands.trouble import Trouble
from bot.store import open_database
from knowledge import care, editing
from knowledge.calendar import here
from knowledge.catalogue import Catalogue
from records import editions, questions, schema, trace
from records.tables import UnansweredQuestion

TEXT_UNANSWERED = "câu hỏi trợ lý chưa trả lời được, gộp câu gần giống nhau"
TEXT_NAME = "thêm một tên gọi đời thường cho một thủ tục, thành ấn bản mới"


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands to `ward knowledge`."""
    asked = verbs.add_parser("unanswered", help=TEXT_UNANSWERED, description=TEXT_UNANSWERED)
    asked.add_argument("--json", action="store_true", help="in JSON")
    asked.set_defaults(run=unanswered)
    name = verbs.add_parser("name", help=TEXT_NAME, description=TEXT_NAME)
    name.add_argument("code", metavar="MÃ", help="mã thủ tục, ví dụ 1.001193")
    name.add_argument("name", metavar="TÊN_GỌI", help="người dân gọi việc ấy là gì")
    name.add_argument("--by", required=True, metavar="TÊN", help="người quyết định")
    name.add_argument("--json", action="store_true", help="in JSON")
    name.set_defaults(run=call)


async def unanswered(asked: argparse.Namespace) -> int:
    """List what was asked in vain, the most frequent first."""
    database = open_database(settings.load())
    try:
        await schema.upgrade(database)
        async with database.reading() as db:
            groups = _groups(await questions.most_asked(db, limit=1000))
    finally:
        await database.close()
    if asked.json:
        print(json.dumps(groups, ensure_ascii=False))
        return 0
    if not groups:
        print("Chưa có câu hỏi nào bỏ trống.")
    for group in groups:
        print(f"{group['times']:4} lần · gần nhất {group['last']} · {group['question']}")
        for other in group["others"]:
            print(f"{'':11}cũng hỏi: {other}")
    return 0


async def call(asked: argparse.Namespace) -> int:
    """Publish an edition in which the card of a code has one more everyday name."""
    name = " ".join(asked.name.split())
    config = settings.load()
    database = open_database(config)
    try:
        await schema.upgrade(database)
        named = _named(await editions_in_use.of(database, config), asked.code, name)
        async with database.writing() as db:
            row = await editions.publish(db, named.document(), len(named.procedures), asked.by, app.clock())
            detail = {"edition": row.id}
            on = f"procedure:{asked.code}"
            await trace.leave(db, who=asked.by, what="name", on=on, detail=detail, now=row.published_at)
    finally:
        await database.close()
    facts = {"edition": row.id, "code": asked.code, "name": name, "by": asked.by}
    print(
        json.dumps(facts, ensure_ascii=False)
        if asked.json
        else f"Ấn bản {row.id}: “{name}” từ nay là {asked.code}."
    )
    return 0


def _named(cards: Catalogue, code: str, name: str) -> Catalogue:
    """Return *cards* with the everyday *name* at *code*. Raises `Trouble` when that cannot be."""
    if code not in {item.code for item in cards.procedures}:
        raise Trouble(f"Danh mục đang dùng không có mã {code}. Xem mã bằng: ward ask “tên việc”.")
    wrong = editing.refused_name(cards, code, name)
    if not wrong and questions.without_identity(name) != name:
        wrong = "Tên gọi có dãy số hoặc địa chỉ thư: có thể là của một người. Hãy bỏ phần ấy."
    if wrong:
        raise Trouble(wrong)
    return Catalogue(
        tuple(editing.named(item, name) if item.code == code else item for item in cards.procedures)
    )


def _groups(rows: Sequence[UnansweredQuestion]) -> list[dict[str, Any]]:
    """Return questions that ask the same together: how often, when last, and how else it was said."""
    groups = [[rows[place] for place in places] for places in care.grouped([row.question for row in rows])]
    told = [
        {
            "question": group[0].question,
            "times": sum(row.times for row in group),
            "last": here(max(row.last_at for row in group)).date().isoformat(),
            "others": [row.question for row in group[1:]],
        }
        for group in groups
    ]
    return sorted(told, key=lambda group: -int(str(group["times"])))
