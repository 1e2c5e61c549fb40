"""When prepared words must not be used, and what cannot be true: one row a rule, walked in order.

Rules read the facts themselves, not the template, so that editing a template cannot switch one off.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from letters.errors import NeedsPerson, WrongFact
from letters.facts import Value, read
from letters.fields import FIELDS

YOUNG_TO: Final = 30  # our default, after the age of youth in Luật Thanh niên 57/2020/QH14, Điều 1
OLDEST: Final = 125
# Age by custom against the plain difference of years: full years not yet reached, to born before Tết.
AGE_BELOW: Final = 1
AGE_ABOVE: Final = 2

Values = Mapping[str, Value]
Holds = Callable[[Values], bool]


@dataclass(frozen=True, kw_only=True)
class Stop:
    """In letters *of* these names, when *holds*: a wrong *field*, or, without one, a matter for a person."""

    of: tuple[str, ...]
    reads: tuple[str, ...]
    holds: Holds
    why: str
    field: str = ""


def consider(of: str, facts: Mapping[str, object]) -> None:
    """Raise NeedsPerson or WrongFact where a rule for letters *of* this name holds."""
    for stop in STOPS:
        if of in stop.of and stop.holds(_read(stop.reads, facts)):
            if stop.field:
                raise WrongFact(stop.field, FIELDS[stop.field].title, stop.why)
            raise NeedsPerson(stop.why)


def _read(names: tuple[str, ...], facts: Mapping[str, object]) -> Values:
    found = {name: read(name, facts.get(name)) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _said(name: str) -> Holds:
    return lambda values: values.get(name) is True


def _none_of(*names: str) -> Holds:
    return lambda values: not any(name in values for name in names)


def _order(later: str, earlier: str, *, same_day: bool) -> Holds:
    """Hold when both days are known and stand the wrong way round."""

    def holds(values: Values) -> bool:
        first, second = values.get(earlier), values.get(later)
        if not isinstance(first, date) or not isinstance(second, date):
            return False
        return second < first or (second == first and not same_day)

    return holds


def _age(wrong: Callable[[int], bool]) -> Holds:
    def holds(values: Values) -> bool:
        age = values.get("age_by_custom")
        return isinstance(age, int) and wrong(age)

    return holds


def _age_is_off(values: Values) -> bool:
    age, born, died = (values.get(name) for name in ("age_by_custom", "birth_year", "death_date"))
    if not isinstance(age, int) or not isinstance(born, int) or not isinstance(died, date):
        return False
    plain = died.year - born
    return not plain - AGE_BELOW <= age <= plain + AGE_ABOVE


_NO_REASON: Final = ("khách quan", "lý do khác", "quá tải", "nhiều việc", "sự cố", "khác")


def _vague(values: Values) -> bool:
    said = str(values.get("specific_reason", "")).casefold().replace("lí do", "lý do").strip(" .")
    return said in _NO_REASON or "lý do khách quan" in said


_ANOTHER_ROAD: Final = ("kỷ luật", "kỉ luật", "tham nhũng", "hối lộ", "nhận tiền", "bồi thường")


def _belongs_elsewhere(name: str) -> Holds:
    """Hold when *name* speaks of discipline, corruption or damages: these have procedures of their own."""
    return lambda values: any(words in str(values.get(name, "")).casefold() for words in _ANOTHER_ROAD)


_BIRTH, _DEATH = ("birth_congratulation",), ("condolence",)
_FAULT, _OVERDUE = ("apology_service_fault",), ("apology_overdue",)
_LATE = ("apology_due_soon", "apology_overdue")

STOPS: Final = (
    Stop(of=_BIRTH, reads=("child_died",), holds=_said("child_died"), why="con đã mất"),
    Stop(of=_BIRTH, reads=("mother_died",), holds=_said("mother_died"), why="mẹ đã mất"),
    Stop(
        of=_BIRTH,
        reads=("adopted_or_found",),
        holds=_said("adopted_or_found"),
        why="con nuôi hoặc trẻ bị bỏ rơi",
    ),
    Stop(
        of=_BIRTH,
        reads=("parentage_disputed",),
        holds=_said("parentage_disputed"),
        why="đang tranh chấp cha mẹ",
    ),
    Stop(
        of=_BIRTH,
        reads=("mother_name", "father_name"),
        holds=_none_of("mother_name", "father_name"),
        why="không có tên mẹ và tên cha",
    ),
    Stop(of=_DEATH, reads=("delicate",), holds=_said("delicate"), why="hoàn cảnh mất cần cân nhắc riêng"),
    Stop(
        of=_DEATH,
        reads=("age_by_custom",),
        holds=_age(lambda age: age > OLDEST),
        why=f"lớn hơn {OLDEST}; xem lại",
        field="age_by_custom",
    ),
    Stop(
        of=_DEATH,
        reads=("birth_year", "death_date", "age_by_custom"),
        holds=_age_is_off,
        why="không khớp với năm sinh và ngày mất; xem lại",
        field="age_by_custom",
    ),
    Stop(
        of=_DEATH,
        reads=("age_by_custom",),
        holds=_age(lambda age: age <= YOUNG_TO),
        why="người mất là trẻ em hoặc còn trẻ",
    ),
    Stop(
        of=_LATE,
        reads=("specific_reason",),
        holds=_vague,
        why="ghi rõ việc gì chậm, ở khâu nào; không ghi chung chung",
        field="specific_reason",
    ),
    Stop(
        of=_LATE,
        reads=("taken_on", "original_due_on"),
        holds=_order("original_due_on", "taken_on", same_day=True),
        why="trước ngày nhận hồ sơ; xem lại",
        field="original_due_on",
    ),
    Stop(
        of=_LATE,
        reads=("original_due_on", "new_due_on"),
        holds=_order("new_due_on", "original_due_on", same_day=False),
        why="phải sau ngày hẹn ban đầu",
        field="new_due_on",
    ),
    Stop(
        of=_OVERDUE,
        reads=("late_days",),
        holds=lambda values: values.get("late_days") == 0,
        why="hồ sơ chưa quá hẹn; dùng thư xin lỗi trước ngày hẹn",
        field="late_days",
    ),
    *(
        Stop(
            of=_FAULT,
            reads=(name,),
            holds=_belongs_elsewhere(name),
            why="không nêu kỷ luật, tiền bạc, bồi thường trong thư này; những việc ấy có thủ tục riêng",
            field=name,
        )
        for name in ("finding", "remedy")
    ),
)
