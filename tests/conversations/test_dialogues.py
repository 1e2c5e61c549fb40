"""The sample dialogues, word for word, on every road: the wording must be identical.

A dialogue is a text file: `# at:` sets the ward's clock, `D:` is what the resident says,
`B:` and the lines under it what they hear. `B: (im lặng)` means silence. A resident who is
already known that day (`# known`) has heard the greeting before the file begins.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from knowledge.calendar import HERE
from tests.conftest import WallClock
from tests.conversations.voices import ROADS, open_voice

FOLDER = Path(__file__).parent / "dialogues"
SILENCE = "(im lặng)"
_RANDOM = re.compile(r"(?<=máy khác: )([2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3})|(?<=KIN-)([2-9A-Z]{7})")


@dataclass
class Dialogue:
    at: datetime
    known: bool
    turns: list[tuple[str, str]]


def read(path: Path) -> Dialogue:
    at, known, turns = datetime(2026, 11, 20, 15, 40, tzinfo=HERE), False, list[tuple[str, list[str]]]()
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# at:"):
            at = datetime.fromisoformat(line[5:].strip()).replace(tzinfo=HERE)
        elif line.startswith("# known"):
            known = True
        elif line.startswith("D: "):
            turns.append((line[3:], []))
        elif turns and not line.startswith("# "):
            turns[-1][1].append(line.removeprefix("B: "))
    return Dialogue(at, known, [(said, "\n".join(heard).strip()) for said, heard in turns])


def normal(heard: str) -> str:
    """Return *heard* with what is random in it made plain: keys of cases, codes of restricted messages."""
    return _RANDOM.sub(lambda found: re.sub(r"[2-9A-Z]", "X", found[0]), heard)


DIALOGUES = sorted(FOLDER.glob("*.txt"))


def test_there_are_dialogues_to_replay():
    assert len(DIALOGUES) >= 10


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
@pytest.mark.parametrize("road", ROADS)
async def test_every_dialogue_replays_word_for_word(road, path, tmp_path):
    dialogue = read(path)
    async with open_voice(road, tmp_path, WallClock(dialogue.at)) as lan:
        if dialogue.known:
            await lan.says("xin chào")
        for said, expected in dialogue.turns:
            if expected == SILENCE:
                await lan.hears_nothing_after(said)
            else:
                assert normal(await lan.says(said)) == expected, f"{path.name}: {said}"
