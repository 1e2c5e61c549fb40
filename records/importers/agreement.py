"""What must agree within one row, if all its cells belong together.

Dates in order, ages, the year of the book, a personal number that tells birth year and sex, a
dossier's code that tells its day. A row in which they disagree is refused, whatever the cause.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from records.importers.body import Entry
from records.importers.kinds import Age, Form, Order, Person
from records.importers.rows import Fact

_DISAGREE = "Mời so dòng này với sổ gốc: có thể ô của dòng khác lẫn vào đây."
# Nghị định 137/2015/NĐ-CP, Điều 13: after three figures of the province, one for century and sex
# (0 male, 1 female of the 20th century; 2, 3 of the 21st), then two of the year of birth.
_CENTURY_AT, _YEAR_AT = 3, slice(4, 6)
_NEW_NUMBER = 12
# Thông tư 01/2018/TT-VPCP, Điều 19: …-YYMMDD-XXXX, the day the dossier was taken.
_DATED = re.compile(r".+-(\d{2})(\d{2})(\d{2})-\d{3,6}")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The titles by which the clerk knows the columns, field by field."""

    titles: dict[str, str]

    def of(self, field: str) -> str:
        """Return the title of *field*, or the field's own name when the sheet has none."""
        return self.titles.get(field, field)


def check(entries: Iterable[Entry], form: Form, columns: Columns, today: date | None) -> None:
    """Refuse every entry whose facts disagree with each other, or with *today* when it is given."""
    for entry in entries:
        _book_year(entry, form, columns)
        for order in form.orders:
            _order(entry, order, columns)
        for age in form.ages:
            _age(entry, age, columns)
        for person in form.persons:
            _identity(entry, person, columns)
        _code(entry, form, columns)
        if today:
            _not_yet(entry, form, columns, today)
        _complete(entry, form, columns)


def _complete(entry: Entry, form: Form, columns: Columns) -> None:
    told = {refusal.column for refusal in entry.refusals}
    for field in form.fields:
        title = columns.of(field.name) if field.name in columns.titles else field.title
        if field.needed and field.name not in entry.facts and title not in told:
            entry.refuse(title, "", "ô bắt buộc để trống", "Mời điền ô này theo sổ gốc.", strange=False)


def _book_year(entry: Entry, form: Form, columns: Columns) -> None:
    """Bring the year of entry, book and date together; they must be one."""
    ledger = form.ledger
    if not ledger or not ledger.year:
        return
    said: dict[str, int] = {}
    for name in (ledger.number, ledger.book):
        value = entry.facts.get(name)
        if isinstance(value, str) and "/" in value:
            bare, _, year = value.partition("/")
            entry.facts[name] = bare
            said[name] = int(year)
    if isinstance(year_alone := entry.facts.get(ledger.year), int):
        said[ledger.year] = year_alone
    day = entry.facts.get(ledger.day)
    if isinstance(day, date):
        for name, told in said.items():
            if told != day.year:
                why = f"năm {told} khác năm của ngày {day:%d/%m/%Y}"
                entry.refuse(columns.of(name), entry.cells.get(name), why, _DISAGREE)
        entry.facts[ledger.year] = day.year


def _order(entry: Entry, order: Order, columns: Columns) -> None:
    first, then = entry.facts.get(order.first), entry.facts.get(order.then)
    if isinstance(first, date) and isinstance(then, date) and then < first:
        why = f"ngày này trước “{columns.of(order.first)}” ({first:%d/%m/%Y})"
        entry.refuse(columns.of(order.then), then, why, _DISAGREE)


def _age(entry: Entry, age: Age, columns: Columns) -> None:
    born, at = entry.facts.get(age.born), entry.facts.get(age.at)
    if born is None or not isinstance(at, date):
        return
    years = years_between(born, at)
    if not age.least <= years[0] or not years[1] <= age.most:
        why = f"{age.whose} khi đó {years[0]} tuổi, ngoài khoảng {age.least}–{age.most}"
        entry.refuse(columns.of(age.born), entry.cells.get(age.born), why, _DISAGREE)


def years_between(born: Fact, at: date) -> tuple[int, int]:
    """Return the greatest and the least age at that day: one number for a full date of birth."""
    if isinstance(born, date):
        years = at.year - born.year - ((at.month, at.day) < (born.month, born.day))
        return years, years
    year = born if isinstance(born, int) else at.year
    return at.year - year, max(at.year - year - 1, 0) if year <= at.year else at.year - year


def _identity(entry: Entry, person: Person, columns: Columns) -> None:
    """Hold a personal number of twelve figures against year of birth and sex."""
    number = entry.facts.get(person.id) if person.id else None
    if not isinstance(number, str) or len(number) != _NEW_NUMBER:
        return
    century, male = divmod(int(number[_CENTURY_AT]), 2)
    year = 1900 + 100 * century + int(number[_YEAR_AT])
    born = entry.facts.get(person.born) if person.born else None
    born_year = born.year if isinstance(born, date) else born
    if isinstance(born_year, int) and born_year != year:
        why = f"số định danh cho biết {person.whose} sinh năm {year}, khác năm sinh trong dòng"
        entry.refuse(columns.of(person.id), number, why, _DISAGREE)
    sex = person.sex or entry.facts.get(person.sex_field)
    if sex and sex != ("nữ" if male else "nam"):
        why = f"số định danh của {person.whose} là của người giới tính khác"
        entry.refuse(columns.of(person.id), number, why, _DISAGREE)


def _code(entry: Entry, form: Form, columns: Columns) -> None:
    if not form.dated_code:
        return
    code, day = (entry.facts.get(name) for name in form.dated_code)
    found = _DATED.fullmatch(code) if isinstance(code, str) else None
    if found and isinstance(day, date) and f"{day:%y%m%d}" != "".join(found.groups()):
        why = f"mã hồ sơ cho biết ngày nhận khác ngày {day:%d/%m/%Y} trong dòng"
        entry.refuse(columns.of(form.dated_code[0]), code, why, _DISAGREE)


_FUTURE = frozenset({"due_on", "handed_over_on"})  # may be appointed ahead


def _not_yet(entry: Entry, form: Form, columns: Columns, today: date) -> None:
    for field in form.fields:
        day = entry.facts.get(field.name)
        if isinstance(day, date) and day > today and field.name not in _FUTURE:
            entry.refuse(columns.of(field.name), day, "ngày này chưa tới", _DISAGREE)


_FEMALE, _MALE = "thi", "van"


def sex_of_name(name: str) -> str:
    """Return the sex a folded name's middle word hints at, or "". A weak sign: weighed over a sheet only.

    >>> sex_of_name("tran thi van")
    'nữ'
    """
    middle = name.split()[1:-1]
    if _FEMALE in middle:
        return "nữ"
    return "nam" if _MALE in middle else ""


def seems_swapped(entry: Entry, persons: Sequence[Person]) -> int:
    """Count the persons of a row whose names hint at the other sex."""
    count = 0
    for person in persons:
        sex = person.sex or entry.facts.get(person.sex_field)
        hint = sex_of_name(entry.folded(person.name)) if sex else ""
        count += bool(hint and sex != hint)
    return count
