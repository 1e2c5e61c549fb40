"""A resident's copy of their data, fetched by a link that works once.

Opening the link shows two buttons and nothing of the person: messengers open every link
themselves to show a preview of it. Only pressing a button fetches a copy, and uses it up.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from bot.web.guard import dress
from feedback import own_data
from feedback.work import Work
from handlers.phrases import cases, consent
from handlers.rights import OWN_DATA_URL
from knowledge import when
from knowledge.calendar import Calendar, here
from knowledge.concerns import Concerns
from knowledge.ward import Ward
from records import rights
from records.cases import FeedbackState
from records.database import Database
from records.rights import Form
from records.tables import Address, Purpose

PATH = "/du-lieu/"
FILE_NAME = "du-lieu-cua-toi.json"
_STYLE = (
    "body{font:1.1rem/1.6 system-ui,sans-serif;margin:0;padding:1rem}main{max-width:44rem;margin:auto}"
    "button{font:inherit;padding:.7rem 1.2rem;margin:.3rem 0}dt{font-weight:bold}.said{white-space:pre-wrap}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

log = logging.getLogger(__name__)


class Shelf(Protocol):
    """What the ward says about itself; exchanged while we run."""

    ward: Ward
    calendar: Calendar
    concerns: Concerns


class House(Protocol):
    """What we need of the office."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]

    @property
    def shelf(self) -> Shelf:
        """Return what the ward says about itself now."""
        ...


def setup_own_data(app: web.Application, office: House) -> None:
    """Put the addresses of copies on *app*, and let conversations offer links to them.

    Without a public address nothing is offered, and nothing is there.
    """
    public_url = office.settings.web.public_url
    if not public_url:
        return
    office.database.info[OWN_DATA_URL] = public_url.rstrip("/") + PATH
    door = Door(office)
    app.router.add_get(PATH + "{token}", door.show)
    for form in Form:
        app.router.add_post(f"{PATH}{{token}}/{form}", partial(door.give, form))


class Door:
    """Where a link leads."""

    def __init__(self, office: House) -> None:
        self._office = office
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "web" / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("own_data.html")

    async def show(self, request: web.Request) -> web.Response:
        """Show the two buttons; the same sentence for every link that opens nothing."""
        token = request.match_info["token"]
        try:
            async with self._office.database.reading() as db:
                good = await rights.is_open(db, token, self._office.clock())
        except (SQLAlchemyError, OSError):
            return self._page("gone", status=503)
        return self._page("door", token=token) if good else self._page("gone", status=404)

    async def give(self, form: Form, request: web.Request) -> web.Response:
        """Give a copy in this form, and close it."""
        try:
            copy = await self._fetch(request.match_info["token"], form)
        except (SQLAlchemyError, OSError) as error:
            log.warning("a copy could not be made: %s", type(error).__name__)
            return self._page("gone", status=503)
        if copy is None:
            return self._page("gone", status=404)
        if form is Form.PAGE:
            return self._page("copy", copy=_in_words(copy))
        text = json.dumps(copy, ensure_ascii=False, indent=2)
        response = web.Response(text=text, content_type="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
        return _dressed(response)

    async def _fetch(self, token: str, form: Form) -> dict[str, Any] | None:
        """Make the copy and use the link up in one commit: neither without the other."""
        async with self._office.database.writing() as db:
            shelf, now = self._office.shelf, self._office.clock()
            who = await rights.use_link(db, token, form, now)
            if who is None:
                return None
            work = Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=now)
            return await copy_of(work, who)

    def _page(self, view: str, *, status: int = 200, **facts: Any) -> web.Response:
        ward = self._office.shelf.ward
        text = self._template.render(view=view, title=ward.title, hotline=ward.hotline, style=_STYLE, **facts)
        return _dressed(web.Response(text=text, content_type="text/html", status=status))


async def copy_of(work: Work, who: Address) -> dict[str, Any]:
    """Return the copy of everything kept about *who*, as a machine reads it."""
    return own_data.document(work, who, await own_data.of(work, who))


def _dressed(response: web.Response) -> web.Response:
    dress(response)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _in_words(copy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the copy with moments and words as people read them."""
    told = {name: _moments(part) for name, part in copy.items()}
    for case in told["cases"]:
        case["state_words"] = cases.STATES[FeedbackState(case["state"])]
    for row in told["consents"]:
        row["purpose_words"] = consent.NAMES.get(Purpose(row["purpose"]), row["purpose"])
    return told


def _moments(part: Any) -> Any:  # a piece of JSON
    if isinstance(part, list):
        return [_moments(one) for one in part]
    if isinstance(part, dict):
        return {
            name: _in_the_ward(one) if _is_moment(name, one) else _moments(one) for name, one in part.items()
        }
    return part


def _in_the_ward(moment: str) -> str:
    at = datetime.fromisoformat(moment)
    return f"{when.clock(at)} ngày {here(at):%d/%m/%Y}"


def _is_moment(name: str, value: object) -> bool:
    return isinstance(value, str) and (name == "at" or name.endswith("_at"))
