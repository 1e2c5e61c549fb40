"""Who sees what of a case, and that guessing leads nowhere."""

import pytest

from feedback import access, codes
from feedback.access import MOST_MISSES, View
from records.cases import Guess
from records.tables import Address, ChannelName
from tests.feedback.bench import LAN

STRANGER = Address(ChannelName.TELEGRAM, "66")
MISSING = codes.code_of(2026, 9_417)
WRONG = "234-56A-BCD"


async def look(bench, who: Address, text: str) -> access.Looked:
    async with bench.work() as work:
        return await access.look(work, who, text)


async def misses(bench, who: Address) -> int:
    async with bench.database.reading() as db:
        row = await db.get(Guess, (who.channel, who.user))
    return row.misses if row else 0


async def test_its_resident_sees_everything_however_short_the_code_is_typed(bench):
    case = (await bench.report()).case
    for typed in (case.code, "0001", "mã 0001", f"tình trạng {case.code.lower()}"):
        found = await look(bench, LAN, typed)
        assert found.view is View.ALL
        assert found.case is not None
        assert found.case.code == case.code
    assert await misses(bench, LAN) == 0


async def test_a_stranger_with_the_code_sees_where_it_stands_and_with_the_key_its_thread(bench):
    taken = await bench.report()
    assert (await look(bench, STRANGER, taken.case.code)).view is View.STATE
    assert (await look(bench, STRANGER, f"{taken.case.code} {taken.key}")).view is View.THREAD


async def test_a_stranger_with_a_number_alone_learns_nothing(bench):
    await bench.report()
    for typed in ("0001", "mã 1001", "PA26-0001"):
        assert (await look(bench, STRANGER, typed)) == access.Looked(why="missing")


async def test_the_key_of_one_case_does_not_open_another(bench):
    one, other = await bench.report(), await bench.report("Rác chất đống ở chợ", category="waste")
    assert (await look(bench, STRANGER, f"{other.case.code} {one.key}")).why == "missing"


async def test_a_wrong_key_and_a_code_that_is_not_there_are_told_alike_and_noted_alike(bench):
    """The work is alike too: one case looked up, one seal made and compared, one miss written.

    Nobody could time it anyway: the answer is a delivery, sent by another loop when its slot comes.
    """
    taken = await bench.report()
    wrong = await look(bench, STRANGER, f"{taken.case.code} {WRONG}")
    noted = await misses(bench, STRANGER)
    missing = await look(bench, STRANGER, f"{MISSING} {WRONG}")
    assert wrong == missing == access.Looked(why="missing")
    assert (noted, await misses(bench, STRANGER)) == (1, 2)


async def test_a_wrong_check_digit_is_said_without_looking_and_costs_nothing(bench):
    await bench.report()
    found = await look(bench, STRANGER, "PA26-0001-9" if codes.check_digit(26, 1) != 9 else "PA26-0001-8")
    assert found.why == "wrong_digit"
    assert await misses(bench, STRANGER) == 0


async def test_after_ten_misses_in_an_hour_nothing_is_looked_up_not_even_what_is_right(bench):
    taken = await bench.report()
    for _ in range(MOST_MISSES):
        assert (await look(bench, STRANGER, f"{taken.case.code} {WRONG}")).why == "missing"
    right = f"{taken.case.code} {taken.key}"
    assert (await look(bench, STRANGER, right)) == access.Looked(why="wait")
    assert (await look(bench, STRANGER, MISSING)) == access.Looked(why="wait")

    bench.wait(minutes=59)
    assert (await look(bench, STRANGER, right)).why == "wait"
    bench.wait(minutes=1)
    assert (await look(bench, STRANGER, right)).view is View.THREAD


async def test_the_guesses_of_one_do_not_tire_another(bench):
    taken = await bench.report()
    for _ in range(MOST_MISSES + 1):
        await look(bench, STRANGER, MISSING)
    assert (await look(bench, LAN, taken.case.code)).view is View.ALL
    assert (await look(bench, Address(ChannelName.WEB, "66"), taken.case.code)).view is View.STATE


async def test_several_looks_in_one_transaction_are_counted_each(bench):
    await bench.report()
    async with bench.work() as work:
        for _ in range(MOST_MISSES):
            assert (await access.look(work, STRANGER, MISSING)).why == "missing"
        assert (await access.look(work, STRANGER, MISSING)).why == "wait"


@pytest.mark.parametrize(
    "typed", ["", "xong chưa", "PA26-0001-1' OR '1'='1", "PA26-0001-\u0000", "9" * 4_000]
)
async def test_nothing_anybody_types_opens_a_case(bench, typed):
    await bench.report()
    found = await look(bench, STRANGER, typed)
    assert found.case is None or found.view is View.STATE
