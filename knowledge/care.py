"""What a clerk should look at in an edition: not wrong, but on its way there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rapidfuzz import fuzz, process

from knowledge.catalogue import Catalogue
from knowledge.fold import fold

OLD = timedelta(days=365)  # since a card was checked
NEAR = 95.0  # share of letters in common (fuzz.ratio) from which two names are easily mixed up
ALIKE = 80.0  # ... of words in common (fuzz.token_sort_ratio) from which two questions ask the same


@dataclass(frozen=True)
class Notice:
    """One thing to look at: the card and what about it."""

    code: str
    what: str

    def __str__(self) -> str:
        """Return the notice as one line for the clerk."""
        return f"{self.code} · {self.what}"


def warnings(cards: Catalogue, today: date) -> list[Notice]:
    """Return what to look at: names near to two cards, cards past their date, cards replaced."""
    return [*_names(cards), *_past(cards, today), *_replaced(cards)]


def grouped(questions: Sequence[str]) -> list[list[int]]:
    """Return the places of *questions* in groups of those that ask the same, the first one leading.

    >>> grouped(["làm thẻ thư viện", "mượn sách", "lam the thu vien ạ"])
    [[0, 2], [1]]
    """
    groups: list[list[int]] = []
    leading: list[str] = []
    for place, question in enumerate(map(fold, questions)):
        near = process.extractOne(question, leading, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        if near is None:
            groups.append([place])
            leading.append(question)
        else:
            groups[near[2]].append(place)
    return groups


def taken(cards: Catalogue, name: str) -> str:
    """Return the code of the card that everyday *name* already means, word for word; or nothing."""
    said = fold(name)
    for item in cards.procedures:
        if said in (fold(item.name), fold(item.short_name), *map(fold, item.aliases)):
            return item.code
    return ""


def _names(cards: Catalogue) -> Iterator[Notice]:
    owners = [(alias, item.code) for item in cards.procedures for alias in item.aliases]
    folded = [fold(alias) for alias, _ in owners]
    for place, name in enumerate(folded):
        near = process.extract(name, folded[place + 1 :], scorer=fuzz.ratio, score_cutoff=NEAR, limit=3)
        for _, _, step in near:
            (alias, code), (other, its) = owners[place], owners[place + 1 + step]
            if code != its:
                yield Notice(code, f"tên gọi “{alias}” rất gần “{other}” của {its}")


def _past(cards: Catalogue, today: date) -> Iterator[Notice]:
    for item in cards.procedures:
        if today - item.checked_on > OLD:
            yield Notice(item.code, f"thẻ kiểm tra lần cuối {item.checked_on:%d/%m/%Y}, đã quá 12 tháng")


def _replaced(cards: Catalogue) -> Iterator[Notice]:
    codes = {item.code for item in cards.procedures}
    for item in cards.procedures:
        for code in item.successors:
            if code in codes:
                yield Notice(item.code, f"đã có thủ tục thay thế {code} trong cùng danh mục")
