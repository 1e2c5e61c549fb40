"""The Zalo Bot Platform: a bot beside the Official Account, for alerts to staff (zalo.md §13).

It has no buttons, no files, no receipts and few people, so residents are not served by it.
`reading` (an event → what was said), `wire` (the network), `errors` (their numbers → our
five), `channel` holds them together; `polling` fetches where Zalo cannot call us.
"""

from bot.zalo_bot.channel import ZaloBotChannel
from bot.zalo_bot.polling import BotPoller

__all__ = ["BotPoller", "ZaloBotChannel"]
