"""What every request passes before its handler: session, permission, form, and what may go wrong.

A POST is one transaction. Its form carries the session's token and a number of its own: the
second click of the same form finds what the first one did, and does nothing.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from console import trouble
from console.door import ROOT, Door, Who
from console.house import House
from console.pages import Pages
from console.trouble import Elsewhere, Refused
from console.visit import Visit
from feedback import states as case_states
from letters import states as letter_states
from records import sessions
from records.console import UsedForm
from records.dialect import insert_new
from records.sessions import Entry

COOKIE: Final = "__Host-ward-console"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TOLD_BY: Final = (
    case_states.NotAllowed,
    case_states.Incomplete,
    letter_states.NotAllowed,
)  # exceptions whose text is written for staff
MOVED_BY: Final = (case_states.Stale, letter_states.Stale)
LONGEST_NUMBER: Final = 64

log = logging.getLogger(__name__)


class Gate:
    """Lets requests in, one door each."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._pages = Pages()

    def keeper(self, door: Door) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return the handler the router calls for *door*."""

        async def keep(request: web.Request) -> web.StreamResponse:
            visit = Visit(
                request=request, house=self._house, pages=self._pages, door=door, now=self._house.clock()
            )
            response = await self._answered(visit)
            if not response.prepared:
                dress(response, visit.cookies)
            return response

        return keep

    async def _answered(self, visit: Visit) -> web.StreamResponse:
        try:
            return await self._through(visit)
        except Elsewhere as other:
            return visit.back(other.address, other.told)
        except web.HTTPException:
            raise
        except Exception as error:  # noqa: BLE001  a page must say something whatever happened
            return self._say(visit, _as_refusal(error, visit.door.address))

    async def _through(self, visit: Visit) -> web.StreamResponse:
        visit.entry = await self._recognised(visit)
        _admit(visit)
        if visit.door.method == "POST":
            await self._take_form(visit)
        if visit.door.alone or visit.door.large:
            return await visit.door.do(visit)
        async with self._transaction(visit) as db:
            visit.session = db
            response = await (self._once(visit) if visit.door.method == "POST" else visit.door.do(visit))
        visit.session = None
        if visit.door.method == "POST":
            self._house.wake()
        return response

    def _transaction(self, visit: Visit) -> AbstractAsyncContextManager[AsyncSession]:
        database = self._house.database
        return database.writing() if visit.door.method == "POST" else database.reading()

    async def _recognised(self, visit: Visit) -> Entry | None:
        """Return who comes; a session whose person has other rights than before gets another name."""
        name = visit.request.cookies.get(COOKIE, "")
        if not name:
            return None
        async with self._house.database.reading() as db:
            held = await sessions.entry(db, name, visit.now)
        if held is None:
            return None
        if held.session.rights != sessions.rights_of(held.person):
            async with self._house.database.writing() as db:
                fresh, row = await sessions.rename(db, held, visit.now)
            visit.cookies.append(cookie(fresh))
            return replace(held, session=row)
        if visit.now - held.session.seen_at > sessions.TOUCH:
            async with self._house.database.writing() as db:
                await sessions.touch(db, held.session, visit.now)
        return held

    async def _take_form(self, visit: Visit) -> None:
        """Read the form and see that it is ours. Raises Refused."""
        check_origin(visit.request, self._house.public_url)
        if visit.door.large and "X-Ward-Csrf" not in visit.request.headers:
            return  # the first field of what comes says it: `uploading.parts` reads it before anything else
        if not visit.door.large:
            visit.form = await visit.request.post()
        given = visit.request.headers.get("X-Ward-Csrf") or visit.form.get("csrf", "")
        if visit.entry is not None and not (
            isinstance(given, str) and hmac.compare_digest(given.encode(), visit.entry.session.csrf.encode())
        ):
            raise trouble.FOREIGN

    async def _once(self, visit: Visit) -> web.StreamResponse:
        """Do what a form asks for, unless the same form was done before: then go where that one went."""
        number = visit.said("once")[:LONGEST_NUMBER]
        if not number or visit.entry is None:
            return await visit.door.do(visit)
        key = sessions.digest(f"{visit.person.id}:{visit.request.path}:{number}:{_as_said(visit)}")
        row = {"token": key, "staff_id": visit.person.id, "at": visit.now, "location": "", "told": ""}
        if not await insert_new(visit.db, UsedForm, row):
            return await _as_before(visit, key)
        response = await visit.door.do(visit)
        await _remember(visit, key, response)
        return response

    def _say(self, visit: Visit, refused: Refused) -> web.Response:
        if refused is trouble.NO_SESSION and visit.door.method == "GET":
            wanted = visit.request.path_qs if visit.door.path else ""
            return visit.back(f"/vao?den={quote(wanted)}" if wanted else "/vao")
        visit.session = None
        wants_json = "application/json" in visit.request.headers.get("Accept", "")
        if wants_json:
            return web.json_response({"error": refused.text}, status=refused.status)
        return visit.page(
            "trouble.html", status=refused.status, text=refused.text, back=_came_from(visit), refused=refused
        )


def _as_refusal(error: Exception, address: str) -> Refused:
    """Return what staff read about *error*; what they need not know goes to the log, without values."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, TOLD_BY):
        return Refused(str(error))
    if isinstance(error, MOVED_BY):
        return trouble.MOVED
    if isinstance(error, ConnectionError):  # the browser has gone on; nobody reads what we say
        return trouble.AWAY
    log.error("a page of the console failed: %s at %s", type(error).__name__, address)
    return trouble.AWAY if isinstance(error, SQLAlchemyError | OSError) else trouble.BROKEN


