"""A month with Tết in it: the alerts the house sends are exactly those a plain calculation expects.

The calculation here shares no code with `feedback.clock`: it lists every working minute of
the season one by one and counts along that list.
"""

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import col, func, select

from feedback import acts, history, ladder
from feedback.acts import Hand
from feedback.states import OPEN
from knowledge.calendar import HERE
from knowledge.concerns import Level
from records import staff
from records.cases import EntryKind, Feedback, FeedbackState, Outcome, Staff
from tests.feedback.bench import CALENDAR, CONCERNS, WARD, Bench

CASES = 400
FIRST, LAST = datetime(2027, 1, 25, 7, 0, tzinfo=HERE), datetime(2027, 2, 26, 18, 0, tzinfo=HERE)
FIELDS = ("flood_drain", "waste", "noise", "policy", "late_dossier")
AWAY = {  # who, from, to, who stands in
    "cao.xuan.khang": (date(2027, 2, 1), date(2027, 2, 19), "dung"),
    "phung.van.dung": (date(2027, 1, 28), date(2027, 2, 5), None),
}
MINUTE = timedelta(minutes=1)


# --- the plain calculation --------------------------------------------------------------------------


def every_working_minute() -> list[datetime]:
    """Return the beginning of every minute somebody works, from a week before to three months after."""
    found, day = [], FIRST.date() - timedelta(days=7)
    while day < LAST.date() + timedelta(days=90):
        if CALENDAR.is_working_day(day):
            for start, end in WARD.hours.season_on(day).spans:
                at, until = datetime.combine(day, start, tzinfo=HERE), datetime.combine(day, end, tzinfo=HERE)
                while at < until:
                    found.append(at)
                    at += MINUTE
        day += timedelta(days=1)
    return found


MINUTES = every_working_minute()
DAYS = sorted({minute.date() for minute in MINUTES})


def after(start: datetime, minutes: int) -> datetime:
    """Return the moment when so many working minutes have passed since *start*."""
    if minutes == 0:
        return max(start, MINUTES[bisect_left(MINUTES, start)]) if start not in MINUTES else start
    return MINUTES[bisect_left(MINUTES, start) + minutes - 1] + MINUTE


def before(moment: datetime, minutes: int) -> datetime:
    return MINUTES[bisect_left(MINUTES, moment) - minutes]


def opening(day: date) -> datetime:
    return MINUTES[bisect_left(MINUTES, datetime.combine(day, time(), tzinfo=HERE))]


def nth_day(day: date, n: int) -> date:
    return DAYS[bisect_right(DAYS, day) + n - 1]


def deadline(plan: "Plan") -> datetime:
    term = CONCERNS.of(plan.category).term(plan.level, plan.taken.date())
    if term.minutes is not None:
        return after(plan.taken, term.minutes)
    first = MINUTES[bisect_left(MINUTES, plan.taken)].date()
    last = nth_day(first, term.working_days or 0)
    return (
        MINUTES[bisect_left(MINUTES, datetime.combine(last + timedelta(days=1), time(), tzinfo=HERE)) - 1]
        + MINUTE
    )


