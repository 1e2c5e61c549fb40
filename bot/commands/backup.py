"""`ward backup`, `ward restore`: keep a picture of everything in one file, and bring it back."""

import argparse
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import app, settings
from bot.commands import ledger
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from bot.store import KEY_FILE, audit_key
from feedback import erasure
from knowledge.calendar import HERE
from records import backup, quarantine, restore, trace
from records.archive import Flaw, Manifest, NotABackup, read
from records.database import Database
from records.media import MediaStore
from records.quarantine import Since
from records.restore import Order, Restored
from records.tokens import Given

AGAIN = "xóa lại sau khi khôi phục từ bản sao lưu"
ALL = "all"
_NUMBER = re.compile(r"[0-9]{1,9}")
_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_WHY = {
    Flaw.UNREADABLE: "không phải tệp nén đúng dạng",
    Flaw.TRUNCATED: "tệp bị cụt, có thể chép chưa xong",
    Flaw.MANIFEST: "bảng kê bên trong thiếu hoặc sai",
    Flaw.UNEXPECTED: "có phần không đúng với bảng kê",
    Flaw.CHANGED: "có phần đã bị đổi so với lúc sao lưu",
    Flaw.TOO_LARGE: "đĩa không đủ chỗ để mở ra",
}
_IN_USE = (
    "Cơ sở dữ liệu đang có nơi khác mở. Dừng dịch vụ (systemctl stop ward) và mọi lệnh, "
    "mọi cửa sổ cơ sở dữ liệu đang mở, rồi làm lại."
)
_TROUBLES: dict[type[Exception], str] = {
    backup.NothingToSave: "Chưa có dữ liệu để sao lưu. Kiểm tra WARD_DATABASE_URL.",
    backup.Damaged: "Cơ sở dữ liệu có trang bị hỏng: chưa sao lưu. Giữ các bản sao lưu cũ, kiểm tra đĩa.",
    restore.NotEmpty: (
        "Nơi khôi phục đang có dữ liệu. Nếu đúng là muốn thay thì thêm --replace: "
        "dữ liệu cũ được để sang bên, không bị xóa."
    ),
    restore.InUse: _IN_USE,
}


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "sao lưu tất cả vào một tệp, cả khi đang phục vụ"
    command = nouns.add_parser("backup", help=text, description=text)
    command.add_argument("file", type=Path, metavar="TỆP", help="tệp .tar.gz sẽ ghi, hoặc sẽ kiểm tra")
    command.add_argument("--check", action="store_true", help="chỉ kiểm tra một bản sao lưu đã có")
    command.add_argument("--without-key", action="store_true", help="không kèm khóa niêm phong audit.key")
    command.add_argument("--force", action="store_true", help="ghi đè nếu đã có tệp ấy")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run_backup)
    text = "khôi phục từ bản sao lưu; tin chờ gửi được giữ lại cho người quyết định"
    command = nouns.add_parser("restore", help=text, description=text)
    command.add_argument("file", type=Path, nargs="?", metavar="TỆP", help="bản sao lưu")
    command.add_argument("--replace", action="store_true", help="thay dữ liệu đang có; bản cũ để sang bên")
    command.add_argument("--release", metavar="SỐ", help="cho gửi một tin đã giữ lại, hoặc all: mọi tin")
    command.add_argument("--by", metavar="TÊN", default="", help="người làm; cần khi cho gửi")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run_restore)


async def run_backup(asked: argparse.Namespace) -> int:
    """Make a backup, or check one, and print what it holds."""
    with _told(asked.file):
        manifest = read(asked.file) if asked.check else await _make(asked)
    size = asked.file.stat().st_size
    if asked.json:
        print(json.dumps({"file": str(asked.file), "bytes": size, **_facts(manifest)}))
        return 0
    print("Bản sao lưu nguyên vẹn." if asked.check else f"Đã sao lưu vào {asked.file}.")
    for line in _described(manifest, size):
        print(f"  {line}")
    return 0


