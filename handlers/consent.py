"""What the ward may send by itself: said by the resident, done in the same breath, provable afterwards."""

from collections.abc import Mapping, Sequence

from feedback import own_data
from handlers.phrases import consent as phrases
from handlers.phrases.binding import VERIFY_TOO
from handlers.talk import Choice, Reply, Turn
from letters import stopping
from records import binding, people, rights, trace
from records.cases import RequestKind
from records.tables import Purpose

_GENERAL = (Purpose.LETTER, Purpose.GREETING, Purpose.SURVEY)
_LABELS = ("Thư gia đình", "Lời chúc lễ, Tết", "Khảo sát", "Kết quả hồ sơ")
OFFERS: Mapping[Purpose, Choice] = {
    purpose: Choice(label, f"/nhantin {purpose}", name[:1].upper() + name[1:])
    for (purpose, name), label in zip(phrases.NAMES.items(), _LABELS, strict=True)
}
_BY_NAME = (Purpose.LETTER, Purpose.GREETING)  # go only where somebody has seen whose account it is
_AGAIN = Choice("Nhận lại", "/nhantin")
_BACK = Choice("Về đầu", "/menu")
_VERIFY = Choice("Đăng ký nhận thư", "/nhanthu", "Lấy mã xác minh để nhận thư")


async def stop(turn: Turn) -> Reply:
    """Stop what the ward sends by itself: in this very transaction, before anything else is asked."""
    if turn.argument == "het":
        await _say(turn, (*_GENERAL, Purpose.RESULT_READY), granted=False, wording="stop_all-1")
        await _registered(turn)
        return Reply(text=phrases.STOPPED_ALL, choices=(_AGAIN,))
    if turn.argument == "chuc":
        return await _only_greetings(turn)
    before = await people.consents(turn.db, turn.incoming.sender)
    turn.memory.data = {"before": [purpose for purpose in _GENERAL if before.get(purpose)]}
    await _say(turn, _GENERAL, granted=False, wording="stop-1")
    await _registered(turn)
    return Reply(
        text=phrases.STOPPED,
        choices=(
            Choice("Ngừng cả hai", "/ngungtin het"),
            Choice("Chỉ ngừng lời chúc", "/ngungtin chuc", "Chỉ ngừng lời chúc lễ, Tết"),
            _AGAIN,
        ),
    )


async def _only_greetings(turn: Turn) -> Reply:
    """Stop greetings; give back what was agreed to a moment ago, and nothing more."""
    before = [Purpose(name) for name in turn.memory.data.get("before", []) if name != Purpose.GREETING]
    await _say(turn, before, granted=True, wording="stop_greetings-1")
    await _say(turn, (Purpose.GREETING,), granted=False, wording="stop_greetings-1")
    await _registered(turn)
    return Reply(text=phrases.STOPPED_GREETINGS, choices=(_AGAIN, _BACK))


async def again(turn: Turn) -> Reply:
    """Ask which kind is wanted, then in full words whether that one is agreed to."""
    name, _, said = turn.argument.partition(" ")
    wanted = next((purpose for purpose in phrases.NAMES if purpose == name), None)
    if wanted is None:
        return _which()
    wording = phrases.newest(wanted)
    if said not in ("co", "khong"):
        return Reply(
            text=wording.text,
            choices=(Choice("Đồng ý", f"/nhantin {wanted} co"), Choice("Không", f"/nhantin {wanted} khong")),
        )
    await _say(turn, (wanted,), granted=said == "co", wording=wording.id)
    told = phrases.RESTORED if said == "co" else phrases.NOT_RESTORED
    text = told.format(what=phrases.NAMES[wanted])
    if said != "co" or wanted not in _BY_NAME or not await _is_nobodys(turn):
        return Reply(text=text, choices=(_AGAIN, _BACK))
    return Reply(text=f"{text}\n{VERIFY_TOO}", choices=(_VERIFY, _AGAIN, _BACK))


async def _is_nobodys(turn: Turn) -> bool:
    """Tell whether letters could come here if only somebody had seen whose account it is."""
    who = turn.incoming.sender
    return who.channel in binding.CHANNELS and await binding.owner(turn.db, who) is None


def _which() -> Reply:
    return Reply(text=phrases.WHICH_AGAIN, choices=(*OFFERS.values(), _BACK))


async def _say(turn: Turn, purposes: Sequence[Purpose], *, granted: bool, wording: str) -> None:
    """Keep the answer, and seal that it was given: to which words, when."""
    who = turn.incoming.sender
    await people.say_consent(turn.db, who, purposes, granted=granted, wording=wording, now=turn.now)
    if not granted:
        await stopping.hush(turn.db, who, purposes)
    for purpose in purposes:
        detail = {"purpose": str(purpose), "granted": granted, "wording": wording}
        on = rights.pseudonym(turn.db, who)
        await trace.leave(turn.db, who="resident", what="consent", on=on, detail=detail, now=turn.now)


async def _registered(turn: Turn) -> None:
    """Write a withdrawal into the register of requests; it is done already."""
    await own_data.ask(turn.work, turn.incoming.sender, RequestKind.WITHDRAW, done=phrases.DONE)
