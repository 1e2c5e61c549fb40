"""`ward knowledge check|import|export|diff FILE`: a catalogue file and the edition in use.

`learning` adds `unanswered` and `name`.
"""

import argparse
import json
from pathlib import Path

from bot import app, settings
from bot.commands import editions_in_use, learning
from bot.commands.editions_in_use import open_catalogue
from bot.commands.serve import Nouns
from bot.store import open_database
from knowledge import care, catalogue
from knowledge.calendar import here
from knowledge.catalogue import Catalogue, CatalogueError, Difference
from knowledge.procedure import Procedure
from records import editions, schema

_TEXTS = {
    "check": "kiểm tra một tệp danh mục",
    "import": "đưa một tệp danh mục vào dùng thành ấn bản mới",
    "export": "ghi ấn bản đang dùng ra tệp",
    "diff": "so một tệp với ấn bản đang dùng",
}


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "danh mục thủ tục: kiểm tra, nhập, xuất, so sánh, học tên gọi mới"
    verbs = nouns.add_parser("knowledge", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    for name, run in (("check", check), ("import", take), ("export", give), ("diff", differ)):
        verb = verbs.add_parser(name, help=_TEXTS[name], description=_TEXTS[name])
        verb.add_argument("file", type=Path, metavar="TỆP")
        verb.add_argument("--json", action="store_true", help="in JSON")
        verb.add_argument("--by", default="ward", metavar="TÊN", help="người công bố")
        verb.set_defaults(run=run)
    learning.add(verbs)


async def check(asked: argparse.Namespace) -> int:
    """Validate a file and list every defect; warn of what to look at."""
    try:
        cards = open_catalogue(asked.file)
    except CatalogueError as error:
        return _defects(error, as_json=asked.json)
    full = sum(item.full for item in cards.procedures)
    warnings = [str(notice) for notice in care.warnings(cards, here(app.clock()).date())]
    facts = {"procedures": len(cards.procedures), "full": full, "defects": []}
    if asked.json:
        _tell(facts | {"warnings": warnings}, as_json=True)
        return 0
    _tell(facts, as_json=False)
    print(f"nên xem lại: {len(warnings)}", *warnings, sep="\n")
    return 0


async def take(asked: argparse.Namespace) -> int:
    """Publish a file as the newest edition; cards written by hand are kept where the file only has a name."""
    try:
        cards = open_catalogue(asked.file)
    except CatalogueError as error:
        return _defects(error, as_json=asked.json)
    config = settings.load()
    database = open_database(config)
    try:
        await schema.upgrade(database)
        merged = _keeping_cards(cards, await editions_in_use.of(database, config))
        async with database.writing() as db:
            row = await editions.publish(db, merged.document(), len(merged.procedures), asked.by, app.clock())
    finally:
        await database.close()
    _tell({"edition": row.id, "procedures": row.procedures, "sha256": row.sha256}, as_json=asked.json)
    return 0


async def give(asked: argparse.Namespace) -> int:
    """Write the edition in use to a file."""
    cards = await _current()
    asked.file.write_text(cards.document(), "utf-8")
    _tell({"procedures": len(cards.procedures), "file": str(asked.file)}, as_json=asked.json)
    return 0


async def differ(asked: argparse.Namespace) -> int:
    """Say what a file would change."""
    try:
        cards = open_catalogue(asked.file)
    except CatalogueError as error:
        return _defects(error, as_json=asked.json)
    found: Difference = catalogue.compare(await _current(), cards)
    changed = {code: list(names) for code, names in found.changed}
    _tell({"added": found.added, "removed": found.removed, "changed": changed}, as_json=asked.json)
    return 0


async def _current() -> Catalogue:
    config = settings.load()
    database = open_database(config)
    try:
        await schema.upgrade(database)
        return await editions_in_use.of(database, config)
    finally:
        await database.close()


def _keeping_cards(new: Catalogue, old: Catalogue) -> Catalogue:
    """Keep the card written by hand, where the file only brings a name that has not changed."""
    written = {item.code: item for item in old.procedures if item.full or item.aliases}
    return Catalogue(tuple(_better(item, written.get(item.code, item)) for item in new.procedures))


def _better(new: Procedure, old: Procedure) -> Procedure:
    only_named = not new.full and (old.full or not new.aliases)
    return old if only_named and old.name == new.name else new


def _defects(error: CatalogueError, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"defects": [vars(item) for item in error.defects]}, ensure_ascii=False))
        return 1
    raise error


def _tell(facts: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        print(f"{name}: {value}")