def _admit(visit: Visit) -> None:
    """Raise Refused or Elsewhere where the door is not for this visitor."""
    door = visit.door
    if door.needs is Who.ANYBODY:
        return
    if visit.entry is None:
        raise trouble.NO_SESSION
    if isinstance(door.needs, frozenset) and not visit.may(*door.needs):
        raise trouble.NOT_YOURS
    if door.second and not visit.entry.has_second():
        raise Elsewhere(
            "/tai-khoan",
            "Việc vừa chọn cần hai lớp xác thực. Mời anh/chị bật mã xác thực bên dưới, rồi đăng nhập lại.",
        )


def _as_said(visit: Visit) -> str:
    """Return what a form says: gone back to and changed, it is another form."""
    pairs = visit.form.items()
    return repr(sorted((name, value) for name, value in pairs if isinstance(value, str) and name != "csrf"))


async def _remember(visit: Visit, key: str, response: web.StreamResponse) -> None:
    """Note where a form led; one that only led to a page with its faults may be sent again."""
    row = await visit.db.get(UsedForm, key)
    if row is None:
        return
    if response.status >= HTTPStatus.BAD_REQUEST:
        await visit.db.delete(row)
        return
    row.location = response.headers.get("Location", "")[:500]
    visit.db.add(row)


async def _as_before(visit: Visit, key: str) -> web.Response:
    """Go where the first click of a form went."""
    row = await visit.db.get(UsedForm, key)
    place = row.location if row is not None else ""
    if not place.startswith(ROOT):
        visit.tell("Biểu mẫu này đã được gửi một lần rồi, nên không làm lại.")
        place = ROOT
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": place})


def check_origin(request: web.Request, public_url: str) -> None:
    """Let pass only what a page of ours sends. Raises Refused."""
    ours = {request.host, urlsplit(public_url).netloc} - {""}
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc not in ours):
        raise trouble.FOREIGN


def _came_from(visit: Visit) -> str:
    """Return the page a form was on, if it was one of ours."""
    came = urlsplit(visit.request.headers.get("Referer", ""))
    ours = came.path.startswith(ROOT) and came.netloc == visit.request.host
    return f"{came.path}?{came.query}" if ours and came.query else came.path if ours else ROOT


def cookie(name: str) -> str:
    """Return the line that has the browser keep the session's *name*; "" has it forget."""
    age = int(sessions.WHOLE.total_seconds()) if name else 0
    return f"{COOKIE}={name}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}"


def dress(response: web.StreamResponse, cookies: list[str]) -> None:
    """Give *response* the headers that keep a page to itself."""
    for header, value in HEADERS.items():
        response.headers.setdefault(header, value)
    response.headers.setdefault("Cache-Control", "no-store")
    for line in cookies:
        response.headers.add("Set-Cookie", line)
