"""Which channels are on: every one that has credentials."""

from collections.abc import Callable
from datetime import datetime

from bot.channel import Channel
from bot.settings import Settings
from bot.telegram import TelegramChannel
from bot.web import WebChannel
from bot.zalo import ZaloChannel
from bot.zalo_bot import ZaloBotChannel
from records.database import Database
from records.media import MediaStore
from records.tables import ChannelName


def open_channels(
    settings: Settings, database: Database, media: MediaStore, clock: Callable[[], datetime]
) -> dict[ChannelName, Channel]:
    """Return every channel that has credentials; the web chat needs none."""
    limits = settings.limits
    found: dict[ChannelName, Channel] = {ChannelName.WEB: WebChannel(media, limits)}
    if settings.telegram.token is not None:
        found[ChannelName.TELEGRAM] = TelegramChannel(
            settings.telegram,
            per_second=limits.telegram_per_second,
            person_pause_s=limits.telegram_person_pause_s,
            group_pause_s=limits.telegram_group_pause_s,
            public_url=settings.web.public_url,
            media_path=media.path,
            clock=clock,
        )
    if settings.zalo.on:
        found[ChannelName.ZALO] = ZaloChannel(
            settings.zalo, database, media_path=media.path, clock=clock, per_minute=limits.zalo_per_minute
        )
    if settings.zalo_bot.token is not None:
        found[ChannelName.ZALO_BOT] = ZaloBotChannel(
            settings.zalo_bot, public_url=settings.web.public_url, clock=clock
        )
    return found
