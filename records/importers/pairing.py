"""Are the cells of a row of one family? Signs that a whole column, or a block, has moved.

Within a row `agreement` has spoken. Here the rows are held against each other:

- a column of needed names with a hole, or one that ends before the others, was shifted up;
- a cell alone below the table is the end of a column shifted down (`body` finds it);
- numbers of a bound register rise with their dates, and down the page;
- names or birth dates in perfect order beside rising numbers were sorted alone;
- the same person twice with two spouses, the same name down a column, numbers that count up by
  one as a dragged corner makes them;
- dates of a column with the month in front; names of the other sex in many rows.

A row with such a sign is refused. When more than a few rows have one, the file is refused.

What a file alone cannot show, whatever is checked: two cells of one column exchanged by hand
where neither dates, ages, sexes nor personal numbers tell (two brides' names, two phones); a
column of names of the very same length pasted in another order than sorted; one column sorted in a sheet of fewer than eight rows; an optional column with gaps of its own
(phones) shifted inside its gaps; a block moved one row down over its lower neighbour where the
hole was then filled; one date cut out and put in again far away in its column, where it seems
the only one out of order; birth dates exchanged between people of one year; a register in no
order at all, one column of which was put in another order. Personal numbers beside birth dates
close most of these; phones are proved by nothing, and must be verified before use.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date
from math import factorial
from typing import TypeVar

from records.importers import agreement, dates
from records.importers.agreement import Columns
from records.importers.body import MOVED, Entry
from records.importers.kinds import Form, Person
from records.importers.rows import Fact, FileRefused, shown

_Thing = TypeVar("_Thing")

FEW = 3  # rows that may smell in a file, or one in a hundred
_PART = 5  # one row in so many, in a short file
_DENSE = 5  # rows from which a column without holes is expected to stay so
_RISING = 5  # rows from which an order can be told
_MOSTLY = 0.8
_NEAR = 10  # rows a cell may have been moved past
_DRAGGED = 4  # cells that count up by one
_SAME = 3  # rows with one name under each other
_CHANCE = 1000  # one sheet in so many may be in order by chance
_COMPARE = "Mời so dòng này với sổ gốc rồi nạp lại."


def whole_columns(entries: Sequence[Entry], form: Form, columns: Columns) -> None:
    """Refuse the file when a column has a hole where none can be, or ends before the others."""
    for field in form.fields:
        if field.name not in columns.titles or not entries:
            continue
        empty = [entry.number for entry in entries if field.name not in entry.cells]
        if not empty or len(empty) == len(entries):
            continue
        dense = len(entries) > _DENSE and empty == [entry.number for entry in entries[-len(empty) :]]
        tail = empty[-1] == entries[-1].number and (field.needed or dense)
        if not tail and not field.pairs:
            continue
        title = shown(columns.of(field.name))
        why = f"Cột “{title}” hết trước các cột khác" if tail else f"Cột “{title}” có ô trống"
        raise FileRefused(
            f"{why} (dòng {empty[-1] if tail else empty[0]}), nên không chắc các ô cùng dòng là của nhau.",
            MOVED,
        )


def month_first(entries: Sequence[Entry], form: Form, columns: Columns) -> None:
    """Refuse the file when a column of dates has the month in front."""
    for field in form.fields:
        if field.type not in {"date", "birth"}:
            continue
        if dates.month_first([entry.cells[field.name] for entry in entries if field.name in entry.cells]):
            raise FileRefused(
                f"Cột “{shown(columns.of(field.name))}” có dấu hiệu tháng đứng trước ngày, nên mỗi ngày có hai cách hiểu.",
                "Mời sửa cả cột về ngày/tháng/năm (hoặc lấy lại tệp gốc trên máy đặt vùng Việt Nam) rồi nạp lại.",
            )


def across(entries: Sequence[Entry], form: Form, columns: Columns) -> None:
    """Refuse rows that other rows contradict, and the file when a column was sorted alone."""
    _rising(entries, form, columns)
    _sorted_alone(entries, form, columns)
    for person in form.persons:
        _dragged(entries, person, columns)
        if person.once:
            _once(entries, person, columns)
        if person.id:
            _one_number_one_name(entries, person, columns)
    _sexes(entries, form, columns)


def few(entries: Sequence[Entry]) -> None:
    """Refuse the file when more than a few rows smell of cells that moved."""
    strange = [entry for entry in entries if entry.strange]
    most = max(FEW, len(entries) // 100)
    if len(strange) > most or (len(strange) > 1 and _PART * len(strange) >= len(entries)):
        preview = tuple(_smell(entry) for entry in strange[:5])
        raise FileRefused(
            f"{len(strange)} trên {len(entries)} dòng có dấu hiệu các ô không cùng một hồ sơ, nên cả tệp không được nạp.",
            MOVED,
            preview,
        )


def _smell(entry: Entry) -> str:
    first = entry.refusals[0]
    return f"Dòng {first.row}, cột {first.column}: {first.why}"


# --- order ---------------------------------------------------------------------------------------


def _rising(entries: Sequence[Entry], form: Form, columns: Columns) -> None:
    """Refuse entries outside the longest order of numbers by date, and of numbers down the page."""
    if not form.ledger:
        return
    books: defaultdict[Hashable, list[tuple[int, date, Entry]]] = defaultdict(list)
    for entry in entries:
        number, day = _ordinal(entry.facts.get(form.ledger.number)), entry.facts.get(form.ledger.day)
        if number is not None and isinstance(day, date):
            books[entry.facts.get(form.ledger.book), day.year].append((number, day, entry))
    title = columns.of(form.ledger.number)
    for book in books.values():
        by_number = sorted(book, key=lambda one: (one[0], one[1]))
        for _, day, entry in _outside([one[1].toordinal() for one in by_number], by_number):
            why = f"ngày {day:%d/%m/%Y} không đúng thứ tự so với số đăng ký các dòng khác"
            entry.refuse(title, entry.cells.get(form.ledger.number), why, _COMPARE)
        fallen = _outside([one[0] for one in book], book)
        if len(book) >= _RISING and len(book) - len(fallen) >= _MOSTLY * len(book):
            for number, _, entry in fallen:
                entry.refuse(
                    title, number, "số đăng ký không theo thứ tự tăng dần như các dòng khác", _COMPARE
                )


def _ordinal(number: Fact) -> int | None:
    digits = number.partition("/")[0].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZĐ") if isinstance(number, str) else ""
    return int(digits) if digits.isdecimal() else None


def _outside(values: Sequence[int], things: Sequence[_Thing]) -> list[_Thing]:
    """Return the things that do not fit the longest run of values that never falls.

    With each, those between its place and the place its value belongs to, when that is near:
    two neighbours exchanged, or a cell moved past a few others, leave none of them certain.
    """
    kept = _longest_run(values)
    out = set(range(len(values))) - set(kept)
    risen = [values[place] for place in kept]
    for place in set(out):
        here, there = bisect_right(kept, place), bisect_right(risen, values[place])
        between = kept[min(here, there) : max(here, there)]
        out.update(between if len(between) <= _NEAR else ())
    return [things[place] for place in sorted(out)]


def _longest_run(values: Sequence[int]) -> list[int]:
    """Return the places of the longest run of values that never falls."""
    ends: list[int] = []
    tails: list[int] = []
    before = [-1] * len(values)
    for place, value in enumerate(values):
        at = bisect_right(tails, value)
        before[place] = ends[at - 1] if at else -1
        tails[at : at + 1], ends[at : at + 1] = [value], [place]
    kept: list[int] = []
    place = ends[-1] if ends else -1
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]


def _sorted_alone(entries: Sequence[Entry], form: Form, columns: Columns) -> None:
    """Refuse the file when names stand in order over a stretch in which the numbers rise too."""
    order = form.ledger.number if form.ledger else (form.dated_code[0] if form.dated_code else "")
    if not order:
        return
    run = _telling_run(len(entries))
    rising = [_order_key(entry.facts.get(order)) for entry in entries]
    for field, key in _loose_columns(form):
        values = [key(entry, field) for entry in entries]
        if _longest(values, rising) >= run:
            raise FileRefused(
                f"Cột “{shown(columns.of(field))}” được sắp xếp riêng, không cùng số đăng ký.",
                "Mời lấy lại tệp trước khi sắp xếp; khi sắp xếp, chọn cả bảng (không chọn một cột).",
            )


def _telling_run(size: int) -> int:
    """Return how many values in order are no chance in a sheet of *size* rows."""
    run = 1
    while factorial(run) <= size * _CHANCE:
        run += 1
    return run


def _order_key(number: Fact) -> tuple[int, str]:
    return _ordinal(number) or 0, str(number or "")


def _loose_columns(form: Form) -> Iterator[tuple[str, Callable[[Entry, str], str]]]:
    """Yield the columns that have no order of their own beside the register's numbers."""
    happened = {order.first for order in form.orders} | {age.at for age in form.ages}
    for person in form.persons:
        yield person.name, Entry.folded
        yield person.name, _by_letters
        yield person.name, _by_given_name
        if person.born and person.born not in happened:
            yield person.born, _by_birth


