"""How these tests ask the peers over HTTP, and a webhook of their own."""

import asyncio
import io
import json
from collections.abc import Callable

import aiohttp
from aiohttp import web
from telegram import (
    Bot,
)

from tests.peers import TelegramPeer, ZaloPeer
from tests.peers.door import Door
from tests.peers.records import Json

CS, V2 = "v3.0/oa/message/cs", "v2.0/oa/message"

OAUTH = "v4/oa/access_token"

LAN_ON_ZALO = "246845883529197922"


async def call(peer: ZaloPeer, method: str, body: Json | None = None, **headers: str) -> Json:
    every = {"access_token": peer.tokens.access} | headers
    url = f"{peer.base_url}/{method}"
    verb = "GET" if body is None else "POST"
    async with (
        aiohttp.ClientSession(headers=every) as session,
        session.request(verb, url, json=body) as answer,
    ):
        assert answer.status == 200
        found: Json = await answer.json()
        return found


async def send(peer: ZaloPeer, message: Json, method: str = CS, user_id: str = LAN_ON_ZALO) -> Json:
    return await call(peer, method, {"recipient": {"user_id": user_id}, "message": message})


async def upload(peer: ZaloPeer, kind: str, content: bytes, name: str) -> Json:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(content), filename=name)
    headers = {"access_token": peer.tokens.access}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{peer.base_url}/v2.0/oa/upload/{kind}", data=form) as answer,
    ):
        found: Json = await answer.json()
        return found


async def ask_tokens(peer: ZaloPeer, secret: str = "bi-mat-ung-dung", **form: str) -> Json:
    form.setdefault("app_id", peer.app_id)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{peer.base_url}/{OAUTH}", data=form, headers={"secret_key": secret}) as answer,
    ):
        found: Json = await answer.json()
        return found


async def refresh(peer: ZaloPeer, token: str) -> Json:
    return await ask_tokens(peer, grant_type="refresh_token", refresh_token=token)


def with_buttons(*buttons: Json) -> Json:
    payload = {"template_type": "button", "buttons": list(buttons)}
    return {"text": "Chọn", "attachment": {"type": "template", "payload": payload}}


def media(**element: object) -> Json:
    payload = {"template_type": "media", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


def bot_for(peer: TelegramPeer, token: str | None = None) -> Bot:
    return Bot(
        token or peer.token,
        base_url=f"{peer.base_url}/bot",
        base_file_url=f"{peer.base_url}/file/bot",
    )


async def raw(peer: TelegramPeer, method: str, **values: object) -> Json:
    url = f"{peer.base_url}/bot{peer.token}/{method}"
    async with aiohttp.ClientSession() as session, session.post(url, json=values) as answer:
        body: Json = await answer.json()
        return body


def inline(rows: list[list[Json]]) -> Json:
    return {"reply_markup": {"inline_keyboard": rows}}


class Hook:
    """A webhook of our own: bodies and headers as they came, and its next statuses."""

    def __init__(self) -> None:
        self.door = Door(0)
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.came = asyncio.Event()
        self.hold: Callable[[Json], asyncio.Event | None] = lambda _: None

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if wait := self.hold(json.loads(body)):
            await wait.wait()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.came.set()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @property
    def got(self) -> list[Json]:
        return [json.loads(one) for one in self.bodies]

    @property
    def names(self) -> list[str]:
        return [one["event_name"] for one in self.got]
