"""Marriages, births, deaths and dossiers with forty kinds of defects, and every letter at its own door, once.

Every defect has a small file of its own here; `benchmarks.registers` takes all three hundred rows.
"""

from tests.conversations.registers_seen import judged
from tests.conversations.registers_way import on_its_way
from tests.letters.registers_300 import registers


async def test_whatever_is_wrong_with_a_register_every_letter_reaches_its_own_people_once(tmp_path):
    books = registers(filler=0, at_once=1)
    assert len(books.defects) >= 40
    async with on_its_way(tmp_path, books) as way:
        tally = await judged(way)
    assert tally.problems == ()
    assert set(tally.received) == {"telegram", "zalo", "web"}
    assert min(tally.received.values()) > 0
