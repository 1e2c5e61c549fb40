"""A page decided about: published by somebody else than its writer, given up, or an older one brought back."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from console import content, undo
from console.content import page_of, text_in_force
from console.door import Door, post
from console.procedures import EDIT
from console.trouble import MOVED, NOT_FOUND, Refused
from console.visit import Visit
from knowledge import contents
from letters import rewording
from records import proposals
from records.console import ContentDraft, DraftState

NOT_ALONE: Final = Refused(
    "Bản do chính anh/chị viết thì một người khác công bố: hai người cùng xem thì bớt nhầm. "
    "Mời nhờ một đồng nghiệp được giao quyền soạn nội dung."
)
FROM_FOLDER: Final = "Trở lại bản gốc của phường"


async def _draft(visit: Visit) -> ContentDraft:
    row = await visit.db.get(ContentDraft, visit.number("number"), populate_existing=True)
    if row is None:
        raise NOT_FOUND
    return row


async def publish(visit: Visit) -> web.Response:
    """Put a page into force; the very next answer speaks by it."""
    async with visit.house.database.writing() as db:
        visit.session = db
        row = await _published(visit)
        title = content.title_of(visit, row.page)
        visit.session = None
    await visit.house.refresh_content()
    token = content.token_of(row.page)
    return visit.back(f"/noi-dung/trang/{token}", f"Đã công bố: {title}, bản số {row.version}.")


async def _published(visit: Visit) -> ContentDraft:
    row = await _draft(visit)
    problems = content.problems_of(row.page, row.document)
    if problems:
        raise Refused(f"Chưa công bố được: {'; '.join(problems[:3])}. Mời sửa rồi đề nghị lại.")
    before = await text_in_force(visit, row.page)
    try:
        await proposals.publish(visit.db, row, visit.person.id or 0, visit.now)
    except proposals.SamePerson as error:
        raise NOT_ALONE from error
    except proposals.Moved as error:
        raise MOVED from error
    if contents.is_letter(row.page):
        row.document = _approved(visit, row, before)
        visit.db.add(row)
        await visit.db.flush()
    return row


def _approved(visit: Visit, row: ContentDraft, before: str) -> str:
    """Return the words with the ward's approval: whoever publishes them, on this day, as the next version."""
    name = contents.letter_name(row.page)
    version = rewording.version_of(name, before) + 1
    return rewording.approved(row.document, version=version, by=visit.person.name, on=visit.today)


async def propose(visit: Visit) -> web.Response:
    """Ask for a decision about a draft."""
    row = await _draft(visit)
    try:
        await proposals.propose(visit.db, row, visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error
    return visit.back(f"/noi-dung/ban/{row.id}", "Đã đề nghị công bố. Cần một người khác quyết định.")


async def drop(visit: Visit) -> web.Response:
    """Give a draft up; for ten seconds it can be taken back."""
    row = await _draft(visit)
    try:
        stood = await proposals.drop(visit.db, row, visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error
    await undo.offer(visit, "content.dropped", {"draft": row.id, "state": str(stood)})
    return visit.back(
        f"/noi-dung/trang/{content.token_of(row.page)}", "Đã bỏ bản này. Bản đang dùng giữ nguyên."
    )


@undo.way("content.dropped")
async def _take_up(visit: Visit, document: Mapping[str, Any]) -> str:
    row = await visit.db.get(ContentDraft, int(document["draft"]), populate_existing=True)
    if row is None:
        raise Refused("Bản này không còn nữa.")
    try:
        await proposals.take_up(visit.db, row, DraftState(document["state"]), visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error
    return f"/noi-dung/ban/{row.id}"


async def bring_back(visit: Visit) -> web.Response:
    """Propose an older version, or the folder's own (0), once more."""
    page, number = page_of(visit), visit.said_number("ban")
    last = await proposals.last_word(visit.db, ContentDraft, page)
    if last is not None and last.state in proposals.OPEN:
        raise Refused("Trang này đang có một bản chờ. Mời công bố hoặc bỏ bản ấy trước.")
    text, note = await _older(visit, page, number)
    if contents.is_same(page, text, await text_in_force(visit, page)):
        raise Refused("Bản ấy giống hệt bản đang dùng, nên không cần trở lại.")
    row = ContentDraft(page=page, document=text, note=note, by=visit.person.id or 0, at=visit.now)
    try:
        await proposals.save(visit.db, row, last.id or 0 if last else 0)
        await proposals.propose(visit.db, row, visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error
    return visit.back(f"/noi-dung/ban/{row.id}", "Đã đề nghị trở lại bản cũ. Cần một người khác quyết định.")


async def _older(visit: Visit, page: str, number: int) -> tuple[str, str]:
    if not number:
        text = visit.house.original_page(page)
        if not text:
            raise NOT_FOUND
        return rewording.unapproved(text) if contents.is_letter(page) else text, FROM_FOLDER
    row = await visit.db.get(ContentDraft, number)
    if row is None or row.page != page or row.state is not DraftState.PUBLISHED:
        raise NOT_FOUND
    text = rewording.unapproved(row.document) if contents.is_letter(page) else row.document
    return text, f"Trở lại bản số {row.version}"


DOORS: tuple[Door, ...] = (
    post("/noi-dung/ban/{number}/cong-bo", publish, EDIT, alone=True),
    post("/noi-dung/ban/{number}/de-nghi", propose, EDIT),
    post("/noi-dung/ban/{number}/bo", drop, EDIT),
    post("/noi-dung/trang/{page}/tro-lai", bring_back, EDIT),
)
