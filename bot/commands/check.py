"""`ward check`: settings, database, migrations, catalogue, calendar, templates, fonts, credentials, a line each.

`check_staff` looks at the people and the sealed history, once the database is there.
"""

import argparse
import json
from dataclasses import asdict

from bot import app, settings
from bot.commands import check_staff
from bot.commands.finding import Line
from bot.commands.serve import Nouns
from bot.store import open_database
from knowledge.calendar import here
from knowledge.catalogue import CatalogueError
from knowledge.sheet import SheetError
from knowledge.ward import WardError
from letters.errors import LetterError
from letters.template import TemplateError
from records import schema
from records.media import MediaStore


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "kiểm tra cài đặt, cơ sở dữ liệu, danh mục, lịch, kênh"
    command = nouns.add_parser("check", help=text, description=text)
    command.add_argument("--json", action="store_true", help="in một tài liệu JSON")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Print every line; 1 when one is bad."""
    lines = await look()
    if asked.json:
        print(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
    else:
        for line in lines:
            print(line)
    return 0 if all(line.good for line in lines) else 1


async def look() -> list[Line]:
    """Look at everything an operator can get wrong."""
    try:
        config = settings.load()
    except settings.SettingsError as error:
        return [Line("cài đặt", good=False, says=problem) for problem in error.problems]
    return [
        Line("cài đặt", good=True, says="đọc được"),
        *_knowledge(config),
        *_letters(config),
        *await _database(config),
        *_channels(config),
    ]


def _knowledge(config: settings.Settings) -> list[Line]:
    try:
        shelf = app.shelf_of(config)
    except (CatalogueError, WardError) as error:
        return [Line("nội dung", good=False, says=line) for line in str(error).splitlines()]
    full = sum(item.full for item in shelf.catalogue.procedures)
    return [
        Line("phường", good=True, says=f"{shelf.ward.title}, đường dây nóng {shelf.ward.hotline}"),
        Line("danh mục", good=True, says=f"{len(shelf.catalogue.procedures)} thủ tục, {full} thẻ đầy đủ"),
        Line("lịch", good=True, says=f"hôm nay {'làm việc' if _works_today(shelf) else 'nghỉ'}"),
    ]


def _letters(config: settings.Settings) -> list[Line]:
    """Look at templates, the ward's rules for letters, and the face they are set in."""
    try:
        shelf = app.shelf_of(config)
        letters = app.letters_of(config, shelf, MediaStore(config.data_dir))
    except (CatalogueError, WardError):
        return []  # told already
    except (SheetError, TemplateError, LetterError) as error:
        return [Line("thư", good=False, says=line) for line in str(error).splitlines()]
    waiting = len(letters.templates.unapproved)
    missing = letters.press.gaps()
    return [
        Line(
            "mẫu thư",
            good=True,
            says=f"{len(list(letters.templates))} mẫu, {waiting} mẫu chờ phường duyệt trước khi dùng",
            warning=waiting > 0,
        ),
        Line(
            "phông chữ thư",
            good=not missing,
            says=f"{letters.press.family}" + (f", thiếu {' '.join(missing[:20])}" if missing else ", đủ chữ"),
        ),
    ]


def _works_today(shelf: app.Shelf) -> bool:
    return shelf.calendar.is_working_day(here(app.clock()).date())


async def _database(config: settings.Settings) -> list[Line]:
    database = open_database(config)
    try:
        current = await schema.current(database)
        if current != schema.head():
            return [_version(current)]
        return [_version(current), *await check_staff.look(database, config)]
    except Exception as error:  # noqa: BLE001  whatever the driver says, the operator gets one line
        return [Line("cơ sở dữ liệu", good=False, says=f"không mở được ({type(error).__name__})")]
    finally:
        await database.close()


def _version(current: str) -> Line:
    if current and current != schema.head():
        return Line(
            "cơ sở dữ liệu",
            good=False,
            says=f"đang ở bản {current}, cần {schema.head()}; chạy lại `ward run`",
        )
    return Line("cơ sở dữ liệu", good=True, says=current or "trống, sẽ được tạo khi chạy")


def _channels(config: settings.Settings) -> list[Line]:
    telegram = "bật, " + config.telegram.mode if config.telegram.token else "tắt (chưa có mã)"
    zalo = "bật" if config.zalo.on else "tắt (chưa có tài khoản)"
    return [Line("Telegram", good=True, says=telegram), Line("Zalo", good=True, says=zalo)]
