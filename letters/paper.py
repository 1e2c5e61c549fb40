"""What stands on a sheet: the words of a letter, its head, who signs, and the two office lists."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from knowledge.board import Office


class Layout(StrEnum):
    """Which paper a letter is printed on."""

    LETTER = "letter"  # A4 after NĐ 30/2020, phụ lục I
    CARD = "card"  # warm, two colours
    SOLEMN = "solemn"  # a thin border and nothing else


class Palette(StrEnum):
    """The two colours of a card; solemn paper and letters have none."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Status(StrEnum):
    """How far a letter has come, said on the sheet itself."""

    DRAFT = "draft"  # watermark "DỰ THẢO"
    NOTICE = "notice"  # for the chat: the signed, stamped letter follows
    FINAL = "final"  # to be signed by hand, or signed digitally afterwards


class Capacity(StrEnum):
    """In what capacity a person signs (NĐ 30/2020, Điều 13)."""

    CHAIRPERSON = "chairperson"
    FOR_COMMITTEE = "for_committee"
    FOR_CHAIRPERSON = "for_chairperson"
    FOR_COMMITTEE_AND_CHAIRPERSON = "for_committee_and_chairperson"


_CAPACITIES: Final = {
    Capacity.CHAIRPERSON: ("CHỦ TỊCH",),
    Capacity.FOR_COMMITTEE: ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    Capacity.FOR_CHAIRPERSON: ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    Capacity.FOR_COMMITTEE_AND_CHAIRPERSON: ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
}


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Who signs; `name` may be empty on a draft."""

    capacity: Capacity
    name: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what stands above the signature."""
        return _CAPACITIES[self.capacity]


@dataclass(frozen=True, kw_only=True)
class Sender:
    """What the ward says of itself in a letter."""

    ward_name: str
    committee: str
    contact_phone: str
    hotline: str
    signatory: Signatory

    @classmethod
    def of(cls, office: Office, signatory: Signatory) -> "Sender":
        """Take it from the ward's own file."""
        return cls(
            ward_name=office.name,
            committee=office.committee,
            contact_phone=office.phone,
            hotline=office.hotline,
            signatory=signatory,
        )


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """The head of the sheet: `agency` in capitals, a line each; `place` stands before the date.

    `superior` is empty for a People's Committee itself, and its name for a unit below it.
    """

    agency: tuple[str, ...]
    place: str
    superior: str = ""

    @classmethod
    def of(cls, office: Office) -> "Letterhead":
        """Break the committee's name before the ward's, as it is printed."""
        body = office.committee.removesuffix(office.name).strip()
        lines = (body, office.name) if body and body != office.committee else (office.committee,)
        place = office.name
        for unit in ("phường ", "xã ", "đặc khu "):
            place = place.removeprefix(unit)
        return cls(agency=tuple(line.upper() for line in lines), place=place)


@dataclass(frozen=True, kw_only=True)
class LetterText:
    """The words of one letter, ready to be read by the person who will sign it.

    `approved` tells whether the ward has approved the template; without that nothing is sent.
    """

    template: str
    version: int
    approved: bool
    title: str
    greeting: str
    paragraphs: tuple[str, ...]
    closing: str
    signatory: Signatory
    solemn: bool
    layout: Layout
    palette: Palette

    def plain(self) -> str:
        """Return the letter as it is sent in a chat and hashed."""
        body = (self.title, self.greeting, *self.paragraphs, self.closing)
        signed = "\n".join((*self.signatory.lines, self.signatory.name)).strip()
        return "\n\n".join(part for part in (*body, signed) if part)

    @property
    def words(self) -> int:
        """Return how many words a reader reads, head and signature apart."""
        return sum(len(part.split()) for part in (self.greeting, *self.paragraphs, self.closing))


@dataclass(frozen=True, kw_only=True)
class LetterPaper:
    """A letter on its sheet. `number` comes from the register; until then it is left open, like the day.

    `qr` is whatever a phone should read from the corner: a link, or the words to send to the
    ward; `qr_note` tells people what it is for. `recipients` stand under "Nơi nhận".
    """

    text: LetterText
    head: Letterhead
    dated: date
    status: Status
    number: int | None = None
    symbol: str = ""
    recipients: tuple[str, ...] = ()
    qr: str = ""
    qr_note: str = ""


@dataclass(frozen=True, kw_only=True)
class HandoverRow:
    """One letter to be handed over in person."""

    number: int | None
    title: str
    recipient: str
    address: str


@dataclass(frozen=True, kw_only=True)
class HandoverPaper:
    """The list one neighbourhood head takes along, with a column to sign in."""

    head: Letterhead
    dated: date
    neighbourhood: str
    group_head: str
    rows: tuple[HandoverRow, ...]
    contact_phone: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """One envelope."""

    recipient: str
    address: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class LabelPaper:
    """A sheet of address labels, two across and seven down, to be cut."""

    dated: date
    sender: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """One table of a report; `widths` are the bars beside its rows, out of 100, where there are any."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportPaper:
    """Figures of the ward's work in a time, to be printed; `facts` are pairs of what and how much."""

    head: Letterhead
    dated: date
    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[ReportTable, ...]


@dataclass(frozen=True, kw_only=True)
class QrCode:
    """One code to read with a phone: what it holds, what stands under it."""

    content: str
    title: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class QrPaper:
    """Codes to hang at a counter: one large and others small beneath (`poster`), or a sheet of equal ones."""

    head: Letterhead
    dated: date
    title: str
    lead: str
    codes: tuple[QrCode, ...]
    foot: tuple[str, ...]
    poster: bool


Paper = LetterPaper | HandoverPaper | LabelPaper | ReportPaper | QrPaper
