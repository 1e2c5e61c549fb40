"""One row of the table of addresses: which handler, and who may go through."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from aiohttp import web

from records.cases import Permission

if TYPE_CHECKING:
    from console.visit import Visit

ROOT: Final = "/console"

Handler = Callable[["Visit"], Awaitable[web.StreamResponse]]


class Who(Enum):
    """Whom a door asks for no permission."""

    ANYBODY = "anybody"  # also who is not logged in: the log-in itself
    STAFF = "staff"  # whoever is logged in


@dataclass(frozen=True, kw_only=True)
class Door:
    """An address and who may go through it.

    `needs` names permissions of which one suffices. `second`: only after a second factor.
    A GET reads; a POST is one transaction, and its form must be ours. `alone`: the handler
    opens its transactions itself (`visit.db` is not there), because it takes in a file, or
    streams. `large`: the handler reads the body itself, piece by piece.
    """

    method: str
    path: str
    do: Handler
    needs: Who | frozenset[Permission]
    second: bool = False
    alone: bool = False
    large: bool = False

    @property
    def address(self) -> str:
        """Return the whole path, as the router takes it."""
        return ROOT + self.path


def get(path: str, do: Handler, *needs: Permission, second: bool = False, alone: bool = False) -> Door:
    """Return a door to a page; without permissions it is open to everybody who is logged in."""
    return Door(
        method="GET", path=path, do=do, needs=frozenset(needs) or Who.STAFF, second=second, alone=alone
    )


def post(
    path: str,
    do: Handler,
    *needs: Permission,
    second: bool = False,
    alone: bool = False,
    large: bool = False,
) -> Door:
    """Return a door to an act."""
    return Door(
        method="POST",
        path=path,
        do=do,
        needs=frozenset(needs) or Who.STAFF,
        second=second,
        alone=alone,
        large=large,
    )
