"""A staff group of the Official Account: who spoke, and what is said back to all of them."""

from datetime import timedelta

import pytest

from bot.channel import Misconfigured, Movement, Presence, Refused, Throttled, Unreachable, Window
from bot.zalo.groups import address, named_by, without_mentions
from handlers.talk import Choice, bold
from records.tables import Address, ChannelName
from tests.channels.zalo_office import LAN, MOMENT, Clock, database_at, letter, office, put
from tests.peers import Fault, ZaloPeer
from tests.peers.images import JPEG, PDF, PNG

GROUP_ID = "f414c8f76fa586fbdfb4"
GROUP = f"group:{GROUP_ID}"
MINH = "246845883529197923"
SENT_TO_GROUPS = "v3.0/oa/group/message"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def database(tmp_path):
    async with database_at(f"sqlite+aiosqlite:///{tmp_path}/ward.db") as opened:
        yield opened


@pytest.fixture
async def ward(database, tmp_path, clock):
    async with office(database, tmp_path, clock) as both:
        yield both


@pytest.fixture
def staff(ward):
    peer, _ = ward
    return peer.group(GROUP_ID, peer.person(LAN), peer.person(MINH, "Minh"))


def to_group(text="PA26-0417-9: đèn đường", **more):
    return letter(text, to=Address(ChannelName.ZALO, GROUP), **more)


def heard(peer, channel, event):
    parcel = peer.webhook.parcel(event)
    (arrival,) = channel.accept(parcel.body, parcel.headers)
    return arrival, channel.read(arrival, MOMENT + timedelta(days=3650))


async def test_minh_writes_in_the_group_and_is_answered_there(ward, staff):
    peer, channel = ward
    arrival, said = heard(peer, channel, staff.says(peer.person(MINH), "/nhan PA26-0417-9"))
    assert (said.text, said.group, said.pressed) == ("/nhan PA26-0417-9", True, False)
    assert (said.sender, said.author) == (
        Address(ChannelName.ZALO, GROUP),
        Address(ChannelName.ZALO, MINH),
    )
    assert (arrival.user, arrival.key) == (GROUP, said.key)

    ref = await channel.send(letter("Anh Minh nhận", to=said.sender))
    (sent,) = peer.accepted
    assert (sent.method, sent.chat_id, sent.message_id) == (SENT_TO_GROUPS, GROUP_ID, ref)
    assert staff.heard == ["Anh Minh nhận"]
    assert peer.person(MINH).heard == []


async def test_in_private_there_is_no_author(ward):
    peer, channel = ward
    _, said = heard(peer, channel, peer.person(LAN).says("/viec"))
    assert (said.sender.user, said.author, said.group, said.pressed) == (LAN, None, False, True)


async def test_a_picture_from_the_group_can_be_fetched(ward, staff):
    peer, channel = ward
    _, said = heard(peer, channel, staff.sends_image(peer.person(MINH), JPEG, caption="đã sửa"))
    assert (said.text, said.group, said.author.user) == ("đã sửa", True, MINH)
    assert await channel.fetch(said.photos[0]) == JPEG


async def test_a_link_in_the_group_is_words(ward, staff):
    peer, channel = ward
    attached = {"attachments": [{"type": "link", "payload": {"url": "https://phuong.example/1"}}]}
    event = staff.sends(peer.person(MINH), "user_send_group_link", {"text": "xem", **attached})
    _, said = heard(peer, channel, event)
    assert (said.text, said.group) == ("xem https://phuong.example/1", True)


@pytest.mark.parametrize("kind", ["gif", "audio", "video", "sticker", "file", "business_card"])
async def test_nobody_in_a_group_is_told_what_we_cannot_open(ward, staff, kind):
    peer, channel = ward
    _, said = heard(peer, channel, staff.sends(peer.person(MINH), f"user_send_group_{kind}", {}))
    assert said is None


async def test_our_own_words_in_a_group_are_not_answered(ward):
    peer, channel = ward
    event = peer.console.anything(
        "oa_send_group_text",
        sender={"id": peer.account.oa_id},
        recipient={"id": GROUP_ID},
        message={"text": "PA26-0417-9", "msg_id": "1"},
    )
    assert heard(peer, channel, event)[1] is None


async def test_a_group_that_was_deleted_is_left(ward, staff):
    peer, channel = ward
    arrival, moved = heard(peer, channel, staff.closes())
    assert isinstance(moved, Movement)
    assert (moved.who, moved.what) == (Address(ChannelName.ZALO, GROUP), Presence.LEFT)
    assert arrival.user == GROUP


