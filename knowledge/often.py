"""What is asked most at a one-stop desk: it comes first among near equals, and for whoever is lost."""

import tomllib
from functools import cache
from pathlib import Path

OFTEN_FILE = Path(__file__).parent / "data" / "often.toml"


@cache
def most_asked() -> tuple[str, ...]:
    """Return the codes of the procedures asked most, the most asked first."""
    return tuple(tomllib.loads(OFTEN_FILE.read_text("utf-8"))["codes"])
