"""Put the console on the house's web application."""

from http import HTTPStatus

from aiohttp import web

from console import gate
from console.door import ROOT
from console.doors import DOORS
from console.gate import Gate
from console.house import House
from console.imports_work import open_desk
from console.pages import STATIC

A_YEAR = "public, max-age=31536000, immutable"  # their address changes with what is in them
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def setup_console(app: web.Application, house: House) -> None:
    """Put every door of the table on *app*, and the style and script of the pages."""
    keeper = Gate(house)
    for door in DOORS:
        app.router.add_route(door.method, door.address, keeper.keeper(door))
    app.cleanup_ctx.append(open_desk(house))
    app.router.add_get(ROOT + "/tinh/{version}/{name}", _still)


_FILES = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in _TYPES}


async def _still(request: web.Request) -> web.Response:
    """Give a file of the pages."""
    name = request.match_info["name"]
    if name not in _FILES:
        raise web.HTTPNotFound
    suffix = name[name.rfind(".") :]
    response = web.Response(
        body=_FILES[name], content_type=_TYPES[suffix], charset="utf-8", status=HTTPStatus.OK
    )
    response.headers["Cache-Control"] = A_YEAR
    gate.dress(response, [])
    return response
