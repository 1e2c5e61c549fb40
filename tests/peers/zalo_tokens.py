"""OAuth v4 as Zalo plays it: a refresh token works once and ends the old pair."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from .clock import Clock
from .records import Json
from .zalo_limits import ZaloLimits, over
from .zalo_wire import ZaloError, challenge

_CODE_LIVES_S = 600
_DAY_S = 86_400


@dataclass
class Tokens:
    """The pair that is valid now: `access` and `refresh`."""

    app_id: str
    app_secret: str
    clock: Clock
    limits: ZaloLimits
    refresh: str
    access: str = "access-0"
    refreshed: int = 0
    _born: float = field(default=0)
    _ended: set[str] = field(default_factory=set)
    _codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """Begin with a fresh pair."""
        self._born = self.clock.epoch()

    def check(self, token: str) -> None:
        """Raise ZaloError unless *token* is the access token of now."""
        if token in self._ended:
            raise ZaloError(-220, "Access token is expired or revoked")
        if token != self.access:
            raise ZaloError(-216, "Access token is invalid")
        if over(self.clock.epoch() - self._born, self.limits.access_token_s):
            raise ZaloError(-220, "Access token has expired")

    def end_access(self) -> None:
        """End the access token before its time."""
        self._ended.add(self.access)
        self.access = ""

    def consents(self, code_challenge: str) -> str:
        """Play the admin in the browser; return the code, good once for 10 minutes."""
        code = f"code-{next(self._serial)}"
        self._codes[code] = (code_challenge, self.clock.epoch())
        return code

    def grant(self, form: Mapping[str, str], secret_key: str) -> Json:
        """Answer a token request with a new pair. Raises ZaloError."""
        if form.get("app_id") != self.app_id or secret_key != self.app_secret:
            raise ZaloError(-14002, "Invalid app id or secret key")
        kind = form.get("grant_type")
        if kind == "refresh_token":
            self._use_refresh(form.get("refresh_token", ""))
        elif kind == "authorization_code":
            self._use_code(form.get("code", ""), form.get("code_verifier", ""))
        else:
            raise ZaloError(-14001, "Invalid grant type")
        number = next(self._serial)
        self._ended |= {self.access, self.refresh} - {""}
        self.access, self.refresh = f"access-{number}", f"refresh-{number}"
        self._born = self.clock.epoch()
        self.refreshed += 1
        lifetime = self.limits.access_token_s or 90_000
        return {
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_in": str(lifetime),
        }

    def _use_refresh(self, token: str) -> None:
        days = self.limits.refresh_token_days
        old = over(self.clock.epoch() - self._born, days and days * _DAY_S)
        if token != self.refresh or old:
            # The true number is not documented; this one circulates.
            raise ZaloError(-14014, "Invalid refresh token")

    def _use_code(self, code: str, verifier: str) -> None:
        wanted, at = self._codes.pop(code, ("", 0.0))
        if challenge(verifier) != wanted or self.clock.epoch() - at > _CODE_LIVES_S:
            raise ZaloError(-14012, "Invalid authorization code")


def oauth_failure(error: ZaloError) -> web.Response:
    """Answer a refusal in the shape of the token endpoint."""
    return web.json_response(
        {
            "error": error.code,
            "error_name": error.why,
            "error_reason": error.why,
            "error_description": error.why,
            "ref_doc": "https://developers.zalo.me/docs/social-api/tham-khao/ma-loi",
        }
    )
