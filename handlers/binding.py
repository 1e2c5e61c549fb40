"""Whose chat is it? A resident takes a code to the one-stop desk; staff there see the card, and bind.

The code says which account, the card which person; the machine proposes nobody. Every button
holds only in the conversation that was just led: forwarded or stale, it does nothing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from handlers import consent
from handlers.phrases import binding as phrases
from handlers.staff_case import speaker, unknown
from handlers.talk import Choice, Handler, Reply, Turn, with_numbers
from letters import matching
from records import binding, outbox, people, rights, staff, trace
from records.binding import NotBindable
from records.cases import Permission, Staff
from records.columns import row_number
from records.letters import Resident
from records.tables import Address, ChannelName, Purpose

WHO = "binding:who"
SHOWN = 4  # people offered at once; the fifth button is "nobody"
PERMISSIONS = (Permission.IMPORT_RECORDS, Permission.DRAFT_LETTERS)
_BACK = Choice("Về đầu", "/menu")
_NONE = Choice("Không ai", "/gan thoi")
Deed = Callable[[Turn, Staff, str], Awaitable[Reply]]


def allowed(person: Staff) -> bool:
    """Tell whether *person* may say whose account a chat is."""
    return any(staff.may(person, permission) for permission in PERMISSIONS)


# --- the resident --------------------------------------------------------------------------------


async def ask(turn: Turn) -> Reply:
    """Give the code a resident reads out at the desk, and offer what there is to agree to."""
    who = turn.incoming.sender
    offered = (*await _offers(turn.db, who), _BACK)
    if who.channel not in binding.CHANNELS:
        return Reply(text=phrases.NOT_HERE, choices=(_BACK,))
    if await binding.owner(turn.db, who) is not None:
        return Reply(text=phrases.ALREADY, choices=offered)
    code = await binding.claim(turn.db, who, turn.now)
    detail = {"purpose": "binding", "wording": phrases.WORDING}
    on = rights.pseudonym(turn.db, who)
    await trace.leave(turn.db, who="resident", what="address.claimed", on=on, detail=detail, now=turn.now)
    told = phrases.code(code, turn.now + binding.CODE_LIVES, web=who.channel is ChannelName.WEB)
    text = f"{told}\n{phrases.CHOOSE}" if len(offered) > 1 else told
    return Reply(text=text, choices=offered)


async def _offers(db: AsyncSession, who: Address) -> tuple[Choice, ...]:
    """Offer each kind of message that was not agreed to yet, one by one."""
    agreed = await people.consents(db, who)
    return tuple(
        choice
        for purpose, choice in consent.OFFERS.items()
        if purpose is not Purpose.SURVEY and not agreed.get(purpose)
    )


async def tell(db: AsyncSession, who: Address, now: datetime, *, bound: bool) -> None:
    """Tell a resident what became of their account, without a word of the register."""
    text = phrases.BOUND if bound else phrases.UNBOUND
    choices = await _offers(db, who) if bound else ()
    offered = bool(choices) and await people.offer(db, who, [(one.label, one.say) for one in choices], now)
    shown = f"{text}\n{phrases.CHOOSE}" if choices else text
    await outbox.put(
        db,
        key=f"binding:{who.channel}:{who.user}:{'bound' if bound else 'unbound'}:{now.isoformat()}",
        to=who,
        purpose=Purpose.REPLY,
        text=with_numbers(shown, choices if offered else ()),
        now=now,
        choices=[(one.label, one.say) for one in choices],
    )


# --- staff: which account, which person ----------------------------------------------------------


async def act(turn: Turn) -> Reply:
    """Do what a word or a button of staff says: "/gan CODE", "/gan VERB …"."""
    person = await staff.by_account(turn.db, speaker(turn))
    if person is None or not allowed(person):
        return await unknown(turn)
    if turn.incoming.group:
        return Reply(text=phrases.PRIVATE)
    verb, _, rest = turn.argument.partition(" ")
    deed = _BUTTONS.get(verb)
    return await deed(turn, person, rest) if deed is not None else await _begin(turn, turn.argument)


async def _begin(turn: Turn, code: str) -> Reply:
    """Take the code somebody reads out; guessing is bounded as for codes of staff."""
    turn.memory.leave_step()
    if not code:
        return Reply(text=phrases.HOW)
    who = turn.incoming.sender
    if not await staff.may_try(turn.db, who, turn.now):
        return Reply(text=phrases.TIRED)
    sha256 = binding.hashed(code)
    said = await binding.claimed(turn.db, sha256, turn.now)
    if said is None:
        await staff.note_miss(turn.db, who, turn.now)
        return Reply(text=phrases.WRONG_CODE)
    before = await binding.owner(turn.db, Address(ChannelName(said.channel), said.user))
    if before is not None:
        return Reply(text=phrases.taken(before.resident_id))
    turn.memory.step = WHO
    turn.memory.data = {"code": sha256, "channel": str(said.channel), "found": []}
    return Reply(text=phrases.who_is_it(ChannelName(said.channel), said.made_at), choices=(_NONE,))


async def heard(turn: Turn) -> Reply:
    """Take what was typed as the person on the card, and show who in the register fits."""
    person = await staff.by_account(turn.db, turn.incoming.sender)
    if person is None or not allowed(person):
        turn.memory.leave_step()
        return await unknown(turn)
    found = await binding.search(turn.db, binding.wanted(turn.text))
    turn.memory.data["found"] = []
    if not found or len(found) > SHOWN:
        return Reply(text=phrases.SEVERAL if found else phrases.NOBODY, choices=(_NONE,))
    turn.memory.data["found"] = [one.id for one in found]
    await binding.seen(turn.db, person.login, found, turn.now)
    return Reply(
        text=phrases.ONLY_ONE if len(found) == 1 else phrases.WHICH,
        choices=(*_listed(found), _NONE),
        solemn=True,
    )


def _listed(found: Sequence[Resident]) -> tuple[Choice, ...]:
    apart = matching.tell_apart(found)
    return tuple(
        Choice(f"Người {number}", f"/gan chon {one.id}", phrases.person(one, apart[one.id or 0]))
        for number, one in enumerate(found, start=1)
    )


async def _chosen(turn: Turn, number: str) -> Resident | None:
    """Return the person a button names, if they were shown in this very conversation."""
    found = turn.memory.data.get("found") or []
    wanted = row_number(number)
    if wanted is None or wanted not in found:
        return None
    return await turn.db.get(Resident, wanted, populate_existing=True)


# --- staff: binding ------------------------------------------------------------------------------


async def _choose(turn: Turn, _: Staff, rest: str) -> Reply:
    row = await _chosen(turn, rest)
    if row is None or turn.memory.step != WHO:
        return Reply(text=phrases.NOTHING)
    if "code" not in turn.memory.data:
        return await _accounts(turn, row)
    if row.deceased_on is not None:
        return Reply(text=phrases.DECEASED, choices=(_NONE,))
    turn.memory.data["sure"] = row.id
    apart = matching.tell_apart([row])[row.id or 0]
    channel = phrases.CHANNELS[ChannelName(turn.memory.data["channel"])]
    return Reply(
        text=phrases.sure(row, apart, channel),
        choices=(Choice("Đúng, gắn", f"/gan dung {row.id}"), _NONE),
        solemn=True,
    )


async def _bind(turn: Turn, person: Staff, rest: str) -> Reply:
    """Bind, whole or not at all, and tell the resident."""
    row, data = await _chosen(turn, rest), turn.memory.data
    if row is None or turn.memory.step != WHO or data.get("sure") != row.id:
        return Reply(text=phrases.NOTHING)
    turn.memory.leave_step()
    try:
        async with turn.db.begin_nested():
            who = await binding.bind(turn.db, data["code"], row.id or 0, by=person.login, now=turn.now)
    except NotBindable as refusal:
        return Reply(text=str(refusal))
    await tell(turn.db, who, turn.now, bound=True)
    turn.memory.data = {"found": [row.id]}
    undo = Choice("Gắn nhầm, gỡ ra", f"/gan thao {row.id} {binding.name(turn.db, who)}")
    return Reply(text=phrases.bound(row), choices=(undo,))


async def _drop(turn: Turn, _: Staff, __: str) -> Reply:
    text = phrases.DROPPED if turn.memory.step == WHO else phrases.NOTHING
    turn.memory.leave_step()
    return Reply(text=text)


# --- staff: undoing ------------------------------------------------------------------------------


async def _free(turn: Turn, _: Staff, __: str) -> Reply:
    turn.memory.step, turn.memory.data = WHO, {"found": []}
    return Reply(text=phrases.WHOSE_TO_FREE, choices=(_NONE,))


async def _accounts(turn: Turn, row: Resident) -> Reply:
    """Offer the accounts of somebody, each to be taken off."""
    theirs = [one for one in await binding.accounts(turn.db, row.id or 0) if one.closed_at is None]
    if not theirs:
        turn.memory.leave_step()
        return Reply(text=phrases.NO_ACCOUNT)
    choices = tuple(
        Choice(
            f"Gỡ {number}", f"/gan thao {row.id} {_name(turn, one.channel, one.user)}", phrases.account(one)
        )
        for number, one in enumerate(theirs[:SHOWN], start=1)
    )
    return Reply(text=phrases.WHICH_TO_FREE, choices=(*choices, _NONE), solemn=True)


def _name(turn: Turn, channel: ChannelName, user: str) -> str:
    return binding.name(turn.db, Address(ChannelName(channel), user))


async def _unbind(turn: Turn, person: Staff, rest: str) -> Reply:
    number, _, name = rest.partition(" ")
    row = await _chosen(turn, number)
    who = await binding.named(turn.db, row.id or 0, name) if row is not None else None
    if who is None:
        return Reply(text=phrases.NOTHING)
    turn.memory.leave_step()
    try:
        async with turn.db.begin_nested():
            kept = await binding.unbind(turn.db, who, by=person.login, now=turn.now)
    except NotBindable as refusal:
        return Reply(text=str(refusal))
    await tell(turn.db, who, turn.now, bound=False)
    return Reply(text=phrases.unbound(kept))


_BUTTONS: Mapping[str, Deed] = {
    "chon": _choose,
    "dung": _bind,
    "thoi": _drop,
    "go": _free,
    "thao": _unbind,
}
COMMANDS: dict[str, Handler] = {"/nhanthu": ask, "/gan": act}
STEPS: dict[str, Handler] = {WHO: heard}