async def run_restore(asked: argparse.Namespace) -> int:
    """Bring a backup back, or let go what a restore held back."""
    if (asked.file is None) == (asked.release is None):
        raise Trouble("Cần tên tệp để khôi phục, hoặc --release để cho gửi tin đã giữ lại.")
    if asked.release is not None:
        return await _release(asked)
    with _told(asked.file):
        done = await restore.restore(asked.file, _order(asked, settings.load()))
    if asked.json:
        print(json.dumps(_outcome(done)))
        return 0
    for line in _report(done):
        print(line)
    return 0


async def _make(asked: argparse.Namespace) -> Manifest:
    config = settings.load()
    key = config.data_dir / KEY_FILE
    carried = key if config.audit_key is None and key.is_file() and not asked.without_key else None
    database = Database(config.database_url)
    try:
        return await backup.make(
            database,
            asked.file,
            media=MediaStore(config.data_dir),
            key=carried,
            software=version("ward"),
            now=app.clock(),
            force=asked.force,
        )
    finally:
        await database.close()


def _order(asked: argparse.Namespace, config: settings.Settings) -> Order:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    return Order(
        url=config.database_url,
        media=MediaStore(config.data_dir),
        key_file=config.data_dir / KEY_FILE if config.audit_key is None else None,
        own_key=lambda: audit_key(config),
        now=app.clock(),
        replace=asked.replace,
        given=_given(config.zalo),
        after=_after(app.shelf_of(config), asked.by or "restore"),
    )


def _given(zalo: settings.ZaloSettings) -> Given:
    """Return what the settings hold of Zalo, as the channel itself would present it."""
    secret = zalo.app_secret.get_secret_value() if zalo.app_secret else ""
    refresh = zalo.refresh_token.get_secret_value() if zalo.refresh_token else ""
    return Given(refresh=refresh, app=f"{zalo.app_id or ''}\n{secret}")


def _after(shelf: app.Shelf, who: str) -> Callable[[AsyncSession, Manifest, Since], Awaitable[None]]:
    """Return what forgets again who asked for it, and seals that a backup was brought back."""

    async def again(db: AsyncSession, manifest: Manifest, since: Since) -> None:
        work = ledger.work(db, shelf)
        for person in since.people:
            await erasure.forget_person(work, person, reason=AGAIN)
        detail = {"rows": manifest.rows, "forgotten_again": len(since.people)}
        on = f"backup:{manifest.made_at.isoformat()}"
        await trace.leave(db, who=who, what="restored", on=on, detail=detail, now=work.now)

    return again


