"""The `ward` command: `ward COMMAND` equals `python -m bot COMMAND`."""

import sys
from collections.abc import Sequence

from bot.commands import parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 something was refused or is wrong, 2 the line itself is wrong."""
    return parser.run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
