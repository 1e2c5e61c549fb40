"""`ward calendar [YEAR]`: public holidays, made-up working days, and the days of greetings."""

import argparse
import json
from dataclasses import asdict
from datetime import date
from typing import Any

from bot import app, settings
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from handlers.phrases.when import day
from knowledge.calendar import here
from knowledge.greetings import GREETINGS_FILE, Audience, Occasion, load_greetings
from knowledge.holidays import PublicDay
from knowledge.lunar import YEARS, in_words, lunar_of
from knowledge.sheet import SheetError

KINDS = {"off": "nghỉ", "work": "làm bù"}
STATES = {True: "bật", False: "tắt"}
AUDIENCES = {
    Audience.EVERYONE: "toàn thể người dân",
    Audience.ELDERLY: "người cao tuổi",
    Audience.WOMEN: "hội viên phụ nữ",
    Audience.TEACHERS: "thầy cô giáo, trường học",
    Audience.HEALTH_WORKERS: "y bác sĩ, trạm y tế",
    Audience.PARENTS: "cha mẹ học sinh, trường học",
    Audience.YOUTH: "đoàn viên, thanh niên",
    Audience.WORKERS: "người lao động",
    Audience.BUSINESSES: "doanh nghiệp, hộ kinh doanh",
    Audience.VETERANS: "cựu chiến binh, quân nhân",
    Audience.MERIT_FAMILIES: "gia đình chính sách, người có công",
    Audience.PUBLIC_POST: "chỉ đăng tin chung",
}


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "ngày nghỉ lễ, ngày làm bù, ngày gửi lời chúc"
    command = nouns.add_parser("calendar", help=text, description=text)
    command.add_argument("year", nargs="?", type=int, metavar="NĂM")
    command.add_argument("--json", action="store_true", help="in JSON")
    command.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Print the days of a year."""
    year = here(app.clock()).year if asked.year is None else asked.year
    if year not in YEARS:
        raise Trouble(f"Lịch có từ năm {YEARS[0]} đến năm {YEARS[-1]}; hãy chọn một năm trong khoảng đó.")
    days = app.shelf_of(settings.load()).calendar.public_days(year)
    greetings = _greetings(year)
    if asked.json:
        print(json.dumps(_rows(days, greetings), ensure_ascii=False))
        return 0
    for item in days:
        print(f"{day(item.day)}  {KINDS[item.kind]}  {item.name}")
    print("\nNgày gửi lời chúc")
    for occasion in greetings:
        print(_line(occasion))
    return 0


def _greetings(year: int) -> list[Occasion]:
    try:
        return load_greetings(GREETINGS_FILE.read_text("utf-8")).occurrences(year)
    except SheetError as error:
        raise Trouble(str(error)) from error


def _line(occasion: Occasion) -> str:
    greeting = occasion.greeting
    state = f"giữ lại ({occasion.held})" if occasion.held else STATES[greeting.on]
    lunar = in_words(occasion.lunar).removeprefix("ngày ")
    return (
        f"{day(occasion.solar)}  âm lịch {lunar}  {state}  {greeting.name} · {AUDIENCES[greeting.audience]}"
    )


def _rows(days: list[PublicDay], greetings: list[Occasion]) -> list[dict[str, Any]]:
    """Return all days in order; a greeting stands before the holiday of the same day."""
    told = [_greeting_row(occasion) for occasion in greetings]
    told += [{**_dates(item.day), "kind": str(item.kind), "name": item.name} for item in days]
    return sorted(told, key=lambda row: str(row["date"]))


def _greeting_row(occasion: Occasion) -> dict[str, Any]:
    greeting = occasion.greeting
    return {
        **_dates(occasion.solar),
        "kind": "greeting",
        "name": greeting.name,
        "code": greeting.code,
        "audience": str(greeting.audience),
        "tone": str(greeting.tone),
        "on": greeting.on,
        "held": occasion.held,
        "sends_at": occasion.sends_at.isoformat(),
    }


def _dates(solar: date) -> dict[str, Any]:
    lunar = lunar_of(solar)
    return {"date": solar.isoformat(), "lunar": asdict(lunar), "lunar_words": in_words(lunar)}
