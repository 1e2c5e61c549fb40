"""What a query for cases means.

Beyond the specification: `page`, `page_size`, `updated_after` and `updated_before`, the
extensions most servers share.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from multidict import MultiMapping

from bot.open311 import services
from bot.open311.trouble import NO_SERVICE, Trouble, missing
from feedback.public import MOST, Wanted
from knowledge.concerns import Concerns

LONGEST = timedelta(days=90)
LAST_PAGE = 10_000
STATUSES: Mapping[frozenset[str], bool | None] = {
    frozenset(): None,
    frozenset({"open"}): True,
    frozenset({"closed"}): False,
    frozenset({"open", "closed"}): None,
}
_W3 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")

Query = MultiMapping[str]


def wanted(query: Query, concerns: Concerns, now: datetime) -> Wanted:
    """Return what *query* asks for. Raises Trouble."""
    size = _number(query, "page_size", MOST, MOST)
    named = _several(query, "service_request_id")
    if named:
        return Wanted(codes=tuple(sorted({code.upper() for code in named})), size=size)
    since, until = _span(query, now)
    return Wanted(
        categories=_categories(query, concerns),
        is_open=_status(query),
        since=since,
        until=until,
        changed_since=_moment(query, "updated_after"),
        changed_until=_moment(query, "updated_before"),
        page=_number(query, "page", 1, LAST_PAGE),
        size=size,
    )


def _several(query: Query, name: str) -> list[str]:
    """Return all values of an argument: it may be given several times, each with commas."""
    parts = (part.strip() for given in query.getall(name, []) for part in given.split(","))
    return [part for part in parts if part]


def _categories(query: Query, concerns: Concerns) -> tuple[str, ...]:
    codes = tuple(sorted(set(_several(query, "service_code"))))
    if any(services.find(concerns, code) is None for code in codes):
        raise missing(NO_SERVICE)
    return codes


def _status(query: Query) -> bool | None:
    said = frozenset(_several(query, "status"))
    if said not in STATUSES:
        raise Trouble("status: chỉ nhận open, closed, hoặc open,closed.")
    return STATUSES[said]


def _span(query: Query, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return between which moments cases were taken: at most 90 days, the last 90 if nothing is said.

    Whoever asks what has changed lately gets old cases, too.
    """
    since, until = _moment(query, "start_date"), _moment(query, "end_date")
    if since is None and until is None and _given(query, ("updated_after", "updated_before")):
        return None, None
    try:
        since = since or (until or now) - LONGEST
        until = until or since + LONGEST
        long = until - since > LONGEST
    except OverflowError as error:
        raise _no_date("start_date, end_date") from error
    if until < since:
        raise Trouble("start_date phải trước end_date.")
    if long:
        raise Trouble("start_date và end_date cách nhau không quá 90 ngày. Xin chia thành nhiều lần hỏi.")
    return since, until


def _given(query: Query, names: Iterable[str]) -> bool:
    return any(query.get(name) for name in names)


def _moment(query: Query, name: str) -> datetime | None:
    """Return the moment in argument *name*; a "+" that no one escaped arrives as a space."""
    text = query.get(name, "").strip().replace(" ", "+")
    if not text:
        return None
    if not text.isascii() or not _W3.fullmatch(text):
        raise _no_date(name)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _no_date(name) from error


def _no_date(name: str) -> Trouble:
    return Trouble(
        f"{name}: ngày giờ phải đủ múi giờ, ví dụ 2026-11-20T00:00:00+07:00 hoặc 2026-11-19T17:00:00Z."
    )


def _number(query: Query, name: str, default: int, most: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else 0
    if not 1 <= number <= most:
        raise Trouble(f"{name}: phải là số từ 1 đến {most}.")
    return number
