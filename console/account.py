"""One's own log-in: password, authenticator, sessions; and proving anew who one is."""

from http import HTTPStatus
from io import BytesIO
from typing import Final

import segno
from aiohttp import web

from console.door import Door, get, post
from console.entering import WRONG_CODE, onward_of, password_of
from console.gate import cookie
from console.trouble import NOT_FOUND, Elsewhere, Refused
from console.visit import Visit
from records import misses, outbox, passwords, sessions, staff, trace
from records.console import Login
from records.tables import Purpose

NEW_SECOND: Final = (
    "Vừa có người bật mã xác thực cho tài khoản trang làm việc của anh/chị. "
    "Không phải anh/chị thì báo ngay người quản lý cán bộ."
)
NOT_FRESH: Final = "Việc này cần xác nhận lại là anh/chị. Mời nhập mật khẩu."


async def account(visit: Visit) -> web.Response:
    """Show one's own log-in."""
    row = await visit.db.get(Login, visit.person.id)
    return visit.page(
        "account.html",
        row=row,
        has_app=passwords.has_second(row),
        living=await sessions.living(visit.db, visit.now, visit.person.id),
        chats=await staff.accounts(visit.db, visit.person.id or 0),
        session=visit.entry.session if visit.entry else None,
        wrong="",
    )


async def begin_app(visit: Visit) -> web.Response:
    """Give a fresh secret for an authenticator."""
    require_fresh(visit, "/tai-khoan")
    row = await visit.db.get(Login, visit.person.id)
    if row is None:
        raise NOT_FOUND
    passwords.new_secret(row)
    visit.db.add(row)
    return visit.back("/tai-khoan/ma")


async def app_page(visit: Visit) -> web.Response:
    """Show the secret as a QR, until a code confirms it."""
    row = await visit.db.get(Login, visit.person.id)
    if row is None or not row.totp_secret or row.totp_at is not None:
        return visit.back("/tai-khoan")
    return _app_page(visit, row, "")


def _app_page(visit: Visit, row: Login, wrong: str) -> web.Response:
    told = passwords.address_for_app(row, visit.person.login, visit.house.shelf.ward.title)
    paper = BytesIO()
    segno.make(told, error="m").save(paper, kind="svg", scale=5, xmldecl=False, svgns=True, omitsize=True)
    return visit.page(
        "authenticator.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        svg=paper.getvalue().decode(),
        secret=row.totp_secret,
        wrong=wrong,
    )


async def confirm_app(visit: Visit) -> web.Response:
    """Take the first code; from now on the authenticator is asked for at every log-in."""
    row = await visit.db.get(Login, visit.person.id)
    if row is None or visit.entry is None or not row.totp_secret or row.totp_at is not None:
        raise NOT_FOUND
    if not passwords.takes(row, visit.said("code"), visit.now):
        return _app_page(visit, row, WRONG_CODE)
    visit.db.add(row)
    name, _ = await sessions.rename(visit.db, visit.entry, visit.now, second=True)
    visit.cookies.append(cookie(name))
    await _note(visit, "console.authenticator")
    for chat in await staff.accounts(visit.db, visit.person.id or 0):
        key = f"authenticator:{visit.person.id}:{row.totp_step}:{chat.channel}"
        await outbox.put(visit.db, key=key, to=chat, purpose=Purpose.REPLY, text=NEW_SECOND, now=visit.now)
    return visit.back("/tai-khoan", "Đã bật mã xác thực. Từ lần đăng nhập sau, trang sẽ hỏi mã này.")


