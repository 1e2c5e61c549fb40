"""What the account may do, told in the log at start: the questions of zalo.md §3 and §16."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bot.channel import SendError
from bot.zalo.api import Api
from bot.zalo.errors import error_of
from bot.zalo.payload import at, text_at

log = logging.getLogger(__name__)

STATE_AGENCY = "4"
TOO_SMALL = ("basic", "standard", "cơ bản", "tiêu chuẩn")  # packages without OpenAPI (zalo.md §3)


async def look(api: Api, oa_id: str | None, clock: Callable[[], datetime]) -> None:
    """Ask Zalo about the account and log what an operator should know. Never raises SendError."""
    try:
        answer = await api.get("/v2.0/oa/getoa")
        if answer.code:
            raise error_of(answer, clock())
    except SendError as error:
        log.warning("the zalo account could not be looked at: %s: %s", type(error).__name__, error)
        return
    log.info(
        "zalo account: oa_type %s, package %s",
        _word(answer.data, "oa_type"),
        _word(answer.data, "package_name"),
    )
    for line in remarks(answer.data, oa_id):
        log.warning("zalo account: %s", line)


def remarks(data: Any, oa_id: str | None) -> Iterator[str]:
    """Yield what is not as it should be."""
    found = text_at(data, "oaid") or text_at(data, "oa_id")
    if oa_id and found and found != oa_id:
        yield "the tokens belong to another account than WARD_ZALO__OA_ID says"
    if at(data, "is_verified") not in (True, "true", "1", None):
        yield "not verified; Zalo will refuse most calls (-221)"
    if text_at(data, "oa_type") == STATE_AGENCY:
        yield "a state agency; v3 may refuse it (-235), then v2 is used"
    if text_at(data, "package_name").lower().startswith(TOO_SMALL):
        yield "the package may be without OpenAPI; Growth or above is needed (-224)"


def _word(data: Any, name: str) -> str:
    return text_at(data, name)[:40] or "unknown"
