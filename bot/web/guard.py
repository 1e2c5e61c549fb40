"""What the browser is told to forbid, and requests that did not come from our page."""

from urllib.parse import urlsplit

from aiohttp import web

from bot.web.trouble import NotTaken, Trouble

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors "
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), display-capture=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def dress(response: web.StreamResponse, *, embed: bool = False) -> None:
    """Give *response* the headers that keep a page to itself; *embed* lets others frame it."""
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Content-Security-Policy"] = _POLICY + ("*" if embed else "'none'")
    if not embed:
        response.headers["X-Frame-Options"] = "DENY"


def check_origin(request: web.Request, public_url: str | None) -> None:
    """Let only our own script pass. Raises NotTaken.

    A form of another site cannot set our header; a script of another site would have to ask
    first, and we never say yes. Sec-Fetch-Site and Origin are the second and third lock.
    """
    ours = {request.host, urlsplit(public_url or "").netloc}
    origin = request.headers.get("Origin")
    if request.headers.get("X-Ward-Chat") != "1":
        raise NotTaken(Trouble.FOREIGN)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise NotTaken(Trouble.FOREIGN)
    if origin is not None and (not urlsplit(origin).netloc or urlsplit(origin).netloc not in ours):
        raise NotTaken(Trouble.FOREIGN)
