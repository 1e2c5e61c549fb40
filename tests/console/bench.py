"""The console of a whole ward on loopback, and people who use it with a plain HTTP client.

The client does what a browser does: it reads the forms a page really shows, fills in fields,
and sends them as they stand.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from bot import demo
from bot.app import Office, Shelf, shelf_of
from bot.settings import Settings, WebSettings
from console.gate import COOKIE
from records import sessions, staff
from records.cases import Permission, Staff
from tests import ready_made


@cache
def _shelf() -> Shelf:
    return shelf_of(Settings())


def fresh_shelf() -> Shelf:
    """Return a shelf of its own, made of parts that are read once a run."""
    known = _shelf()
    return Shelf(known.ward, known.catalogue, known.calendar, known.concerns)


class Form(HTMLParser):
    """The forms of a page: address, and every field with what it holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._inside = False
        self._area = ""
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
            self._inside = True
        if not self._inside or ("name" not in given and tag != "option"):
            return
        fields = self.found[-1][1]
        if tag == "input" and (given.get("type") not in ("checkbox", "radio", "file") or "checked" in given):
            fields[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._area = given["name"]
            fields[self._area] = ""
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or self._select not in fields):
            fields[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1][1][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""


class Answer:
    """What came back: status, address it ended at, text."""

    def __init__(self, status: int, address: str, text: str, headers: Any, body: bytes) -> None:
        self.status, self.address, self.text, self.headers, self.body = status, address, text, headers, body

    def form(self, ending: str) -> dict[str, str]:
        """Return the fields of the form whose address ends like this."""
        for address, fields in Form(self.text).found:
            if address.endswith(ending):
                return dict(fields)
        raise AssertionError(f"no form for {ending} at {self.address}")


class Browser:
    """One person's browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(url))
        self.http = aiohttp.ClientSession(url, cookie_jar=jar)

    async def get(self, path: str, **options: Any) -> Answer:
        """Open a page below the console, following where it leads."""
        async with self.http.get(f"/console{path}", **options) as answer:
            return await _read(answer)

    async def post(self, path: str, fields: Any, **options: Any) -> Answer:
        """Send *fields* as they are."""
        async with self.http.post(f"/console{path}", data=fields, **options) as answer:
            return await _read(answer)

    async def submit(self, page: Answer, ending: str, **fields: str) -> Answer:
        """Fill in the form of *page* whose address ends with *ending*, and send it."""
        address = next(one for one, _ in Form(page.text).found if one.endswith(ending))
        return await self.post(address.removeprefix("/console"), page.form(ending) | fields)

    def session_name(self) -> str:
        """Return the name of the session this browser holds."""
        return next((one.value for one in self.http.cookie_jar if one.key == COOKIE), "")

    def keep(self, name: str) -> None:
        """Hold the session called *name*."""
        self.http.cookie_jar.update_cookies({COOKIE: name}, URL(self.url))


async def _read(answer: aiohttp.ClientResponse) -> Answer:
    body = await answer.read()
    text = body.decode("utf-8", "replace")
    return Answer(answer.status, str(answer.url.path_qs), text, answer.headers, body)


class Console:
    """A running ward with its people."""

    def __init__(self, office: Office, clock: Callable[[], datetime]) -> None:
        self.office = office
        self.clock = clock
        self.url = f"http://127.0.0.1:{office.port}"
        self._open: list[Browser] = []

    @property
    def database(self) -> Any:
        return self.office.database

    def stranger(self) -> Browser:
        """Return the browser of somebody who is not logged in."""
        browser = Browser(self.url)
        self._open.append(browser)
        return browser

    async def person(self, login: str) -> Staff:
        async with self.office.database.reading() as db:
            found = await staff.by_login(db, login)
        assert found is not None, login
        return found

    async def hire(self, login: str, *permissions: Permission, desk: str = "") -> Staff:
        """Add somebody with just these permissions."""
        async with self.office.database.writing() as db:
            return await staff.add(
                db, login=login, name=login.title(), desk=desk, permissions=permissions, now=self.clock()
            )

    async def enter(self, login: str, *, second: bool = True) -> Browser:
        """Return the browser of a person who has just come in (the log-in itself has tests of its own)."""
        person = await self.person(login)
        async with self.office.database.writing() as db:
            name, _ = await sessions.open_session(
                db, person, self.clock(), second=second, device="Chrome, Linux"
            )
        browser = self.stranger()
        browser.keep(name)
        return browser

    async def enter_with_csrf(self, login: str, *, second: bool = True) -> tuple[Browser, str]:
        """Return a browser of a person who has come in, and the token its forms carry."""
        browser = await self.enter(login, second=second)
        page = await browser.get("/tai-khoan")
        return browser, page.form("/ra")["csrf"]

    async def close(self) -> None:
        for browser in self._open:
            await browser.http.close()


@asynccontextmanager
async def open_console(
    folder: Path, clock: Callable[[], datetime], *, url: str = "", **settings: Any
) -> AsyncIterator[Console]:
    """Run a whole ward with the demo ward's people; without channels but the web chat unless *settings* say so."""
    given: dict[str, Any] = {
        "database_url": url or f"sqlite+aiosqlite:///{folder}/ward.db",
        "data_dir": folder / "var",
        "web": WebSettings(port=0),
    } | settings
    config = Settings(**given)
    if not url:
        ready_made.lay(folder / "ward.db")
    config.data_dir.mkdir(parents=True, exist_ok=True)
    office = Office(config, fresh_shelf(), clock)
    async with office:
        await demo.hire(office.database, office.shelf.ward, clock())
        console = Console(office, clock)
        try:
            yield console
        finally:
            await console.close()
