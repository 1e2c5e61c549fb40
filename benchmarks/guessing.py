"""Ten thousand guesses at the console's door: how many are looked at, and who is let in meanwhile.

    python -m benchmarks.guessing [--guesses N]

Ends with 1 when a stranger's guesses close the door to the owner's own browser, or when the time
of an answer tells whether a name exists.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from records import passwords
from tests.console.bench import Answer, Browser, Console, open_console

OWNER, NOBODY = "cao.xuan.khang", "khong.co.ai.ca"
WORDS = "thuyền nan lướt sóng chiều"
AT_ONCE = 40
TOLD_APART_MS = 25  # the medians of a few dozen hashes differ by chance


async def _try(browser: Browser, login: str, password: str) -> Answer:
    return await browser.post("/vao", {"login": login, "password": password, "den": ""})


async def _guess(console: Console, guesses: int) -> Counter[str]:
    left, told = iter(range(guesses)), Counter[str]()

    async def one() -> None:
        browser = console.stranger()
        for number in left:
            answer = await _try(browser, OWNER, f"mật khẩu thứ {number}")
            told["looked at" if "không đúng" in answer.text else "turned away"] += 1

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return told


async def _median_ms(console: Console, logins: list[str]) -> float:
    took = []
    for login in logins:
        browser, start = console.stranger(), time.perf_counter()
        await _try(browser, login, "sai hẳn rồi, không phải câu này")
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


async def main(arguments: list[str]) -> int:
    """Guess, print what became of it, and tell whether the owner still gets in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guesses", type=int, default=10_000)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        async with open_console(Path(folder), lambda: datetime.now(UTC)) as console:
            person = await console.person(OWNER)
            async with console.office.database.writing() as db:
                await passwords.set_password(db, person, WORDS, console.clock())
            owner = console.stranger()
            await _try(owner, OWNER, WORDS)
            known = await _median_ms(console, [OWNER] * 8)
            unknown = await _median_ms(console, [f"{NOBODY}.{number}" for number in range(8)])
            start = time.perf_counter()
            told = await _guess(console, asked.guesses)
            took = time.perf_counter() - start
            await owner.submit(await owner.get(""), "/ra")
            inside = (await _try(owner, OWNER, WORDS)).address == "/console"
    print(f"guesses sent {asked.guesses} in {took:.0f} s; {dict(told)}")
    print(f"median answer: a name that exists {known:.0f} ms, one that does not {unknown:.0f} ms")
    print(f"the owner's own browser comes in: {'yes' if inside else 'NO'}")
    return int(not inside or abs(known - unknown) > TOLD_APART_MS)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
