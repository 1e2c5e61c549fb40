"""How many messages a second three HTTP clients send: the library's, ours, and none at all.

The server is a trivial one in a process of its own, on loopback: what is measured is the
client's work, not Telegram's. Telegram takes 30 a second; the rest is head-room for the
replies, fetches and button answers that share the process.
"""

import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing.connection import Connection

import aiohttp
from aiohttp import web
from telegram import Bot
from telegram.request import BaseRequest, HTTPXRequest

from bot.telegram.request import AiohttpRequest

TOKEN = "123456789:AAbenchmark"
IN_FLIGHT = (1, 16, 64)
MESSAGES = 1500
ROUNDS = 3
TEXT = "<b>Đăng ký khai sinh</b>\nGiấy tờ: 3. Lệ phí: miễn. Thời hạn: trong ngày."

Send = Callable[[], Awaitable[object]]


async def main() -> None:
    """Print messages a second, the median of three rounds."""
    told, tells = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(tells,), daemon=True)
    server.start()
    try:
        await _measure(f"http://127.0.0.1:{await asyncio.to_thread(told.recv)}")
    finally:
        server.terminate()
        server.join()


async def _measure(url: str) -> None:
    clients: dict[str, Callable[[], AbstractAsyncContextManager[Send]]] = {
        "Bot over HTTPXRequest": lambda: _bot(url, HTTPXRequest()),
        "Bot over AiohttpRequest": lambda: _bot(url, AiohttpRequest(token=TOKEN, timeout_s=20)),
        "bare aiohttp": lambda: _bare(url),
    }
    rates: dict[tuple[str, int], list[float]] = {}
    for name in [*clients] * ROUNDS:  # by turns, so that a busy moment of the machine meets all of them
        async with clients[name]() as send:
            await _rate(send, max(IN_FLIGHT), 200)  # connections open, caches warm
            for in_flight in IN_FLIGHT:
                rates.setdefault((name, in_flight), []).append(await _rate(send, in_flight, MESSAGES))
    print(f"{'messages a second, in flight:':32}" + "".join(f"{n:>8}" for n in IN_FLIGHT))
    for name in clients:
        print(f"{name:32}" + "".join(f"{statistics.median(rates[name, n]):8.0f}" for n in IN_FLIGHT))


async def _rate(send: Send, in_flight: int, messages: int) -> float:
    left = iter(range(messages))

    async def work() -> None:
        for _ in left:
            await send()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return messages / (time.perf_counter() - began)


@asynccontextmanager
async def _bot(url: str, request: BaseRequest) -> AsyncIterator[Send]:
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)
    async with request:
        yield lambda: bot.send_message(1001, TEXT, parse_mode="HTML")


@asynccontextmanager
async def _bare(url: str) -> AsyncIterator[Send]:
    async with aiohttp.ClientSession() as session:

        async def send() -> object:
            body = {"chat_id": 1001, "text": TEXT, "parse_mode": "HTML"}
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as answer:
                return await answer.json()

        yield send


def _serve(tells: Connection) -> None:
    asyncio.run(_answer_all(tells))


async def _answer_all(tells: Connection) -> None:
    chat = {"id": 1001, "type": "private", "first_name": "Lan"}
    message = {"message_id": 1, "date": 1795053600, "chat": chat, "text": TEXT}
    answer = json.dumps({"ok": True, "result": message}).encode()

    async def reply(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(body=answer, content_type="application/json")

    runner = web.ServerRunner(web.Server(reply))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tells.send(runner.addresses[0][1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
