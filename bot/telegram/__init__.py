"""The Telegram channel: the only package that knows python-telegram-bot.

`channel` is the door, made of six rooms: `chats` (whom an address names), `reading` (an update →
what was said), `writing` (an answer → HTML, buttons, files), `request` (HTTP), `errors` (their
troubles → our five), `registration` (what the platform is told about us). `polling` fetches
updates where no webhook can reach us.
"""

from bot.telegram.channel import TelegramChannel
from bot.telegram.polling import Poller

__all__ = ["Poller", "TelegramChannel"]
