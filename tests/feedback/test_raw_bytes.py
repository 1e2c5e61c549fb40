"""Every byte the ward has on disk, before and after a resident asked to be forgotten. On SQLite."""

import random
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlmodel import col, select

from feedback import acts, history, intake, own_data
from feedback.work import Work
from knowledge.concerns import Level
from records import shredder, trace
from records.cases import (
    Feedback,
    FeedbackState,
    Outcome,
    Source,
)
from records.tables import Address, Attachment, ChannelName
from tests.conversations.voices import handled, telegram
from tests.feedback.bench import Bench

OPUS = b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead\x01"
CANARIES = {
    "text": "kim quat mot",
    "caption": "kim quat hai",
    "place": "kim quat ba",
    "phone": "0900000444",
    "name": "Kim Quất Năm",
    "added": "kim quat bay",
    "reason": "kim quat tam",
    "answer": "kim quat chin",
}


def distinct_jpeg() -> bytes:
    """A picture no other picture looks like: noise, drawn from a fixed seed."""
    noise = random.Random(20261120).randbytes(96 * 96)
    made = BytesIO()
    Image.frombytes("L", (96, 96), noise).save(made, "JPEG", quality=90)
    return made.getvalue()


def raw(folder: Path) -> dict[str, bytes]:
    """Every byte the ward has on disk, except what is said about it in logs."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def where(folder: Path, marks: dict[str, bytes]) -> set[tuple[str, str]]:
    return {
        (name, file)
        for file, content in raw(folder).items()
        for name, mark in marks.items()
        if mark in content
    }


async def test_ten_things_a_resident_gave_are_nowhere_on_disk_after_they_asked(tmp_path, clock):
    async with telegram(tmp_path, clock, "webhook") as lan:
        office = lan.office
        await hear(lan, "xin chào")
        code, marks = await a_life_of_a_case(lan)
        assert {name for name, _ in where(tmp_path, marks)} == set(marks), "each canary was on disk"

        told = await hear(lan, "dữ liệu của tôi")
        assert CANARIES["name"] in told
        open_code = await another_open_case(lan)
        assert open_code in await hear(lan, "/xoadulieu")
        told = await hear(lan, "/xoadulieu that")
        assert f"{open_code}: đang xử lý, giữ để trả lời anh/chị (hạn" in told
        assert code not in told
        await handled(office, lan.peer)
        await office.database.scrubbed()
        assert await shredder.shred(office.database, office.media) == 2
        await office.database.scrub()

        assert where(tmp_path, marks) == set()
        async with office.database.reading() as db:
            case = await history.by_code(db, code)
            assert case is not None
            assert (case.state, case.category) == (FeedbackState.CLOSED, "flood_drain")
            assert (await trace.verify(db)).whole
    assert where(tmp_path, marks) == set(), "nor after the office closed"


async def hear(lan, text: str) -> str:
    """Say *text*, wait until everything is said, and return the last word."""
    lan.person.says(text)
    await handled(lan.office, lan.peer)
    return str(lan.person.heard[-1])


async def a_life_of_a_case(lan) -> tuple[str, dict[str, bytes]]:
    """Lan reports with a photo and a voice note, adds, hears an answer, reopens, and it is closed."""
    office, canary = lan.office, CANARIES
    before = len(lan.person.heard)
    lan.person.sends_photo(distinct_jpeg(), caption=f"nắp cống vỡ trước trường, {canary['caption']}")
    await handled(office, lan.peer)
    lan.person.sends_voice(OPUS + b"kim quat sau")
    await handled(office, lan.peer)
    assert len(lan.person.heard) > before
    await hear(lan, "/pa loai flood_drain")
    await hear(lan, "/pa sua noi")
    await hear(lan, f"hẻm 84 Nguyễn Trãi, cạnh tiệm {canary['place']}")
    await hear(lan, "/pa giu")
    await hear(lan, "/pa duanh")
    await hear(lan, "/pa sua lienhe")
    await hear(lan, canary["phone"])
    await hear(lan, f"nguy hiểm cho học sinh lắm, {canary['text']}")
    await hear(lan, "/pa moi")
    await hear(lan, "/pa gui")
    await office.fetch_attachments(office.clock())
    code = await newest_code(office)
    await correct_name(lan, canary["name"])
    await hear(lan, f"/bosung {code}")
    await hear(lan, f"hôm nay có người té, {canary['added']}")
    await hire(office)
    await answered(office, code, "Đã thay nắp mới.")
    await hear(lan, f"/molai {code} khac")
    await hear(lan, f"vẫn còn bấp bênh, {canary['reason']}")
    await answered(office, code, f"Đã gia cố; anh/chị nói “{canary['answer']}” là đúng.")
    await hear(lan, f"/danhgia {code} xong")
    await handled(office, lan.peer)
    marks = {name: mark.encode() for name, mark in canary.items()}
    return code, marks | await files_of(office)


async def correct_name(lan, name: str) -> None:
    async with lan.office.database.writing() as db:
        who = Address(ChannelName.TELEGRAM, str(lan.person.id))
        await own_data.correct(work_of(lan.office, db), who, "contact_name", name)


def work_of(office, db) -> Work:
    shelf = office.shelf
    return Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=office.clock())


async def newest_code(office) -> str:
    async with office.database.reading() as db:
        return (await db.exec(select(Feedback.code).order_by(col(Feedback.id).desc()))).first() or ""


async def hire(office) -> None:
    await Bench(office.database, office.clock()).hire()


async def answered(office, code: str, text: str) -> None:
    bench = Bench(office.database, office.clock())
    async with bench.work() as work:
        await acts.claim(work, code, await bench.hand("dung"))
        await acts.answer(work, code, await bench.hand("dung"), text, Outcome.RESOLVED)


async def another_open_case(lan) -> str:
    async with lan.office.database.writing() as db:
        who = Address(ChannelName.TELEGRAM, str(lan.person.id))
        report = intake.Report(
            draft="second",
            text="Đèn đường hỏng",
            category="lighting",
            level=Level.NORMAL,
            source=Source.TELEGRAM,
            who=who,
        )
        return (await intake.take(work_of(lan.office, db), report)).case.code


async def files_of(office) -> dict[str, bytes]:
    """Return a piece of the photo as the store has it, and where the voice note came from."""
    async with office.database.reading() as db:
        rows = list((await db.exec(select(Attachment))).all())
    (picture,) = [row for row in rows if row.kind == "photo"]
    (note,) = [row for row in rows if row.kind == "voice"]
    content = await office.media.read(picture.sha256)
    assert b"kim quat sau" in await office.media.read(note.sha256)
    return {"photo": content[-400:-300], "voice": b"kim quat sau", "ref": note.ref.encode()}
