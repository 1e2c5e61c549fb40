"""Writers take turns: nobody twice at once, what comes in goes first, nobody's turn is lost."""

import asyncio

from records.turns import Turns


async def test_messages_that_come_in_pass_everybody_who_waits():
    turns, order = Turns(), []

    async def write(name: str, *, urgent: bool = False) -> None:
        async with turns.one(urgent=urgent):
            order.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(write("a"), write("b"), write("c"), write("inbox", urgent=True))
    assert order == ["a", "inbox", "b", "c"]


async def test_nobody_writes_while_another_does():
    turns, inside, most = Turns(), 0, 0

    async def write() -> None:
        nonlocal inside, most
        async with turns.one():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(write() for _ in range(50)))
    assert most == 1


async def test_whoever_gives_up_waiting_does_not_keep_the_turn():
    turns = Turns()
    async with turns.one():
        waiting = asyncio.create_task(turns.one().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1), turns.one():
        pass


async def test_a_turn_given_in_the_moment_of_giving_up_is_passed_on():
    turns = Turns()
    first = turns.one()
    await first.__aenter__()
    waiting = asyncio.create_task(turns.one().__aenter__())
    await asyncio.sleep(0)
    await first.__aexit__(None, None, None)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1), turns.one():
        pass
