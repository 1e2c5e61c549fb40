"""`ward backup` and `ward restore` as an operator types them: what is told, what is refused, what a kill leaves."""

import gzip
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from benchmarks.warm import Warm
from bot.commands import backup, parser
from feedback import erasure
from records import outbox, rights, trace
from records.cases import RequestKind
from records.media import MediaStore
from records.tables import Address, Attachment, ChannelName, Delivery, Purpose
from tests import ready_made
from tests.conftest import FRIDAY

LAN = Address(ChannelName.WEB, "lan")
PURPOSES = (Purpose.REPLY, Purpose.ALERT, Purpose.LETTER)


@pytest.fixture(params=["sqlite", "postgres"])
def ward(request, operator, monkeypatch):
    """An operator of either kind of database, with one delivery of each purpose and one photo."""
    if backup not in parser.NOUNS:
        monkeypatch.setattr(parser, "NOUNS", (*parser.NOUNS, backup))
    if request.param == "postgres":
        template = request.getfixturevalue("postgres_template")
        url = request.getfixturevalue("make_postgres")(template)
        monkeypatch.setenv("WARD_DATABASE_URL", url)
        operator = type(operator)(url=url, told=operator.told)
    else:
        ready_made.lay(Path("ward.db"))
    operator.inside(fill)
    return operator


@pytest.fixture
def sqlite(operator, monkeypatch):
    """The same on SQLite alone, for what concerns its files."""
    if backup not in parser.NOUNS:
        monkeypatch.setattr(parser, "NOUNS", (*parser.NOUNS, backup))
    ready_made.lay(Path("ward.db"))
    operator.inside(fill)
    return operator


async def fill(bench) -> None:
    name = await MediaStore(Path()).save(b"anh thu nghiem")
    async with bench.database.writing() as db:
        for purpose in PURPOSES:
            await outbox.put(db, key=f"x:{purpose}", to=LAN, purpose=purpose, text="Thư", now=FRIDAY)
        row: dict[str, Any] = {"channel": LAN.channel, "user": LAN.user, "kind": "photo", "sha256": name}
        db.add(Attachment(**row, ref="p1", asked_at=FRIDAY, due_at=FRIDAY, fetched_at=FRIDAY))
        await trace.leave(db, who="a", what="b", on="c", detail={}, now=FRIDAY)


def count(ward):
    async def work(bench):
        async with bench.database.reading() as db:
            return (await db.exec(select(func.count()).select_from(Delivery))).one()

    return ward.inside(work)


def test_a_backup_says_what_it_holds_and_can_be_checked(ward):
    told = ward.does("backup", "a.tar.gz")
    assert "Đã sao lưu vào a.tar.gz." in told
    assert "Ảnh, tin thoại và tệp khác: 1" in told
    assert "không kèm theo" in told  # the key stands in the settings
    facts = json.loads(ward.does("backup", "a.tar.gz", "--check", "--json"))
    assert (facts["tables"]["delivery"], facts["media"], facts["key"]) == (3, 1, False)
    assert facts["bytes"] == Path("a.tar.gz").stat().st_size
    with tarfile.open("a.tar.gz") as seen:  # any tar can read it
        assert seen.getnames()[0] == "manifest.json"


def test_a_backup_there_is_not_overwritten_by_mistake(ward):
    ward.does("backup", "a.tar.gz")
    assert "--force" in ward.is_refused("backup", "a.tar.gz")
    ward.does("backup", "a.tar.gz", "--force")


def test_the_key_goes_along_when_it_lies_in_a_file(ward, monkeypatch):
    Path("audit.key").write_text("ab" * 32)
    monkeypatch.delenv("WARD_AUDIT_KEY")
    assert json.loads(ward.does("backup", "a.tar.gz", "--json"))["key"] is True
    assert json.loads(ward.does("backup", "b.tar.gz", "--json", "--without-key"))["key"] is False


def test_an_operator_restores_and_releases_what_was_held(ward):
    ward.does("backup", "a.tar.gz")
    assert "--replace" in ward.is_refused("restore", "a.tar.gz")
    told = ward.does("restore", "a.tar.gz", "--replace", "--by", "Hạnh")
    assert "Giữ lại 2 tin" in told
    assert "Nghi ngờ 1 thư" in told
    assert "Dữ liệu cũ để ở" in told
    assert "nguyên vẹn: 2 dòng" in ward.does("audit", "verify")

    rows = [json.loads(line) for line in ward.does("deliveries", "--json").splitlines()]
    assert {row["error"] for row in rows} == {"khôi phục từ bản sao lưu"}
    held = [row["id"] for row in rows if row["state"] == "withheld"]
    (letter,) = [row["id"] for row in rows if row["state"] == "doubtful"]
    assert "--by" in ward.is_refused("restore", "--release", "all")
    assert "không phải số tin" in ward.is_refused("restore", "--release", "x", "--by", "Hạnh")
    assert "Không có tin nào" in ward.is_refused("restore", "--release", str(letter), "--by", "Hạnh")
    ward.does("restore", "--release", str(held[0]), "--by", "Hạnh")
    assert json.loads(ward.does("restore", "--release", "all", "--by", "Hạnh", "--json")) == {"released": 1}
    ward.does("deliveries", "--settle", str(letter), "--as", "sent", "--by", "Hạnh")
    assert "Cần tên tệp" in ward.is_refused("restore")


