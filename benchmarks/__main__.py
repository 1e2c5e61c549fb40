"""`make bench`: every table, one after another, in one run."""

import asyncio
from collections.abc import Awaitable, Callable

from benchmarks import acceptance, path, reports, telegram_client

TABLES: tuple[Callable[[], Awaitable[None]], ...] = (
    lambda: acceptance.main([]),
    lambda: path.main([]),
    telegram_client.main,
    lambda: reports.main(["--kills", "3"]),
)


async def main() -> None:
    """Print them all. The storm (`benchmarks.crash`) and the lookup (`benchmarks.lookup`) run by themselves."""
    for table in TABLES:
        await table()
        print()


if __name__ == "__main__":
    asyncio.run(main())
