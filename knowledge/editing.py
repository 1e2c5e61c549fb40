"""Changing an edition card by card: what a change is, how it is kept until it counts, and whether it may."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge import care, catalogue
from knowledge.card_form import TITLES, Problem, fingerprint, shown
from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.procedure import Procedure

SHORTEST, LONGEST = 3, 100  # characters of an everyday name


@dataclass(frozen=True, kw_only=True)
class Change:
    """One fact of a card before and after, in words; "" where there was, or is, nothing."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class CardChange:
    """What becomes of one card. `before` is None for one that comes, `after` for one that goes."""

    before: Procedure | None
    after: Procedure | None
    facts: tuple[Change, ...] = ()

    @property
    def card(self) -> Procedure:
        """Return the card to name it by."""
        card = self.after or self.before
        if card is None:
            raise ValueError("a change of no card")
        return card


def changes(before: Procedure, after: Procedure) -> tuple[Change, ...]:
    """Return which facts differ, in the order of the form."""
    names = catalogue.differences([before], [after]).changed
    changed = [name for name in names[0][1] if name != "field_slug"] if names else []
    order = list(TITLES)
    return tuple(
        Change(title=TITLES[name], before=shown(before, name), after=shown(after, name))
        for name in sorted(changed, key=order.index)
    )


def all_changes(old: Iterable[Procedure], new: Iterable[Procedure]) -> list[CardChange]:
    """Return what differs between two editions: cards that came, went, and changed."""
    before = {card.code: card for card in old}
    after = {card.code: card for card in new}
    found = catalogue.differences(before.values(), after.values())
    return [
        *(CardChange(before=None, after=after[code]) for code in found.added),
        *(CardChange(before=before[code], after=None) for code in found.removed),
        *(
            CardChange(before=before[code], after=after[code], facts=changes(before[code], after[code]))
            for code, _ in found.changed
        ),
    ]


def packed(card: Procedure, base: Procedure) -> dict[str, Any]:
    """Return *card* as a draft keeps it, with the mark of the card it was made from."""
    return {"card": catalogue.plain_card(card), "base": fingerprint(base)}


def unpacked(document: Mapping[str, Any]) -> tuple[Procedure, str]:
    """Return the card of a draft, and the mark of the card it was made from."""
    return catalogue.stored(json.dumps([document["card"]]))[0], str(document["base"])


def exchanged(procedures: Sequence[Procedure], cards: Iterable[Procedure]) -> tuple[Procedure, ...]:
    """Return an edition in which *cards* stand for their namesakes. Raises CatalogueError for a shared name."""
    fresh = {card.code: card for card in cards}
    edition = tuple(fresh.get(card.code, card) for card in procedures)
    defects = catalogue.shared_names(edition, "")
    if defects:
        raise CatalogueError(defects)
    return edition


def clashes(cards: Catalogue, card: Procedure) -> list[Problem]:
    """Return the everyday names of *card* that mean another card of the catalogue already."""
    owners = {
        name.lower(): other
        for other in cards.procedures
        if other.code != card.code
        for name in (*other.aliases, other.short_name)
    }
    return [
        Problem(
            "aliases",
            f"“{name}” đã là tên gọi của {other.short_name} ({other.code}); một tên chỉ chỉ một thẻ",
        )
        for name in card.aliases
        if (other := owners.get(name.lower())) is not None
    ]


def refused_name(cards: Catalogue, code: str, name: str) -> str:
    """Return why *name* cannot become an everyday name of the card *code*; "" when it can."""
    if code not in {item.code for item in cards.procedures}:
        return f"Danh mục đang dùng không có mã {code}."
    if not SHORTEST <= len(name) <= LONGEST:
        return f"Tên gọi cần từ {SHORTEST} đến {LONGEST} ký tự."
    owner = care.taken(cards, name)
    if owner == code:
        return f"“{name}” đã là tên gọi của {code}, không cần thêm."
    if owner:
        return f"“{name}” đã là tên gọi của {owner}. Một tên chỉ được chỉ một thủ tục."
    return ""


def named(card: Procedure, name: str) -> Procedure:
    """Return *card* with one more everyday name."""
    return card if name in card.aliases else replace(card, aliases=(*card.aliases, name))
