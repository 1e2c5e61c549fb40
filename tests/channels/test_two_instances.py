"""Two offices on one PostgreSQL: no message answered twice, nothing claimed twice, one rate for both."""

import asyncio
import json

import aiohttp
from sqlmodel import func, select

from bot import app
from bot.settings import LimitSettings
from records.tables import Delivery, DeliveryState, Received
from tests.conversations.voices import SECRET, free_port, handled, settings, telegram_of, until
from tests.peers import TelegramPeer

PEOPLE = 150
OURS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def update(number: int, chat: int) -> bytes:
    who = {"id": chat, "is_bot": False, "first_name": "Dân"}
    message = {
        "message_id": number,
        "date": 1795000000,
        "chat": {"id": chat, "type": "private", "first_name": "Dân"},
        "from": who,
        "text": "giờ làm việc",
    }
    return json.dumps({"update_id": number, "message": message}).encode()


async def test_two_instances_share_the_work_and_the_rate(tmp_path, make_postgres):
    url = make_postgres()
    async with TelegramPeer(per_second=30, per_chat_per_second=None) as peer:
        people = [peer.person(5000 + n, "Dân", started=True) for n in range(PEOPLE)]
        limits = LimitSettings(telegram_per_second=30, telegram_person_pause_s=0)
        offices = []
        for name in ("a", "b"):
            config = settings(
                tmp_path / name, url=url, port=free_port(), telegram=telegram_of(peer, "webhook")
            ).model_copy(update={"limits": limits})
            offices.append(app.build(config))
        async with offices[0], offices[1], aiohttp.ClientSession() as http:
            bases = [f"http://127.0.0.1:{office.port}/webhooks/telegram" for office in offices]

            async def post(base: str, body: bytes) -> None:
                """Bring one update until it is taken, as the platform does."""
                while True:
                    async with http.post(base, data=body, headers=OURS) as answer:
                        if answer.status == 200:
                            return
                        assert answer.status == 503, "a database that has no time"

            calls = [post(base, update(n, people[n].id)) for n in range(PEOPLE) for base in bases]
            await asyncio.gather(*calls)
            await until(lambda: all(person.heard for person in people), within=60)
            await handled(offices[0])
            async with offices[0].database.reading() as db:
                received = (await db.exec(select(func.count()).select_from(Received))).one()
                states = (await db.exec(select(Delivery.state))).all()

    assert received == PEOPLE
    assert [len(person.heard) for person in people] == [1] * PEOPLE
    assert set(states) == {DeliveryState.SENT}
    assert peer.refused == []  # the peer refuses the thirty-first of any trailing second
