"""The demo ward's own people: who they are, and one-time codes to try out their side of a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.settings import DEMO_WARD, Settings
from knowledge.desks import Desk, Desks
from knowledge.logins import login_of
from knowledge.ward import Ward
from records import staff, trace
from records.cases import Permission, Staff
from records.database import Database

ANSWERING: Final = (Permission.ANSWER_FEEDBACK,)
VICE_CHAIR: Final = (
    Permission.ASSIGN_FEEDBACK,
    Permission.SEE_REPORTS,
    Permission.EDIT_KNOWLEDGE,
)  # the second person who lets a change of what is published pass
OFFICE: Final = (  # the desk that takes what no other may handle
    Permission.ASSIGN_FEEDBACK,
    Permission.IMPORT_RECORDS,
    Permission.EDIT_KNOWLEDGE,
    Permission.DRAFT_LETTERS,
)
CHAIR: Final = (
    Permission.ASSIGN_FEEDBACK,
    Permission.SIGN_LETTERS,
    Permission.SEE_RESTRICTED,
    Permission.MANAGE_STAFF,
    Permission.SEE_REPORTS,
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody the ward's files name; `desk` is "" for the leaders, who belong to none."""

    login: str
    name: str
    desk: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, kw_only=True)
class Key:
    """A one-time code that binds a chat account to a person."""

    person: Person
    code: str


def is_demo(settings: Settings) -> bool:
    """Tell whether the bundled ward is served, and no other."""
    return settings.ward_dir.resolve() == DEMO_WARD.resolve()


def people(ward: Ward) -> tuple[Person, ...]:
    """Return everybody desks.toml names, with what their place asks for."""
    desks = ward.desks
    names = {login_of(officer.name): officer.name.partition(" (")[0] for officer in ward.directory.people}
    return tuple(
        Person(
            login=login,
            name=names.get(login, login),
            desk=_desk_of(desks, login),
            permissions=_permissions(desks, login),
        )
        for login in logins(desks)
    )


def logins(desks: Desks) -> tuple[str, ...]:
    """Return every login desks.toml names, once each, the chair first."""
    named = [desks.chair, *(desk.vice_chair for desk in desks.desks)]
    for desk in desks.desks:
        named += [desk.head, *desk.on_duty]
    return tuple(dict.fromkeys([*named, *desks.restricted]))


async def hire(database: Database, ward: Ward, now: datetime) -> list[Key]:
    """Hire the ward's people when there is nobody yet, and return a fresh code for each.

    Later starts give fresh codes as long as nobody has bound an account or set a password, then none: from
    there on it is somebody's own ward, and codes are theirs to give.
    """
    async with database.writing() as db:
        there = await staff.everybody(db)
        if not there:
            there = [await _hired(db, person, now) for person in people(ward)]
        elif await staff.anybody_in(db):
            return []
        known = {person.login: person for person in people(ward)}
        here = [row for row in there if row.login in known and row.disabled_at is None]
        return [Key(person=known[row.login], code=await staff.invite(db, row, now)) for row in here]


async def _hired(db: AsyncSession, person: Person, now: datetime) -> Staff:
    row = await staff.add(
        db,
        login=person.login,
        name=person.name,
        desk=person.desk,
        permissions=person.permissions,
        now=now,
    )
    await trace.leave(db, who="demo", what="staff.invited", on=f"staff:{row.id}", detail={}, now=now)
    return row


def _desk_of(desks: Desks, login: str) -> str:
    """Return the desk somebody heads, else the first one they are on duty for."""
    heading = [desk.code for desk in desks.desks if desk.head == login]
    serving = [desk.code for desk in desks.desks if login in desk.on_duty]
    return next(iter([*heading, *serving]), "")


def _permissions(desks: Desks, login: str) -> tuple[Permission, ...]:
    given: set[Permission] = set()
    for fits, permissions in (
        (_serves(desks.desks, login), ANSWERING),
        (_serves((desk for desk in desks.desks if desk.code == desks.leadership), login), OFFICE),
        (any(desk.vice_chair == login for desk in desks.desks), VICE_CHAIR),
        (login == desks.chair, CHAIR),
        (login in desks.restricted, (Permission.SEE_RESTRICTED,)),
    ):
        given.update(permissions if fits else ())
    return tuple(permission for permission in Permission if permission in given)


def _serves(desks: Iterable[Desk], login: str) -> bool:
    return any(login in (desk.head, *desk.on_duty) for desk in desks)
