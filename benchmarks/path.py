"""The whole path behind the door: a stored question → handled, remembered, its reply in the outbox.

Each question is of another person, in everyday spelling; the conversation, the lookup and
one transaction a message are the real ones. Nothing is sent.
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.acceptance import local_postgres, update
from bot import app as house
from bot.settings import LimitSettings, Settings, TelegramSettings
from records import inbox
from records.database import Database
from records.tables import ChannelName


async def measure(url: str, folder: str, count: int, rounds: int) -> list[float]:
    """Return how many questions were answered in a second, for each round."""
    telegram = TelegramSettings.model_validate({"token": "1:x", "api_url": "http://127.0.0.1:9"})
    limits = LimitSettings(messages_per_person_per_minute=1000)
    config = Settings(database_url=url, data_dir=Path(folder), telegram=telegram, limits=limits)
    office = house.build(config)
    await office.prepare()
    keeping = asyncio.create_task(office.inbox.run())
    rates = []
    for turn in range(rounds):
        await office.inbox.accept([_kept(turn * count + number) for number in range(count)])
        began = perf_counter()
        while await office.dispatcher.take():
            pass
        rates.append(count / (perf_counter() - began))
    await _check(office.database, rounds * count)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await office.database.close()
    return rates


def _kept(number: int) -> inbox.Kept:
    body = update(number).decode()
    user = str(100_000 + number)
    return inbox.Kept(key=f"telegram:{number}", channel=ChannelName.TELEGRAM, user=user, body=body)


async def _check(database: Database, expected: int) -> None:
    from records import outbox  # noqa: PLC0415  only this needs it

    async with database.reading() as db:
        queued = sum((await outbox.counts(db)).values())
        waiting = await inbox.waiting(db)
    if queued != expected or waiting:
        raise RuntimeError(f"{queued} of {expected} answered, {waiting} waiting")


async def main(arguments: Any = None) -> None:
    """Print the medians on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    print("question → reply in the outbox, messages a second (median of the rounds)")
    with tempfile.TemporaryDirectory() as folder, local_postgres() as postgres:
        for kind, url in (("sqlite", f"sqlite+aiosqlite:///{folder}/ward.db"), ("postgres", postgres)):
            rates = await measure(url, folder, asked.count, asked.rounds)
            print(f"  {kind:10} {statistics.median(rates):8.0f}   {[round(rate) for rate in rates]}")


if __name__ == "__main__":
    asyncio.run(main())
