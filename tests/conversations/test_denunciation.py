"""A denunciation is neither kept nor passed on: seconds later no byte of it is on the disk (10.5)."""

import asyncio
import time

import pytest

from records import archive, backup
from tests.conftest import WallClock
from tests.conversations.voices import handled, open_voice

WORDS = "tôi tố cáo ông X cán bộ địa chính nhận tiền làm sổ, canary-8316 ở quầy ba"
PROMISED_S = 10


def places_that_hold(folder, needle: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


@pytest.mark.parametrize("road", ["telegram-webhook", "zalo", "web"])
async def test_seconds_after_a_denunciation_no_byte_of_it_is_on_the_disk(road, tmp_path, caplog):
    async with open_voice(road, tmp_path, WallClock()) as lan:
        await lan.says("xin chào")
        heard = await lan.says(WORDS)
        assert "không lưu và không chuyển" in heard
        await handled(lan.office)
        until = time.monotonic() + PROMISED_S
        while places_that_hold(tmp_path, b"canary-8316") and time.monotonic() < until:
            await asyncio.sleep(0.2)
        assert places_that_hold(tmp_path, b"canary-8316") == []
        assert "canary-8316" not in caplog.text
        async with lan.office.database.reading() as db:
            assert "canary-8316" not in str(
                (await (await db.connection()).exec_driver_sql("SELECT * FROM received")).all()
            )
        saved, opened = tmp_path / "ward.backup", tmp_path / "opened"
        await backup.make(
            lan.office.database,
            saved,
            media=lan.office.media,
            key=None,
            software="test",
            now=lan.office.clock(),
        )
        opened.mkdir()
        archive.read(saved, opened)
        assert any(opened.rglob("*"))
    assert places_that_hold(tmp_path, b"canary-8316") == []
