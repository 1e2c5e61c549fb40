"""Read the national portal's catalogue (JSONL, one procedure a line) as brief cards.

Its known defects must not reach a resident: "Miễn phí" often only means an empty box, time
limits lack their unit, papers are scrambled with remarks. So a card from here says its name,
who handles it, and only those facts the portal states beyond doubt.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from knowledge.fold import fold
from knowledge.procedure import Body, FeeKind, Procedure

SHORT = 60
_HANDLERS = {"UBND cấp xã": Body.WARD, "Công an cấp xã": Body.POLICE, "Ban CHQS cấp xã": Body.MILITARY}
_CODE = re.compile(r"\d\.\d{6}(\.[A-Z0-9]+)?")
_WORKING_DAYS = re.compile(r"^(\d{1,3}) ngày làm việc\b", re.IGNORECASE)

Problem = tuple[int, str, str, str]  # line, code, field, what is wrong


def read(text: str) -> tuple[list[Procedure], list[Problem]]:
    """Return the cards of *text* and what is wrong with the others."""
    procedures, problems = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        card, problem = _read_line(line)
        if card:
            procedures.append(card)
        if problem:
            problems.append((number, *problem))
    return procedures, problems


def _read_line(line: str) -> tuple[Procedure | None, tuple[str, str, str] | None]:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None, ("", "dòng", "không phải JSON")
    if not isinstance(raw, dict):
        return None, ("", "dòng", "không phải một thủ tục")
    code = str(raw.get("code", ""))
    if not _CODE.fullmatch(code):
        return None, (code[:20], "code", "mã không đúng dạng 1.001193")
    if not str(raw.get("name") or "").strip():
        return None, (code, "name", "thiếu tên thủ tục")
    return _card(code, raw), None


def _card(code: str, raw: Mapping[str, Any]) -> Procedure:
    name = str(raw["name"]).strip()
    field = str(raw.get("field") or "Khác")
    limit = str(raw.get("time_limit") or "")
    days = _WORKING_DAYS.match(limit)
    free = raw.get("fee_flag") == "free"
    return Procedure(
        code=code,
        name=name,
        short_name=shorten(name),
        field=field,
        field_slug=fold(field).replace(" ", "_")[:40],
        handler=_HANDLERS.get(str(raw.get("handler", "")), Body.OTHER),
        source=str(raw.get("url") or "https://dichvucong.gov.vn"),
        as_of=str(raw.get("as_of") or "không rõ"),
        checked_on=_month(str(raw.get("as_of") or "")),
        time_limit=f"{days[1]} ngày làm việc." if days else "",
        working_days=int(days[1]) if days else None,
        fee_kind=FeeKind.FREE if free else FeeKind.UNKNOWN,
        fee="Không thu." if free else "",
    )


def shorten(name: str) -> str:
    """Return *name* without its opening formula, cut at a word to at most 60 characters.

    >>> shorten("Thủ tục đăng ký khai sinh")
    'Đăng ký khai sinh'
    """
    bare = re.sub(r"^thủ tục\s+", "", name, flags=re.IGNORECASE).strip()
    bare = bare[:1].upper() + bare[1:]
    if len(bare) <= SHORT:
        return bare
    return bare[: SHORT - 1].rsplit(" ", 1)[0] + "…"


def _month(text: str) -> date:
    """Return the first day of the source's month ("2026-07", "7/2026"); the past when unknown."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text)
    if found:
        return date(int(found[1]), int(found[2]), 1)
    found = re.fullmatch(r"(\d{1,2})/(\d{4})", text)
    return date(int(found[2]), int(found[1]), 1) if found else date(2000, 1, 1)
