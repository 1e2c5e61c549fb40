"""Every address of the console against every kind of visitor: who gets in is what the table says, no more."""

import re

import pytest

from console.door import Door, Who
from console.doors import DOORS
from records import staff
from records.cases import Permission
from tests.conftest import WallClock
from tests.console.bench import Answer, Browser, Console

ROLES: dict[str, tuple[Permission, ...]] = {
    "no.rights": (),
    "officer.answers": (Permission.ANSWER_FEEDBACK,),
    "clerk": (Permission.DRAFT_LETTERS, Permission.IMPORT_RECORDS, Permission.EDIT_KNOWLEDGE),
    "vice.chair": (Permission.ASSIGN_FEEDBACK, Permission.SEE_REPORTS),
    "keeper": (Permission.SEE_RESTRICTED,),
    "chairperson": (Permission.SIGN_LETTERS, Permission.ASSIGN_FEEDBACK, Permission.SEE_REPORTS),
    "admin": (Permission.MANAGE_STAFF,),
}
PART = re.compile(r"\{(\w+)(?:[^{}]|\{[^{}]*\})*\}")  # of an address; its rule may hold braces
NOT_YOURS = "chưa được giao quyền"
FOREIGN = "không đến từ trang làm việc"


def path_of(door: Door) -> str:
    """Return an address the door answers to, with numbers and codes that are nobody's."""
    path = re.sub(r"\{kind:(\w+)[^}]*\}", r"\1", door.path)
    path = path.replace(r"{code:[Pp][Aa]\d{2}-\d{4,6}-\d}", "PA26-9999-9")
    path = path.replace("{code:[Kk][Ii][Nn]-[2-9A-Za-z]{7}}", "KIN-2222222")
    return PART.sub("999999", path)


def table() -> list[Door]:
    return [door for door in DOORS if door.needs is not Who.ANYBODY]


async def knock(browser: Browser, door: Door, csrf: str = "") -> Answer:
    options = {"allow_redirects": False, "timeout": 10}
    if door.method == "GET":
        return await browser.get(path_of(door), **options)
    return await browser.post(path_of(door), {"csrf": csrf}, headers={"X-Ward-Csrf": csrf}, **options)


def turned_away(answer: Answer) -> bool:
    return answer.status == 403 and (NOT_YOURS in answer.text or FOREIGN in answer.text)


def test_every_address_the_router_knows_has_a_row(console: Console) -> None:
    """What is served beside the table is the style and the script alone."""
    served = {
        (route.method, route.resource.canonical)
        for route in console.office.application().router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/console")
    }
    rows = {(door.method, PART.sub(r"{\1}", door.address)) for door in DOORS}
    rows |= {("HEAD", address) for method, address in rows if method == "GET"}
    assert {one for one in served if "/tinh/" not in one[1]} <= rows
    assert {address for _, address in served if "/tinh/" in address} == {"/console/tinh/{version}/{name}"}


async def test_who_is_not_logged_in_gets_nowhere(console: Console) -> None:
    stranger = console.stranger()
    for door in table():
        answer = await knock(stranger, door)
        if door.method == "GET":
            assert answer.status == 303, door
            assert answer.headers["Location"].startswith("/console/vao"), door
        else:
            assert answer.status == 401, door


async def test_each_role_passes_only_where_the_table_lets_it(console: Console) -> None:
    for role, permissions in ROLES.items():
        person = await console.hire(role, *permissions)
        browser, csrf = await console.enter_with_csrf(role)
        for door in table():
            answer = await knock(browser, door, csrf)
            may = not isinstance(door.needs, frozenset) or bool(door.needs & set(permissions))
            if door.path == "/ra":
                browser, csrf = await console.enter_with_csrf(role)
                continue
            assert turned_away(answer) is not may, (role, door.method, door.path, answer.status)
            assert answer.status != 500, (role, door.method, door.path)
        assert person.permissions == [str(one) for one in permissions]


async def test_what_needs_two_factors_is_closed_to_one(console: Console) -> None:
    await console.hire("all", *Permission)
    browser, csrf = await console.enter_with_csrf("all", second=False)
    for door in (one for one in table() if one.second):
        answer = await knock(browser, door, csrf)
        assert answer.status == 303, door
        assert answer.headers["Location"] == "/console/tai-khoan", door


@pytest.mark.parametrize("wrong", ["", "x" * 43])
async def test_no_act_is_done_without_the_token_of_the_session(console: Console, wrong: str) -> None:
    await console.hire("all", *Permission)
    browser, _ = await console.enter_with_csrf("all")
    for door in (one for one in table() if one.method == "POST"):
        answer = await knock(browser, door, wrong)
        assert answer.status == 403, door
        assert FOREIGN in answer.text, door


async def test_no_act_is_done_from_another_site_or_by_a_link(console: Console) -> None:
    await console.hire("all", *Permission)
    browser, csrf = await console.enter_with_csrf("all")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await browser.post("/ra", {"csrf": csrf}, headers=headers, allow_redirects=False)
        assert answer.status == 403
    gets = {door.path for door in DOORS if door.method == "GET"}
    for door in (one for one in table() if one.method == "POST" and one.path not in gets):
        answer = await browser.get(path_of(door) + f"?csrf={csrf}", allow_redirects=False)
        assert answer.status in (404, 405), door
    assert (await browser.get("")).status == 200  # still logged in


async def test_whoever_is_disabled_is_out_at_the_next_click(console: Console, clock: WallClock) -> None:
    await console.hire("leaver", Permission.ANSWER_FEEDBACK)
    browser = await console.enter("leaver")
    assert (await browser.get("")).address == "/console"
    async with console.office.database.writing() as db:
        found = await staff.by_login(db, "leaver")
        assert found is not None
        await staff.disable(db, found, clock())
    assert (await browser.get("")).address == "/console/vao"


async def test_new_rights_give_the_session_a_new_name(console: Console) -> None:
    await console.hire("grows", Permission.ANSWER_FEEDBACK)
    browser = await console.enter("grows")
    before = browser.session_name()
    await browser.get("")
    assert browser.session_name() == before
    await console.hire("grows", Permission.ANSWER_FEEDBACK, Permission.SEE_REPORTS)
    await browser.get("")
    after = browser.session_name()
    assert after != before
    old = console.stranger()
    old.keep(before)
    assert (await old.get("")).address == "/console/vao"
