"""Logs an operator can search: one JSON object a line, with ids and codes, never with texts."""

import json
import logging
import sys
from datetime import UTC, datetime

_QUIET = (
    "PIL",
    "sqlalchemy",
    "httpx",
    "httpcore",
    "apscheduler",
    "aiohttp.access",
    "telegram",
    "alembic",
    "asyncio",
    "aiosqlite",
)


class Lines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback keeps its places but not its values."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _trail(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str) -> None:
    """Write lines to standard error from now on; talkative libraries only speak of trouble."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    quieten()


def quieten() -> None:
    """Let libraries speak of trouble only: at DEBUG they quote addresses, statements and values."""
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _trail(error: BaseException) -> str:
    """Return what broke and where, without its message: messages quote what residents wrote."""
    places, step = [], error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(
            f"{code.co_filename.rsplit('/', 2)[-2]}/{code.co_filename.rsplit('/', 1)[-1]}:{step.tb_lineno}"
        )
        step = step.tb_next
    return f"{type(error).__module__}.{type(error).__name__} at {' < '.join(reversed(places[-8:]))}"
