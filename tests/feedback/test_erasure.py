"""A resident asks to be forgotten: what goes is nowhere any more, what stays says why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import select

from feedback import acts, erasure, history, own_data, replies, restricted
from feedback.work import Work
from records import handovers, outbox, people, retention, shredder, trace
from records.cases import (
    Erasure,
    Feedback,
    FeedbackEntry,
    FeedbackPhoto,
    FeedbackState,
    Follower,
    Outcome,
    RequestKind,
    RestrictedMessage,
    RestrictedSender,
)
from records.media import MediaStore
from records.tables import Address, Attachment, ChannelName, Delivery, DeliveryState, Purpose
from tests.feedback.bench import LAN, Bench

MINH = Address(ChannelName.ZALO, "minh")


async def closed(bench: Bench, **more: Any) -> Feedback:
    """A case of Lan that was answered and closed."""
    taken = await bench.report(**more)
    async with bench.work() as work:
        await acts.claim(work, taken.case.code, await bench.hand("dung"))
    async with bench.work() as work:
        hand = await bench.hand("dung")
        await acts.answer(work, taken.case.code, hand, "Đã thay nắp mới.", Outcome.RESOLVED)
    async with bench.work() as work:
        case = await history.by_code(work.db, taken.case.code, lock=True)
        assert case is not None
        await replies.close(work, case)
    return case


async def forget(bench: Bench, who: Address = LAN) -> erasure.Forgotten:
    async with bench.work() as work:
        return await erasure.forget_person(work, who)


async def everything(bench: Bench, table):
    async with bench.database.reading() as db:
        return list((await db.exec(select(table))).all())


async def photo(bench: Bench, who: Address, ref: str, sha256: str) -> None:
    async with bench.work() as work:
        row = Attachment(
            channel=who.channel,
            user=who.user,
            ref=ref,
            kind="photo",
            sha256=sha256,
            asked_at=bench.now,
            due_at=bench.now,
            fetched_at=bench.now,
        )
        work.db.add(row)


async def test_a_closed_case_keeps_what_counts_and_loses_what_was_said(bench):
    case = await closed(bench, contact_phone="0900000444", latitude=10.9, longitude=106.8)
    done = await forget(bench)
    (row,) = await everything(bench, Feedback)
    assert (row.code, row.category, row.state, row.outcome) == (
        case.code,
        "flood_drain",
        FeedbackState.CLOSED,
        Outcome.RESOLVED,
    )
    assert (row.taken_at, row.closed_at, row.erased_at) == (case.taken_at, case.closed_at, bench.now)
    assert (row.text, row.public_text, row.place, row.answer) == (None, None, "", None)
    assert (row.latitude, row.contact_phone, row.channel, row.user) == (None, "", None, None)
    assert row.title not in ("", case.title)
    assert all(line.text is None for line in await everything(bench, FeedbackEntry))
    assert done.counts["cases"] == 1
    assert done.kept == ()


async def test_an_open_case_stays_and_says_until_when(bench):
    open_case = (await bench.report()).case
    done = await forget(bench)
    (kept,) = done.kept
    assert (kept.code, kept.why, kept.until) == (open_case.code, erasure.Why.OPEN, open_case.due_at)
    (row,) = await everything(bench, Feedback)
    assert row.text == open_case.text
    assert row.erased_at is None


async def test_a_case_that_waits_for_the_residents_word_stays(bench):
    taken = await bench.report()
    async with bench.work() as work:
        hand = await bench.hand("dung")
        await acts.answer(work, taken.case.code, hand, "Đã thay nắp mới.", Outcome.RESOLVED)
    (kept,) = (await forget(bench)).kept
    assert kept.why is erasure.Why.ANSWERED
    assert kept.until is not None


async def test_contact_can_be_taken_out_of_an_open_case(bench):
    taken = await bench.report(contact_phone="0900000444", contact_name="Lan")
    async with bench.work() as work:
        assert await erasure.withdraw_contact(work, LAN) == [taken.case.code]
        assert await erasure.withdraw_contact(work, LAN) == []
    (row,) = await everything(bench, Feedback)
    assert (row.contact_phone, row.contact_name) == ("", "")
    assert row.text


async def test_what_was_told_about_the_case_is_blank_for_everybody(bench):
    case = await closed(bench)
    async with bench.work() as work:
        await outbox.put(
            work.db,
            key=f"alert:{case.code}:later",
            to=Address(ChannelName.TELEGRAM, "-1001"),
            purpose=Purpose.ALERT,
            text="còn chờ",
            now=bench.now,
        )
    other = (await bench.report(who=MINH)).case
    await forget(bench)
    for row in await everything(bench, Delivery):
        if case.code in row.key:
            assert (row.text, row.choices, row.attachments) == (None, [], [])
            assert row.state is DeliveryState.WITHHELD
        if other.code in row.key:
            assert row.text


async def test_a_message_on_its_way_does_not_come_back(bench):
    async with bench.work() as work:
        await outbox.put(work.db, key="reply:1", to=LAN, purpose=Purpose.REPLY, text="lời", now=bench.now)
        (sending,) = await outbox.claim(work.db, LAN.channel, bench.now, 5)
    await forget(bench)
    async with bench.work() as work:
        assert not await outbox.record_later(work.db, sending, "later", bench.now)
        assert await outbox.claim(work.db, LAN.channel, bench.now + timedelta(days=1), 5) == []


async def test_alerts_of_somebody_who_works_here_stay(bench):
    officer = Address(ChannelName.TELEGRAM, "2")
    await bench.report(who=MINH)
    async with bench.work() as work:
        to, now = officer, bench.now
        await outbox.put(work.db, key="alert:x", to=to, purpose=Purpose.ALERT, text="việc", now=now)
    await forget(bench, officer)
    (alert,) = await bench.told("alert:x")
    assert alert.text == "việc"


async def test_an_unanswered_restricted_message_stays_and_an_answered_one_goes(bench):
    async with bench.work() as work:
        first = await restricted.keep(work, LAN, "kín một")
        second = await restricted.keep(work, LAN, "kín hai")
        person = await bench.person("ha.thi.my.hanh")
        await restricted.answer(work, person, first.code, "Đã xem xét.")
    (kept,) = (await forget(bench)).kept
    assert (kept.code, kept.why) == (second.code, erasure.Why.RESTRICTED)
    assert {row.code: row.text for row in await everything(bench, RestrictedMessage)} == {
        first.code: None,
        second.code: "kín hai",
    }
    assert [row.message_id for row in await everything(bench, RestrictedSender)] == [second.id]


async def test_followers_questions_consents_and_notes_go(bench):
    other = (await bench.report(who=MINH)).case
    async with bench.work() as work:
        await replies.follow(work, other, LAN)
        await handovers.leave(
            work.db,
            LAN,
            topic="",
            question="câu hỏi",
            photos=["r"],
            now=bench.now,
            answer_by=bench.now,
        )
        await people.say_consent(
            work.db, LAN, [Purpose.LETTER], granted=True, wording="letter-1", now=bench.now
        )
        await people.remember(work.db, LAN, "", {"draft": {"text": "nháp"}}, bench.now)
    counts = (await forget(bench)).counts
    assert {name: counts[name] for name in ("questions", "consents", "conversations", "following")} == {
        "questions": 1,
        "consents": 1,
        "conversations": 1,
        "following": 1,
    }
    assert await everything(bench, Follower) == []
    async with bench.database.reading() as db:
        assert await handovers.waiting(db) == []
        assert await people.conversation(db, LAN) == ("", {})


async def test_the_register_tells_how_many_and_never_what(bench):
    await closed(bench, text="Nắp cống vỡ kim quat mot")
    async with bench.work() as work:
        await erasure.forget_person(work, LAN, on="request:1")
    lines = await everything(bench, Erasure)
    assert {line.what for line in lines} >= {"cases", "lines", "texts"}
    assert {(line.object, line.reason, line.at) for line in lines} == {
        ("request:1", retention.WITHDREW, bench.now)
    }
    assert "kim quat" not in "".join(str(line.model_dump()) for line in lines)
    async with bench.database.reading() as db:
        assert (await trace.verify(db)).whole


async def test_forgetting_twice_finds_nothing(bench):
    await closed(bench)
    await forget(bench)
    assert not any((await forget(bench)).counts.values())


async def test_a_photo_two_people_sent_stays_for_the_other(bench, tmp_path):
    media = MediaStore(tmp_path)
    shared, own = await media.save(b"hai nguoi"), await media.save(b"cua Lan")
    for who, ref, name in ((LAN, "a", shared), (MINH, "b", shared), (LAN, "c", own)):
        await photo(bench, who, ref, name)
    assert (await forget(bench)).counts["photos"] == 2
    assert await shredder.shred(bench.database, media) == 1
    assert (media.has(shared), media.has(own)) == (True, False)
    assert await shredder.shred(bench.database, media) == 0
    assert [row.ref for row in await everything(bench, Attachment) if row.sha256] == ["b"]


async def test_a_photo_of_an_open_case_stays(bench, tmp_path):
    media = MediaStore(tmp_path)
    name = await media.save(b"nap cong")
    await photo(bench, LAN, "a", name)
    await bench.report(photos=("a",))
    assert len(await everything(bench, FeedbackPhoto)) == 1
    assert (await forget(bench)).counts["photos"] == 0
    assert await shredder.shred(bench.database, media) == 0
    assert media.has(name)


async def test_a_photo_that_arrives_after_its_owner_left_is_dropped(bench, tmp_path):
    media = MediaStore(tmp_path)
    await photo(bench, LAN, "a", "")
    await forget(bench)
    late = await media.save(b"den tre")
    async with bench.work() as work:
        await work.db.exec(update(Attachment).values(sha256=late))
    assert await shredder.shred(bench.database, media) == 1
    assert not media.has(late)


async def test_files_nobody_names_go_after_some_days(bench, tmp_path):
    media = MediaStore(tmp_path)
    stray, needed, coming = [await media.save(bytes([number])) for number in range(3)]
    half = media.path(stray).with_name(".new-half")
    half.write_bytes(b"half")
    await photo(bench, LAN, "a", needed)
    async with bench.work() as work:
        row = {"channel": ChannelName.WEB, "user": "x", "kind": "photo", "asked_at": bench.now}
        work.db.add(Attachment(ref=f"photo:{coming}", due_at=bench.now, **row))
    soon = written_at(media.path(stray)) + timedelta(days=3)
    assert await shredder.sweep(bench.database, media, soon, 7) == 0
    assert await shredder.sweep(bench.database, media, soon + timedelta(days=7), 7) == 2
    assert (media.has(stray), media.has(needed), media.has(coming)) == (False, True, True)
    assert not half.exists()


def written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


async def test_cases_and_photos_grow_too_old_each_at_its_own_time(bench):
    await photo(bench, LAN, "a", "0" * 64)
    case = await closed(bench, photos=("a",))
    open_case = (await bench.report()).case
    bench.wait(days=731)
    async with bench.work() as work:
        assert (await erasure.forget_old(work, case_days=1825, photo_days=730))["photos"] == 1
    assert len([row for row in await everything(bench, Feedback) if row.erased_at]) == 0
    bench.wait(days=1100)
    async with bench.work() as work:
        assert (await erasure.forget_old(work, case_days=1825, photo_days=730))["cases"] == 1
    texts = {row.code: row.text for row in await everything(bench, Feedback)}
    assert texts[case.code] is None
    assert texts[open_case.code]


async def test_the_leadership_hears_half_a_day_before_the_deadline_once(bench):
    async with bench.work() as work:
        row = await rights_request(work)
    async with bench.work() as work:
        assert await own_data.warn(work) == 0
    bench.now = row.due_at - timedelta(hours=4)
    async with bench.work() as work:
        told = await own_data.warn(work)
    async with bench.work() as work:
        assert await own_data.warn(work) == 0
    alerts = await bench.told(f"alert:rights:{row.id}:")
    assert told == len(alerts) >= 2  # the chair, and the desk named leadership
    assert all(str(LAN.user) not in alert.text for alert in alerts)


async def rights_request(work: Work):
    return await own_data.ask(work, LAN, RequestKind.CORRECT, detail="sai tên")
