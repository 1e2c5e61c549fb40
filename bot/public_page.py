"""The public page: answered cases the ward has published, written by the server, without a script.

What it shows comes from `feedback.public` and nowhere else.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError

from bot.house import House
from bot.web.guard import dress
from bot.web.limits import Pace, address_of
from bot.web.shelf import Shelf
from bot.web.trouble import NotTaken
from feedback import public
from feedback.public import Wanted
from knowledge.calendar import here

PATH = "/phan-anh"
A_PAGE = 20  # cases
LAST_PAGE = 10_000
A_WHILE = "public, max-age=60"  # what is withdrawn is gone a minute later
JPEG = b"\xff\xd8\xff"
TEMPLATES = Path(__file__).parent / "web" / "templates"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

Handler = Callable[[web.Request], Awaitable[web.Response]]
log = logging.getLogger(__name__)


def setup_public(app: web.Application, house: House) -> None:
    """Put the list of answered cases, a page for each, and their photos on *app*."""
    page = PublicPage(house)
    app.add_routes(
        [
            web.get(PATH, page.spoken(page.cases)),
            web.get(PATH + "/{code}", page.spoken(page.case)),
            web.get(PATH + "/anh/{name}", page.spoken(page.photo)),
        ]
    )


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """What a visitor has chosen to see; what we do not know is passed over."""

    category: str
    quarter: str
    page: int

    def address(self, page: int) -> str:
        """Return the address of another page of the same choice."""
        told = {"linh_vuc": self.category, "khu_pho": self.quarter, "trang": str(page) if page > 1 else ""}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{PATH}?{query}" if query else PATH

    def wanted(self) -> Wanted:
        """Return it as a question to the tables."""
        return Wanted(
            categories=(self.category,) if self.category else (),
            quarter=self.quarter,
            only_answers=True,
            page=self.page,
            size=A_PAGE,
        )


class PublicPage:
    """The three addresses of the page."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._pace = Pace(house.settings.limits.public_per_address_per_minute, house.clock)
        self._version = Shelf().version
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["day"] = lambda moment: f"{here(moment):%d/%m/%Y}"

    async def cases(self, request: web.Request) -> web.Response:
        """Show the published answers, the latest first."""
        chosen = self._chosen(request.query)
        async with self._house.database.reading() as db:
            work = self._house.work(db, self._house.clock())
            total = await public.count(work, chosen.wanted())
            cases = await public.find(work, chosen.wanted(), self._house.media.has)
        last = max(1, -(-total // A_PAGE))
        facts = {"cases": cases, "total": total, "chosen": chosen, "last": last, **self._fields()}
        return self._write("cases.html", facts)

    async def case(self, request: web.Request) -> web.Response:
        """Show one published case."""
        code = request.match_info["code"].upper()
        async with self._house.database.reading() as db:
            work = self._house.work(db, self._house.clock())
            case = await public.one(work, code, self._house.media.has)
        if case is None or case.published_at is None:
            return self._told(HTTPStatus.NOT_FOUND)
        return self._write("case.html", {"case": case, "states": public.STATES})

    async def photo(self, request: web.Request) -> web.Response:
        """Show a photo of a published case, as what it is and as nothing else."""
        name = request.match_info["name"]
        content = await self._content(name) if self._house.media.has(name) else b""
        if not content.startswith(JPEG):
            return self._told(HTTPStatus.NOT_FOUND)
        return web.Response(body=content, content_type="image/jpeg")

    def spoken(self, handler: Handler) -> Handler:
        """Give every answer its headers; say "too fast" and "out of order" as a page."""

        @wraps(handler)
        async def answer(request: web.Request) -> web.Response:
            try:
                self._pace.admit(address_of(request, behind_proxy=self._house.settings.web.behind_proxy))
                response = await handler(request)
            except NotTaken as refusal:
                response = self._told(HTTPStatus.TOO_MANY_REQUESTS)
                response.headers["Retry-After"] = str(int(refusal.retry_after) + 1)
            except (SQLAlchemyError, OSError) as error:
                log.error("the public page has no answer: %s", type(error).__name__)  # noqa: TRY400  no values
                response = self._told(HTTPStatus.SERVICE_UNAVAILABLE)
            if response.status == HTTPStatus.OK:
                response.headers["Cache-Control"] = A_WHILE
            dress(response)
            response.headers["Content-Security-Policy"] = _POLICY
            return response

        return answer

    async def _content(self, name: str) -> bytes:
        """Return the bytes of photo *name*, or none if it is not for everybody."""
        async with self._house.database.reading() as db:
            shown = await public.shows(self._house.work(db, self._house.clock()), name)
        return await self._house.media.read(name) if shown else b""

    def _chosen(self, query: Mapping[str, str]) -> Narrowed:
        fields = self._fields()
        category, quarter, page = (query.get(name, "") for name in ("linh_vuc", "khu_pho", "trang"))
        number = int(page) if page.isascii() and page.isdigit() and len(page) <= len(str(LAST_PAGE)) else 1
        return Narrowed(
            category=category if category in {code for code, _ in fields["fields"]} else "",
            quarter=quarter if quarter in {code for code, _ in fields["quarters"]} else "",
            page=min(max(number, 1), LAST_PAGE),
        )

    def _fields(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Return what one may choose from: a discreet field is never published, so it is not offered."""
        shelf = self._house.shelf
        return {
            "fields": [(one.code, one.title) for one in shelf.concerns.categories if not one.discreet],
            "quarters": [(one.code, one.name) for one in shelf.ward.places.quarters],
        }

    def _told(self, status: HTTPStatus) -> web.Response:
        return self._write("told.html", {}, status=int(status))

    def _write(self, template: str, facts: Mapping[str, Any], *, status: int = 200) -> web.Response:
        ward = self._house.shelf.ward
        dial = "".join(sign for sign in ward.hotline if sign in "+0123456789")
        common = {"ward": ward.title, "hotline": ward.hotline, "dial": dial, "version": self._version}
        text = self._templates.get_template(template).render(
            common, status=status, path=PATH, photo=photo_path, **facts
        )
        return web.Response(text=text, content_type="text/html", status=status)


def photo_path(name: str) -> str:
    """Return where a photo of a published case is shown."""
    return f"{PATH}/anh/{name}"
