"""`ward calendar [YEAR]`: public holidays and made-up working days."""

import argparse
import json

from bot import app, settings
from bot.commands.serve import Nouns
from handlers.phrases.when import day
from knowledge.calendar import here


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "ngày nghỉ lễ và ngày làm bù"
    command = nouns.add_parser("calendar", help=text, description=text)
    command.add_argument("year", nargs="?", type=int, metavar="NĂM")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Print the days of a year."""
    calendar = app.shelf_of(settings.load()).calendar
    days = calendar.public_days(asked.year or here(app.clock()).year)
    if asked.json:
        rows = [{"date": item.day.isoformat(), "kind": str(item.kind), "name": item.name} for item in days]
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for item in days:
        print(f"{day(item.day)}  {'làm bù' if item.kind == 'work' else 'nghỉ'}  {item.name}")
    return 0