async def _release(asked: argparse.Namespace) -> int:
    if not asked.by:
        raise Trouble("Cần --by TÊN: người quyết định cho gửi.")
    if asked.release != ALL and not _NUMBER.fullmatch(asked.release):
        raise Trouble(f"“{asked.release}” không phải số tin; ghi số, hoặc all để cho gửi mọi tin.")
    only = None if asked.release == ALL else int(asked.release)
    now = app.clock()
    async with ledger.opened(settings.load()) as database, database.writing() as db:
        count = await quarantine.release(db, now, only=only)
        if count:
            on = "deliveries" if only is None else f"delivery:{only}"
            await trace.leave(db, who=asked.by, what="release", on=on, detail={"count": count}, now=now)
    if not count:
        raise Trouble("Không có tin nào bị giữ lại vì khôi phục, hoặc lời của tin đã xóa.")
    print(json.dumps({"released": count}) if asked.json else f"Đã cho gửi {count} tin.")
    return 0


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Turn what backup and restore refuse into a sentence."""
    try:
        yield
    except FileExistsError as error:
        raise Trouble(f"Đã có tệp {file}. Chọn tên khác, hoặc thêm --force để ghi đè.") from error
    except NotABackup as error:
        raise Trouble(f"Không dùng được {file}: {_WHY[error.flaw]}. Chưa có gì bị thay đổi.") from error
    except restore.OtherKind as error:
        raise Trouble(
            f"Bản sao lưu này là của {_KINDS[str(error)]}; chỉ khôi phục về đúng loại ấy. "
            "Kiểm tra WARD_DATABASE_URL."
        ) from error
    except sqlite3.Error as error:
        raise Trouble(f"Không làm được: {type(error).__name__}. Kiểm tra đĩa và quyền ghi.") from error
    except tuple(_TROUBLES) as error:
        raise Trouble(_TROUBLES[type(error)]) from error


def _facts(manifest: Manifest) -> dict[str, Any]:
    return {
        "kind": manifest.kind,
        "schema": manifest.schema,
        "software": manifest.software,
        "made_at": manifest.made_at.isoformat(),
        "rows": manifest.rows,
        "tables": {table.name: table.rows for table in manifest.tables},
        "media": len(manifest.media),
        "left_out": manifest.left_out,
        "key": manifest.has_key,
    }


def _described(manifest: Manifest, size: int) -> Iterator[str]:
    made = manifest.made_at.astimezone(HERE)
    yield f"Lúc sao lưu: {made:%H:%M:%S %d/%m/%Y}, phần mềm {manifest.software}, bảng bản {manifest.schema}"
    yield f"Loại: {_KINDS[manifest.kind]}; {manifest.rows} dòng trong {len(manifest.tables)} bảng"
    yield f"Ảnh, tin thoại và tệp khác: {len(manifest.media)}"
    if manifest.left_out:
        yield f"Bỏ qua {manifest.left_out} tệp hỏng hoặc vừa bị xóa"
    yield "Khóa niêm phong: " + ("có" if manifest.has_key else "không kèm theo, nhớ cất riêng")
    yield f"Dung lượng: {size / 1_000_000:.1f} MB".replace(".", ",")
    yield "Trong tệp có lời người dân và token: giữ kín như bản chính."


def _outcome(done: Restored) -> dict[str, Any]:
    since = done.since
    return {
        **_facts(done.manifest),
        "withheld": done.held.withheld,
        "doubtful": done.held.doubtful,
        "waiting": done.held.waiting,
        "aside": done.aside,
        "old_key": done.old_key,
        "known_since": since.known,
        "erased_since": [
            {"day": str(day), "what": what, "count": count} for day, what, count in since.erased
        ],
        "forgotten_again": len(since.people),
        "refused_again": len(since.refusals),
        "left_again": list(since.left),
    }


def _report(done: Restored) -> Iterator[str]:
    """Say what is there now, what is held back, and what a person has to look at."""
    manifest, held = done.manifest, done.held
    made = manifest.made_at.astimezone(HERE)
    yield f"Đã khôi phục về lúc {made:%H:%M:%S %d/%m/%Y}: {manifest.rows} dòng, {len(manifest.media)} tệp."
    if done.aside:
        yield f"  Dữ liệu cũ để ở: {done.aside}"
    if done.old_key:
        yield f"  Khóa niêm phong cũ để ở: {done.old_key}"
    yield f"  Giữ lại {held.withheld} tin trả lời, báo việc: xem rồi cho gửi bằng ward restore --release SỐ --by TÊN"
    yield f"  Nghi ngờ {held.doubtful} thư, lời chúc: quyết định bằng ward deliveries --settle SỐ"
    yield f"  Tin đến chưa xử lý: {held.waiting}, sẽ được trả lời khi mở lại"
    yield "  Zalo: phải lấy refresh token mới trước khi mở lại"
    yield from _warned(done.since)
    yield "Tiếp theo: ward audit verify, ward check, rồi mở lại dịch vụ."


def _warned(since: Since) -> Iterator[str]:
    if not since.known:
        yield "CẢNH BÁO: không đọc được dữ liệu cũ nên không biết sau lúc sao lưu đã xóa gì của ai, ai đã ngừng nhận tin."
        return
    if since.erased:
        yield "CẢNH BÁO: sau lúc sao lưu đã xóa những thứ sau, nay có thể đã trở lại:"
        for day, what, count in since.erased:
            yield f"  {day:%d/%m/%Y}  {what}  {count}"
        yield f"  Đã xóa lại theo yêu cầu của {len(since.people)} người; phần hết hạn lưu được xóa lúc 02:30."
        yield "  Dòng nào không thuộc hai loại ấy thì đối chiếu sổ xóa trong dữ liệu cũ rồi xóa tay."
    if since.refusals:
        yield f"  Đã ghi lại {len(since.refusals)} lời từ chối nhận tin sau lúc sao lưu."
    if since.left:
        yield f"  Đã ngừng lại tài khoản của: {', '.join(since.left)}."
