"""A ward with its console."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import WallClock
from tests.console.bench import Console, open_console


@pytest.fixture
async def console(tmp_path: Path, clock: WallClock) -> AsyncIterator[Console]:
    async with open_console(tmp_path, clock) as opened:
        yield opened
