"""What is kept of a person: shown, copied, put right, deleted as they ask; each request is registered."""

from dataclasses import MISSING, fields

from feedback import erasure, own_data
from handlers.memory import Memory
from handlers.phrases import rights as phrases
from handlers.talk import Choice, Reply, Turn, clean
from knowledge import privacy
from records import rights
from records.cases import RequestKind
from records.database import SCRUB

VALUE, OTHER = "rights:value", "rights:other"
OWN_DATA_URL = "own_data_url"  # stands in a session's `info` when copies can be fetched by a link
LONGEST = 1000  # characters of a request in free words
OFFERED = 3  # cases among which one chooses where to put something right
FIELDS = {"dt": "contact_phone", "ten": "contact_name"}
_OUTLIVE = frozenset({"greeted_on", "recent", "warned"})  # says nothing of the person; calms a flood

_BACK = Choice("Về đầu", "/menu")
_DATA = Choice("Dữ liệu của tôi", "/dulieucuatoi")
_DROP = Choice("Bỏ", "/xoa")


async def data(turn: Turn) -> Reply:
    """Tell what is kept about the person asking, and offer what may be done with it."""
    act, _, argument = turn.argument.partition(" ")
    if act in _ACTS:
        return await _ACTS[act](turn.saying(argument))
    kept = await own_data.of(turn.work, turn.incoming.sender)
    await _registered(turn, RequestKind.ACCESS, phrases.OUTCOME_SHOWN)
    return Reply(
        text=phrases.data(kept, _called(turn)),
        choices=(
            Choice("Tải về", "/dulieucuatoi tai"),
            Choice("Sửa", "/dulieucuatoi sua"),
            Choice("Xóa phần được xóa", "/xoadulieu", "Xóa phần được phép xóa"),
            Choice("Ngừng nhận tin", "/ngungtin"),
            _BACK,
        ),
    )


def _called(turn: Turn) -> str:
    """Return the form of address somebody chose; nothing for the one everybody has."""
    return "" if turn.memory.address == Memory().address else turn.memory.address


async def _download(turn: Turn) -> Reply:
    """Give a one-time link; where the ward has no public address, say it here and have the file made."""
    who, base = turn.incoming.sender, turn.db.info.get(OWN_DATA_URL)
    if base:
        token = await own_data.open_link(turn.work, who, phrases.OUTCOME_LINK)
        return Reply(text=phrases.link(f"{base}{token}"), choices=(_DATA, _BACK))
    kept = await own_data.of(turn.work, who)
    row = await own_data.ask(turn.work, who, RequestKind.EXPORT)
    text = phrases.readable(kept, _called(turn), turn.ward.address, row.id or 0, row.due_at)
    return Reply(text=text, choices=(_DATA, _BACK))


# --- putting right ----------------------------------------------------------------------------------


async def _correct(turn: Turn) -> Reply:
    """Ask what is to be put right: "/dulieucuatoi sua dt PA26-0001-7"; what is not ours goes to staff."""
    word, _, code = turn.argument.partition(" ")
    if word == "khac":
        turn.memory.step, turn.memory.data = OTHER, {}
        return Reply(text=phrases.ASK_OTHER, choices=(_DROP,))
    if word not in FIELDS:
        return _what(phrases.WHAT_TO_CORRECT)
    mine = await own_data.correctable(turn.work, turn.incoming.sender, FIELDS[word])
    if not mine:
        return _what(phrases.NOTHING_TO_CORRECT)
    if len(mine) > 1 and code != "het" and code not in {case.code for case in mine}:
        offered = tuple(Choice(case.code, f"/dulieucuatoi sua {word} {case.code}") for case in mine[:OFFERED])
        every = Choice("Tất cả", f"/dulieucuatoi sua {word} het", "Tất cả các việc")
        return Reply(text=phrases.IN_WHICH, choices=(*offered, every, _DROP))
    turn.memory.step = VALUE
    turn.memory.data = {"field": FIELDS[word], "code": "" if code == "het" else code}
    return Reply(text=phrases.ASK_VALUE[FIELDS[word]], choices=(_DROP,))


def _what(text: str) -> Reply:
    return Reply(
        text=text,
        choices=(
            Choice("Số điện thoại", "/dulieucuatoi sua dt"),
            Choice("Tên gọi", "/dulieucuatoi sua ten"),
            Choice("Điều khác", "/dulieucuatoi sua khac", "Điều khác (cán bộ sửa)"),
            _BACK,
        ),
    )


