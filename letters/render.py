"""A template and facts become a letter, or say what is missing; no paper, no database here."""

import re
from collections.abc import Mapping
from typing import Final

import jinja2

from letters import stops
from letters.address import children, longevity_term, upper_first
from letters.errors import LetterError, MissingFact
from letters.facts import Value, composed, read, spoken, wanted
from letters.fields import FIELDS, OF_THE_WARD
from letters.paper import LetterText, Sender
from letters.template import Gap, Template, TemplateError, Templates, load_templates

__all__ = ["TemplateError", "Templates", "load_templates", "render", "suspicious"]

# Left-overs of programs and of hasty clerks; a person looks again before signing.
_LEFT_OVER: Final = re.compile(
    r"[{}\[\]<>]{2}|[{<]\w+[}>]|\b(?:null|None|NaN|undefined|lorem|test|xxx+)\b|\.{4,}|…{2,}|_{2,}|\?{2,}"
)


def render(template: Template, facts: Mapping[str, object], sender: Sender) -> LetterText:
    """Fill *template*; the same facts give the same words.

    Raises MissingFact, WrongFact or NeedsPerson. Facts are only ever printed: what looks like
    template or typesetting code in them stays what it is, and a fact cannot begin a paragraph.
    """
    stops.consider(template.name, facts)
    said = _of_the_ward(sender) | _facts(template, facts)
    greeting, body, closing = (_filled(part, said) for part in template.parts)
    paragraphs = tuple(composed(part) for part in re.split(r"\n[ \t]*\n", body) if part.strip())
    return LetterText(
        template=template.name,
        version=template.version,
        approved=template.approved,
        title=template.title,
        greeting=composed(greeting),
        paragraphs=paragraphs,
        closing=composed(closing),
        signatory=sender.signatory,
        solemn=template.solemn,
        layout=template.layout,
        palette=template.palette,
    )


def part(template: Template, place: int, facts: Mapping[str, object], sender: Sender) -> str:
    """Return one part of *template* (0 greeting, 1 body, 2 closing), or nothing where a fact is missing."""
    try:
        values = {name: read(name, facts.get(name)) for name in (*template.needs, *template.may)}
        said = _of_the_ward(sender) | {name: _or_gap(name, value) for name, value in values.items()}
        return composed(_filled(template.parts[place], said | _derived(values)))
    except LetterError:
        return ""


def suspicious(text: LetterText) -> tuple[str, ...]:
    """Return what looks like a forgotten variable or test data, for whoever reads before signing."""
    return tuple(dict.fromkeys(_LEFT_OVER.findall(text.plain())))


def _of_the_ward(sender: Sender) -> dict[str, object]:
    """Offer what the ward says of itself; what it left blank is a gap when printed."""
    name = composed(sender.ward_name)
    said = {
        "ward_name": name,
        "ward_title": upper_first(name),
        "committee": sender.committee,
        "contact_phone": sender.contact_phone,
        "hotline": sender.hotline,
    }
    return {key: _or_gap(key, read(key, said[key])) for key in OF_THE_WARD}


def _facts(template: Template, facts: Mapping[str, object]) -> dict[str, object]:
    values: dict[str, Value | None] = {name: wanted(name, facts) for name in template.needs}
    values |= {name: read(name, facts.get(name)) for name in template.may}
    return {name: _or_gap(name, value) for name, value in values.items()} | _derived(values)


def _or_gap(name: str, value: Value | None) -> object:
    return Gap(name=name) if value is None else spoken(name, value)


def _derived(values: Mapping[str, Value | None]) -> dict[str, object]:
    made: dict[str, object] = {}
    age, names = values.get("age_by_custom"), values.get("child_names")
    if isinstance(age, int):
        made["longevity_term"] = longevity_term(age)
    if isinstance(names, tuple):
        made |= {"children": children(names), "siblings": len(names) > 1}
    return made


def _filled(part: jinja2.Template, said: Mapping[str, object]) -> str:
    try:
        return part.render(said)
    except jinja2.UndefinedError as error:
        field = next((name for name in re.findall(r"\w+", str(error)) if name in FIELDS), "")
        raise MissingFact(field, FIELDS[field].title if field else "một mục của thư") from error
