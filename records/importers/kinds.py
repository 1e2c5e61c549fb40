"""The registers, a table each: which fields, what must agree within a row, what names the event.

The titles of columns are data (`columns/*.toml`); what must agree is data here. Every check is
a fact about people or about registers, with its source where it has one.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from records.importers.rows import Fact, Kind
from records.importers.titles import fold

COLUMNS = Path(__file__).parent / "columns"
Facts = Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column: what it holds and how it may be called.

    `needed`: without it a row is refused. `pairs`: a hole in it means that cells were moved.
    `shared`: a cell merged over several rows holds for all of them. `evidence`: read to prove
    the pairing, never handed on. `bare` are titles without their owner ("Ngày sinh"): where
    several fields have them, they are in doubt.
    """

    name: str
    title: str
    type: str
    needed: bool = False
    pairs: bool = False
    shared: bool = False
    evidence: bool = False
    titles: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Order:
    """One date may not come before another."""

    first: str
    then: str


@dataclass(frozen=True, kw_only=True)
class Age:
    """Whoever was born then was between `least` and `most` years old at that time."""

    born: str
    at: str
    least: int
    most: int
    whose: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Fields about one person. `sex` is known from the role, `sex_field` from the row.

    `once`: the same person does not stand in two rows of a register, or with whom differs.
    """

    whose: str
    name: str
    born: str = ""
    id: str = ""
    sex: str = ""
    sex_field: str = ""
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A bound register: in one book of one year, numbers and dates rise together."""

    number: str
    day: str
    book: str = ""
    year: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """All of one register."""

    kind: Kind
    title: str
    fields: tuple[Field, ...]
    key: Callable[[Facts], str]
    orders: tuple[Order, ...] = ()
    ages: tuple[Age, ...] = ()
    persons: tuple[Person, ...] = ()
    ledger: Ledger | None = None
    dated_code: tuple[str, str] | None = None

    def field(self, name: str) -> Field:
        """Return the field of that name."""
        return next(field for field in self.fields if field.name == name)


def _entry(kind: str) -> Callable[[Facts], str]:
    """Return the key of an entry in a bound register."""

    def key(facts: Facts) -> str:
        return f"{kind}:{facts['book']}:{facts['number']}:{facts['year']}"

    return key


