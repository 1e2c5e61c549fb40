"""A short title of a report, in the resident's own words."""

import re
import unicodedata
from collections.abc import Iterator

from knowledge.fold import MAX_LETTERS, fold

SHORTEST = 12  # letters; a shorter clause takes the next one along
ELLIPSIS = "…"

_CLAUSE = re.compile(r"[.,;:!?…]+(?=\s|$)|[\n\r;!?…]+")
_MARKUP = re.compile(r"[<>*_`#\[\]{}|\\]+")
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")
_LABEL = r"(?:sđt|sdt|đt|điện thoại|dien thoai|zalo|cccd|cmnd|căn cước|can cuoc|stk|tài khoản)"
_NUMBER = re.compile(
    rf"(?:(?:số\s+)?{_LABEL}[\s:]*)?(?<![\d/])\+?\d(?:[ .\-]?\d){{8,14}}(?!\d)", re.IGNORECASE
)

# What people say before they say it, folded: greeting, whom they greet, that they will report.
_WHOM = (
    r"(?:cac |quy |lanh dao |can bo )?(?:co quan chuc nang|co quan|uy ban nhan dan|ubnd|uy ban|phuong minh|phuong"
    r"|xa|chinh quyen|tro ly so|anh chi|co chu|anh|chi|vi|ban|ad|admin|lanh dao|can bo|moi nguoi)"
)
_WHO = r"(?:toi|em|minh|tui|chau|con|gia dinh (?:toi|em)|nha (?:toi|em)|ba con|nguoi dan)"
_GREETING = rf"(?:da|vang|xin chao|kinh chao|chao|kinh gui|kinh thua|thua|alo|hello|hi)(?: {_WHOM})*(?: (?:a|oi|nha|nhe))*"
_CALLING = rf"{_WHOM} oi"
_TELLING = (
    rf"(?:{_WHO} )?(?:co viec )?(?:(?:muon|xin|can|duoc|phep) )*"
    rf"(?:(?:(?:cho|nho) {_WHO} )(?:hoi|bao|noi)|phan anh|kien nghi|bao cao|trinh bao|gop y|xin bao|muon bao|muon noi)"
    rf"(?:(?: (?:voi|len|toi|den|cho))? {_WHOM})*(?: (?:ve|viec|la|rang|nhu sau|tinh trang|giup|gium))*"
)
_OPENING = re.compile(rf"(?:(?:{_GREETING}|{_CALLING}|{_TELLING})(?: |$))+")
_NAMES_ITSELF = (
    "toi ten",
    "em ten",
    "minh ten",
    "ten toi",
    "toi la",
    "em la",
    "minh la",
    "ho ten",
    "ho va ten",
)


def title_of(text: str, limit: int = 60) -> str:
    """Return the first clause that says something, at most *limit* letters, cut at a word.

    Greetings, the writer's name, phone and personal id numbers, and links are left out.

    >>> title_of("Dạ chào phường, em muốn phản ánh rác để ba hôm không ai thu. 0900 000 123")
    'Rác để ba hôm không ai thu'
    """
    title = ""
    for clause in _clauses(unicodedata.normalize("NFC", text[:MAX_LETTERS])):
        title = f"{title}, {clause}" if title else clause
        if len(title) >= SHORTEST:
            break
    return _cut(title[:1].upper() + title[1:], limit)


def _clauses(text: str) -> Iterator[str]:
    plain = _NUMBER.sub(" ", _LINK.sub(" ", _UNSEEN.sub("", text)))
    for clause in _CLAUSE.split(_MARKUP.sub(" ", plain)):
        said = " ".join(clause.split()).strip(" -–,.:;()\"'“”")
        if fold(said).startswith(_NAMES_ITSELF):
            continue
        said = _begun(said)
        if any(letter.isalpha() for letter in said):
            yield said


def _begun(clause: str) -> str:
    """Return *clause* without the words people begin with; "" when there are no others."""
    said = clause.split()
    bare = " ".join(fold(word) or "-" for word in said)
    opening = _OPENING.match(bare)
    return " ".join(said[len(opening[0].split()) :]) if opening else clause


def _cut(title: str, limit: int) -> str:
    if len(title) <= limit:
        return title
    kept = title[: limit - len(ELLIPSIS) + 1]
    kept = kept.rsplit(" ", 1)[0].rstrip(" ,.-–") if " " in kept else kept[:-1]
    return kept + ELLIPSIS
