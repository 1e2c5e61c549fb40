"""What came of the registers, counted from the outside: what people received, what was printed, what stayed."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlmodel import col, select

from records.letters import Letter, LetterState, Recipient, Route
from records.tables import ChannelName
from tests.conversations.registers_way import CODE, Way, ward
from tests.letters.registers_300 import Line

GONE = (LetterState.SIGNED, LetterState.RELEASED, LetterState.FINISHED)


@dataclass(frozen=True, kw_only=True)
class Got:
    """One letter as one account received it: the code under the picture, and the papers that came along."""

    code: str
    papers: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The counts of the whole way; `problems` says whatever does not add up."""

    rows: Counter[str]
    letters: Counter[str]
    routes: Counter[str]
    received: Counter[str]
    printed: int
    problems: tuple[str, ...]

    def table(self) -> str:
        told = (
            ("rows", self.rows),
            ("letters", self.letters),
            ("recipients", self.routes),
            ("received on", self.received),
            ("sheets to hand over", Counter({"paper": self.printed})),
        )
        return "\n".join(
            f"{name:20} {sum(counts.values()):4}   {', '.join(f'{key} {n}' for key, n in sorted(counts.items()))}"
            for name, counts in told
        )


class Judge:
    """Holds what was received against what was foretold."""

    def __init__(self, way: Way, letters: list[Letter], recipients: list[Recipient]) -> None:
        self.way, self.letters, self.recipients = way, letters, recipients
        self.problems = [*way.problems]

    @cached_property
    def _names(self) -> dict[str, Line]:
        return {fact: line for line in self.way.registers.lines for fact in line.facts}

    @cached_property
    def _any_name(self) -> re.Pattern[str]:
        return re.compile("|".join(rf"{re.escape(name)}(?!\w)" for name in self._names))

    def lines_in(self, letter: Letter) -> list[Line]:
        """Return of which rows a letter speaks."""
        found = {
            id(self._names[name]): self._names[name] for name in self._any_name.findall(letter.text or "")
        }
        return list(found.values())

    def wrong(self, why: str) -> None:
        self.problems.append(why)

    # --- rows and letters -------------------------------------------------------------------------------

    def letters_are_those_of_the_rows(self) -> None:
        """Each row that calls for a letter has one, which holds all of its facts and no other's."""
        written: Counter[int] = Counter()
        for letter in self.letters:
            lines = self.lines_in(letter)
            if letter.state in GONE:
                self._one_row(letter, lines)
                written.update(id(line) for line in lines)
            elif not letter.gap and not letter.reason:
                self.wrong(f"letter {letter.id} stays at home and nobody knows why")
        for line in self.way.registers.lines:
            if written[id(line)] != line.letter:
                self.wrong(
                    f"{line.kind} {line.defect or 'sound'}: {written[id(line)]} letters, not {int(line.letter)}"
                )

    def _one_row(self, letter: Letter, lines: list[Line]) -> None:
        if len(lines) != 1:
            self.wrong(f"letter {letter.id} speaks of {len(lines)} rows")
            return
        missing = [fact for fact in lines[0].facts if fact not in (letter.text or "")]
        if missing:
            self.wrong(f"letter {letter.id} of a {lines[0].kind} lacks {missing}")

    def numbers_have_no_gap(self) -> None:
        numbers = sorted(letter.number for letter in self.letters if letter.number)
        if numbers != list(range(1, len(numbers) + 1)):
            self.wrong("the register has gaps or repeats")

    # --- what was received ------------------------------------------------------------------------------

    def received(self) -> Counter[str]:
        """Each account got the one letter it was sent, its own, once; nobody else got any."""
        by_code = {letter.check_code: letter for letter in self.letters if letter.check_code}
        known = {letter.pdf_sha256 for letter in self.letters if letter.pdf_sha256}
        sent = {(row.channel, row.user): row.letter_id for row in self.recipients if row.route is Route.CHAT}
        counts: Counter[str] = Counter()
        for (channel, user), name in self.way.owners.items():
            got = self._got(channel, user)
            counts[channel] += len(got)
            wanted = int((channel, user) in sent)
            if len(got) != wanted:
                self.wrong(f"{channel} {user} received {len(got)} letters, not {wanted}")
            for one in got:
                self._is_theirs(one, by_code.get(one.code), name, known, web=channel == ChannelName.WEB)
        self._nobody_else(known)
        return counts

    def _is_theirs(self, got: Got, letter: Letter | None, name: str, known: set[str], *, web: bool) -> None:
        if letter is None:
            self.wrong(f"a letter with the code {got.code} was received, and there is none")
            return
        lines = self.lines_in(letter)
        if name not in {person.name for line in lines for person in line.people}:
            self.wrong(f"letter {letter.id} came to somebody of another row")
        if not web and got.papers & known != {letter.pdf_sha256}:
            self.wrong(f"letter {letter.id} came with another paper than the one signed")

    def _got(self, channel: str, user: str) -> list[Got]:
        if channel == ChannelName.WEB:
            pages = [self.way.page_of[user]]
            return [
                Got(code=code, papers=frozenset())
                for page in pages
                for text in page.heard
                for code in _codes(text)
            ]
        mine = [one for one in self._accepted(channel) if str(one.chat_id) == user]
        papers = Counter(paper for one in mine for paper in _papers(one))
        if any(times > 1 for times in papers.values()):
            self.wrong(f"{channel} {user} received a paper twice")
        return [Got(code=code, papers=frozenset(papers)) for one in mine for code in _codes(one.text)]

    def _accepted(self, channel: str) -> list[Any]:
        place = self.way.place
        peer = place.telegram if channel == ChannelName.TELEGRAM else place.lan.peer
        return list(peer.accepted)

    def _nobody_else(self, known: set[str]) -> None:
        for channel in (ChannelName.TELEGRAM, ChannelName.ZALO):
            for one in self._accepted(channel):
                stranger = (channel, str(one.chat_id)) not in self.way.owners
                if stranger and set(_papers(one)) & known:
                    self.wrong(f"a letter was received by a stranger on {channel}")

    # --- paper --------------------------------------------------------------------------------------------

    async def printed(self) -> int:
        """Print what is to be handed over: the very bytes that were signed, every letter that goes on paper."""
        folder = self.way.folder / "in"
        _, out = await ward("letters", "print", "--to", str(folder), "--json")
        listed = [number for numbers in json.loads(out).values() for number in numbers]
        paper = {row.letter_id for row in self.recipients if row.route is Route.PAPER}
        if set(listed) != paper:
            self.wrong(f"{len(paper)} letters go on paper, {len(set(listed))} are on the lists")
        for letter in self.letters:
            if letter.id in paper:
                content = (folder / f"thu-{letter.number or 0:04d}.pdf").read_bytes()
                if hashlib.sha256(content).hexdigest() != letter.pdf_sha256:
                    self.wrong(f"letter {letter.id} is printed otherwise than it was signed")
        return len(listed)

    def routes(self) -> Counter[str]:
        """Count by which way each recipient of a signed letter is reached; who is not has a reason."""
        signed = {letter.id for letter in self.letters if letter.state in GONE}
        mine = [row for row in self.recipients if row.letter_id in signed]
        for row in mine:
            if row.route in (Route.UNDECIDED, Route.WAITING) or (row.route is Route.NONE and not row.why):
                self.wrong(f"recipient {row.id} of letter {row.letter_id} is left {row.route}")
        twice = Counter((row.letter_id, row.name) for row in mine)
        if any(times > 1 for times in twice.values()):
            self.wrong("somebody stands on one letter twice")
        return Counter(str(row.route) for row in mine)


def _codes(text: str) -> list[str]:
    return CODE.findall(text)


def _papers(accepted: Any) -> list[str]:
    return [
        hashlib.sha256(content).hexdigest() for content in accepted.files.values() if content[:4] == b"%PDF"
    ]


async def judged(way: Way) -> Tally:
    """Count everything, and say what does not add up."""
    async with way.place.office.database.reading() as db:
        letters = list((await db.exec(select(Letter).order_by(col(Letter.id)))).all())
        recipients = list((await db.exec(select(Recipient))).all())
    judge = Judge(way, letters, recipients)
    judge.letters_are_those_of_the_rows()
    judge.numbers_have_no_gap()
    routes, received, printed = judge.routes(), judge.received(), await judge.printed()
    if routes[Route.CHAT] != sum(received.values()):
        judge.wrong(f"{routes[Route.CHAT]} sent, {sum(received.values())} received")
    if sum(way.counts.values()) != len(way.registers.lines):
        judge.wrong(f"{sum(way.counts.values())} rows counted of {len(way.registers.lines)}")
    return Tally(
        rows=way.counts,
        letters=Counter(str(letter.state) for letter in letters),
        routes=routes,
        received=received,
        printed=printed,
        problems=tuple(judge.problems),
    )
