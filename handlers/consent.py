"""What the ward may send by itself, and what it keeps: said by the resident, done in the same breath."""

from handlers.phrases import consent as phrases
from handlers.talk import Choice, Reply, Turn, plain
from records import handovers, people, retention
from records.tables import Purpose

_GENERAL = (Purpose.LETTER, Purpose.GREETING, Purpose.SURVEY)
_NAMES = {
    Purpose.LETTER: phrases.LETTERS,
    Purpose.GREETING: phrases.GREETINGS,
    Purpose.SURVEY: phrases.SURVEYS,
    Purpose.RESULT_READY: phrases.RESULTS,
}
_AGAIN = Choice("Nhận lại", "/nhantin")
_BACK = Choice("Về đầu", "/menu")


async def stop(turn: Turn) -> Reply:
    """Stop what the ward sends by itself: in this very transaction, before anything else is asked."""
    if turn.argument == "het":
        await _say(turn, (*_GENERAL, Purpose.RESULT_READY), granted=False)
        return Reply(text=phrases.STOPPED_ALL, choices=(_AGAIN,))
    if turn.argument == "chuc":
        return await _only_greetings(turn)
    before = await people.consents(turn.db, turn.incoming.sender)
    turn.memory.data = {"before": [purpose for purpose in _GENERAL if before.get(purpose)]}
    await _say(turn, _GENERAL, granted=False)
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
    await _say(turn, before, granted=True)
    await _say(turn, (Purpose.GREETING,), granted=False)
    return Reply(text=phrases.STOPPED_GREETINGS, choices=(_AGAIN, _BACK))


async def again(turn: Turn) -> Reply:
    """Ask which kind is wanted again; each is agreed to by itself."""
    wanted = next((purpose for purpose in _NAMES if purpose == turn.argument), None)
    if wanted is None:
        offered = tuple(
            Choice(label, f"/nhantin {purpose}", name[:1].upper() + name[1:])
            for (purpose, name), label in zip(_NAMES.items(), _LABELS, strict=True)
        )
        return Reply(text=phrases.WHICH_AGAIN, choices=(*offered, _BACK))
    await _say(turn, (wanted,), granted=True)
    return Reply(text=phrases.RESTORED.format(what=_NAMES[wanted]), choices=(_AGAIN, _BACK))


_LABELS = ("Thư gia đình", "Lời chúc lễ, Tết", "Khảo sát", "Kết quả hồ sơ")


async def data(turn: Turn) -> Reply:
    """Tell what is kept about the person asking, and offer to forget it."""
    who = turn.incoming.sender
    open_questions = await handovers.of(turn.db, who)
    said = await people.consents(turn.db, who)
    lines = [phrases.LINE_ADDRESS, phrases.line_questions(len(open_questions))]
    lines += [
        phrases.line_consent(_NAMES[purpose], phrases.GRANTED if granted else phrases.STOPPED_WORD)
        for purpose, granted in said.items()
        if purpose in _NAMES
    ]
    return Reply(text=phrases.data(lines), choices=(Choice("Xóa phần được xóa", "/xoadulieu"), _BACK))


async def forget(turn: Turn) -> Reply:
    """Forget what may be forgotten, after asking once."""
    if turn.argument == "khong":
        return Reply(text=phrases.NOT_FORGOTTEN, choices=(_BACK,))
    if turn.argument != "that":
        return Reply(
            text=phrases.SURE_TO_FORGET,
            choices=(Choice("Xóa", "/xoadulieu that"), Choice("Không xóa", "/xoadulieu khong")),
        )
    await retention.forget_person(turn.db, turn.incoming.sender, turn.now)
    turn.memory.leave_step()
    turn.memory.procedure, turn.memory.photos = "", []
    return Reply(text=phrases.FORGOTTEN, choices=(_BACK,))


async def _say(turn: Turn, purposes: tuple[Purpose, ...] | list[Purpose], *, granted: bool) -> None:
    await people.say_consent(
        turn.db,
        turn.incoming.sender,
        purposes,
        granted=granted,
        wording=plain(turn.incoming.text)[:200],
        now=turn.now,
    )
