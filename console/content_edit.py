"""A page of the ward changed: by a form where it is simple, else as text; checked before it is kept."""

from typing import Any, Final

from aiohttp import web

from console import content
from console.content import FORM_OF, page_of, text_in_force, title_of, token_of
from console.door import Door, get, post
from console.procedures import EDIT
from console.trouble import NOT_FOUND
from console.visit import Visit
from knowledge import content_forms, contents
from knowledge.content_forms import Form
from letters import rewording
from records import proposals
from records.console import ContentDraft

OVERTAKEN: Final = "Người khác vừa lưu hoặc công bố một bản của trang này. Mời mở trang ở cửa sổ khác để xem, rồi chép phần mình vào."
UNCHANGED: Final = "Chưa có gì khác bản đang dùng; mời sửa rồi lưu."


async def _beginning(visit: Visit, page: str) -> tuple[str, int]:
    """Return the text a change begins from, and the number of the draft it is in."""
    last = await proposals.last_word(visit.db, ContentDraft, page)
    if last is not None and last.state in proposals.OPEN:
        return last.document, last.id or 0
    return await text_in_force(visit, page), last.id or 0 if last else 0


async def text_page(visit: Visit) -> web.Response:
    """Show a page as text to be changed."""
    page = page_of(visit)
    text, number = await _beginning(visit, page)
    return await _text(visit, page, text, number)


async def _text(visit: Visit, page: str, text: str, began_from: int, **shown: Any) -> web.Response:
    return visit.page(
        "content_text.html",
        status=422 if shown.get("problems") else 200,
        **await _common(visit, page, text, began_from, shown),
        means=content.meaning(visit, page, text) if contents.is_letter(page) or shown.get("looked") else {},
        longest=contents.LONGEST,
    )


async def _common(
    visit: Visit, page: str, text: str, began_from: int, shown: dict[str, Any]
) -> dict[str, Any]:
    """Return what both kinds of form show around their boxes."""
    problems = shown.get("problems") or []
    looked = bool(shown.get("looked")) and not problems
    now = await text_in_force(visit, page)
    return {
        "page": page,
        "token": token_of(page),
        "title": title_of(visit, page),
        "form": FORM_OF.get(page),
        "text": text,
        "note": shown.get("note", ""),
        "began_from": began_from,
        "problems": problems,
        "looked": looked,
        "changes": contents.line_changes(page, now, text) if looked else [],
    }


def _typed_text(visit: Visit) -> str:
    """Return the whole text of the box: a page cut short would be another page."""
    value = visit.form.get("van-ban", "")
    return value.replace("\r\n", "\n").strip() + "\n" if isinstance(value, str) else ""


async def save_text(visit: Visit) -> web.Response:
    """Look at a text; show it, keep it, or keep it and ask for a decision."""
    page, text = page_of(visit), _typed_text(visit)
    note, began_from = visit.said("note")[:500], visit.said_number("from")
    text = rewording.unapproved(text) if contents.is_letter(page) else text
    problems = content.problems_of(page, text)
    if problems or visit.said("lam") == "xem":
        return await _text(visit, page, text, began_from, problems=problems, note=note, looked=True)
    told = await _keep(visit, page, text, note, began_from)
    if isinstance(told, str):
        return await _text(visit, page, text, began_from, problems=[told], note=note)
    return told


async def _keep(visit: Visit, page: str, text: str, note: str, began_from: int) -> web.Response | str:
    """Keep a text that is right; return where to go, or why it was not kept."""
    now = await text_in_force(visit, page)
    if now and contents.is_same(page, now, text):
        return UNCHANGED
    row = ContentDraft(page=page, document=text, note=note, by=visit.person.id or 0, at=visit.now)
    try:
        await proposals.save(visit.db, row, began_from)
    except proposals.Moved:
        return OVERTAKEN
    if visit.said("lam") == "luu":
        return visit.back(f"/noi-dung/ban/{row.id}", "Đã lưu bản nháp. Người dân vẫn thấy bản cũ.")
    await proposals.propose(visit.db, row, visit.person.id or 0, visit.now)
    return visit.back(f"/noi-dung/ban/{row.id}", "Đã đề nghị công bố. Cần một người khác xem và quyết định.")


def _form_of(visit: Visit) -> Form:
    form = content_forms.BY_NAME.get(visit.request.match_info["form"])
    if form is None:
        raise NOT_FOUND
    return form


async def form_page(visit: Visit) -> web.Response:
    """Show a page as boxes to be filled in."""
    form = _form_of(visit)
    text, number = await _beginning(visit, form.page)
    said = content_forms.typed(form, text, visit.today)
    return await _boxes(visit, form, said, text, number)


async def _boxes(
    visit: Visit,
    form: Form,
    said: dict[str, str],
    text: str,
    began_from: int,
    **shown: Any,
) -> web.Response:
    facts = await _common(visit, form.page, text, began_from, shown)
    return visit.page(
        "content_form.html",
        status=422 if facts["problems"] else 200,
        **facts | {"form": form},
        said=said,
        rows=content_forms.rows_in(said),
        means=content.meaning(visit, form.page, text) if facts["looked"] else {},
    )


async def save_form(visit: Visit) -> web.Response:
    """Put what was typed in its place, and go on as with a text."""
    form = _form_of(visit)
    note, began_from = visit.said("note")[:500], visit.said_number("from")
    said = {name: visit.said(name)[:400] for name in visit.form if name[:2] in ("f.", "r.")}
    before, _ = await _beginning(visit, form.page)
    text = content_forms.text_of(form, said, before, visit.today)
    problems = content.problems_of(form.page, text)
    if problems or visit.said("lam") == "xem":
        given = {"note": note, "looked": True}
        return await _boxes(visit, form, said, text, began_from, problems=problems, **given)
    told = await _keep(visit, form.page, text, note, began_from)
    if isinstance(told, str):
        return await _boxes(visit, form, said, text, began_from, problems=[told], note=note)
    return told


DOORS: tuple[Door, ...] = (
    get("/noi-dung/trang/{page}/sua", text_page, EDIT),
    post("/noi-dung/trang/{page}/sua", save_text, EDIT),
    get("/noi-dung/bieu-mau/{form}", form_page, EDIT),
    post("/noi-dung/bieu-mau/{form}", save_form, EDIT),
)