def _by_letters(entry: Entry, field: str) -> str:
    """Return a name as a program sorts it that knows no Vietnamese."""
    name = entry.facts.get(field)
    return name if isinstance(name, str) else ""


def _by_given_name(entry: Entry, field: str) -> str:
    """Return a name as an office sorts it: the last word first."""
    return " ".join(reversed(entry.folded(field).split()))


def _by_birth(entry: Entry, field: str) -> str:
    born = entry.facts.get(field)
    return born.isoformat() if isinstance(born, date) else str(born or "")


def _longest(values: Sequence[str], rising: Sequence[tuple[int, str]]) -> int:
    """Return the most different values in order, up or down, in a stretch where *rising* rises."""
    best = 0
    up = down = 1
    for place in range(1, len(values)):
        before, value = values[place - 1], values[place]
        if not before or not value or rising[place - 1] >= rising[place]:
            up = down = 1
            continue
        up = up + (value > before) if value >= before else 1
        down = down + (value < before) if value <= before else 1
        best = max(best, up, down)
    return best


# --- people --------------------------------------------------------------------------------------


def _once(entries: Sequence[Entry], person: Person, columns: Columns) -> None:
    """Refuse rows that have one person twice, unless they are the same entry twice."""
    seen: defaultdict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        for who in _marks(entry, person):
            seen[who].append(entry)
    for rows in seen.values():
        if len({frozenset(entry.facts.items()) for entry in rows}) > 1:
            for entry in rows:
                numbers = ", ".join(str(other.number) for other in rows[:5])
                why = f"cùng một người ({person.whose}) có ở các dòng {numbers}, nội dung khác nhau"
                entry.refuse(columns.of(person.name), entry.facts.get(person.name), why, _COMPARE)


