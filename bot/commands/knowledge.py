"""`ward knowledge check|import|export|diff FILE`: a catalogue file and the edition in use."""

import argparse
import json
from pathlib import Path

from bot import app, settings
from bot.commands.ask import open_catalogue
from bot.commands.serve import Nouns
from knowledge import catalogue
from knowledge.catalogue import Catalogue, CatalogueError, Difference
from records import editions, schema
from records.database import Database

_TEXTS = {
    "check": "kiểm tra một tệp danh mục",
    "import": "đưa một tệp danh mục vào dùng thành ấn bản mới",
    "export": "ghi ấn bản đang dùng ra tệp",
    "diff": "so một tệp với ấn bản đang dùng",
}


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "danh mục thủ tục: kiểm tra, nhập, xuất, so sánh"
    verbs = nouns.add_parser("knowledge", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    for name, run in (("check", check), ("import", take), ("export", give), ("diff", differ)):
        verb = verbs.add_parser(name, help=_TEXTS[name], description=_TEXTS[name])
        verb.add_argument("file", type=Path, metavar="TỆP")
        verb.add_argument("--json", action="store_true", help="in JSON")
        verb.add_argument("--by", default="ward", metavar="TÊN", help="người công bố")
        verb.set_defaults(run=run)


async def check(asked: argparse.Namespace) -> int:
    """Validate a file and list every defect."""
    try:
        cards = open_catalogue(asked.file)
    except CatalogueError as error:
        return _defects(error, as_json=asked.json)
    full = sum(item.full for item in cards.procedures)
    _tell({"procedures": len(cards.procedures), "full": full, "defects": []}, as_json=asked.json)
    return 0


async def take(asked: argparse.Namespace) -> int:
    """Publish a file as the newest edition; cards written by hand are kept where the file only has a name."""
    try:
        cards = open_catalogue(asked.file)
    except CatalogueError as error:
        return _defects(error, as_json=asked.json)
    config = settings.load()
    database = Database(config.database_url)
    try:
        await schema.upgrade(database)
        merged = _keeping_cards(cards, await _in_use(database, config))
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
    database = Database(config.database_url)
    try:
        await schema.upgrade(database)
        return await _in_use(database, config)
    finally:
        await database.close()


async def _in_use(database: Database, config: settings.Settings) -> Catalogue:
    async with database.reading() as db:
        row = await editions.newest(db)
    return catalogue.restore(row.document) if row else open_catalogue(config.knowledge_file)


def _keeping_cards(new: Catalogue, old: Catalogue) -> Catalogue:
    """Keep the full card of a code whose official name is unchanged when the file only brings the name."""
    written = {item.code: item for item in old.procedures if item.full}
    kept = (
        written[item.code]
        if not item.full and item.code in written and written[item.code].name == item.name
        else item
        for item in new.procedures
    )
    return Catalogue(tuple(kept))


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