def _hashed(*parts: object) -> str:
    """Return a short name for facts that may not stand in a key, such as a person's name."""
    joined = "|".join(fold(str(part)) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


def _death_report(facts: Facts) -> str:
    who = _hashed(facts["deceased_name"], str(facts["deceased_born"])[:4])
    return f"death_report:{facts['died_on']}:{who}"


def _dossier(facts: Facts) -> str:
    return f"dossier:{facts['code']}"


def _contribution(facts: Facts) -> str:
    day = str(facts["received_on"])
    if facts.get("receipt_number"):
        return f"contribution:{day[:4]}:{facts['receipt_number']}"
    what = _hashed(facts["giver"], facts.get("amount_vnd"), facts.get("goods"), facts["cause"])
    return f"contribution:{day}:{what}"


def _resident(facts: Facts) -> str:
    if facts.get("id_number"):
        return f"resident:{_hashed(facts['id_number'])}"
    return f"resident:{_hashed(facts['full_name'], facts['born'], facts['group'])}"


_CHILD = Person(
    whose="con", name="child_name", born="child_born", id="child_id", sex_field="child_sex", once=True
)
_DECEASED = Person(
    whose="người mất",
    name="deceased_name",
    born="deceased_born",
    id="deceased_id",
    sex_field="deceased_sex",
    once=True,
)
_BOOK = Ledger(number="number", day="registered_on", book="book", year="year")

# The ages of marriage: Luật Hôn nhân và gia đình 52/2014/QH13, Điều 8. The other bounds are not
# law but nature, taken wide: what lies outside is a slip of the pen or a cell of another row.
_RULES: Mapping[Kind, Mapping[str, object]] = {
    Kind.MARRIAGES: {
        "title": "Sổ đăng ký kết hôn",
        "key": _entry("marriage"),
        "ledger": _BOOK,
        "orders": (Order(first="registered_on", then="handed_over_on"),),
        "ages": (
            Age(born="groom_born", at="registered_on", least=20, most=100, whose="chồng"),
            Age(born="bride_born", at="registered_on", least=18, most=100, whose="vợ"),
        ),
        "persons": (
            Person(whose="chồng", name="groom_name", born="groom_born", id="groom_id", sex="nam", once=True),
            Person(whose="vợ", name="bride_name", born="bride_born", id="bride_id", sex="nữ", once=True),
        ),
    },
    Kind.BIRTHS: {
        "title": "Sổ đăng ký khai sinh",
        "key": _entry("birth"),
        "ledger": _BOOK,
        "orders": (
            Order(first="child_born", then="registered_on"),
            Order(first="registered_on", then="handed_over_on"),
        ),
        "ages": (
            Age(born="mother_born", at="child_born", least=12, most=60, whose="mẹ"),
            Age(born="father_born", at="child_born", least=13, most=90, whose="cha"),
        ),
        "persons": (
            _CHILD,
            Person(whose="mẹ", name="mother_name", born="mother_born", id="mother_id", sex="nữ"),
            Person(whose="cha", name="father_name", born="father_born", id="father_id", sex="nam"),
        ),
    },
    Kind.DEATHS: {
        "title": "Sổ đăng ký khai tử",
        "key": _entry("death"),
        "ledger": _BOOK,
        "orders": (Order(first="died_on", then="registered_on"),),
        "ages": (Age(born="deceased_born", at="died_on", least=0, most=120, whose="người mất"),),
        "persons": (_DECEASED,),
    },
    Kind.DEATH_REPORTS: {
        "title": "Tin báo có người qua đời",
        "key": _death_report,
        "orders": (Order(first="died_on", then="reported_on"),),
        "ages": (Age(born="deceased_born", at="died_on", least=0, most=120, whose="người mất"),),
        "persons": (
            Person(
                whose="người mất",
                name="deceased_name",
                born="deceased_born",
                sex_field="deceased_sex",
                once=True,
            ),
        ),
    },
    Kind.DOSSIERS: {
        "title": "Sổ theo dõi hồ sơ",
        "key": _dossier,
        "orders": (
            Order(first="taken_on", then="due_on"),
            Order(first="taken_on", then="finished_on"),
            Order(first="finished_on", then="returned_on"),
            Order(first="taken_on", then="returned_on"),
        ),
        "persons": (Person(whose="người nộp", name="applicant_name", id="applicant_id"),),
        "dated_code": ("code", "taken_on"),
    },
    Kind.CONTRIBUTIONS: {
        "title": "Sổ đóng góp",
        "key": _contribution,
        "ledger": Ledger(number="receipt_number", day="received_on"),
        "persons": (Person(whose="người đóng góp", name="giver"),),
    },
    Kind.RESIDENTS: {
        "title": "Danh sách người dân",
        "key": _resident,
        "persons": (
            Person(
                whose="người dân", name="full_name", born="born", id="id_number", sex_field="sex", once=True
            ),
        ),
    },
}


@cache
def form(kind: Kind) -> Form:
    """Return the form of *kind*: its columns from the data file, its rules from here."""
    words = tomllib.loads((COLUMNS / "words.toml").read_text("utf-8"))
    table = tomllib.loads((COLUMNS / f"{kind}.toml").read_text("utf-8"))
    fields = tuple(_field(entry, table["groups"], words) for entry in table["fields"])
    return Form(kind=kind, fields=fields, **_RULES[kind])  # type: ignore[arg-type] # a test builds every form


def _field(
    entry: Mapping[str, object], groups: Mapping[str, list[str]], words: Mapping[str, list[str]]
) -> Field:
    plain = {key: value for key, value in entry.items() if key not in {"group", "like", "titles"}}
    owners = groups.get(str(entry.get("group", "")), [])
    things = words.get(str(entry.get("like", "")), [])
    titles = [*_list(entry.get("titles")), *_owned(owners, things), str(entry["title"])]
    return Field(**plain, titles=frozenset(map(fold, titles)), bare=frozenset(map(fold, things)))  # type: ignore[arg-type] # the same


def _list(value: object) -> list[str]:
    return list(value) if isinstance(value, list) else []


def _owned(owners: Iterable[str], things: Iterable[str]) -> Iterable[str]:
    """Say every thing of every owner, in both orders: "họ tên vợ", "bên nữ họ tên"."""
    things = list(things)
    for owner in owners:
        for thing in things:
            yield from (f"{thing} {owner}", f"{owner} {thing}", f"{thing} của {owner}")


FORMS: Mapping[Kind, str] = MappingProxyType({kind: str(rules["title"]) for kind, rules in _RULES.items()})
