"""Pictures and voice notes on Zalo's servers: which addresses are theirs, and bringing one in."""

import aiohttp
from yarl import URL

from bot.channel import Refused, SendError, Unavailable
from bot.zalo.wire import TooLarge, Wire, read_at_most

HOSTS = (".zdn.vn", ".zadn.vn")  # zalo.md §8; the second is older
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LARGEST = 10 * 2**20
LONGEST = 1000  # characters of an address our records hold

_MOVED = (301, 302, 303, 307, 308)
_MOST_MOVES = 3
_OK = 200
_BROKEN = 500


def on_loopback(url: str) -> bool:
    """Tell whether *url* is on this machine, as an emulator's is."""
    return URL(url).host in LOOPBACK


class Media:
    """The door for what residents send; *loopback* also lets this machine's addresses in."""

    def __init__(self, wire: Wire, *, loopback: bool) -> None:
        self._wire = wire
        self._loopback = loopback

    def trusts(self, ref: str) -> bool:
        """Tell whether *ref* is an address on Zalo's servers."""
        if not 0 < len(ref) <= LONGEST:
            return False
        try:
            url = URL(ref)
            host = url.host or ""
        except ValueError:
            return False
        if self._loopback and host in LOOPBACK:
            return url.scheme in {"http", "https"}
        return url.scheme == "https" and url.port == 443 and url.user is None and host.endswith(HOSTS)  # noqa: PLR2004  the port of https

    async def fetch(self, ref: str) -> bytes:
        """Return what lies at *ref*. Raises SendError: Refused for good, Unavailable for now."""
        for _ in range(_MOST_MOVES):
            if not self.trusts(ref):
                raise Refused("địa chỉ ảnh không thuộc máy chủ Zalo")
            found = await self._get(URL(ref))
            if isinstance(found, bytes):
                return found
            ref = found
        raise Refused("địa chỉ ảnh chuyển hướng quá nhiều lần")

    async def _get(self, url: URL) -> bytes | str:
        """Return the content, or the address it moved to."""
        try:
            # No token goes along: the addresses are public, and somebody else's machine.
            async with self._wire.session.get(url, allow_redirects=False) as answer:
                return await _content(answer)
        except TooLarge:
            trouble: SendError = Refused("ảnh lớn hơn 10 MB")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            trouble = Unavailable(f"không tải được ảnh: {type(error).__name__}", doubtful=False)
        raise trouble


async def _content(answer: aiohttp.ClientResponse) -> bytes | str:
    if answer.status in _MOVED:
        return str(answer.url.join(URL(answer.headers.get("Location", ""))))
    if answer.status >= _BROKEN:
        raise Unavailable(f"máy chủ ảnh trả lời {answer.status}", doubtful=False)
    if answer.status != _OK:
        raise Refused(f"ảnh không còn: máy chủ trả lời {answer.status}")
    return await read_at_most(answer, LARGEST)
