"""Passwords and one-time codes of staff: kept so that whoever reads the table cannot use them.

Passwords are hashed by argon2id (RFC 9106, the library's defaults); a code of an authenticator
(RFC 6238) works once. Hashing takes tens of milliseconds and 64 MiB, so it runs in a thread,
and only a few at a time.
"""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import Staff
from records.console import Login

SHORTEST: Final = 12  # letters
LONGEST: Final = 200
FEWEST_SIGNS: Final = 5  # different ones
TELLING: Final = 4  # letters of a part of a name, from which on it gives the name away
AT_ONCE: Final = 2  # hashed at the same time
STEP_S: Final = 30
_HASHER = PasswordHasher()
_TOO_PLAIN = ("matkhau", "password", "123456", "qwerty", "phuong", "ubnd", "vietnam")
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hashing")


def is_weak(password: str, login: str) -> str:
    """Return what is wrong with a new *password*, for its owner to read; nothing if it will do."""
    bare = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Mật khẩu cần từ {SHORTEST} đến {LONGEST} ký tự; một câu dễ nhớ là tốt nhất."
    named = any(part in bare for part in login.split(".") if len(part) >= TELLING)
    if named or len(set(bare)) < FEWEST_SIGNS:
        return "Mật khẩu không nên chứa tên của anh/chị hoặc chỉ lặp lại vài ký tự."
    rest = bare
    for plain in _TOO_PLAIN:
        rest = rest.replace(plain, "")
    if len(rest) < SHORTEST // 2:
        return "Mật khẩu này dễ đoán quá. Mời anh/chị ghép vài từ không liên quan với nhau."
    return ""


async def set_password(db: AsyncSession, person: Staff, password: str, now: datetime) -> Login:
    """Keep the hash of *password*; an authenticator that was set up stays."""
    hashed = await asyncio.get_running_loop().run_in_executor(_threads, _HASHER.hash, password)
    row = await db.get(Login, person.id) or Login(
        staff_id=person.id or 0, password_hash=hashed, password_at=now
    )
    row.password_hash, row.password_at = hashed, now
    db.add(row)
    await db.flush()
    return row


async def is_right(row: Login | None, password: str) -> bool:
    """Tell whether *password* is the one of *row*; for nobody it takes as long to say no."""
    hashed = row.password_hash if row else ""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verified, hashed, password[:LONGEST])


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password, yet checking it takes as long")


def _verified(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed or _nobody(), password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def has_second(row: Login | None) -> bool:
    """Tell whether an authenticator was set up and confirmed."""
    return row is not None and row.totp_at is not None


def new_secret(row: Login) -> str:
    """Give *row* a fresh secret, to be confirmed by a code, and return it."""
    row.totp_secret, row.totp_at, row.totp_step = pyotp.random_base32(), None, 0
    return row.totp_secret


def address_for_app(row: Login, login: str, ward: str) -> str:
    """Return the otpauth address an authenticator reads from a QR."""
    return pyotp.TOTP(row.totp_secret).provisioning_uri(name=login, issuer_name=ward)


def takes(row: Login, code: str, now: datetime) -> bool:
    """Tell whether *code* is right now, or in the interval before or after; if so it is used up."""
    bare = "".join(sign for sign in code if sign.isdigit())
    if not row.totp_secret:
        return False
    machine, step = pyotp.TOTP(row.totp_secret), int(now.timestamp()) // STEP_S
    for one in (step - 1, step, step + 1):
        if one > row.totp_step and hmac.compare_digest(machine.generate_otp(one), bare):
            row.totp_step = one
            row.totp_at = row.totp_at or now
            return True
    return False
