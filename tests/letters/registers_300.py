"""Three hundred rows of marriages, births, deaths and dossiers, with forty kinds of defects in them.

Every name is invented and stands in one row only, so that a letter that took a fact from another
row gives itself away. What is expected of a row stands beside it: `Line`.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from records.importers import Kind
from tests.letters.registers_defects import (
    BIRTH_DEFECTS,
    BIRTH_TITLES,
    CORRECTED,
    D_DUE,
    DEATH_TITLES,
    DOSSIERS,
    ENTERED_AGAIN,
    GROOM_DIED,
    HOUSE_MOURNS,
    MARRIAGE_DEFECTS,
    MARRIAGE_TITLES,
    OLD_FONT,
    PUT_OFF,
    PUT_OFF_TWICE,
    REPORT_DEFECTS,
    REPORT_TITLES,
    WAITS,
    Defect,
    Row,
)
from tests.records.importers.register import (
    CANARIES,
    Book,
    csv,
    identity,
    xlsx,
)
from tests.records.importers.test_encodings import in_tcvn3
from tests.records.registers import DOSSIER_TITLES, RESIDENT_TITLES, put

FIRST = date(2026, 11, 13)  # days up to 12 could be read as months
TODAY = date(2026, 11, 20)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of a row, as the register of residents has them."""

    name: str
    born: date
    sex: str
    address: str
    quarter: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is expected of one row: *fate* in the records, and whether a letter goes out in the end.

    `people` are those a letter may go to, `facts` the names only its letter may hold.
    """

    kind: Kind
    defect: str
    row: Row
    fate: str = "new"
    letter: bool = True
    people: tuple[Person, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One file on its way to `ward import`."""

    kind: Kind
    name: str
    content: bytes
    lines: tuple[Line, ...]


# --- the rows ---------------------------------------------------------------------------------------


