"""A greeting for every other way than the chat: the loudspeaker, the ward's page, the Zalo article."""

from dataclasses import dataclass
from typing import Final

from letters import frozen, notices
from records.letters import Letter

MOST_WORDS: Final = 390  # three minutes aloud, at 130 words a minute


@dataclass(frozen=True, kw_only=True)
class Texts:
    """A greeting for the loudspeaker (≤ 3 minutes), the ward's page, and the Zalo article."""

    loudspeaker: str
    page_title: str
    page: str
    article_title: str
    article_lead: str
    article: str

    @property
    def words_aloud(self) -> int:
        """Return how many words the loudspeaker says."""
        return len(self.loudspeaker.split())


def texts(letter: Letter) -> Texts:
    """Return the words of *letter* for every other way; the loudspeaker leaves out what does not fit."""
    text = frozen.text_of(letter)
    title = notices.title_of(text.title)
    signed = ", ".join(part for part in (*text.signatory.lines, text.signatory.name) if part).title()
    body = "\n\n".join((text.greeting, *text.paragraphs, text.closing))
    return Texts(
        loudspeaker=_aloud([text.greeting, *text.paragraphs, text.closing, signed]),
        page_title=title,
        page=f"{body}\n\n{signed}",
        article_title=title[:150],
        article_lead=text.paragraphs[0][:300],
        article=f"{body}\n\n{signed}",
    )


def _aloud(parts: list[str]) -> str:
    """Drop paragraphs before the last ones until three minutes are enough; greeting and ending stay."""
    kept = list(parts)
    while len(" ".join(kept).split()) > MOST_WORDS and len(kept) > 3:  # noqa: PLR2004  greeting, closing, name
        kept.pop(-3)
    return "\n\n".join(kept)
