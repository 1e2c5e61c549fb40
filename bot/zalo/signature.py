"""Is it Zalo who calls, and how do we show that it is we who call Zalo.

The webhook's signature is a plain SHA-256 over app id, raw body, timestamp and the OA secret
key; it is no HMAC (zalo.md §12, checked November 2026).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

HEADER = "x-zevent-signature"

_MAC = re.compile(r"\s*(?:mac\s*=\s*)?([0-9a-fA-F]{64})\s*")
_TIMESTAMP = re.compile(rb'"timestamp"\s*:\s*"?([0-9]{1,20})')


def given(headers: Mapping[str, str]) -> str | None:
    """Return the digest the caller shows, None if there is none worth comparing.

    >>> given({"X-ZEvent-Signature": "mac = " + "AB" * 32}) == "ab" * 32
    True
    """
    shown = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    found = _MAC.fullmatch(shown)
    return found[1].lower() if found else None


def digest(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """Return the digest Zalo makes of *body*.

    >>> digest("1", b'{"timestamp":"2"}', "2", "s")[:16]
    '9d8b7a703447a117'
    """
    # A timestamp may hold anything a JSON text can, even half a surrogate pair.
    tail = timestamp.encode("utf-8", "surrogatepass") + secret.encode()
    return hashlib.sha256(app_id.encode() + body + tail).hexdigest()


def matches(shown: str, expected: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(shown.encode(), expected.encode())


def loose_timestamp(body: bytes) -> str:
    """Return the timestamp of a body that is not JSON, empty if none can be made out."""
    found = _TIMESTAMP.search(body)
    return found[1].decode() if found else ""


def proof(access_token: str, app_secret: str) -> str:
    """Return the header `appsecret_proof` (zalo.md §2).

    >>> proof("token-1", "app-secret")[:16]
    '8e4416844a305cc4'
    """
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()