def test_a_restore_in_json(ward):
    ward.does("backup", "a.tar.gz")
    told = json.loads(ward.does("restore", "a.tar.gz", "--replace", "--json"))
    assert (told["withheld"], told["doubtful"], told["known_since"], told["erased_since"]) == (2, 1, True, [])


def test_what_was_erased_since_is_told_loudly_and_erased_again(ward):
    async def forget(bench) -> None:
        async with bench.work() as work:
            row = await rights.ask(
                work.db, LAN, RequestKind.ERASE, now=bench.now, due_at=bench.now, done="đã xóa"
            )
            await erasure.forget_person(work, LAN, on=rights.name(row))

    async def texts(bench) -> list[str | None]:
        async with bench.database.reading() as db:
            rows = await db.exec(select(Delivery.text).where(Delivery.purpose != Purpose.ALERT))
            return list(rows.all())

    ward.does("backup", "a.tar.gz")
    ward.inside(forget)
    told = ward.does("restore", "a.tar.gz", "--replace")
    assert "CẢNH BÁO: sau lúc sao lưu đã xóa" in told
    assert "theo yêu cầu của 1 người" in told
    assert ward.inside(texts) == [None, None]


def test_nothing_is_restored_while_a_console_has_the_file_open(sqlite):
    sqlite.does("backup", "a.tar.gz")
    with closing(sqlite3.connect("ward.db")) as console:
        console.execute("SELECT count(*) FROM delivery").fetchone()
        assert "nơi khác mở" in sqlite.is_refused("restore", "a.tar.gz", "--replace")
    assert count(sqlite) == len(PURPOSES)
    sqlite.does("restore", "a.tar.gz", "--replace")


def test_a_damaged_database_is_not_saved_but_may_be_replaced(sqlite):
    sqlite.does("backup", "a.tar.gz")
    Path("ward.db").write_bytes(b"hong" * 5000)
    assert "bị hỏng" in sqlite.is_refused("backup", "b.tar.gz")
    assert not Path("b.tar.gz").exists()
    told = sqlite.does("restore", "a.tar.gz", "--replace")
    assert "CẢNH BÁO: không đọc được dữ liệu cũ" in told
    (aside,) = Path().glob("ward.db.truoc_khoi_phuc_*")
    assert aside.read_bytes() == b"hong" * 5000
    assert count(sqlite) == len(PURPOSES)


def test_a_log_left_lying_is_not_read_into_the_restored_file(sqlite):
    sqlite.does("backup", "a.tar.gz")
    with closing(sqlite3.connect("ward.db")) as console, console:
        console.execute("DELETE FROM delivery")
        console.commit()
        log = Path("ward.db-wal").read_bytes()
    Path("ward.db").unlink()
    Path("ward.db-wal").write_bytes(log)
    sqlite.does("restore", "a.tar.gz")
    assert count(sqlite) == len(PURPOSES)
    assert Path("ward.db").stat().st_mode & 0o777 == 0o600
    (aside,) = Path().glob("ward.db.truoc_khoi_phuc_*-wal")
    assert aside.read_bytes() == log


def test_a_backup_of_a_newer_version_is_refused(ward):
    async def age(bench) -> None:
        async with bench.database.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    ward.inside(age)
    ward.does("backup", "a.tar.gz")
    assert "bản mới hơn" in ward.is_refused("restore", "a.tar.gz", "--replace")


# --- strangers' files --------------------------------------------------------------------------


