"""`ward tick [--now]`: run every job that is due once, as if it were that instant."""

import argparse
import json
from datetime import datetime
from urllib.parse import urlsplit

from bot import app, settings
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from scheduler.jobs import JOBS
from scheduler.ticker import run_once

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "chạy mọi việc đến giờ, một lần"
    command = nouns.add_parser("tick", help=text, description=text)
    command.add_argument("--now", metavar="ISO8601", help="như thể bây giờ là lúc đó")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Print what each job did; null means that its turn was already taken."""
    config = settings.load()
    now = _moment(asked.now, config)
    office = app.build(config)
    try:
        await office.prepare()
        did = {job.name: await run_once(office, job, now) for job in JOBS}
        await _let_go(office)
    finally:
        await office.database.close()
    if asked.json:
        print(json.dumps(did))
    else:
        for name, number in did.items():
            print(f"{name}: {'đã chạy trước đó' if number is None else number}")
    return 0


async def _let_go(office: app.Office) -> None:
    for channel in office.channels.values():
        await channel.stop()


def _moment(text: str | None, config: settings.Settings) -> datetime:
    """Read *text*; a moment to come is refused while a live channel could really write to people."""
    if text is None:
        return app.clock()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Trouble(f"“{text}” không phải thời điểm dạng ISO 8601.") from error
    moment = moment if moment.tzinfo else moment.astimezone()
    if moment > app.clock() and _live(config):
        raise Trouble("Đang có kênh thật; không chạy với giờ trong tương lai.")
    return moment


def _live(config: settings.Settings) -> bool:
    addresses = []
    if config.telegram.token is not None:
        addresses.append(config.telegram.api_url)
    if config.zalo.on:
        addresses += [config.zalo.api_url, config.zalo.oauth_url]
    return any(urlsplit(address).hostname not in _LOOPBACK for address in addresses)
