"""Open311 GeoReport v2 over plain HTTP: what an application of others reads and sends, and what it may not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bot.settings import LimitSettings, Open311Settings, SettingsError, load
from feedback import acts
from feedback.acts import Hand
from records.cases import Feedback, FeedbackState, Outcome, Source
from records.database import Database
from tests.channels.public_house import (
    IN_ALLEY,
    KEY,
    OTHER_KEY,
    SITE,
    PublicHouse,
    errors_of,
    open_house,
    opened,
    taken,
)
from tests.feedback.bench import Bench

V2 = "/open311/v2"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PublicHouse]:
    async with open_house(tmp_path) as served:
        yield served


async def answered(house: PublicHouse, code: str, *, published: bool) -> None:
    hand: Hand = await house.bench.hand("ha.thi.my.hanh")
    async with house.bench.work() as work:
        await acts.claim(work, code, hand)
    house.bench.wait(hours=2)
    async with house.bench.work() as work:
        await acts.answer(work, code, hand, "Đã thay bóng mới", Outcome.RESOLVED)
    if published:
        await house.change(code, published_at=house.bench.now)


# --- reading -------------------------------------------------------------------------------------


async def test_services_are_the_fields_without_the_discreet_ones(house):
    status, services = await house.get(f"{V2}/services.json")
    assert status == 200
    by_code = {service["service_code"]: service for service in services}
    assert "lighting" in by_code
    assert "child" not in by_code
    assert by_code["lighting"] == {
        "service_code": "lighting",
        "service_name": "Chiếu sáng công cộng",
        "description": "Ví dụ: đèn đường tắt mấy đêm nay.",
        "metadata": True,
        "type": "realtime",
        "keywords": by_code["lighting"]["keywords"],
        "group": "Đèn, điện",
    }
    assert all("…" not in service["keywords"] for service in services)


async def test_xml_says_the_same_as_json(house):
    for path in ("services", "services/lighting", "discovery"):
        async with house.http.get(f"{V2}/{path}.xml") as answer:
            assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
            assert (await answer.read()).startswith(b"<?xml version='1.0' encoding='utf-8'?>")
            root = ET.fromstring(await answer.text())
        _, told = await house.get(f"{V2}/{path}.json")
        assert as_told(root) == unquoted(told)


def as_told(element: ET.Element) -> Any:
    """Read XML back the way the specification maps it to JSON."""
    if element.tag in {"services", "attributes", "values", "endpoints", "formats", "service_requests"}:
        return [as_told(child) for child in element]
    return {child.tag: as_told(child) for child in element} if len(element) else element.text


def unquoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: unquoted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [unquoted(inner) for inner in value]
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value and str(value)


async def test_a_definition_tells_the_attributes_and_whom_to_call_first(house):
    _, told = await house.get(f"{V2}/services/lighting.json")
    assert told["service_code"] == "lighting"
    note, own_id = told["attributes"]
    assert (note["variable"], own_id["variable"], own_id["code"]) == (False, True, "external_id")
    assert "114" in note["description"]


async def test_discovery_tells_where_we_stand_and_whom_to_ask(house):
    _, told = await house.get(f"{V2}/discovery.json")
    assert told["endpoints"][0]["url"] == f"{SITE}/open311/v2"
    assert told["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert "0236 0000 100" in told["contact"]


async def test_a_case_is_tracked_from_its_report_to_its_published_answer(house):
    status, [posted] = await house.post(**IN_ALLEY)
    assert status == 200
    code = posted["service_request_id"]
    _, [case] = await house.get(f"{V2}/requests/{code}.json")
    assert case == {
        "service_request_id": code,
        "status": "open",
        "status_notes": "Đã tiếp nhận.",
        "service_name": "Chiếu sáng công cộng",
        "service_code": "lighting",
        "description": None,
        "agency_responsible": case["agency_responsible"],
        "service_notice": None,
        "requested_datetime": "2026-11-20T14:00:00+07:00",
        "updated_datetime": "2026-11-20T14:00:00+07:00",
        "expected_datetime": case["expected_datetime"],
        "address": "hẻm 84 Nguyễn Trãi, khu phố 3",
        "address_id": None,
        "zipcode": None,
        "lat": 15.919,
        "long": 108.009,
        "media_url": None,
    }
    await answered(house, code, published=True)
    async with house.http.get(f"{V2}/requests/{code}.xml") as answer:
        root = ET.fromstring(await answer.text())
    request = {child.tag: child.text for child in root[0]}
    assert (request["status"], request["updated_datetime"]) == ("closed", "2026-11-20T16:00:00+07:00")
    assert request["status_notes"] == "Đã trả lời. Kết quả: đã xử lý. Đã thay bóng mới"
    assert request["description"] == "Đèn tắt ba đêm nay"


async def test_an_answer_that_is_not_published_says_only_that_there_is_one(house):
    _, [posted] = await house.post(**IN_ALLEY)
    await answered(house, posted["service_request_id"], published=False)
    _, [case] = await house.get(f"{V2}/requests/{posted['service_request_id']}.json")
    assert (case["status"], case["status_notes"], case["description"]) == ("closed", "Đã trả lời.", None)


async def test_the_photo_of_a_published_case_has_an_address(house):
    report = await house.bench.report()
    name = await house.add_photo(report.case)
    await answered(house, report.case.code, published=True)
    _, [case] = await house.get(f"{V2}/requests/{report.case.code}.json")
    assert case["media_url"] == f"{SITE}/phan-anh/anh/{name}"


async def test_lists_are_narrowed_as_the_specification_says(house):
    codes = []
    for service in ("lighting", "waste", "waste"):
        _, [posted] = await house.post(service_code=service, **IN_ALLEY)
        codes.append(posted["service_request_id"])
        house.bench.wait(days=40)
    await house.change(codes[1], state=FeedbackState.CLOSED, closed_at=house.bench.now)

    async def listed(query: str) -> list[str]:
        status, told = await house.get(f"{V2}/requests.json?{query}")
        assert status == 200, told
        return [case["service_request_id"] for case in told]

    first, second, third = codes
    assert await listed("") == [third, second]  # the last 90 days
    assert await listed("start_date=2026-11-20T00:00:00%2B07:00") == [third, second, first]
    assert await listed("start_date=2026-11-20T00:00:00+07:00&end_date=2026-12-01T00:00:00Z") == [first]
    assert await listed("end_date=2026-12-01T00:00:00Z") == [first]
    assert await listed("service_code=waste") == [third, second]
    assert await listed("service_code=waste,lighting&service_code=water") == [third, second]
    assert await listed("status=closed") == [second]
    assert await listed("status=open,closed") == [third, second]
    assert await listed("status=&service_code=&page=") == [third, second]
    assert await listed("page_size=1&page=2") == [second]
    assert await listed(f"service_request_id={first},{second}&status=open&start_date=x") == [second, first]
    assert await listed("service_request_id=nothing") == []
    assert await listed("updated_after=2026-11-01T00:00:00Z") == [third, second, first]
    assert await listed("updated_before=2026-12-01T00:00:00Z") == [first]
    assert await listed("jurisdiction_id=phuong.example") == [third, second]


async def test_never_more_than_a_thousand_and_the_newest_first(house):
    _, [posted] = await house.post(**IN_ALLEY)
    (case,) = await taken(house)
    rest = case.model_dump(exclude={"id", "code", "number", "draft"})
    async with house.database.writing() as db:
        db.add_all(
            Feedback(**rest, code=f"PA26-{number:04}-0", number=number, draft=f"d{number}")
            for number in range(2, 1102)
        )
    _, told = await house.get(f"{V2}/requests.json")
    assert len(told) == 1000
    assert told[0]["service_request_id"] == "PA26-1101-0"
    _, rest_told = await house.get(f"{V2}/requests.json?page=2")
    assert len(rest_told) == 101
    assert rest_told[-1]["service_request_id"] == posted["service_request_id"]


async def test_a_long_list_counts_as_many_calls(tmp_path):
    async with open_house(tmp_path, limits=LimitSettings(public_per_address_per_minute=6)) as house:
        for number in range(60):
            await house.bench.report(category="waste", draft=f"d{number}")
        assert [(await house.get(f"{V2}/requests.json"))[0] for _ in range(3)] == [200, 200, 429]


async def test_a_code_is_its_own_token(house):
    _, [posted] = await house.post(**IN_ALLEY)
    code = posted["service_request_id"]
    _, told = await house.get(f"{V2}/tokens/{code}.json")
    assert told == [{"service_request_id": code, "token": code}]


async def test_pages_of_anybody_may_read_but_not_send(house):
    async with house.http.get(f"{V2}/services.json") as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with house.http.post(f"{V2}/requests.json", data={"api_key": KEY}) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


# --- sending -------------------------------------------------------------------------------------


async def test_a_report_becomes_a_case_that_its_desk_hears_of_at_once(house):
    status, [posted] = await house.post(
        first_name="Lan", last_name="Trần Thị", phone="0900 000 123", email="lan@example.com",
        device_id="máy-1", account_id="42", **IN_ALLEY,
    )  # fmt: skip
    assert status == 200
    (case,) = await taken(house)
    assert posted["service_request_id"] == case.code
    assert posted["account_id"] is None
    assert (case.source, case.channel, case.user) == (Source.OPEN311, None, None)
    assert (case.contact_name, case.contact_phone) == ("Trần Thị Lan", "0900 000 123")
    assert (case.quarter, case.category, case.text) == ("kp3", "lighting", "Đèn tắt ba đêm nay")
    assert not {"lan@example.com", "máy-1", "42"} & {str(value) for value in case.model_dump().values()}
    assert await house.bench.told(f"alert:{case.code}:taken")
    assert house.woken


async def test_the_notice_tells_the_code_the_deadline_and_the_key(house):
    _, [posted] = await house.post(**IN_ALLEY)
    assert f"mã {posted['service_request_id']}, hạn trả lời " in posted["service_notice"]
    assert "Khóa xem chi tiết: " in posted["service_notice"]


async def test_a_dangerous_matter_says_whom_to_call(house):
    _, [posted] = await house.post(description="Trụ đèn hở điện, có người bị giật", **IN_ALLEY)
    assert "gọi 114" in posted["service_notice"]


@pytest.fixture
async def any_house(database: Database, tmp_path: Path) -> AsyncIterator[PublicHouse]:
    """The ward on both kinds of database."""
    bench = Bench(database)
    await bench.hire()
    async with opened(PublicHouse(bench, tmp_path)) as house:
        yield house


async def test_the_same_external_id_is_one_case_however_often_it_is_sent(any_house):
    house = any_house
    own = {"attribute[external_id]": "app-17", **IN_ALLEY}
    answers = await asyncio.gather(*(house.post(**own) for _ in range(5)))
    assert len({told[0]["service_request_id"] for _, told in answers}) == 1
    (case,) = await taken(house)
    assert case.external_code == "app-17"
    _, [other] = await house.post(api_key=OTHER_KEY, **own)  # another application's app-17 is another matter
    assert other["service_request_id"] != case.code
    assert len([told for _, [told] in answers if "Khóa" in told["service_notice"]]) == 1


async def test_a_report_can_be_placed_by_words_or_in_some_fields_by_nothing(house):
    status, _ = await house.post(address_string="trước nhà 12 đường Lê Lợi, khu phố 2")
    assert status == 200
    status, _ = await house.post(service_code="compliment", description="Cảm ơn các anh chị một cửa")
    assert status == 200
    words, none = await taken(house)
    assert (words.place, words.quarter) == ("trước nhà 12 đường Lê Lợi, khu phố 2", "kp2")
    assert none.place == ""


async def test_a_report_without_words_is_taken_since_the_specification_wants_none(house):
    status, _ = await house.post(description="", **IN_ALLEY)
    assert status == 200
    (case,) = await taken(house)
    assert case.text == "Chiếu sáng công cộng: ứng dụng gửi không kèm mô tả."


async def test_a_pin_in_the_ward_next_door_names_that_ward(house):
    status, told = await house.post(lat="15.9100", long="108.0210")
    assert status == 400
    (sentence,) = errors_of(told)
    assert "thuộc phường Bình Khê, không thuộc phường An Thịnh" in sentence
    assert "0236 0000 200" in sentence
    status, told = await house.post(lat="21.0285", long="105.8542")
    assert (status, "không thuộc phường An Thịnh" in errors_of(told)[0]) == (400, True)


async def test_all_that_is_wrong_is_told_at_once(house):
    status, told = await house.post(description="a" * 4001, phone="gọi em", lat="x", long="1")
    assert status == 400
    assert [sentence.split(":")[0] for sentence in errors_of(told)] == ["lat, long", "description", "phone"]


async def test_a_key_is_needed_and_errors_come_in_xml_too(house):
    for key in ("", "sai", KEY.upper(), KEY + "\x00", "🔑"):
        status, told = await house.post(api_key=key, **IN_ALLEY)
        assert (status, told[0]["code"]) == (403, 403)
    status, told = await house.post("xml", api_key="sai", **IN_ALLEY)
    root = ET.fromstring(told)
    assert (root.tag, root[0].tag, root[0][0].text) == ("errors", "error", "403")
    async with house.http.post(
        f"{V2}/requests.json?api_key={KEY}", data={"service_code": "waste"} | IN_ALLEY
    ) as answer:
        assert answer.status == 200  # some clients put it there


async def test_a_wrong_key_soon_has_to_wait_and_a_leaked_one_is_slowed_down(tmp_path):
    slow = LimitSettings(public_per_address_per_minute=60)
    few = Open311Settings.model_validate({"keys": f"a1 = {KEY}", "reports_per_key_per_minute": 2})
    async with open_house(tmp_path, limits=slow, open311=few) as house:
        told = [await house.post(**IN_ALLEY) for _ in range(3)]
        assert [status for status, _ in told] == [200, 200, 429]
        guesses = [await house.post(api_key="sai", **IN_ALLEY) for _ in range(4)]
        assert [status for status, _ in guesses] == [403, 403, 429, 429]
        while (await house.get(f"{V2}/services.xml"))[0] == 200:
            pass
        async with house.http.get(f"{V2}/services.xml") as answer:
            assert (answer.status, int(answer.headers["Retry-After"]) > 0) == (429, True)
            assert ET.fromstring(await answer.text())[0][0].text == "429"


async def test_switched_off_there_is_nothing_and_without_keys_nobody_sends(tmp_path):
    async with open_house(tmp_path, open311=Open311Settings(on=False)) as house:
        assert (await house.get(f"{V2}/services.json"))[0] == 404
        assert (await house.get("/phan-anh"))[0] == 200
    (tmp_path / "zwei").mkdir()
    async with open_house(tmp_path / "zwei", open311=Open311Settings()) as house:
        assert (await house.get(f"{V2}/services.json"))[0] == 200
        assert (await house.post(api_key="", **IN_ALLEY))[0] == 403


async def test_a_database_that_is_away_is_told_and_nothing_is_promised(house):
    await house.database.close()
    async with house.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE feedback RENAME TO away")
    status, told = await house.post(**IN_ALLEY)
    assert (status, told[0]["code"]) == (503, 503)
    assert (await house.get("/phan-anh"))[0] == 503


@pytest.mark.parametrize(
    "keys",
    [
        "a",
        "a = ngắn",
        "Tên = " + "k" * 16,
        "a1 = " + "k" * 15,
        f"a1={KEY}\na1={OTHER_KEY}",
        f"a1={KEY};b1={KEY}",
    ],
)
def test_wrong_keys_are_told_at_the_start_without_repeating_them(keys, monkeypatch):
    monkeypatch.setenv("WARD_OPEN311__KEYS", keys)
    with pytest.raises(SettingsError) as told:
        load()
    (problem,) = told.value.problems
    assert problem.startswith("WARD_OPEN311__KEYS: ")
    assert not {line for line in keys.split("=")[1:] if line.strip() in problem}


def test_keys_may_stand_in_a_file(tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"\ndo-thi = {KEY}\n\nkhac={OTHER_KEY}\n", "utf-8")
    settings = load({"WARD_OPEN311__KEYS_FILE": str(file)})
    assert settings.open311.names == {KEY: "do-thi", OTHER_KEY: "khac"}
    assert KEY not in repr(settings)
