"""Ten thousand registers that met with an accident, and whether a letter ever speaks of two couples at once.

`python -m benchmarks.accidents [--cases 10000]`: rows in another order, columns pushed, merged cells,
blanks, sums. Every register is read, every row believed becomes a letter; "wrong" must be 0.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from time import perf_counter

from hypothesis import HealthCheck, given, settings

from tests.letters.pairs import Case, cases, look

COLUMNS = ("files", "files_refused", "rows", "rows_refused", "letters", "wrong")


def tally(count: int) -> dict[str, Counter[str]]:
    """Look at *count* cases, and count by accident what became of them."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=cases)
    def each(case: Case) -> None:
        seen = look(case)
        found[case.accident.__name__] += seen.counts + Counter(wrong=len(seen.wrong))

    each()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row an accident, and fail when a letter mixed two couples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    asked = parser.parse_args(arguments)
    began = perf_counter()
    found = tally(asked.cases)
    whole = sum(found.values(), Counter[str]())
    print(f"| accident | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
    for name, counts in [*sorted(found.items()), ("all", whole)]:
        print(f"| {name} | {' | '.join(str(counts[column]) for column in COLUMNS)} |")
    print(f"{perf_counter() - began:.0f} s")
    return 1 if whole["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
