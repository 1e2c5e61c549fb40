"""`ward deliveries`: what must go out, what went, and what is in doubt."""

import argparse
import json
from datetime import datetime

from sqlmodel import col, select

from bot import app, settings
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from bot.store import open_database
from records import outbox, schema, trace
from records.tables import Delivery, DeliveryState

MOST = 1000  # rows a call prints, newest first


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "hộp thư đi: tin chờ, đã gửi, còn nghi ngờ"
    command = nouns.add_parser("deliveries", help=text, description=text)
    command.add_argument(
        "--state", choices=[state.value for state in DeliveryState], help="chỉ một tình trạng"
    )
    command.add_argument("--since", metavar="NGÀY", help="từ ngày, dạng 2026-11-20")
    command.add_argument("--json", action="store_true", help="in JSON, mỗi dòng một tin")
    command.add_argument("--settle", type=int, metavar="SỐ", help="quyết định về một tin còn nghi ngờ")
    command.add_argument("--as", dest="outcome", choices=["sent", "again"], help="đã tới, hay gửi lại")
    command.add_argument("--by", metavar="TÊN", help="người quyết định")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Print deliveries without their texts: those are the residents'; or settle a doubtful one."""
    if asked.settle is not None:
        return await _settle(asked)
    for row in await _rows(asked):
        facts = {
            "id": row.id,
            "key": row.key,
            "channel": row.channel,
            "purpose": row.purpose,
            "state": row.state,
            "due_at": row.due_at.isoformat(),
            "sent_at": row.sent_at.isoformat() if row.sent_at else None,
            "attempts": row.attempts,
            "error": row.error,
        }
        print(json.dumps(facts) if asked.json else "  ".join(str(value) for value in facts.values()))
    return 0


async def _settle(asked: argparse.Namespace) -> int:
    if not asked.outcome or not asked.by:
        raise Trouble("Cần --as sent (đã tới) hoặc --as again (gửi lại), và --by TÊN.")
    database = open_database(settings.load())
    now = app.clock()
    try:
        await schema.upgrade(database)
        async with database.writing() as db:
            done = await outbox.settle(db, asked.settle, now, arrived=asked.outcome == "sent")
            if done:
                on = f"delivery:{asked.settle}"
                await trace.leave(
                    db, who=asked.by, what="settle", on=on, detail={"as": asked.outcome}, now=now
                )
    finally:
        await database.close()
    if not done:
        raise Trouble(f"Tin số {asked.settle} không ở tình trạng nghi ngờ.")
    print(f"Đã ghi quyết định về tin số {asked.settle}.")
    return 0


async def _rows(asked: argparse.Namespace) -> list[Delivery]:
    wanted = select(Delivery).order_by(col(Delivery.id).desc()).limit(MOST)
    if asked.state:
        wanted = wanted.where(col(Delivery.state) == asked.state)
    if asked.since:
        wanted = wanted.where(col(Delivery.created_at) >= _day(asked.since))
    database = open_database(settings.load())
    try:
        if not await schema.current(database):
            return []
        async with database.reading() as db:
            return list((await db.exec(wanted)).all())
    finally:
        await database.close()


def _day(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Trouble(f"“{text}” không phải ngày dạng 2026-11-20.") from error
    return moment if moment.tzinfo else moment.astimezone()
