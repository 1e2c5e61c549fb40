"""The web chat: a page of the ward's own, and a button for the pages of others.

`channel` is what the rest of the house sees. `said` understands what a page posts, `answers`
finds what it has not yet been told, `streams` tells it, `photos` shows what goes along.
`sessions`, `guard` and `limits` keep the door; `shelf` and `page` hand out the page itself;
`routes` puts them on addresses.
"""

from bot.web.channel import WebChannel
from bot.web.routes import setup_web

__all__ = ["WebChannel", "setup_web"]
