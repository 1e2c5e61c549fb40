"""A greeting is killed on its way, as it is queued and as it leaves: nobody is forgotten, nobody hears it twice."""

import pytest

from benchmarks.broadcast import kills


# The peer reads pictures here; the library that takes them apart warns of itself.
@pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")
@pytest.mark.timeout(120)
async def test_a_greeting_killed_on_its_way_reaches_everybody_once_or_is_left_to_a_person(
    tmp_path, sqlite_url, warm
):
    table = await kills(600, 4, tmp_path, sqlite_url, faults=2, warm=warm)
    assert table.broken == []
    assert (table["kills while queueing"], table["kills while sending"]) == (1, 3)
