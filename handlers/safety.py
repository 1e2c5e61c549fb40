"""Danger first; then the gate: what may be a denunciation or a complaint is neither kept nor passed on."""

from collections.abc import Iterable

from handlers.phrases import common
from handlers.phrases import safety as phrases
from handlers.talk import Choice, Reply, Turn
from handlers.words import ABUSE, ALARMS, GATE, GATE_UNLESS
from knowledge.fold import fold, words
from records.database import SCRUB

RESTRICTED = "restricted:text"  # here people write what the gate is for


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    """Return *words* as they are looked for: folded, between spaces."""
    return tuple(f" {fold(word)} " for word in words)


_LEAVE_WORD = Choice("Gửi phản ánh", "/phananh")
_BACK = Choice("Về đầu", "/menu")
_GATE_CHOICES = (
    Choice("Mẫu đơn, cách viết", "/mauform", "Mẫu đơn và cách viết"),
    Choice("Địa chỉ, giờ tiếp", "/noinhan"),
    Choice("Chỉ góp ý thái độ", "/gopy", "Việc của tôi chỉ là góp ý thái độ phục vụ"),
    Choice("Gửi phản ánh kín", "/kin", "Gửi dưới dạng phản ánh (kín)"),
)
_ALARMS = tuple((alarm.name, _folded(alarm.words), _folded(alarm.unless)) for alarm in ALARMS)
_GATE = {kind: _folded(words) for kind, words in GATE.items()}
_GATE_UNLESS, _ABUSE = _folded(GATE_UNLESS), _folded(ABUSE)
_ALARM_TEXTS = {"danger": phrases.EMERGENCY, "child": phrases.CHILD, "despair": phrases.DESPAIR}


def first(turn: Turn) -> Reply | None:
    """Return what must be said before anything else is looked at, if anything must."""
    said = f" {' '.join(words(turn.incoming.text))} "
    alarm = alarm_in(said)
    if alarm:
        return Reply(text=_ALARM_TEXTS[alarm], choices=(_LEAVE_WORD, _BACK), solemn=True)
    kind = "" if turn.memory.step == RESTRICTED else gate_kind(said)
    if kind:
        turn.memory.leave_step()
        turn.db.info[SCRUB] = True  # what was written must be nowhere in the file either
        return Reply(text=phrases.gate(turn.ward, kind), choices=_GATE_CHOICES, solemn=True)
    if _says(said, _ABUSE):
        return Reply(text=common.CALM, choices=(Choice("Gặp cán bộ", "/canbo"), _BACK), solemn=True)
    return None


def alarm_in(said: str) -> str:
    """Return which alarm the folded words *said* ring, or nothing."""
    return next(
        (name for name, words, unless in _ALARMS if _says(said, words) and not _says(said, unless)), ""
    )


def gate_kind(said: str) -> str:
    """Return "tố cáo" or "khiếu nại" when the folded words *said* may be one, not ask about one."""
    if _says(said, _GATE_UNLESS):
        return ""
    return next((kind for kind, words in _GATE.items() if _says(said, words)), "")


async def how_to_write(_: Turn) -> Reply:
    """Tell what a letter of complaint or denunciation must hold."""
    return Reply(text=phrases.HOW_TO_WRITE, choices=(_GATE_CHOICES[1], _BACK), solemn=True)


async def places(turn: Turn) -> Reply:
    """Tell where such letters are received."""
    return Reply(text=phrases.petition_places(turn.ward), choices=(_GATE_CHOICES[0], _BACK), solemn=True)


def _says(said: str, words: tuple[str, ...]) -> bool:
    """Tell whether one of *words* stands in *said* (words of letters and digits only)."""
    return any(word in said for word in words)
