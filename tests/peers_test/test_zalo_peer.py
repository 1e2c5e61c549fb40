"""What an Official Account may ask of Zalo, and what Lan gets to hear of it."""

import unicodedata
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.peers import Fault, ZaloPeer, images
from tests.peers.records import Json
from tests.peers.zalo_people import Person
from tests.peers.zalo_wire import appsecret_proof, challenge
from tests.peers_test.asking import LAN_ON_ZALO as LAN
from tests.peers_test.asking import (
    OAUTH,
    V2,
    ask_tokens,
    call,
    media,
    refresh,
    send,
    upload,
    with_buttons,
)


@pytest.fixture
async def peer() -> AsyncIterator[ZaloPeer]:
    async with ZaloPeer() as one:
        yield one


@pytest.fixture
def lan(peer: ZaloPeer) -> Person:
    return peer.person(LAN, "Lan", phone="84901234567")


QUERY = {"title": "Nút", "type": "oa.query.show", "payload": "#1"}

LINK = {"title": "Trang", "type": "oa.open.url", "payload": {"url": "https://phuong.vn"}}


def test_token_digests_match_the_vectors() -> None:
    verifier = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
    assert challenge(verifier) == "RqIZl4LIgn8KxW9QO-nTnv7pf0CnNrksx9fF-CXP2FE"
    proof = "8e4416844a305cc4fe40bc8a5515230210fdd8442bd755396dd7e12d77c01b4f"
    assert appsecret_proof("token-1", "app-secret") == proof


async def test_lan_is_answered_and_hears(peer: ZaloPeer, lan: Person) -> None:
    lan.says("Chào phường")
    answer = await send(peer, {"text": "Chào bà Lan"})
    assert answer["error"] == 0
    assert answer["data"]["user_id"] == LAN
    assert answer["data"]["quota"]["quota_type"] == "reply"
    assert await lan.hears("bà Lan") == lan.heard[0]
    assert peer.accepted[0].message_id == answer["data"]["message_id"]


async def test_the_window_closes_after_seven_days(peer: ZaloPeer, lan: Person) -> None:
    lan.says("Chào")
    peer.clock.ahead(hours=49)
    await refresh(peer, peer.tokens.refresh)
    quota = (await send(peer, {"text": "x"}))["data"]["quota"]
    assert (quota["quota_type"], quota["remain"], quota["total"]) == ("sub_quota", 499, 500)
    peer.account.package_left = 0
    assert "quota" not in (await send(peer, {"text": "x"}))["data"]  # charged
    peer.clock.ahead(days=5)
    await refresh(peer, peer.tokens.refresh)
    assert (await send(peer, {"text": "x"}))["error"] == -230
    lan.sees("abc")
    assert (await send(peer, {"text": "x"}))["error"] == -230
    lan.clicks_chatnow()
    assert (await send(peer, {"text": "x"}))["error"] == 0


