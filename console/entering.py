"""Getting in: password, then the second factor; an invitation; and getting out.

Whether a name exists shows neither in words, nor in counts, nor in time. See `records.misses`
for how guessing is stopped without locking anybody out.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from console.address import address_of
from console.door import ROOT, Door, Handler, Who, post
from console.gate import cookie
from console.pages import moment
from console.visit import Visit
from records import misses, outbox, passwords, sessions, staff, trace
from records.cases import Staff
from records.console import HalfLogin, Login
from records.tables import Purpose

HALF: Final = "__Host-ward-half"
DEVICE: Final = "__Host-ward-device"
DEVICE_LIVES_S: Final = 180 * 24 * 3600
CODE_LIVES: Final = timedelta(minutes=5)
CODE_PAUSE: Final = timedelta(seconds=30)
WRONG: Final = "Tên đăng nhập hoặc mật khẩu không đúng."
WRONG_CODE: Final = "Mã không đúng hoặc đã dùng. Mời anh/chị nhập mã mới nhất."
OVER: Final = "Bước đăng nhập đã quá mười phút hoặc nhập sai nhiều lần. Mời anh/chị đăng nhập lại từ đầu."
BAD_INVITATION: Final = (
    "Mã mời không đúng, đã dùng hoặc đã quá hạn. Mời anh/chị xin mã mới từ người quản lý cán bộ."
)
CODE_TEXT: Final = (
    "Mã đăng nhập trang làm việc: {code}. Mã dùng một lần, trong 5 phút. "
    "Không phải anh/chị đang đăng nhập thì đừng đưa mã cho ai và báo ngay người quản lý cán bộ."
)
_DEVICE = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")
_CODE = re.compile(r"[A-Za-z0-9-]{6,20}")


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who tries to get in, as the counts know them."""

    key: bytes
    login: str
    nonce: str  # of a browser this login has come in from before; "" for any other
    address: str

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return the counts a miss goes to, with how many each allows."""
        if self.nonce:
            return ((misses.count_key(self.key, "device", self.login, self.nonce), misses.MOST),)
        from_here = misses.count_key(self.key, "address", self.address), misses.MOST_FROM
        return ((misses.count_key(self.key, "name", self.login), misses.MOST), from_here)


async def door_page(visit: Visit) -> web.Response:
    """Ask for name and password."""
    if visit.entry is not None:
        return visit.back(onward_of(visit.asked("den")))
    return visit.page("login.html", wrong="", login="", onward=onward_of(visit.asked("den")))


async def enter(visit: Visit) -> web.Response:
    """Check name and password; then the second factor, or in."""
    login, onward = visit.said("login").casefold()[:60], onward_of(visit.said("den"))
    visitor = _visitor(visit, login)
    until = await _until(visit, visitor)
    if until is not None:
        return _again(visit, login, onward, _wait(until))
    async with visit.house.database.reading() as db:
        person = await staff.by_login(db, login)
        row = await db.get(Login, person.id) if person is not None and person.disabled_at is None else None
        chats = await staff.accounts(db, person.id or 0) if person is not None and row is not None else []
    if not await passwords.is_right(row, password_of(visit)) or person is None or row is None:
        return _again(visit, login, onward, WRONG)
    async with visit.house.database.writing() as db:
        for name, _ in visitor.counts:
            await misses.give_back(db, name)
        if not passwords.has_second(row) and not chats:
            return await _in(visit, db, person, onward, second=False)
        name = await sessions.begin_half(db, person, visit.now)
    visit.cookies.append(
        f"{HALF}={name}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={int(sessions.HALF_LIVES.total_seconds())}"
    )
    return visit.back(f"/vao/lop-hai?den={onward}")


def password_of(visit: Visit) -> str:
    """Return the password exactly as it was typed."""
    value = visit.form.get("password", "")
    return value if isinstance(value, str) else ""


def _again(visit: Visit, login: str, onward: str, wrong: str) -> web.Response:
    return visit.page("login.html", status=HTTPStatus.UNAUTHORIZED, wrong=wrong, login=login, onward=onward)


def _wait(until: datetime) -> str:
    return (
        f"Đã nhập sai nhiều lần nên tạm dừng đến {moment(until)}. Cần vào ngay, mời anh/chị xin "
        "mã mời dùng một lần từ người quản lý cán bộ."
    )


async def _until(visit: Visit, visitor: Visitor) -> datetime | None:
    """Count a try everywhere it counts; return until when there are no more, if there are none."""
    database, now = visit.house.database, visit.now
    async with database.reading() as db:
        found = [await misses.closed_until(db, name, most, now) for name, most in visitor.counts]
    if not any(found):
        async with database.writing() as db:
            found = [await misses.take(db, name, most, now) for name, most in visitor.counts]
    return max((one for one in found if one is not None), default=None)


def _visitor(visit: Visit, login: str) -> Visitor:
    key = visit.house.database.info.get("audit_key", b"")
    known = _DEVICE.fullmatch(visit.request.cookies.get(DEVICE, ""))
    nonce = (
        known[1] if known and hmac.compare_digest(misses.device_of(key, login, known[1]), known[2]) else ""
    )
    address = address_of(visit.request, behind_proxy=visit.house.behind_proxy)
    return Visitor(key=key, login=login, nonce=nonce, address=address)


async def second_page(visit: Visit) -> web.Response:
    """Ask for the second factor."""
    found = await sessions.half(visit.db, visit.request.cookies.get(HALF, ""), visit.now)
    if found is None:
        return visit.back("/vao", OVER, wrong=True)
    return await _second(visit, found[0], found[1])


async def _second(visit: Visit, half: HalfLogin, person: Staff, wrong: str = "") -> web.Response:
    row = await visit.db.get(Login, person.id)
    chats = await staff.accounts(visit.db, person.id or 0)
    return visit.page(
        "second.html",
        status=HTTPStatus.UNAUTHORIZED if wrong else HTTPStatus.OK,
        wrong=wrong,
        has_app=passwords.has_second(row),
        has_chat=bool(chats),
        sent=bool(half.code_sha256),
        onward=onward_of(visit.asked("den") or visit.said("den")),
    )


async def second(visit: Visit) -> web.Response:
    """Take the code of the authenticator, or the one sent to the chat."""
    found = await sessions.half(visit.db, visit.request.cookies.get(HALF, ""), visit.now)
    if found is None:
        return visit.back("/vao", OVER, wrong=True)
    half, person = found
    row = await visit.db.get(Login, person.id)
    onward = onward_of(visit.said("den"))
    if visit.said("skip") and not passwords.has_second(row):
        await visit.db.delete(half)
        return await _in(visit, visit.db, person, onward, second=False)
    if (row is not None and passwords.takes(row, visit.said("code"), visit.now)) or _fits(half, visit):
        await visit.db.delete(half)
        return await _in(visit, visit.db, person, onward, second=True)
    half.tries += 1
    visit.db.add(half)
    return await _second(visit, half, person, WRONG_CODE)


def _fits(half: HalfLogin, visit: Visit) -> bool:
    given = "".join(sign for sign in visit.said("code") if sign.isdigit())
    fresh = half.code_at is not None and visit.now - half.code_at <= CODE_LIVES
    return fresh and bool(given) and hmac.compare_digest(_hash(half, given), half.code_sha256)


def _hash(half: HalfLogin, code: str) -> str:
    return hashlib.sha256(f"{half.token_sha256}:{code}".encode()).hexdigest()


async def send_code(visit: Visit) -> web.Response:
    """Send a one-time code to the chat account bound last."""
    found = await sessions.half(visit.db, visit.request.cookies.get(HALF, ""), visit.now)
    if found is None:
        return visit.back("/vao", OVER, wrong=True)
    half, person = found
    chats = await staff.accounts(visit.db, person.id or 0)
    onward = onward_of(visit.said("den"))
    if not chats or (half.code_at is not None and visit.now - half.code_at < CODE_PAUSE):
        return visit.back(f"/vao/lop-hai?den={onward}", "Mã vừa được gửi; mời anh/chị xem trong khung chat.")
    code = f"{secrets.randbelow(1_000_000):06}"
    half.code_sha256, half.code_at = _hash(half, code), visit.now
    half.tries += 1  # asking for codes without end is guessing, too
    visit.db.add(half)
    await outbox.put(
        visit.db,
        key=f"login:{half.token_sha256[:24]}:{half.tries}",
        to=chats[0],
        purpose=Purpose.REPLY,
        text=CODE_TEXT.format(code=code),
        now=visit.now,
    )
    return visit.back(f"/vao/lop-hai?den={onward}", "Đã gửi mã vào khung chat của anh/chị với Trợ lý số.")


async def _in(visit: Visit, db: AsyncSession, person: Staff, onward: str, *, second: bool) -> web.Response:
    """Open the session, under a name nobody knew before."""
    device = visit.request.headers.get("User-Agent", "")
    name, _ = await sessions.open_session(db, person, visit.now, second=second, device=_device(device))
    if visit.entry is not None:
        await sessions.end(db, visit.entry.session, visit.now)
    await trace.leave(
        db,
        who=person.login,
        what="console.in",
        on=f"staff:{person.id}",
        detail={"second": second},
        now=visit.now,
    )
    key, nonce = visit.house.database.info.get("audit_key", b""), secrets.token_urlsafe(16)
    sign = misses.device_of(key, person.login, nonce)
    visit.cookies += [
        cookie(name),
        f"{HALF}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
        f"{DEVICE}={nonce}.{sign}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={DEVICE_LIVES_S}",
    ]
    return visit.back(onward)


def _device(agent: str) -> str:
    """Return in few words what somebody works with, for the list of their sessions."""
    system = next(
        (name for word, name in _SYSTEMS if word in agent), "máy khác"
    )  # in this order: an iPhone also says "Mac OS X"
    browser = next((name for word, name in _BROWSERS if word in agent), "trình duyệt khác")
    return f"{browser}, {system}"


_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg/", "Edge"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


async def leave(visit: Visit) -> web.Response:
    """End the session."""
    if visit.entry is not None:
        await sessions.end(visit.db, visit.entry.session, visit.now)
    visit.cookies.append(cookie(""))
    return visit.back("/vao", "Anh/chị đã đăng xuất.")


async def invitation(visit: Visit) -> web.Response:
    """Show whom a one-time code invites, and ask for a password."""
    person = await _invited(visit)
    if person is None:
        return visit.page(
            "invitation.html", status=HTTPStatus.NOT_FOUND, person=None, wrong=BAD_INVITATION, code=""
        )
    return visit.page("invitation.html", person=person, wrong="", code=visit.request.match_info["code"])


async def accept(visit: Visit) -> web.Response:
    """Set the password, use up the code, and let the person in."""
    person = await _invited(visit)
    code = visit.request.match_info["code"]
    if person is None:
        return visit.page(
            "invitation.html", status=HTTPStatus.NOT_FOUND, person=None, wrong=BAD_INVITATION, code=""
        )
    password, repeated = password_of(visit), visit.form.get("again", "")
    wrong = passwords.is_weak(password, person.login)
    if not wrong and password != repeated:
        wrong = "Hai lần nhập mật khẩu không giống nhau."
    if wrong:
        return visit.page(
            "invitation.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, person=person, wrong=wrong, code=code
        )
    async with visit.house.database.writing() as db:
        used = await staff.use_code(db, code, visit.now)
        if used is None or used.staff_id != person.id:
            return visit.page(
                "invitation.html", status=HTTPStatus.NOT_FOUND, person=None, wrong=BAD_INVITATION, code=""
            )
        await passwords.set_password(db, person, password, visit.now)
        await sessions.end_all(db, person.id or 0, visit.now)
        await trace.leave(
            db, who=person.login, what="console.password", on=f"staff:{person.id}", detail={}, now=visit.now
        )
        return await _in(visit, db, person, "/tai-khoan", second=False)


async def _invited(visit: Visit) -> Staff | None:
    """Return whom the code in the address invites; guesses of one network are counted, by themselves."""
    code = visit.request.match_info["code"]
    visitor = _visitor(visit, "")
    count = misses.count_key(visitor.key, "invitation", visitor.address)
    async with visit.house.database.reading() as db:
        if await misses.closed_until(db, count, misses.MOST_FROM, visit.now) is not None:
            return None
    async with visit.house.database.writing() as db:
        closed = await misses.take(db, count, misses.MOST_FROM, visit.now)
        person = await staff.person_of_code(db, code, visit.now) if _CODE.fullmatch(code) else None
        if person is not None:
            await misses.give_back(db, count)
    return person if closed is None else None


def onward_of(wanted: str) -> str:
    """Return the page of ours somebody wanted, below the console; the first page for anything else."""
    parts = urlsplit(wanted)
    path = parts.path.removeprefix(ROOT)
    ours = not parts.scheme and not parts.netloc and path.startswith("/") and not path.startswith("//")
    if not ours or "\\" in path or path.startswith(("/vao", "/ra", "/invite")):
        return ""
    return f"{path}?{parts.query}" if parts.query else path


def _open(method: str, path: str, do: Handler, *, alone: bool = False) -> Door:
    return Door(method=method, path=path, do=do, needs=Who.ANYBODY, alone=alone)


DOORS: tuple[Door, ...] = (
    _open("GET", "/vao", door_page, alone=True),
    _open("POST", "/vao", enter, alone=True),
    _open("GET", "/vao/lop-hai", second_page),
    _open("POST", "/vao/lop-hai", second),
    _open("POST", "/vao/gui-ma", send_code),
    _open("GET", "/invite/{code}", invitation, alone=True),
    _open("POST", "/invite/{code}", accept, alone=True),
    post("/ra", leave),
)
