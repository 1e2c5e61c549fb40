"""The miniature letters desk: the ward's templates, one press, and letters of one family's facts."""

from datetime import date

import pytest

from letters.paper import LetterPaper, LetterText, Sender, Status
from letters.press import Press
from letters.render import Templates, load_templates, render
from tests.letters.bench import Bench
from tests.letters.family import FACTS, HEAD, SENDER


@pytest.fixture(scope="session")
def templates() -> Templates:
    return load_templates()


@pytest.fixture(scope="session")
def press() -> Press:
    return Press()


@pytest.fixture
def letter(templates):
    """Write a letter of the family's facts; a fact given as None is absent."""

    def write(name: str, sender: Sender = SENDER, **changed: object) -> LetterText:
        return render(templates.get(name), FACTS | changed, sender)

    return write


@pytest.fixture
def on_paper(letter):
    """Put a letter on its sheet."""

    def put(
        name: str, *, number: int | None = 131, status: Status = Status.FINAL, **changed: object
    ) -> LetterPaper:
        return LetterPaper(
            text=letter(name, **changed),
            head=HEAD,
            dated=date(2026, 11, 20),
            status=status,
            number=number,
            symbol="TC-UBND",
        )

    return put


@pytest.fixture
async def bench(database, tmp_path):
    made = Bench(database, tmp_path)
    await made.hire()
    return made