def steps(start: datetime, due: datetime) -> dict[str, datetime]:
    worked = bisect_left(MINUTES, due) - bisect_left(MINUTES, start)
    day_before = DAYS[bisect_left(DAYS, due.date()) - 1]
    same_hour = datetime.combine(day_before, due.time(), tzinfo=HERE)
    found = {
        "half": after(start, worked // 2),
        "before_24h": after(same_hour, 0),
        "before_2h": before(due, 120),
        "due": due,
    }
    for late in range(1, 40):
        found[f"late_{late}"] = opening(nth_day(due.date(), late))
    return {name: at for name, at in found.items() if at > start}


RUNGS = {rung.moment: rung.to for rung in WARD.desks.ladder}


ORDER = [rung.moment for rung in WARD.desks.ladder]


def together(found: dict[str, datetime]) -> dict[str, tuple[datetime, tuple[str, ...]]]:
    """Of steps that fall on one moment the later rung stands for all, and reaches everybody."""
    told = {}
    for at in set(found.values()):
        names = sorted(
            (name for name, when in found.items() if when == at),
            key=lambda name: ORDER.index(name) if name in ORDER else 99,
        )
        told[names[-1]] = (at, tuple(dict.fromkeys(rung for name in names for rung in rungs_of(name))))
    return told


def rungs_of(name: str) -> tuple[str, ...]:
    return RUNGS.get(name) or RUNGS.get("late" if name.startswith("late_") else name, ())


def seen_on(at: datetime) -> date:
    """Return the day on which somebody can read what arrives at *at*: closing time is the next morning."""
    return MINUTES[bisect_left(MINUTES, at)].date()


def there(login: str, day: date) -> str | None:
    seen: set[str] = set()
    while login not in seen:
        seen.add(login)
        away = AWAY.get(login)
        if away is None or not away[0] <= day <= away[1]:
            return login
        if away[2] is None:
            return None
        login = away[2]
    return None


def reached(plan: "Plan", rungs: tuple[str, ...], at: datetime) -> set[str]:
    desk = WARD.desks.of_category(plan.category)
    holder = plan.officer_at(at)
    chain = [holder, desk.head, desk.vice_chair, WARD.desks.chair]
    order = ["officer", "head", "vice_chair", "chair"]
    found = set()
    for rung in rungs:
        above = [login for login in chain[order.index(rung) :] if login is not None]
        here = next((there(login, seen_on(at)) for login in above if there(login, seen_on(at))), None)
        if here:
            found.add(here)
    return found


def on_duty(category: str, at: datetime) -> str:
    """Return whose turn it is: one working day each, counted from New Year's Day."""
    desk = WARD.desks.of_category(category)
    worked = sum(
        CALENDAR.is_working_day(date(at.year, 1, 1) + timedelta(days=n))
        for n in range((seen_on(at) - date(at.year, 1, 1)).days + 1)
    )
    turn = worked % len(desk.on_duty)
    for login in (*desk.on_duty[turn:], *desk.on_duty[:turn]):
        away = AWAY.get(login)
        if away is None or not away[0] <= seen_on(at) <= away[1]:
            return login
    above = (desk.head, desk.vice_chair, WARD.desks.chair)
    return next(here for login in above if (here := there(login, seen_on(at))))


@dataclass
class Plan:
    """What will happen to one case."""

    taken: datetime
    category: str
    level: Level
    claimed: datetime | None
    answered: datetime | None
    extended: datetime | None
    code: str = ""
    log: list[tuple[datetime, str]] = field(default_factory=list)

    def claim_limit(self) -> datetime:
        return after(self.taken, WARD.desks.claim_minutes[self.level])

    def officer_at(self, at: datetime) -> str | None:
        if self.claimed is not None and self.claimed < at:
            return self.claimer()
        limit = self.claim_limit()
        return on_duty(self.category, limit) if limit <= at else None

    def claimer(self) -> str:
        return {"flood_drain": "dung"}.get(self.category, WARD.desks.of_category(self.category).head)

    def expected(self, until: datetime) -> set[tuple[str, str]]:
        """Return (name of the step with its deadline, login) of every alert."""
        end = min(until, self.answered or until)
        due = deadline(self)
        spans = [(self.taken, due, min(self.extended or end, end))]
        if self.extended is not None and self.extended < end:
            spans.append((self.extended, self.new_due(), end))
        found = set()
        for number, (begin, due_at, stop) in enumerate(spans):
            for name, (at, rungs) in together(steps(self.taken, due_at)).items():
                open_then = begin < at < stop or (at == begin and number) or (at == stop == until)
                if open_then:
                    found |= {
                        (f"{name}:{due_at.astimezone(HERE):%d%H%M}", login)
                        for login in reached(self, rungs, at)
                    }
        return found

    def new_due(self) -> datetime:
        due = max(deadline(self), self.extended or FIRST)
        return after(opening(nth_day(due.date(), 2)), 120)


# --- the month, lived -------------------------------------------------------------------------------


def plans(rng: random.Random) -> list[Plan]:
    made = []
    for _ in range(CASES):
        taken = FIRST + timedelta(
            minutes=rng.randrange(int((LAST - FIRST - timedelta(days=4)).total_seconds() // 60))
        )
        level = rng.choices([Level.URGENT, Level.NORMAL, Level.COMPLEX], [2, 6, 2])[0]
        plan = Plan(taken, rng.choice(FIELDS), level, None, None, None)
        if rng.random() < 0.7:  # the rest waits until it is given to somebody
            plan.claimed = min(after(taken, rng.randrange(1, 400)), plan.claim_limit() - timedelta(seconds=1))
            plan.claimed = plan.claimed.replace(second=31)
        due = deadline(plan)
        if rng.random() < 0.15 and plan.claimed is not None:
            plan.extended = before(due, 30) + timedelta(seconds=17)
        if rng.random() < 0.85:
            plan.answered = after(taken, rng.randrange(500, 9000)).replace(second=43)
            if plan.claimed is not None and plan.answered <= plan.claimed:
                plan.answered = plan.claimed + timedelta(minutes=5)
            if plan.extended is not None and plan.answered <= plan.extended:
                plan.extended = None
        made.append(plan)
    return made


class Month:
    """Lives the plans on a real database, looking at the clock whenever a case wants to be looked at."""

    def __init__(self, bench: Bench, made: list[Plan]) -> None:
        self.bench = bench
        self.made = made
        self.longest_without_owner = timedelta()

    async def live(self) -> None:
        todo = [(plan.taken, 0, n) for n, plan in enumerate(self.made)]
        todo += [(plan.claimed, 1, n) for n, plan in enumerate(self.made) if plan.claimed]
        todo += [(plan.extended, 2, n) for n, plan in enumerate(self.made) if plan.extended]
        todo += [(plan.answered, 3, n) for n, plan in enumerate(self.made) if plan.answered]
        for at, what, n in sorted(todo):
            if at > LAST:
                break
            await self.tick_until(at)
            self.bench.now = at
            await self.do(what, self.made[n])
        await self.tick_until(LAST + timedelta(seconds=1))

    async def tick_until(self, until: datetime) -> None:
        while (due := await self.next_due()) is not None and due < until:
            self.bench.now = max(due, self.bench.now)
            async with self.bench.work() as work:
                numbers = await ladder.waiting(work)
            for number in numbers:
                async with self.bench.work() as work:
                    await ladder.look(work, number)

    async def next_due(self) -> datetime | None:
        async with self.bench.database.reading() as db:
            unclaimed = col(Feedback.officer_id).is_(None) & (col(Feedback.state) == FeedbackState.NEW)
            claim = (await db.exec(select(func.min(Feedback.claim_by)).where(unclaimed))).one()
            step = (await db.exec(select(func.min(Feedback.next_alert_at)))).one()
        moments = [at for at in (claim, step) if at is not None]
        return min(moments) if moments else None

    async def do(self, what: int, plan: Plan) -> None:
        if what == 0:
            taken = await self.bench.report(
                category=plan.category, level=plan.level, text="Việc thử trong tháng"
            )
            plan.code = taken.case.code
            assert taken.case.due_at == deadline(plan)
            return
        async with self.bench.work() as work:
            case = await history.by_code(work.db, plan.code)
            assert case is not None
            holder = await staff.by_login(work.db, plan.claimer())
            if what != 1 and case.officer_id is not None:
                holder = await work.db.get(Staff, case.officer_id)
            assert holder is not None
            hand = Hand(person=holder)
            if what == 1:
                await acts.claim(work, plan.code, hand)
            elif what == 2:
                await acts.extend(work, plan.code, hand, "chờ vật tư về", plan.new_due())
            elif case.state in OPEN:
                await acts.answer(work, plan.code, hand, "đã xử lý xong tại chỗ", Outcome.RESOLVED)


async def sent(bench: Bench, plan: Plan) -> set[tuple[str, str]]:
    """Return the alerts of the ladder that were put in the outbox, as the calculation names them."""
    found = set()
    for row in await bench.told(f"alert:{plan.code}:"):
        _, _, name, rest = row.key.split(":", 3)
        if name.split("_")[0] in ("half", "before", "due", "late"):
            stamp, login = rest.split(":")
            found.add((f"{name}:{stamp[4:]}", login))
    return found


@pytest.fixture
def database_url(sqlite_url):
    """One kind of database: the acts themselves are tried on both elsewhere."""
    return sqlite_url


async def test_a_month_with_tet_in_it_alerts_exactly_whom_a_plain_calculation_names(bench):
    rng = random.Random(20270206)
    made = plans(rng)
    async with bench.database.writing() as db:
        for login, (first, last, deputy) in AWAY.items():
            person = await staff.by_login(db, login)
            assert person is not None
            stand_in = await staff.by_login(db, deputy) if deputy else None
            await staff.note_absence(db, person, first, last, stand_in)
    month = Month(bench, made)
    await month.live()

    wrong = {}
    for plan in made:
        got, wanted = await sent(bench, plan), plan.expected(LAST)
        if got != wanted:
            wrong[plan.code] = (plan, sorted(got - wanted), sorted(wanted - got))
    assert not wrong, f"{len(wrong)} of {CASES}: {next(iter(wrong.items()))}"

    await nobody_waited_too_long_for_an_owner(bench, made)
    await every_answer_was_told(bench)


async def nobody_waited_too_long_for_an_owner(bench: Bench, made: list[Plan]) -> None:
    async with bench.database.reading() as db:
        for plan in made:
            case = await history.by_code(db, plan.code)
            assert case is not None
            claims = [line.at for line in await history.lines(db, case) if line.kind is EntryKind.CLAIMED]
            if plan.claim_limit() <= LAST:
                assert min(claims) <= plan.claim_limit(), plan.code


async def every_answer_was_told(bench: Bench) -> None:
    async with bench.database.reading() as db:
        answered = (await db.exec(select(Feedback).where(col(Feedback.answered_at).is_not(None)))).all()
    assert len(answered) > 100  # the rest is answered after the month
    for case in answered:
        (told,) = await bench.told(f"case:{case.code}:answer:")
        assert (told.channel, told.user) == (case.channel, case.user)
        assert case.answer
        assert case.answer in (told.text or "")
