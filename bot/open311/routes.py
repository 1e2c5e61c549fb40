"""The addresses of Open311, and how they are put into the application."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import ClientPayloadError, web
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.house import House
from bot.open311 import asking, posting, services, shown, trouble
from bot.open311.services import PATH
from bot.open311.trouble import Trouble, missing
from bot.open311.writing import Form, write, write_trouble
from bot.web.guard import dress
from bot.web.limits import Pace, address_of
from bot.web.trouble import NotTaken
from feedback import intake, public
from feedback.intake import Report, Taken
from feedback.public import PublicCase, Wanted

MOST_BODY = 96 * 1024  # bytes: 4,000 letters of four bytes, each escaped, and the rest of a form
READ_S = 10
GUESS_COST = 20  # a wrong key counts as so many calls
CASES_A_CALL = 25  # a list of so many counts as one call more
FORM = "application/x-www-form-urlencoded"
END = ".{form:json|xml}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)


def setup_open311(app: web.Application, house: House) -> None:
    """Put Open311 on *app*, unless the settings say no."""
    if not house.settings.open311.on:
        return
    desk = Open311(house)
    inner = web.Application(middlewares=[desk.spoken])
    inner.add_routes(
        [
            web.get("/discovery" + END, desk.discovery),
            web.get("/services" + END, desk.services),
            web.get("/services/{code}" + END, desk.definition),
            web.get("/requests" + END, desk.requests),
            web.post("/requests" + END, desk.post),
            web.get("/requests/{code}" + END, desk.request),
            web.get("/tokens/{code}" + END, desk.token),
        ]
    )
    app.add_subapp(PATH, inner)


class Open311:
    """What an application of others may ask of us."""

    def __init__(self, house: House) -> None:
        self._house = house
        settings = house.settings
        self._names = settings.open311.names
        self._pace = Pace(settings.limits.public_per_address_per_minute, house.clock)
        self._key_pace = Pace(settings.open311.reports_per_key_per_minute, house.clock)

    async def discovery(self, request: web.Request) -> web.Response:
        """Tell where the service stands."""
        ward = self._house.shelf.ward
        return write(_form(request), "discovery", services.discovery(ward, self._site(request) + PATH))

    async def services(self, request: web.Request) -> web.Response:
        """Tell what can be reported."""
        return write(_form(request), "services", services.listed(self._house.shelf.concerns))

    async def definition(self, request: web.Request) -> web.Response:
        """Tell what may be said in one field."""
        category = services.find(self._house.shelf.concerns, request.match_info["code"])
        if category is None:
            raise missing(trouble.NO_SERVICE)
        return write(_form(request), "service_definition", services.definition(category))

    async def requests(self, request: web.Request) -> web.Response:
        """Tell of many cases."""
        wanted = asking.wanted(request.query, self._house.shelf.concerns, self._house.clock())
        await self._charge(request, wanted)
        found, form, site = await self._find(wanted), _form(request), self._site(request)
        return await asyncio.to_thread(  # a thousand cases take a while to write
            lambda: write(form, "service_requests", [shown.request(case, site) for case in found])
        )

    async def request(self, request: web.Request) -> web.Response:
        """Tell of one case."""
        case = await self._one(request.match_info["code"], trouble.NO_CASE)
        return write(_form(request), "service_requests", [shown.request(case, self._site(request))])

    async def token(self, request: web.Request) -> web.Response:
        """Tell the code of a case from a token; since we give codes at once, each is its own token."""
        case = await self._one(request.match_info["code"], trouble.NO_TOKEN)
        told = {"service_request_id": case.code, "token": case.code}
        return write(_form(request), "service_requests", [told])

    async def post(self, request: web.Request) -> web.Response:
        """Take a report. When this answers, it is on disk."""
        if request.content_type != FORM:
            raise Trouble(trouble.NOT_A_FORM)
        fields = {**request.query, **posting.fields_of(await _body(request))}
        sender = self._sender(request, fields.get("api_key", ""))
        shelf = self._house.shelf
        report = posting.report_of(fields, sender=sender, ward=shelf.ward, concerns=shelf.concerns)
        taken = await self._take(report)
        notice = posting.notice(taken, shelf.concerns.of(taken.case.category), fields)
        told = {"service_request_id": taken.case.code, "service_notice": notice, "account_id": None}
        return write(_form(request), "service_requests", [told])

    @web.middleware
    async def spoken(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Say every refusal in the shape of the specification."""
        form = Form.JSON if request.path.endswith(".json") else Form.XML
        try:
            self._admit(self._pace, self._address(request))
            response = await handler(request)
        except Trouble as refusal:
            response = write_trouble(form, refusal)
        except web.HTTPMethodNotAllowed as error:
            response = write_trouble(form, Trouble(trouble.NO_METHOD, status=HTTPStatus.METHOD_NOT_ALLOWED))
            response.headers["Allow"] = error.headers["Allow"]
        except web.HTTPNotFound:
            response = write_trouble(form, missing(trouble.NO_ADDRESS))
        except (SQLAlchemyError, OSError) as error:
            log.error("open311 has no answer: %s", type(error).__name__)  # noqa: TRY400  no values
            down = Trouble(trouble.DOWN, status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after_s=5)
            response = write_trouble(form, down)
        dress(response)
        if request.method in {"GET", "HEAD"}:  # what everybody may read, a page of anybody may read
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def _take(self, report: Report) -> Taken:
        try:
            taken = await self._take_once(report)
        except IntegrityError:  # the same report came twice at the same moment; now the first one is there
            taken = await self._take_once(report)
        for sender in self._house.senders.values():
            sender.wake()
        return taken

    async def _take_once(self, report: Report) -> Taken:
        async with self._house.database.writing() as db:
            return await intake.take(self._house.work(db, self._house.clock()), report)

    async def _charge(self, request: web.Request, wanted: Wanted) -> None:
        """Count a long list as so many calls as it costs, before it is made."""
        async with self._house.database.reading() as db:
            total = await public.count(self._house.work(db, self._house.clock()), wanted)
        rows = min(wanted.size, max(0, total - (wanted.page - 1) * wanted.size))
        self._admit(self._pace, self._address(request), rows // CASES_A_CALL)

    async def _find(self, wanted: Wanted) -> list[PublicCase]:
        async with self._house.database.reading() as db:
            return await public.find(self._house.work(db, self._house.clock()), wanted, self._house.media.has)

    async def _one(self, code: str, otherwise: str) -> PublicCase:
        found = await self._find(Wanted(codes=(code.upper(),)))
        if not found:
            raise missing(otherwise)
        return found[0]

    def _sender(self, request: web.Request, key: str) -> str:
        """Return which application has this key; all are compared, so that time tells nothing."""
        fits = [
            name
            for known, name in self._names.items()
            if hmac.compare_digest(known.encode(), key.encode(errors="replace"))
        ]
        if not fits:
            self._admit(self._pace, self._address(request), GUESS_COST)
            raise Trouble(trouble.NO_KEY, status=HTTPStatus.FORBIDDEN)
        self._admit(self._key_pace, fits[0])
        return fits[0]

    def _admit(self, pace: Pace, who: str, cost: float = 1) -> None:
        try:
            pace.admit(who, cost)
        except NotTaken as refusal:
            wait_s = refusal.retry_after
            raise Trouble(
                trouble.TOO_FAST, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after_s=wait_s
            ) from refusal

    def _address(self, request: web.Request) -> str:
        return address_of(request, behind_proxy=self._house.settings.web.behind_proxy)

    def _site(self, request: web.Request) -> str:
        """Return how our addresses begin: as the settings say, else as we were called."""
        told = self._house.settings.web.public_url
        return told.rstrip("/") if told else f"{request.scheme}://{request.host}"


def _form(request: web.Request) -> Form:
    return Form(request.match_info["form"])


async def _body(request: web.Request) -> bytes:
    """Read the form. Raises Trouble."""
    too_large = Trouble(trouble.TOO_LARGE, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if (request.content_length or 0) > MOST_BODY:
        raise too_large
    try:
        async with asyncio.timeout(READ_S):
            body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large from error
    except (TimeoutError, web.RequestPayloadError, ClientPayloadError, ValueError) as error:
        raise Trouble(trouble.NOT_A_FORM) from error
    if len(body) > MOST_BODY:
        raise too_large
    return body