async def test_choices_are_left_to_the_numbered_list(ward, staff):
    peer, channel = ward
    choices = (Choice("Nhận việc", "/nhan"), Choice("Chuyển", "/chuyen"))
    await channel.send(to_group(bold("PA26-0417-9") + "\n1. Nhận việc\n2. Chuyển", choices=choices))
    (sent,) = peer.accepted
    assert sent.payload == {
        "recipient": {"group_id": GROUP_ID},
        "message": {"text": "PA26-0417-9\n1. Nhận việc\n2. Chuyển"},
    }
    assert staff.heard == [sent.text]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Đèn hỏng [@246845883529197922] ở hẻm 42", "Đèn hỏng  ở hẻm 42"),
        (f"[@{GROUP_ID}] Cháy!", "Cháy!"),
        ("[[@x]@all] a", "a"),
        ("[@[@x]all] a", "a"),
        (f"[{bold('@')}all] a", "a"),
        ("[[@@all b", "@@all b"),
        ("một [hai] ba@bốn.vn", "một [hai] ba@bốn.vn"),
    ],
)
async def test_what_a_resident_wrote_rings_nobody_by_name(ward, staff, written, seen):
    _, channel = ward
    await channel.send(to_group(written))
    assert staff.mentioned == []
    assert staff.heard == [seen]


async def test_to_one_person_brackets_are_only_brackets(ward):
    peer, channel = ward
    await channel.send(letter("[@all] chào"))
    assert peer.accepted[0].text == "[@all] chào"


@pytest.mark.parametrize("content", [PNG, PDF])
async def test_pictures_and_papers_go_to_the_group(ward, staff, tmp_path, content):
    peer, channel = ward
    text = "Ảnh hiện trường" if content is PNG else ""
    await channel.send(to_group(text, attachments=(put(tmp_path, content),)))
    assert list(peer.accepted[0].files.values()) == [content]
    assert staff.heard == ([text] if text else [])


async def test_the_window_is_for_people_only(ward, staff):
    peer, channel = ward
    assert channel.window(None, MOMENT, GROUP) is Window.OPEN
    assert channel.window(MOMENT - timedelta(days=365), MOMENT, GROUP) is Window.OPEN
    assert channel.window(None, MOMENT, LAN) is Window.CLOSED
    assert channel.window(None, MOMENT) is Window.CLOSED
    peer.clock.ahead(days=30)
    peer.tokens._born = peer.clock.epoch()
    await channel.send(to_group())
    assert len(staff.heard) == 1


@pytest.mark.parametrize("state", [{"expired": True}, {"oa_is_in": False}])
async def test_a_group_that_ended_is_unreachable_and_the_channel_goes_on(ward, staff, state):
    peer, channel = ward
    for name, value in state.items():
        setattr(staff, name, value)
    with pytest.raises(Unreachable) as caught:
        await channel.send(to_group())
    assert caught.value.moved_to is None
    with pytest.raises(Unreachable):
        await channel.send(letter(to=Address(ChannelName.ZALO, "group:khong-co")))
    await channel.send(letter("Chào bà Lan"))
    assert len(peer.accepted) == 1


async def test_a_state_agency_writes_to_its_groups_by_their_own_endpoint(database, tmp_path, clock):
    async with office(database, tmp_path, clock, peer=ZaloPeer(oa_type=4)) as (peer, channel):
        group = peer.group(GROUP_ID, peer.person(LAN))
        await channel.send(letter("riêng"))
        await channel.send(to_group("chung"))
        assert [one.method for one in peer.accepted] == ["v2.0/oa/message", SENT_TO_GROUPS]
        assert group.heard == ["chung"]


async def test_too_long_or_empty_words_never_leave(ward, staff):
    peer, channel = ward
    for text in ("x" * 2001, " ", "[@all]"):
        with pytest.raises(Refused):
            await channel.send(to_group(text))
    assert staff.heard == []
    assert peer.refused == []


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.THROTTLED, Throttled), (Fault.EXPIRED_TOKEN, Misconfigured)]
)
async def test_what_concerns_the_account_is_told_as_for_people(ward, staff, fault, error):
    peer, channel = ward
    peer.faults.next(SENT_TO_GROUPS, fault, times=2)
    with pytest.raises(error):
        await channel.send(to_group())
    assert staff.heard == []


@pytest.mark.parametrize("group_id", ["", "x" * 95])
def test_a_group_our_records_cannot_hold_has_no_address(group_id):
    assert address(group_id) == ""


def test_an_address_is_read_as_it_is_written():
    assert address(GROUP_ID) == GROUP
    assert named_by(GROUP) == GROUP_ID
    assert named_by(LAN) == ""


def test_no_bracket_trick_leaves_a_mention():
    for text in ("[@" * 50 + "x]" * 50, "[[@]@]", "[@\n]", "[" * 9 + "@" * 9 + "a" + "]" * 9):
        assert "[@" not in without_mentions(text)
