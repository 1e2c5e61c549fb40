"""What a conversation remembers between two words, as one typed page."""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

BOUND_FOR = timedelta(minutes=15)  # follow-up words mean the last procedure so long (conversation.md §4)


@dataclass(kw_only=True)
class Memory:
    """The notes of one conversation. Everything has a default, so old notes stay readable.

    `step` names the question we asked last. `choices` are [label, say, line] of what is on offer.
    `procedure` is the code last spoken of, at `procedure_at` (ISO 8601); `near` are the codes
    that were nearly meant. `asked` is the last question, without identity, as long as its
    answer may still be called wrong. `misses` counts misunderstandings in a row. `greeted_on` is the last day a greeting was said.
    `photos` are references collected since `photos_at`. `draft` is the report that is being
    written, `last_case` the code of the one sent last, `awaited` that of the one we asked a
    question about. `recent` are times of the last
    messages, to notice a flood. `data` is what the present step needs.
    """

    step: str = ""
    choices: list[list[str]] = field(default_factory=list)
    procedure: str = ""
    procedure_at: str = ""
    near: list[str] = field(default_factory=list)
    asked: str = ""
    misses: int = 0
    greeted_on: str = ""
    address: str = "anh/chị"
    large_text: bool = False
    photos: list[str] = field(default_factory=list)
    photos_at: str = ""
    draft: dict[str, Any] = field(default_factory=dict)
    last_case: str = ""
    awaited: str = ""
    recent: list[float] = field(default_factory=list)
    warned: bool = False
    data: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, step: str, notes: dict[str, Any]) -> "Memory":
        """Read stored notes; what is unknown to this version is passed over."""
        known = {item.name for item in fields(cls)} - {"step"}
        return cls(step=step, **{name: value for name, value in notes.items() if name in known})

    def dump(self) -> dict[str, Any]:
        """Return the notes to store; `step` has a column of its own."""
        notes = asdict(self)
        del notes["step"]
        return notes

    def bind(self, code: str, now: datetime) -> None:
        """Remember that *code* is what we speak of."""
        self.procedure, self.procedure_at, self.misses = code, now.isoformat(), 0

    def bound(self, now: datetime) -> str:
        """Return the code we speak of, or nothing once it is too long ago."""
        if not self.procedure or now - datetime.fromisoformat(self.procedure_at) > BOUND_FOR:
            return ""
        return self.procedure

    def leave_step(self) -> None:
        """Forget the question we asked last."""
        self.step, self.data = "", {}
