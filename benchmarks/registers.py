"""Three hundred rows with forty kinds of defects, from `ward import` to the people; the counts must add up.

`python -m benchmarks.registers`: the office with Telegram, Zalo and the page, all over HTTP.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.conversations.registers_seen import judged
from tests.conversations.registers_way import on_its_way
from tests.letters.registers_300 import registers


async def main() -> int:
    """Print the counts, and fail when they do not add up."""
    books = registers()
    began = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        async with on_its_way(Path(folder), books) as way:
            tally = await judged(way)
    print(f"{len(books.sheets)} files, {len(books.defects)} kinds of defects, {perf_counter() - began:.0f} s")
    print(tally.table())
    print("\n".join(tally.problems) or "everything adds up: nobody twice, nobody wrong")
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
