"""How well and how fast questions find their procedure: our matcher beside others, in one run.

`python -m benchmarks.lookup CATALOGUE QUESTIONS`: a catalogue as `ward knowledge check` reads
it, and questions as JSON lines ({"q", "gold", "near", "kind", "scope", "ambiguous"}). Every
method gets the same names: the official, the short and the everyday ones the catalogue has.
The peers read folded text; those that are not installed are left out. `--noise` makes the
questions worse first, `--scope commune` keeps a part of them, `--part 2/3` every third line.
`--without` asks our matcher again and again, each time without one of its parts, to see what
the part brings.
"""

import argparse
import asyncio
import importlib
import json
import random
import sqlite3
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rapidfuzz import fuzz, process

from benchmarks.noise import NOISES
from knowledge import asking, catalogue, match, names, scoring
from knowledge.catalogue import Catalogue
from knowledge.fold import fold
from knowledge.match import verdict
from knowledge.procedure import Procedure
from knowledge.repair import Neighbours
from knowledge.vocabulary import Phrases

TOP = 5
NAMES = 60  # names a peer returns, so that five procedures are among them
SEED = 20261120

Answer = tuple[list[str], str]  # codes, best first, and the verdict ("" when the method has none)
Method = Callable[[str], Answer]
Build = Callable[[Sequence[Procedure]], Method]


@dataclass
class Tally:
    """What one method did with all questions."""

    asked: int = 0
    first: int = 0
    third: int = 0
    fifth: int = 0
    sure: int = 0
    wrong: int = 0
    open: int = 0
    offered: int = 0
    strangers: int = 0
    refused: int = 0
    unsure: int = 0
    ms: list[float] = field(default_factory=list)


async def main() -> None:
    """Print one row a method."""
    asked = _arguments()
    procedures = (await asyncio.to_thread(catalogue.load, asked.catalogue)).procedures
    questions = list(_questions(asked))
    print(f"{len(procedures)} procedures, {len(questions)} questions, noise: {asked.noise or 'none'}")
    print(
        f"{'':26}{'top-1':>7}{'top-3':>7}{'top-5':>7}{'sure':>7}{'wrong':>7}{'choice':>8}{'none':>7}"
        f"{'unsure':>8}{'ms':>8}{'p95 ms':>8}{'load s':>8}{'MB':>7}"
    )
    for name, build in (WITHOUT if asked.without else METHODS).items():
        if asked.only and asked.only not in name:
            continue
        try:
            began = time.perf_counter()
            method = build(procedures)
        except ImportError:
            print(f"{name:26}  (not installed)")
            continue
        loaded = time.perf_counter() - began
        _print(name, _judged(method, questions), loaded, _megabytes(build, procedures))
    print(
        "wrong: sure and wrong, of all procedure questions; choice: ambiguous questions answered with a choice"
    )
    print(
        "that holds a right one; none: what is no procedure, answered with none; unsure: not answered as sure"
    )


def _arguments() -> argparse.Namespace:
    line = argparse.ArgumentParser(description=main.__doc__)
    line.add_argument("catalogue", type=Path, nargs="?", default=catalogue.BUNDLED)
    line.add_argument("questions", type=Path)
    line.add_argument("--noise", choices=[*NOISES, "all"])
    line.add_argument("--scope", default="", help="only procedure questions of this scope")
    line.add_argument("--part", default="", metavar="K/N", help="only the lines with index %% N == K")
    line.add_argument("--without", action="store_true", help="our matcher without one of its parts at a time")
    line.add_argument("--only", default="", help="only the methods whose name contains this")
    return line.parse_args()


