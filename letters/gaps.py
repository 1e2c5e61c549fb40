"""What an incomplete letter lacks: every gap by its name, not only the first, and who hears of it at once.

A gap with a `name` is filled by a fact somebody types; one without needs something else: a second
witness, a person's own words, a decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from knowledge.sending import WAKING, next_sending_moment
from letters import frozen, matching, notices, reading, rules, stops
from letters.errors import LetterError, MissingFact, NeedsPerson, WrongFact
from letters.facts import wanted
from letters.fields import FIELDS
from letters.rules import Kind, Rule
from letters.supplied import example
from letters.template import Template
from letters.work import Work
from records import outbox, staff
from records.cases import Permission
from records.letters import CivilEvent, Letter, LetterState
from records.tables import Purpose

NO_WITNESS: Final = "chưa có người thứ hai xác minh tin báo; gọi lại gia đình hoặc tổ trưởng rồi xác nhận"
LISTED: Final = 8  # letters named in one message
BUTTON: Final = ("Xem thư còn thiếu", "/thuthieu")
# These cannot wait for the morning: a sorrow within the day, an apology before its date.
_AT_ONCE: Final = (Kind.SOLEMN, Kind.OWED)
Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """`says` tells in Vietnamese what is missing; `name` is the fact that would fill it, or nothing."""

    says: str
    name: str = ""

    @property
    def hint(self) -> str:
        """Return how the fact is typed, in brackets, where that is not plain."""
        told = example(self.name) if self.name else ""
        return f" ({told})" if told else ""


def not_yet(rule: Rule, event: CivilEvent, facts: Facts) -> list[Gap]:
    """Return what has to happen before a letter may be written at all."""
    found = []
    if rule.two_tellers and (not event.confirmed_by or event.confirmed_by == event.reported_by):
        found.append(Gap(says=NO_WITNESS))
    return found + [Gap(name=name, says=why) for name, why in rule.after.items() if not facts.get(name)]


async def of(work: Work, letter: Letter) -> tuple[Gap, ...]:
    """Return everything *letter* lacks, each once; what its row says where nothing else is found."""
    if letter.state is not LetterState.INCOMPLETE:
        return ()
    rule = rules.of_template(letter.template)
    event = await work.db.get(CivilEvent, letter.event_id) if letter.event_id is not None else None
    template = work.shelf.templates.by_name.get(letter.template)
    found: list[Gap] = []
    if rule is not None and event is not None and template is not None and not frozen.has_words(letter):
        facts = {**event.facts, **letter.facts.get(frozen.SAID, {})}
        found = not_yet(rule, event, facts) or _in_words(rule, template, facts, work)
    by_name = {gap.name or gap.says: gap for gap in reversed(found)}
    return tuple(reversed(by_name.values())) or (Gap(says=letter.gap or letter.reason or "chưa rõ"),)


def _in_words(rule: Rule, template: Template, facts: Facts, work: Work) -> list[Gap]:
    """Return what stands between the facts and the words: rules for a person first, then each fact."""
    try:
        said = reading.facts_of(rule, template, facts, work)
    except LetterError as error:
        return [Gap(says=str(error))]
    try:
        stops.consider(template.name, said)
    except NeedsPerson as error:
        return [Gap(says=str(error))]
    except WrongFact as error:
        found = [Gap(name=error.field, says=str(error))]
    else:
        found = []
    return found + [gap for name in template.needs if (gap := _of_fact(name, said)) is not None]


def _of_fact(name: str, said: Facts) -> Gap | None:
    try:
        wanted(name, said)
    except MissingFact:
        return Gap(name=name, says=f"thiếu {FIELDS[name].title}")
    except WrongFact as error:
        return Gap(name=name, says=str(error))
    return None


async def lines(work: Work, letters: Sequence[Letter]) -> list[str]:
    """Return a line a letter: its number, its kind, to whom, and all that is missing."""
    told = []
    for letter in letters[:LISTED]:
        rows = await matching.recipients(work, letter.id or 0)
        missing = "; ".join(gap.says for gap in await of(work, letter))
        whom = notices.to_whom(rows)[:60]
        told.append(f"• Thư {letter.id} · {kind_of(work, letter)} · {whom}: {missing[:110]}")
    if len(letters) > LISTED:
        told.append(f"… và {len(letters) - LISTED} thư khác.")
    return told


def kind_of(work: Work, letter: Letter) -> str:
    """Return "thư chia buồn"."""
    template = work.shelf.templates.by_name.get(letter.template)
    return notices.title_of(template.title).lower() if template is not None else letter.template


async def tell(work: Work, fresh: Sequence[Letter]) -> int:
    """Tell everybody who drafts of letters that cannot wait for the morning; return how many were told."""
    urgent = [one for one in fresh if _is_urgent(one)]
    if not urgent:
        return 0
    text = "\n".join(
        [
            f"Có {len(urgent)} thư chưa soạn được, cần bổ sung ngay:",
            *await lines(work, urgent),
            f"Bấm {BUTTON[0]} rồi trả lời từng mục; hoặc sửa trong sổ và nạp lại.",
        ]
    )
    first = urgent[0]
    told = 0
    for login, to in await drafters(work):
        told += await outbox.put(
            work.db,
            key=f"alert:gap:{first.id}:{first.version}:{len(urgent)}:{login}",
            to=to,
            purpose=Purpose.ALERT,
            text=text,
            now=work.now,
            due_at=next_sending_moment(work.now, WAKING),  # staff sleep too
            choices=[BUTTON],
        )
    return told


def _is_urgent(letter: Letter) -> bool:
    rule = rules.of_template(letter.template)
    return letter.state is LetterState.INCOMPLETE and rule is not None and rule.kind in _AT_ONCE


async def drafters(work: Work) -> list[tuple[str, Any]]:
    """Return login and first account of everybody who drafts letters."""
    found = []
    for person in await staff.everybody(work.db):
        if staff.may(person, Permission.DRAFT_LETTERS):
            found += [(person.login, to) for to in (await staff.accounts(work.db, person.id or 0))[:1]]
    return found
