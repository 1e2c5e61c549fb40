"""Listening on loopback, on a free or a chosen port."""

from aiohttp import web

MAX_BODY = 51 * 2**20  # Telegram takes files of 50 MB; the rest is the envelope


class Door:
    """An aiohttp server that can be opened and closed; port 0 means any free one."""

    def __init__(self, port: int) -> None:
        """Remember the wish; nothing listens yet."""
        self.port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return the address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self, routes: list[web.RouteDef]) -> None:
        """Listen and serve *routes*."""
        app = web.Application(client_max_size=MAX_BODY)
        app.add_routes(routes)
        # Half a second is enough for a live handler; a stalled one is cut off.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening and cut what still hangs on."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
