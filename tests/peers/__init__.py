"""The other side of the network: Telegram, Zalo and its bot platform, played by local servers.

They are no mocks of our code. They enforce what the platforms document, and
keep the record of what really reached a person. Read `records` (what is kept),
`faults` (what may go wrong), then `telegram` and `zalo` with their own parts, and `zalo_bot`.
"""

from .faults import Fault
from .records import Accepted, Button, Refused
from .telegram import TelegramPeer
from .zalo import ZaloPeer
from .zalo_bot import ZaloBotPeer

__all__ = ["Accepted", "Button", "Fault", "Refused", "TelegramPeer", "ZaloBotPeer", "ZaloPeer"]
