"""Coming in: by invitation, by password, by a second factor; and not coming in."""

import asyncio
import re
from datetime import timedelta

import pyotp
from sqlmodel import select

from records import misses, sessions, staff
from records.console import ConsoleSession
from records.tables import Address, ChannelName, Delivery
from tests.conftest import WallClock
from tests.console.bench import Answer, Browser, Console

CHAIR = "doan.thi.minh.thinh"
OFFICER = "cao.xuan.khang"
WORDS = "thuyền nan lướt sóng chiều"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


async def invited(console: Console, login: str = CHAIR) -> Browser:
    person = await console.person(login)
    async with console.office.database.writing() as db:
        code = await staff.invite(db, person, console.clock())
    browser = console.stranger()
    page = await browser.get(f"/invite/{code}")
    assert person.name in page.text
    inside = await browser.submit(page, f"/invite/{code}", password=WORDS, again=WORDS)
    assert inside.address == "/console/tai-khoan"
    assert (await browser.get(f"/invite/{code}")).status == 404
    return browser


async def log_in(browser: Browser, login: str = CHAIR, password: str = WORDS) -> Answer:
    return await browser.submit(await browser.get("/vao"), "/vao", login=login, password=password)


async def test_an_invitation_becomes_a_password_and_works_once(console: Console) -> None:
    browser = await invited(console)
    await browser.submit(await browser.get(""), "/ra")
    assert (await browser.get("")).address == "/console/vao"
    assert (await log_in(browser)).address == "/console"


async def test_weak_passwords_are_refused_with_a_reason(console: Console) -> None:
    person = await console.person(CHAIR)
    async with console.office.database.writing() as db:
        code = await staff.invite(db, person, console.clock())
    browser = console.stranger()
    page = await browser.get(f"/invite/{code}")
    for weak in ("ngắn", "aaaaaaaaaaaaaaaa", "thinh-thinh-2026", "matkhau123456"):
        page = await browser.submit(page, f"/invite/{code}", password=weak, again=weak)
        assert page.status == 422, weak
        assert "Mật khẩu" in page.text
    page = await browser.submit(page, f"/invite/{code}", password=WORDS, again=WORDS + "!")
    assert "không giống nhau" in page.text


async def test_an_authenticator_is_asked_for_from_then_on(console: Console, clock: WallClock) -> None:
    browser = await invited(console)
    page = await browser.submit(await browser.get("/tai-khoan"), "/tai-khoan/ma")
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page.text)
    assert secret is not None
    machine = pyotp.TOTP(secret[1])
    before = browser.session_name()
    done = await browser.submit(page, "/xac-nhan", code=machine.at(clock()))
    assert "Đã bật mã xác thực" in done.text
    assert browser.session_name() != before

    other = console.stranger()
    asked = await log_in(other)
    assert asked.address.startswith("/console/vao/lop-hai")
    assert other.session_name() == ""
    used_up = await other.submit(asked, "/vao/lop-hai", code=machine.at(clock()))
    assert used_up.status == 401
    skipped = await other.post("/vao/lop-hai", {"skip": "1"}, allow_redirects=False)
    assert skipped.status == 401
    clock.wait(seconds=31)
    inside = await other.submit(used_up, "/vao/lop-hai", code=machine.at(clock()))
    assert inside.address == "/console"


async def test_a_code_in_the_bound_chat_is_a_second_factor(console: Console, clock: WallClock) -> None:
    await invited(console, OFFICER)
    person = await console.person(OFFICER)
    async with console.office.database.writing() as db:
        await staff.bind(db, Address(ChannelName.TELEGRAM, "4711"), person.id or 0, clock())
    browser = console.stranger()
    asked = await log_in(browser, OFFICER)
    sent = await browser.submit(asked, "/vao/gui-ma")
    assert "Đã gửi mã" in sent.text
    async with console.office.database.reading() as db:
        words = [one.text or "" for one in (await db.exec(select(Delivery))).all() if one.user == "4711"]
    code = re.search(r"\d{6}", words[0])
    assert code is not None
    wrong = await browser.submit(sent, "/vao/lop-hai", code="000000" if code[0] != "000000" else "111111")
    assert wrong.status == 401
    inside = await browser.submit(wrong, "/vao/lop-hai", code=code[0])
    assert inside.address == "/console"
    async with console.office.database.reading() as db:
        held = (await db.exec(select(ConsoleSession))).all()
    assert [one.second_at is not None for one in held] == [False, True]


