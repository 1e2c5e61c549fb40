"""Yêu cầu về dữ liệu: what people ask about their own data, with the clock of two working days, and the answer."""

import json
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from console.door import Door, get, post
from console.people_words import CHANNELS, REQUESTS
from console.sheets import Column, export
from console.trouble import NOT_FOUND, Refused
from console.visit import Visit
from feedback import own_data
from records import finding, requests, rights, trace
from records.cases import DataRequest, Permission, RequestKind
from records.tables import Address, ChannelName

IMPORT: Final = Permission.IMPORT_RECORDS
PAGE: Final = 30
MOST: Final = 20_000  # rows of an export
LONGEST: Final = 500  # characters of an outcome: it stands in the register
COLUMNS: Final = (
    Column(title="Số", value=lambda row: row.id, width=8),
    Column(title="Yêu cầu", value=lambda row: REQUESTS[row.kind]),
    Column(title="Kênh", value=lambda row: CHANNELS.get(row.channel, row.channel)),
    Column(title="Lúc yêu cầu", value=lambda row: row.asked_at, width=30),
    Column(title="Hạn trả lời", value=lambda row: row.due_at, width=30),
    Column(title="Xong lúc", value=lambda row: row.done_at, width=30),
    Column(title="Người trả lời", value=lambda row: row.done_by),
    Column(title="Kết quả", value=lambda row: row.outcome, width=60),
)


async def listing(visit: Visit) -> web.Response:
    """Show the requests that wait, or those that are done."""
    page = max(1, int(visit.asked("trang")) if visit.asked("trang").isdecimal() else 1)
    rows = await _rows(visit, PAGE + 1, PAGE * (page - 1))
    return visit.page(
        "people_requests.html",
        rows=rows[:PAGE],
        page=page,
        last=page + (len(rows) > PAGE),
        done=visit.asked("xem") == "xong",
        kinds=REQUESTS,
        channels=CHANNELS,
        owners=await finding.owners(visit.db, [_who(row) for row in rows[:PAGE]]),
        who=_who,
    )


async def _rows(visit: Visit, most: int, skip: int = 0) -> list[DataRequest]:
    kind = visit.asked("loai")
    return await requests.listed(
        visit.db,
        done=visit.asked("xem") == "xong",
        kind=kind if kind in set(RequestKind) else "",
        most=most,
        skip=skip,
    )


def _who(row: DataRequest) -> Address:
    return Address(ChannelName(row.channel), row.user)


async def taken_home(visit: Visit) -> web.Response:
    """Give the list as a file."""
    async with visit.house.database.reading() as db:
        visit.session = db
        rows = await _rows(visit, MOST)
    visit.session = None
    return await export(visit, "yeu-cau-du-lieu", COLUMNS, rows)


async def one(visit: Visit) -> web.Response:
    """Show one request, and the answer or where to write it."""
    return await _one(visit)


async def _one(visit: Visit, wrong: str = "", status: int = HTTPStatus.OK) -> web.Response:
    row = await _request(visit)
    whose = await finding.owners(visit.db, [_who(row)])
    return visit.page(
        "people_request.html",
        status=status,
        row=row,
        wrong=wrong,
        kinds=REQUESTS,
        channels=CHANNELS,
        owner=whose.get(_who(row)),
        words=requests.words_of(row),
        longest=LONGEST,
    )


async def _request(visit: Visit) -> DataRequest:
    row = await visit.db.get(DataRequest, visit.number("number"))
    if row is None:
        raise NOT_FOUND
    return row


async def done(visit: Visit) -> web.Response:
    """Close a request; who asked is told in their chat."""
    number = visit.number("number")
    outcome = " ".join(visit.said("outcome").split())
    if not outcome or len(outcome) > LONGEST:
        wrong = f"Mời ghi kết quả, không quá {LONGEST} ký tự; người dân sẽ đọc lời này."
        return await _one(visit, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    told = visit.house.voice.of_rights(number, outcome)
    closed = await rights.done(
        visit.db, number, by=visit.person.login, outcome=outcome, told=told, now=visit.now
    )
    if not closed:
        raise Refused("Yêu cầu này đã có người trả lời. Mời mở lại danh sách.")
    return visit.back("/nguoi-dan/yeu-cau", f"Đã ghi kết quả yêu cầu số {number} và báo người dân.")


async def copy(visit: Visit) -> web.Response:
    """Give a copy of what is kept about who asked, to be handed over at the counter; sealed that it was made."""
    async with visit.house.database.writing() as db:
        visit.session = db
        row = await rights.number(db, visit.number("number"))
        if row is None:
            raise NOT_FOUND
        work = visit.cases
        document: dict[str, Any] = own_data.document(work, _who(row), await own_data.of(work, _who(row)))
        await trace.leave(
            db, who=visit.person.login, what="rights.copied", on=rights.name(row), detail={}, now=visit.now
        )
    visit.session = None
    name = f"ban-sao-du-lieu-{row.id}.json"
    return web.Response(
        text=json.dumps(document, ensure_ascii=False, indent=2),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


DOORS: tuple[Door, ...] = (
    get("/nguoi-dan/yeu-cau", listing, IMPORT),
    get("/nguoi-dan/yeu-cau.{kind:csv|xlsx}", taken_home, IMPORT, second=True, alone=True),
    get(r"/nguoi-dan/yeu-cau/{number:\d+}", one, IMPORT),
    post(r"/nguoi-dan/yeu-cau/{number:\d+}/xong", done, IMPORT),
    get(r"/nguoi-dan/yeu-cau/{number:\d+}/ban-sao.json", copy, IMPORT, second=True, alone=True),
)
