"""How many letters wait for what, for whoever looks."""

from datetime import timedelta

from letters import tally
from records import staff
from records.cases import Permission
from records.letters import Letter, LetterState
from tests.conftest import FRIDAY


async def test_letters_are_counted_by_what_they_wait_for(database):
    async with database.writing() as db:
        signer = await staff.add(
            db, login="ky", name="Người Ký", desk="", permissions=[Permission.SIGN_LETTERS], now=FRIDAY
        )
        rows: tuple[tuple[LetterState, dict[str, object]], ...] = (
            (LetterState.CHECKED, {}),
            (LetterState.CHECKED, {"checked_by": signer.id}),  # another signs that one
            (LetterState.DRAFTED, {}),
            (LetterState.INCOMPLETE, {}),
            (LetterState.INCOMPLETE, {"stale_at": FRIDAY - timedelta(days=1)}),
            (LetterState.SIGNED, {"due_at": FRIDAY + timedelta(hours=3)}),
            (LetterState.SIGNED, {"due_at": FRIDAY + timedelta(days=3)}),
            (LetterState.HALTED, {}),
            (LetterState.FINISHED, {}),
        )
        for state, more in rows:
            row = {"template": "wedding", "state": state, "drafted_at": FRIDAY}
            db.add(Letter.model_validate(row | more))
    async with database.reading() as db:
        found = await tally.of(db, signer, FRIDAY)
    assert found == tally.Tally(incomplete=1, to_check=1, to_sign=1, going=1, halted=1)
