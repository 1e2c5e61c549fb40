"""Numbers and addresses that lead to one person, found in what people write, and covered.

Some are known by their shape alone: a mobile number, a personal id number, an e-mail address.
The rest is only digits until a word beside them says what they are: nine digits after "cmnd",
any digits after "stk". Codes, money, dates and the telephones of offices are left as they stand.

What is not found: numbers spelled out in words, passwords made of letters, names, addresses.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Secret(StrEnum):
    """What a number leads to."""

    PHONE = "phone"  # a mobile number; an office's telephone is no secret
    PERSONAL_ID = "personal_id"  # căn cước, chứng minh nhân dân, bảo hiểm
    BANK_ACCOUNT = "bank_account"  # or a bank card
    EMAIL = "email"
    OTP = "otp"  # a code for one use, a PIN, a password of digits


@dataclass(frozen=True, kw_only=True)
class Found:
    """One secret; `text[start:end]` is all of it."""

    kind: Secret
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class _Clue:
    """Words (folded) that say what the digits beside them are, if those look like `digits`."""

    kind: Secret
    words: tuple[str, ...]
    digits: str
    may_follow: bool = False  # "… là số cmnd của tôi"; a word for money would take too much


COVERS = {
    Secret.PHONE: "[đã che số điện thoại]",
    Secret.PERSONAL_ID: "[đã che số giấy tờ]",
    Secret.BANK_ACCOUNT: "[đã che số tài khoản]",
    Secret.EMAIL: "[đã che email]",
    Secret.OTP: "[đã che mã xác thực]",
}
_CLUES = (
    _Clue(
        kind=Secret.PERSONAL_ID,
        words=(
            *("cmnd", "cmtnd", "cmt", "cccd", "chung minh", "can cuoc", "dinh danh", "so giay to"),
            *("giay to tuy than", "ma so thue", "mst"),
        ),
        digits=r"\d{9}|\d{12}",
        may_follow=True,
    ),
    _Clue(
        kind=Secret.PERSONAL_ID,
        words=("bhxh", "bhyt", "bao hiem xa hoi", "bao hiem y te"),
        digits=r"\d{10}|\d{13}",
    ),
    _Clue(
        kind=Secret.PHONE,
        words=("sdt", "dt", "dien thoai", "so may", "di dong", "phone", "zalo", "goi", "lien he", "lh"),
        digits=r"0?[35789]\d{8}",  # a sheet drops the 0 in front
        may_follow=True,
    ),
    _Clue(
        kind=Secret.BANK_ACCOUNT,
        words=("stk", "so tk", "tai khoan", "chuyen khoan", "ck", "so the", "the atm", "ngan hang"),
        digits=r"\d{8,19}",
    ),
    _Clue(
        kind=Secret.OTP,
        words=("otp", "ma xac thuc", "ma xac nhan", "ma pin", "mat khau"),
        digits=r"\d{4}|\d{6,8}",
    ),
)
_REACH_AFTER = 60  # characters a word reaches: "số tài khoản ngân hàng … chi nhánh … của tôi là"
_REACH_BEFORE = 20

# --- shapes -----------------------------------------------------------------------------------
# Every pattern takes one letter of a set first: only then is a long text without digits passed
# over at once. `(?<=…)` afterwards says which letter it was.

_UNSEEN = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\u20e3\ufeff"
_Z = f"[{_UNSEEN}]{{0,4}}"  # what may stand inside a number written without a break
_BREAK = rf"[ \t.\-_()\u00a0\u00b7\u2000-\u200a\u2010-\u2015\u2022\u202f\u3000{_UNSEEN}]"
_S = f"{_BREAK}{{0,4}}"
_END = r"(?!\d)"

# Broken into pieces: one of the first has three digits or more, or each has one. Otherwise
# "khu phố 05 06 07 08 09" would be a telephone.
_IN_PIECES = (
    rf"(?=\d\d|\d?{_BREAK}{_S}(?:\d\d?{_BREAK}{_S}){{0,2}}\d\d\d|{_BREAK}{_S}\d(?:{_BREAK}{_S}\d){{8}})"
)


def _digits(count: int, between: str = _S) -> str:
    return rf"(?:{between}\d){{{count}}}{_END}"


def _card(between: str) -> str:
    """A personal id number: province, sex and century, year, six digits.

    Nghị định 137/2015/NĐ-CP Điều 13; the century is the 20th or the 21st.
    """
    z = between
    return rf"(?<=0){z}(?:0{z}[1-9]|[1-8]{z}\d|9{z}[0-6]){z}[0-3]{_digits(8, z)}"


_OLD_MOBILE = r"1(?:2\d|6[2-9]|8[68]|99)"  # eleven digits, until 2018; people still type them
_MOBILE = (
    rf"(?<=0){_Z}[35789]{_digits(8, _Z)}"
    rf"|(?<=0){_Z}0{_Z}8{_Z}4{_Z}[35789]{_digits(8)}"
    rf"|(?<=\+){_S}8{_Z}4{_S}(?:0{_S})?[35789]{_digits(8)}"
    rf"|(?<=8){_Z}4(?:{_Z}0)?{_S}[35789]{_digits(8)}"
    rf"|(?<=0){_OLD_MOBILE}{_digits(7)}"
)
_MOBILE_IN_PIECES = rf"(?<=0){_IN_PIECES}{_S}[35789]{_digits(8)}"
_CARD_IN_PIECES = rf"(?<=0){_IN_PIECES}{_card(_S)}"

_UNIT = r"(?=\s?(?i:đồng|đ|dong|vnđ|vnd|nghìn|ngàn|triệu|tr|tỷ|tỉ|tệ|usd|m2|m²)(?!\w))"
_KEPT = (
    "|".join(re.escape(cover[1:]) for cover in COVERS.values()),
    # a date
    r"(?:(?<=0)[1-9]|(?<=[12])\d|(?<=3)[01]|(?<=[1-9]))[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d" + _END,
    # money or an area
    rf"(?<=[1-9])\d{{0,2}}(?:[.,]\d{{3}}{_END})++(?:(?<=000)|{_UNIT})",
    rf"(?<=[1-9])\d*+{_UNIT}",
    # a place on the map
    r"(?:(?<=[89])|(?<=1)\d|(?<=2)[0-4])\.\d{4,12}[, ]{1,3}1[01]\d\.\d{4,12}" + _END,
    # a procedure: 1.001193, 2.000635.000.00.00.H26
    rf"(?<=[1-3])\.\d{{6}}{_END}(?:\.\d{{2,3}}{_END})*",
    # a dossier: H26.1187, H26-251120-0001; a report: PA26-0417-9
    r"(?<=[A-Z]\d)\d[.-]\d{4,6}(?:-\d{1,4})?" + _END,
    # an office's telephone
    rf"(?<=0){_S}2(?:{_S}\d){{8,9}}{_END}",
)
_SHAPES = re.compile(
    rf"[+\d\[](?<!\d[+\d])(?:(?P<kept>{'|'.join(_KEPT)})"
    rf"|(?P<phone>{_MOBILE})|(?P<personal_id>{_card(_Z)}|{_CARD_IN_PIECES})|(?P<phone_>{_MOBILE_IN_PIECES}))"
)
_RUN = re.compile(rf"\d(?:{_S}\d){{3,}}+")
_PIECE = re.compile(rf"\d(?:{_Z}\d)*+")
_LINK_END = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")  # the portal names pages so
_DOMAIN = re.compile(r"@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_LOCAL_BACKWARDS = re.compile(r"[\w.+%-]+")
_LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1
_NO_DIGIT = re.compile(r"\D+")
_ODD_DIGIT = re.compile(r"[^\D0-9]")  # full-width and others
_GONE = "\0"  # covers what was looked at already
_CLUSTER = re.compile(rf"[\d{_GONE}](?:[\d{_GONE}]|{_BREAK})*+")

# --- words ------------------------------------------------------------------------------------

_MARKS = r"[\u0300-\u036f]*"
_SPELLINGS = {
    "a": f"[aàảãáạăằẳẵắặâầẩẫấậ]{_MARKS}",
    "d": "[dđ]",
    "e": f"[eèẻẽéẹêềểễếệ]{_MARKS}",
    "i": f"[iìỉĩíịyỳỷỹýỵ]{_MARKS}",
    "o": f"[oòỏõóọôồổỗốộơờởỡớợ]{_MARKS}",
    "u": f"[uùủũúụưừửữứự]{_MARKS}",
    "y": f"[yỳỷỹýỵiìỉĩíị]{_MARKS}",
    " ": r"[\s._]{0,2}",
}


def _spelled(word: str) -> str:
    """Return a pattern for folded *word* with any marks, composed or not."""
    return "".join(_SPELLINGS.get(letter, letter) for letter in word)


def _any_of(words: Sequence[str]) -> str:
    return "|".join(_spelled(word) for word in words)


_WORDS = re.compile(
    r"(?<![^\W\d_])(?:"
    + "|".join(f"(?P<clue{number}>{_any_of(clue.words)})" for number, clue in enumerate(_CLUES))
    + r")(?![^\W\d_])",
    re.IGNORECASE,
)
_SPOKEN = {
    "0": _spelled("khong"),
    "1": _spelled("mot"),
    "2": "hai",
    "3": "ba",
    "4": f"{_spelled('bon')}|{_spelled('tu')}",
    "5": f"{_spelled('nam')}|{_spelled('lam')}",
    "6": _spelled("sau"),
    "7": _spelled("bay"),
    "8": _spelled("tam"),
    "9": _spelled("chin"),
}
_SPOKEN_DIGIT = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<d{digit}>{said})" for digit, said in _SPOKEN.items()) + r")(?!\w)",
    re.IGNORECASE,
)


# --- looking ----------------------------------------------------------------------------------

_Span = tuple[int, int, Secret | None]  # None: looked at and left as it stands


def spot(text: str) -> list[Found]:
    """Return every secret in *text*, in order, never overlapping."""
    plain = _ODD_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    spans: list[_Span] = []
    for look in (_mails, _link_ends, _shapes, _told):  # what one has looked at, the next does not see
        spans = sorted([*spans, *look(_without(plain, spans))])
    return [Found(kind=kind, start=start, end=end) for start, end, kind in spans if kind]


def mask(text: str) -> str:
    """Return *text* with every secret covered; covering again changes nothing.

    >>> mask("Tôi là Lan, 0900 000 123, hẻm 123/45/6")
    'Tôi là Lan, [đã che số điện thoại], hẻm 123/45/6'
    """
    parts: list[str] = []
    at = 0
    for found in spot(text):
        parts += (text[at : found.start], COVERS[found.kind])
        at = found.end
    return "".join((*parts, text[at:]))


def phone_of(text: str) -> str | None:
    """Return the one mobile number in *text* as ten digits; None when there is none, or a choice.

    >>> phone_of("số tôi là +84 (0)900.000.123 nha")
    '0900000123'
    >>> phone_of("không chín không không, không không không, một hai ba")
    '0900000123'
    """
    numbers = set(_phones(text)) or set(_phones(_written(text)))
    return numbers.pop() if len(numbers) == 1 else None


def has_personal_id(text: str) -> bool:
    """Tell whether *text* has a number of an identity card or of an insurance."""
    return any(found.kind is Secret.PERSONAL_ID for found in spot(text))


def _phones(text: str) -> Iterator[str]:
    for found in spot(text):
        digits = _digits_of(text[found.start : found.end])
        if found.kind is Secret.PHONE and not re.fullmatch(rf"0{_OLD_MOBILE}\d{{7}}", digits):
            yield "0" + digits[-9:]


def _written(text: str) -> str:
    """Return *text* with digits for the words that name them."""
    said = _SPOKEN_DIGIT.sub(lambda word: (word.lastgroup or "")[1:], text)
    return re.sub(r"(?<=\d)\s*,\s*(?=\d)", " ", said)


def _digits_of(text: str) -> str:
    return "".join(str(unicodedata.decimal(digit)) for digit in _NO_DIGIT.sub("", text))


def _mails(text: str) -> Iterator[_Span]:
    """Find mail addresses from the "@" outwards: going forwards, a long word costs its square."""
    at = 0
    for domain in _DOMAIN.finditer(text):
        before = text[max(at, domain.start() - _LONGEST_LOCAL) : domain.start()]
        local = _LOCAL_BACKWARDS.match(before[::-1])
        if local:
            at = domain.end()
            yield domain.start() - local.end(), at, Secret.EMAIL


def _link_ends(text: str) -> Iterator[_Span]:
    return ((match.start(), match.end(), None) for match in _LINK_END.finditer(text))


def _shapes(text: str) -> Iterator[_Span]:
    for match in _SHAPES.finditer(text):
        name = (match.lastgroup or "").rstrip("_")
        yield match.start(), match.end(), None if name == "kept" else Secret(name)


def _without(text: str, spans: Sequence[_Span]) -> str:
    """Return *text*, as long as it was, with *spans* blotted out."""
    parts: list[str] = []
    at = 0
    for start, end, _ in spans:
        parts += (text[at:start], _GONE * (end - start))
        at = end
    return "".join((*parts, text[at:]))


def _told(text: str) -> Iterator[_Span]:
    """Find what only the words beside it tell.

    How far a word is away is counted with every number as one letter, so that covering one
    secret does not bring a word closer to the next.
    """
    if not _RUN.search(text):
        return
    short = _CLUSTER.sub(" ", text)
    saved = 0  # letters that `short` has fewer, up to here
    for cluster in _CLUSTER.finditer(text):
        place = cluster.start() - saved
        saved += cluster.end() - cluster.start() - 1
        runs = list(_RUN.finditer(text, cluster.start(), cluster.end()))
        clues = _clues(short, place) if runs else ()
        for run in runs:
            yield from _named(text, run.start(), run.end(), clues)


def _clues(short: str, place: int) -> Sequence[_Clue]:
    """Return what the words around *place* tell, the most telling first."""
    before = [_clue(word) for word in _WORDS.finditer(short, max(0, place - _REACH_AFTER), place)]
    after = [_clue(word) for word in _WORDS.finditer(short, place + 1, place + 1 + _REACH_BEFORE)]
    return before[::-1] + [clue for clue in after if clue.may_follow]


def _clue(word: re.Match[str]) -> _Clue:
    return _CLUES[int((word.lastgroup or "").removeprefix("clue"))]


def _named(text: str, start: int, end: int, clues: Sequence[_Clue]) -> Iterator[_Span]:
    """Find in one run of digits the pieces that fit a clue by themselves, then what lies between."""
    at = start
    for piece in _PIECE.finditer(text, start, end):
        kind = _kind(piece[0], clues)
        if kind:
            yield from _whole(text, at, piece.start(), clues)
            yield piece.start(), piece.end(), kind
            at = piece.end()
    yield from _whole(text, at, end, clues)


def _whole(text: str, start: int, end: int, clues: Sequence[_Clue]) -> Iterator[_Span]:
    run = _RUN.search(text, start, end)
    kind = _kind(run[0], clues) if run else None
    if run and kind:
        yield run.start(), run.end(), kind


def _kind(number: str, clues: Sequence[_Clue]) -> Secret | None:
    digits = _NO_DIGIT.sub("", number)
    return next((clue.kind for clue in clues if re.fullmatch(clue.digits, digits)), None)
