"""A process that has read our code already, from which offices that are to be killed begin in a moment."""

from collections.abc import Iterator

import pytest

from benchmarks.warm import Warm


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    with Warm() as process:
        yield process
