"""Every number of zalo.md §11 has one meaning."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channel import Misconfigured, Refused, Throttled, Unavailable, Unreachable
from bot.zalo.errors import GROUPS_ONLY, MEANINGS, Kind, error_of, kind_of, until_morning
from bot.zalo.wire import Answer

NOW = datetime(2026, 11, 20, 2, 0, 10, tzinfo=UTC)

STOP = """-204 -205 -209 -212 -219 -221 -224 -223 -238 -241 -242 -320 -321
-101 -102 -103 -104 -105 -106 -109 -117 -131 -146 -115 -126 -136 -137
-120 -1201 -1202 -135 -1351 -138 -1381 -145 -123 -128 -129 -142 -143 -1241 -125 112 452"""
WRONG = """-201 -210 -233 -248 -249 -107 -111 -112 -1121 -1122 -1123 -1124 -113 -1131 -116 -121 -122 -130 -132
-153 -127 -158 -159 -160 -161 -162 210"""
GONE = "-213 -217 -227 -237 -403 -244 -108 -118 -119 -110 -114 -139 -140 -141"
ROWS = [
    (Kind.RENEW, "-216 -220 -124", Misconfigured),
    (Kind.SLOW, "-32 -214", Throttled),
    (Kind.UPLOAD, "-100", Unavailable),
    (Kind.DOUBT, "-200", Unavailable),
    (Kind.MORNING, "-234 -133", Throttled),
    (Kind.LIMIT, "-211 -218 -144 -1441 -147 -1471 -1472", Refused),
    (Kind.WRONG, WRONG, Refused),
    (Kind.GONE, GONE, Unreachable),
    (Kind.CLOSED, "-230 -231 -232 -305 -311", Refused),
    (Kind.STOP, STOP, Misconfigured),
    (Kind.DOOR, "-235 -240", Misconfigured),
    (Kind.UNUSED, "-134 -148 -149 -150 -151 -152 -1340 -1341", Unavailable),
]
CODES = [(int(code), kind, error) for kind, codes, error in ROWS for code in codes.split()]


@pytest.mark.parametrize(("code", "kind", "error"), CODES)
def test_every_zalo_error_has_one_meaning(code, kind, error):
    assert kind_of(code) is kind
    assert type(error_of(Answer(code=code), NOW)) is error
    assert MEANINGS[code].words


def test_the_table_and_the_test_know_the_same_numbers():
    assert sorted(MEANINGS) == sorted(code for code, _, _ in CODES)
    assert len({code for code, _, _ in CODES}) == len(CODES)


@pytest.mark.parametrize("code", sorted(GROUPS_ONLY))
def test_a_missing_right_to_groups_does_not_stop_the_channel(code):
    assert type(error_of(Answer(code=code), NOW, in_group=True)) is Refused


@pytest.mark.parametrize("code", [-216, -242, -205, -32, -200])
def test_what_concerns_the_whole_account_means_the_same_in_a_group(code):
    alone, together = (error_of(Answer(code=code), NOW, in_group=there) for there in (False, True))
    assert (type(alone), str(alone)) == (type(together), str(together))


@pytest.mark.parametrize("code", [-200, -100, -999999, 1, -134])
def test_an_unclear_refusal_may_have_been_delivered(code):
    error = error_of(Answer(code=code), NOW)
    assert isinstance(error, Unavailable)
    assert error.doubtful


@pytest.mark.parametrize("code", [-230, -231, -232])
def test_a_closed_window_is_the_routes_failure_and_says_so(code):
    assert str(error_of(Answer(code=code, said="no interaction"), NOW)) == "window_closed"


def test_too_many_calls_wait_for_the_next_minute():
    error = error_of(Answer(code=-32), NOW)
    assert isinstance(error, Throttled)
    assert error.retry_after == timedelta(seconds=51)


@pytest.mark.parametrize(
    ("here", "wait"),
    [
        ("2026-11-20T22:00+07:00", timedelta(hours=8, minutes=5)),
        ("2026-11-21T00:05+07:00", timedelta(hours=6)),
        ("2026-11-21T06:04+07:00", timedelta(minutes=1)),
        ("2026-11-21T06:05+07:00", timedelta(days=1)),
        ("2026-12-31T23:05+07:00", timedelta(hours=7)),
    ],
)
def test_what_is_not_for_the_night_waits_for_five_past_six(here, wait):
    now = datetime.fromisoformat(here).astimezone(UTC)
    assert until_morning(now) == wait
    error = error_of(Answer(code=-234), now)
    assert isinstance(error, Throttled)
    assert error.retry_after == wait


def test_zalos_words_reach_staff_only_where_they_tell_something():
    assert "user_id is invalid" in str(error_of(Answer(code=-201, said="user_id is invalid\nx"), NOW))
    assert "secret" not in str(error_of(Answer(code=-233, said="secret"), NOW))
    longest = max(len(str(error_of(Answer(code=code, said="w" * 500), NOW))) for code in MEANINGS)
    assert longest <= 200
