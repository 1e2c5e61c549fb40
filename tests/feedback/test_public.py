"""What everybody may see of a case, and what nobody outside ever does, in whichever shape."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedback import acts, public
from feedback.public import Wanted
from knowledge.wording import bold
from records.cases import Feedback, FeedbackState, Outcome, Source
from records.tables import ChannelName
from tests.channels.public_house import PublicHouse, opened
from tests.feedback.bench import CONCERNS, WARD

CLOSED = (FeedbackState.ANSWERED, FeedbackState.CLOSED, FeedbackState.REFERRED)
NEVER = datetime(2097, 7, 7, tzinfo=UTC)  # every moment that is nobody's business
SAFE = {"kind", "category", "quarter", "state", "desk", "taken_at", "due_at", "answered_at", "closed_at"}
SET_BELOW = {"id", "code", "year", "number", "source", "channel", "place", "latitude", "longitude"}
SET_BELOW |= {"discreet", "erased_at", "published_at", "hide_photos", "outcome", "level"}
NUMBERS = {"rating": 777777, "pause_minutes_left": 888888, "version": 999991, "cycle": 999992}
REFERS = {"officer_id", "entered_by", "closed_by", "duplicate_of"}  # other rows' ids: not to be invented


async def found(bench, wanted=None, **more):
    async with bench.work() as work:
        return await public.find(work, wanted or Wanted(**more), lambda _: True)


@pytest.fixture
def house(bench, tmp_path):
    return PublicHouse(bench, tmp_path)


async def answered(bench, house, text="Nắp cống vỡ trước trường mầm non, gọi 0900 000 123", **more):
    """A case taken, answered and published."""
    taken = await bench.report(text, **more)
    hand = await bench.hand("ha.thi.my.hanh")
    async with bench.work() as work:
        await acts.claim(work, taken.case.code, hand)
    bench.wait(hours=1)
    async with bench.work() as work:
        reply = "Đã thay nắp mới, hỏi thêm 0900 000 456"
        await acts.answer(work, taken.case.code, hand, reply, Outcome.RESOLVED)
    await house.change(taken.case.code, published_at=bench.now)
    return taken


async def test_before_the_ward_publishes_it_a_case_is_its_field_its_street_and_its_state(bench):
    await bench.report(
        "Nắp cống vỡ trước nhà bà Lan",
        place="trước nhà bà Lan số 12/4 hẻm 84 Nguyễn Trãi, khu phố 3",
        latitude=15.919123456,
        longitude=108.009387654,
    )
    (case,) = await found(bench)
    assert case.title == case.field == CONCERNS.of("flood_drain").title
    assert (case.text, case.answer, case.outcome, case.photos) == ("", "", "", ())
    assert case.place == "hẻm 84 Nguyễn Trãi, khu phố 3"
    assert (case.latitude, case.longitude) == (15.919, 108.009)
    assert case.is_open


async def test_a_place_the_ward_does_not_list_is_told_by_its_quarter_or_not_at_all(bench):
    await bench.report(place="nhà ông Bảy, số 5 đường Không Tên", quarter="kp2")
    await bench.report(place="sát nhà cô Chín")
    assert [case.place for case in await found(bench)] == ["", "Khu phố 2"]


async def test_a_published_answer_shows_words_and_photos_with_every_number_covered(bench, house):
    taken = await answered(bench, house)
    name = await house.add_photo(taken.case)
    (case,) = await found(bench)
    assert case.title.startswith("Nắp cống vỡ")
    assert case.text.endswith("gọi [đã che số điện thoại]")
    assert case.answer == "Đã thay nắp mới, hỏi thêm [đã che số điện thoại]"
    assert case.outcome == "đã xử lý"
    assert [photo.name for photo in case.photos] == [name]
    assert case.changed_at == case.answered_at == bench.now


async def test_photos_that_are_gone_or_hidden_are_not_shown(bench, house):
    taken = await answered(bench, house)
    name = await house.add_photo(taken.case)
    async with bench.work() as work:
        (case,) = await public.find(work, Wanted(), lambda _: False)
        assert case.photos == ()
        assert await public.shows(work, name)
    await house.change(taken.case.code, hide_photos=True)
    async with bench.work() as work:
        found_one = await public.one(work, taken.case.code, house.media.has)
        assert found_one is not None
        assert found_one.photos == ()
        assert not await public.shows(work, name)


async def test_a_voice_note_is_never_shown(bench, house):
    taken = await answered(bench, house)
    await house.attach(taken.case, "a" * 64, kind="voice")
    (case,) = await found(bench)
    assert case.photos == ()


async def test_a_case_taken_up_again_hides_the_answer_that_did_not_hold(bench, house):
    taken = await answered(bench, house)
    await house.change(taken.case.code, state=FeedbackState.REOPENED)
    (case,) = await found(bench)
    assert (case.answer, case.outcome, case.answered_at) == ("", "", None)
    assert case.text


async def test_of_a_case_passed_on_the_letter_with_the_residents_address_stays_inside(bench, house):
    taken = await bench.report(place="số 12/4 hẻm 84 Nguyễn Trãi, khu phố 3")
    body = WARD.desks.outside[0]
    async with bench.work() as work:
        await acts.refer(
            work, taken.case.code, await bench.hand("ha.thi.my.hanh"), body, "Không thuộc phường"
        )
    await house.change(taken.case.code, published_at=bench.now)
    (case,) = await found(bench)
    assert body.name in case.answer
    assert "12/4" not in case.answer
    assert bold("") not in case.answer


async def test_discreet_and_erased_cases_are_not_there_even_by_their_code(bench, house):
    discreet = await bench.report(category="child")
    erased = await bench.report()
    await house.change(erased.case.code, erased_at=bench.now)
    refiled = await bench.report()
    await house.change(refiled.case.code, category="staff_attitude")  # by hand, the flag forgotten
    for taken in (discreet, erased, refiled):
        await house.change(taken.case.code, published_at=bench.now)
        assert await found(bench, codes=(taken.case.code,)) == []
    assert await found(bench) == []


async def test_filters_narrow_by_field_state_time_and_page(bench, house):
    first = await bench.report(category="waste", quarter="kp1")
    bench.wait(days=1)
    second = await answered(bench, house, category="lighting", quarter="kp2")
    day = timedelta(days=1)

    async def codes(**more):
        return [case.code for case in await found(bench, **more)]

    one, two = first.case.code, second.case.code
    assert await codes() == [two, one]
    assert await codes(categories=("waste",)) == [one]
    assert await codes(quarter="kp2") == [two]
    assert await codes(is_open=True) == [one]
    assert await codes(is_open=False) == [two]
    assert await codes(since=bench.now - day / 2) == [two]
    assert await codes(until=bench.now - day / 2) == [one]
    assert await codes(changed_since=bench.now - day / 24) == [two]
    assert await codes(changed_until=bench.now - day / 2) == [one]
    assert await codes(only_answers=True) == [two]
    assert await codes(size=1, page=2) == [one]
    assert await codes(codes=(one, two), is_open=True) == [two, one]
    async with bench.work() as work:
        assert await public.count(work, Wanted(size=1)) == 2


async def test_publishing_counts_as_a_change(bench, house):
    taken = await bench.report()
    bench.wait(days=2)
    await house.change(taken.case.code, published_at=bench.now)
    assert await found(bench, changed_since=bench.now)
    assert await found(bench, changed_until=bench.now - timedelta(days=1)) == []


@pytest.mark.parametrize("code", ["", "PA26-0001-0\x00", "PA26-0001-0' OR 1=1 --", "%", "PA", "٣" * 12])
async def test_what_is_no_code_is_not_even_looked_up(bench, code):
    await bench.report()
    assert await found(bench, codes=(code,)) == []


async def test_a_desk_or_a_field_that_the_ward_has_given_up_still_has_a_name(bench, house):
    taken = await bench.report()
    await house.change(taken.case.code, desk="to-cu", category="linh-vuc-cu")
    (case,) = await found(bench)
    assert case.desk == WARD.committee
    assert case.category == "other"


# --- nothing private in any shape ----------------------------------------------------------------


def private_case(number: int, state: FeedbackState, flags: tuple[bool, ...]) -> Feedback:
    """A case each of whose private columns holds a word or a moment that must never be seen."""
    published, discreet, erased, hidden = flags
    values: dict[str, Any] = {}
    for name, info in Feedback.model_fields.items():
        if name in SAFE | SET_BELOW | REFERS or name in NUMBERS:
            continue
        if "datetime" in str(info.annotation):
            values[name] = NEVER
        elif "str" in str(info.annotation):
            values[name] = f"canary-{name}-{number}-"
        elif info.annotation is bool:
            values[name] = True
    values |= NUMBERS | {"contact_phone": f"canary-phone-{number}-", "pin_sha256": f"canary-pin-{number}-"}
    at = datetime(2026, 11, 19, tzinfo=UTC)
    return Feedback(
        **values,
        code=f"PA26-{number:04}-0",
        year=2026,
        number=number,
        source=Source.ZALO,
        channel=ChannelName.ZALO,
        place=f"canary-place-{number}- số 12/4 hẻm 84 Nguyễn Trãi",
        latitude=15.919123456,
        longitude=108.009387654,
        kind="report",
        category="flood_drain",
        quarter="kp3",
        level="urgent",
        state=state,
        desk="do_thi",
        taken_at=at,
        due_at=at,
        answered_at=at,
        closed_at=at,
        published_at=at if published else None,
        discreet=discreet,
        erased_at=NEVER if erased else None,
        hide_photos=hidden,
        outcome=Outcome.NOT_OURS if state is FeedbackState.REFERRED else Outcome.PARTLY,
    )


def may_be_seen(case: Feedback) -> set[str]:
    """Which canaries of a case the rules let out."""
    if case.discreet or case.erased_at is not None or case.published_at is None:
        return set()
    seen = {"title", "public_text"}
    if case.state in CLOSED:
        seen |= {"referred_to"} if case.outcome is Outcome.NOT_OURS else {"answer"}
    return {f"canary-{name}-{case.number}-" for name in seen}


async def renderings(house: PublicHouse, cases: list[Feedback]) -> dict[str, str]:
    paths = ["/phan-anh", "/phan-anh?trang=2", "/phan-anh?linh_vuc=flood_drain&khu_pho=kp3"]
    for form in ("json", "xml"):
        paths += [
            f"/open311/v2/requests.{form}",
            f"/open311/v2/requests.{form}?updated_after=2020-01-01T00:00:00Z",
        ]
        paths += [f"/open311/v2/requests/{case.code}.{form}" for case in cases]
    paths += [f"/open311/v2/tokens/{case.code}.json" for case in cases]
    paths += [f"/phan-anh/{case.code}" for case in cases]
    told = {}
    for path in paths:
        async with house.http.get(path) as answer:
            told[path] = await answer.text()
    return told


async def test_no_private_column_ever_appears_in_json_xml_or_html(house):
    flags = itertools.product((False, True), repeat=4)
    mixes = itertools.product(FeedbackState, flags)
    cases = [private_case(number, state, mix) for number, (state, mix) in enumerate(mixes, start=1)]
    async with house.database.writing() as db:
        db.add_all(cases)
        await db.flush()
        for case in cases:
            db.expunge(case)
    names = {case.code: await house.media.save(b"\xff\xd8\xff" + case.code.encode()) for case in cases}
    for case in cases:
        await house.attach(case, names[case.code])
    async with opened(house):
        told = await renderings(house, cases)
        allowed = set().union(*map(may_be_seen, cases))
        for path, page in told.items():
            leaked = {word for case in cases for word in _words_of(case) if word in page} - allowed
            assert leaked == set(), path
            for secret in ("2097", "15.9191", "108.0093", "12/4", *map(str, NUMBERS.values())):
                assert secret not in page, path
        for case in cases:
            shown = bool(may_be_seen(case)) and not case.hide_photos
            pages = [path for path, page in told.items() if names[case.code] in page]
            assert bool(pages) == shown, case
            async with house.http.get(f"/phan-anh/anh/{names[case.code]}") as answer:
                assert (answer.status == 200) == shown
    everywhere = "".join(told.values())
    assert all(word in everywhere for word in allowed)  # the test sees what is there to be seen


def _words_of(case: Feedback) -> set[str]:
    names = (*Feedback.model_fields, "phone", "pin")
    return {f"canary-{name}-{case.number}-" for name in names}
