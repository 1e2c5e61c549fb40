"""Reads register files and brings them in, one at a time, beside the pages; goes on after a restart.

What is to be done stands in the table: a file in state RECEIVED is to be read, one in state
APPLYING to be brought in. So a kill loses at most the run that was under way.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from console.house import House
from knowledge.calendar import here
from letters import stopping
from letters.work import on_duty
from records import bringing, importing, uploads
from records.cases import Staff
from records.console import Upload, UploadState
from records.database import is_away
from records.importers import FileRefused, Kind, Reading, error_sheet, proposing, sheet
from records.importers.reading import understand
from records.importing import File, Imported, Met
from records.letters import Resident
from records.uploads import UploadStore

PAUSE_S: Final = 0.05  # between two runs; whoever waits for SQLite comes first then
AWAY_S: Final = 5.0  # until the database is asked again
TIDY_S: Final = 60.0
AFTER_S: Final = 1.0
GRACE: Final = timedelta(minutes=2)  # a file that is not wanted may be wanted back for a moment
_BROKEN: Final = "Có lỗi ngoài dự tính khi đọc tệp này."
_TELL: Final = "Mời lưu lại tệp bằng Excel dạng .xlsx rồi thử lại; nếu vẫn lỗi, báo người quản trị."

log = logging.getLogger(__name__)


class ImportDesk:
    """The one who goes on with register files."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.store = UploadStore(house.data_dir)
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Have the table looked at now."""
        self._wake.set()

    def wake_soon(self) -> None:
        """Have the table looked at once the transaction under way is over."""
        asyncio.get_running_loop().call_later(AFTER_S, self._wake.set)

    async def run(self) -> None:
        """Go on for ever with what the table says is to be done."""
        await asyncio.to_thread(self.store.clear)
        while True:
            try:
                await self._round()
            except Exception as error:  # noqa: BLE001  the next file must be read whatever this one did
                if not is_away(error):
                    log.error("the desk of imports stumbled: %s", type(error).__name__)  # noqa: TRY400  a traceback may show values
                await asyncio.sleep(AWAY_S)

    async def _round(self) -> None:
        self._wake.clear()
        while (row := await self._next()) is not None:
            await self._go_on(row)
        await self.tidy()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), TIDY_S)

    async def _next(self) -> Upload | None:
        async with self._house.database.reading() as db:
            return await uploads.next_busy(db)

    async def _go_on(self, row: Upload) -> None:
        work: Callable[[Upload], Any] = self._bring if row.state is UploadState.APPLYING else self._read
        try:
            await work(row)
        except FileRefused as refused:
            await self._fail(row, refused.why, refused.todo, refused.preview)
        except FileNotFoundError:
            await self._fail(row, "Tệp đã lưu không còn trên máy chủ.", "Mời đưa tệp lên lại.")
        except Exception as error:
            if is_away(error):
                raise
            log.error("upload %s cannot be gone on with: %s", row.id, type(error).__name__)  # noqa: TRY400  a traceback may show values
            await self._fail(row, _BROKEN, _TELL)

    # --- reading and trying ---

    async def _read(self, row: Upload) -> None:
        number, now = row.id or 0, self._house.clock()
        reading = await self._reading(row, now)
        total = len(reading.rows)
        await self._note(number, total=total, done=0)
        done = await bringing.rehearse(
            self._house.database,
            importing.cut(reading, importing.AT_ONCE),
            await self._file(row),
            now,
            mourning_days=await self._days(now),
            pause=lambda: asyncio.sleep(PAUSE_S),
            progress=lambda rows: self._note(number, done=rows),
        )
        await self._lay_errors(number, done.reading)
        async with self._house.database.writing() as db:
            fresh = await db.get(Upload, number, populate_existing=True)
            if fresh is None or fresh.state is not UploadState.RECEIVED:
                return  # dropped meanwhile
            fresh.result, fresh.state = bringing.tried({}, done), UploadState.READ
            fresh.done, fresh.total, fresh.changed_at = 0, total, self._house.clock()
            db.add(fresh)

    async def _reading(self, row: Upload, now: datetime) -> Reading:
        """Return the register of an upload, and keep how its header was understood. Raises FileRefused."""
        content = await asyncio.to_thread(self.store.read, row.id or 0)
        if hashlib.sha256(content).hexdigest() != row.sha256:
            raise FileRefused("Tệp đã lưu không còn nguyên vẹn.", "Mời đưa tệp lên lại.")
        kind, mapping = Kind(row.kind), row.columns.get("mapping")
        grids = await asyncio.to_thread(sheet.read, content, row.file)
        proposal = await asyncio.to_thread(proposing.propose, grids, kind, mapping)
        if proposal is not None:
            await self._note(row.id or 0, proposal=proposing.packed(proposal))
        return await asyncio.to_thread(understand, grids, kind, mapping, today=here(now).date())

    async def _note(self, number: int, *, proposal: dict[str, Any] | None = None, **values: int) -> None:
        async with self._house.database.writing() as db:
            row = await db.get(Upload, number, populate_existing=True)
            if row is None:
                return
            for name, value in values.items():
                setattr(row, name, value)
            if proposal is not None:
                row.columns = {**row.columns, "proposal": proposal}
            db.add(row)

    async def _lay_errors(self, number: int, reading: Reading) -> None:
        if reading.refusals:
            content = await asyncio.to_thread(error_sheet, reading)
            await asyncio.to_thread(self.store.lay_errors, number, content, self._house.clock())

    # --- bringing in ---

    async def _bring(self, row: Upload) -> None:
        now = self._house.clock()
        reading, file, days = await self._reading(row, now), await self._file(row), await self._days(now)
        pieces = importing.cut(reading, importing.AT_ONCE)
        begun = len(row.result.get("runs", []))
        database = self._house.database
        met = await bringing.met_before(database, pieces[:begun], file, now, mourning_days=days)
        for piece in pieces[begun:]:
            if not await self._next_run(row, piece, file, days=days, met=met):
                return
            await asyncio.sleep(PAUSE_S)
        async with database.writing() as db:
            await uploads.turn(
                db, row.id or 0, UploadState.APPLYING, UploadState.DONE, self._house.clock(), done=row.total
            )
        await asyncio.to_thread(self.store.forget, row.id or 0)
        self._house.wake()

    async def _next_run(self, row: Upload, piece: Reading, file: File, *, days: int, met: Met) -> bool:
        now = self._house.clock()

        async def after(db: AsyncSession, done: Imported) -> None:
            await self._tell(db, done, now, days)

        return await bringing.bring(
            self._house.database, row.id or 0, piece, file, now, mourning_days=days, met=met, after=after
        )

    async def _tell(self, db: AsyncSession, done: Imported, now: datetime, days: int) -> None:
        """Keep festive words from houses that mourn now; tell the chairperson of what was refused."""
        for number in done.deceased:
            one = await db.get(Resident, number)
            if one is not None:
                await stopping.mourn(db, one, now, days=days)
        for late in done.late:
            await self._house.voice.of_second_promise(self._house.work(db, now), late)

    async def _file(self, row: Upload) -> File:
        async with self._house.database.reading() as db:
            person = await db.get(Staff, row.columns.get("confirmed_by", row.by))
        return File(name=row.file, sha256=row.sha256, by=person.login if person is not None else "")

    async def _days(self, now: datetime) -> int:
        async with self._house.database.reading() as db:
            return on_duty(db, now).shelf.policy.mourning_days

    # --- ends ---

    async def _fail(self, row: Upload, why: str, todo: str, preview: tuple[str, ...] = ()) -> None:
        async with self._house.database.writing() as db:
            fresh = await db.get(Upload, row.id, populate_existing=True)
            if fresh is None or fresh.state not in uploads.BUSY:
                return
            told = {"why": why, "todo": todo, "preview": list(preview)[:20]}
            fresh.state, fresh.result = UploadState.FAILED, {**fresh.result, **told}
            fresh.changed_at = self._house.clock()
            db.add(fresh)

    async def tidy(self) -> None:
        """Let files go that nobody wants any more."""
        now = self._house.clock()
        async with self._house.database.writing() as db:
            await uploads.abandoned(db, now)
        numbers = await asyncio.to_thread(self.store.numbers)
        if numbers:
            async with self._house.database.reading() as db:
                wanted = await _wanted(db, numbers, now)
            for number in set(numbers) - wanted:
                await asyncio.to_thread(self.store.forget, number)
        await asyncio.to_thread(self.store.sweep, now)


async def _wanted(db: AsyncSession, numbers: list[int], now: datetime) -> set[int]:
    """Return of which uploads the file may still be read."""
    unfinished = col(Upload.state).in_([*uploads.BUSY, UploadState.READ])
    lately = (col(Upload.state) == UploadState.DROPPED) & (col(Upload.changed_at) > now - GRACE)
    mended = (col(Upload.state) == UploadState.FAILED) & (col(Upload.changed_at) > now - uploads.UNDECIDED)
    found = await db.exec(select(Upload.id).where(col(Upload.id).in_(numbers), unfinished | lately | mended))
    return {number for number in found.all() if number is not None}


DESK: Final = web.AppKey("import_desk", ImportDesk)


def open_desk(house: House) -> Callable[[web.Application], AsyncIterator[None]]:
    """Return what has an application read and bring in registers while it runs."""

    async def opened(app: web.Application) -> AsyncIterator[None]:
        desk = app[DESK] = ImportDesk(house)
        task = asyncio.create_task(desk.run(), name="imports")
        yield
        task.cancel()
        await asyncio.wait([task])

    return opened
