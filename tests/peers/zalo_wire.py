"""Zalo's wire: answers with HTTP 200, errors as numbers, and the three digests."""

import base64
import hashlib
import hmac
import json

from aiohttp import web

from .records import Json


class ZaloError(Exception):
    """The platform says no, with one of its numbers."""

    def __init__(self, code: int, why: str) -> None:
        """Keep what the answer will say."""
        super().__init__(why)
        self.code = code
        self.why = why


def granted(data: object) -> web.Response:
    """Answer that it is done."""
    return web.json_response({"data": data, "error": 0, "message": "Success"})


def refused(code: int, why: str) -> web.Response:
    """Answer a refusal; the HTTP status is 200 all the same."""
    return web.json_response({"error": code, "message": why})


def written(event: Json) -> bytes:
    """Return the bytes of an event: one line, no spaces, letters as they are."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def signature(app_id: str, body: bytes, timestamp: str, oa_secret: str) -> str:
    """Return `mac=…`: a plain SHA-256, not an HMAC (reference, section 12).

    >>> signature("1", b'{"timestamp":"2"}', "2", "s")[:16]
    'mac=9d8b7a703447'
    """
    digest = hashlib.sha256(app_id.encode() + body + timestamp.encode() + oa_secret.encode())
    return f"mac={digest.hexdigest()}"


def challenge(verifier: str) -> str:
    """Return the PKCE challenge of *verifier*, without padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def appsecret_proof(access_token: str, app_secret: str) -> str:
    """Return the hex HMAC-SHA256 the optional header carries."""
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()