def _questions(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    part, _, parts = asked.part.partition("/")
    dice = random.Random(SEED)
    for number, line in enumerate(asked.questions.read_text("utf-8").splitlines()):
        row = json.loads(line)
        if parts and number % int(parts) != int(part):
            continue
        if asked.scope and row["kind"] == "procedure" and row.get("scope") != asked.scope:
            continue
        noises = [] if not asked.noise else NOISES if asked.noise == "all" else [asked.noise]
        yield from ({**row, "q": NOISES[noise](row["q"], dice)} for noise in noises)
        if not noises:
            yield row


def _judged(method: Method, questions: Sequence[dict[str, Any]]) -> Tally:
    tally = Tally()
    for row in questions:
        began = time.perf_counter()
        codes, said = method(row["q"])
        tally.ms.append(1e3 * (time.perf_counter() - began))
        if row["kind"] == "procedure":
            _count(tally, row, codes, said)
        elif row.get("sub") != "vague":
            tally.strangers += 1
            tally.refused += said == "none"
            tally.unsure += said in ("none", "choice")
    return tally


def _count(tally: Tally, row: dict[str, Any], codes: list[str], said: str) -> None:
    gold, near = set(row["gold"]), set(row.get("near") or ())
    tally.asked += 1
    tally.first += bool(gold & set(codes[:1]))
    tally.third += bool(gold & set(codes[:3]))
    tally.fifth += bool(gold & set(codes[:TOP]))
    tally.sure += said == "sure"
    tally.wrong += said == "sure" and codes[0] not in gold | near
    if row.get("ambiguous"):
        tally.open += 1
        tally.offered += said == "choice" and bool(gold & set(codes[:TOP]))


def _print(name: str, tally: Tally, loaded: float, megabytes: float) -> None:
    ms = sorted(tally.ms)
    decides = bool(tally.sure or tally.refused)
    told = [
        _share(tally.first, tally.asked),
        _share(tally.third, tally.asked),
        _share(tally.fifth, tally.asked),
    ]
    told += [_share(tally.sure, tally.asked), _share(tally.wrong, tally.asked)] if decides else ["–", "–"]
    told = [f"{item:>7}" for item in told]
    told.append(f"{_share(tally.offered, tally.open) if decides else '–':>8}")
    told.append(f"{_share(tally.refused, tally.strangers) if decides else '–':>7}")
    told.append(f"{_share(tally.unsure, tally.strangers) if decides else '–':>8}")
    told.append(f"{statistics.median(ms):8.2f}{ms[int(0.95 * len(ms))]:8.2f}{loaded:8.2f}{megabytes:7.1f}")
    print(f"{name:26}{''.join(told)}")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def _megabytes(build: Build, procedures: Sequence[Procedure]) -> float:
    """Return what the method keeps in memory, as far as Python allocates it."""
    tracemalloc.start()
    try:
        kept = build(procedures)
        size, _ = tracemalloc.get_traced_memory()
        del kept
        return size / 1e6
    finally:
        tracemalloc.stop()


def ours(procedures: Sequence[Procedure]) -> Method:
    """Build our index."""
    index = Catalogue(tuple(procedures)).index

    def ask(question: str) -> Answer:
        found = index.find(question, TOP)
        return [item.procedure.code for item in found], verdict(found)

    return ask


def _rapidfuzz(scorer: Callable[..., float]) -> Build:
    def build(procedures: Sequence[Procedure]) -> Method:
        codes, names = _names(procedures)

        def ask(question: str) -> Answer:
            found = process.extract(fold(question), names, scorer=scorer, limit=NAMES)
            return _distinct(codes[place] for _, _, place in found)

        return ask

    return build


def _fts5(procedures: Sequence[Procedure]) -> Method:
    codes, names = _names(procedures)
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table names using fts5(name)")
    db.executemany("insert into names(rowid, name) values (?, ?)", enumerate(names))

    def ask(question: str) -> Answer:
        sought = " OR ".join(f'"{word}"' for word in _plain(question).split())
        query = "select rowid from names where names match ? order by rank limit ?"
        return _distinct(codes[row] for (row,) in db.execute(query, (sought, NAMES))) if sought else ([], "")

    return ask


def _bm25s(procedures: Sequence[Procedure]) -> Method:
    bm25s: Any = importlib.import_module("bm25s")
    codes, names = _names(procedures)
    engine = bm25s.BM25()
    engine.index([name.split() for name in names], show_progress=False)

    def ask(question: str) -> Answer:
        found, _ = engine.retrieve([_plain(question).split()], k=min(NAMES, len(names)), show_progress=False)
        return _distinct(codes[int(place)] for place in found[0])

    return ask


def _tantivy(procedures: Sequence[Procedure]) -> Method:
    tantivy: Any = importlib.import_module("tantivy")
    codes, names = _names(procedures)
    schema = tantivy.SchemaBuilder().add_text_field("name", stored=False)
    schema = schema.add_integer_field("place", stored=True).build()
    index = tantivy.Index(schema)
    writer = index.writer()
    for place, name in enumerate(names):
        writer.add_document(tantivy.Document(name=name, place=place))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(question: str) -> Answer:
        hits = searcher.search(index.parse_query(_plain(question), ["name"]), NAMES).hits
        return _distinct(codes[searcher.doc(at)["place"][0]] for _, at in hits)

    return ask


def _tfidf(procedures: Sequence[Procedure]) -> Method:
    text: Any = importlib.import_module("sklearn.feature_extraction.text")
    codes, names = _names(procedures)
    grams = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    matrix = grams.fit_transform(names)

    def ask(question: str) -> Answer:
        scores = (matrix @ grams.transform([_plain(question)]).T).toarray().ravel()
        return _distinct(codes[place] for place in scores.argsort()[::-1][:NAMES])

    return ask


METHODS: dict[str, Build] = {
    "ward": ours,
    "rapidfuzz WRatio": _rapidfuzz(fuzz.WRatio),
    "rapidfuzz token_set_ratio": _rapidfuzz(fuzz.token_set_ratio),
    "SQLite FTS5": _fts5,
    "bm25s": _bm25s,
    "tantivy": _tantivy,
    "TF-IDF of characters": _tfidf,
}


Part = tuple[Any, str, Any]  # where a part of the matcher stands, its name there, and what stands for none


def _without(*parts: Part, bare: Callable[[Procedure], Procedure] | None = None, away: bool = True) -> Build:
    """Return how to build our index without *parts*, from cards that *bare* took something from."""

    def build(procedures: Sequence[Procedure]) -> Method:
        cards = tuple(map(bare, procedures)) if bare else tuple(procedures)
        with ExitStack() as held:
            _hold(held, parts)
            index = (Catalogue(cards) if away else Catalogue(cards, (), ())).index

        def ask(question: str) -> Answer:
            with ExitStack() as held:
                _hold(held, parts)
                found = index.find(question, TOP)
            return [item.procedure.code for item in found], verdict(found)

        return ask

    return build


def _hold(held: ExitStack, parts: Sequence[Part]) -> None:
    for place, name, nothing in parts:
        held.enter_context(patch.object(place, name, nothing))


def _no_phrases() -> Phrases[Any]:
    return Phrases(())


WITHOUT: dict[str, Build] = {
    "ward": ours,
    "- everyday names": _without(bare=lambda card: replace(card, aliases=())),
    "- vocabulary": _without((asking, "concepts", _no_phrases)),
    "- misspelt syllables": _without((Neighbours, "_of", lambda *_: ())),
    "- sibling words": _without(
        (scoring, "siblings", lambda *_: 1.0), bare=lambda card: replace(card, sibling_words=())
    ),
    "- general words": _without((match, "subjects", tuple)),
    "- signs of a report": _without((match, "signs", _no_phrases)),
    "- small talk": _without((names, "elsewhere", tuple)),
    "- other offices, events": _without(away=False),
}


def _names(procedures: Sequence[Procedure]) -> tuple[list[str], list[str]]:
    pairs = [
        (item.code, _plain(name))
        for item in procedures
        for name in dict.fromkeys((item.name, item.short_name, *item.aliases))
    ]
    return [code for code, _ in pairs], [name for _, name in pairs]


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() else " " for letter in fold(text))


def _distinct(codes: Iterator[str]) -> Answer:
    return list(dict.fromkeys(codes))[:TOP], ""


if __name__ == "__main__":
    asyncio.run(main())
