"""Which word leads where: danger first, then commands and numbers, then the question itself.

`COMMANDS` is the map of the house. A button, a typed number, an everyday saying and a
command of Telegram all become one of its entries; whatever is left is a question about a
procedure.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers import (
    approval,
    binding,
    browse,
    cases,
    consent,
    deaths,
    dossier,
    dossier_desk,
    events,
    files,
    handover,
    lookup,
    office,
    report,
    report_asking,
    report_buttons,
    restricted,
    rights,
    room,
    safety,
    staff,
    staff_words,
    there,
    verify,
    welcome,
)
from handlers.phrases import common
from handlers.talk import Handler, Reply, Turn
from handlers.words import NO, SAYINGS, YES
from knowledge.calendar import here
from knowledge.fold import fold

COMMANDS: dict[str, Handler] = {
    "/start": welcome.start,
    "/batdau": welcome.hello,
    "/menu": welcome.menu,
    "/help": welcome.menu,
    "/xoa": welcome.clear,
    "/camon": welcome.thanks,
    "/chuto": welcome.large_text,
    "/xungho": welcome.address,
    "/phananh": report.begin,
    "/pa": report_buttons.act,
    "/kin": restricted.begin,
    "/phuongban": report_asking.neighbour_contact,
    **cases.COMMANDS,
    **rights.COMMANDS,
    **dossier.COMMANDS,
    **dossier_desk.COMMANDS,
    **deaths.COMMANDS,
    **approval.COMMANDS,
    **binding.COMMANDS,
    **staff.COMMANDS,
    "/tracuu": lookup.ask,
    "/tthc": lookup.show,
    "/phi": lookup.part,
    "/truonghop": lookup.case,
    "/khongdung": lookup.wrong,
    "/congdvc": lookup.portal,
    "/noikhac": there.show,
    "/sukien": events.show,
    "/linhvuc": browse.fields,
    "/vanphong": office.topic,
    "/sairoi": handover.wrong_answer,
    "/ngungtin": consent.stop,
    "/nhantin": consent.again,
    "/mauform": safety.how_to_write,
    "/noinhan": safety.places,
    "/gopy": report.attitude,
}

STEPS: dict[str, Handler] = {
    "handover:question": handover.question,
    "handover:more": handover.more,
    **report.STEPS,
    **restricted.STEPS,
    **cases.STEPS,
    **rights.STEPS,
    **dossier_desk.STEPS,
    **deaths.STEPS,
    **approval.STEPS,
    **binding.STEPS,
    **staff.STEPS,
}

_SAID = {fold(saying): command for command, sayings in SAYINGS.items() for saying in sayings}
_NUMBER = re.compile(r"(?:chon|so|muc|cau|cai)?\s*(\d)\s*[.)]?")
_CODE = re.compile(r"\bpa\W{0,3}\d{2}\W{0,3}\d{3,}", re.IGNORECASE)
_PROCEDURE = re.compile(r"\d\.\d{6}")


async def answer(turn: Turn) -> Reply | None:
    """Answer one thing a resident said; None when silence is right."""
    if turn.incoming.group:
        return await room.answer(turn)
    first = not turn.memory.greeted_on
    reply = await _handle(turn)
    if reply is None:
        return None
    turn.memory.choices = [[choice.label, choice.say, choice.line] for choice in reply.choices]
    if not any(choice.say.startswith("/khongdung") for choice in reply.choices):
        turn.memory.asked = ""  # what was asked is kept only while one may still say it was not meant
    return _dressed(turn, reply, first=first)


async def _handle(turn: Turn) -> Reply | None:
    """Answer by whoever has the first word: staff at work, danger and the gate, then everybody's words."""
    by_staff = await staff.first(turn)
    if by_staff is not None:
        return by_staff
    if not turn.incoming.text or turn.incoming.photos:
        return await files.answer(turn)
    command = command_of(turn)
    if turn.memory.step in approval.STEPS and not command:
        return await approval.STEPS[turn.memory.step](turn)  # the words of a letter are not a resident's
    danger = None if turn.incoming.pressed else safety.first(turn)
    return danger if danger is not None else await _meant(turn, command)


