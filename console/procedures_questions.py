"""Questions nobody could answer: each becomes an everyday name of a card, or is no procedure at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from console import sheets, undo
from console.door import Door, get, post
from console.procedures import EDIT, tabs
from console.procedures_edit import keep
from console.sheets import Column
from console.trouble import MOVED, Refused
from console.visit import Visit
from knowledge import care, editing
from knowledge.card_form import fingerprint, tidy
from knowledge.procedure import Procedure
from records import proposals, questions, trace
from records.console import CardDraft, DraftState
from records.tables import UnansweredQuestion

LOOKED_AT: Final = 300  # questions, the most frequent first; a grouping of more is no longer quick
SHOWN: Final = 30
NEAR: Final = 4
COLUMNS: Final = (
    Column(title="Câu hỏi", value=lambda one: one.question, width=60),
    Column(title="Số lần", value=lambda one: one.times, width=9),
    Column(title="Lần đầu", value=lambda one: one.first_at, width=26),
    Column(title="Gần nhất", value=lambda one: one.last_at, width=26),
)
NOT_HERE: Final = Refused("Câu hỏi này vừa được người khác xử lý. Mời xem lại danh sách.")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Questions that ask the same, and the cards that may be meant."""

    rows: tuple[UnansweredQuestion, ...]
    near: tuple[Procedure, ...] = ()

    @property
    def keys(self) -> str:
        """Return what the form names them by."""
        return " ".join(row.key for row in self.rows)

    @property
    def times(self) -> int:
        """Return how often they were asked."""
        return sum(row.times for row in self.rows)

    @property
    def last(self) -> datetime:
        """Return when one was asked last."""
        return max(row.last_at for row in self.rows)


def _groups(visit: Visit, rows: Sequence[UnansweredQuestion]) -> list[Group]:
    """Return the groups asked most, each with the cards nearest to it."""
    grouped = [
        tuple(rows[place] for place in places) for places in care.grouped([row.question for row in rows])
    ]
    first = sorted((Group(rows=group) for group in grouped), key=lambda one: -one.times)[:SHOWN]
    index = visit.house.shelf.catalogue.index
    return [
        Group(
            rows=group.rows,
            near=tuple(match.procedure for match in index.find(group.rows[0].question, NEAR)),
        )
        for group in first
    ]


async def unanswered(visit: Visit) -> web.Response:
    """List what was asked in vain."""
    rows = await questions.most_asked(visit.db, LOOKED_AT)
    return visit.page(
        "procedures_questions.html",
        **await tabs(visit, "cau-hoi"),
        groups=_groups(visit, rows),
        more=len(rows) == LOOKED_AT,
        longest=editing.LONGEST,
    )


async def export(visit: Visit) -> web.StreamResponse:
    """Give everything that was asked in vain as a file."""
    async with visit.house.database.reading() as db:
        rows = await questions.most_asked(db, sheets.MOST)
    return await sheets.export(visit, "cau-hoi", COLUMNS, rows)


async def name(visit: Visit) -> web.Response:
    """Add what was asked to the everyday names of a card; the card then waits to be published."""
    said, code = " ".join(tidy(visit.said("ten")).split()), visit.said("khac") or visit.said("ma")
    cards = visit.house.shelf.catalogue
    if not code:
        raise Refused("Chưa chọn thủ tục. Mời chọn một thẻ gần giống, hoặc ghi mã thủ tục.")
    wrong = editing.refused_name(cards, code, said)
    if not wrong and questions.without_identity(said) != said:
        wrong = "Tên gọi có dãy số hoặc địa chỉ thư: có thể là của một người. Hãy bỏ phần ấy."
    if wrong:
        raise Refused(f"{wrong} Mời sửa lại tên gọi hoặc chọn thẻ khác.")
    card = cards.get(code)
    if card is None:
        raise Refused(f"Danh mục đang dùng không có mã {code}.")
    await _into_draft(visit, card, said)
    await _take_out(visit, "question.named")
    return visit.back(
        "/thu-tuc/cau-hoi", f"Đã thêm “{said}” vào bản sửa của {card.short_name}, chờ một người khác công bố."
    )


async def _into_draft(visit: Visit, card: Procedure, said: str) -> None:
    """Add the name to the open draft of *card*, or begin one, and ask for a decision."""
    last = await proposals.last_word(visit.db, CardDraft, card.code)
    row = last if last is not None and last.state in proposals.OPEN else None
    shown, base = editing.unpacked(row.document) if row is not None else (card, fingerprint(card))
    if base != fingerprint(card):
        raise Refused(
            f"Thẻ {card.short_name} đang có bản sửa soạn trên thẻ cũ. Mời mở “Sửa thẻ”, xem lại rồi lưu."
        )
    asks = row is None or row.state is DraftState.PROPOSED
    note = f"Thêm tên thường gọi từ câu hỏi: {said}"
    try:
        fresh = await keep(visit, card, editing.named(shown, said), note, last.id or 0 if last else 0)
        if asks:
            await proposals.propose(visit.db, fresh, visit.person.id or 0, visit.now)
    except proposals.Moved as error:
        raise MOVED from error


async def ignore(visit: Visit) -> web.Response:
    """Take a question that is no procedure from the list; for ten seconds it can be taken back."""
    rows = await _take_out(visit, "question.ignored")
    kept = [row.model_dump(mode="json") for row in rows]
    await undo.offer(visit, "question.ignored", {"rows": kept})
    return visit.back("/thu-tuc/cau-hoi", "Đã bỏ qua câu hỏi. Nếu người dân hỏi lại, câu ấy lại hiện ở đây.")


async def _take_out(visit: Visit, what: str) -> list[UnansweredQuestion]:
    rows = await questions.take_out(visit.db, visit.said("cau").split()[:LOOKED_AT])
    if not rows:
        raise NOT_HERE
    detail = {"questions": len(rows), "times": sum(row.times for row in rows)}
    await trace.leave(
        visit.db, who=visit.person.login, what=what, on="questions", detail=detail, now=visit.now
    )
    return rows


@undo.way("question.ignored")
async def _put_back(visit: Visit, document: Mapping[str, Any]) -> str:
    rows = [UnansweredQuestion.model_validate(row) for row in document["rows"]]
    await questions.put_back(visit.db, rows)
    return "/thu-tuc/cau-hoi"


DOORS: tuple[Door, ...] = (
    get("/thu-tuc/cau-hoi", unanswered, EDIT),
    get("/thu-tuc/cau-hoi.{kind:csv|xlsx}", export, EDIT, second=True, alone=True),
    post("/thu-tuc/cau-hoi/ten", name, EDIT),
    post("/thu-tuc/cau-hoi/bo-qua", ignore, EDIT),
)
