"""`ward feedback enter|publish|unpublish`: take a case for somebody who called or came, show one to all."""

import argparse
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TypedDict

from bot import app, settings
from bot.commands import ledger
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from feedback import codes, intake, publishing
from feedback.intake import Report, Taken
from feedback.states import NotAllowed
from feedback.work import Work
from handlers import safety
from handlers.talk import clean
from knowledge import privacy, when
from knowledge.calendar import here
from knowledge.concerns import OTHER, Category, Concerns, Level
from knowledge.desks import Desks
from knowledge.fold import words
from knowledge.places import Places
from records.cases import Feedback, Source, Staff

SHORTEST, LONGEST = 5, 4000  # letters, as in the chat
LONGEST_PLACE = 300
SOURCES = (Source.PHONE, Source.COUNTER, Source.PAPER_BOX)
ABOUT_STAFF = "staff_attitude"  # names a unit, which must not handle it
_SPACING = re.compile(r"[\s.()-]")
_PHONE = re.compile(r"\+?\d{8,12}")
PUBLISHED = "Đã công bố {code}. Xem phần ai cũng đọc được: ward feedback show {code} --public"
Act = Callable[[Work, str, Staff], Awaitable[Feedback]]


def add(verbs: Nouns) -> None:
    """Add the commands to `ward feedback`."""
    verb = verbs.add_parser("enter", help="nhập hộ người gọi điện, đến quầy, bỏ thư góp ý")
    verb.add_argument("--source", required=True, choices=[str(source) for source in SOURCES])
    verb.add_argument("--text", required=True, metavar="LỜI", help="lời của người dân")
    verb.add_argument("--category", metavar="LĨNH_VỰC", help="không ghi thì đoán từ lời")
    verb.add_argument("--place", metavar="NƠI", help="số nhà, đường, mốc gần nhất")
    verb.add_argument("--phone", metavar="SỐ", help="số người dân muốn được báo")
    verb.add_argument("--by", required=True, metavar="TÊN_ĐĂNG_NHẬP", help="người nhập")
    verb.set_defaults(run=enter)
    showing = verbs.add_parser("publish", help="công bố một việc (bản đã che thông tin riêng)")
    showing.set_defaults(run=publish)
    hiding = verbs.add_parser("unpublish", help="thôi công bố một việc")
    hiding.set_defaults(run=unpublish)
    for changing in (showing, hiding):
        changing.add_argument("code", metavar="MÃ", help="ví dụ PA26-0417-7")
        changing.add_argument("--by", required=True, metavar="TÊN_ĐĂNG_NHẬP", help="người quyết định")
    for one in (verb, showing, hiding):
        one.add_argument("--json", action="store_true", help="in JSON")


async def enter(asked: argparse.Namespace) -> int:
    """Take a case as if its resident had written it; say what to read out to them."""
    config = settings.load()
    shelf = app.shelf_of(config)
    text, phone = _text(asked.text), _phone(asked.phone)
    category = _category(shelf.concerns, asked.category, text)
    async with ledger.opened(config) as database, database.writing() as db:
        person = await ledger.person_of(db, asked.by)
        report = Report(
            draft=f"entry:{secrets.token_hex(8)}",
            text=text,
            category=category.code,
            level=shelf.concerns.level(text, category),
            source=Source(asked.source),
            contact_phone=phone,
            behalf=True,
            about_desk=_about(shelf.ward.desks, category, text),
            entered_by=person.id,
            **_where(shelf.ward.places, ledger.said(asked.place or "")),
        )
        taken = await intake.take(ledger.work(db, shelf), report)
    _tell(asked, taken, category, shelf.ward.desks.desk(taken.case.desk).name)
    return 0


async def publish(asked: argparse.Namespace) -> int:
    """Show a case to everybody."""
    return await _change(asked, publishing.publish, PUBLISHED)


async def unpublish(asked: argparse.Namespace) -> int:
    """Show a case to nobody any more."""
    return await _change(asked, publishing.withdraw, "{code} không còn được công bố.")


