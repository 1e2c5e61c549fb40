"""`ward feedback list|show|export`: the cases of residents, for operators. `feedback_acts` adds the rest."""

import argparse
import json
import sys
from typing import Any

from bot import app, settings
from bot.commands import case_page, feedback_acts, ledger
from bot.commands.serve import Nouns
from bot.commands.trouble import Trouble
from feedback import codes, history, listing, public, publishing
from feedback.listing import Listed, Wanted
from feedback.work import Work
from knowledge.calendar import here
from knowledge.concerns import load_concerns
from knowledge.ward import load_ward
from records import trace
from records.cases import Feedback, FeedbackState, Staff


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    text = "phản ánh, kiến nghị: xem, xuất, nhập hộ, công bố"
    verbs = nouns.add_parser("feedback", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    rows = verbs.add_parser("list", help="danh sách, cũ trước mới sau")
    rows.add_argument("--state", choices=[state.value for state in FeedbackState], help="chỉ một tình trạng")
    rows.add_argument("--desk", metavar="ĐƠN_VỊ", help="chỉ một đơn vị, ví dụ do_thi")
    rows.add_argument("--late", action="store_true", help="chỉ việc đang quá hạn")
    rows.add_argument("--json", action="store_true", help="in JSON, mỗi dòng một việc")
    rows.set_defaults(run=show_list)
    one = verbs.add_parser("show", help="toàn bộ một việc, kể cả điện thoại; lần xem được ghi lại")
    one.add_argument("code", metavar="MÃ", help="ví dụ PA26-0417-7")
    one.add_argument("--public", action="store_true", help="chỉ phần ai cũng đọc được")
    one.add_argument("--by", default="ward", metavar="TÊN", help="người xem")
    one.add_argument("--json", action="store_true", help="in JSON")
    one.set_defaults(run=show)
    out = verbs.add_parser("export", help="xuất ra đầu ra chuẩn, không có tên và điện thoại")
    form = out.add_mutually_exclusive_group(required=True)
    form.add_argument("--json", action="store_true", help="một tài liệu JSON")
    form.add_argument("--csv", action="store_true", help="CSV mở được bằng Excel")
    form.add_argument("--geojson", action="store_true", help="GeoJSON: phần ai cũng xem được, việc có vị trí")
    out.set_defaults(run=export)
    for verb in (rows, out):
        verb.add_argument("--since", metavar="NGÀY", help="nhận từ ngày, dạng 2026-11-20")
    feedback_acts.add(verbs)


async def show_list(asked: argparse.Namespace) -> int:
    """Print the cases that are wanted, a line each."""
    config, now = settings.load(), app.clock()
    if asked.desk:
        ledger.desk_in(load_ward(config.ward_dir).desks, asked.desk)
    state = FeedbackState(asked.state) if asked.state else None
    since = ledger.beginning(asked.since) if asked.since else None
    wanted = Wanted(state=state, since=since, desk=asked.desk or "", late=asked.late)
    async with ledger.opened(config) as database, database.reading() as db:
        found = await listing.cases(db, wanted, now)
    concerns = load_concerns()
    rows = [listing.row(listed, concerns, now) for listed in found]
    if not rows and not asked.json:
        print("Không có việc nào như vậy.")
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if asked.json else _line(row))
    return 0


async def show(asked: argparse.Namespace) -> int:
    """Print one case: all of it, leaving a trace, or what everybody may read."""
    config = settings.load()
    shelf = app.shelf_of(config)
    async with ledger.opened(config) as database, database.writing() as db:
        work = ledger.work(db, shelf)
        case = await _case(work, asked.code)
        facts = await (_public(work, case) if asked.public else _whole(work, case, asked.by))
    if asked.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(*case_page.lines(facts), sep="\n")
    return 0


async def export(asked: argparse.Namespace) -> int:
    """Write all cases in one form to standard output."""
    config = settings.load()
    shelf = app.shelf_of(config)
    since = ledger.beginning(asked.since) if asked.since else None
    async with ledger.opened(config) as database, database.reading() as db:
        work = ledger.work(db, shelf)
        if asked.geojson:
            shown = await listing.for_everybody(work, since)
            print(json.dumps(listing.collection(shown), ensure_ascii=False))
            return 0
        found = await listing.cases(db, Wanted(since=since), work.now)
    rows = [listing.export_row(listed, shelf.concerns, work.now) for listed in found]
    if asked.csv:
        sys.stdout.write(listing.sheet(rows))
    else:
        print(json.dumps(rows, ensure_ascii=False))
    return 0


async def _case(work: Work, text: str) -> Feedback:
    said = codes.named(text)
    if said is not None and not said.right:
        raise Trouble(f"Số cuối của mã {text} không khớp, có thể nhầm một chữ số.")
    case = await history.by_name(work.db, said, here(work.now).year) if said else None
    if case is None:
        raise Trouble(f"Không có việc mã {text}. Xem: ward feedback list")
    return case


async def _public(work: Work, case: Feedback) -> dict[str, Any]:
    shown = await public.one(work, case.code, lambda _: False)
    if shown is None:
        raise Trouble(publishing.why_not(case))
    return listing.public_row(shown)


async def _whole(work: Work, case: Feedback, who: str) -> dict[str, Any]:
    db, number = work.db, case.officer_id
    officer = await db.get(Staff, number) if number is not None else None
    await trace.leave(db, who=who, what="feedback.shown", on=case.code, detail={}, now=work.now)
    listed = Listed(case=case, officer=officer.login if officer else "")
    return await listing.whole(db, listed, work.concerns, work.now)


def _line(row: dict[str, Any]) -> str:
    late = "QUÁ HẠN  " if row["late"] else ""
    what = " · ".join(part for part in (row["title"], row["place"]) if part)
    who = row["officer"] or "chưa ai nhận"
    state, due = (listing.cell(name, row[name]) for name in ("state", "due_at"))
    return f"{row['code']}  {late}{state}  hạn {due}  {row['desk']}  {who}  {what}"
