"""`ward deliveries`: what must go out, what went, and what is in doubt."""

import argparse
import json
from datetime import datetime

from sqlmodel import col, select

from bot import settings
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from records import schema
from records.database import Database
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
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Print deliveries without their texts: those are the residents'."""
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


async def _rows(asked: argparse.Namespace) -> list[Delivery]:
    wanted = select(Delivery).order_by(col(Delivery.id).desc()).limit(MOST)
    if asked.state:
        wanted = wanted.where(col(Delivery.state) == asked.state)
    if asked.since:
        wanted = wanted.where(col(Delivery.created_at) >= _day(asked.since))
    database = Database(settings.load().database_url)
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