async def test_who_may_not_be_written_to(peer: ZaloPeer, lan: Person) -> None:
    assert (await send(peer, {"text": "x"}, user_id="1"))["error"] == -213
    assert (await send(peer, {"text": "x"}))["error"] == -213
    lan.follows()
    kinds = [(await send(peer, {"text": "x"})) for _ in range(4)]
    assert [one["error"] for one in kinds] == [0, 0, 0, -232]
    assert kinds[0]["data"]["quota"]["quota_type"] == "welcome_msg"
    lan.says("tôi đây")
    lan.blocks()
    assert (await send(peer, {"text": "x"}))["error"] == -244
    lan.refuses_with = -227
    assert (await send(peer, {"text": "x"}))["error"] == -227
    lan.unblocks()
    assert (await send(peer, {"text": "x"}))["error"] == 0
    assert [one.code for one in peer.refused] == [-213, -213, -232, -244, -227]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "ạ" * 2000}, 0),
        ({"text": "x" * 2001}, -210),
        ({"text": unicodedata.normalize("NFD", "ạ" * 1500)}, -210),
        ({"text": " "}, -201),
        ({}, -201),
        ("x", -201),
        (with_buttons(*[QUERY] * 5), 0),
        (with_buttons(LINK, {"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "84"}}), 0),
        (with_buttons(*[QUERY] * 6), -201),
        (with_buttons(QUERY | {"title": "x" * 101}), -201),
        (with_buttons(QUERY | {"payload": "x" * 1001}), -201),
        (with_buttons(QUERY | {"payload": {"x": 1}}), -201),
        (with_buttons(LINK | {"payload": "https://phuong.vn"}), -201),
        (with_buttons(QUERY | {"type": "user_click_button"}), -201),
        (media(media_type="image", url="https://phuong.vn/a.png"), 0),
        (media(media_type="image", url="https://phuong.vn/a.png", attachment_id="x"), -201),
        (media(media_type="image", attachment_id="nobody"), -201),
        (media(media_type="gif", url="https://phuong.vn/a.gif"), -201),
        ({"attachment": {"type": "template", "payload": {"template_type": "receipt"}}}, -233),
        ({"text": "x", "attachment": {"type": "file", "payload": {"token": "y"}}}, -201),
    ],
)
async def test_the_shape_of_a_message(peer: ZaloPeer, lan: Person, message: Json, code: int) -> None:
    lan.says("Chào")
    assert (await send(peer, message))["error"] == code
    assert len(peer.accepted) == (code == 0)


async def test_a_list_and_the_contact_card_are_read(peer: ZaloPeer, lan: Person) -> None:
    lan.says("Chào")
    element = {"title": "Khai sinh", "subtitle": "Miễn phí", "image_url": "https://a.vn/b.png"}
    action = {"default_action": {"type": "oa.query.hide", "payload": "#ks"}}
    for kind, one in (("list", element | action), ("request_user_info", element)):
        payload = {"template_type": kind, "elements": [one]}
        answer = await send(peer, {"attachment": {"type": "template", "payload": payload}})
        assert answer["error"] == 0
    assert lan.heard == ["Khai sinh\nMiễn phí"] * 2
    assert lan.presses("Khai sinh")["message"]["text"] == "#ks"


async def test_a_pressed_button_comes_back_as_text(peer: ZaloPeer, lan: Person) -> None:
    lan.says("Chào")
    await send(peer, with_buttons(QUERY, LINK))
    event = lan.presses("Nút")
    assert (event["event_name"], event["message"]["text"]) == ("user_send_text", "#1")
    with pytest.raises(LookupError):
        lan.presses("Trang")


async def test_tokens_work_once_and_end_the_old_pair(peer: ZaloPeer) -> None:
    old_access, old_refresh = peer.tokens.access, peer.tokens.refresh
    pair = await refresh(peer, old_refresh)
    assert pair["expires_in"] == "90000"
    assert (await call(peer, "v2.0/oa/getoa"))["error"] == 0
    assert (await call(peer, "v2.0/oa/getoa", access_token=old_access))["error"] == -220
    assert (await call(peer, "v2.0/oa/getoa", access_token="nobody"))["error"] == -216
    again = await refresh(peer, old_refresh)
    assert again["error"] == -14014
    assert again["error_name"]
    assert (await ask_tokens(peer, secret="x", grant_type="refresh_token"))["error"] == -14002
    peer.clock.ahead(hours=26)
    assert (await call(peer, "v2.0/oa/getoa"))["error"] == -220
    assert "refresh_token" in await refresh(peer, pair["refresh_token"])
    assert [one.code for one in peer.refused] == [-220, -216, -14014, -14002, -220]


async def test_consent_gives_a_pair_for_the_right_verifier(peer: ZaloPeer) -> None:
    verifier = "v" * 43
    for sent, key in (("w" * 43, "error"), (verifier, "access_token")):
        code = peer.tokens.consents(challenge(verifier))
        pair = await ask_tokens(peer, grant_type="authorization_code", code=code, code_verifier=sent)
        assert key in pair


async def test_a_lost_refresh_has_used_the_token(peer: ZaloPeer) -> None:
    token = peer.tokens.refresh
    peer.faults.next(OAUTH, Fault.RESET_AFTER)
    with pytest.raises(aiohttp.ClientError):
        await refresh(peer, token)
    assert peer.tokens.refreshed == 1
    assert (await refresh(peer, token))["error"] == -14014


async def test_the_token_belongs_into_the_header(peer: ZaloPeer) -> None:
    url = f"{peer.base_url}/v2.0/oa/getoa?access_token={peer.tokens.access}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert (await answer.json())["error"] == -216


async def test_the_proof_is_checked_when_demanded() -> None:
    async with ZaloPeer(demands_proof=True) as peer:
        proof = appsecret_proof(peer.tokens.access, peer.app_secret)
        assert (await call(peer, "v2.0/oa/getoa"))["error"] == -242
        assert (await call(peer, "v2.0/oa/getoa", appsecret_proof=proof))["error"] == 0


async def test_a_state_agency_writes_through_v2_only(peer: ZaloPeer, lan: Person) -> None:
    lan.says("Chào")
    assert (await send(peer, {"text": "x"}, V2))["error"] == -240
    peer.account.oa_type = 4
    assert (await call(peer, "v2.0/oa/getoa"))["data"]["oa_type"] == 4
    assert (await send(peer, {"text": "x"}))["error"] == -235
    assert (await send(peer, {"text": "x"}, V2))["error"] == 0
    assert lan.heard == ["x"]


async def test_reaction_broadcast_and_anonymous_go_by_v2(peer: ZaloPeer, lan: Person) -> None:
    said = lan.says("Chào")
    icon = {"react_icon": "/-heart", "react_message_id": said["message"]["msg_id"]}
    answer = await call(peer, V2, {"recipient": {"user_id": LAN}, "sender_action": icon})
    assert answer["error"] == 0
    stranger = peer.anonymous("a1", "c1")
    stranger.says("có ai không")
    recipient = {"anonymous_id": "a1", "conversation_id": "c1"}
    await call(peer, V2, {"recipient": recipient, "message": {"text": "có"}})
    assert await stranger.hears("có") == "có"
    article = media(media_type="article", attachment_id="a")["attachment"]
    body = {"recipient": {"target": {}}, "message": {"attachment": article}}
    peer.clock.ahead(seconds=86_400 - (peer.clock.epoch() + 7 * 3600) % 86_400)  # midnight here
    await refresh(peer, peer.tokens.refresh)
    assert (await call(peer, V2, body))["error"] == -234
    peer.clock.ahead(hours=7)
    assert (await call(peer, V2, body))["error"] == 0
    assert peer.accepted[-1].chat_id == "followers"


async def test_uploads_are_judged_sent_and_forgotten(peer: ZaloPeer, lan: Person) -> None:
    lan.says("Chào")
    key = (await upload(peer, "image", images.PNG, "a.png"))["data"]["attachment_id"]
    token = (await upload(peer, "file", images.PDF, "a.pdf"))["data"]["token"]
    assert (await upload(peer, "gif", images.GIF, "a.gif"))["error"] == 0
    assert (await upload(peer, "image", images.GIF, "a.png"))["error"] == -201
    assert (await upload(peer, "file", b"MZ", "a.exe"))["error"] == -201
    assert (await upload(peer, "image", images.PNG + bytes(2**20), "a.png"))["error"] == -210
    picture = media(media_type="image", attachment_id=key) | {"text": "Thiệp"}
    assert (await send(peer, picture))["error"] == 0
    assert peer.accepted[-1].files == {key: images.PNG}
    file = {"attachment": {"type": "file", "payload": {"token": token}}}
    assert (await send(peer, file))["error"] == 0
    peer.clock.ahead(days=8)
    await refresh(peer, peer.tokens.refresh)
    lan.says("lại đây")
    assert (await send(peer, picture))["error"] == -100


async def test_too_fast_is_told_by_the_body() -> None:
    async with ZaloPeer(per_minute_oa=3) as peer:
        codes = [(await call(peer, "v2.0/oa/getoa"))["error"] for _ in range(4)]
        assert codes == [0, 0, 0, -32]
        peer.clock.ahead(minutes=1)
        assert (await call(peer, "v2.0/oa/getoa"))["error"] == 0


async def test_details_and_quota_of_a_person(peer: ZaloPeer, lan: Person) -> None:
    query = f'v3.0/oa/user/detail?data={{"user_id":"{LAN}"}}'
    assert (await call(peer, query))["error"] == -213
    lan.submits_info("Lan", "84901234567")
    peer.console.tags(lan, "to3")
    detail = (await call(peer, query))["data"]
    assert detail["shared_info"]["phone"] == "84901234567"
    assert detail["tags_and_notes_info"]["tag_names"] == ["to3"]
    quota = (await call(peer, "v3.0/oa/quota/message", {"user_id": LAN}))["data"]
    assert int(quota["last_interaction"]) == pytest.approx(peer.clock.epoch_ms(), abs=60_000)


async def test_templates_reach_by_phone_and_by_id(peer: ZaloPeer, lan: Person) -> None:
    peer.template("t1", "Hồ sơ {code} đã xong", code=30)
    peer.template("t2", "Chờ {code}", status="PENDING_REVIEW", code=30)
    base: Json = {"phone": "84901234567", "template_id": "t1", "tracking_id": "k-1"}
    data = {"template_data": {"code": "H1"}}
    answer = await call(peer, "message/template", base | data)
    assert answer["data"]["msg_id"]
    assert await lan.hears("H1") == "Hồ sơ H1 đã xong"
    for wrong, code in (
        (data | {"phone": "0901234567"}, -108),
        (data | {"phone": "84999999999"}, -118),
        (data | {"tracking_id": "x" * 49}, -132),
        (data | {"template_id": "t9"}, -109),
        (data | {"template_id": "t2"}, -131),
        (data | {"mode": "development"}, -127),
        ({"template_data": {"code": ""}}, -1122),
        ({"template_data": {"code": "x" * 31}}, -1121),
        ({"template_data": {}}, -111),
    ):
        assert (await call(peer, "message/template", base | wrong))["error"] == code
    by_id = {"user_id": LAN, "template_id": "t1", **data}
    assert (await call(peer, "v3.0/oa/message/template", by_id))["error"] == 0
    assert len(peer.accepted) == 2
