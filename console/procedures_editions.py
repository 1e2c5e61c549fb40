"""Editions of the catalogue: what waits to be published, by whom it may be, and what each one changed."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Final

from aiohttp import web

from console import sheets
from console.door import Door, get, post
from console.procedures import EDIT, names_of_staff, tabs
from console.sheets import Column
from console.trouble import MOVED, NOT_FOUND, Refused
from console.visit import Visit
from knowledge import card_form, catalogue, editing
from knowledge.catalogue import CatalogueError
from knowledge.procedure import Procedure
from records import editions, proposals, staff
from records.console import CardDraft
from records.tables import CatalogueEdition

MOST_SHOWN: Final = 200
COLUMNS: Final = (
    Column(title="Ấn bản", value=lambda one: one.id, width=9),
    Column(title="Công bố lúc", value=lambda one: one.published_at, width=26),
    Column(title="Người công bố", value=lambda one: one.published_by, width=30),
    Column(title="Số thẻ", value=lambda one: one.procedures, width=9),
)
NOT_ALONE: Final = Refused(
    "Bản sửa do chính anh/chị viết thì một người khác công bố: hai người cùng xem thì bớt nhầm. "
    "Mời nhờ một đồng nghiệp được giao quyền soạn thủ tục."
)
NONE_CHOSEN: Final = Refused("Chưa đánh dấu bản sửa nào. Mời đánh dấu rồi bấm lại.")


async def waiting(visit: Visit) -> web.Response:
    """Show what waits for a decision, fact by fact against the card in use."""
    cards = visit.house.shelf.catalogue
    rows = []
    for row in await proposals.waiting(visit.db, CardDraft):
        fresh, base = editing.unpacked(row.document)
        now = cards.get(row.code)
        if now is not None:
            overtaken = card_form.fingerprint(now) != base
            rows.append((row, fresh, editing.changes(now, fresh), overtaken))
    return visit.page(
        "procedures_waiting.html",
        **await tabs(visit, "cho-cong-bo"),
        rows=rows,
        mine=visit.person.id,
        names=await names_of_staff(visit),
        edition=await editions.newest_id(visit.db),
        any_of_others=any(row.by != visit.person.id and not overtaken for row, _, _, overtaken in rows),
    )


async def publish(visit: Visit) -> web.Response:
    """Publish an edition with the chosen cards; every conversation has it at once."""
    chosen = sorted({int(one) for one in visit.said_all("ban") if one.isascii() and one.isdecimal()})
    if not chosen:
        raise NONE_CHOSEN
    await visit.house.refresh_catalogue()
    async with visit.house.database.writing() as db:
        visit.session = db
        edition = await _published(visit, chosen)
        visit.session = None
    await visit.house.refresh_catalogue()
    return visit.back(
        f"/thu-tuc/an-ban/{edition.id}", f"Đã công bố ấn bản {edition.id}. Người dân hỏi là thấy ngay."
    )


async def _published(visit: Visit, chosen: list[int]) -> CatalogueEdition:
    rows = [await _waiting_one(visit, number) for number in chosen]
    if (
        await editions.newest_id(visit.db) != visit.house.shelf.edition
    ):  # looked at when no one else may publish
        raise MOVED
    try:
        cards = editing.exchanged(visit.house.shelf.catalogue.procedures, [fresh for _, fresh in rows])
    except CatalogueError as error:
        what = "; ".join(f"{defect.code}: {defect.what}" for defect in error.defects[:3])
        raise Refused(f"Chưa công bố được: {what}. Mời sửa lại một trong hai thẻ.") from error
    edition = await editions.publish(
        visit.db, catalogue.document(cards), len(cards), visit.person.login, visit.now
    )
    for row, _ in rows:
        row.edition_id = edition.id
        visit.db.add(row)
    return edition


async def _waiting_one(visit: Visit, number: int) -> tuple[CardDraft, Procedure]:
    """Return a draft that counts from now on, and its card. Raises Refused."""
    row = await visit.db.get(CardDraft, number, populate_existing=True)
    card = visit.house.shelf.catalogue.get(row.code) if row is not None else None
    if row is None or card is None:
        raise NOT_FOUND
    fresh, base = editing.unpacked(row.document)
    if card_form.fingerprint(card) != base:
        raise Refused(
            f"Thẻ {card.short_name} đã đổi sau khi bản sửa này được soạn. "
            "Mời mở “Sửa thẻ”, xem lại rồi lưu để soạn trên thẻ mới."
        )
    try:
        await proposals.publish(visit.db, row, visit.person.id or 0, visit.now)
    except proposals.SamePerson as error:
        raise NOT_ALONE from error
    except proposals.Moved as error:
        raise MOVED from error
    return row, fresh


async def history(visit: Visit) -> web.Response:
    """List the editions."""
    return visit.page(
        "procedures_editions.html",
        **await tabs(visit, "an-ban"),
        rows=await editions.listed(visit.db),
        names={person.login: person.name for person in await staff.everybody(visit.db)},
    )


async def export(visit: Visit) -> web.StreamResponse:
    """Give the list of editions as a file."""
    async with visit.house.database.reading() as db:
        rows = await editions.listed(db, sheets.MOST)
    return await sheets.export(visit, "an-ban", COLUMNS, rows)


async def one(visit: Visit) -> web.Response:
    """Show what an edition changed against the one before it."""
    row = await visit.db.get(CatalogueEdition, visit.number("number"))
    if row is None or row.id is None:
        raise NOT_FOUND
    before = await editions.before(visit.db, row.id)
    found = await asyncio.to_thread(_changes, before.document if before else "", row.document)
    return visit.page(
        "procedures_edition.html",
        **await tabs(visit, "an-ban"),
        row=row,
        before=before,
        found=found[:MOST_SHOWN],
        total=len(found),
    )


@cache
def _bundled() -> Sequence[Procedure]:
    return catalogue.cards()


def _changes(old: str, new: str) -> list[editing.CardChange]:
    before = catalogue.stored(old) if old else _bundled()
    return editing.all_changes(before, catalogue.stored(new))


DOORS: tuple[Door, ...] = (
    get("/thu-tuc/cong-bo", waiting, EDIT),
    post("/thu-tuc/cong-bo", publish, EDIT, alone=True),
    get("/thu-tuc/an-ban", history),
    get("/thu-tuc/an-ban.{kind:csv|xlsx}", export, second=True, alone=True),
    get("/thu-tuc/an-ban/{number}", one),
)