@dataclass
class Maker:
    """Writes the registers; *filler* is how many sound rows stand after every defect."""

    filler: int = 3
    at_once: int = 2  # defects in one file; a file in which a fifth is wrong is rightly refused whole
    places: Iterator[int] = field(default_factory=count)
    numbers: dict[Kind, Iterator[int]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(300))

    def number(self, kind: Kind) -> int:
        return next(self.numbers.setdefault(kind, count(1)))

    def name(self, sex: str, family: str = "Nguyễn") -> str:
        """Return a name nobody had so far: four words, the last two a pair of its own."""
        place = next(self.places)
        first, second = CANARIES[place % 50], CANARIES[(place % 50 + 1 + place // 50) % 50]
        return f"{family} {'Thị' if sex == 'Nữ' else 'Văn'} {first} {second}"

    def person(self, sex: str, born: int, quarter: str, address: str, family: str = "Nguyễn") -> Person:
        name = self.name(sex, family)
        day = date(born, 1, 1) + timedelta(self.chance.randrange(3600))
        return Person(name=name, born=day, sex=sex, address=address, quarter=quarter)

    def day(self, number: int) -> date:
        """Return the day of an entry: later numbers are not earlier."""
        return min(FIRST + timedelta(number // 30), date(2026, 11, 18))

    def marriage(self) -> Line:
        number = self.number(Kind.MARRIAGES)
        quarter, day = f"TDP {number % 5 + 1}", self.day(number)
        groom = self.person("Nam", 1988, quarter, f"{2 * number} Lê Lợi")
        bride = self.person("Nữ", 1989, quarter, f"{2 * number + 1} Hai Bà Trưng", "Trần")
        row = [
            *(number, number, "01/2026", day),
            *(groom.name, groom.born, identity(groom.born, "nam", number)),
            *(bride.name, bride.born, identity(bride.born, "nữ", number)),
            *(f"0900{number * 37 % 1_000_000:06d}", quarter),
            *(day + timedelta(1), "", "", groom.address, bride.address),
        ]
        return Line(
            kind=Kind.MARRIAGES, defect="", row=row, people=(groom, bride), facts=(groom.name, bride.name)
        )

    def birth(self) -> Line:
        number = self.number(Kind.BIRTHS)
        quarter, day = f"TDP {number % 5 + 1}", self.day(number)
        address = f"{2 * number} Trần Phú"
        father = self.person("Nam", 1986, quarter, address)
        mother = self.person("Nữ", 1987, quarter, address, "Phạm")
        child = self.name("Nam")
        row = [
            *(number, "01/2026", day, child, "Nam", day - timedelta(9)),
            *(mother.name, mother.born, father.name, father.born, address, quarter),
            *(day + timedelta(1), "", ""),
        ]
        return Line(
            kind=Kind.BIRTHS,
            defect="",
            row=row,
            people=(mother, father),
            facts=(child, mother.name, father.name),
        )

    def report(self) -> Line:
        number = self.number(Kind.DEATH_REPORTS)
        quarter, address = f"TDP {number % 5 + 1}", f"{2 * number} Ngô Quyền"
        dead = self.person("Nam", 1935, quarter, address)
        child = self.person("Nam", 1960, quarter, address)
        row = [
            *(dead.name, "Nam", dead.born.year, TODAY - timedelta(1), quarter, address),
            *(TODAY, "Phùng Văn Mẫu", child.name, "con trai", ""),
        ]
        return Line(kind=Kind.DEATH_REPORTS, defect="", row=row, people=(child,), facts=(dead.name,))

    def death(self, dead: Person) -> Line:
        number = self.number(Kind.DEATHS)
        row = [
            *(number, "01/2026", TODAY, dead.name, dead.sex, dead.born, TODAY - timedelta(1)),
            *(dead.address, dead.quarter),
        ]
        return Line(kind=Kind.DEATHS, defect="", row=row, letter=False)

    def dossier(self) -> Line:
        number = self.number(Kind.DOSSIERS)
        taken = date(2026, 10, 13) + timedelta(number % 5)
        who = self.name("Nam", "Hồ")
        code = f"H00.00-{taken:%y%m%d}-{number:04d}"
        due = date(2026, 11, 25)
        row = [code, "Đăng ký khai sinh", who, taken, due, "", "", "Đang xử lý", "Một cửa", ""]
        return Line(kind=Kind.DOSSIERS, defect="", row=row, facts=(who, code))


MAKE = {
    Kind.MARRIAGES: Maker.marriage,
    Kind.BIRTHS: Maker.birth,
    Kind.DEATH_REPORTS: Maker.report,
    Kind.DOSSIERS: Maker.dossier,
}
TITLES_OF: dict[Kind, Sequence[str]] = {
    Kind.MARRIAGES: MARRIAGE_TITLES,
    Kind.BIRTHS: BIRTH_TITLES,
    Kind.DEATH_REPORTS: REPORT_TITLES,
    Kind.DEATHS: DEATH_TITLES,
    Kind.DOSSIERS: DOSSIER_TITLES,
}


def damaged(line: Line, defect: Defect) -> Line:
    row = defect.change([*line.row])
    gone = {old for old, new in zip(line.row, row, strict=False) if old != new and new == ""}
    people = tuple(one for one in line.people if one.name not in gone)
    facts = tuple(fact for fact in line.facts if fact not in gone)
    return replace(
        line, defect=defect.name, row=row, fate=defect.fate, letter=defect.letter, people=people, facts=facts
    )


def sheet(kind: Kind, name: str, lines: Sequence[Line]) -> Sheet:
    book = Book([line.row for line in lines], titles=TITLES_OF[kind], name="Sổ")
    return Sheet(kind=kind, name=f"{name}.xlsx", content=xlsx(book), lines=tuple(lines))


def files_of(maker: Maker, kind: Kind, defects: Sequence[Defect]) -> Iterator[Sheet]:
    """Yield files with a few defects each, sound rows before, between and after."""
    make = MAKE[kind]
    for start in range(0, len(defects), maker.at_once):
        lines = [make(maker) for _ in range(min(maker.filler, 1))]
        for defect in defects[start : start + maker.at_once]:
            lines += [damaged(make(maker), defect), *(make(maker) for _ in range(maker.filler))]
        sound = maker.filler or int(start % 4 == 0)
        lines += [make(maker) for _ in range(sound)]
        yield sheet(kind, f"{kind}-{start}", lines)


@dataclass(frozen=True, kw_only=True)
class Registers:
    """All the files, in the order in which they come in, and who lives in the ward."""

    sheets: tuple[Sheet, ...]
    residents: bytes

    @property
    def lines(self) -> list[Line]:
        return [line for one in self.sheets for line in one.lines]

    @property
    def defects(self) -> set[str]:
        return {line.defect for line in self.lines} - {""}


def registers(filler: int = 3, at_once: int = 2) -> Registers:
    """Make them all: three hundred rows, or fewer with every defect in a small file of its own."""
    maker = Maker(filler=filler, at_once=at_once)
    sheets = [
        *files_of(maker, Kind.MARRIAGES, MARRIAGE_DEFECTS),
        *files_of(maker, Kind.BIRTHS, BIRTH_DEFECTS),
        *files_of(maker, Kind.DEATH_REPORTS, REPORT_DEFECTS),
        *files_of(maker, Kind.DOSSIERS, (*DOSSIERS, WAITS)),
        old_font(maker),
        *told_again(maker),
        *bereaved(maker),
        *put_off(maker),
    ]
    people = {one.name: one for one in _everybody(sheets)}
    return Registers(sheets=tuple(sheets), residents=residents_sheet(list(people.values())))


def _everybody(sheets: Sequence[Sheet]) -> Iterator[Person]:
    for one in sheets:
        for line in one.lines:
            yield from line.people


def residents_sheet(people: Sequence[Person]) -> bytes:
    rows = [[one.name, one.born, one.sex, "", one.address, one.quarter, ""] for one in people]
    return xlsx(Book(rows, titles=RESIDENT_TITLES, name="Dân"))


def old_font(maker: Maker) -> Sheet:
    """A text file as a program of the nineties wrote it."""
    lines = [replace(maker.marriage(), defect=OLD_FONT) for _ in range(4 + maker.filler)]
    book = Book([line.row for line in lines], titles=MARRIAGE_TITLES)
    content = in_tcvn3(csv(book)).encode("latin-1")
    return Sheet(kind=Kind.MARRIAGES, name="so-cu.csv", content=content, lines=tuple(lines))


def told_again(maker: Maker) -> Iterator[Sheet]:
    """A register, and the next export of it: one row corrected, the others the same, one new."""
    first = [maker.birth() for _ in range(5)]
    wrong = first[2]
    names = {wrong.facts[0]: maker.name("Nam")}
    right = [names.get(cell, cell) if isinstance(cell, str) else cell for cell in wrong.row]
    yield sheet(Kind.BIRTHS, "thang-11", [*first[:2], replace(wrong, letter=False, facts=()), *first[3:]])
    again = [
        replace(line, defect=ENTERED_AGAIN, fate="known", letter=False, people=(), facts=()) for line in first
    ]
    again[2] = replace(
        wrong, defect=CORRECTED, row=right, fate="changed", facts=(names[wrong.facts[0]], *wrong.facts[1:])
    )
    yield sheet(Kind.BIRTHS, "thang-11-sua", [*again, maker.birth()])


def bereaved(maker: Maker) -> Iterator[Sheet]:
    """Two couples, and the register of deaths that keeps their cards at home."""
    lines = [maker.marriage() for _ in range(5)]
    lines[1] = replace(lines[1], defect=GROOM_DIED, letter=False)
    bride = lines[3].people[1]
    old = replace(maker.person("Nam", 1940, bride.quarter, bride.address, "Trần"))
    lines[3] = replace(lines[3], defect=HOUSE_MOURNS, letter=False, people=(*lines[3].people, old))
    yield sheet(Kind.MARRIAGES, "cuoi-so", lines)
    yield sheet(Kind.DEATHS, "khai-tu", [maker.death(lines[1].people[0]), maker.death(old)])


def put_off(maker: Maker) -> Iterator[Sheet]:
    """A dossier whose date moves twice: the second time is refused, and it is not written about."""
    lines = [maker.dossier() for _ in range(7)]
    moved = lines[1]
    lines[1] = replace(moved, letter=False)
    yield sheet(Kind.DOSSIERS, "ho-so-1", lines)
    for days, defect, fate in ((5, PUT_OFF, "changed"), (9, PUT_OFF_TWICE, "refused")):
        row = put(moved.row, D_DUE, moved.row[D_DUE] + timedelta(days))
        yield sheet(
            Kind.DOSSIERS,
            f"ho-so-{defect}",
            [replace(moved, row=row, defect=defect, fate=fate, letter=False, facts=()), maker.dossier()],
        )
