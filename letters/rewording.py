"""The words of a letter changed by staff: checked as the files are, looked at with blanks, approved by a second person."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from letters.facts import composed
from letters.fields import FIELDS, Kind
from letters.paper import Layout
from letters.template import Template, TemplateError, template_of

APPROVAL: Final = ("approved_by", "approved_on")
_FRONT: Final = re.compile(r"(?m)^---[ \t]*$")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A letter as it reads with the names of its facts in their places."""

    title: str
    greeting: str
    paragraphs: tuple[str, ...]
    closing: str


def problems_of(name: str, text: str) -> list[str]:
    """Return what is wrong with the words of letter *name*, a line each."""
    try:
        template_of(name, text)
    except TemplateError as error:
        return error.problems
    return []


def version_of(name: str, text: str) -> int:
    """Return the version the words of letter *name* say they are; 0 where they cannot be read."""
    try:
        return template_of(name, text).version
    except TemplateError:
        return 0


def shape(template: Template) -> Shape:
    """Return *template* with every fact as "(họ tên chồng)", and everything that may stand in it."""
    said = {name: True if field.kind is Kind.FLAG else f"({field.title})" for name, field in FIELDS.items()}
    greeting, body, closing = (composed_lines(part.render(said)) for part in template.parts)
    return Shape(
        title=template.title,
        greeting=greeting,
        paragraphs=tuple(composed(part) for part in re.split(r"\n[ \t]*\n", body) if part.strip()),
        closing=closing,
    )


def composed_lines(text: str) -> str:
    """Return *text* tidied, its paragraphs apart."""
    return "\n\n".join(composed(part) for part in re.split(r"\n[ \t]*\n", text) if part.strip())


def approved(text: str, *, version: int, by: str, on: date) -> str:
    """Return the words with the ward's approval and their new version in the block above them."""
    return _fronted(
        text, {"version": str(version), "approved_by": _one_line(by), "approved_on": on.isoformat()}
    )


def unapproved(text: str) -> str:
    """Return the words as a draft: whoever changes them cannot approve them in the same breath."""
    return _fronted(text, dict.fromkeys(APPROVAL, ""))


def _fronted(text: str, values: dict[str, str]) -> str:
    found = _FRONT.search(text)
    if found is None:
        return text
    front, rest = text[: found.start()], text[found.start() :]
    for key, value in values.items():
        line = f"{key}: {value}".rstrip()
        lines = front.splitlines()
        kept = [line if one.partition(":")[0].strip() == key else one for one in lines]
        front = "\n".join(kept if kept != lines or line in lines else [*lines, line]) + "\n"
    return front + rest


def _one_line(text: str) -> str:
    return " ".join(text.split())


def facts_for(template: Template) -> list[tuple[str, str]]:
    """Return what may be named in the words: each identifier with its Vietnamese name."""
    return [(name, FIELDS[name].title) for name in (*template.needs, *template.may) if name in FIELDS]


LAYOUTS: Final = {
    Layout.LETTER: "giấy thư A4",
    Layout.CARD: "thiệp hai màu",
    Layout.SOLEMN: "thư chia buồn, viền mảnh",
}
