"""A process that has read all our code already, and begins commands of the ward by forking: in a moment, not in seconds.

A test that kills the office a dozen times need not wait a dozen times until Python has read two
thousand files. What is killed is a whole process all the same, with a database, a port and a
memory of its own. `python -m benchmarks.warm` is the process; `Warm` is the handle of it.
"""

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent


class Warm:
    """Begins commands; to be closed, with everything it began."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.warm"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End whatever still runs, and the process itself."""
        for number in tuple(self._running):
            self.kill(number)
        self._process.communicate()

    def begin(
        self,
        line: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        ahead_s: float = 0,
        die_at: str = "",
    ) -> int:
        """Begin the command *line* here, in *environment*; return the number of its process.

        Its clock is so much *ahead*; with *die_at* ("module:name") it kills itself when it comes there.
        """
        order = {"line": list(line), "environment": dict(environment), "log": str(log)}
        more = {"folder": str(Path.cwd()), "ahead_s": ahead_s, "die_at": die_at}
        number = int(self._ask(order | more))
        self._running.add(number)
        return number

    def kill(self, number: int) -> int:
        """End it as a power cut would, and return how it ended."""
        os.kill(number, signal.SIGKILL)  # ours until it was waited for, so the number is not another's
        return self.wait(number)

    def wait(self, number: int) -> int:
        """Wait for its end; 0 for done, below 0 for a signal."""
        self._running.discard(number)
        return int(self._ask({"wait": number}))

    def _ask(self, order: Mapping[str, Any]) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the pipes of the warm process are not there")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


# --- the process itself --------------------------------------------------------------------------


def main() -> None:
    """Read the code, then do as told, a line each, until nobody tells any more."""
    importlib.import_module("bot.commands.parser")
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        number = os.fork()
        if number == 0:
            _be(order)
        print(number, flush=True)


def _be(order: Mapping[str, Any]) -> None:
    """Become the command; never return."""
    status = 1
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(ours, theirs)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        if order["ahead_s"]:
            importlib.import_module("benchmarks.by_day").turn(order["ahead_s"])
        _arm(order["die_at"])
        sys.argv = ["ward", *order["line"]]
        status = importlib.import_module("bot.commands.parser").run(order["line"])
        sys.stdout.flush()
    finally:
        os._exit(status)


def _arm(point: str) -> None:
    if point:
        module, name = point.split(":")
        setattr(importlib.import_module(module), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


if __name__ == "__main__":
    main()
