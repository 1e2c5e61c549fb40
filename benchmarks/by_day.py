"""`python -m benchmarks.by_day SECONDS run`: the real commands, the house's one clock turned on by so much.

Greetings leave by day only, on their own day; a benchmark runs at any hour.
"""

import sys
from datetime import timedelta

from bot import app
from bot.commands import parser


def turn(seconds: float) -> None:
    """Turn the clock on."""
    ahead, real = timedelta(seconds=seconds), app.clock
    app.clock = lambda: real() + ahead
    app.build.__defaults__ = (app.clock,)


def main() -> int:
    """Turn the clock, then do what the rest of the line says."""
    turn(float(sys.argv[1]))
    return parser.run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
