"""A sheet becomes PDF or pictures: typst and segno, one face, every letter checked, the same bytes for ever.

Data goes in as JSON beside the layout, never into it. Fonts of the machine are ignored.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Final, Literal

import segno
import typst
from PIL import Image

from letters.errors import BadPaper, MissingLetter, NoFace
from letters.paper import (
    HandoverPaper,
    LabelPaper,
    Layout,
    LetterPaper,
    Paper,
    QrPaper,
    ReportPaper,
    Status,
)

LAYOUTS: Final = Path(__file__).parent / "layouts"
EMBEDDED: Final = "Libertinus Serif"  # the serif inside the typst wheel; it has every Vietnamese letter
# NĐ 30/2020 wants Times New Roman; the others have its measures.
PREFERRED: Final = ("Times New Roman", "Tinos", "Liberation Serif")
STYLES: Final = (("normal", 400), ("normal", 700), ("italic", 400), ("italic", 700))
ARCHIVE: Final = "a-2u"  # PDF/A: kept for years, text can be searched, refuses a letter the face lacks
LYING_UP_TO: Final = 180  # words; longer cards stand upright
MOST_CHARACTERS: Final = 60_000  # of one sheet, lists included
DPI: Final = range(36, 601)
_INVISIBLE: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
VOWELS: Final = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_PROBE: Final = b"""#set text(font: sys.inputs.face, fallback: false)
#let words = sys.inputs.words
#words #strong(words) #emph(words) #strong(emph(words))"""

_HELD: Final = re.compile(r"(\b(?:ngày|tháng|năm|mùng|số|ngõ|quầy|xm)|\d) (?=\d)")
LONGEST_NAME: Final = 32  # characters kept on one line; a longer one may break

Data = Mapping[str, object]


class Press:
    """Prints sheets, one at a time; may be shared by threads. Make one and keep it.

    *font_dir* is the folder of the letter face; None takes the serif inside typst. Raises NoFace.
    """

    def __init__(self, font_dir: Path | None = None) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=font_dir is None,
            font_paths=[font_dir] if font_dir else [],
        )
        self.family = _family(fonts, font_dir)
        self._typst = typst.Compiler(font_paths=fonts, ignore_system_fonts=True, root=LAYOUTS)
        self._lock = Lock()
        self._known: set[str] = {" "}

    def pdf(self, letter: Paper) -> bytes:
        """Return the sheet as PDF/A, byte for byte the same whenever it is printed.

        Raises MissingLetter or BadPaper.
        """
        with self._lock:
            return self._printed(letter, "pdf", None)[0]

    def pages(self, letter: Paper, dpi: int = 144) -> tuple[bytes, ...]:
        """Return a PNG a page. Raises MissingLetter or BadPaper."""
        if dpi not in DPI:
            raise BadPaper(f"{dpi} điểm mỗi inch: chỉ in được từ {DPI.start} đến {DPI.stop - 1}")
        with self._lock:
            return self._printed(letter, "png", float(dpi))

    def png(self, letter: Paper, dpi: int = 144) -> bytes:
        """Return one picture, further pages below the first. Raises MissingLetter or BadPaper."""
        pages = self.pages(letter, dpi)
        return pages[0] if len(pages) == 1 else _below_each_other(pages)

    def gaps(self) -> tuple[str, ...]:
        """Return the Vietnamese letters the face lacks, in any of its styles; to be asked at start."""
        with self._lock:
            return self._missing(alphabet())

    def _printed(self, letter: Paper, kind: Literal["pdf", "png"], dpi: float | None) -> tuple[bytes, ...]:
        layout, data = laid_out(letter)
        said = "".join(_texts(data))
        if len(said) > MOST_CHARACTERS:
            raise BadPaper(f"tờ in dài quá {MOST_CHARACTERS} chữ cái; chia thành nhiều tờ")
        self._check(said + _fixed_words(layout))
        inputs = {"data": json.dumps(data, ensure_ascii=False), "face": self.family}
        standard: list[typst.PDFStandard] = [ARCHIVE] if kind == "pdf" else []
        try:
            made, warnings = self._typst.compile_with_warnings(
                input=LAYOUTS / layout, format=kind, ppi=dpi, sys_inputs=inputs, pdf_standards=standard
            )
        except typst.TypstError as error:
            raise BadPaper(f"{layout}: {error.message}") from error
        if warnings or made is None:
            raise BadPaper(f"{layout}: {'; '.join(warning.message for warning in warnings) or 'trang trống'}")
        return (made,) if isinstance(made, bytes) else tuple(made)

    def _check(self, text: str) -> None:
        if self._known.issuperset(text):
            return
        missing = self._missing(set(_clusters(text)) - self._known)
        if missing:
            raise MissingLetter(missing, self.family)

    def _missing(self, clusters: set[str]) -> tuple[str, ...]:
        """Ask the engine itself: all at once, and one by one only if something is missing."""
        hidden = {one for one in clusters if any(unicodedata.category(part) in _INVISIBLE for part in one)}
        asked = clusters - hidden
        if asked and not self._shows(" ".join(sorted(asked))):
            lacking = {one for one in asked if not self._shows(one)}
            return tuple(sorted(hidden | lacking))
        # Whoever stacks marks on marks could fill the memory; single letters are bounded by the face.
        self._known |= {one for one in asked if len(one) == 1 and not _is_mark(one)}
        return tuple(sorted(hidden))

    def _shows(self, words: str) -> bool:
        inputs = {"face": self.family, "words": words}
        try:
            self._typst.compile(input=_PROBE, format="pdf", sys_inputs=inputs, pdf_standards=[ARCHIVE])
        except typst.TypstError:
            return False
        return True


