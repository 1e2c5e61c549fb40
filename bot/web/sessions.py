"""Who a page belongs to: nobody by name, only the holder of a random cookie.

The cookie is a secret; the session id, which stands in tables and logs, is derived from it
and does not lead back. So whoever reads a log cannot take over a conversation.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from aiohttp import web

COOKIE = "ward_chat"
KEPT_S = 30 * 24 * 3600

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Session:
    """The holder of one cookie."""

    token: str

    @property
    def id(self) -> str:
        """Return the name under which this session is known inside the house."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:32]


def fresh() -> Session:
    """Return a session nobody can guess: 192 random bits."""
    return Session(secrets.token_urlsafe(24))


def of(request: web.Request) -> Session | None:
    """Return the session a request brings; None when its cookie is missing or not of our form."""
    token = request.cookies.get(COOKIE, "")
    return Session(token) if _TOKEN.fullmatch(token) else None


def keep(response: web.StreamResponse, session: Session, *, https: bool, embed: bool) -> None:
    """Have the browser keep *session*, also inside another site's page when *embed*.

    Written out by hand: the cookie library of Python 3.11 does not know `Partitioned`.
    """
    parts = [f"{COOKIE}={session.token}", f"Max-Age={KEPT_S}", "Path=/", "HttpOnly"]
    if https and embed:
        parts += ["Secure", "SameSite=None", "Partitioned"]
    elif https:
        parts += ["Secure", "SameSite=Lax"]
    else:
        parts += ["SameSite=Lax"]
    response.headers.add("Set-Cookie", "; ".join(parts))