async def _change(asked: argparse.Namespace, act: Act, said: str) -> int:
    config = settings.load()
    shelf = app.shelf_of(config)
    named = codes.named(asked.code)
    if named is None or named.year is None or named.check is None or not named.right:
        raise Trouble(f"“{asked.code}” không phải mã việc đầy đủ, ví dụ PA26-0417-7.")
    try:
        async with ledger.opened(config) as database, database.writing() as db:
            person = await ledger.person_of(db, asked.by)
            case = await act(ledger.work(db, shelf), codes.code_of(named.year, named.number), person)
    except NotAllowed as error:
        raise Trouble(str(error)) from error
    published = case.published_at.isoformat() if case.published_at else None
    facts = {"code": case.code, "published_at": published, "by": person.login}
    print(json.dumps(facts, ensure_ascii=False) if asked.json else said.format(code=case.code))
    return 0


def _text(text: str) -> str:
    """Return what the resident said; what may be a denunciation is not taken here. Raises `Trouble`."""
    said = clean(text)
    if not SHORTEST <= len(said) <= LONGEST:
        raise Trouble(f"Lời phản ánh cần từ {SHORTEST} đến {LONGEST} chữ cái.")
    kind = safety.gate_kind(f" {' '.join(words(said))} ")
    if kind:
        raise Trouble(
            f"Nội dung này có thể là {kind}: không nhập ở đây và không được lưu. "
            "Mời người dân nộp đơn có ký tên hoặc trình bày trực tiếp với cán bộ tiếp công dân."
        )
    return said


def _phone(text: str | None) -> str:
    """Return a number one can call, a mobile one or that of a house. Raises `Trouble`."""
    if not text:
        return ""
    number = privacy.phone_of(text) or _SPACING.sub("", text)
    if not _PHONE.fullmatch(number):
        raise Trouble("Số điện thoại cần từ 8 đến 12 chữ số, ví dụ 0236 0000 131.")
    return number


def _category(concerns: Concerns, code: str | None, text: str) -> Category:
    """Return the category *code*, else the one the words speak for. Raises `Trouble` with those there are."""
    known = {item.code: item for item in concerns.categories}
    if code is None:
        guesses = concerns.guess(text, 1)
        return guesses[0].category if guesses else known[OTHER]
    if code not in known:
        listed = "\n".join(f"  {item.code}: {item.title}" for item in concerns.categories)
        raise Trouble(f"Không có lĩnh vực “{code}”. Các mã đang có:\n{listed}")
    return known[code]


def _about(desks: Desks, category: Category, text: str) -> str:
    """Return the unit a complaint about somebody's manner names."""
    named = desks.named(text) if category.code == ABOUT_STAFF else []
    return named[0].code if named else ""


class _Where(TypedDict):
    place: str
    quarter: str
    latitude: float | None
    longitude: float | None


def _where(places: Places, said: str) -> _Where:
    found = places.understand(said) if said else None
    point = found.point if found else None
    return {
        "place": said[:LONGEST_PLACE],
        "quarter": found.quarter if found else "",
        "latitude": point.latitude if point else None,
        "longitude": point.longitude if point else None,
    }


def _tell(asked: argparse.Namespace, taken: Taken, category: Category, desk: str) -> None:
    """Say what to read out to the resident."""
    case = taken.case
    facts = {
        "code": case.code,
        "key": taken.key,
        "category": case.category,
        "level": case.level,
        "desk": case.desk,
        "due_at": here(case.due_at).isoformat(timespec="minutes"),
        "emergency": category.emergency if case.level == Level.URGENT else "",
    }
    if asked.json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    print(f"Đã nhận {case.code} (mã xem chi tiết: {taken.key}). Xin đọc cả hai mã cho người dân.")
    print(f"Lĩnh vực: {category.title}. {desk} tiếp nhận, trả lời chậm nhất {when.moment(case.due_at)}.")
    if facts["emergency"]:
        print(f"Việc gấp: nếu đang nguy hiểm, gọi ngay {category.emergency}.")
    if category.needs_place and not case.place:
        print("Chưa có nơi xảy ra; nếu biết, hãy báo cho đơn vị tiếp nhận.")