async def _meant(turn: Turn, command: str) -> Reply | None:
    """Do *command*, go on with the step we are in, or take the words as a question."""
    if command:
        word, _, argument = command.partition(" ")
        return await COMMANDS[word](turn.saying(argument.strip()))
    step = STEPS.get(turn.memory.step)
    if step is not None:
        return await step(turn)
    return await cases.awaited(turn) or await _question(turn)


async def _question(turn: Turn) -> Reply:
    """Answer free words: the ward's own pages, the procedure we speak of, else the catalogue."""
    follow_up = lookup.follow_up(turn)
    if follow_up is not None:
        return follow_up
    if handover.needs_visit(turn.text):
        return handover.home_visit(turn)
    topic = office.guess_topic(turn.text)
    if topic is not None:
        return await office.topic(turn.saying(topic))
    if turn.concerns.is_report(turn.text):
        return await report.told(turn)
    return await lookup.lookup(turn)


def command_of(turn: Turn) -> str:
    """Return the command that what was said stands for, or nothing."""
    text = turn.incoming.text
    if text.startswith("/"):
        return _typed_command(text)
    code = verify.asked(text, in_a_step=bool(turn.memory.step))
    if code:
        return f"/xm {code}"
    claim = staff_words.claim(text)
    if claim:  # a whole order of the desk, whatever was being asked
        return claim
    bare = fold(text).strip(" .!?")
    said = _chosen(turn, bare)
    if not said and turn.memory.step and bare in YES | NO:  # an answer to what was just asked
        return ""
    said = said or _SAID.get(bare, "")
    if not said and (_CODE.search(bare) or bare.startswith("tinh trang ")):
        said = "/tinhtrang"
    return said or ("" if turn.memory.step else _looks_like(text, bare))


def _looks_like(text: str, bare: str) -> str:
    """Return the command that free words begin with, or that a bare procedure code asks for."""
    if bare.startswith("sai roi"):
        return f"/sairoi {text}"
    return f"/tthc {bare}" if _PROCEDURE.fullmatch(bare) else dossier.command(text)


def _typed_command(text: str) -> str:
    word, _, argument = text.partition(" ")
    return f"{word.lower()} {argument}" if word.lower() in COMMANDS else "/menu"


def _chosen(turn: Turn, bare: str) -> str:
    """Return what a choice on offer says, named by its number, its label or its line."""
    offered: Sequence[Sequence[str]] = turn.memory.choices
    for label, say, line in offered:
        if bare in (fold(label), fold(line)):
            return say
    number = _NUMBER.fullmatch(bare)
    if number is None or bare == "0":
        return ""
    place = int(number[1]) - 1
    if not offered and not turn.memory.step:
        offered = [[choice.label, choice.say, choice.line] for choice in welcome.MENU]
    return offered[place][1] if 0 <= place < len(offered) else ""


def _dressed(turn: Turn, reply: Reply, *, first: bool) -> Reply:
    """Greet on the first turn of a day, use the chosen form of address, air the lines."""
    text, memory = reply.text, turn.memory
    today = here(turn.now).date().isoformat()
    if memory.greeted_on != today and not reply.solemn:
        greeting = common.first_words(turn.ward) if first else common.GOOD_DAY
        text = text if text.startswith("Xin chào") else f"{greeting}\n{text}"
        memory.greeted_on = today
    if reply.exact:  # what stands here is shown as somebody else will read it
        return replace(reply, text=text)
    if memory.address != "anh/chị":
        text = text.replace("anh/chị", memory.address).replace(
            "Anh/chị", memory.address[:1].upper() + memory.address[1:]
        )
    if memory.large_text and not reply.solemn:
        text = text.replace("\n", "\n\n")
    return replace(reply, text=text)
