"""A letter's words and sheet as they are kept in its row, so that it prints the same for ever.

`Letter.facts` has these pages: `said` (facts a clerk added), `words` (what the letter says, part
by part), `enclosed` (the sheet they promise), `sheet` (head, symbol, code: from the signature on). No template is needed to print it again.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from letters.enclosures import PAGE
from letters.paper import (
    Capacity,
    Layout,
    Letterhead,
    LetterPaper,
    LetterText,
    Palette,
    Signatory,
    Status,
)
from letters.work import Work
from records.letters import Letter

SAID: Final = "said"
WORDS: Final = "words"
SHEET: Final = "sheet"
QR_NOTE: Final = "Kiểm tra thư: quét mã, hoặc gõ xm {code} cho Trợ lý số của phường"


def words_of(text: LetterText) -> dict[str, Any]:
    """Return the words of a letter as they are kept."""
    return {
        "template": text.template,
        "version": text.version,
        "approved": text.approved,
        "title": text.title,
        "greeting": text.greeting,
        "paragraphs": list(text.paragraphs),
        "closing": text.closing,
        "capacity": str(text.signatory.capacity),
        "signer": text.signatory.name,
        "solemn": text.solemn,
        "layout": str(text.layout),
        "palette": str(text.palette),
    }


def text_of(letter: Letter) -> LetterText:
    """Return the words of *letter*. Raises LookupError while it has none."""
    words: Mapping[str, Any] = letter.facts[WORDS]
    return LetterText(
        template=words["template"],
        version=words["version"],
        approved=words["approved"],
        title=words["title"],
        greeting=words["greeting"],
        paragraphs=tuple(words["paragraphs"]),
        closing=words["closing"],
        signatory=Signatory(capacity=Capacity(words["capacity"]), name=words["signer"]),
        solemn=words["solemn"],
        layout=Layout(words["layout"]),
        palette=Palette(words["palette"]),
    )


def has_words(letter: Letter) -> bool:
    """Tell whether there is something to read."""
    return WORDS in letter.facts


def put_words(letter: Letter, text: LetterText) -> None:
    """Keep *text* as the words of *letter*."""
    plain = text.plain()
    letter.facts = {**letter.facts, WORDS: words_of(text)}
    letter.text, letter.text_sha256 = plain, hashlib.sha256(plain.encode()).hexdigest()


def drop_words(letter: Letter) -> None:
    """Forget what was written: the facts do not carry it any more."""
    letter.facts = {key: value for key, value in letter.facts.items() if key not in (WORDS, SHEET, PAGE)}
    letter.text, letter.text_sha256 = None, ""


def sheet_of(head: Letterhead, symbol: str, code: str) -> dict[str, Any]:
    """Return what stands around the words from the signature on."""
    return {
        "agency": list(head.agency),
        "place": head.place,
        "superior": head.superior,
        "symbol": symbol,
        "recipients": ["Như trên", "Lưu: VT"],
        "qr": f"xm {code}",
        "qr_note": QR_NOTE.format(code=code),
    }


def paper_of(letter: Letter, work: Work, status: Status | None = None) -> LetterPaper:
    """Return the sheet of *letter*: final once it is signed, a draft before, unless *status* says else."""
    kept: Mapping[str, Any] | None = letter.facts.get(SHEET)
    if kept is None:
        head, day = work.head, letter.document_date or work.today
        return LetterPaper(text=text_of(letter), head=head, dated=day, status=Status.DRAFT)
    return LetterPaper(
        text=text_of(letter),
        head=Letterhead(agency=tuple(kept["agency"]), place=kept["place"], superior=kept["superior"]),
        dated=letter.document_date or date.min,
        status=status or Status.FINAL,
        number=letter.number,
        symbol=kept["symbol"],
        recipients=tuple(kept["recipients"]),
        qr=kept["qr"],
        qr_note=kept["qr_note"],
    )


async def pdf(work: Work, letter: Letter) -> bytes:
    """Return *letter* on paper; a signed one byte for byte as it was signed. Raises LetterError."""
    return await asyncio.to_thread(work.shelf.press.pdf, paper_of(letter, work))


async def picture(work: Work, letter: Letter) -> bytes:
    """Return *letter* as a picture for a screen; a signed one says that the stamped paper follows."""
    return await asyncio.to_thread(work.shelf.press.png, paper_of(letter, work, Status.NOTICE))


def intact(letter: Letter, printed: bytes) -> bool:
    """Tell whether words and sheet are still those that were signed."""
    text = text_of(letter).plain()
    same = letter.text == text and letter.text_sha256 == hashlib.sha256(text.encode()).hexdigest()
    return same and letter.pdf_sha256 == hashlib.sha256(printed).hexdigest()


def signed_by(text: LetterText, signatory: Signatory) -> LetterText:
    """Return *text* with this signature under it."""
    return replace(text, signatory=signatory)
