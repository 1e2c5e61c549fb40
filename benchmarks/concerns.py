"""How well and how fast reports find their category, and whether questions are left alone.

`python -m benchmarks.concerns [QUESTIONS]`: the sentences of `concerns.toml`, as written and
made worse, and questions as JSON lines ({"q", "kind"}) when given. `--wrong tuned` lists what
went wrong in that part; "fresh" is the honest one.
"""

import argparse
import json
import random
import statistics
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.noise import NOISES
from knowledge.concerns import Concerns, load_concerns

SENTENCES = Path(__file__).parent / "concerns.toml"
PARTS = ("kept", "tuned", "late", "last", "fresh")
SEED = 20261120
TOP = 3

Said = tuple[str, str]  # the sentence and the code of its category


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row a part and noise."""
    asked = _asked(arguments)
    began = time.perf_counter()
    concerns = load_concerns()
    print(f"{len(concerns.categories)} categories, loaded in {time.perf_counter() - began:.2f} s")
    print(f"{'':26}{'reports':>8}{'top-1':>8}{'top-3':>8}{'is report':>11}{'others':>8}{'false':>8}")
    for part in PARTS:
        for name in ("", *NOISES):
            _row(part, name, concerns)
    _times(concerns)
    if asked.questions:
        _labelled(concerns, asked.questions, show=bool(asked.wrong))
    if asked.wrong:
        _show(concerns, asked.wrong)


def reports(part: str) -> list[Said]:
    """Return the reports of a part with their codes."""
    table = tomllib.loads(SENTENCES.read_text("utf-8"))[part]
    return [(text, code) for code, texts in table.items() for text in texts]


def others(part: str) -> list[str]:
    """Return the sentences of a part that are no reports."""
    said: list[str] = tomllib.loads(SENTENCES.read_text("utf-8"))[f"{part}_not"]["say"]
    return said


def accuracy(concerns: Concerns, said: Sequence[Said], top: int) -> float:
    """Return the share of *said* whose category is among the *top* guesses."""
    return _share(code in _codes(concerns, text, top) for text, code in said)


def reported(concerns: Concerns, texts: Sequence[str]) -> float:
    """Return the share of *texts* taken for reports."""
    return _share(concerns.is_report(text) for text in texts)


def _row(part: str, noise: str, concerns: Concerns) -> None:
    dice = random.Random(SEED)
    worse: Callable[[str], str] = (lambda text: NOISES[noise](text, dice)) if noise else str
    said = [(worse(text), code) for text, code in reports(part)]
    silent = [worse(text) for text in others(part)]
    first, third = accuracy(concerns, said, 1), accuracy(concerns, said, TOP)
    told, false = reported(concerns, [text for text, _ in said]), reported(concerns, silent)
    print(
        f"{f'{part}, {noise}' if noise else part:26}{len(said):8}{first:8.1%}{third:8.1%}"
        f"{told:11.1%}{len(silent):8}{false:8.1%}"
    )


def _times(concerns: Concerns) -> None:
    """Print how long a guess takes, per call."""
    spent = []
    for text, _ in (said for part in PARTS for said in reports(part)):
        began = time.perf_counter()
        concerns.guess(text)
        spent.append(1000 * (time.perf_counter() - began))
    ordered = sorted(spent)
    print(
        f"guess: median {statistics.median(ordered):.2f} ms, p95 {ordered[int(0.95 * len(ordered))]:.2f} ms"
    )


def _labelled(concerns: Concerns, path: Path, *, show: bool) -> None:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    for kind in sorted({row["kind"] for row in rows}):
        texts = [row["q"] for row in rows if row["kind"] == kind]
        print(f"{kind:26}{len(texts):8}{'is report':>27}{reported(concerns, texts):8.1%}")
        if show:
            wrong = [text for text in texts if concerns.is_report(text) != (kind == "feedback")]
            print(*(f"    {text}" for text in wrong), sep="\n")


def _show(concerns: Concerns, part: str) -> None:
    for text, code in reports(part):
        guesses = concerns.guess(text)
        told = "" if concerns.is_report(text) else "no report"
        if told or not guesses or guesses[0].category.code != code:
            seen = ", ".join(f"{g.category.code} {g.score:.0f} {g.because}" for g in guesses)
            print(f"{code:18} {text}\n{'':18} {told} {seen}")
    for text in others(part):
        if concerns.is_report(text):
            print(f"{'false report':18} {text} {[g.because for g in concerns.guess(text)]}")


def _codes(concerns: Concerns, text: str, top: int) -> Iterator[str]:
    return (guess.category.code for guess in concerns.guess(text, top))


def _share(hits: Iterable[bool]) -> float:
    return statistics.fmean(hits)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="?", type=Path)
    parser.add_argument("--wrong", choices=PARTS, help="list what went wrong in this part")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
