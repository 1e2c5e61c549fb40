"""What `ward check` found about one thing: good, worth a look, or bad."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One thing looked at. `warning` is good enough to run, and still wants somebody's eye."""

    what: str
    good: bool
    says: str
    warning: bool = False

    def __str__(self) -> str:
        mark = "HỎNG" if not self.good else "XEM " if self.warning else "ĐẠT "
        return f"{mark}  {self.what}: {self.says}"
