"""`ward audit verify`: check that nobody changed, removed or inserted a line of the sealed history."""

import argparse
import json
import sys
from dataclasses import asdict

from bot import settings
from bot.commands import ledger
from bot.commands.serve import Nouns
from records import trace
from records.database import Database
from records.trace import Verdict

WHY = {"changed": "dòng này bị sửa, bị chèn, hoặc khóa không đúng", "missing": "thiếu dòng này"}


def add(nouns: Nouns) -> None:
    """Add the command to the line."""
    text = "nhật ký ai đã làm gì: kiểm tra còn nguyên vẹn"
    verbs = nouns.add_parser("audit", help=text, description=text).add_subparsers(
        required=True, metavar="VIỆC"
    )
    verify = verbs.add_parser("verify", help="kiểm tra mọi dấu niêm phong, từ dòng đầu đến dòng cuối")
    verify.add_argument("--json", action="store_true", help="in JSON")
    verify.set_defaults(run=run)


async def run(asked: argparse.Namespace) -> int:
    """Say whether the history is whole; 1 with the first number that does not fit."""
    async with ledger.opened(settings.load()) as database:
        verdict = await _verified(database)
    if asked.json:
        print(json.dumps(asdict(verdict) | {"whole": verdict.whole}))
    elif verdict.whole:
        older = f"; {verdict.older} dòng cũ không niêm phong" if verdict.older else ""
        print(f"Nhật ký nguyên vẹn: {verdict.sealed} dòng{older}.")
    if verdict.whole:
        return 0
    print(_broken(verdict), file=sys.stderr)
    return 1


async def _verified(database: Database) -> Verdict:
    async with database.reading() as db:
        if not database.is_sqlite:  # one picture: a line added meanwhile is no line that is missing
            await db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return await trace.verify(db)


def _broken(verdict: Verdict) -> str:
    return (
        f"Nhật ký không còn nguyên vẹn từ dòng số {verdict.broken_at}: {WHY[verdict.why]}. "
        "Giữ nguyên cơ sở dữ liệu và các bản sao lưu, báo người phụ trách an toàn thông tin; "
        "kiểm tra WARD_AUDIT_KEY hoặc tệp audit.key có đúng khóa đang dùng không."
    )