async def change_password(visit: Visit) -> web.Response:
    """Exchange the password and end all other sessions."""
    async with visit.house.database.reading() as db:
        row = await db.get(Login, visit.person.id)
    new, again = visit.form.get("new", ""), visit.form.get("again", "")
    wrong = passwords.is_weak(str(new), visit.person.login)
    if not await _is_me(visit, row):
        wrong = "Mật khẩu đang dùng không đúng."
    elif not wrong and new != again:
        wrong = "Hai lần nhập mật khẩu mới không giống nhau."
    if wrong or visit.entry is None:
        return visit.back("/tai-khoan", wrong, wrong=True)
    async with visit.house.database.writing() as db:
        visit.session = db
        await passwords.set_password(db, visit.person, str(new), visit.now)
        name, kept = await sessions.rename(db, visit.entry, visit.now, proved=True)
        await sessions.end_all(db, visit.person.id or 0, visit.now, but=kept.token_sha256)
        await _note(visit, "console.password")
    visit.cookies.append(cookie(name))
    return visit.back("/tai-khoan", "Đã đổi mật khẩu. Các máy khác đã được đăng xuất.")


async def end_others(visit: Visit) -> web.Response:
    """End all other sessions of one's own."""
    if visit.entry is None:
        raise NOT_FOUND
    count = await sessions.end_all(
        visit.db, visit.person.id or 0, visit.now, but=visit.entry.session.token_sha256
    )
    return visit.back("/tai-khoan", f"Đã đăng xuất {count} máy khác.")


async def prove_page(visit: Visit) -> web.Response:
    """Ask for the password again."""
    row = await visit.db.get(Login, visit.person.id)
    return visit.page(
        "prove.html", wrong="", onward=onward_of(visit.asked("den")), has_app=passwords.has_second(row)
    )


async def prove(visit: Visit) -> web.Response:
    """Take the password, and the code where there is an authenticator; the session gets a new name."""
    onward = onward_of(visit.said("den"))
    async with visit.house.database.reading() as db:
        row = await db.get(Login, visit.person.id)
    right = await _is_me(visit, row)
    async with visit.house.database.writing() as db:
        row = await db.get(Login, visit.person.id)
        if right and row is not None and passwords.has_second(row):
            right = passwords.takes(row, visit.said("code"), visit.now)
            db.add(row)
        if right and visit.entry is not None:
            second = passwords.has_second(row)
            name, _ = await sessions.rename(db, visit.entry, visit.now, proved=True, second=second)
            visit.cookies.append(cookie(name))
            return visit.back(onward, "Đã xác nhận. Mời anh/chị làm tiếp.")
    return visit.page(
        "prove.html",
        status=HTTPStatus.UNAUTHORIZED,
        wrong="Mật khẩu hoặc mã không đúng.",
        onward=onward,
        has_app=passwords.has_second(row),
    )


async def _is_me(visit: Visit, row: Login | None) -> bool:
    """Tell whether the password is this person's; misses are counted by themselves, for they are logged in."""
    count = misses.count_key(visit.house.database.info.get("audit_key", b""), "inside", str(visit.person.id))
    async with visit.house.database.writing() as db:
        closed = await misses.take(db, count, misses.MOST, visit.now)
    if closed is not None:
        raise Refused("Đã nhập sai mật khẩu nhiều lần. Mời anh/chị thử lại sau 15 phút.")
    if not await passwords.is_right(row, password_of(visit)):
        return False
    async with visit.house.database.writing() as db:
        await misses.give_back(db, count)
    return True


def require_fresh(visit: Visit, onward: str) -> None:
    """Go on only for somebody who proved who they are within five minutes. Raises Elsewhere."""
    if visit.entry is None or not visit.entry.is_fresh(visit.now):
        raise Elsewhere(f"/xac-nhan?den={onward}", NOT_FRESH)


async def _note(visit: Visit, what: str) -> None:
    await trace.leave(
        visit.db,
        who=visit.person.login,
        what=what,
        on=f"staff:{visit.person.id}",
        detail={},
        now=visit.now,
    )


DOORS: tuple[Door, ...] = (
    get("/tai-khoan", account),
    get("/tai-khoan/ma", app_page),
    post("/tai-khoan/ma", begin_app),
    post("/tai-khoan/ma/xac-nhan", confirm_app),
    post("/tai-khoan/mat-khau", change_password, alone=True),
    post("/tai-khoan/dang-xuat-may-khac", end_others),
    get("/xac-nhan", prove_page),
    post("/xac-nhan", prove, alone=True),
)
