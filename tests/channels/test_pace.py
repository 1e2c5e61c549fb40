"""What one process remembers of its sending: a seat for each message of a second, exact while it is alone."""

import random
from datetime import timedelta

from bot.pace import GRAIN_S, Pace
from tests.conftest import FRIDAY


class Watch:
    """A monotonic clock that stands still."""

    def __init__(self):
        self.s = 100.0

    def __call__(self):
        return self.s


def worst_second(moments):
    return max(sum(1 for other in moments if at - 1 < other <= at) for at in moments)


def test_whoever_finds_the_gate_as_they_left_it_is_alone():
    pace = Pace(30, Watch())
    later = FRIDAY + timedelta(milliseconds=35)
    assert not pace.alone(FRIDAY, FRIDAY)  # somebody may have sent just now
    assert pace.alone(FRIDAY, FRIDAY + timedelta(seconds=1))
    pace.leaves_gate(later)
    assert pace.alone(later, FRIDAY + timedelta(seconds=1))
    assert not pace.alone(FRIDAY + timedelta(seconds=2), FRIDAY + timedelta(seconds=2))  # not we
    assert pace.alone(FRIDAY + timedelta(seconds=2), FRIDAY + timedelta(seconds=3))


async def test_a_slow_road_has_no_seats_and_nobody_waits_for_one():
    watch = Watch()
    pace = Pace(100 / 60, watch)
    for _ in range(3):
        call = pace.begin()
        assert call.may_leave_s <= watch.s
        await pace.turn(call)
        pace.end(call)
    assert not pace.alone(FRIDAY, FRIDAY + timedelta(hours=1))
    assert (pace.free(), pace.wait_s()) == (1, 0)


def test_a_seat_is_free_a_second_after_the_answer_not_after_leaving():
    watch = Watch()
    pace = Pace(10, watch)
    calls = [pace.begin() for _ in range(10)]
    assert (pace.free(), pace.wait_s()) == (0, 1.0)
    watch.s += 0.5
    for call in calls:
        pace.end(call)
    watch.s += 0.98
    assert pace.free() == 0
    assert 0 < pace.wait_s() < 0.03
    watch.s += 0.03
    assert (pace.free(), pace.wait_s(), pace.wait_s(10)) == (10, 0, 1.0)


def test_more_calls_than_seats_leave_no_more_seats_than_there_are():
    watch = Watch()
    pace = Pace(10, watch)
    for call in [pace.begin() for _ in range(13)]:
        pace.end(call)
    watch.s += 2
    assert pace.free() == 10


def test_a_long_way_to_the_platform_costs_nothing_once_it_is_known():
    watch = Watch()
    pace = Pace(10, watch)
    for _ in range(3000):
        call = pace.begin()
        watch.s += 0.1
        pace.end(call)
        watch.s += 2
    calls = [pace.begin() for _ in range(10)]
    watch.s += 0.1
    for call in calls:
        pace.end(call)
    watch.s += 0.901 + GRAIN_S
    assert pace.free() == 10  # a second after they left, not after their answers


def test_no_second_at_the_platform_holds_more_however_late_anything_runs():
    """Ways there and back of 5 to 200 ms, and a process that oversleeps: the rate is kept and nearly used."""
    dice, watch = random.Random(7), Watch()
    pace, arrivals, under_way = Pace(30, watch), [], []
    while watch.s < 160:
        while pace.free():
            there, back = (0.002 + min(0.1, dice.expovariate(100)) for _ in range(2))
            call = pace.begin()
            call.left_s = max(watch.s, call.may_leave_s)
            under_way.append((call.left_s + there + back, call))
            arrivals.append(call.left_s + there)
            watch.s += 0.001
        nap = dice.uniform(0.001, 0.01) if dice.random() < 0.98 else 0.15
        for answer, call in [one for one in under_way if one[0] <= watch.s + nap]:
            watch.s = max(watch.s, answer)
            pace.end(call)
            under_way.remove((answer, call))
        watch.s += nap
    assert worst_second(arrivals) <= 30
    assert len(arrivals) >= 60 * 30 * 0.9
