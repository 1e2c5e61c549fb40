"""Zalo's Official Account API, its tokens and its webhook, played on loopback.

One server stands for openapi.zalo.me, oauth.zaloapp.com and
business.openapi.zalo.me; their paths do not overlap. Start here;
`zalo_people` is the resident's side, `zalo_groups` what happens in groups, `zalo_console` the office's,
`zalo_sending` the program's, `zalo_messages` the shapes, `zalo_limits` the numbers.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .clock import Clock
from .door import Door
from .faults import Dialect, Faults
from .rates import Window
from .records import Accepted, Json, Ledger, Refused
from .zalo_console import Anonymous, Console
from .zalo_groups import Group
from .zalo_limits import ZaloLimits
from .zalo_people import Account, Person
from .zalo_sending import Sending, Template
from .zalo_tokens import Tokens, oauth_failure
from .zalo_uploads import Uploads
from .zalo_webhook import Webhook
from .zalo_wire import ZaloError, appsecret_proof, granted, refused

_OAUTH = "v4/oa/access_token"
_UPLOAD = "v2.0/oa/upload/"


class ZaloPeer:
    """A Zalo server with one app and one Official Account, for `async with`.

    *oa_type* is 2 for a business, 4 for a state agency. *webhook_pauses* are
    the seconds between attempts; after the last the webhook is unsubscribed.
    *demands_proof* asks for the header appsecret_proof, *echoes* sends an event
    for every message of the OA. *limits* are the fields of `ZaloLimits`.
    """

    def __init__(
        self,
        *,
        app_id: str = "3608465249403009678",
        app_secret: str = "bi-mat-ung-dung",
        oa_id: str = "388613280878808645",
        oa_secret: str = "khoa-bi-mat-OA-1",
        oa_type: int = 2,
        refresh_token: str = "refresh-0",
        port: int = 0,
        webhook_url: str = "",
        webhook_pauses: Sequence[float] = (0.02, 0.05, 0.1, 0.1, 0.1),
        demands_proof: bool = False,
        echoes: bool = False,
        **limits: int | None,
    ) -> None:
        """Prepare; nothing listens before `async with`."""
        self.app_id, self.app_secret, self.oa_secret = app_id, app_secret, oa_secret
        self.clock = Clock()
        self.faults = Faults()
        self.limits = ZaloLimits(**limits)
        self.webhook = Webhook(app_id, oa_secret, webhook_url, webhook_pauses)
        self.tokens = Tokens(app_id, app_secret, self.clock, self.limits, refresh_token)
        self._ledger = Ledger()
        self._door = Door(port)
        self._media: dict[str, bytes] = {}
        self._people: dict[str, Person] = {}
        self._strangers: dict[str, Anonymous] = {}
        self._demands_proof = demands_proof
        self._app_rate = Window(self.limits.per_minute_app, 60)
        self._oa_rate = Window(self.limits.per_minute_oa, 60)
        self.account = self._open_account(oa_id, oa_type)
        self.console = Console(self.account)
        self._uploads = Uploads(self.clock, self.limits)
        self._sending = Sending(
            account=self.account,
            ledger=self._ledger,
            uploads=self._uploads,
            console=self.console,
            people=self._people,
            strangers=self._strangers,
            templates={},
            groups={},
            echoes=echoes,
        )

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        await self._door.open(
            [web.get("/media/{name}", self._show), web.route("*", "/{method:.+}", self._answer)]
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop posting, stop listening."""
        await self.webhook.close()
        await self._door.close()

    @property
    def base_url(self) -> str:
        """Return the address that stands for all three hosts of Zalo."""
        return self._door.url

    @property
    def accepted(self) -> list[Accepted]:
        """Return everything that reached a person, also where the answer was lost."""
        return self._ledger.accepted

    @property
    def refused(self) -> list[Refused]:
        """Return every call that was turned down."""
        return self._ledger.refused

    @property
    def events(self) -> list[Json]:
        """Return every event so far, also those no webhook took."""
        return self.webhook.events

    def worst_second(self) -> int:
        """Return the largest number of sends accepted in any trailing second."""
        return self._ledger.worst_second()

    def person(self, user_id: str, name: str = "Lan", *, phone: str = "") -> Person:
        """Return the resident with this id; they have not interacted yet. *phone* as `84…`."""
        if user_id not in self._people:
            self._people[user_id] = Person(user_id, name, phone, self.account)
        return self._people[user_id]

    def anonymous(self, anonymous_id: str, conversation_id: str) -> Anonymous:
        """Return a stranger of the web widget."""
        if anonymous_id not in self._strangers:
            stranger = Anonymous(anonymous_id, conversation_id, self.account)
            self._strangers[anonymous_id] = stranger
        return self._strangers[anonymous_id]

    def group(self, group_id: str, *members: Person) -> Group:
        """Return the OA's group with this id; *members* are let in."""
        groups = self._sending.groups
        if group_id not in groups:
            groups[group_id] = Group(id=group_id, account=self.account, members={})
        groups[group_id].members |= {one.id: one for one in members}
        return groups[group_id]

    def template(
        self,
        number: str,
        text: str,
        *,
        status: str = "ENABLE",
        by_phone_only: bool = False,
        day_only: bool = False,
        most: int | None = None,
        **lengths: int,
    ) -> None:
        """Approve a template: its text with `{name}` for each of the given parameters, see `Template`."""
        self._sending.templates[number] = Template(
            text=text,
            lengths=lengths,
            status=status,
            by_phone_only=by_phone_only,
            day_only=day_only,
            most=most,
        )

    def redeliver(self, event: Json, *, signed: bool = True) -> None:
        """Post *event* once more, byte for byte; unsigned if so wished."""
        self.webhook.emit(event, "again", signed=signed)

    async def delivered(self) -> None:
        """Return when every event was taken by the webhook, or given up."""
        await self.webhook.idle()

    def _open_account(self, oa_id: str, oa_type: int) -> Account:
        return Account(
            app_id=self.app_id,
            oa_id=oa_id,
            oa_type=oa_type,
            clock=self.clock,
            limits=self.limits,
            emit=self.webhook.emit,
            publish=self._publish,
            accepted=self._ledger.accepted,
            package_left=self.limits.package_messages,
        )

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        dialect = Dialect(
            throttled=lambda _: refused(-32, "Reached limit of requests per minute"),
            expired_token=lambda: refused(-216, "Access token is invalid"),
            ok_false=lambda: refused(-200, "Send message failed"),
        )
        handle = self._grant_tokens if method == _OAUTH else self._handle
        return await self.faults.surround(method, request, dialect, lambda: handle(request))

    async def _grant_tokens(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            if request.method != "POST":
                raise ZaloError(-14001, "POST expected")
            pair = self.tokens.grant(form, request.headers.get("secret_key", ""))
        except ZaloError as error:
            self._turned_down(_OAUTH, {"grant_type": form.get("grant_type")}, error)
            return oauth_failure(error)
        return web.json_response(pair)

    async def _handle(self, request: web.Request) -> web.Response:
        method, body = request.match_info["method"], Json()
        try:
            self._admit(request)
            body = await _body(request)
            answer = granted(await self._work(method, request, body))
        except ZaloError as error:
            self._turned_down(method, body, error)
            answer = refused(error.code, error.why)
        if self.limits.per_minute_app is not None:
            answer.headers["X-RateLimit-Limit"] = str(self.limits.per_minute_app)
            answer.headers["X-RateLimit-Remain"] = str(self._app_rate.remaining(self.clock.tick()))
        return answer

    def _admit(self, request: web.Request) -> None:
        now = self.clock.tick()
        if self._app_rate.wait_s(now) or self._oa_rate.wait_s(now):
            raise ZaloError(-32, "Reached limit of requests per minute")
        self._app_rate.note(now)
        self._oa_rate.note(now)
        token = request.headers.get("access_token", "")  # one in the address counts for nothing
        self.tokens.check(token)
        proof = request.headers.get("appsecret_proof")
        if proof is None and not self._demands_proof:
            return
        if proof != appsecret_proof(token, self.app_secret):
            raise ZaloError(-242, "appsecret_proof is invalid")

    async def _work(self, method: str, request: web.Request, body: Json) -> Any:
        if method.startswith(_UPLOAD):
            return await self._upload(method.removeprefix(_UPLOAD), request)
        posts: Mapping[str, Callable[[str, Json], Json]] = {
            "v3.0/oa/message/cs": self._sending.consult_v3,
            "v2.0/oa/message": self._sending.message_v2,
            "v3.0/oa/group/message": self._sending.to_group,
            "v3.0/oa/message/template": self._sending.template_by_user,
            "message/template": self._sending.template_by_phone,
            "v3.0/oa/quota/message": self._quota,
        }
        gets = {"v2.0/oa/getoa": self._about_oa, "v3.0/oa/user/detail": self._detail}
        if request.method == "POST" and method in posts:
            return posts[method](method, body)
        if request.method == "GET" and method in gets:
            return gets[method](request)
        raise ZaloError(-201, f"no such API: {request.method} /{method}")

    async def _upload(self, kind: str, request: web.Request) -> Json:
        part = (await request.post()).get("file") if request.method == "POST" else None
        if kind not in ("image", "gif", "file") or not isinstance(part, web.FileField):
            raise ZaloError(-201, "file is invalid")
        return self._uploads.take(kind, part.filename, part.file.read())

    def _about_oa(self, _: web.Request) -> Json:
        return {
            "oa_id": self.account.oa_id,
            "name": "Ủy ban nhân dân phường",
            "is_verified": True,
            "oa_type": self.account.oa_type,
            "num_follower": sum(one.follower for one in self._people.values()),
            "package_name": "Growth",
            "package_valid_through_date": "31/12/2027",
            "linked_ZCA": "ZCA-1",
        }

    def _detail(self, request: web.Request) -> Json:
        try:
            user_id = str(json.loads(request.query.get("data", ""))["user_id"])
        except (ValueError, KeyError, TypeError) as error:
            raise ZaloError(-201, "data is invalid") from error
        person = self._interacted(user_id)
        last = datetime.fromtimestamp(person.last_interaction or 0, UTC).strftime("%d/%m/%Y")
        return {
            "user_id": person.id,
            "user_id_by_app": person.id_by_app,
            "user_external_id": "",
            "display_name": person.name,
            "user_alias": person.name,
            "is_sensitive": False,
            "user_last_interaction_date": last if person.last_interaction else "",
            "user_is_follower": person.follower,
            "avatar": "",
            "avatars": {},
            "tags_and_notes_info": {"notes": [], "tag_names": person.tags},
            "shared_info": person.shared_info,
        }

    def _quota(self, _: str, body: Json) -> Json:
        person = self._interacted(str(body.get("user_id", "")))
        return {
            "last_interaction": str(int((person.last_interaction or 0) * 1000)),
            "cs_reply": {"remain": 8, "total": 8},
            "promotion": {"remain": 0, "total": 0},
        }

    def _interacted(self, user_id: str) -> Person:
        person = self._people.get(user_id)
        if person is None or (person.last_interaction is None and not person.follower):
            raise ZaloError(-213, "User has not interacted with the OA")
        return person

    def _turned_down(self, method: str, body: Json, error: ZaloError) -> None:
        recipient = body.get("recipient")
        whom = recipient if isinstance(recipient, dict) else body
        user_id = whom.get("user_id") or whom.get("group_id")
        self._ledger.refused.append(
            Refused(
                method=method,
                chat_id=user_id,
                code=error.code,
                why=error.why,
                payload=body,
                at=self.clock.tick(),
            )
        )

    def _publish(self, content: bytes, ending: str) -> str:
        name = f"{len(self._media)}.{ending}"
        self._media[name] = content
        return f"{self.base_url}/media/{name}"

    async def _show(self, request: web.Request) -> web.Response:
        content = self._media.get(request.match_info["name"])
        if content is None:
            return web.Response(status=404)
        return web.Response(body=content, content_type="application/octet-stream")


async def _body(request: web.Request) -> Json:
    if request.method != "POST" or request.content_type.startswith("multipart/"):
        return {}
    try:
        body = json.loads(await request.text())
    except ValueError as error:
        raise ZaloError(-201, "body is no JSON") from error
    if not isinstance(body, dict):
        raise ZaloError(-201, "body is no object")
    return body
