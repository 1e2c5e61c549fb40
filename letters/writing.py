"""Words written by a person where prepared ones do not fit: a young death, a matter to be weighed.

Head, greeting and ending come from the template as far as the facts carry them; the body is the
person's own. What must have happened before a letter may be written still must.
"""

import re
from typing import Final

from letters import frozen, gaps, reading, rules
from letters.enclosures import PAGE
from letters.errors import LetterError
from letters.matching import recipients
from letters.notices import to_whom
from letters.paper import Capacity, LetterText, Signatory
from letters.render import part
from letters.rules import Kind
from letters.states import NotAllowed
from letters.template import NOT_IN_SORROW, Template
from letters.work import Work
from records.letters import CivilEvent, Letter

_PLAIN_END: Final = {True: "Xin thành kính phân ưu.", False: "Trân trọng."}


async def begun(work: Work, letter: Letter) -> LetterText:
    """Return a letter without a body, for a person to write. Raises NotAllowed."""
    rule = rules.of_template(letter.template)
    event = await work.db.get(CivilEvent, letter.event_id) if letter.event_id is not None else None
    template = work.shelf.templates.by_name.get(letter.template)
    if template is None or rule is None or event is None:
        raise NotAllowed("Thư này chưa có mẫu hoặc bản ghi để viết lời; mời soạn lại.")
    facts = {**event.facts, **letter.facts.get(frozen.SAID, {})}
    first = gaps.not_yet(rule, event, facts)
    if first:
        raise NotAllowed(f"Chưa viết được: {first[0].says}.")
    try:
        said = reading.facts_of(rule, template, facts, work)
    except LetterError as error:
        raise NotAllowed(str(error)) from error
    letter.template_version, letter.template_sha256 = template.version, template.sha256
    letter.facts = {key: value for key, value in letter.facts.items() if key != PAGE}
    somebody = to_whom(await recipients(work, letter.id or 0)).split(" · ")[0]
    signatory = Signatory(capacity=Capacity.CHAIRPERSON)
    sender = work.sender(signatory)
    return LetterText(
        template=template.name,
        version=template.version,
        approved=template.approved,
        title=template.title,
        greeting=part(template, 0, said, sender) or f"Kính gửi {somebody},",
        paragraphs=(),
        closing=part(template, 2, said, sender) or _end(template),
        signatory=signatory,
        solemn=template.solemn,
        layout=template.layout,
        palette=template.palette,
    )


def _end(template: Template) -> str:
    return _PLAIN_END[template.solemn]


def out_of_place(text: LetterText) -> tuple[str, ...]:
    """Return words that do not belong beside a death; of other letters nothing."""
    rule = rules.of_template(text.template)
    if rule is None or rule.kind is not Kind.SOLEMN:
        return ()
    said = " ".join(re.findall(r"\w+", " ".join(text.paragraphs).casefold()))
    plain = f" {said} "
    return tuple(words for words in NOT_IN_SORROW if f" {words} " in plain)
