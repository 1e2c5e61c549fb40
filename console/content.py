"""Nội dung: the ward's own pages and the words of its letters; what counts now, what waits, what was before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web

from console.door import Door, get
from console.procedures import EDIT, STATES, names_of_staff
from console.trouble import NOT_FOUND
from console.visit import Visit
from knowledge import content_forms, contents
from knowledge.calendar import Calendar
from knowledge.holidays import Kind, load_overrides
from knowledge.posting import office
from knowledge.sheet import open_sheet
from knowledge.when import WEEKDAYS, time_of_day
from letters import rewording
from letters.template import template_of
from records import proposals
from records.console import ContentDraft, DraftState

BEFORE_LETTERS: Final = "thu."  # before a letter's name in an address: no slash may stand there
DAYS_AHEAD: Final = 14
NOTHING: Final[Mapping[str, Any]] = {"hours": (), "days": (), "due": (), "letter": None}
FORM_OF: Final[Mapping[str, content_forms.Form]] = {form.page: form for form in content_forms.FORMS}


def token_of(page: str) -> str:
    """Return how an address names *page*.

    >>> token_of("letters/condolence.txt"), token_of("week.toml")
    ('thu.condolence', 'week.toml')
    """
    return f"{BEFORE_LETTERS}{contents.letter_name(page)}" if contents.is_letter(page) else page


def page_of(visit: Visit) -> str:
    """Return the page the address names. Raises Refused for one there is not."""
    token = visit.request.match_info["page"]
    name = token.removeprefix(BEFORE_LETTERS)
    if token in contents.BY_FILE:
        return token
    if token.startswith(BEFORE_LETTERS) and name in visit.letters.shelf.templates.by_name:
        return f"{contents.LETTERS}{name}{contents.ENDING}"
    raise NOT_FOUND


def title_of(visit: Visit, page: str) -> str:
    """Return what staff call *page*."""
    if page in contents.BY_FILE:
        return contents.BY_FILE[page].title
    template = visit.letters.shelf.templates.by_name.get(contents.letter_name(page))
    return f"Lời thư: {template.title}" if template else page


async def text_in_force(visit: Visit, page: str) -> str:
    """Return the text that counts for *page*: the one published last, else the folder's."""
    rows = await proposals.in_force(visit.db)
    return rows[page].document if page in rows else visit.house.original_page(page)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One page in the list."""

    page: str
    token: str
    title: str
    about: str
    responsible: str
    checked_on: date | None
    version: int  # 0: the folder's own file
    open: DraftState | None


async def everything(visit: Visit) -> web.Response:
    """List all pages and all words of letters, and what waits for a decision."""
    published = await proposals.in_force(visit.db)
    waiting = {row.page: row.state for row in await proposals.open_ones(visit.db, ContentDraft)}
    pages = [_line(visit, page, published, waiting) for page in contents.PAGES]
    templates = sorted(visit.letters.shelf.templates, key=lambda one: one.title)
    return visit.page(
        "content_list.html",
        pages=pages,
        letters=[
            (
                one,
                one.title,
                token_of(f"{contents.LETTERS}{one.name}{contents.ENDING}"),
                _state_of(one.name, waiting),
            )
            for one in templates
        ],
        proposed=await proposals.waiting(visit.db, ContentDraft),
        titles={row_page: title_of(visit, row_page) for row_page in waiting},
        names=await names_of_staff(visit),
        states=STATES,
        forms=FORM_OF,
    )


def _state_of(name: str, waiting: Mapping[str, DraftState]) -> DraftState | None:
    return waiting.get(f"{contents.LETTERS}{name}{contents.ENDING}")


def _line(
    visit: Visit,
    page: contents.Page,
    published: Mapping[str, ContentDraft],
    waiting: Mapping[str, DraftState],
) -> Line:
    row = published.get(page.file)
    text = row.document if row is not None else visit.house.original_page(page.file)
    checked = contents.checked_of(page.file, text)
    return Line(
        page=page.file,
        token=token_of(page.file),
        title=page.title,
        about=page.about,
        responsible=checked.responsible if checked else "",
        checked_on=checked.checked_on if checked else None,
        version=row.version if row is not None else 0,
        open=waiting.get(page.file),
    )


async def one(visit: Visit) -> web.Response:
    """Show a page as it counts now, and everything that became of it."""
    page = page_of(visit)
    text = await text_in_force(visit, page)
    rows = await proposals.history(visit.db, ContentDraft, page)
    current = (await proposals.in_force(visit.db)).get(page)
    return visit.page(
        "content_page.html",
        page=page,
        token=token_of(page),
        title=title_of(visit, page),
        about=contents.BY_FILE[page].about if page in contents.BY_FILE else "",
        form=FORM_OF.get(page),
        text=text,
        rows=rows,
        current=current,
        open=await proposals.open_one(visit.db, ContentDraft, page),
        means=meaning(visit, page, text),
        names=await names_of_staff(visit),
        states=STATES,
    )


async def draft(visit: Visit) -> web.Response:
    """Show one version: what it changes, what it means, and what may be done with it."""
    row = await visit.db.get(ContentDraft, visit.number("number"), populate_existing=True)
    if row is None:
        raise NOT_FOUND
    now = await text_in_force(visit, row.page)
    return visit.page(
        "content_draft.html",
        row=row,
        token=token_of(row.page),
        title=title_of(visit, row.page),
        changes=contents.line_changes(row.page, now, row.document),
        means=meaning(visit, row.page, row.document),
        mine=row.by == visit.person.id,
        names=await names_of_staff(visit),
        states=STATES,
    )


def meaning(visit: Visit, page: str, text: str) -> Mapping[str, Any]:
    """Return what *text* would mean to residents, for a page that counts or draws something."""
    if problems_of(page, text):
        return {}
    if page == "office.toml":
        return {**NOTHING, "hours": _hours_ahead(visit, text)}
    if page == contents.HOLIDAYS:
        return {**NOTHING, "days": _odd_days(visit, text), "due": _due(visit, text)}
    if contents.is_letter(page):
        template = template_of(contents.letter_name(page), text)
        return {
            **NOTHING,
            "letter": rewording.shape(template),
            "facts": rewording.facts_for(template),
            "layout": rewording.LAYOUTS[template.layout],
        }
    return {}


def problems_of(page: str, text: str) -> list[str]:
    """Return what is wrong with *text* as *page*, a line each."""
    if contents.is_letter(page):
        return rewording.problems_of(contents.letter_name(page), text)
    return contents.problems_of(page, text)


def _hours_ahead(visit: Visit, text: str) -> list[tuple[str, str]]:
    """Return the hours of the next days, as residents would be told them."""
    hours = office(open_sheet(text, "office.toml", [])).hours
    calendar = Calendar(hours, visit.house.shelf.calendar.overrides)
    days = [visit.today + timedelta(days=step) for step in range(DAYS_AHEAD)]
    return [(f"{WEEKDAYS[day.weekday()]} {day:%d/%m}", _open_on(calendar, day)) for day in days]


def _open_on(calendar: Calendar, day: date) -> str:
    spans = [f"{time_of_day(start)}–{time_of_day(end)}" for start, end in calendar.hours_on(day)]
    holiday = calendar.holiday_name(day)
    return ", ".join(spans) or (f"nghỉ: {holiday}" if holiday else "nghỉ")


def _odd_days(visit: Visit, text: str) -> list[tuple[str, str, str]]:
    """Return the days off and made-up days from today on, with what they were until now."""
    now = visit.house.shelf.calendar
    then = Calendar(now.hours, load_overrides(text))
    years = (visit.today.year, visit.today.year + 1)
    known = {one.day: one for year in years for one in (*now.public_days(year), *then.public_days(year))}
    found = []
    for day in sorted(one for one in known if one >= visit.today):
        public = then.public_day(day)
        kind = "như ngày thường" if public is None else "nghỉ" if public.kind is Kind.OFF else "làm bù"
        changed = "" if public == now.public_day(day) else "thay đổi"
        found.append((f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}", f"{kind}: {known[day].name}", changed))
    return found


def _due(visit: Visit, text: str) -> list[tuple[int, date, date]]:
    """Return by when a dossier handed in today is due, now and with *text*, for some numbers of days."""
    now = visit.house.shelf.calendar
    then = Calendar(now.hours, load_overrides(text))
    return [
        (n, now.add_working_days(visit.today, n), then.add_working_days(visit.today, n))
        for n in (3, 5, 10, 15)
    ]


DOORS: tuple[Door, ...] = (
    get("/noi-dung", everything, EDIT),
    get("/noi-dung/trang/{page}", one, EDIT),
    get("/noi-dung/ban/{number}", draft, EDIT),
)
