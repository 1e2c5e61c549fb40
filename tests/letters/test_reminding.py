"""Letters that were put off are asked about again at the chosen hour, once, and not before."""

from letters import reminding
from records import staff
from records.tables import DeliveryState
from tests.letters.bench import CHAIR


async def test_what_is_put_off_on_friday_is_asked_on_monday_and_not_at_the_weekend(bench):
    chair = await bench.person(CHAIR)
    to = (await bench_account(bench, chair))[0]

    async def tells() -> bool:
        async with bench.work() as work:
            return await reminding.tell(work, chair, to, "Thư chờ: 1", [])

    async with bench.work() as work:
        until = reminding.next_morning(work)
        await reminding.put_off(work, chair, to, until, text="Đến giờ", choices=[])
    assert f"{until:%A %H:%M}" == "Monday 07:30"
    for _ in range(2):  # Saturday and Sunday
        bench.wait(days=1)
        assert not await tells()
    bench.wait(days=1, hours=-1.5)
    assert await tells()
    assert not await tells()
    assert [row.text for row in await bench.told("alert:letters:")] == ["Thư chờ: 1"]


async def bench_account(bench, person):
    async with bench.work() as work:
        return await staff.accounts(work.db, person.id)


async def test_changing_the_hour_leaves_one_reminder(bench):
    chair = await bench.person(CHAIR)
    to = (await bench_account(bench, chair))[0]
    async with bench.work() as work:
        morning = reminding.next_morning(work)
        first, *_ = reminding.hours_left(work.now, work.today)
        for until in (morning, first, morning):
            await reminding.put_off(work, chair, to, until, text="Đến giờ", choices=[])
    told = await bench.told("alert:letters:")
    assert sorted(row.state for row in told) == [DeliveryState.QUEUED, DeliveryState.WITHHELD]
    assert next(row for row in told if row.state is DeliveryState.QUEUED).due_at > morning
