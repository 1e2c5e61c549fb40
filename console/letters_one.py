"""One letter: its source record beside the sheet as it will be, to whom it goes, what may be done with it."""

from typing import Any, Final

from aiohttp import web

from console import letters_greetings
from console.door import Door, get
from console.letters import BADGES, LETTERS, pdf_answer
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from letters import beside, desk, frozen, gaps, listing, matching, notices, rounds, supplied
from letters.enclosures import promised
from letters.errors import LetterError
from letters.fields import DERIVED, FIELDS, OF_THE_WARD
from letters.states import ON_ITS_WAY, TITLES, UNSIGNED, NotAllowed, allowed
from records.cases import Permission
from records.letters import Letter
from records.letters import LetterState as S

_FEW: Final = 40  # facts offered to be added


async def letter_of(visit: Visit) -> Letter:
    """Return the letter the address names. Raises Refused."""
    letter = await visit.db.get(Letter, visit.number("number"), populate_existing=True)
    if letter is None:
        raise NOT_FOUND
    return letter


async def one(visit: Visit) -> web.Response:
    """Show one letter with everything its reader decides by."""
    letter, work = await letter_of(visit), visit.letters
    rows = await matching.recipients(work, letter.id or 0)
    may = await _may(visit, letter)
    return visit.page(
        "letters_one.html",
        letter=letter,
        title=listing.title(work, letter),
        number=notices.number(letter),
        source=await beside.source(work, letter),
        ways=await beside.ways(work, letter, rows) if letter.occasion is None else [],
        whom=notices.to_whom(rows) if letter.occasion is None else "",
        unsure={row.place: (row, await desk.candidates(work, row)) for row in matching.unresolved(rows)},
        readers={row.place: await beside.readers(work, letter, row) for row in rows},
        deeds=await beside.deeds(work, letter),
        lacks=[(gap, *_asked_as(gap.name)) for gap in await gaps.of(work, letter)],
        more=_more(visit, letter),
        has_words=frozen.has_words(letter),
        words="\n\n".join(frozen.text_of(letter).paragraphs) if frozen.has_words(letter) else "",
        along=rounds.enclosures_of(letter),
        enclosed=promised(letter.facts) is not None,
        solemn=beside.is_solemn(letter),
        may=may,
        why_not=await _why_not(visit, letter),
        fresh=visit.entry is not None and visit.entry.is_fresh(visit.now),
        second=visit.entry is not None and visit.entry.has_second(),
        ready=await listing.next_to_sign(work, visit.person, but=letter.id or 0),
        greeting=await letters_greetings.beside(visit, letter),
        titles=TITLES,
        badges=BADGES,
        part_of=beside.part_of,
        told_of=beside.DELIVERIES,
        channels=beside.CHANNELS,
    )


def _asked_as(name: str) -> tuple[str, str]:
    """Return what the fact *name* is called, and how it is typed; nothing where no fact fills the gap."""
    return (FIELDS[name].title, supplied.example(name)) if name in FIELDS else ("", "")


def _more(visit: Visit, letter: Letter) -> list[tuple[str, str]]:
    """Return facts that may be added to this kind of letter, by identifier and name."""
    template = visit.letters.shelf.templates.by_name.get(letter.template)
    ours = (*OF_THE_WARD, *DERIVED, "guideline_enclosed")
    names = (*template.may, *template.needs) if template is not None else ()
    return [(name, FIELDS[name].title) for name in names[:_FEW] if name in FIELDS and name not in ours]


async def _may(visit: Visit, letter: Letter) -> dict[str, bool]:
    """Return which acts are offered: by where the letter stands and by what the person may do."""
    drafts, signs = visit.may(Permission.DRAFT_LETTERS), visit.may(Permission.SIGN_LETTERS)
    unsigned, halted = letter.state in UNSIGNED, letter.state is S.HALTED
    stays = halted and not await desk.has_left(visit.letters, letter)
    return {
        "check": drafts and letter.state is S.DRAFTED,
        "sign": signs and letter.state is S.CHECKED,
        "edit": unsigned,
        "supply": drafts and unsigned,
        "choose": unsigned,
        "reject": unsigned,
        "ask": signs and letter.state in (S.DRAFTED, S.CHECKED) and letter.occasion is None,
        "recall": letter.state in ON_ITS_WAY,
        "redraft": drafts and allowed(letter.state, S.DRAFTED) and (stays or not halted),
        "resume": signs and halted and (stays or letter.occasion is not None),
    }


async def _why_not(visit: Visit, letter: Letter) -> str:
    """Return why this person cannot sign a letter that waits for a signature, or nothing."""
    if letter.state is not S.CHECKED or not visit.may(Permission.SIGN_LETTERS):
        return ""
    try:
        await desk.fit_to_sign(visit.letters, letter, visit.person)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


async def picture(visit: Visit) -> web.Response:
    """Give the letter as a picture; a draft says on its face that it is one."""
    letter = await _with_words(visit)
    try:
        body = await frozen.picture(visit.letters, letter)
    except LetterError as error:
        raise Refused(f"Chưa dựng được ảnh thư: {error}.") from error
    return web.Response(body=body, content_type="image/png")


async def paper(visit: Visit) -> web.Response:
    """Give the letter as PDF; a signed one only if it is still what was signed."""
    letter = await _with_words(visit)
    try:
        body = await frozen.pdf(visit.letters, letter)
    except LetterError as error:
        raise Refused(f"Chưa in được thư: {error}.") from error
    if frozen.SHEET in letter.facts and not frozen.intact(letter, body):
        raise Refused("Bản in không khớp bản đã ký nên không đưa ra. Mời báo người quản trị.")
    return pdf_answer(body, f"thu-{letter.id}")


async def enclosure(visit: Visit) -> web.Response:
    """Give the sheet the letter promises to bring along."""
    sheet = rounds.sheet_of(visit.letters, await letter_of(visit))
    if not sheet.is_picture:
        return pdf_answer(sheet.content, "to-kem")
    kind = "image/png" if sheet.suffix == ".png" else "image/jpeg"
    return web.Response(body=sheet.content, content_type=kind)


async def _with_words(visit: Visit) -> Letter:
    letter = await letter_of(visit)
    if not frozen.has_words(letter):
        raise Refused(f"Thư chưa có lời để in: {letter.gap or letter.reason or 'còn thiếu dữ kiện'}.")
    return letter


def onward(letter: Letter) -> str:
    """Return the page of *letter*."""
    return f"/thu/{letter.id}"


def facts_said(visit: Visit) -> dict[str, Any]:
    """Return the facts a form fills in, by identifier; empty fields are left as they are."""
    said = {name: visit.said(f"muc_{name}") for name in FIELDS if visit.said(f"muc_{name}")}
    other = visit.said("khac")
    if other in FIELDS and visit.said("gia_tri"):
        said[other] = visit.said("gia_tri")
    return said


DOORS: tuple[Door, ...] = (
    get("/thu/{number}", one, *LETTERS),
    get("/thu/{number}/anh.png", picture, *LETTERS),
    get("/thu/{number}/ban-in.pdf", paper, *LETTERS),
    get("/thu/{number}/to-kem", enclosure, *LETTERS),
)
