"""A ward's Zalo channel against the played platform, for the tests beside this file."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr
from sqlmodel import SQLModel

from bot.channel import Outgoing
from bot.settings import ZaloSettings
from bot.zalo import ZaloChannel
from records.database import Database
from records.tables import Address, ChannelName
from tests.peers import ZaloPeer
from tests.peers.door import Door

V3, V2 = "v3.0/oa/message/cs", "v2.0/oa/message"
UPLOAD_IMAGE = "v2.0/oa/upload/image"
LAN = "246845883529197922"
MOMENT = datetime(2026, 11, 20, 2, 0, 10, tzinfo=UTC)  # nine in the morning in Vietnam


class Clock:
    """Stands still until told otherwise."""

    def __init__(self, now: datetime = MOMENT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def ahead(self, **span: float) -> None:
        self.now += timedelta(**span)


def settings_for(peer: ZaloPeer, **changes: Any) -> ZaloSettings:
    given = {
        "app_id": peer.app_id,
        "app_secret": SecretStr(peer.app_secret),
        "oa_id": peer.account.oa_id,
        "oa_secret": SecretStr(peer.oa_secret),
        "refresh_token": SecretStr("refresh-0"),
        "api_url": peer.base_url,
        "oauth_url": peer.base_url,
        "send_timeout_s": 1.0,
    }
    return ZaloSettings(**(given | changes))


@asynccontextmanager
async def database_at(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def channel_for(
    peer: ZaloPeer, database: Database, folder: Path, clock: Clock, **changes: Any
) -> AsyncIterator[ZaloChannel]:
    channel = ZaloChannel(
        settings_for(peer, **changes), database, media_path=lambda name: folder / name, clock=clock
    )
    try:
        yield channel
    finally:
        await channel.stop()


@asynccontextmanager
async def office(database, folder, clock, *, peer=None, **settings):
    async with (
        peer or ZaloPeer(demands_proof=True) as platform,
        channel_for(platform, database, folder, clock, **settings) as channel,
    ):
        platform.person(LAN).says("Alo")
        yield platform, channel


def put(folder, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    (folder / name).write_bytes(content)
    return name


def calls(peer, method: str) -> int:
    return sum(one.method == method for one in [*peer.accepted, *peer.refused])


@asynccontextmanager
async def answering(*answers: web.Response | dict[str, Any]):
    """A Zalo that says yes to tokens, then exactly *answers* to whatever is sent."""
    waiting, asked = list(answers), []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        if "access_token" in request.path:
            pair = {"access_token": f"access-{len(asked)}", "refresh_token": "r", "expires_in": "90000"}
            return web.json_response(pair)
        await request.read()
        said = waiting.pop(0)
        return web.json_response(said) if isinstance(said, dict) else said

    door = Door(0)
    await door.open([web.route("*", "/{any:.*}", answer)])
    try:
        yield door.url, asked
    finally:
        await door.close()


def letter(text: str = "Xin chào", **more: Any) -> Outgoing:
    given: dict[str, Any] = {"to": Address(ChannelName.ZALO, LAN), **more}
    return Outgoing(key="reply:zalo:1", text=text, **given)


def everything_in(error: BaseException) -> str:
    """Return all that a log or a person could read of *error* and of what lies behind it."""
    seen, words, waiting = set(), [], [error]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        words += [str(one), repr(one), repr(one.args), repr(vars(one))]
        waiting += [other for other in (one.__cause__, one.__context__) if other is not None]
    return "\n".join(words)
