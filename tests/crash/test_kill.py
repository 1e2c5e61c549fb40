"""The office is killed at random moments: what was acknowledged is handled once, what was answered arrives."""

import pytest

from benchmarks.crash import storm


@pytest.mark.timeout(240)
async def test_a_small_storm_of_kills_loses_nothing_and_doubles_no_effect(tmp_path, sqlite_url, warm):
    outcome = await storm(people=40, kills=4, folder=tmp_path, database_url=sqlite_url, warm=warm)

    assert outcome.handled == outcome.replies == outcome.updates == 200
    assert outcome.effects == 40
    assert outcome.lost == 0
    assert outcome.repeated_more_than_once == 0
    assert outcome.out_of_order == 0
