"""Whatever happens to a register on its way: no row is ever read from two rows.

Some dozens of examples in the suite; PAIRING_EXAMPLES=10000 for a long look, or `benchmarks.accidents`,
which writes the letters as well.
"""

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.importers import FileRefused, Kind, Reading, read
from records.importers.titles import fold
from tests.records.importers.register import (
    BRIDE,
    BRIDE_BORN,
    BRIDE_ID,
    DAY,
    GROOM,
    GROOM_BORN,
    GROOM_ID,
    NUMBER,
    PHONE,
    TITLES,
    Book,
    Cells,
    couples,
    csv,
    html,
    mixed,
    xlsx,
)

EXAMPLES = int(os.environ.get("PAIRING_EXAMPLES", "80"))
PEOPLE = (GROOM, GROOM_BORN, BRIDE, BRIDE_BORN, PHONE)
TELLING = (DAY, NUMBER)
WIDTH = len(TITLES)
slowly = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
rarely = settings(slowly, max_examples=max(20, EXAMPLES // 10))

Accident = Callable[[Cells, random.Random], Cells]


def column(rows, at):
    return [row[at] for row in rows]


def replaced(rows, at, values):
    rows = [*rows, *([[""] * WIDTH for _ in range(len(values) - len(rows))])]
    return [[*row[:at], value, *row[at + 1 :]] for row, value in zip(rows, values, strict=True)]


def shuffle_rows(rows, chance):
    return chance.sample(rows, len(rows))


def push_down(rows, chance):
    at, start = chance.choice((*PEOPLE, *TELLING)), chance.randrange(len(rows))
    values = column(rows, at)
    return replaced(rows, at, [*values[:start], *([""] * chance.randint(1, 3)), *values[start:]])


def push_down_and_fill(rows, chance):
    at, start = chance.choice(PEOPLE), chance.randrange(len(rows))
    values = column(rows, at)
    return replaced(rows, at, [*values[:start], chance.choice(values), *values[start:]])


def pull_up(rows, chance):
    at, start, gone = chance.choice(PEOPLE), chance.randrange(len(rows) - 3), chance.randint(1, 3)
    values = column(rows, at)
    return replaced(rows, at, [*values[:start], *values[start + gone :], *([""] * gone)])


def push_block_down(rows, chance):
    start = chance.randrange(len(rows))
    for at in chance.choice(
        ((BRIDE, BRIDE_BORN, BRIDE_ID), (GROOM, GROOM_BORN, GROOM_ID), (BRIDE_ID, PHONE))
    ):
        values = column(rows, at)[: len(rows)]
        rows = replaced(
            rows, at, [*values[:start], "", *values[start:]] if len(values) == len(rows) else values
        )
        rows = rows[:]
    return rows


def push_right(rows, chance):
    start, first, last = (
        chance.randrange(1, WIDTH),
        *sorted((chance.randrange(len(rows)), chance.randrange(len(rows)))),
    )
    return [
        [*row[:start], "", *row[start:]] if first <= place <= last else row for place, row in enumerate(rows)
    ]


def pull_left(rows, chance):
    start, place = chance.randrange(WIDTH), chance.randrange(len(rows))
    return [[*row[:start], *row[start + 1 :], ""] if n == place else row for n, row in enumerate(rows)]


def sort_names(rows, chance):
    at = chance.choice((GROOM, BRIDE))
    order = chance.choice((None, fold, lambda name: fold(name).split()[::-1]))
    return replaced(rows, at, sorted(column(rows, at), key=order, reverse=chance.random() < 0.5))


def exchange_two(rows, chance):
    at = chance.choice(TELLING)
    values = column(rows, at)
    a, b = chance.randrange(len(rows)), chance.randrange(len(rows))
    values[a], values[b] = values[b], values[a]
    return replaced(rows, at, values)


def turn_births(rows, chance):
    at, by = chance.choice((GROOM_BORN, BRIDE_BORN)), chance.randrange(1, len(rows))
    values = column(rows, at)
    return replaced(rows, at, [*values[by:], *values[:by]])


def lose_rows(rows, chance):
    kept = sorted(chance.sample(range(len(rows)), chance.randint(1, len(rows))))
    return [rows[place] for place in kept]


def repeat_rows(rows, chance):
    return [*rows, *chance.sample(rows, 2)]


def add_blanks(rows, chance):
    at = chance.randrange(len(rows))
    return [*rows[:at], *([[""] * WIDTH] * chance.randint(1, 5)), *rows[at:], *([[""] * WIDTH] * 9)]


def add_sums(rows, _chance):
    return [
        *rows,
        ["Tổng cộng", len(rows), *[""] * 10],
        ["", "", "", "", "Người lập biểu"],
        ["", "", "", "", "Lê Thị Ký"],
    ]


HARMLESS: tuple[Accident, ...] = (lose_rows, add_blanks, add_sums)
ACCIDENTS: tuple[Accident, ...] = (
    push_down,
    push_down_and_fill,
    pull_up,
    push_block_down,
    push_right,
    pull_left,
    sort_names,
    exchange_two,
    turn_births,
    repeat_rows,
    shuffle_rows,
)


def marriages(content: bytes) -> Reading | None:
    try:
        return read(content, "so", Kind.MARRIAGES)
    except FileRefused:
        return None


# Plain dice here: whoever may choose every throw finds the rows that stand in order by themselves,
# and those are rightly doubted.
dice = st.integers(0, 2**32).map(random.Random)


@slowly
@given(st.integers(10, 40), st.sampled_from(HARMLESS), dice)
def test_a_register_that_only_lost_rows_or_gained_blanks_is_read_whole(size, change, chance):
    rows = change(couples(size), chance)
    reading = marriages(csv(Book(rows)).encode())
    assert reading is not None
    assert mixed(reading) == []
    assert reading.refusals == ()


@pytest.mark.parametrize("seed", range(20))
def test_a_register_in_no_order_at_all_is_read_whole(seed):
    reading = marriages(csv(Book(shuffle_rows(couples(24), random.Random(seed)))).encode())
    assert reading is not None
    assert (len(reading.rows), reading.refusals, mixed(reading)) == (24, (), [])


@slowly
@given(
    st.integers(10, 40),
    st.sampled_from(ACCIDENTS),
    st.sampled_from((csv, html)),
    st.randoms(use_true_random=False),
)
def test_after_an_accident_no_row_is_read_from_two(size, accident, shape, chance):
    rows = accident(couples(size), chance)
    reading = marriages(shape(Book(rows)).encode())
    assert reading is None or mixed(reading) == []


@slowly
@given(
    st.integers(10, 40),
    st.sampled_from(ACCIDENTS),
    st.sampled_from((add_blanks, add_sums)),
    st.randoms(use_true_random=False),
)
def test_after_an_accident_among_blanks_and_sums_no_row_is_read_from_two(size, accident, change, chance):
    rows = change(accident(couples(size), chance), chance)
    reading = marriages(csv(Book(rows)).encode())
    assert reading is None or mixed(reading) == []


@rarely
@given(
    st.integers(10, 30),
    st.integers(0, WIDTH - 1),
    st.integers(1, 4),
    st.integers(0, 2),
    st.randoms(use_true_random=False),
)
def test_merged_cells_never_lend_a_person_to_another_row(size, at, down, right, chance):
    top = chance.randrange(1, size - 4)
    right = min(at + right, WIDTH - 1)
    reading = marriages(xlsx(Book(couples(size), merges=[(top, at, top + down, right)])))
    assert reading is None or mixed(reading) == []


@pytest.mark.parametrize("accident", ACCIDENTS, ids=lambda accident: accident.__name__)
def test_each_accident_does_change_the_register(accident):
    assert any(accident(couples(20), random.Random(seed)) != couples(20) for seed in range(5))
