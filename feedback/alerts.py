"""Put in the outbox what a case has to tell: to its resident, to those who follow, to staff."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from feedback import history, notices, routing
from feedback.work import Work
from knowledge.wording import numbered
from records import outbox, people, staff
from records.cases import Feedback, Follower, Staff
from records.tables import Address, Delivery, DeliveryState, Purpose

STILL_NEWS = timedelta(days=3)  # a message that failed longer ago has been dealt with
ALBUM = 10  # photos shown to a desk


def address_of(case: Feedback) -> Address | None:
    """Return where the resident of *case* is written to; None for a case taken on paper or by telephone."""
    if case.channel is None or case.user is None:
        return None
    return Address(case.channel, case.user)


async def tell_resident(
    work: Work,
    case: Feedback,
    what: str,
    text: str,
    *,
    choices: notices.Choices = (),
    attachments: Sequence[str] = (),
) -> bool:
    """Tell the resident *text*; False when there is no address, and staff must call instead."""
    to = address_of(case)
    if to is None:
        return False
    key = f"case:{case.code}:{what}:{case.version}"
    offered = bool(choices) and await people.offer(work.db, to, choices, work.now)
    told = numbered(text, [label for label, _ in choices]) if offered else text
    await outbox.put(
        work.db,
        key=key,
        to=to,
        purpose=Purpose.REPLY,
        text=told,
        now=work.now,
        choices=choices,
        attachments=attachments,
    )
    return True


async def tell_followers(work: Work, case: Feedback, text: str) -> None:
    """Tell everybody who follows *case*, each by themselves."""
    found = await work.db.exec(select(Follower).where(col(Follower.feedback_id) == case.id))
    for row in found.all():
        await outbox.put(
            work.db,
            key=f"case:{case.code}:followed:{case.version}:{row.channel}:{row.user}",
            to=Address(row.channel, row.user),
            purpose=Purpose.REPLY,
            text=text,
            now=work.now,
        )


async def tell_staff(
    work: Work, case: Feedback, person: Staff, what: str, text: str, *, choices: notices.Choices = ()
) -> None:
    """Tell one staff person in private; whoever has no account is told in the room of the desk."""
    accounts = await staff.accounts(work.db, person.id or 0)
    if not accounts:
        named = f"{person.name}: {text}"
        await tell_room(work, case, f"{what}:{person.login}", named, choices=notices.for_claiming(case)[-1:])
        return
    await outbox.put(
        work.db,
        key=f"alert:{case.code}:{what}:{person.login}",
        to=accounts[0],
        purpose=Purpose.ALERT,
        text=text,
        now=work.now,
        choices=choices,
    )


async def tell_room(
    work: Work, case: Feedback, what: str, text: str, *, choices: notices.Choices = ()
) -> None:
    """Tell the groups of the desk that has *case*; nobody, when it is about that very desk."""
    if case.about_desk == case.desk:
        return
    for number, where in enumerate(await staff.rooms(work.db, case.desk)):
        await outbox.put(
            work.db,
            key=f"alert:{case.code}:{what}:room{number}:{case.desk}",
            to=where,
            purpose=Purpose.ALERT,
            text=text,
            now=work.now,
            choices=choices,
        )


async def show_photos(work: Work, case: Feedback) -> None:
    """Show the desk every photo and voice note of *case* that has arrived and was not shown yet."""
    if case.discreet or case.about_desk == case.desk:
        return
    known = await history.photos(work.db, case, after=False)
    photos = [one for one in known if one.kind == "photo"][:ALBUM]
    told = [(one, notices.photo(case, number, len(photos))) for number, one in enumerate(photos, start=1)]
    told += [(one, notices.voice(case)) for one in known if one.kind != "photo"]
    rooms = await staff.rooms(work.db, case.desk)
    for one, text in told:
        for number, where in enumerate(rooms if one.sha256 is not None else ()):
            await outbox.put(
                work.db,
                key=f"alert:{case.code}:photo:{one.id}:room{number}:{case.desk}",
                to=where,
                purpose=Purpose.ALERT,
                text=text,
                now=work.now,
                attachments=[one.sha256 or ""],
            )


async def climb(work: Work, case: Feedback, rungs: Sequence[str], what: str, text: str) -> list[Staff]:
    """Tell whoever stands on each of *rungs* today, each person once; return whom."""
    told: dict[int, Staff] = {}
    for rung in rungs:
        person = await routing.holder(work, case, rung)
        if person is not None and person.id is not None:
            told.setdefault(person.id, person)
    for person in told.values():
        mine = person.id == case.officer_id
        choices = notices.for_holding(case) if mine else notices.for_claiming(case)[-1:]
        await tell_staff(work, case, person, what, text, choices=choices)
    return list(told.values())


async def call_instead(work: Work) -> int:
    """Tell staff to call residents whom a message could not reach; each message once. Return how many."""
    failed = await work.db.exec(
        select(Delivery.id, Delivery.key)
        .where(
            col(Delivery.state) == DeliveryState.FAILED,
            col(Delivery.key).startswith("case:"),
            col(Delivery.created_at) > work.now - STILL_NEWS,
        )
        .order_by(col(Delivery.id))
    )
    told = 0
    for number, key in failed.all():
        case = await history.by_code(work.db, key.split(":")[1])
        person = await routing.holder(work, case, routing.OFFICER) if case is not None else None
        if case is None or person is None:
            continue
        text = notices.not_reached(case, work.concerns.of(case.category))
        await tell_staff(work, case, person, f"call:{number}", text)
        told += 1
    return told
