"""One request as a handler sees it: who, when, what they sent, and in which transaction."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from console.door import ROOT, Door
from console.house import House
from console.pages import Pages
from console.trouble import NOT_FOUND, NOT_YOURS, Refused
from feedback.work import Work
from knowledge.calendar import here
from letters.work import Work as LetterWork
from letters.work import on_duty
from records import staff
from records.cases import Permission, Staff
from records.columns import row_number
from records.sessions import Entry

TOLD: Final = "__Host-ward-told"  # what the page before wants this one to say
LONGEST_TOLD: Final = 600
LONGEST_FIELD: Final = 20_000


@dataclass(kw_only=True)
class Visit:
    """A request on its way through a door. `db` is its transaction: reading for a GET, writing for a POST."""

    request: web.Request
    house: House
    pages: Pages
    door: Door
    now: datetime
    entry: Entry | None = None
    session: AsyncSession | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)  # whole Set-Cookie lines for the answer
    undo: str = ""

    @property
    def db(self) -> AsyncSession:
        """Return the transaction. Raises RuntimeError at a door that opens its own."""
        if self.session is None:
            raise RuntimeError("this door opens its transactions itself")
        return self.session

    @property
    def person(self) -> Staff:
        """Return who is logged in. Raises Refused where nobody is."""
        if self.entry is None:
            raise NOT_YOURS
        return self.entry.person

    @property
    def today(self) -> date:
        """Return the day on the ward's wall."""
        return here(self.now).date()

    @property
    def cases(self) -> Work:
        """Return what an act on a case works with."""
        return self.house.work(self.db, self.now)

    @property
    def letters(self) -> LetterWork:
        """Return what an act on a letter works with."""
        return on_duty(self.db, self.now)

    def may(self, *permissions: Permission) -> bool:
        """Tell whether the person has one of *permissions*."""
        return self.entry is not None and any(staff.may(self.entry.person, one) for one in permissions)

    def number(self, name: str) -> int:
        """Return the number in the address. Raises Refused, as for a page that is not there."""
        number = row_number(self.request.match_info.get(name, ""))
        if number is None:
            raise NOT_FOUND
        return number

    def asked(self, name: str, default: str = "") -> str:
        """Return what the address asks for under *name*."""
        return self.request.query.get(name, default).strip()[:200]

    def said(self, name: str) -> str:
        """Return what the form says under *name*, its line ends as ours."""
        value = self.form.get(name, "")
        return value.replace("\r\n", "\n").strip()[:LONGEST_FIELD] if isinstance(value, str) else ""

    def said_all(self, name: str) -> list[str]:
        """Return everything the form says under *name*, such as boxes that are ticked."""
        getall = getattr(self.form, "getall", None)
        values = getall(name, []) if getall is not None else [self.form[name]] if name in self.form else []
        return [value.strip()[:200] for value in values if isinstance(value, str)]

    def said_number(self, name: str) -> int:
        """Return the number the form says. Raises Refused when it is none."""
        number = row_number(self.said(name))
        if number is None:
            raise Refused("Biểu mẫu gửi lên thiếu một con số. Mời anh/chị mở lại trang rồi làm lại.")
        return number

    def page(self, template: str, *, status: int = HTTPStatus.OK, **facts: Any) -> web.Response:
        """Return a page written from *template*."""
        return web.Response(
            text=self.pages.write(self, template, facts), content_type="text/html", status=status
        )

    def part(self, template: str, **facts: Any) -> str:
        """Return a piece of a page, for a place that is written anew while one looks at it."""
        return self.pages.write(self, template, facts)

    def back(self, path: str, told: str = "", *, wrong: bool = False) -> web.Response:
        """Go on to the page at *path* (below the console) and say *told* there."""
        if told:
            self.tell(told, wrong=wrong)
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": ROOT + path})

    def tell(self, told: str, *, wrong: bool = False) -> None:
        """Have the next page say *told*, with a way to take back what was just done if there is one."""
        said = {"text": told[:LONGEST_TOLD], "wrong": wrong, "undo": self.undo}
        packed = quote(json.dumps(said, ensure_ascii=False))
        self.cookies.append(f"{TOLD}={packed}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60")

    def told(self) -> Mapping[str, Any]:
        """Return what the page before wanted said, once; nothing of it is believed but its text."""
        packed = self.request.cookies.get(TOLD, "")
        if not packed:
            return {}
        self.cookies.append(f"{TOLD}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
        try:
            said = json.loads(unquote(packed))
            return {
                "text": str(said["text"])[:LONGEST_TOLD],
                "wrong": said.get("wrong") is True,
                "undo": str(said.get("undo", ""))[:64],
            }
        except (ValueError, KeyError, TypeError):
            return {}

    def here_with(self, **changed: object) -> str:
        """Return this very address with some of what it asks for changed; an empty value is left out."""
        query = {**dict(self.request.query), **{name: str(value) for name, value in changed.items()}}
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"{self.request.path}?{kept}" if kept else self.request.path

    def once(self) -> str:
        """Return a fresh number for a form: sent twice, it is done once."""
        return secrets.token_urlsafe(18)
