"""The composition root: build the office from its settings, start it in order, stop it in reverse."""

import asyncio
import gc
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import contents
from bot.channel import Arrival, Channel
from bot.channels import open_channels
from bot.dispatcher import Dispatcher
from bot.fetcher import Fetcher
from bot.health import Health
from bot.metrics import Metrics
from bot.open311 import setup_open311
from bot.own_data import setup_own_data
from bot.public_page import setup_public
from bot.sender import Sender
from bot.settings import Settings
from bot.store import open_database
from bot.telegram import Poller, TelegramChannel
from bot.voice import Voice
from bot.web import WebChannel, setup_web
from bot.webhooks import MAX_BODY, Webhook, path_of
from bot.zalo import ZaloChannel
from bot.zalo_bot import BotPoller, ZaloBotChannel
from console.app import setup_console
from feedback.work import Work
from handlers import approval
from knowledge import catalogue as catalogues
from knowledge.calendar import Calendar
from knowledge.catalogue import Catalogue
from knowledge.concerns import Concerns, load_concerns
from knowledge.holidays import OVERRIDES_FILE, load_overrides
from knowledge.ward import Ward, load_ward
from letters.work import ON_THE_SHELF, on_duty
from letters.work import Shelf as LetterShelf
from letters.work import shelf_of as letter_shelf
from records import editions, inbox, outbox, proposals, schema
from records.media import MediaStore
from records.tables import ChannelName
from scheduler.ticker import Ticker

AGAIN_S = 0.5  # before a loop that ended by itself begins again
STOP_S = 20  # how long finishing may take before the process goes all the same

log = logging.getLogger(__name__)


def clock() -> datetime:
    """Return the present moment: the only clock of the house."""
    return datetime.now(UTC)


class Shelf:
    """What conversations look things up in; the catalogue is exchanged whole."""

    def __init__(self, ward: Ward, catalogue: Catalogue, calendar: Calendar, concerns: Concerns) -> None:
        self.ward = ward
        self.catalogue = catalogue
        self.calendar = calendar
        self.concerns = concerns
        self.edition = 0
        self.content = 0  # how many pages were published when these were read


def shelf_of(settings: Settings) -> Shelf:
    """Load the ward's pages, the bundled catalogue and the calendar. Raises their errors."""
    ward = load_ward(settings.ward_dir)
    calendar = Calendar(ward.hours, load_overrides(OVERRIDES_FILE.read_text("utf-8")))
    return Shelf(
        ward, catalogues.load(settings.knowledge_file or catalogues.BUNDLED), calendar, load_concerns()
    )


def letters_of(settings: Settings, shelf: Shelf, media: MediaStore) -> LetterShelf:
    """Return what letters are made of. Raises the errors of templates, rules and fonts."""
    return letter_shelf(
        shelf.ward,
        shelf.calendar,
        ward_dir=settings.ward_dir,
        media=media,
        font_dir=settings.letters.font_dir,
    )