def alphabet() -> set[str]:
    """Return every letter of Vietnamese, with every tone, small and capital, and what letters need besides."""
    toned = {unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES}
    return toned | set("bcdđghklmnpqrstvxBCDĐGHKLMNPQRSTVXfjwzFJWZ0123456789.,;:?!()/%+-–—“”‘’…₫°²")


def _family(fonts: typst.Fonts, font_dir: Path | None) -> str:
    """Choose the first face that has all four styles, the prescribed one before others."""
    if font_dir is None:
        return EMBEDDED
    styles: dict[str, set[tuple[str, int]]] = {}
    for font in fonts.fonts():
        styles.setdefault(font.family, set()).add((font.style, font.weight))
    for family in (*PREFERRED, *sorted(styles)):
        if styles.get(family, set()).issuperset(STYLES):
            return family
    raise NoFace(
        f"{font_dir}: không có phông chữ nào đủ bốn kiểu (thường, đậm, nghiêng, đậm nghiêng); "
        "đặt trọn bộ Times New Roman hoặc Tinos vào thư mục này"
    )


@cache
def _fixed_words(layout: str) -> str:
    """Return the layout itself: the words it prescribes must be in the face as well."""
    return "".join((LAYOUTS / name).read_text("utf-8") for name in ("parts.typ", layout)).replace("\n", " ")


def laid_out(paper: Paper) -> tuple[str, Data]:
    """Return which layout prints *paper*, and everything it is told."""
    if isinstance(paper, LetterPaper):
        return f"{paper.text.layout}.typ", _composed(_letter(paper))
    if isinstance(paper, HandoverPaper):
        return "handover.typ", _composed(_handover(paper))
    if isinstance(paper, ReportPaper):
        return "report.typ", _composed(_report(paper))
    if isinstance(paper, QrPaper):
        return "qr.typ", _composed(_qr(paper))
    return "labels.typ", _composed(_labels(paper))


def _letter(paper: LetterPaper) -> dict[str, object]:
    text, head = paper.text, paper.head
    return {
        "title": text.title,
        "day": [paper.dated.year, paper.dated.month, paper.dated.day],
        "open_day": paper.number is None,
        "number": "" if paper.number is None else f"{paper.number:02d}",
        "symbol": paper.symbol,
        "superior": head.superior,
        "agency": list(head.agency),
        "place": head.place,
        "greeting": names_together(text.greeting),
        "paragraphs": [names_together(one) for one in text.paragraphs],
        "closing": names_together(text.closing),
        "signed_as": list(text.signatory.lines),
        "signed_by": text.signatory.name,
        "recipients": list(paper.recipients),
        "status": str(paper.status),
        "palette": str(text.palette),
        "lying": text.words <= LYING_UP_TO,
        "qr": _code(paper.qr),
        "qr_note": paper.qr_note,
    }


def _handover(paper: HandoverPaper) -> dict[str, object]:
    rows = [
        {
            "number": "" if row.number is None else f"{row.number:02d}",
            "title": row.title,
            "recipient": row.recipient,
            "address": row.address,
        }
        for row in paper.rows
    ]
    return {
        "title": "Danh sách thư trao tận tay",
        "day": [paper.dated.year, paper.dated.month, paper.dated.day],
        "open_day": False,
        "status": str(Status.FINAL),
        "superior": paper.head.superior,
        "agency": list(paper.head.agency),
        "place": paper.head.place,
        "neighbourhood": paper.neighbourhood,
        "group_head": paper.group_head,
        "phone": paper.contact_phone,
        "rows": rows,
    }


