"""Why the lookup answers as it does: what was found, how sure that is, and which words spoke for and against."""

from typing import Any, Final

from knowledge import match
from knowledge.catalogue import Catalogue
from knowledge.elsewhere import Elsewhere
from knowledge.instead import instead
from knowledge.match import Reason

VERDICTS: Final = {
    "sure": "Chắc chắn: Trợ lý số trả lời ngay bằng thẻ đầu tiên.",
    "choice": "Chưa chắc: Trợ lý số đưa các thẻ gần nhất ra để người hỏi chọn.",
    "none": "Không có: Trợ lý số nói thật là danh mục chưa có, mời hỏi cán bộ hoặc xem theo lĩnh vực.",
}


def answer(cards: Catalogue, question: str, top: int) -> dict[str, Any]:
    """Return verdict and matches, best first; `instead` names another office's matter or a life event."""
    found, beside = cards.index.look(question, limit=max(top, 2))
    verdict, told = match.verdict(found), dict[str, Any]()
    meant = instead(cards, found, beside)
    if meant is not None:
        away = isinstance(meant[0], Elsewhere)
        kind = "elsewhere" if away else "event"
        told = {"instead": {"kind": kind, "key": meant[0].key, "name": meant[0].name}}
        verdict = "none" if away else verdict
    matches = [
        {"code": item.procedure.code, "name": item.procedure.name, "score": item.score}
        for item in found[:top]
    ]
    return {"verdict": verdict, "matches": matches, **told}


def lines(reason: Reason) -> list[str]:
    """Return why a procedure was found, a line a reason."""
    rows = (
        ("khớp với tên", [f"“{reason.match.by}”"]),
        ("chữ trong câu hỏi có trong tên", reason.answered),
        ("chữ trong câu hỏi không có trong tên", reason.unanswered),
        ("chữ của tên không được hỏi tới", reason.not_asked),
        ("chữ phân biệt hai bên không giống nhau", reason.siblings),
    )
    return [f"{what}: {', '.join(said)}" for what, said in rows if said]
