"""From what a register says to what a letter says: one function a kind of letter, for what has to be worked out.

Facts keep their names where register and template agree; `Rule.takes` says where else one may
stand. Nothing is guessed: what is not there stays a gap, which `render` names.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from knowledge.fold import fold
from knowledge.lunar import YEARS, in_words, lunar_of
from letters import address
from letters.address import Addressed, Gender
from letters.facts import composed, grouped
from letters.rules import Rule, To
from letters.template import Template
from letters.work import Work

Facts = Mapping[str, Any]
Made = dict[str, object]
_YEAR: Final = re.compile(r"[0-9]{4}")
_QUARTERS: Final = {"tdp": "tổ dân phố", "kp": "khu phố", "kdc": "khu dân cư"}
_FUNDS: Final = ("quy ", "cong trinh ", "chuong trinh ", "phong trao ")
_BODIES: Final = (
    *("cong ty", "truong ", "hoi ", "ban ", "to ", "nhom ", "doanh nghiep", "hop tac xa", "chi hoi"),
    *("chua ", "giao xu", "cau lac bo", "ngan hang", "cua hang", "tap the", "khu pho", "chi bo"),
)


def facts_of(rule: Rule, template: Template, event: Facts, work: Work) -> Made:
    """Return what *template* can be told of *event*."""
    found: Made = {}
    for name in (*template.needs, *template.may):
        places = (name, *rule.takes.get(name, ()))
        value = next((event[place] for place in places if event.get(place) not in (None, "")), None)
        if value is not None:
            found[name] = value
    if "neighbourhood" in found:
        found["neighbourhood"] = spelt_out(str(found["neighbourhood"]))
    if "guideline_enclosed" in template.may:
        found["guideline_enclosed"] = template.name in work.shelf.enclosures
    return _WORKED_OUT[rule.to](event, found, work) | found


def spelt_out(quarter: str) -> str:
    """Return a neighbourhood as a letter names it.

    >>> spelt_out("TDP 5"), spelt_out("Khu phố 3")
    ('tổ dân phố 5', 'khu phố 3')
    """
    first, _, rest = composed(quarter).partition(" ")
    known = _QUARTERS.get(first.lower().rstrip("."))
    if known is not None:
        return f"{known} {rest}".strip()
    return quarter[:1].lower() + quarter[1:]


def day_of(value: object) -> date | None:
    """Return a day of the records, kept as ISO text; None for anything else."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def year_of(value: object) -> int | None:
    """Return the year in "1943-02-05", "1943" or 1943."""
    head = str(value or "")[:4]
    return int(head) if _YEAR.fullmatch(head) else None


def gender_of(value: object) -> Gender:
    """Return the sex a register wrote, in its own word or in ours."""
    said = str(value or "").strip().lower()
    return Gender(said) if said in set(Gender) else address.gender_of(said)


def says(facts: Facts, names: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Tell whether one of the facts *names* holds one of *words*, as whole words."""
    for name in names:
        told = f" {' '.join(fold(str(facts.get(name, ''))).replace(',', ' ').replace('.', ' ').split())} "
        if any(f" {word} " in told for word in words):
            return True
    return False


def _couple(event: Facts, found: Made, work: Work) -> Made:  # noqa: ARG001  all alike
    return {"place": work.shelf.ward.centre.name}


def _child(event: Facts, found: Made, work: Work) -> Made:  # noqa: ARG001  all alike
    return {"place": work.shelf.ward.centre.name}


def _deceased(event: Facts, found: Made, work: Work) -> Made:  # noqa: ARG001  all alike
    made: Made = {}
    died, born = day_of(event.get("died_on") or event.get("death_date")), _born(event)
    if born is not None:
        made["birth_year"] = born
    if died is not None and died.year in YEARS:
        lunar = lunar_of(died)
        made["death_date_lunar"] = in_words(lunar)
        if born is not None:  # by custom a child is one at birth, and a year older every Tết
            made["age_by_custom"] = lunar.year - born + 1
    age = found.get("age_by_custom", made.get("age_by_custom"))
    if isinstance(age, int):
        made["honorific"] = address.of_the_deceased(gender_of(event.get("deceased_sex")), age)
    return made


def _born(event: Facts) -> int | None:
    return year_of(event.get("birth_year") or event.get("deceased_born"))


def _applicant(event: Facts, found: Made, work: Work) -> Made:
    made = _addressed(event, found) | {"place": work.shelf.ward.centre.name}
    made |= {"unit": work.shelf.ward.centre.name}
    due = day_of(found.get("original_due_on"))
    if due is not None:
        made["late_days"] = _working_days(work, due)
    return made


def _working_days(work: Work, since: date) -> int:
    """Return how many working days lie after *since*, up to today."""
    calendar, day, count = work.shelf.calendar, since, 0
    while (day := calendar.add_working_days(day, 1)) <= work.today:
        count += 1
    return count


def _contributor(event: Facts, found: Made, work: Work) -> Made:  # noqa: ARG001  all alike
    made = _addressed(event, found)
    gifts = [str(event["goods"])] if event.get("goods") else []
    if isinstance(event.get("amount_vnd"), int):
        gifts.append(f"ủng hộ {grouped(event['amount_vnd'])} đồng")
    if gifts:
        made["contribution"] = " và ".join(gifts)
    cause = composed(str(event.get("cause", "")))
    if fold(cause).startswith(_FUNDS):
        found["purpose"] = f"góp vào {cause}"
    return made


def _person(event: Facts, found: Made, work: Work) -> Made:  # noqa: ARG001  all alike
    return _addressed(event, found)


def _addressed(event: Facts, found: Made) -> Made:
    """Address whoever is named; a name that already carries its form of address keeps it."""
    name = composed(str(found.pop("recipient", "")))
    if not name:
        return {}
    addressed = _form(name, gender_of(event.get("gender") or event.get("sex")))
    return {"recipient": addressed.full, "you": addressed.you}


def _form(name: str, gender: Gender) -> Addressed:
    first, _, rest = name.partition(" ")
    if first.lower() in ("ông", "bà", "cụ", "anh", "chị", "ông/bà") and rest:
        return Addressed(f"{first.lower()} {rest}", first.lower())
    if fold(name).startswith(_BODIES):
        return address.organisation(name)
    return address.formal(name, gender)


_WORKED_OUT: Final[Mapping[To, Callable[[Facts, Made, Work], Made]]] = {
    To.SPOUSES: _couple,
    To.PARENTS: _child,
    To.BEREAVED: _deceased,
    To.APPLICANT: _applicant,
    To.CONTRIBUTOR: _contributor,
    To.AUTHOR: _person,
    To.HONOURED: _person,
}
