"""A register that met with an accident, and the letters written from it: of how many couples does each speak?"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from hypothesis import strategies as st
from sqlmodel.ext.asyncio.session import AsyncSession

from letters import reading, rules
from letters.errors import LetterError
from letters.facts import in_words
from letters.paper import Capacity, Signatory
from letters.render import render
from letters.work import Work
from records.importers import FileRefused, Kind, Reading, Row, read
from tests.letters.bench import _shelf
from tests.records.importers.register import (
    BRIDE,
    DAY,
    GROOM,
    Book,
    Cells,
    couple,
    couples,
    csv,
    html,
    mixed,
    xlsx,
)
from tests.records.importers.test_pairing import ACCIDENTS, HARMLESS, WIDTH, Accident, add_blanks, add_sums

CHANGES: tuple[Accident, ...] = (*ACCIDENTS, *HARMLESS)
LONGEST = 40
MARRIAGE = rules.of_template("marriage_congratulation")


def merged(rows: Cells, chance: random.Random) -> bytes:
    """Return a workbook in which some cells were merged, one below or beside the other."""
    top = chance.randint(1, len(rows))
    left = chance.randrange(len(rows[top - 1]))
    right = min(left + chance.randint(0, 2), WIDTH - 1)
    return xlsx(Book(rows, merges=[(top, left, top + chance.randint(1, 4), max(left, right))]))


SHAPES: dict[str, Callable[[Cells, random.Random], bytes]] = {
    "csv": lambda rows, _: csv(Book(rows)).encode(),
    "html": lambda rows, _: html(Book(rows)).encode(),
    "merged": merged,
}
OFTEN = (*("csv", "html") * 6, "merged")  # a workbook is opened in a process of its own, which costs


@dataclass(frozen=True, kw_only=True)
class Case:
    """What happened to a register of *size* couples on its way, and what was left around it."""

    size: int
    accident: Accident
    around: Accident | None
    shape: str
    seed: int

    def content(self) -> bytes:
        chance = random.Random(self.seed)
        rows = self.accident(couples(self.size), chance)
        rows = self.around(rows, chance) if self.around else rows
        return SHAPES[self.shape](rows, chance)


cases = st.builds(
    Case,
    size=st.integers(10, LONGEST),
    accident=st.sampled_from(CHANGES),
    around=st.sampled_from((None, None, add_blanks, add_sums)),
    shape=st.sampled_from(OFTEN),
    seed=st.integers(0, 2**32),
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What became of a case; `wrong` must be empty."""

    counts: Counter[str]
    wrong: tuple[str, ...]


def look(case: Case) -> Seen:
    """Read the register, write a letter of every row that was believed, and see of whom each speaks."""
    found = _read(case.content())
    if found is None:
        return Seen(counts=Counter(files=1, files_refused=1), wrong=())
    texts = [(row, _letter(row)) for row in found.rows]
    wrong = [f"row {number}" for number in mixed(found)]
    wrong += [text for row, text in texts if text and not is_of_one(row, text)]
    counts = Counter(
        files=1,
        rows=len(found.rows),
        rows_refused=len({refusal.row for refusal in found.refusals}),
        letters=sum(bool(text) for _, text in texts),
    )
    return Seen(counts=counts, wrong=tuple(wrong))


def _read(content: bytes) -> Reading | None:
    try:
        return read(content, "so", Kind.MARRIAGES)
    except FileRefused:
        return None


def _letter(row: Row) -> str:
    """Write the card of a row, as `drafting` does; the register has no column for the hand-over."""
    assert MARRIAGE is not None
    facts = {name: value for name, value in row.facts.items() if value is not None}
    work = _desk()
    template = work.shelf.templates.get(MARRIAGE.template)
    sender = work.sender(Signatory(capacity=Capacity.CHAIRPERSON))
    try:
        said = reading.facts_of(MARRIAGE, template, facts | {"handed_over_on": facts["registered_on"]}, work)
        return render(template, said, sender).plain()
    except LetterError:
        return ""


@cache
def _desk() -> Work:
    return Work(db=AsyncSession(), shelf=_shelf(), now=datetime(2026, 11, 20, 2, 0, tzinfo=UTC))


@cache
def _couples() -> Sequence[tuple[str, str, str]]:
    return [_told(place) for place in range(LONGEST)]


def _told(place: int) -> tuple[str, str, str]:
    entry = couple(place)
    day = entry[DAY]
    assert isinstance(day, date)
    return str(entry[GROOM]), str(entry[BRIDE]), in_words(day)


def is_of_one(row: Row, text: str) -> bool:
    """Tell whether *text* has groom, bride and day of the row's own couple, and the names of no other."""
    own = _couples()[int(str(row.facts["number"])) - 1]
    others = {name for one in _couples() for name in one[:2] if one is not own}
    return all(part in text for part in own) and not any(
        f"{name} " in text or f"{name}," in text for name in others
    )
