"""Fixtures of the cases: the ward at work on both kinds of database."""

import pytest

from tests.feedback.bench import Bench


@pytest.fixture
async def bench(database):
    made = Bench(database)
    await made.hire()
    return made
