"""An apology names the one new date of a dossier: signing it puts the promise off, once, in the same transaction."""

from letters import frozen, rules
from letters.reading import day_of
from letters.states import NotAllowed
from letters.work import Work
from records import dossiers
from records.letters import CivilEvent, Letter


async def put_off(work: Work, letter: Letter) -> None:
    """Put the dossier's promise off to the date the letter names.

    Raises NotAllowed where the register says that cannot be: a second time, or not to a later day.
    """
    rule = rules.of_template(letter.template)
    if rule is None or not rule.moves_promise or letter.event_id is None:
        return
    event = await work.db.get(CivilEvent, letter.event_id)
    facts = {**(event.facts if event else {}), **letter.facts.get(frozen.SAID, {})}
    code = str(facts.get("dossier_code") or facts.get("code") or facts.get("receipt_code") or "")
    row = await dossiers.by_code(work.db, code, lock=True)
    day = day_of(facts.get("new_due_on"))
    if row is None or day is None or (row.reappointments and row.current_due_on == day):
        return  # no dossier of ours, or the register already tells this very date
    reason = str(facts.get("specific_reason") or facts.get("delay_reason") or "")
    try:
        await dossiers.put_off(work.db, row, day, reason, work.now)
    except dossiers.Refused as refused:
        raise NotAllowed(f"Không ký được: {refused.why}. {refused.todo}") from refused