def members(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(path) as whole:
        return [(info, whole.extractfile(info).read()) for info in whole]  # type: ignore[union-attr]  # files only


def forge(path: Path, found: list[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.GNU_FORMAT) -> None:
    with tarfile.open(path, "w:gz", format=form) as whole:
        for info, content in found:
            info.size = len(content) if info.isreg() else 0
            whole.addfile(info, io.BytesIO(content))


def renamed(found: Any) -> Any:
    found[1][0].name = "../../bay.db"
    return found


def linked(found: Any) -> Any:
    found[1][0].type, found[1][0].linkname = tarfile.SYMTYPE, "/etc/passwd"
    return found


def extended(found: Any) -> Any:
    found[1][0].pax_headers = {"comment": "x" * 100_000}
    return found


def changed(found: Any) -> Any:
    info, content = found[-1]
    return [*found[:-1], (info, b"?" * len(content))]


def announced(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], Any]:
    def work(found: Any) -> Any:
        manifest = json.loads(found[0][1])
        change(manifest)
        return [(found[0][0], json.dumps(manifest).encode()), *found[1:]]

    return work


FORGERIES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a path out of the folder": (renamed, "không đúng với bảng kê"),
    "a path out of the folder that is announced": (
        announced(lambda it: it["members"][0].update(name="../../bay.db")),
        "bảng kê",
    ),
    "a link": (linked, "không đúng với bảng kê"),
    "an extended header": (extended, "không đúng với bảng kê"),
    "a member more": (lambda it: [*it, (tarfile.TarInfo("x"), b"x" * 99)], "không đúng với bảng kê"),
    "a member less": (lambda it: it[:-1], "bảng kê|cụt|đúng dạng"),
    "members in another order": (lambda it: [it[0], it[2], it[1], *it[3:]], "không đúng với bảng kê"),
    "other bytes": (changed, "đã bị đổi"),
    "no manifest": (lambda it: it[1:], "bảng kê"),
    "another manifest": (lambda it: [(it[0][0], b"{}"), *it[1:]], "bảng kê"),
    "another format": (announced(lambda it: it.update(format="x")), "bảng kê"),
    "a sentence for a table": (announced(lambda it: it["tables"][0].update(name='x"; DROP')), "bảng kê"),
    "an announced bomb": (
        announced(lambda it: it["members"][0].update(size=10**15)),
        "đĩa không đủ chỗ|không đúng với bảng kê",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_archive_is_refused_and_nothing_changes(ward, tmp_path, forgery):
    ward.does("backup", "a.tar.gz")
    form = tarfile.PAX_FORMAT if forgery == "an extended header" else tarfile.GNU_FORMAT
    work, why = FORGERIES[forgery]
    forge(Path("b.tar.gz"), work(members(Path("a.tar.gz"))), form)
    for line in (("backup", "--check", "b.tar.gz"), ("restore", "b.tar.gz", "--replace")):
        told = ward.is_refused(*line)
        assert any(word in told for word in why.split("|"))
    assert count(ward) == len(PURPOSES)
    assert not list(tmp_path.parent.glob("bay.db"))
    assert not list(tmp_path.glob(".ward-staging-*"))


@pytest.mark.parametrize("length", [0, 1, 30, 0.5, -9, -1])
def test_a_truncated_archive_is_refused(ward, length):
    ward.does("backup", "a.tar.gz")
    content = Path("a.tar.gz").read_bytes()
    Path("b.tar.gz").write_bytes(content[: int(length * len(content)) if length == 0.5 else length])
    assert "Không dùng được b.tar.gz" in ward.is_refused("restore", "b.tar.gz", "--replace")
    assert count(ward) == len(PURPOSES)


def test_rubbish_is_refused(ward):
    for content in (
        b"khong phai tep nen",
        gzip.compress(b"khong phai tar" * 100),
        gzip.compress(bytes(9999)),
    ):
        Path("b.tar.gz").write_bytes(content)
        assert "Không dùng được" in ward.is_refused("restore", "b.tar.gz", "--replace")
    assert ward.run("restore", "khong-co.tar.gz")[0] == 1


def test_a_trigger_in_a_strangers_database_is_refused(sqlite):
    with closing(sqlite3.connect("ward.db")) as console, console:
        console.execute("CREATE TRIGGER t AFTER UPDATE ON delivery BEGIN DELETE FROM trace; END")
    sqlite.does("backup", "a.tar.gz")
    assert "không đúng với bảng kê" in sqlite.is_refused("restore", "a.tar.gz", "--replace")


# --- kills -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def warm():
    with Warm() as process:
        yield process


@pytest.fixture
def killed_at(warm):
    """Run a command in a process of its own that dies when it comes to a point."""

    def run(point: str, *line: str) -> None:
        assert warm.wait(warm.begin(line, os.environ, Path("log.txt"), die_at=point)) == -9

    return run


@pytest.mark.parametrize("point", ["_pack", "_add", "_read_back", "sync_folder"])
def test_a_kill_while_saving_leaves_the_older_backup_or_the_new_one(ward, killed_at, point):
    ward.does("backup", "a.tar.gz")
    killed_at(f"records.backup:{point}", "backup", "a.tar.gz", "--force")
    ward.does("backup", "a.tar.gz", "--check")
    ward.does("backup", "b.tar.gz")
    assert not list(Path().glob(".ward-staging-*"))


@pytest.mark.parametrize(
    "point", ["read", "quarantine", "_bring_media", "_exchange", "_in_order", "_keep_also"]
)
def test_a_kill_while_restoring_leaves_the_old_state_whole(ward, killed_at, point):
    is_sqlite = ward.url.startswith("sqlite")
    if point in (("_in_order",) if is_sqlite else ("_exchange", "_keep_also")):
        pytest.skip("not on the way of this kind")
    ward.does("backup", "a.tar.gz")

    async def more(bench) -> None:
        async with bench.database.writing() as db:
            await outbox.put(db, key="y", to=LAN, purpose=Purpose.REPLY, text="Sau", now=FRIDAY)

    ward.inside(more)
    killed_at(f"records.restore:{point}", "restore", "a.tar.gz", "--replace")
    assert count(ward) == len(PURPOSES) + 1
    assert "nguyên vẹn" in ward.does("audit", "verify")
    ward.does("restore", "a.tar.gz", "--replace")
    assert count(ward) == len(PURPOSES)
    assert not list(Path().glob(".ward-staging-*"))
