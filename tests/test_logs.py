"""The operator's log: one JSON object a line, with codes and places, never with what somebody said."""

import json
import logging

from bot import logs
from tests.conftest import CANARIES, Canaries


def line_of(message: str, *values: object, error: BaseException | None = None) -> dict[str, str]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot.x", logging.ERROR, __file__, 1, message, values, info)
    return dict(json.loads(logs.Lines().format(record)))


def test_a_line_says_when_where_and_what():
    line = line_of("delivery %s failed", 7)
    assert (line["level"], line["from"], line["says"]) == ("error", "bot.x", "delivery 7 failed")
    assert line["at"].endswith("+00:00")


def test_a_traceback_keeps_its_places_and_loses_its_values():
    try:
        raise ValueError("cá sấu của bà Lan")
    except ValueError as error:
        line = line_of("message failed", error=error)
    assert "ValueError at" in line["error"]
    assert "test_logs.py" in line["error"]
    assert "Lan" not in line["error"]


def test_the_canaries_really_listen():
    listener = Canaries()
    logger = logging.Logger("alone")  # noqa: LOG001  one that nobody else hears
    logger.addHandler(listener)
    logger.error("token %s", CANARIES[0])
    logger.error("nothing of the kind")
    assert len(listener.found) == 1