def _marks(entry: Entry, person: Person) -> Iterator[Hashable]:
    """Yield what tells a person: a personal number, or name and day of birth."""
    if person.id and (number := entry.facts.get(person.id)):
        yield number
    name, born = entry.facts.get(person.name), entry.facts.get(person.born) if person.born else None
    if name and isinstance(born, date):
        yield entry.folded(person.name), born


def _one_number_one_name(entries: Sequence[Entry], person: Person, columns: Columns) -> None:
    """Refuse rows in which one personal number belongs to two names."""
    seen: defaultdict[Fact, list[Entry]] = defaultdict(list)
    for entry in entries:
        if number := entry.facts.get(person.id):
            seen[number].append(entry)
    for number, rows in seen.items():
        if len({entry.folded(person.name) for entry in rows}) > 1:
            for entry in rows:
                entry.refuse(
                    columns.of(person.id), number, "một số định danh có ở hai người khác tên", _COMPARE
                )


def _dragged(entries: Sequence[Entry], person: Person, columns: Columns) -> None:
    """Refuse rows made by dragging a cell's corner: values that count up, one name repeated."""
    for field, step, least in (
        (person.id, _counts_up, _DRAGGED),
        (person.born, _next_day, _DRAGGED),
        (person.name, _same, _SAME),
    ):
        if not field or (field == person.name and not person.once):
            continue
        for run in _runs([entry.facts.get(field) for entry in entries], step):
            for place in run if len(run) >= least else ():
                entry = entries[place]
                why = "các ô liền nhau giống như kéo chuột điền tự động"
                entry.refuse(columns.of(field), entry.cells.get(field), why, _COMPARE)


def _runs(values: Sequence[Fact], step: Callable[[Fact, Fact], bool]) -> Iterator[range]:
    start = 0
    for place in range(1, len(values) + 1):
        if place == len(values) or not step(values[place - 1], values[place]):
            yield range(start, place)
            start = place


def _counts_up(before: Fact, value: Fact) -> bool:
    return (
        isinstance(before, str)
        and isinstance(value, str)
        and before.isdecimal()
        and value.isdecimal()
        and int(value) - int(before) == 1
    )


def _next_day(before: Fact, value: Fact) -> bool:
    return isinstance(before, date) and isinstance(value, date) and (value - before).days == 1


def _same(before: Fact, value: Fact) -> bool:
    return bool(before) and before == value


def _sexes(entries: Sequence[Entry], form: Form, columns: Columns) -> None:
    """Refuse rows whose names all hint at the other sex; many single hints refuse the file."""
    told = [person for person in form.persons if person.sex or person.sex_field]
    single = 0
    for entry in entries:
        swapped = agreement.seems_swapped(entry, told)
        single += swapped == 1
        if swapped > 1:
            why = "họ tên cho thấy nam và nữ bị đảo cột"
            entry.refuse(columns.of(told[0].name), entry.facts.get(told[0].name), why, _COMPARE)
    if single > max(FEW, len(entries) // 20):
        raise FileRefused(
            f"{single} dòng có họ tên không hợp giới tính (“Thị” ở cột nam hoặc “Văn” ở cột nữ).", MOVED
        )


# --- the same entry twice ------------------------------------------------------------------------


def same_keys(entries: Sequence[Entry], keys: Sequence[str], columns: Columns, field: str) -> set[int]:
    """Refuse entries of one key that differ; return the places of mere repetitions."""
    first: dict[str, int] = {}
    again: set[int] = set()
    clash: Counter[str] = Counter()
    for place, key in enumerate(keys):
        before = first.setdefault(key, place)
        if before != place and entries[before].facts == entries[place].facts:
            again.add(place)
        elif before != place:
            clash[key] += 1
    for place, key in enumerate(keys):
        if key in clash:
            why = "nhiều dòng cùng số này nhưng nội dung khác nhau"
            entries[place].refuse(
                columns.of(field), entries[place].facts.get(field), why, _COMPARE, strange=False
            )
    return again
