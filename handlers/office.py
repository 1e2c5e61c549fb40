"""The office tells about itself: address, hours, people, days, old names.

`/vanphong` opens the menu; `/vanphong SLUG WORDS` a topic, with what is asked inside it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from handlers.office_words import guess
from handlers.phrases import office as phrases
from handlers.talk import LABEL_LENGTH, MAX_CHOICES, Choice, Handler, Reply, Turn
from knowledge.board import Checked, Officer, OldWard, Session, Week
from knowledge.calendar import here
from knowledge.fold import fold

Topic = Callable[[Turn], Awaitable[Reply]]

COMMAND: Final = "/vanphong"
AHEAD_DAYS: Final = 14  # a holiday further away is no news yet
SESSIONS: Final = 4  # shown at once
PEOPLE: Final = 3  # shown at once
DESKS: Final = MAX_CHOICES - 1  # one button stays for "more"
WEEK: Final = timedelta(days=7)
WEEKS_TO_SEARCH: Final = 8  # no weekday is a holiday longer than that

ADDRESS: Final = Choice("Địa chỉ, đường đi", f"{COMMAND} dia-chi")
HOURS: Final = Choice("Giờ làm việc", f"{COMMAND} gio")
HOTLINE: Final = Choice("Đường dây nóng", f"{COMMAND} hotline")
DIRECTORY: Final = Choice("Danh bạ", f"{COMMAND} danh-ba")
MORE: Final = Choice("Việc khác", f"{COMMAND} khac")
RECEPTION: Final = Choice("Lịch tiếp công dân", f"{COMMAND} tiep-dan")
RULES: Final = Choice("Nội quy, giấy tờ", f"{COMMAND} tiep-dan noi-quy")
THIS_WEEK: Final = Choice("Lịch tuần", f"{COMMAND} lich-tuan")
NEXT_WEEK: Final = Choice("Lịch tuần sau", f"{COMMAND} lich-tuan tuan-sau")
WHOLE_WEEK: Final = Choice("Cả tuần này", f"{COMMAND} lich-tuan ca-tuan")
NO_APPOINTMENT: Final = Choice("Ngày không hẹn", f"{COMMAND} khong-hen")
FACILITIES: Final = Choice("Tiện ích", f"{COMMAND} tien-ich")
OLD_NAMES: Final = Choice("Tên phường cũ", f"{COMMAND} phuong-cu")
OFFICER: Final = Choice("Gặp cán bộ", "/canbo")


async def office(turn: Turn) -> Reply:
    """Say what most people want to know, and offer the topics."""
    if turn.argument:
        return await topic(turn)
    ward = turn.ward
    text = phrases.card(phrases.menu(ward, _state(turn)), (), phrases.ASK_TOPIC, ward.office.checked)
    return Reply(text=text, choices=(ADDRESS, HOURS, HOTLINE, DIRECTORY, MORE))


async def topic(turn: Turn) -> Reply:
    """Answer the topic whose slug opens the argument; words it does not know are guessed."""
    slug, _, rest = turn.argument.strip().partition(" ")
    if slug in _ALL:
        return await _ALL[slug](turn.saying(rest.strip()))
    guessed = guess_topic(turn.argument)
    return await (_ALL[guessed] if guessed else office)(turn.saying(turn.argument if guessed else ""))


def guess_topic(text: str) -> str | None:
    """Return the slug of the topic everyday words ask about, or None.

    >>> guess_topic("Mấy giờ phường mở cửa?")
    'gio'
    """
    return guess(text)


async def more(_turn: Turn) -> Reply:
    """Offer the topics that do not stand on the first page."""
    shown = (RECEPTION, THIS_WEEK, NO_APPOINTMENT, FACILITIES, OLD_NAMES)
    return Reply(text=phrases.MORE_TOPICS, choices=shown)


async def address(turn: Turn) -> Reply:
    """Say where to go and how."""
    ward = turn.ward
    spots = f"{phrases.address(ward)}\n{phrases.seat(ward.office.seat)}"
    return _reply(spots, (), phrases.pages(ward), ward.office.checked, (HOURS, FACILITIES, HOTLINE))


async def hours(turn: Turn) -> Reply:
    """Say whether the door is open now, and what is unusual in the coming days."""
    rules = turn.ward.hours
    now = rules.season_on(here(turn.now).date())
    seasons = [now, *(season for season in rules.seasons if season != now)]
    weekend = phrases.weekend_open(rules.saturday) if rules.saturday else phrases.WEEKEND_CLOSED
    last = [phrases.same_day(rules.same_day_until)] if rules.same_day_until else []
    tail = "\n".join([weekend, *last, *_ahead(turn)])
    return _reply(
        phrases.hours(_state(turn)),
        [phrases.season(season) for season in seasons],
        tail,
        turn.ward.office.checked,
        (ADDRESS, NO_APPOINTMENT, HOTLINE),
    )


async def hotline(turn: Turn) -> Reply:
    """Give the number, whether somebody is there, and the numbers for emergencies."""
    head = phrases.hotline(turn.ward, _state(turn))
    return _reply(head, (), phrases.EMERGENCY, turn.ward.office.checked, (DIRECTORY, OFFICER))


async def directory(turn: Turn) -> Reply:
    """Name the person asked for, or show whom there is."""
    book = turn.ward.directory
    people = book.find(_asked(turn))
    if people:
        told = [phrases.person(officer) for officer in people[:PEOPLE]]
        return _reply(phrases.FOUND, told, "", book.checked, (DIRECTORY, RECEPTION, OFFICER))
    if turn.argument.startswith("trang-"):
        return _desks(turn, phrases.MORE_DESKS, turn.argument.removeprefix("trang-"))
    if turn.argument:
        return _desks(turn, phrases.nobody(turn.argument[:60]), "1")
    leaders = [phrases.leader(officer) for officer in book.people if officer.leader]
    head = phrases.leaders(turn.ward)
    return _reply(head, leaders, phrases.ASK_FIELD, book.checked, _desk_choices(turn, 1))


async def reception(turn: Turn) -> Reply:
    """Say when citizens are received next, first of all by the chairperson."""
    schedule = turn.ward.reception
    if turn.argument == "noi-quy":
        head = phrases.reception_rules(schedule)
        return _reply(head, schedule.rules, schedule.note, schedule.checked, (RECEPTION, HOTLINE))
    coming = _coming(turn)
    if not coming:
        head = phrases.reception_not_posted(turn.ward)
        return _reply(head, (), "", schedule.checked, (RULES, HOTLINE, OFFICER))
    chair = next((phrases.next_chair(one) for one in coming if one.chair), phrases.CHAIR_NOT_POSTED)
    return _reply(
        f"{phrases.reception(schedule.place)}\n{chair}",
        [_session(turn, one) for one in coming[:SESSIONS]],
        phrases.published(schedule.published_on, schedule.note),
        schedule.checked,
        (RULES, HOTLINE, OFFICER),
    )


async def week(turn: Turn) -> Reply:
    """Tell what the committee does from today to the end of the week, or say it is not posted."""
    today = here(turn.now).date()
    if turn.argument == "tuan-sau":
        return _next_week(turn, today + WEEK)
    plan = turn.ward.plan
    this = plan.week_of(today)
    if this is None:
        head = phrases.week_not_posted(_monday(today))
        return _reply(head, (), "", plan.checked, (NEXT_WEEK, HOTLINE, OFFICER))
    left = [entry for entry in this.entries if entry.day >= today]
    if turn.argument == "ca-tuan" or not left:
        return _week(turn, this, date.min, (NEXT_WEEK, RECEPTION))
    return _week(turn, this, today, (WHOLE_WEEK, NEXT_WEEK, RECEPTION))


async def no_appointment(turn: Turn) -> Reply:
    """Explain the day without appointments and say when it comes next."""
    rule, checked = turn.ward.office.no_appointment, turn.ward.office.checked
    if rule is None:
        return _reply(phrases.NO_NO_APPOINTMENT, (), "", checked, (HOURS, HOTLINE))
    coming = _next_no_appointment(turn)
    tail = phrases.next_no_appointment(coming) if coming else ""
    return _reply(phrases.no_appointment(rule), rule.results, tail, checked, (HOURS, ADDRESS))


async def facilities(turn: Turn) -> Reply:
    """Say what makes waiting easier."""
    told = turn.ward.office
    head = phrases.facilities(told.centre) if told.facilities else phrases.NO_FACILITIES
    return _reply(head, told.facilities, "", told.checked, (ADDRESS, HOURS))


async def old_names(turn: Turn) -> Reply:
    """Say where the people of a former ward go now."""
    known = turn.ward.old_wards
    named = known.find(_asked(turn))
    if not named:
        choices = tuple(_old_choice(old) for old in known.old[:MAX_CHOICES]) or (ADDRESS, HOTLINE)
        return _reply(phrases.which_old_ward(turn.ward), (), "", known.checked, choices)
    text = "\n".join(_old_ward(turn, old) for old in named[:PEOPLE])
    return _reply(text, (), "", known.checked, (ADDRESS, HOURS, HOTLINE))


_ALL: Final[Mapping[str, Topic]] = {
    "dia-chi": address,
    "gio": hours,
    "hotline": hotline,
    "danh-ba": directory,
    "tiep-dan": reception,
    "lich-tuan": week,
    "khong-hen": no_appointment,
    "tien-ich": facilities,
    "phuong-cu": old_names,
    "khac": more,
}
TOPICS: Final[dict[str, Handler]] = {slug: answer for slug, answer in _ALL.items() if slug != "khac"}


def _reply(
    head: str, items: Sequence[str], tail: str, checked: Checked, choices: tuple[Choice, ...]
) -> Reply:
    return Reply(text=phrases.card(head, items, tail, checked), choices=choices)


def _asked(turn: Turn) -> str:
    """Return what was asked inside a topic: the rest of a command, or the free words that led here."""
    said = turn.incoming.text
    return turn.argument or ("" if said.startswith("/") else said)


def _state(turn: Turn) -> str:
    """Say whether the door is open now."""
    now = here(turn.now)
    today = turn.calendar.hours_on(now.date())
    opens = turn.calendar.next_open(now)
    if opens == now:
        return phrases.open_until(next(end for _, end in today if end > now.time()))
    if opens.date() != now.date():
        return phrases.opens_on(opens)
    return phrases.lunch_until(opens) if today[0][0] < now.time() else phrases.opens_today(opens)


def _ahead(turn: Turn) -> list[str]:
    """Tell the next days off and made-up Saturday, if they are near."""
    today = here(turn.now).date()
    off = turn.calendar.next_break(today, AHEAD_DAYS)
    made_up = turn.calendar.next_make_up(today, AHEAD_DAYS)
    lines = [phrases.make_up(made_up)] if made_up else []
    if off is not None:
        lines.insert(0, phrases.one_day_off(off) if off.first == off.last else phrases.days_off(off))
    return lines


def _desks(turn: Turn, head: str, page: str) -> Reply:
    number = int(page) if page.isdecimal() and len(page) < len("1000") else 1
    return _reply(head, (), "", turn.ward.directory.checked, _desk_choices(turn, number))


def _desk_choices(turn: Turn, page: int) -> tuple[Choice, ...]:
    """Offer one page of the desks, and the next page if there is one."""
    desks = [officer for officer in turn.ward.directory.people if not officer.leader]
    first = max(page - 1, 0) * DESKS
    choices = [_desk_choice(officer) for officer in desks[first : first + DESKS]]
    if first + DESKS < len(desks):
        choices.append(Choice("Xem thêm", f"{DIRECTORY.say} trang-{max(page, 1) + 1}"))
    return tuple(choices) or (DIRECTORY, HOTLINE)


def _desk_choice(officer: Officer) -> Choice:
    return Choice(officer.words[0][:LABEL_LENGTH], f"{DIRECTORY.say} {fold(officer.words[0])}")


def _coming(turn: Turn) -> tuple[Session, ...]:
    """Return the sessions that are not over yet."""
    now = here(turn.now)
    coming = turn.ward.reception.from_day(now.date())
    return tuple(one for one in coming if one.day > now.date() or one.hours[1] > now.time())


def _session(turn: Turn, one: Session) -> str:
    works = turn.calendar.is_working_day(one.day)
    return phrases.session(one) if works else phrases.session_on_day_off(one)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_week(turn: Turn, day: date) -> Reply:
    coming = turn.ward.plan.week_of(day)
    if coming is not None:
        return _week(turn, coming, date.min, (THIS_WEEK, RECEPTION))
    head = phrases.next_week_not_posted(_monday(day))
    return _reply(head, (), "", turn.ward.plan.checked, (THIS_WEEK, HOTLINE))


def _week(turn: Turn, which: Week, since: date, choices: tuple[Choice, ...]) -> Reply:
    entries = [phrases.entry(entry) for entry in which.entries if entry.day >= since]
    tail = phrases.posted(which.published_on)
    return _reply(phrases.week(which), entries, tail, turn.ward.plan.checked, choices)


def _next_no_appointment(turn: Turn) -> date | None:
    """Return the next such day that is no holiday; today counts until its last hour."""
    rule, now = turn.ward.office.no_appointment, here(turn.now)
    if rule is None:
        return None
    first = now.date() + timedelta(days=(rule.weekday - now.weekday()) % 7)
    if first == now.date() and now.time() > rule.last_hour:
        first += WEEK
    days = (first + n * WEEK for n in range(WEEKS_TO_SEARCH))
    return next((day for day in days if turn.calendar.is_working_day(day)), None)


def _old_choice(old: OldWard) -> Choice:
    return Choice(old.name[:LABEL_LENGTH], f"{OLD_NAMES.say} {fold(old.name)}"[:60])


def _old_ward(turn: Turn, old: OldWard) -> str:
    """Say where to go: to us, or to the neighbour the old ward went to."""
    if old.became == turn.ward.name:
        season = turn.ward.hours.season_on(here(turn.now).date())
        return phrases.old_ward(old, turn.ward.address, phrases.spans(season.spans))
    near = turn.ward.old_wards.neighbour(old.became)
    lines = [phrases.old_ward_elsewhere(old), *([phrases.neighbour(near)] if near else [])]
    return "\n".join(lines)
