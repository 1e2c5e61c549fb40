"""`make bench`: every table, one after another, in one run; `python -m benchmarks press letters` for some."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from benchmarks import (
    acceptance,
    accidents,
    concerns,
    console,
    letters,
    path,
    press,
    registers,
    reports,
    signing,
    telegram_client,
)

Table = Callable[[], Awaitable[int | None]]
TABLES: dict[str, Table] = {
    "acceptance": lambda: acceptance.main([]),
    "path": lambda: path.main([]),
    "telegram_client": telegram_client.main,
    "reports": lambda: reports.main(["--kills", "3"]),
    "concerns": lambda: asyncio.to_thread(concerns.main, []),
    "press": lambda: press.main(["--count", "30", "--rounds", "2"]),
    "letters": lambda: letters.main(["--signatures", "100"]),
    "signing": lambda: signing.main(["--letters", "100", "--kills", "2"]),
    "accidents": lambda: asyncio.to_thread(accidents.main, ["--cases", "500"]),
    "registers": registers.main,
    "console": lambda: console.main([]),
}


async def main(arguments: Sequence[str] | None = None) -> int:
    """Print them all, and fail when one does; longer runs of each are its own command.

    The storm (`benchmarks.crash`), the lookup (`benchmarks.lookup`) and the greeting to 20,000 over
    the wire (`benchmarks.broadcast`) run by themselves.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="TABLE", help=", ".join(TABLES))
    failed = []
    for name in parser.parse_args(arguments).names or TABLES:
        began = perf_counter()
        print(f"== {name}", flush=True)
        if await TABLES[name]():
            failed.append(name)
        print(f"   {perf_counter() - began:.0f} s\n", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
