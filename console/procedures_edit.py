"""A card changed: the form, how it would look, and its way to somebody else's decision."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from console import undo
from console.door import Door, get, post
from console.procedures import EDIT, card_of, tabs
from console.trouble import MOVED, NOT_FOUND, Refused
from console.visit import Visit
from knowledge import card_form, card_preview, editing
from knowledge.card_form import Problem
from knowledge.procedure import Procedure
from records import proposals
from records.console import CardDraft, DraftState

FIELDS: Final = (*card_form.TEXTS, *card_form.LISTS, *card_form.NUMBERS)
OTHERS: Final = ("papers", "cases", "same_day_until", "online", "fee_kind", "detail", "checked_on")
UNCHANGED: Final = Problem("short_name", "chưa có mục nào khác thẻ đang dùng; mời sửa rồi lưu")
OVERTAKEN: Final = Problem(
    "code",
    "người khác vừa lưu một bản sửa của thẻ này. Mời mở trang thẻ ở cửa sổ khác để xem, rồi chép phần mình vào",
)
RENEWED: Final = Problem(
    "code",
    "một ấn bản vừa đổi thẻ này. Mời xem bảng thay đổi bên dưới, giữ lại điều đúng rồi bấm lưu lần nữa",
)


async def form(visit: Visit) -> web.Response:
    """Show the form: what is being prepared if there is such, else the card in use."""
    card = card_of(visit)
    row = await proposals.last_word(visit.db, CardDraft, card.code)
    number = row.id or 0 if row is not None else 0
    if row is None or row.state not in proposals.OPEN:
        return await _page(visit, card, card_form.typed(card), number)
    shown, base = editing.unpacked(row.document)
    overtaken = base != card_form.fingerprint(card)
    return await _page(
        visit, card, card_form.typed(shown), number, note=row.note, fresh=shown, overtaken=overtaken
    )


async def _page(
    visit: Visit,
    card: Procedure,
    said: Mapping[str, str],
    began_from: int,
    *,
    problems: list[Problem] | None = None,
    fresh: Procedure | None = None,
    note: str = "",
    overtaken: bool = False,
) -> web.Response:
    return visit.page(
        "procedures_form.html",
        status=422 if problems else 200,
        **await tabs(visit, "tra-cuu"),
        card=card,
        said=said,
        note=note,
        overtaken=overtaken,
        shown_first=visit.door.method == "POST",
        began_from=began_from,
        base=card_form.fingerprint(card),
        problems=problems or [],
        titles=card_form.TITLES,
        fees=card_form.FEES.items(),
        ways=card_form.WAYS.items(),
        changes=editing.changes(card, fresh) if fresh else (),
        previews=card_preview.of(fresh, visit.house.shelf.calendar, visit.now) if fresh else None,
    )


async def save(visit: Visit) -> web.Response:
    """Look at what was typed; show it, keep it, or keep it and ask for a decision."""
    card = card_of(visit)
    said = {name: visit.said(name) for name in (*FIELDS, *OTHERS)}
    note, began_from = visit.said("note")[:500], visit.said_number("from")
    fresh, problems = card_form.read(said, card, visit.today)
    problems += editing.clashes(visit.house.shelf.catalogue, fresh) if fresh else []
    wanted = visit.said("lam")
    if fresh == card and wanted != "xem":
        problems.append(UNCHANGED)
    if visit.said("base") != card_form.fingerprint(card) and wanted != "xem":
        problems.append(RENEWED)
    given: dict[str, Any] = {"note": note}
    if problems or fresh is None:
        given |= {"fresh": fresh} if RENEWED in problems else {}
        return await _page(visit, card, said, began_from, problems=problems, **given)
    if wanted == "xem":
        return await _page(visit, card, said, began_from, fresh=fresh, **given)
    try:
        row = await keep(visit, card, fresh, note, began_from)
    except proposals.Moved:
        return await _page(visit, card, said, began_from, problems=[OVERTAKEN], **given)
    if wanted != "de-nghi":
        return visit.back(f"/thu-tuc/the/{card.code}", "Đã lưu bản nháp. Người dân vẫn thấy thẻ cũ.")
    await proposals.propose(visit.db, row, visit.person.id or 0, visit.now)
    return visit.back(
        f"/thu-tuc/the/{card.code}", "Đã đề nghị công bố. Một người khác xem và quyết định ở mục Chờ công bố."
    )


async def keep(visit: Visit, card: Procedure, fresh: Procedure, note: str, began_from: int) -> CardDraft:
    """Keep a changed card as a draft. Raises Moved."""
    row = CardDraft(
        code=card.code,
        document=editing.packed(fresh, card),
        note=note,
        by=visit.person.id or 0,
        at=visit.now,
    )
    return await proposals.save(visit.db, row, began_from)


async def _draft(visit: Visit) -> CardDraft:
    row = await visit.db.get(CardDraft, visit.number("number"), populate_existing=True)
    if row is None:
        raise NOT_FOUND
    return row


async def propose(visit: Visit) -> web.Response:
    """Ask for a decision about a draft."""
    row = await _draft(visit)
    if visit.house.shelf.catalogue.get(row.code) is None:
        raise NOT_FOUND
    try:
        await proposals.propose(visit.db, row, visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error
    return visit.back(f"/thu-tuc/the/{row.code}", "Đã đề nghị công bố. Cần một người khác quyết định.")


async def drop(visit: Visit) -> web.Response:
    """Give a draft up; for ten seconds it can be taken back."""
    row = await _draft(visit)
    try:
        stood = await proposals.drop(visit.db, row, visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error
    await undo.offer(visit, "card.dropped", {"draft": row.id, "state": str(stood)})
    return visit.back(f"/thu-tuc/the/{row.code}", "Đã bỏ bản sửa. Thẻ đang dùng giữ nguyên.")


@undo.way("card.dropped")
async def _take_up(visit: Visit, document: Mapping[str, Any]) -> str:
    row = await visit.db.get(CardDraft, int(document["draft"]), populate_existing=True)
    if row is None:
        raise Refused("Bản sửa này không còn nữa.")
    try:
        await proposals.take_up(visit.db, row, DraftState(document["state"]), visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error
    return f"/thu-tuc/the/{row.code}"


DOORS: tuple[Door, ...] = (
    get("/thu-tuc/the/{code}/sua", form, EDIT),
    post("/thu-tuc/the/{code}/sua", save, EDIT),
    post("/thu-tuc/nhap/{number}/de-nghi", propose, EDIT),
    post("/thu-tuc/nhap/{number}/bo", drop, EDIT),
)