async def test_guessing_the_second_factor_ends_after_five(console: Console, clock: WallClock) -> None:
    await invited(console, OFFICER)
    person = await console.person(OFFICER)
    async with console.office.database.writing() as db:
        await staff.bind(db, Address(ChannelName.TELEGRAM, "4711"), person.id or 0, clock())
    browser = console.stranger()
    page = await browser.submit(await log_in(browser, OFFICER), "/vao/gui-ma")
    for _ in range(sessions.TRIES - 1):
        page = await browser.submit(page, "/vao/lop-hai", code="999999")
    assert page.address == "/console/vao" or (await browser.get("/vao/lop-hai")).address == "/console/vao"


async def test_ten_thousand_guesses_close_the_door_to_the_guesser_only(
    console: Console, clock: WallClock
) -> None:
    """Ten are looked at in a quarter of an hour, whatever is sent: 10,000 would take ten days without a pause."""
    owner = await invited(console)
    guesser, tried = console.stranger(), 0
    for _ in range(3):
        clock.wait(minutes=15.1)
        for _ in range(12):
            answer = await log_in(guesser, CHAIR, "một mật khẩu đoán mò")
            assert answer.status == 401
            tried += WRONG in answer.text
    assert tried == 30
    assert "tạm dừng" in (await log_in(guesser)).text  # even the right password does not help a stranger
    assert (await log_in(owner)).address == "/console"  # the owner's own browser is not locked out


async def test_many_who_guess_at_once_get_no_more_tries_than_one(console: Console) -> None:
    owner = await invited(console)
    guessers = [console.stranger() for _ in range(25)]
    form = {"login": CHAIR, "password": "một mật khẩu đoán mò", "den": ""}
    answers = await asyncio.gather(*(one.post("/vao", form) for one in guessers))
    assert sum(WRONG in one.text for one in answers) == misses.MOST
    await owner.submit(await owner.get(""), "/ra")
    assert (await log_in(owner)).address == "/console"


async def test_whether_a_name_exists_does_not_show(console: Console) -> None:
    await invited(console)
    browser = console.stranger()
    known = [await log_in(browser, CHAIR, f"sai hẳn rồi {n}") for n in range(11)]
    unknown = [await log_in(browser, "khong.co.ai", f"sai hẳn rồi {n}") for n in range(11)]

    def without_name(page: Answer) -> str:
        return re.sub(r"\d\d?:\d\d \S+ \S+ \S+|value=\"[^\"]*\"", "", page.text)

    assert [one.status for one in known] == [one.status for one in unknown]
    assert [without_name(one) for one in known] == [without_name(one) for one in unknown]


async def test_the_session_name_is_always_fresh(console: Console) -> None:
    """Whoever plants a session's name in another's browser finds it worthless after the log-in."""
    await invited(console)
    browser = console.stranger()
    planted = sessions.token()
    browser.keep(planted)
    await log_in(browser)
    assert browser.session_name() != planted
    stranger = console.stranger()
    stranger.keep(planted)
    assert (await stranger.get("")).address == "/console/vao"


async def test_a_session_ends_after_half_an_hour_of_rest_and_after_twelve_hours(
    console: Console, clock: WallClock
) -> None:
    browser = await console.enter(CHAIR)
    for _ in range(3):
        clock.wait(minutes=29)
        assert (await browser.get("")).address == "/console"
    clock.wait(minutes=31)
    assert (await browser.get("")).address == "/console/vao"

    browser = await console.enter(CHAIR)
    ends = clock() + timedelta(hours=12)
    while clock() < ends:
        assert (await browser.get("")).address == "/console"
        clock.wait(minutes=29)
    assert (await browser.get("")).address == "/console/vao"


async def test_the_cookie_and_the_page_are_kept_to_themselves(console: Console) -> None:
    await invited(console)
    browser = console.stranger()
    page = await browser.get("/vao")
    answer = await browser.post(
        "/vao", page.form("/vao") | {"login": CHAIR, "password": WORDS}, allow_redirects=False
    )
    line = next(one for one in answer.headers.getall("Set-Cookie") if one.startswith("__Host-ward-console="))
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(line.split("; "))
    assert "Domain" not in line
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


async def test_where_one_wanted_to_go_is_ours_or_nowhere(console: Console) -> None:
    await invited(console)
    for wanted in (
        "https://evil.example/",
        "//evil.example",
        "/console//evil.example",
        "/console/\\evil",
        "javascript:1",
    ):
        browser = console.stranger()
        page = await browser.get("/vao", params={"den": wanted})
        inside = await browser.submit(page, "/vao", login=CHAIR, password=WORDS)
        assert inside.address == "/console", wanted
