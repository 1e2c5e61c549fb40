"""Calls to the OA API with a token that works: refused once, renewed once, repeated once."""

from collections.abc import Mapping

from bot.zalo import signature
from bot.zalo.errors import Kind, kind_of
from bot.zalo.tokens import TokenKeeper
from bot.zalo.wire import Answer, MakeBody, Wire

_JSON = {"Content-Type": "application/json"}


class Api:
    """The OA API at *url*. The token goes into a header, never into an address."""

    def __init__(self, wire: Wire, keeper: TokenKeeper, url: str, app_secret: str | None) -> None:
        self._wire = wire
        self._keeper = keeper
        self._url = url.rstrip("/")
        self._app_secret = app_secret

    async def post_json(self, path: str, body: bytes) -> Answer:
        """Return the answer to a JSON request. Raises SendError."""
        return await self._call("POST", path, lambda: body, _JSON)

    async def post(self, path: str, body: MakeBody) -> Answer:
        """Return the answer to an upload. Raises SendError."""
        return await self._call("POST", path, body, {})

    async def get(self, path: str) -> Answer:
        """Return the answer to a question. Raises SendError."""
        return await self._call("GET", path, lambda: None, {})

    async def _call(self, method: str, path: str, body: MakeBody, headers: Mapping[str, str]) -> Answer:
        """Call; when the token is refused, renew it and call once more, never a third time."""
        token = await self._keeper.access()
        answer = await self._once(method, path, body, headers, token)
        if kind_of(answer.code) is not Kind.RENEW:
            return answer
        token = await self._keeper.renew(token)
        return await self._once(method, path, body, headers, token)

    async def _once(
        self, method: str, path: str, body: MakeBody, headers: Mapping[str, str], token: str
    ) -> Answer:
        secret = {"access_token": token}
        if self._app_secret:
            secret["appsecret_proof"] = signature.proof(token, self._app_secret)
        return await self._wire.call(method, self._url + path, {**headers, **secret}, body())
