"""A message the database refuses again and again is given up after hours: its person is told, and heard again."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot import dispatcher
from records.inbox import LEASE
from records.tables import Received
from tests.conversations.voices import telegram, until


async def rename(office, old: str, new: str) -> None:
    async with office.database.writing() as db:
        await (await db.connection()).execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def outcomes(office) -> list[str | None]:
    async with office.database.reading() as db:
        return list((await db.exec(select(Received.outcome).order_by(col(Received.id)))).all())


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(dispatcher, "PAUSES_S", (0.0,))  # the lease and the hours are what is looked at here


async def lease(office):
    async with office.database.reading() as db:
        waiting = select(Received.lease_until).where(col(Received.handled_at).is_(None))
        return (await db.exec(waiting.order_by(col(Received.id)).limit(1))).first()


async def tried_again(office, wait: timedelta) -> None:
    """Let so much time pass that the lease ends, and wait for the next try."""
    before = await lease(office)
    office.clock.wait(seconds=wait.total_seconds())
    while await lease(office) == before:
        await asyncio.sleep(0.01)


@pytest.mark.usefixtures("hasty")
async def test_a_message_that_cannot_be_handled_is_told_after_six_hours_and_blocks_no_longer(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        await rename(lan.office, "conversation", "mislaid")  # every try ends in an error of the database
        before = len(lan.person.heard)
        lan.person.says("giờ làm việc")
        await lan.peer.delivered()
        await tried_again(lan.office, dispatcher.GIVE_UP_AFTER - timedelta(minutes=10))
        assert lan.person.heard[before:] == []  # a database may be away so long

        lan.person.says("đăng ký kết hôn")
        await lan.peer.delivered()
        clock.wait(minutes=10)
        await until(lambda: len(lan.person.heard) > before)
        await rename(lan.office, "mislaid", "conversation")
        sorry = lan.person.heard[before]
        assert "trục trặc" in sorry
        assert str((await outcomes(lan.office))[1]).removeprefix("failed:") in sorry

        clock.wait(seconds=LEASE.total_seconds() + 1)
        await until(lambda: len(lan.person.heard) > before + 1)
        assert "kết hôn" in lan.person.heard[before + 1]
