"""Some eighty calls nobody should make of Open311: each is refused as the specification says, or harmless."""

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.open311.writing import as_json, as_xml
from records.cases import FeedbackState
from tests.channels.public_house import IN_ALLEY, KEY, PublicHouse, errors_of, open_house, taken

V2 = "/open311/v2"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[PublicHouse]:
    async with open_house(tmp_path) as served:
        yield served


READS = [
    ("/requests.json?start_date=hôm qua", 400),
    ("/requests.json?start_date=2026-11-20", 400),
    ("/requests.json?start_date=2026-11-20T00:00:00", 400),
    ("/requests.json?start_date=2026-13-45T00:00:00Z", 400),
    ("/requests.json?start_date=0001-01-01T00:00:00%2B14:00", 400),
    ("/requests.json?end_date=0001-01-01T00:00:00Z", 400),
    ("/requests.json?start_date=9999-12-31T23:59:59Z", 400),
    ("/requests.json?start_date=2026-11-20T00:00:00%2B99:99", 400),
    ("/requests.json?start_date=٢٠٢٦-11-20T00:00:00Z", 400),
    ("/requests.json?start_date=2026-11-20T00:00:00Z&end_date=2026-11-19T00:00:00Z", 400),
    ("/requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-11-19T00:00:00Z", 400),
    ("/requests.json?updated_after=' OR '1'='1", 400),
    ("/requests.json?page=0", 400),
    ("/requests.json?page=-1", 400),
    ("/requests.json?page=99999999999999999999", 400),
    ("/requests.json?page=1e3", 400),
    ("/requests.json?page=²", 400),
    ("/requests.json?page_size=1001", 400),
    ("/requests.json?page_size=%00", 400),
    ("/requests.json?status=open;DROP TABLE feedback", 400),
    ("/requests.json?service_code=waste' OR 1=1 --", 404),
    ("/requests.json?service_code=child", 404),
    ("/requests.json?service_code=%00", 404),
    ("/requests.json?service_code=%ff%fe", 404),
    ("/requests.json?service_request_id=" + "PA26-0001-0," * 600, 200),
    ("/requests.json?service_request_id=%00,' OR 1=1 --,%ED%A0%80", 200),
    ("/requests/PA26-9999-9.json", 404),
    ("/requests/%00.json", 404),
    ("/requests/..%2F..%2Fetc%2Fpasswd.json", 404),
    ("/requests/%ED%A0%80.xml", 404),
    ("/requests/' OR 1=1 --.xml", 404),
    ("/requests/<script>alert(1)</script>.xml", 404),
    ("/tokens/x.json", 404),
    ("/services/../requests.yaml", 404),
    ("/services/child.json", 404),
    ("/services/__class__.json", 404),
    ("/services.yaml", 404),
    ("/services", 404),
    ("/", 404),
    ("/requests.json/", 404),
]  # fmt: skip
SENT = [
    ({"lat": "NaN", "long": "NaN"}, 400),
    ({"lat": "inf", "long": "-inf"}, 400),
    ({"lat": "1e1", "long": "108.0093"}, 400),
    ({"lat": "15,9191", "long": "108,0093"}, 400),
    ({"lat": "١٥.٩", "long": "108.0093"}, 400),
    ({"lat": "91", "long": "181"}, 400),
    ({"lat": "15.9191"}, 400),
    ({"lat": "0", "long": "0"}, 400),
    ({"lat": "-15.9191", "long": "-108.0093"}, 400),
    ({"lat": "9" * 400, "long": "1"}, 400),
    ({"lat": "15.9191\x00", "long": "108.0093"}, 200),
    ({"address_id": "17"}, 400),
    ({}, 400),
    ({"address_string": "a" * 301}, 400),
    ({"address_string": "\x00\u202e\x07"}, 400),
    ({"address_string": "'; DROP TABLE feedback; --"}, 200),
    ({"service_code": "", **IN_ALLEY}, 400),
    ({"service_code": "child", **IN_ALLEY}, 404),
    ({"service_code": "lighting\x00", **IN_ALLEY}, 404),
    ({"service_code": "../../etc/passwd", **IN_ALLEY}, 404),
    ({"description": "a" * 4001, **IN_ALLEY}, 400),
    ({"description": "𝕏" * 4000, **IN_ALLEY}, 200),
    ({"description": "\x00\x01\x0b\ufffe\uffff]]> <b>&amp;", **IN_ALLEY}, 200),
    ({"phone": "1" * 400, **IN_ALLEY}, 400),
    ({"phone": "<script>", **IN_ALLEY}, 400),
    ({"first_name": "Lan\r\nX-Header: 1" + "n" * 5000, **IN_ALLEY}, 200),
    ({"attribute[external_id]": "x" * 41, **IN_ALLEY}, 400),
    ({"attribute[external_id]": "' OR 1=1 --\x00", **IN_ALLEY}, 200),
    ({"media_url": "file:///etc/passwd", **IN_ALLEY}, 200),
    ({"jurisdiction_id": "x" * 5000, **IN_ALLEY}, 200),
]  # fmt: skip
BODIES = [
    (b"\xff\xfe\x00", FORM, 400),
    (b"api_key=%ff%fe", FORM, 400),
    (b"&".join(b"a%d=1" % number for number in range(200)), FORM, 400),
    (b"description=" + b"a" * 200_000, FORM, 413),
    (b"description=" + b"a" * 500_000, FORM, 413),
    (b"{}", {"Content-Type": "application/json"}, 400),
    (b"<a/>", {"Content-Type": "text/xml"}, 400),
    (b"--x", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
    (b"not packed", FORM | {"Content-Encoding": "gzip", "Connection": "close"}, 400),
    (b"", FORM, 403),
]


async def test_hostile_reading_is_refused_in_the_shape_of_the_specification(house):
    for path, expected in READS:
        async with house.http.get(V2 + quote(path, safe="/?=&%,;'<>()")) as answer:
            body = await answer.text()
            assert answer.status == expected, (path, body)
            told = json.loads(body) if "json" in answer.content_type else ET.fromstring(body)
            assert len(told) >= (expected != 200)
    assert await taken(house) == []


async def test_hostile_reports_are_refused_or_taken_as_harmless_words(house):
    for fields, expected in SENT:
        status, told = await house.post(**fields)
        assert status == expected, (fields, told)
        if status != 200:
            assert errors_of(told)
    for form in ("json", "xml"):
        status, told = await house.get(f"{V2}/requests.{form}")
        assert status == 200
        if form == "xml":
            ET.fromstring(told)
    for case in await taken(house):
        assert "\x00" not in str(case.model_dump().values())
        await house.change(case.code, published_at=house.bench.now, state=FeedbackState.CLOSED)
        status, told = await house.get(f"{V2}/requests/{case.code}.xml")
        assert ET.fromstring(told)[0][0].text == case.code


async def test_hostile_bodies_are_refused_and_leave_nothing(house):
    for body, headers, expected in BODIES:
        async with house.http.post(f"{V2}/requests.json", data=BytesIO(body), headers=headers) as answer:
            assert answer.status == expected, (body[:40], await answer.text())
            assert errors_of(await answer.json())
    assert await taken(house) == []


async def test_other_ways_of_calling_are_refused(house):
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        async with house.http.request(method, f"{V2}/requests.json") as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD,POST")
            assert errors_of(await answer.json())


async def test_a_photo_elsewhere_is_never_fetched_and_the_notice_says_so(house):
    asked: list[str] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.close()

    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    status, [posted] = await house.post(media_url=f"http://127.0.0.1:{port}/x.jpg", **IN_ALLEY)
    server.close()
    await server.wait_closed()
    assert status == 200
    assert "media_url chưa được nhận" in posted["service_notice"]
    assert asked == []
    assert "127.0.0.1" not in str([case.model_dump() for case in await taken(house)])


async def test_of_a_field_given_twice_the_first_counts(house):
    data = urlencode([("api_key", "sai"), ("api_key", KEY), ("service_code", "waste"), *IN_ALLEY.items()])
    async with house.http.post(f"{V2}/requests.json", data=data, headers=FORM) as answer:
        assert answer.status == 403


@given(st.text())
def test_any_text_makes_xml_that_reads_back(text):
    root = ET.fromstring(as_xml("errors", [{"code": 400, "description": text}]))
    read = root[0][1].text or ""
    assert set(read) - {"\n"} <= set(text)


@given(st.text())
def test_any_text_makes_json_that_reads_back(text):
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    assert json.loads(as_json([text])) == [text]
