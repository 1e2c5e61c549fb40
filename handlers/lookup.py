"""A question about a procedure: an answer when sure, a choice when close, honesty when lost."""

from handlers import hours, there
from handlers.buttons import FIELDS, PERSON, choice
from handlers.phrases import cards
from handlers.talk import Choice, Reply, Turn
from handlers.words import FOLLOW_UP_FILLERS, FOLLOW_UPS
from knowledge import card_text, match
from knowledge.calendar import here
from knowledge.fold import fold, words
from knowledge.match import Match
from knowledge.often import most_asked
from knowledge.procedure import Paper, Procedure
from records import questions, tallies

LONGEST_ECHO = 60
CHOICES = 4
FEWEST = 2  # a choice of one is none
LOOKED_AT = 10  # matches among which what is asked most comes first
EQUALS = 0.85  # share of the best score from which a match is a near equal
CLOSE = 0.75  # ... from which it is worth showing beside the best; what is further only distracts
_PORTAL = Choice("Cổng quốc gia", "/congdvc", f"Cổng Dịch vụ công quốc gia: {cards.PORTAL}")
_AGAIN = Choice("Viết lại", "/tracuu")
_FOLLOW_UPS = {part: [words(said) for said in sayings] for part, sayings in FOLLOW_UPS.items()}


async def ask(turn: Turn) -> Reply:
    """Invite a question, or answer the one that came with the command."""
    if turn.argument:
        return await lookup(turn)
    return Reply(text=cards.SAY_AGAIN, choices=(FIELDS, PERSON))


async def lookup(turn: Turn) -> Reply:
    """Answer at once when sure, offer a choice when not, say who else does it, admit it when lost."""
    found, beside = turn.catalogue.index.look(turn.text, LOOKED_AT)
    turn.memory.asked = questions.without_identity(turn.text)
    elsewhere = there.answer(turn, found, beside)
    verdict = match.verdict(found) if elsewhere is None else "elsewhere"
    await tallies.count(turn.db, f"lookup.{verdict}", turn.incoming.sender, here(turn.now).date())
    if elsewhere is not None:
        return elsewhere
    if verdict == "sure":
        turn.memory.near = [item.procedure.code for item in found[1:3]]
        return card(turn, found[0].procedure)
    if verdict == "choice":
        turn.memory.misses, turn.memory.near = 0, []
        return which_one(found, there.offered(turn, found, beside))
    await _unanswered(turn)
    return lost(turn, found)


def which_one(found: list[Match], beside: tuple[Choice, ...] = ()) -> Reply:
    """Offer what is close, showing what differs; after the best, what lies *beside* it."""
    least = found[0].score * CLOSE
    close = [item for place, item in enumerate(found) if place < FEWEST or item.score >= least]
    first, *others = [choice(item.procedure) for item in _often_first(close)]
    choices = (first, *beside, *others)[:CHOICES]
    none_of_these = Choice(cards.NONE_OF_THESE, "/khongdung", "Loại khác")
    return Reply(text=cards.WHICH_ONE, choices=(*choices, none_of_these))


def _often_first(found: list[Match]) -> list[Match]:
    """Return the best of *found*, then its near equals with what is asked most before the others."""
    if len({item.by for item in found}) == 1:
        return found  # offered for one general word, in the order of the data file
    best, *others = found
    near = [item for item in others if item.score >= best.score * EQUALS]
    rank = {code: place for place, code in enumerate(most_asked())}
    first = sorted(near, key=lambda item: rank.get(item.procedure.code, len(rank)))
    return [best, *first, *others[len(near) :]]


def lost(turn: Turn, found: list[Match]) -> Reply:
    """Climb down the ladder: say it another way, then the likely ones, then a person."""
    turn.memory.misses += 1
    if turn.memory.misses == 1:
        return Reply(text=cards.not_here(_echo(turn.text)), choices=(_AGAIN, FIELDS, PERSON, _PORTAL))
    likely = [item.procedure for item in found[:3]] or _known(turn, most_asked()[:3])
    if turn.memory.misses == 2:  # noqa: PLR2004  the second rung of three
        return Reply(text=cards.STILL_LOST, choices=(*map(choice, likely), FIELDS, PERSON))
    turn.memory.misses = 0
    when_open = hours.answered_by_sentence(turn)
    return Reply(text=cards.ASK_A_PERSON.format(when=when_open), choices=(PERSON, FIELDS))


async def show(turn: Turn) -> Reply:
    """Show the card of a code."""
    procedure = turn.catalogue.get(turn.argument.strip())
    return card(turn, procedure) if procedure else lost(turn, [])


def card(turn: Turn, procedure: Procedure) -> Reply:
    """Tell a procedure, and remember that we speak of it."""
    turn.memory.bind(procedure.code, turn.now)
    turn.memory.leave_step()
    if not procedure.full:
        return Reply(text=cards.brief(procedure), choices=(PERSON, _wrong(procedure)))
    return Reply(
        text=cards.card(procedure, promise(turn, procedure)),
        choices=(*(Choice(label, say) for label, say in card_text.buttons(procedure)), _wrong(procedure)),
    )


