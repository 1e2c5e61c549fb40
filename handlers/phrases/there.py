"""Sentences about what is done elsewhere, and about what a life event asks of a family."""

from datetime import date

from handlers.talk import bold
from knowledge.elsewhere import Elsewhere
from knowledge.events import LifeEvent, Step

GONE = "Dạ, mục này không còn trong danh mục. Anh/chị gõ ngắn tên việc cần làm giúp ạ."


def elsewhere(entry: Elsewhere) -> str:
    """Say that it is not done here, who does it, and what the ward can help with."""
    lines = [
        f"Dạ, việc {bold(entry.name)} không làm ở phường.",
        f"Nơi làm: {_sentence(entry.body)}",
        f"Cách nộp: {_sentence(entry.where)}",
    ]
    if entry.online:
        lines.append(f"Trực tuyến: {entry.online}")
    if entry.what_the_ward_does:
        lines.append(f"Phường giúp được: {_sentence(entry.what_the_ward_does)}")
    return "\n".join([*lines, _source(entry.source, entry.as_of, entry.checked_on)])


def event(happening: LifeEvent) -> str:
    """List in order what must be done."""
    steps = [_step(step) for step in happening.steps]
    source = _source(happening.source, happening.as_of, happening.checked_on)
    return "\n".join(
        [f"{bold(happening.name)}. {happening.intro}", "Việc cần làm, theo thứ tự:", *steps, source]
    )


def elsewhere_line(entry: Elsewhere) -> str:
    """Return the line of a choice that leads to another office's matter."""
    return f"{entry.name} (nơi khác làm)"


def event_line(happening: LifeEvent) -> str:
    """Return the line of a choice that leads to a life event."""
    return f"{happening.name}: các việc cần làm"


def _step(step: Step) -> str:
    return f"• {step.text} {bold(_sentence(step.deadline))}" if step.deadline else f"• {step.text}"


def _source(address: str, as_of: str, checked_on: date) -> str:
    year, _, month = as_of.partition("-")
    return f"Nguồn: {address} · bản tháng {int(month)}/{year} · kiểm tra ngày {checked_on:%d/%m/%Y}."


def _sentence(text: str) -> str:
    whole = text.strip()
    return whole if whole.endswith((".", "!", "?", "…")) else f"{whole}."
