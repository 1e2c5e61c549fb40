"""`ward handover list|answer`: questions residents left for a person, until the console is there."""

import argparse
import json

from bot import app, settings
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from bot.store import open_database
from handlers.talk import MAX_TEXT, clean
from records import handovers, schema
from records.database import Database


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "câu hỏi người dân gửi cán bộ: xem và trả lời"
    verbs = nouns.add_parser("handover", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    show = verbs.add_parser("list", help="câu hỏi đang chờ, việc gấp trước")
    show.add_argument("--json", action="store_true", help="in JSON, mỗi dòng một câu hỏi")
    show.set_defaults(run=waiting)
    reply = verbs.add_parser("answer", help="trả lời một câu hỏi vào đúng khung chat")
    reply.add_argument("number", type=int, metavar="SỐ")
    reply.add_argument("text", metavar="LỜI")
    reply.add_argument("--by", required=True, metavar="TÊN", help="người trả lời")
    reply.set_defaults(run=answer)


async def waiting(asked: argparse.Namespace) -> int:
    """Print the questions that wait."""
    database = await _open()
    try:
        async with database.reading() as db:
            rows = await handovers.waiting(db)
    finally:
        await database.close()
    for row in rows:
        facts = {
            "number": row.id,
            "channel": row.channel,
            "topic": row.topic,
            "question": row.question,
            "photos": len(row.photos),
            "asked_at": row.asked_at.isoformat(),
            "answer_by": row.answer_by.isoformat(),
        }
        print(json.dumps(facts, ensure_ascii=False) if asked.json else "  ".join(map(str, facts.values())))
    return 0


async def answer(asked: argparse.Namespace) -> int:
    """Queue the answer; it goes out by the running office."""
    text = clean(asked.text)
    if not text or len(asked.text) > MAX_TEXT:
        raise Trouble("Lời trả lời trống hoặc quá dài.")
    database = await _open()
    try:
        async with database.writing() as db:
            done = await handovers.answer(db, asked.number, text, asked.by, app.clock())
    finally:
        await database.close()
    if not done:
        raise Trouble(f"Không có câu hỏi số {asked.number} đang chờ.")
    print(f"Đã xếp lời trả lời câu hỏi số {asked.number} vào hộp thư đi.")
    return 0


async def _open() -> Database:
    database = open_database(settings.load())
    await schema.upgrade(database)
    return database
