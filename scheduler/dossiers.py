"""What the clock does with dossiers: warn before a promise breaks, catch what broke, tell of results.

Three, two and one working days before the promised date the event that moves the apology is
there, and the unit is asked to choose: done in time, or an apology with the one new date.
`overdue` is the net below. Every function may run twice, and may be missed once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from sqlmodel import col, select

from feedback.work import Work
from knowledge import when
from knowledge.calendar import here
from knowledge.desks import Desk
from knowledge.wording import bold
from letters import announcing, lateness
from letters import results as waiting_results
from records import dossiers, events, outbox, people, staff
from records.cases import Staff
from records.letters import Dossier, DossierWatch, EventKind, ResidentAddress
from records.tables import Address, Contact, Delivery, Purpose

STAGES = (3, 2, 1, 0)  # working days before the promised date (domain: NĐ 61/2018/NĐ-CP, Điều 19 khoản 9)
LAST_CALL = 1  # the day by which an apology must be signed
AHEAD = timedelta(days=40)  # days looked ahead; three working days never span more
LISTED = 20  # dossiers named in one alert
BUTTONS = 5
PAUSE = timedelta(hours=1)  # between two notices to one person


@dataclass(frozen=True, kw_only=True)
class Near:
    """A dossier whose promise is near or broken; `left` working days, negative when it is past."""

    row: Dossier
    due_on: date
    left: int


# --- before the promise breaks -------------------------------------------------------------------


async def due_soon(work: Work) -> int:
    """Note what will be late unless somebody acts, and ask the units; return how many are new."""
    today = here(work.now).date()
    near = [one for one in await _near(work, today + AHEAD) if 0 <= one.left <= STAGES[0]]
    new = 0
    for one in near:
        new += await _move_apology(work, one)
    by_desk = _by_desk(work, near)
    for code, some in by_desk.items():
        await _ask(work, work.ward.desks.desk(code), some, today)
    await _warn_chair(work, [one for one in near if one.row.reappointments], today)
    return new


async def _near(work: Work, until: date) -> list[Near]:
    today = here(work.now).date()
    return [
        Near(row=row, due_on=row.current_due_on, left=_left(work, today, row.current_due_on))
        for row in await dossiers.promised(work.db, until)
        if row.current_due_on is not None
    ]


def _left(work: Work, today: date, due_on: date) -> int:
    """Return how many working days are left: 3 from the third working day before the date on."""
    if due_on < today:
        return -_late(work, due_on, today)
    return next(
        (stage for stage in reversed(STAGES) if work.calendar.working_days_before(due_on, stage) <= today),
        STAGES[0] + 1,
    )


def _late(work: Work, due_on: date, today: date) -> int:
    """Return how many working days have begun since the promised date; at least one."""
    days = (due_on + timedelta(days=past) for past in range(1, (today - due_on).days + 1))
    return max(1, sum(work.calendar.is_working_day(day) for day in days))


async def _move_apology(work: Work, one: Near) -> bool:
    """Note the event once; taken back by "done in time", it comes back on the last day to sign."""
    if one.row.reappointments:
        return False  # no second apology with a second date
    known = await events.by_key(work.db, key(EventKind.DUE_SOON, one))
    if known is not None and (known.cancelled_at is None or one.left > LAST_CALL):
        return False
    return await _note(work, EventKind.DUE_SOON, one)


def key(kind: EventKind, one: Near) -> str:
    """Return the key of the event about this promise."""
    return lateness.key(kind, one.row, one.due_on)


async def _note(
    work: Work, kind: EventKind, one: Near, said: Mapping[str, object] = MappingProxyType({})
) -> bool:
    facts = await lateness.facts(work.db, work.ward, one.row, late_days=max(0, -one.left))
    outcome = await events.note(
        work.db,
        key=key(kind, one),
        kind=kind,
        happened_on=one.due_on,
        facts={**facts, **said},
        now=work.now,
    )
    return outcome.noted is not events.Noted.KNOWN


# --- after it broke ------------------------------------------------------------------------------


async def overdue(work: Work) -> int:
    """Note every promise that broke, and tell unit and chairperson daily; return how many are new."""
    today = here(work.now).date()
    late = [one for one in await _near(work, today - timedelta(days=1)) if one.left < 0]
    new = 0
    for one in late:
        if await events.by_key(work.db, key(EventKind.OVERDUE, one)) is None:
            new += await _note(work, EventKind.OVERDUE, one, await _drop_earlier(work, one))
    for code, some in _by_desk(work, late).items():
        await _tell_desk(work, work.ward.desks.desk(code), f"overdue:{today}", overdue_text(some), some)
    await _warn_chair(work, late, today)
    return new


async def _drop_earlier(work: Work, one: Near) -> dict[str, object]:
    """One letter for one dossier: the apology ahead has missed its day; return what the unit said in it."""
    before = await events.by_key(work.db, key(EventKind.DUE_SOON, one))
    if before is None or one.row.reappointments:
        return {}
    await events.cancel(work.db, [before.key], work.now)
    return {name: before.facts[name] for name in lateness.SAID if name in before.facts}


# --- who is told ---------------------------------------------------------------------------------


def _by_desk(work: Work, near: Sequence[Near]) -> dict[str, list[Near]]:
    found: defaultdict[str, list[Near]] = defaultdict(list)
    for one in near:
        found[lateness.desk_of(work.ward, one.row).code].append(one)
    return found


async def _ask(work: Work, desk: Desk, some: Sequence[Near], today: date) -> None:
    """Ask the unit to choose, once a day, about what it has not chosen for."""
    open_ones = [one for one in some if not one.row.reappointments and not await _promised(work, one)]
    if open_ones:
        await _tell_desk(work, desk, f"due_soon:{today}", due_soon_text(open_ones), open_ones)


async def _promised(work: Work, one: Near) -> bool:
    """Tell whether the unit has chosen: it will be done in time, or an apology with a new date."""
    event = await events.by_key(work.db, key(EventKind.DUE_SOON, one))
    return event is not None and (event.cancelled_at is not None or "new_due_on" in event.facts)


async def _tell_desk(work: Work, desk: Desk, what: str, text: str, some: Sequence[Near]) -> None:
    """Tell the groups of a unit, or its head (whoever stands in), or at last the chairperson."""
    rooms = await staff.rooms(work.db, desk.code)
    head = None if rooms else await _account(work, desk.head)
    chair = None if rooms or head else await _account(work, work.ward.desks.chair)
    for number, where in enumerate([*rooms, *(to for to in (head, chair) if to is not None)]):
        await _alert(work, where, f"{what}:{desk.code}:{number}", text, some)


async def _warn_chair(work: Work, near: Sequence[Near], today: date) -> None:
    """Tell the chairperson, once a day, of promises that broke or will break a second time."""
    where = await _account(work, work.ward.desks.chair)
    if near and where is not None:
        await _alert(work, where, f"chair:{today}:{near[0].left < 0}", chair_text(near), ())


async def _account(work: Work, login: str) -> Address | None:
    person: Staff | None = await staff.by_login(work.db, login)
    person = await staff.present(work.db, person, here(work.now).date())
    accounts = await staff.accounts(work.db, person.id or 0) if person is not None else []
    return accounts[0] if accounts else None


async def _alert(work: Work, to: Address, what: str, text: str, some: Sequence[Near]) -> None:
    codes = [one.row.receipt_code for one in some][:BUTTONS]
    await outbox.put(
        work.db,
        key=f"alert:dossiers:{what}",
        to=to,
        purpose=Purpose.ALERT,
        text=text,
        now=work.now,
        choices=[(code[-20:], f"/hs {code}"[:64]) for code in codes],
    )


# --- results -------------------------------------------------------------------------------------


async def result_ready(work: Work) -> int:
    """Tell who waits that their result is there: in working hours, at most once an hour a person.

    Only with consent to such notices, never to a closed account. What came together is one
    notice; it is a machine's, and bears no name. Outside the window a form Zalo approved tells of one
    result at a time; what cannot go waits for the resident's next word.
    """
    if not work.calendar.is_open(work.now):
        return 0
    repeated = await waiting_results.again(work.db, work.now)
    waiting: defaultdict[Address, list[tuple[DossierWatch, Dossier]]] = defaultdict(list)
    for watching, row in await dossiers.waiting_for_result(work.db):
        waiting[Address(watching.channel, watching.user)].append((watching, row))
    told = 0
    for who, results in waiting.items():
        told += await _tell_result(work, who, results)
    return told + repeated


async def _tell_result(work: Work, who: Address, results: Sequence[tuple[DossierWatch, Dossier]]) -> bool:
    contact = await work.db.get(Contact, (who.channel, who.user))
    if not await _may_hear(work, who, contact):
        return False
    row, form = results[0][1], None
    if waiting_results.waits(who, contact, work.now):
        form, results = await announcing.of_result(work.db, who, row, work.now), results[:1]
        if form is None:
            return False
    told = await outbox.put(
        work.db,
        key=f"result_ready:{who.channel}:{who.user}:{row.id}:{work.now:%Y%m%dT%H%M}",
        to=who,
        purpose=Purpose.RESULT_READY,
        text=result_text([found for _, found in results], work),
        now=work.now,
        template=form,
    )
    await dossiers.mark_told(work.db, [watching for watching, _ in results], work.now)
    return told


async def _may_hear(work: Work, who: Address, contact: Contact | None) -> bool:
    agreed = (await people.consents(work.db, who)).get(Purpose.RESULT_READY)
    owner = await work.db.get(ResidentAddress, (who.channel, who.user))
    gone = (contact is not None and contact.off_since) or (owner is not None and owner.closed_at)
    if not agreed or gone:
        return False
    return not await _told_lately(work, who)


async def _told_lately(work: Work, who: Address) -> bool:
    found = await work.db.exec(
        select(Delivery.id)
        .where(
            col(Delivery.channel) == who.channel,
            col(Delivery.user) == who.user,
            col(Delivery.purpose) == Purpose.RESULT_READY,
            col(Delivery.created_at) > work.now - PAUSE,
        )
        .limit(1)
    )
    return found.first() is not None


# --- words ---------------------------------------------------------------------------------------


def _line(one: Near, tail: str) -> str:
    what = "" if one.row.sensitive else f" · {one.row.procedure_name}"
    return f"• {bold(one.row.receipt_code)}{what} · hẹn {when.short_day(one.due_on)}, {tail}"


def _lines(some: Sequence[Near]) -> list[str]:
    more = [f"… và {len(some) - LISTED} hồ sơ khác."] if len(some) > LISTED else []
    return [*(_line(one, _tail(one)) for one in some[:LISTED]), *more]


def _tail(one: Near) -> str:
    if one.left < 0:
        return f"đã quá {-one.left} ngày làm việc"
    return f"còn {one.left} ngày làm việc" if one.left else "đến hẹn hôm nay"


def due_soon_text(some: Sequence[Near]) -> str:
    """Ask a unit to choose: done in time, or an apology."""
    return "\n".join(
        [
            f"⏰ {bold(f'{len(some)} hồ sơ sắp đến hẹn')} mà chưa có kết quả. Mỗi hồ sơ xin chọn một trong hai:",
            "xong đúng hẹn, hoặc xin lỗi và hẹn lại (chỉ được một lần).",
            *_lines(some),
            "Thư xin lỗi phải ký chậm nhất một ngày làm việc trước ngày hẹn.",
            f"Gõ {bold('/hs')} kèm mã hồ sơ để chọn.",
        ]
    )


def overdue_text(some: Sequence[Near]) -> str:
    """Tell a unit what it owes."""
    return "\n".join(
        [
            f"🔴 {bold(f'{len(some)} hồ sơ quá hẹn')} mà chưa có kết quả. Hồ sơ chưa hẹn lại thì xin ghi ngay lý do cụ thể và ngày hẹn mới:",
            *_lines(some),
            f"Gõ {bold('/hs')} kèm mã hồ sơ để ghi lý do, ngày hẹn.",
        ]
    )


def chair_text(near: Sequence[Near]) -> str:
    """Tell the chairperson of what is late, or was put off and is about to be late again."""
    head = "quá hẹn" if near[0].left < 0 else "đã hẹn lại một lần, nay lại sắp đến hẹn"
    return "\n".join(
        [
            f"Báo Chủ tịch: {bold(f'{len(near)} hồ sơ {head}')}.",
            *_lines(near),
            "Hồ sơ đã hẹn lại một lần thì không được hẹn nữa; xin cho ý kiến chỉ đạo.",
        ]
    )


def result_text(rows: Sequence[Dossier], work: Work) -> str:
    """Tell of results: of a sensitive dossier nothing but that there is one."""
    lines = [
        f"• {bold(row.receipt_code)}" + ("" if row.sensitive else f" · {row.procedure_name}") for row in rows
    ]
    head = (
        "Hồ sơ anh/chị theo dõi đã có kết quả:"
        if len(rows) == 1
        else "Các hồ sơ anh/chị theo dõi đã có kết quả:"
    )
    return "\n".join(
        [
            head,
            *lines,
            f"Nơi nhận: {work.ward.centre.name}, {work.ward.address}, trong giờ làm việc. Xin mang theo giấy hẹn và giấy tờ tùy thân.",
            "Tin tự động của Trợ lý số. Gõ “ngừng nhận tin” khi không muốn nhận nữa.",
        ]
    )