def _report(paper: ReportPaper) -> dict[str, object]:
    tables = [
        {
            "title": one.title,
            "columns": list(one.columns),
            "rows": [list(row) for row in one.rows],
            "widths": list(one.widths),
        }
        for one in paper.tables
    ]
    return {
        "title": paper.title,
        "day": [paper.dated.year, paper.dated.month, paper.dated.day],
        "open_day": False,
        "status": str(Status.FINAL),
        "superior": paper.head.superior,
        "agency": list(paper.head.agency),
        "place": paper.head.place,
        "facts": [list(one) for one in paper.facts],
        "tables": tables,
    }


def _qr(paper: QrPaper) -> dict[str, object]:
    codes = [{"svg": _code(one.content), "title": one.title, "note": one.note} for one in paper.codes]
    return {
        "title": paper.title,
        "day": [paper.dated.year, paper.dated.month, paper.dated.day],
        "status": str(Status.FINAL),
        "agency": list(paper.head.agency),
        "lead": paper.lead,
        "codes": codes,
        "foot": list(paper.foot),
        "poster": paper.poster,
    }


def _labels(paper: LabelPaper) -> dict[str, object]:
    labels = [{"recipient": one.recipient, "address": one.address, "note": one.note} for one in paper.labels]
    return {
        "title": "Nhãn địa chỉ",
        "day": [paper.dated.year, paper.dated.month, paper.dated.day],
        "status": str(Status.FINAL),
        "sender": paper.sender,
        "labels": labels,
    }


class _Drawing(str):
    """A picture of ours as SVG: neither words to be checked against the face, nor to be counted."""

    __slots__ = ()


def _code(content: str) -> str:
    """Return a QR code as SVG; level M still reads when a corner of the paper is creased."""
    if not content:
        return ""
    try:
        made = segno.make(content, error="m", micro=False)
    except ValueError as error:
        raise BadPaper(f"mã QR không chứa hết {len(content)} chữ cái; rút ngắn lại") from error
    return _Drawing(made.svg_inline(border=2, dark="#000", light="#fff"))


def _composed(given: dict[str, object]) -> Data:
    """Compose every text (NFC), so that decomposed input finds its letters in the face."""
    return {key: _each(value) for key, value in given.items()}


def _each(value: object) -> object:
    if isinstance(value, _Drawing):
        return value
    if isinstance(value, str):
        return _together(unicodedata.normalize("NFC", value))
    if isinstance(value, list):
        return [_each(one) for one in value]
    return {key: _each(one) for key, one in value.items()} if isinstance(value, dict) else value


def _together(text: str) -> str:
    """Keep telephone numbers, and a number with the word before it, on one line."""
    return _HELD.sub("\\1\u00a0", text)


def names_together(text: str) -> str:
    r"""Keep a name on one line: words that begin with a capital, one after another.

    >>> names_together("tới ông Lê Văn Thử, phường An Thịnh").split(" ")
    ['tới', 'ông', 'Lê\xa0Văn\xa0Thử,', 'phường', 'An\xa0Thịnh']
    """
    parts: list[str] = []
    for word in unicodedata.normalize("NFC", text).split(" "):
        goes_on = (
            bool(parts) and _in_a_name(parts[-1].rsplit("\u00a0")[-1]) and _in_a_name(word.rstrip(",.;:!?”)"))
        )
        if goes_on and len(parts[-1]) + len(word) < LONGEST_NAME:
            parts[-1] += f"\u00a0{word}"
        else:
            parts.append(word)
    return " ".join(parts)


def _in_a_name(word: str) -> bool:
    """Tell a word of a name, as "Thịnh" or "Ý", from "THƯ", "nhà" and "Mẫu," before a new beginning."""
    return word.isalpha() and word[:1].isupper() and not word[1:].isupper()


def _texts(value: object) -> Iterator[str]:
    """Yield every text of *value*, drawings apart."""
    if isinstance(value, str):
        yield from () if isinstance(value, _Drawing) else (value,)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")


def _clusters(text: str) -> Iterator[str]:
    """Yield each letter with the marks that sit on it."""
    cluster = ""
    for letter in text:
        if cluster and _is_mark(letter):
            cluster += letter
            continue
        if cluster:
            yield cluster
        cluster = letter
    if cluster:
        yield cluster


def _below_each_other(pages: tuple[bytes, ...]) -> bytes:
    pictures = [Image.open(BytesIO(page)).convert("RGB") for page in pages]
    width, height = max(one.width for one in pictures), sum(one.height for one in pictures)
    whole, top = Image.new("RGB", (width, height), "white"), 0
    for one in pictures:
        whole.paste(one, (0, top))
        top += one.height
    made = BytesIO()
    whole.save(made, "PNG")
    return made.getvalue()


__all__ = ["LAYOUTS", "Layout", "Press", "alphabet"]
