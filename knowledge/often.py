"""What is asked most at a one-stop desk, and what a word as general as "xác nhận" may mean.

The first comes first among near equals and for whoever is lost; the second is offered when the
question holds nothing but such a word. Both are the ward's to change, in the data file.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

OFTEN_FILE = Path(__file__).parent / "data" / "often.toml"

Subject = tuple[tuple[str, ...], tuple[str, ...]]  # ways to say it, codes to offer


@cache
def most_asked() -> tuple[str, ...]:
    """Return the codes of the procedures asked most, the most asked first."""
    return tuple(_table()["codes"])


@cache
def subjects() -> tuple[Subject, ...]:
    """Return the general words with the codes to offer for them, the most asked first."""
    return tuple((tuple(row["say"]), tuple(row["codes"])) for row in _table().get("subjects", ()))


@cache
def _table() -> dict[str, Any]:  # the file is checked by a test; its rows are as they are written
    return tomllib.loads(OFTEN_FILE.read_text("utf-8"))
