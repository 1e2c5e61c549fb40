"""Which cases a staff person sees, as a condition for lists: what `routing.may_answer` says of one case."""

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import col

from knowledge.desks import Desks
from records import staff
from records.cases import Feedback, Permission, Staff


def own_desks(desks: Desks, person: Staff) -> tuple[str, ...]:
    """Return the desks for which *person* answers: their own, and those they head or are on duty for."""
    if not staff.may(person, Permission.ANSWER_FEEDBACK):
        return ()
    serving = [desk.code for desk in desks.desks if person.login in (desk.head, *desk.on_duty)]
    return tuple(dict.fromkeys([*([person.desk] if person.desk else []), *serving]))


def sees_all(person: Staff) -> bool:
    """Tell whether *person* gives out work, and so sees the cases of every desk."""
    return staff.may(person, Permission.ASSIGN_FEEDBACK)


def visible(desks: Desks, person: Staff) -> list[ColumnElement[bool]]:
    """Return what picks the cases *person* may see; nothing at all for whoever has nothing to do with cases."""
    if not (sees_all(person) or staff.may(person, Permission.ANSWER_FEEDBACK)):
        return [false()]
    found: list[ColumnElement[bool]] = []
    if person.desk:  # nobody sees what is said about their own unit
        found.append(col(Feedback.about_desk) != person.desk)
    if not sees_all(person):
        own = col(Feedback.officer_id) == person.id
        found.append(or_(col(Feedback.desk).in_(own_desks(desks, person)), own))
    return found