class Office:
    """The whole house, built and not yet open. `async with office:` opens and closes it."""

    def __init__(self, settings: Settings, shelf: Shelf, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.clock = clock
        self.shelf = shelf
        self.database = open_database(settings)
        self.metrics = Metrics()
        self.media = MediaStore(settings.data_dir)
        self.database.info[ON_THE_SHELF] = letters_of(settings, shelf, self.media)
        self.channels = open_channels(settings, self.database, self.media, clock)
        self._accepted = {name: self.metrics.accepted.labels(name) for name in self.channels}
        self.inbox = inbox.Inbox(self.database, clock)
        self.health = Health(self.database, self.metrics, clock)
        self.fetcher = Fetcher(self.database, self.channels, self.media, self.work)
        counted = {ChannelName.ZALO: settings.zalo.counted_per_month}
        self.senders = {
            name: Sender(self.database, channel, clock=clock, counted_per_month=counted.get(name, 0))
            for name, channel in self.channels.items()
        }
        self.dispatcher = Dispatcher(
            self.database,
            self.channels,
            shelf,
            clock=clock,
            wake=lambda name: self.senders[name].wake(),
            bring=self.fetcher.wake,
            per_minute=settings.limits.messages_per_person_per_minute,
        )
        self.voice = Voice()
        self.ticker = Ticker(self, clock=clock)
        self.pollers = self._pollers()
        self._running: list[asyncio.Task[None]] = []
        self._closing = False
        self._inbox_task: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None

    def work(self, db: AsyncSession, now: datetime) -> Work:
        """Return what an act on a case works with, in the transaction *db*."""
        shelf = self.shelf
        return Work(db=db, ward=shelf.ward, concerns=shelf.concerns, calendar=shelf.calendar, now=now)

    async def accept(self, channel: ChannelName, arrivals: Sequence[Arrival]) -> None:
        """Return once *arrivals* are on disk."""
        await self.inbox.accept(
            [inbox.Kept(key=item.key, channel=channel, user=item.user, body=item.body) for item in arrivals]
        )
        self._accepted[channel].inc(len(arrivals))

    async def __aenter__(self) -> Self:
        """Open: database, channels, senders, clock, and only then the doors."""
        await self.prepare()
        self._inbox_task = asyncio.create_task(self._keep(self.inbox.run, "inbox"))
        for channel in self.channels.values():
            await channel.start()
        for name, sender in self.senders.items():
            self._run(sender.run, f"sender {name}")
        self._run(partial(self.dispatcher.run, self.inbox.kept), "dispatcher")
        self._run(partial(self.fetcher.run, self.clock), "fetcher")
        self.ticker.start()
        await self._open_doors()
        for poller in self.pollers:
            self._run(poller.run, "poller")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close in reverse: take nothing new, finish answering, finish sending, let go."""
        self._closing = True
        for poller in self.pollers:
            await poller.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        self.ticker.stop()
        self.dispatcher.stop(self.inbox.kept)
        self.fetcher.stop()
        for sender in self.senders.values():
            sender.stop()
        await self._finish()
        if self._inbox_task is not None:
            self._inbox_task.cancel()
            await asyncio.wait([self._inbox_task])
        for channel in self.channels.values():
            await channel.stop()
        await self.database.close()

    async def prepare(self) -> None:
        """Bring the database up to date and pick up what a crash left."""
        self.database.claim_file()
        await schema.upgrade(self.database)
        if self.database.is_sqlite:  # we are alone: what is leased was leased by a process that died
            async with self.database.writing() as db:
                await inbox.release_all(db)
                await outbox.expire_all(db, self.clock())
                await outbox.release_expired(db, self.clock())
        await self.refresh_catalogue()
        await self.refresh_content()
        # The catalogue and its index live as long as we do: the collector need not walk them again.
        gc.collect()
        gc.freeze()

    async def refresh_catalogue(self) -> int:
        """Take the newest edition into use, if there is a newer one."""
        async with self.database.reading() as db:
            if await editions.newest_id(db) == self.shelf.edition:
                return 0
            row = await editions.newest(db)
        if row is None or row.id is None:
            return 0
        self.shelf.catalogue = await asyncio.to_thread(catalogues.restore, row.document)
        self.shelf.edition = row.id
        log.info("catalogue edition %s is in use", row.id)
        return 1

    async def refresh_content(self) -> int:
        """Take the ward's pages published since into use, if there are newer ones."""
        async with self.database.reading() as db:
            count = await proposals.published_count(db)
            if count == self.shelf.content:
                return 0
            published = {page: row.document for page, row in (await proposals.in_force(db)).items()}
        found = await asyncio.to_thread(contents.in_force, self.settings, published)
        self.shelf.ward, self.shelf.calendar, self.shelf.content = found.ward, found.calendar, count
        letters: LetterShelf = self.database.info[ON_THE_SHELF]
        self.database.info[ON_THE_SHELF] = replace(
            letters, ward=found.ward, calendar=found.calendar, templates=found.templates
        )
        log.info("%s published pages are in use", len(published))
        return 1

    def original_page(self, page: str) -> str:
        """Return the text of a page of the ward as its folder has it."""
        return contents.original(self.settings, page)

    async def fetch_attachments(self, now: datetime) -> int:
        """Bring in what residents sent along."""
        return await self.fetcher.fetch(now)

    async def tell_signers(self, now: datetime) -> int:
        """Tell who checks and signs letters what waits for them."""
        async with self.database.writing() as db:
            return await approval.morning(on_duty(db, now))

    async def renew_tokens(self, now: datetime) -> int:
        """Renew what wears out."""
        zalo = self.channels.get(ChannelName.ZALO)
        return int(await zalo.tokens.renew_if_old(now)) if isinstance(zalo, ZaloChannel) else 0

    def retention_days(self) -> dict[str, int]:
        """Return for how long what is kept."""
        kept = self.settings.retention
        return {
            "delivery_days": kept.delivery_text_days,
            "handover_days": kept.handover_text_days,
            "key_days": kept.received_key_days,
            "case_days": kept.closed_case_days,
            "photo_days": kept.closed_photo_days,
            "restricted_days": kept.restricted_days,
            "conversation_days": kept.conversation_days,
            "request_days": kept.request_days,
            "stray_days": kept.stray_media_days,
        }

    def application(self) -> web.Application:
        """Return the web application with every door."""
        app = web.Application(client_max_size=MAX_BODY)
        app.add_routes(self.health.routes())
        for name, channel in self.channels.items():
            if self._is_called(channel):
                app.router.add_post(path_of(name), Webhook(channel, self.accept, self.metrics).receive)
        chat = self.channels[ChannelName.WEB]
        if isinstance(chat, WebChannel):
            setup_web(
                app,
                channel=chat,
                database=self.database,
                inbox_accept=self.accept,
                settings=self.settings,
                clock=self.clock,
                ward_title=self.shelf.ward.title,
                ward_hotline=self.shelf.ward.hotline,
            )
        setup_own_data(app, self)
        setup_public(app, self)
        setup_open311(app, self)
        setup_console(app, self)
        return app

    @property
    def data_dir(self) -> Path:
        """Return the folder for what is kept beside the database."""
        return self.settings.data_dir

    @property
    def public_url(self) -> str:
        """Return the address residents know, without a slash at its end."""
        return (self.settings.web.public_url or "").rstrip("/")

    @property
    def telegram_name(self) -> str:
        """Return the name by which Telegram finds our bot; "" when there is none."""
        channel = self.channels.get(ChannelName.TELEGRAM)
        return channel.username if isinstance(channel, TelegramChannel) else ""

    @property
    def zalo_account(self) -> str:
        """Return the number of our Official Account; "" when there is none."""
        return (self.settings.zalo.oa_id or "") if ChannelName.ZALO in self.channels else ""

    @property
    def behind_proxy(self) -> bool:
        """Tell whether a proxy of ours says from where a request came."""
        return self.settings.web.behind_proxy

    @property
    def channel_names(self) -> tuple[ChannelName, ...]:
        """Return the channels that are on."""
        return tuple(self.channels)

    def wake(self) -> None:
        """Have every sender look at the outbox now."""
        for sender in self.senders.values():
            sender.wake()

    @property
    def port(self) -> int:
        """Return the port we listen on; useful when the setting is 0."""
        if self._runner is None:
            return self.settings.web.port
        return int(self._runner.addresses[0][1])

    def _is_called(self, channel: Channel) -> bool:
        """Tell whether *channel*'s platform calls us, instead of being asked by a poller."""
        if isinstance(channel, TelegramChannel):
            return self.settings.telegram.mode == "webhook"
        return isinstance(channel, ZaloChannel) or (isinstance(channel, ZaloBotChannel) and channel.is_called)

    def _pollers(self) -> list[Poller | BotPoller]:
        found: list[Poller | BotPoller] = []
        for name, channel in self.channels.items():
            if isinstance(channel, TelegramChannel) and not self._is_called(channel):
                found.append(Poller(channel, partial(self.accept, name)))
            if isinstance(channel, ZaloBotChannel) and not channel.is_called:
                found.append(BotPoller(channel, partial(self.accept, name)))
        return found

    async def _open_doors(self) -> None:
        self._runner = web.AppRunner(
            self.application(), access_log=None, handle_signals=False, shutdown_timeout=3
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self.settings.web.host, self.settings.web.port, backlog=512).start()

    def _run(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._running.append(asyncio.create_task(self._keep(work, name), name=name))

    async def _keep(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        """Keep *work* running until we close: a loop that ends by itself begins again.

        A database connection cut from outside can end a loop as if somebody had cancelled it.
        """
        while not self._closing:
            task = asyncio.create_task(work(), name=name)
            try:
                await asyncio.wait([task])
            finally:
                task.cancel()
            if not self._closing:
                why = "cancelled" if task.cancelled() else type(task.exception()).__name__
                log.error("%s ended by itself (%s) and begins again", name, why)
                await asyncio.sleep(AGAIN_S)

    async def _finish(self) -> None:
        """Wait for what was begun; what does not end in time is left to the leases."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=STOP_S)
        for task in late:
            log.warning("%s did not finish in time", task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late)


def build(settings: Settings, clock: Callable[[], datetime] = clock) -> Office:
    """Return the office of *settings*. Raises what the ward's files and the catalogue raise."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Office(settings, shelf_of(settings), clock)


__all__ = ["Office", "Shelf", "build", "clock", "shelf_of"]
