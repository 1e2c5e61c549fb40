"""Forms Zalo approved, from the ward's file to the resident's phone, on loopback: once, or not at all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from feedback.work import Work as CounterWork
from letters import desk, doubts, frozen, release, stopping
from records import dossiers, outbox, people, retention
from records.letters import DossierState, EventKind, LetterState, Resident, ResidentAddress, Route
from records.tables import ChannelName, Delivery, DeliveryState, Purpose
from scheduler import dossiers as clock_of_dossiers
from tests.channels.zalo_office import LAN
from tests.feedback.bench import CALENDAR, CONCERNS, WARD
from tests.letters.approved_forms import APOLOGY, BY_USER, FORMS, HEAD, THANKS, carried, policy_in, zalo
from tests.letters.bench import BIRTH, CHAIR, CLERK, MARRIAGE
from tests.peers import Fault


@pytest.fixture
async def lan(bench, tmp_path):
    """Lan has a verified account and agreed to everything; she last wrote ten days ago."""
    bench.rule(policy_in(tmp_path, HEAD + FORMS))
    one = await bench.lives("Trần Thị Mẫu", "1970-05-01", "7 Lê Lợi")
    bench.now -= timedelta(days=10)
    who = await bench.writes_from(one, ChannelName.ZALO, user=LAN)
    async with bench.work() as work:
        agreed = [Purpose.RESULT_READY]
        await people.say_consent(work.db, who, agreed, granted=True, wording="t", now=bench.now)
    bench.now += timedelta(days=10)
    return who


async def has_result(bench, who, code="H26.1187"):
    async with bench.work() as work:
        facts = {"code": code, "procedure_name": "Việc mẫu", "taken_on": date(2026, 11, 2)}
        row = (await dossiers.upsert(work.db, facts, work.now)).dossier
        await dossiers.watch(work.db, row, who, work.now)
        row.state = DossierState.READY
        work.db.add(row)


async def told_of_results(bench):
    async with bench.database.writing() as db:
        counter = CounterWork(db=db, ward=WARD, concerns=CONCERNS, calendar=CALENDAR, now=bench.now)
        return await clock_of_dossiers.result_ready(counter)


async def speaks(bench, who):
    async with bench.work() as work:
        await people.heard(work.db, who, bench.now)
        await release.spoke(work.db, who)


async def sorry(bench):
    await bench.happens(EventKind.DUE_SOON, APOLOGY)
    await bench.signed()
    await bench.released()


async def the_form(bench):
    [row] = [one for one in await bench.told("") if one.template is not None]
    return row


# --- a result ------------------------------------------------------------------------------------


async def test_a_result_reaches_lan_once_outside_the_window(bench, lan):
    await has_result(bench, lan)
    assert await told_of_results(bench) == 1
    assert await told_of_results(bench) == 0
    async with zalo(bench) as (peer, sender):
        await carried(bench, sender)
        bench.wait(hours=2)
        assert await told_of_results(bench) == 0
        await speaks(bench, lan)
        assert await told_of_results(bench) == 0
        await carried(bench, sender)
        assert peer.person(LAN).heard == [
            f"Hồ sơ H26.1187 có kết quả, nhận tại {bench.shelf.ward.centre.name}."
        ]
    row = await the_form(bench)
    assert (row.state, row.channel_ref) == (DeliveryState.SENT, peer.accepted[0].message_id)
    async with bench.work() as work:
        assert (
            await outbox.note_receipt(work.db, lan.channel, [row.channel_ref], DeliveryState.DELIVERED) == 1
        )


async def test_two_results_are_two_forms_an_hour_apart(bench, lan):
    await has_result(bench, lan, "H26.1187")
    await has_result(bench, lan, "H26.1188")
    assert await told_of_results(bench) == 1
    assert await told_of_results(bench) == 0
    bench.wait(hours=1, minutes=1)
    assert await told_of_results(bench) == 1
    told = [row.template["data"]["ma_ho_so"] for row in await bench.told("result_ready:")]
    assert sorted(told) == ["H26.1187", "H26.1188"]


async def test_without_a_form_in_the_file_nothing_changes(bench, lan):
    bench.rule(replace(bench.shelf.policy, forms=()))
    await has_result(bench, lan)
    assert await told_of_results(bench) == 0
    await sorry(bench)
    assert await bench.told("") == await bench.told("alert:")


async def test_an_account_nobody_verified_is_sent_no_form(bench, lan):
    async with bench.work() as work:
        owner = await work.db.get(ResidentAddress, tuple(lan))
        owner.verified_at = None
        work.db.add(owner)
    await has_result(bench, lan)
    assert await told_of_results(bench) == 0


async def test_a_result_whose_form_was_turned_down_waits_for_the_next_word(bench, lan):
    await has_result(bench, lan)
    await told_of_results(bench)
    async with zalo(bench) as (peer, sender):
        peer.template("301", "chưa duyệt", status="PENDING_REVIEW")
        await carried(bench, sender)
        assert (await the_form(bench)).error.startswith("Refused: template_stopped: Zalo -131")
        await has_result(bench, lan, "H26.1188")
        bench.wait(hours=2)
        assert await told_of_results(bench) == 0  # the form is left in peace for a day
        peer.person(LAN).says("Alo")
        await speaks(bench, lan)
        assert await told_of_results(bench) == 2
        await carried(bench, sender)
        heard = peer.person(LAN).heard
    assert ["Hồ sơ anh/chị theo dõi đã có kết quả" in one for one in heard] == [True, True]
    assert ["H26.1187" in heard[0], "H26.1188" in heard[1]] == [True, True]


async def test_a_result_nobody_knows_of_is_not_told_twice(bench, lan):
    await has_result(bench, lan)
    await told_of_results(bench)
    async with zalo(bench) as (peer, sender):
        peer.faults.next(BY_USER, Fault.E500_AFTER)
        await carried(bench, sender)
        bench.wait(hours=1)
        await carried(bench, sender)
        assert len(peer.accepted) == 1
    assert (await the_form(bench)).state is DeliveryState.DOUBTFUL


@pytest.mark.parametrize("what", ["result", "letter"])
async def test_whoever_dies_while_sending_a_form_leaves_a_doubt(bench, lan, what):
    await (has_result(bench, lan) if what == "result" else sorry(bench))
    await told_of_results(bench)
    async with bench.work() as work:
        rows = await outbox.claim(work.db, lan.channel, bench.now, 9, bulk=what == "letter")
        assert len(rows) == 1
    bench.wait(minutes=2)
    async with bench.work() as work:
        await outbox.release_expired(work.db, bench.now)
    assert (await the_form(bench)).state is DeliveryState.DOUBTFUL


async def test_when_the_months_number_is_used_up_no_form_goes(bench, lan):
    await has_result(bench, lan, "H26.1187")
    await has_result(bench, lan, "H26.1188")
    async with zalo(bench, paid=1) as (peer, sender):
        await told_of_results(bench)
        await carried(bench, sender)
        bench.wait(hours=2)
        await told_of_results(bench)
        await carried(bench, sender)
        assert len(peer.accepted) == 1
    assert [row.error for row in await bench.told("result_ready:")] == [None, "Refused: window_closed"]


async def test_in_quiet_hours_the_form_waits_for_seven_and_a_reply_does_not(bench, lan):
    await has_result(bench, lan)
    await told_of_results(bench)
    bench.now = bench.now.replace(hour=22)
    async with bench.work() as work:
        await outbox.put(work.db, key="r", to=lan, purpose=Purpose.REPLY, text="Dạ", now=bench.now)
    async with zalo(bench) as (peer, sender):
        peer.person(LAN).says("Alo")
        await speaks(bench, lan)
        await carried(bench, sender)
        assert peer.person(LAN).heard == ["Dạ"]
        row = await the_form(bench)
        due = row.due_at.astimezone(bench.now.tzinfo)
        assert (row.state, due.hour, due.day) == (DeliveryState.QUEUED, 7, bench.now.day + 1)
        bench.now = due
        await carried(bench, sender)
        assert len(peer.accepted) == 2


# --- a letter ------------------------------------------------------------------------------------


async def test_an_apology_is_announced_and_goes_itself_when_lan_writes(bench, lan):
    await sorry(bench)
    [row] = await bench.recipients(await bench.letter())
    assert row.route is Route.WAITING
    async with zalo(bench) as (peer, sender):
        await carried(bench, sender)
        await bench.released()
        await carried(bench, sender)
        assert peer.person(LAN).heard == [
            "Hồ sơ H99.12-261103-0007 hẹn lại 30/11/2026. Nhắn một lời để nhận thư."
        ]
        async with bench.work() as work:
            await release.settle(work)
        assert (await bench.letter()).state is LetterState.RELEASED

        bench.wait(hours=1)
        peer.person(LAN).says("Cho tôi xem thư")
        await speaks(bench, lan)
        await bench.released()
        await carried(bench, sender)
        assert [one.method for one in peer.accepted] == [BY_USER, "v3.0/oa/message/cs", "v3.0/oa/message/cs"]
    async with bench.work() as work:
        await release.settle(work)
    assert (await bench.letter()).state is LetterState.FINISHED


@pytest.mark.usefixtures("lan")
async def test_thanks_are_announced_by_name(bench):
    await bench.happens(EventKind.CONTRIBUTION, THANKS)
    await bench.signed()
    await bench.released()
    assert (await the_form(bench)).template == {"id": "303", "data": {"ho_ten": "Trần Thị Mẫu"}}


@pytest.mark.parametrize(("kind", "facts"), [(EventKind.MARRIAGE, MARRIAGE), (EventKind.BIRTH, BIRTH)])
async def test_joy_is_never_told_by_a_form(bench, lan, kind, facts):
    one = await bench.lives("Phạm Thị Mẫu", "1997-07-09", "34 Hai Bà Trưng")
    async with bench.work() as work:
        owner = await work.db.get(ResidentAddress, tuple(lan))
        owner.resident_id = one.id
        work.db.add(owner)
    await bench.happens(kind, facts | {"mother_address": "34 Hai Bà Trưng"})
    await bench.signed()
    await bench.released()
    routes = [row.route for row in await bench.recipients(await bench.letter())]
    assert Route.WAITING in routes
    assert await bench.told() == []


@pytest.mark.usefixtures("lan")
async def test_a_refused_announcement_leaves_the_letter_waiting_and_then_on_paper(bench):
    await sorry(bench)
    async with zalo(bench) as (peer, sender):
        peer.person(LAN).refuses_with = -139
        await carried(bench, sender)
        async with bench.work() as work:
            await release.settle(work)
    assert (await the_form(bench)).state is DeliveryState.FAILED
    [row] = await bench.recipients(await bench.letter())
    assert row.route is Route.WAITING
    bench.wait(days=40)
    async with bench.work() as work:
        await release.settle(work)
    [row] = await bench.recipients(await bench.letter())
    assert row.route is Route.PAPER


async def test_whoever_turned_a_form_down_gets_no_other(bench, lan):
    await sorry(bench)
    async with zalo(bench) as (peer, sender):
        peer.person(LAN).refuses_with = -141
        await carried(bench, sender)
    bench.wait(days=3)
    await has_result(bench, lan)
    assert await told_of_results(bench) == 0


@pytest.mark.usefixtures("lan")
async def test_a_letter_in_doubt_is_announced_once_until_a_person_says_so(bench):
    await sorry(bench)
    async with zalo(bench) as (peer, sender):
        peer.faults.next(BY_USER, Fault.E500_AFTER)
        await carried(bench, sender)
        row = await the_form(bench)
        assert row.state is DeliveryState.DOUBTFUL
        async with bench.work() as work:
            [doubt], _ = await doubts.waiting(work)
            assert doubt.part == "tin mẫu báo có thư chờ"
            assert await doubts.settle(work, row.id, await bench.hand(CLERK), arrived=True) == doubts.ARRIVED
        await carried(bench, sender)
        assert len(peer.accepted) == 1


async def test_what_is_announced_in_doubt_is_moot_once_the_letter_goes(bench, lan):
    await sorry(bench)
    async with bench.work() as work:
        row = (await work.db.exec(select(Delivery).where(col(Delivery.key).endswith(":z")))).one()
        row.state = DeliveryState.DOUBTFUL
        work.db.add(row)
    bench.wait(hours=1)
    await speaks(bench, lan)
    await bench.released()
    assert [row.state for row in await bench.told()] == [
        DeliveryState.WITHHELD,
        DeliveryState.QUEUED,
        DeliveryState.QUEUED,
    ]


@pytest.mark.usefixtures("lan")
async def test_a_recalled_letter_is_not_announced(bench):
    await sorry(bench)
    async with bench.work() as work:
        await desk.recall(work, 1, await bench.hand(CHAIR), "hồ sơ đã xong")
    assert (await the_form(bench)).state is DeliveryState.WITHHELD


async def test_whoever_has_died_is_told_of_no_letter(bench, lan):
    await sorry(bench)
    async with bench.work() as work:
        owner = await work.db.get(ResidentAddress, tuple(lan))
        await stopping.mourn(work.db, await work.db.get(Resident, owner.resident_id), bench.now)
    assert (await the_form(bench)).state is DeliveryState.WITHHELD


async def test_whoever_stops_letters_is_told_of_none(bench, lan):
    await sorry(bench)
    async with bench.work() as work:
        no = [Purpose.LETTER]
        await people.say_consent(work.db, lan, no, granted=False, wording="t", now=bench.now)
    await bench.released()
    assert (await the_form(bench)).state is DeliveryState.WITHHELD


@pytest.mark.usefixtures("lan")
async def test_a_form_says_nothing_the_signed_letter_does_not(bench):
    await bench.happens(EventKind.DUE_SOON, APOLOGY)
    async with bench.work() as work:
        paragraphs = [
            one.replace("30 tháng 11", "28 tháng 11")
            for one in frozen.text_of(await bench.letter()).paragraphs
        ]
        await desk.edit(work, 1, await bench.hand(CLERK), paragraphs)
    await bench.signed()
    await bench.released()
    assert await bench.told() == []


@pytest.mark.usefixtures("lan")
async def test_after_a_day_on_the_road_an_announcement_stays_at_home(bench):
    await sorry(bench)
    bench.wait(hours=25)
    async with bench.work() as work:
        await release.settle(work)
    assert (await the_form(bench)).state is DeliveryState.WITHHELD


@pytest.mark.usefixtures("lan")
async def test_names_in_a_form_are_forgotten_with_the_text(bench):
    await bench.happens(EventKind.CONTRIBUTION, THANKS)
    await bench.signed()
    await bench.released()
    async with bench.work() as work:
        mine = col(Delivery.user) == LAN
        await retention.blank_deliveries(work.db, mine, "rút dữ liệu")
    assert [(row.text, row.template) for row in await bench.told()] == [(None, None)]
