"""Read the command line, run one command, and say troubles in Vietnamese."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from bot.commands import (
    ask,
    audit,
    backup,
    calendar,
    check,
    deliveries,
    feedback,
    handover,
    imports,
    knowledge,
    letters,
    residents,
    rights,
    serve,
    staff,
    tick,
)
from bot.commands.trouble import Trouble
from bot.settings import SettingsError
from knowledge.catalogue import CatalogueError
from knowledge.sheet import SheetError
from knowledge.ward import WardError
from letters.errors import LetterError
from letters.template import TemplateError
from records.database import AlreadyRunning
from records.schema import SchemaTooNew

EXPECTED = (
    Trouble,
    SettingsError,
    CatalogueError,
    WardError,
    SheetError,
    TemplateError,
    LetterError,
    SchemaTooNew,
    AlreadyRunning,
    SQLAlchemyError,
    OSError,
)
NOUNS = (
    serve,
    check,
    ask,
    knowledge,
    calendar,
    feedback,
    imports,
    residents,
    letters,
    staff,
    rights,
    deliveries,
    handover,
    audit,
    backup,
    tick,
)


def build() -> argparse.ArgumentParser:
    """Return the whole command line."""
    whole = argparse.ArgumentParser(prog="ward", description="Trợ lý số của phường, xã.")
    nouns = whole.add_subparsers(dest="command", required=True, metavar="LỆNH")
    for noun in NOUNS:
        noun.add(nouns)
    return whole


def run(argv: Sequence[str]) -> int:
    """Run the command *argv* asks for and return its exit status."""
    asked = build().parse_args(argv)
    try:
        return int(asyncio.run(asked.run(asked)))
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    except EXPECTED as error:
        print(explain(error), file=sys.stderr)
        return 1


def explain(error: Exception) -> str:
    """Return what went wrong and what to do, in Vietnamese; never what a database or a file said."""
    if isinstance(error, SchemaTooNew):
        return f"Cơ sở dữ liệu thuộc bản mới hơn ({error}). Hãy chạy đúng bản phần mềm đó."
    if isinstance(error, AlreadyRunning):
        return f"Một tiến trình khác đang dùng {error}. SQLite chỉ cho một; nhiều bản thì dùng PostgreSQL."
    if isinstance(error, SQLAlchemyError | OSError):
        return f"Không làm được: {type(error).__name__}. Kiểm tra cơ sở dữ liệu, đường dẫn, cổng mạng."
    return str(error)