async def value(turn: Turn) -> Reply:
    """Take the right name or number, and put it where it belongs."""
    field, code = str(turn.memory.data.get("field", "")), str(turn.memory.data.get("code", ""))
    right = _phone(turn.text) if field == "contact_phone" else _name(turn.text)
    if not right:
        return Reply(text=phrases.ASK_AGAIN.get(field, phrases.GONE), choices=(_DROP,))
    codes = await own_data.correct(turn.work, turn.incoming.sender, field, right, code)
    turn.memory.leave_step()
    if not codes:
        return Reply(text=phrases.GONE, choices=(_DATA, _BACK))
    turn.db.info[SCRUB] = True  # the wrong number must not be found again either
    await _registered(turn, RequestKind.CORRECT, phrases.OUTCOME_CORRECTED)
    return Reply(text=phrases.corrected(codes), choices=(_DATA, _BACK))


def _phone(text: str) -> str:
    return privacy.phone_of(text) or ""


def _name(text: str) -> str:
    name = " ".join(clean(text).split())
    letters = any(sign.isalpha() for sign in name) and not any(sign.isdigit() for sign in name)
    return name if letters and len(name) <= 100 else ""  # noqa: PLR2004  the column's length


async def other(turn: Turn) -> Reply:
    """Keep in free words what staff are to put right."""
    turn.memory.leave_step()
    said = privacy.mask(turn.text)[:LONGEST]
    row = await own_data.ask(turn.work, turn.incoming.sender, RequestKind.CORRECT, detail=said)
    return Reply(text=phrases.registered(row.id or 0, row.due_at), choices=(_DATA, _BACK))


# --- deleting -------------------------------------------------------------------------------------


async def forget(turn: Turn) -> Reply:
    """Forget what may be forgotten, after showing what goes and what stays."""
    if turn.argument == "khong":
        return Reply(text=phrases.NOT_FORGOTTEN, choices=(_BACK,))
    if turn.argument == "that":
        return await _forget(turn)
    if turn.argument == "lienhe":
        return await _withdraw_contact(turn)
    if turn.argument == "canbo":
        return await _ask_staff(turn)
    resting = await erasure.resting(turn.work, turn.incoming.sender)
    kept = await erasure.kept(turn.work, turn.incoming.sender)
    return Reply(
        text=phrases.sure_to_forget(resting, kept),
        choices=(Choice("Xóa", "/xoadulieu that"), Choice("Không xóa", "/xoadulieu khong")),
    )


async def _forget(turn: Turn) -> Reply:
    row = await _registered(turn, RequestKind.ERASE, phrases.OUTCOME_ERASED)
    done = await erasure.forget_person(turn.work, turn.incoming.sender, on=row)
    forget_memory(turn.memory)
    contact = Choice("Rút liên hệ việc mở", "/xoadulieu lienhe", "Rút tên, số điện thoại khỏi việc đang mở")
    staff = Choice("Đề nghị xóa cả", "/xoadulieu canbo", "Đề nghị cán bộ xóa cả phần đang giữ")
    offered = (contact,) if any(one.contact for one in done.kept) else ()
    return Reply(text=phrases.forgotten(done), choices=(*offered, *((staff,) if done.kept else ()), _BACK))


def forget_memory(memory: Memory) -> None:
    """Empty what the conversation remembers of the person: drafts, photos, questions, names."""
    for item in fields(Memory):
        if item.name in _OUTLIVE:
            continue
        fresh = item.default if item.default_factory is MISSING else item.default_factory()
        setattr(memory, item.name, fresh)


async def _withdraw_contact(turn: Turn) -> Reply:
    row = await _registered(turn, RequestKind.WITHDRAW, phrases.OUTCOME_CONTACT)
    codes = await erasure.withdraw_contact(turn.work, turn.incoming.sender, on=row)
    text = phrases.contact_withdrawn(codes) if codes else phrases.NO_CONTACT
    return Reply(text=text, choices=(_DATA, _BACK))


async def _ask_staff(turn: Turn) -> Reply:
    kept = await erasure.kept(turn.work, turn.incoming.sender)
    if not kept:
        return await forget(turn.saying("xem"))
    said = phrases.asked_for_kept(kept)[:LONGEST]
    row = await own_data.ask(turn.work, turn.incoming.sender, RequestKind.ERASE, detail=said)
    return Reply(text=phrases.registered(row.id or 0, row.due_at), choices=(_DATA, _BACK))


async def _registered(turn: Turn, kind: RequestKind, outcome: str) -> str:
    """Register what is done at once; return how the registers name it."""
    return rights.name(await own_data.ask(turn.work, turn.incoming.sender, kind, done=outcome))


_ACTS = {"tai": _download, "sua": _correct}
COMMANDS = {"/dulieucuatoi": data, "/xoadulieu": forget}
STEPS = {VALUE: value, OTHER: other}
