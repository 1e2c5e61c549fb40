"""Everyday words that ask about the office itself; a table, read by `guess`.

Written without tone marks. Longest words win, so "lich tiep dan" is not "lich". Only words
that cannot be part of a procedure's name stand here: "dia chi thuong tru" is not about us.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from knowledge.board import key_of, says

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "dia-chi": (
        "dia chi phuong", "dia chi uy ban", "dia chi tru so", "dia chi trung tam", "dia chi co quan",
        "phuong o dau", "uy ban o dau", "uy ban phuong o dau", "uy ban nhan dan o dau",
        "uy ban nhan dan phuong o dau", "tru so o dau", "tru so phuong o dau", "trung tam o dau",
        "trung tam hanh chinh o dau", "mot cua o dau", "hanh chinh cong o dau", "chi duong", "duong den phuong",
        "duong den uy ban", "duong den trung tam", "duong di den", "lam sao den", "di duong nao", "xem ban do",
        "ban do phuong", "ban do den", "website phuong", "trang web phuong", "email phuong",
    ),
    "gio": (
        "gio lam viec", "gio hanh chinh", "gio mo cua", "gio dong cua", "gio tiep nhan", "lich lam viec",
        "may gio lam", "may gio mo", "may gio dong", "may gio nghi", "lam den may gio", "lam viec may gio", "lam may gio", "mo cua may gio", "dong cua may gio", "tu may gio", "nghi trua",
        "may gio phuong mo", "may gio phuong lam", "may gio phuong nghi", "may gio uy ban", "con lam viec khong",
        "con mo cua", "dang mo cua", "hom nay co lam", "ngay mai co lam", "mai co lam", "co lam viec khong",
        "lam thu bay", "lam thu 7", "lam viec thu bay", "lam viec thu 7", "thu bay co", "thu 7 co", "chu nhat co",
        "lam chu nhat", "lich nghi le", "lich nghi tet", "nghi le may ngay", "nghi tet may ngay", "khi nao mo cua",
        "lam bu", "mua he lam", "mua dong lam", "phuong co nghi", "uy ban co nghi", "hom nay phuong nghi",
    ),
    "hotline": (
        "duong day nong", "hotline", "cho so nong", "lien he o dau", "goi so nao", "goi cho phuong", "goi dien cho phuong",
        "so dien thoai phuong", "so dien thoai uy ban", "so dien thoai cua phuong", "dien thoai phuong",
    ),
    "danh-ba": (
        "danh ba", "ai phu trach", "ai la nguoi phu trach", "can bo phu trach", "can bo nao", "gap ai", "lien he ai",
        "hoi ai", "goi ai", "dien thoai chu tich", "dien thoai pho chu tich", "dien thoai bi thu",
        "dien thoai can bo", "dien thoai lanh dao", "dien thoai cong an", "dien thoai dia chinh",
        "dien thoai tu phap", "dien thoai ho tich", "dien thoai tram y te", "so chu tich", "so cong an phuong",
        "so can bo", "so tram y te", "chu tich phuong la ai", "chu tich la ai", "uy ban nhan dan phuong la ai", "lanh dao phuong", "ten chu tich",
    ),
    "tiep-dan": (
        "tiep dan", "tiep cong dan", "gap chu tich", "gap lanh dao", "lich chu tich tiep", "lich tiep", "noi quy tiep",
    ),
    "lich-tuan": (
        "lich tuan", "lich cong tac", "lich hop", "tuan nay phuong", "tuan nay chu tich", "lich cua chu tich",
    ),
    "khong-hen": ("khong hen", "ngay khong cho", "thu sau khong hen"),
    "tien-ich": (
        "tien ich", "wifi", "wi fi", "may photo", "photo o dau", "cho de xe", "cho gui xe", "gui xe o dau",
        "de xe o dau", "bai xe", "co xe lan", "co nuoc uong", "nha ve sinh o dau", "co nha ve sinh", "co ghe",
        "cho ngoi",
    ),
    "phuong-cu": (
        "phuong cu", "xa cu", "ten phuong cu", "ten xa cu", "sap nhap vao", "sat nhap vao", "sap nhap thanh",
        "thuoc phuong nao", "nay thuoc phuong", "phuong moi la gi",
    ),
}  # fmt: skip
WHOLE: Final[Mapping[str, str]] = {
    "dia chi": "dia-chi", "dia chi o dau": "dia-chi", "o dau": "dia-chi", "gio": "gio", "may gio": "gio",
    "mo cua": "gio", "lich": "gio", "so dien thoai": "hotline", "dien thoai": "hotline", "lien he": "hotline", "nop hoso o dau": "dia-chi",
    "so dien thoai o dau": "hotline", "cho xin so dien thoai": "hotline", "xin so dien thoai": "hotline",
    "lanh dao": "danh-ba", "chu tich": "danh-ba", "bi thu": "danh-ba",
}  # fmt: skip
_OLD_NAME: Final = re.compile(
    r"\b(p ?|phuong (so )?)\d{1,2} cu\b|\b(phuong|xa) (?!hoi )[a-z]+( [a-z]+){0,2} cu\b"
)
_CHANGES: Final = (
    "doi",
    "cap nhat",
    "xac nhan",
    "dinh chinh",
    "dang ky",
    "giay",
    "can cuoc",
    "so do",
    "ho khau",
)
_NOT_WITH: Final[Mapping[str, tuple[str, ...]]] = {  # with these words it is about a procedure
    "dia-chi": _CHANGES,
    "phuong-cu": _CHANGES,
    "tiep-dan": ("thu tuc",),
}
_LONGEST: Final = 16  # syllables; a longer text tells a story, and the story is not about us
_POLITE: Final = (
    "da",
    "a",
    "oi",
    "cho hoi",
    "xin hoi",
    "cho toi hoi",
    "alo",
    "nhe",
    "nha",
    "phuong oi",
    "voi",
)


def guess(text: str) -> str | None:
    """Return the slug of the topic *text* asks about, or None if it is about something else."""
    query = _bare(key_of(text).replace("ho so", "hoso"))  # "hồ sơ trực tuyến" holds no "số trực"
    slug = WHOLE.get(query) or _best(query)
    vetoed = slug is not None and any(says(query, word) for word in _NOT_WITH.get(slug, ()))
    return None if vetoed or query.count(" ") >= _LONGEST else slug


def _best(query: str) -> str | None:
    found = [(len(key), slug) for key, slug in _keys() if says(query, key)]
    if found:
        return max(found)[1]
    return "phuong-cu" if _OLD_NAME.search(query) else None


@cache
def _keys() -> tuple[tuple[str, str], ...]:
    """Return the table as it is compared, each phrase with its topic."""
    return tuple((key_of(words), slug) for slug, phrases in WORDS.items() for words in phrases)


def _bare(query: str) -> str:
    """Return *query* without the polite words around it."""
    for word in _POLITE:
        query = f" {query} ".removeprefix(f" {word} ").removesuffix(f" {word} ").strip()
    return query
