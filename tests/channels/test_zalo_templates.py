"""Forms Zalo approved, sent by the person's id: what goes, what is turned down, and whose turn it is then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.channel import Misconfigured, Receipt, Refused, SendError, Throttled, Unavailable, Unreachable
from bot.zalo.errors import MEANINGS, template_error_of
from bot.zalo.wire import Answer
from records.tables import Address, ChannelName, DeliveryState
from tests.channels.zalo_office import (
    LAN,
    MOMENT,
    Clock,
    answering,
    calls,
    channel_for,
    database_at,
    letter,
    office,
)
from tests.peers import Fault, ZaloPeer

BY_USER = "v3.0/oa/message/template"
DATA = {"ma_ho_so": "H26.1187", "noi_nhan": "Trung tâm Phục vụ hành chính công"}
TOLD = "Hồ sơ H26.1187 đã có kết quả tại Trung tâm Phục vụ hành chính công."


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def database(tmp_path):
    async with database_at(f"sqlite+aiosqlite:///{tmp_path}/ward.db") as opened:
        yield opened


@pytest.fixture
async def ward(database, tmp_path, clock):
    async with office(database, tmp_path, clock) as (peer, channel):
        peer.template("301", "Hồ sơ {ma_ho_so} đã có kết quả tại {noi_nhan}.", ma_ho_so=30, noi_nhan=50)
        yield peer, channel


def form(number: str = "301", **data):
    return letter("Hồ sơ đã có kết quả", template={"id": number, "data": DATA | data})


async def refused(channel, message) -> SendError:
    with pytest.raises(SendError) as caught:
        await channel.send(message)
    return caught.value


async def test_a_month_after_her_last_word_lan_reads_the_form_and_not_our_text(ward):
    peer, channel = ward
    peer.clock.ahead(days=30)
    peer.tokens._born = peer.clock.epoch()
    ref = await channel.send(form())
    (sent,) = peer.accepted
    assert (sent.method, sent.chat_id, sent.text, sent.message_id) == (BY_USER, LAN, TOLD, ref)
    assert sent.payload == {"user_id": LAN, "template_id": "301", "template_data": DATA}


async def test_letters_are_composed_so_that_zalo_counts_what_we_counted(ward):
    peer, channel = ward
    await channel.send(form(noi_nhan="Tru\u031b\u0323c"))
    assert peer.accepted[0].payload["template_data"]["noi_nhan"] == "Trực"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (form("999"), -109),
        (form("302"), -131),
        (form("303"), -249),
        (form("304"), -144),
        (form("305"), -147),
        (form(ma_ho_so="x" * 31), -1121),
        (form(la="thừa"), -112),
        (letter("x", template={"id": "301", "data": {"ma_ho_so": "H26.1187"}}), -1122),
    ],
)
async def test_what_the_platform_turns_down_is_this_forms_trouble_only(
    database, tmp_path, clock, message, code
):
    limit = 0 if code == -144 else 500
    peer = ZaloPeer(demands_proof=True, templates_per_day=limit)
    async with office(database, tmp_path, clock, peer=peer) as (_, channel):
        lengths: Any = {"ma_ho_so": 30, "noi_nhan": 50}
        words = "{ma_ho_so} {noi_nhan}"
        peer.template("301", words, **lengths)
        peer.template("302", words, status="PENDING_REVIEW", **lengths)
        peer.template("303", words, by_phone_only=True, **lengths)
        peer.template("304", words, **lengths)
        peer.template("305", words, most=0, **lengths)
        error = await refused(channel, message)
    assert type(error) is Refused
    assert str(error).startswith("template_")
    assert f"Zalo {code}:" in str(error)
    assert peer.accepted == []


async def test_whoever_takes_no_forms_is_still_written_to_otherwise(ward):
    peer, channel = ward
    peer.person(LAN).refuses_with = -139
    assert str(await refused(channel, form())).startswith("template_unwanted")
    peer.person(LAN).refuses_with = None
    assert await channel.send(letter("Xin chào"))


async def test_a_person_zalo_does_not_know_is_gone(ward):
    _, channel = ward
    stranger = Address(ChannelName.ZALO, "999")
    assert isinstance(await refused(channel, letter(to=stranger, template=form().template)), Unreachable)


@pytest.mark.parametrize(
    ("hour", "wait"),
    [
        ("2026-11-20T21:00+07:00", timedelta(hours=10)),
        ("2026-11-21T06:30+07:00", timedelta(minutes=30)),
    ],
)
async def test_nobody_is_rung_in_quiet_hours_and_nothing_else_waits_for_it(ward, clock, hour, wait):
    peer, channel = ward
    clock.now = datetime.fromisoformat(hour).astimezone(UTC)
    error = await refused(channel, form())
    assert isinstance(error, Throttled)
    assert (error.retry_after, error.only_this_message) == (wait, True)
    assert calls(peer, BY_USER) == 0


async def test_a_form_with_the_flag_against_the_night_waits_for_the_morning(ward):
    peer, channel = ward
    peer.template("306", "{ma_ho_so} {noi_nhan}", day_only=True, ma_ho_so=30, noi_nhan=50)
    peer.clock.offset += _until_23h(peer)
    peer.tokens._born = peer.clock.epoch()
    error = await refused(channel, form("306"))
    assert isinstance(error, Throttled)
    assert error.only_this_message
    assert "-133" in str(error)


def _until_23h(peer) -> timedelta:
    here = datetime.fromtimestamp(peer.clock.epoch(), UTC) + timedelta(hours=7)
    return (here.replace(hour=23, minute=0) - here) % timedelta(days=1)


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "301", "data": {}},
        {"id": "301", "data": {"ma_ho_so": " "}},
        {"id": 301, "data": DATA},
        {"data": DATA},
        {"id": "301"},
    ],
)
async def test_a_broken_form_never_leaves(ward, broken):
    peer, channel = ward
    assert isinstance(await refused(channel, letter(template=broken)), Refused)
    assert calls(peer, BY_USER) == 0


async def test_a_group_is_sent_no_form(ward):
    peer, channel = ward
    to = Address(ChannelName.ZALO, "group:f414c8f76fa586fbdfb4")
    assert isinstance(await refused(channel, letter(to=to, template=form().template)), Refused)
    assert calls(peer, BY_USER) == 0


async def test_an_old_token_is_renewed_once(ward):
    peer, channel = ward
    await channel.send(form())
    peer.tokens.end_access()
    await channel.send(form())
    assert len(peer.accepted) == 2


@pytest.mark.parametrize("fault", [Fault.E500_AFTER, Fault.RESET_AFTER, Fault.SLOW, Fault.OK_FALSE_AFTER])
async def test_an_answer_that_is_lost_leaves_a_doubt_and_no_second_call(ward, fault):
    peer, channel = ward
    await channel.send(letter("Xin chào"))  # the tokens are at hand
    peer.faults.next(BY_USER, fault, seconds=1.5)
    error = await refused(channel, form())
    assert isinstance(error, Unavailable)
    assert error.doubtful
    assert calls(peer, BY_USER) == 1


@pytest.mark.parametrize("code", [*MEANINGS, -99999])
def test_every_number_has_one_meaning_and_only_pace_and_tokens_concern_others(code):
    error = template_error_of(Answer(code=code), MOMENT)
    whole_channel = {
        -32: Throttled,
        -214: Throttled,
        -216: Misconfigured,
        -220: Misconfigured,
        -124: Misconfigured,
    }
    expected = whole_channel.get(code)
    if expected is not None:
        assert type(error) is expected
    elif code in (-133, -234):
        assert isinstance(error, Throttled)
        assert error.only_this_message
    elif code in (-100, -200, -99999):
        assert isinstance(error, Unavailable)
        assert error.doubtful
    else:
        assert type(error) is (Unreachable if code in (-213, -227) else Refused)


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        (-131, "template_stopped"),
        (-146, "template_stopped"),
        (-235, "template_stopped"),
        (-320, "template_stopped"),
        (-321, "template_stopped"),
        (-144, "template_stopped"),
        (-139, "template_unwanted"),
        (-140, "template_unwanted"),
        (-141, "template_unwanted"),
        (-244, "template_unwanted"),
        (-218, "template_refused"),
        (-1121, "template_refused"),
        (-230, "window_closed"),
    ],
)
def test_a_refusal_says_who_is_not_to_get_the_next_one(code, mark):
    assert str(template_error_of(Answer(code=code), MOMENT)).startswith(mark)


async def test_an_answer_without_a_number_is_not_sent_again(database, tmp_path, clock):
    async with (
        answering(web.Response(text="<html>")) as (url, asked),
        channel_for(ZaloPeer(), database, tmp_path, clock, api_url=url, oauth_url=url) as channel,
    ):
        error = await refused(channel, form())
    assert isinstance(error, Unavailable)
    assert error.doubtful
    assert len(asked) == 2


async def test_both_kinds_of_receipt_name_the_form(ward):
    peer, channel = ward
    ref = await channel.send(form())
    zbs = peer.console.template_received("84900000001", ref, "")
    ordinary = peer.person(LAN).receives(ref)
    for event in (zbs, ordinary):
        parcel = peer.webhook.parcel(event)
        (arrival,) = channel.accept(parcel.body, parcel.headers)
        read = channel.read(arrival, datetime.now(UTC))
        assert isinstance(read, Receipt)
        assert (read.refs, read.state) == ((ref,), DeliveryState.DELIVERED)


async def test_the_operator_reads_that_a_form_was_switched_off(ward, caplog):
    peer, channel = ward
    for event in (
        peer.console.template_status("301", "ENABLE", "DISABLE"),
        peer.console.template_quality("301", "LOW"),
    ):
        parcel = peer.webhook.parcel(event)
        (arrival,) = channel.accept(parcel.body, parcel.headers)
        assert channel.read(arrival, datetime.now(UTC)) is None
    assert "template 301: DISABLE" in caplog.text
    assert "template 301: LOW" in caplog.text
