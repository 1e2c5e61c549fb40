"""Many report at once, while the office is killed, on every kind of database: one case, one code, one alert each."""

import asyncio
from time import monotonic
from typing import Any

import pytest
from sqlmodel import select

from benchmarks.reports import ROOMS, SUBMIT, TALK, heard_by, judge, open_rooms, prepare, storm
from bot import app
from bot.settings import LimitSettings
from records import inbox, outbox
from records.tables import Received
from tests.conversations.voices import free_port, settings, telegram_of, zalo_of
from tests.peers import TelegramPeer, ZaloPeer


@pytest.mark.timeout(240)
async def test_a_crowd_that_sends_while_the_office_is_killed_gets_one_case_each(tmp_path, sqlite_url, warm):
    verdict = await storm(people=20, kills=3, folder=tmp_path, database_url=sqlite_url, warm=warm)
    assert (verdict.cases, verdict.people) == (20, 20)
    assert verdict.spotless, verdict


@pytest.mark.timeout(240)
async def test_two_offices_on_one_database_number_a_crowd_without_a_gap(
    tmp_path, make_postgres, postgres_template, warm
):
    url = make_postgres(postgres_template)
    verdict = await storm(people=16, kills=0, folder=tmp_path, database_url=url, instances=2, warm=warm)
    assert (verdict.cases, verdict.people) == (16, 16)
    assert verdict.spotless, verdict
    assert verdict.repeated == verdict.doubtful == 0


@pytest.mark.timeout(240)
async def test_a_crowd_on_both_platforms_shares_one_series_of_numbers(tmp_path, database_url, clock):
    began = monotonic()
    await prepare(database_url)
    telegram = TelegramPeer(per_second=None, per_chat_per_second=None, per_group_per_minute=None)
    async with telegram, ZaloPeer() as zalo:
        open_rooms(telegram)
        config = settings(
            tmp_path,
            url=database_url,
            port=free_port(),
            telegram=telegram_of(telegram, "webhook"),
            zalo=zalo_of(zalo),
        )
        limits = LimitSettings(
            telegram_per_second=500,
            telegram_person_pause_s=0,
            telegram_group_pause_s=0,
            zalo_per_minute=30_000,
            messages_per_person_per_minute=500,
        )
        async with app.build(config.model_copy(update={"limits": limits}), clock) as office:
            zalo.webhook.url = f"http://127.0.0.1:{office.port}/webhooks/zalo"
            neighbours = [telegram.person(3_000 + number, "Dân", started=True) for number in range(8)]
            others = [zalo.person(f"{7_000 + number}", "Dân") for number in range(8)]
            crowd: list[Any] = [*neighbours, *others]  # two kinds of person who both say and hear
            for line in (*TALK, *SUBMIT):
                for person in crowd:
                    person.says(line)
            await answered(office, clock, len((*TALK, *SUBMIT)) * len(crowd))
        heard = {str(person.id): list(person.heard) for person in crowd}
        counted = {"kills": 0, "instances": 1}
        verdict = await judge(database_url, heard, heard_by(telegram, ROOMS), began, **counted)
    assert (verdict.cases, verdict.people) == (16, 16)
    assert verdict.spotless, verdict
    assert verdict.repeated == verdict.doubtful == 0


async def answered(office, clock, messages: int) -> None:
    """Wait until so many messages are kept and handled, and nothing waits to be sent."""
    async with asyncio.timeout(120):
        while True:
            async with office.database.reading() as db:
                kept = sum(1 for _ in (await db.exec(select(Received.id))).all())
                waits = await inbox.waiting(db) or await outbox.oldest_due(db, clock())
            if kept >= messages and not waits and not any(one._flying for one in office.senders.values()):
                return
            await asyncio.sleep(0.05)
