"""Walk through the catalogue by field, a page at a time, for whoever has no word to search by."""

from collections.abc import Sequence

from handlers import buttons
from handlers.phrases import cards
from handlers.talk import MAX_CHOICES, Choice, Reply, Turn

PAGE = MAX_CHOICES - 1  # one place is kept for "more"


async def fields(turn: Turn) -> Reply:
    """Offer the fields ("/linhvuc 2"), or the procedures of one ("/linhvuc ho_tich 2")."""
    slug, _, number = turn.argument.partition(" ")
    if slug in turn.catalogue.fields:
        return _procedures(turn, slug, _page(number))
    offered = [
        Choice(buttons.short(name), f"/linhvuc {slug}", name) for slug, name in turn.catalogue.fields.items()
    ]
    shown, page, pages = _cut(offered, _page(slug))
    return Reply(text=cards.fields(page, pages), choices=_with_more(shown, "/linhvuc", page, pages))


def _procedures(turn: Turn, slug: str, wanted: int) -> Reply:
    offered = [buttons.choice(item) for item in turn.catalogue.in_field(slug)]
    shown, page, pages = _cut(offered, wanted)
    text = cards.field(turn.catalogue.fields[slug], page, pages)
    return Reply(text=text, choices=_with_more(shown, f"/linhvuc {slug}", page, pages))


def _page(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 1  # noqa: PLR2004  no field has 999 pages


def _cut(offered: Sequence[Choice], wanted: int) -> tuple[Sequence[Choice], int, int]:
    """Return the choices of page *wanted*, its number and how many pages there are."""
    pages = max(1, -(-len(offered) // PAGE))
    page = min(max(wanted, 1), pages)
    return offered[(page - 1) * PAGE : page * PAGE], page, pages


def _with_more(shown: Sequence[Choice], say: str, page: int, pages: int) -> tuple[Choice, ...]:
    more = Choice("Xem tiếp", f"{say} {page + 1}") if page < pages else buttons.BACK
    return (*shown, more)
