"""How often a page asks the database: a bounded number of times, however much stands on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from records.database import Database
from tests.console.bench import Console
from tests.console.full_house import EVERYTHING, furnish, pages

MOST = 25


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Give a list that grows by every question put to the database by a page."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    reader = database._reader.sync_engine
    event.listen(reader, "before_cursor_execute", note)
    yield asked
    event.remove(reader, "before_cursor_execute", note)


async def test_no_page_asks_more_than_it_may(console: Console) -> None:
    known = await furnish(console)
    browser = await console.enter(EVERYTHING)
    asked_by: dict[str, int] = {}
    for address in pages(known):
        with counted(console.office.database) as asked:
            await browser.get(address)
        asked_by[address] = len(asked)
    assert {address: many for address, many in asked_by.items() if many > MOST} == {}
    assert max(asked_by.values()) > 3  # the count counts