def promise(turn: Turn, procedure: Procedure) -> str:
    """Return when it would be ready if handed in now; nothing when the source gives no number."""
    return card_text.promise(turn.calendar, turn.now, procedure)


async def case(turn: Turn) -> Reply:
    """Tell what changes in one special case ("/truonghop 1.001193 1")."""
    code, _, number = turn.argument.partition(" ")
    procedure = turn.catalogue.get(code)
    place = int(number) - 1 if number.isdecimal() else -1
    if procedure is None or not 0 <= place < len(procedure.cases):
        return lost(turn, [])
    turn.memory.bind(procedure.code, turn.now)
    told = procedure.cases[place]
    others = [
        Choice(case.label, f"/truonghop {procedure.code} {number}")
        for number, case in enumerate(procedure.cases, start=1)
        if case is not told
    ]
    return Reply(
        text=cards.case(procedure, told.label, told.text),
        choices=(*others, Choice("Xem cả thẻ", f"/tthc {procedure.code}"), PERSON),
    )


async def part(turn: Turn) -> Reply:
    """Tell one part of a card ("/phi 1.001193 online")."""
    code, _, name = turn.argument.partition(" ")
    procedure = turn.catalogue.get(code)
    return tell(turn, procedure, name or "phi") if procedure else lost(turn, [])


def follow_up(turn: Turn) -> Reply | None:
    """Answer "phí bn", "bao lâu" about the procedure we speak of; None when it is something else."""
    name = asked_part(turn.text)
    if name is None:
        return None
    procedure = turn.catalogue.get(turn.memory.bound(turn.now))
    if procedure is None:
        return Reply(text=cards.DO_NOT_KNOW_WHICH, choices=(FIELDS, PERSON))
    return tell(turn, procedure, name)


def asked_part(text: str) -> str | None:
    """Return which part of a card *text* asks for, if it asks for nothing else."""
    said = words(text)
    for name, sayings in _FOLLOW_UPS.items():
        for saying in sayings:
            rest = _without(said, saying)
            if rest is not None and all(word in FOLLOW_UP_FILLERS for word in rest):
                return name
    return None


def tell(turn: Turn, procedure: Procedure, name: str) -> Reply:
    """Tell part *name* of a card; a brief card only knows that it does not know."""
    turn.memory.bind(procedure.code, turn.now)
    if not procedure.full:
        return card(turn, procedure)
    texts = {
        "phi": lambda: cards.fee(procedure),
        "thoigian": lambda: cards.time_needed(procedure, promise(turn, procedure)),
        "odau": lambda: cards.where(procedure, turn.ward.address, hours.today(turn)),
        "giayto": lambda: cards.papers(procedure),
        "online": lambda: cards.online(procedure),
        "uyquyen": lambda: cards.proxy(procedure, _about_proxy(procedure)),
        "ketqua": lambda: cards.result(procedure),
        "luuy": lambda: cards.mistakes(procedure) if procedure.mistakes else cards.papers(procedure),
    }
    return Reply(text=texts.get(name, texts["giayto"])())


async def portal(_: Turn) -> Reply:
    """Show the way to the national portal."""
    return Reply(text=cards.PORTAL_WAY, choices=(PERSON, FIELDS))


async def wrong(turn: Turn) -> Reply:
    """It was not what they meant: note the question, offer the neighbours, or ask again."""
    await _unanswered(turn)
    near = [item for item in _known(turn, turn.memory.near) if item.code != turn.memory.procedure]
    turn.memory.procedure = ""
    if not near:
        return Reply(text=cards.SAY_AGAIN, choices=(FIELDS, PERSON))
    return Reply(text=cards.NOT_THIS, choices=(*map(choice, near), FIELDS, PERSON))


async def _unanswered(turn: Turn) -> None:
    """Count the question last asked as one that got no answer; once, and without identity."""
    asked, turn.memory.asked = turn.memory.asked, ""
    if asked:
        await questions.note(turn.db, asked, fold(asked), turn.now)


def _known(turn: Turn, codes: tuple[str, ...] | list[str]) -> list[Procedure]:
    found = (turn.catalogue.get(code) for code in codes)
    return [item for item in found if item is not None]


def _wrong(procedure: Procedure) -> Choice:
    return Choice(card_text.WRONG, f"/khongdung {procedure.code}")


def _about_proxy(procedure: Procedure) -> list[Paper]:
    return [paper for paper in procedure.papers if "uy quyen" in fold(f"{paper.name} {paper.when}")]


def _without(said: list[str], saying: list[str]) -> list[str] | None:
    """Return *said* without the first occurrence of *saying*; None when it does not occur."""
    size = len(saying)
    for start in range(len(said) - size + 1):
        if said[start : start + size] == saying:
            return said[:start] + said[start + size :]
    return None


def _echo(text: str) -> str:
    """Return what was asked, short and without digits that could be somebody's number."""
    bare = questions.without_identity(text).replace("\n", " ")
    return bare if len(bare) <= LONGEST_ECHO else bare[:LONGEST_ECHO].rsplit(" ", 1)[0] + "…"
