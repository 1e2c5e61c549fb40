"""Người dân và hồ sơ: somebody is found, looked at with a trace of it, and their chat account is bound or set free."""

from typing import Any, Final

from aiohttp import web

from console.door import Door, get, post
from console.people_words import CHANNELS, REQUESTS
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from feedback import history, listing
from letters.states import TITLES
from records import binding, finding, merging, misses
from records.binding import NotBindable
from records.cases import Feedback, Permission
from records.dossiers import NAMES
from records.finding import Found, Whole
from records.letters import Resident

IMPORT: Final = Permission.IMPORT_RECORDS
LOOK: Final = (IMPORT, Permission.DRAFT_LETTERS)
CASES: Final = (Permission.ANSWER_FEEDBACK, Permission.ASSIGN_FEEDBACK)
LETTERS: Final = (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
TIRED: Final = Refused("Nhập sai mã nhiều lần. Mời chờ 15 phút rồi thử lại, hoặc nhờ cán bộ khác.")
NO_CARD: Final = Refused("Chưa xác nhận đã xem thẻ căn cước, nên chưa gắn. Mời xem thẻ rồi đánh dấu vào ô.")


async def search(visit: Visit) -> web.Response:
    """Find people; whom a search has shown leaves a trace."""
    said = visit.asked("q")
    found, bound = Found(), {}
    if said:
        async with visit.house.database.reading() as db:
            found = await finding.find(db, said, register=visit.may(IMPORT))
            bound = await finding.bound(db, found.people)
        await _seen(visit, list(found.people))
    return visit.page("people_search.html", said=said, found=found, bound=bound, register=visit.may(IMPORT))


async def _seen(visit: Visit, people: list[Resident]) -> None:
    if people:
        async with visit.house.database.writing() as db:
            await binding.seen(db, visit.person.login, people, visit.now)


async def person(visit: Visit) -> web.Response:
    """Show one person; that somebody looked is sealed before anything is shown."""
    async with visit.house.database.reading() as db:
        visit.session = db
        whole = await finding.whole(db, visit.number("number"))
        if whole is None:
            raise NOT_FOUND
        register = visit.may(IMPORT)
        facts: dict[str, Any] = {
            "letters": await finding.letters_to(db, whole.one.id or 0) if visit.may(*LETTERS) else [],
            "cases": await _cases(visit, whole) if visit.may(*CASES) else [],
            "dossiers": await finding.dossiers_of(db, whole.one.id or 0) if register else [],
            "alike": await merging.alike(db, whole.one) if register else [],
        }
    visit.session = None
    await _seen(visit, [whole.one, *whole.members])
    return visit.page(
        "people_one.html",
        whole=whole,
        one=whole.one,
        register=register,
        channels=CHANNELS,
        requests=REQUESTS,
        letter_titles=TITLES,
        case_titles=listing.STATES,
        dossier_titles=NAMES,
        purpose=visit.house.voice.of_purpose,
        may_letters=visit.may(*LETTERS),
        may_cases=visit.may(*CASES),
        **facts,
    )


async def _cases(visit: Visit, whole: Whole) -> list[Feedback]:
    """Return the cases of a person's accounts, as far as this officer handles such: all, or those of the desk."""
    found: list[Feedback] = []
    for who in whole.open_accounts:
        found += await history.of_person(visit.db, who, finding.PER_PERSON)
    if visit.may(Permission.ASSIGN_FEEDBACK):
        return found
    return [case for case in found if case.desk == visit.person.desk]


# --- whose account a chat is ---------------------------------------------------------------------


async def bind(visit: Visit) -> web.Response:
    """Bind the account a code speaks for to this person; guessing is counted."""
    number, counted = visit.number("number"), _count(visit)
    if visit.said("card") != "1":
        raise NO_CARD
    async with visit.house.database.writing() as db:
        tired = await misses.take(db, counted, misses.MOST, visit.now) is not None
    if tired:
        raise TIRED
    try:
        async with visit.house.database.writing() as db:
            code = binding.hashed(visit.said("code"))
            who = await binding.bind(db, code, number, by=visit.person.login, now=visit.now)
            await visit.house.voice.of_binding(db, who, visit.now, bound=True)
            await misses.give_back(db, counted)
    except NotBindable as refusal:
        return visit.back(f"/nguoi-dan/{number}", str(refusal), wrong=True)
    visit.house.wake()
    return visit.back(f"/nguoi-dan/{number}", "Đã gắn khung chat và báo vào khung chat ấy.")


def _count(visit: Visit) -> str:
    key: bytes = visit.house.database.info.get("audit_key", b"")
    return misses.count_key(key, "binding", str(visit.person.id))


async def unbind(visit: Visit) -> web.Response:
    """Set an account free, stop what waits for it, and tell its owner."""
    number = visit.number("number")
    kept = await _unbind(visit, number, visit.said("account"))
    told = f" {kept} tin đang chờ gửi vào đó được giữ lại." if kept else ""
    return visit.back(f"/nguoi-dan/{number}", f"Đã gỡ khung chat và báo vào khung chat ấy.{told}")


async def _unbind(visit: Visit, number: int, account: str) -> int:
    who = await binding.named(visit.db, number, account)
    if who is None:
        raise Refused("Khung chat này không còn gắn với người ấy. Mời mở lại trang.")
    kept = await binding.unbind(visit.db, who, by=visit.person.login, now=visit.now)
    await visit.house.voice.of_binding(visit.db, who, visit.now, bound=False)
    return kept


DOORS: tuple[Door, ...] = (
    get("/nguoi-dan", search, *LOOK, alone=True),
    get(r"/nguoi-dan/{number:\d+}", person, *LOOK, alone=True),
    post(r"/nguoi-dan/{number:\d+}/gan", bind, IMPORT, alone=True),
    post(r"/nguoi-dan/{number:\d+}/go", unbind, IMPORT),
)
