"""A dossier by its receipt code: where it stands, and hearing of its result.

Whoever knows the code hears the state and the promised date. Who watches hears which procedure
it is. Whose it is, only its owner hears: an account somebody verified as the applicant's, that
watches. Of a sensitive dossier nobody hears more than the state.
"""

import re

from handlers.phrases import consent as consent_phrases
from handlers.phrases import dossier as phrases
from handlers.talk import Choice, Reply, Turn
from knowledge.calendar import here
from knowledge.fold import fold
from records import dossiers, people, rights, staff, trace
from records.letters import Dossier, ResidentAddress
from records.tables import Purpose

_BACK = Choice("Về đầu", "/menu")
_PERSON = Choice("Gặp cán bộ", "/canbo")
# Thông tư 01/2018/TT-VPCP, Điều 19: "000.00.12.H26-251120-0001"; desks also write "H26.1187".
_CODE = re.compile(
    r"(?<![\w.])(?:\d{3}\.\d{2}\.\d{2,3}\.)?[a-z]\d{2}(?:\.\d{2})?[.\- ]?\d{3,6}(?:-\d{3,6})?(?![\w])"
)
_NAMED = re.compile(r"(?:ho so|bien nhan|giay hen)(?: so| ma)?[ :]+([a-z0-9][a-z0-9./_-]{3,39})$")
_STOP = ("thoi theo doi", "ngung theo doi", "bo theo doi", "huy theo doi")
_LONGEST = 80  # letters; a longer message tells a story that happens to name a code


def command(text: str) -> str:
    """Return the command that free words about a dossier stand for, or nothing.

    >>> command("Theo dõi hồ sơ H26.1187"), command("hs H26.1187 tới đâu rồi"), command("làm hồ sơ gì")
    ('/theodoi H26.1187', '/hoso H26.1187', '')
    """
    bare = fold(text).strip(" .!?")
    found = _NAMED.search(bare) or _CODE.search(bare)
    if found is None or len(bare) > _LONGEST or bare.startswith("pa"):
        return ""
    code = (found[1] if found.re is _NAMED else found[0]).upper()
    if not any(map(str.isdigit, code)):
        return ""
    if bare.startswith(_STOP):
        return f"/thoitheodoi {code}"
    return f"/theodoi {code}" if "theo doi" in bare else f"/hoso {code}"


async def status(turn: Turn) -> Reply:
    """Tell where the dossier stands, as much of it as this person may know."""
    if not turn.argument:
        return Reply(text=phrases.ASK_CODE, choices=(_PERSON, _BACK))
    row = await _find(turn, turn.argument)
    if isinstance(row, Reply):
        return row
    who = turn.incoming.sender
    watching = await dossiers.watches(turn.db, row, who)
    owner = watching and await _owns(turn, row)
    text = phrases.status(row, here(turn.now).date(), watching=watching, owner=owner)
    follow = _unfollow(row) if watching else _follow(row)
    choices = (_PERSON, _BACK) if row.state in dossiers.ENDED else (follow, _PERSON, _BACK)
    return Reply(text=text, choices=choices)


def _follow(row: Dossier) -> Choice:
    return Choice("Báo khi có kết quả", f"/theodoi {row.receipt_code}"[:64])


def _unfollow(row: Dossier) -> Choice:
    return Choice("Thôi theo dõi", f"/thoitheodoi {row.receipt_code}"[:64])


async def _find(turn: Turn, said: str) -> Dossier | Reply:
    """Return the dossier, or what is said when there is none; guessing tires soon."""
    who = turn.incoming.sender
    if not await staff.may_try(turn.db, who, turn.now):
        return Reply(text=phrases.WAIT.format(hotline=turn.ward.hotline), choices=(_PERSON, _BACK))
    row = await dossiers.by_code(turn.db, said[:60])
    if row is None:
        await staff.note_miss(turn.db, who, turn.now)
        return Reply(text=phrases.MISSING, choices=(_PERSON, _BACK))
    return row


async def _owns(turn: Turn, row: Dossier) -> bool:
    """Tell whether this account was verified as the applicant's, and is not closed."""
    known = await turn.db.get(ResidentAddress, tuple(turn.incoming.sender))
    if known is None or known.verified_at is None or known.closed_at is not None:
        return False
    return row.applicant_id is not None and known.resident_id == row.applicant_id


# --- hearing of the result -----------------------------------------------------------------------


async def watch(turn: Turn) -> Reply:
    """Let the person hear of the result, once they have agreed to such notices in full words."""
    code, _, said = turn.argument.partition(" ")
    if not code:
        return Reply(text=phrases.ASK_CODE, choices=(_PERSON, _BACK))
    row = await _find(turn, code)
    if isinstance(row, Reply):
        return row
    if said == "khong":
        return Reply(text=phrases.NOT_AGREED, choices=(_BACK,))
    agreed = (await people.consents(turn.db, turn.incoming.sender)).get(Purpose.RESULT_READY)
    if not agreed and said != "co":
        return _ask_consent(row)
    if not agreed:
        await _agree(turn)
    new = await dossiers.watch(turn.db, row, turn.incoming.sender, turn.now)
    text = phrases.watched(row.receipt_code) if new else phrases.already(row.receipt_code)
    return Reply(text=text, choices=(Choice("Xem hồ sơ", f"/hoso {row.receipt_code}"[:64]), _BACK))


def _ask_consent(row: Dossier) -> Reply:
    code = row.receipt_code
    return Reply(
        text=consent_phrases.newest(Purpose.RESULT_READY).text,
        choices=(Choice("Đồng ý", f"/theodoi {code} co"), Choice("Không", f"/theodoi {code} khong")),
    )


async def _agree(turn: Turn) -> None:
    """Keep the yes, and seal that it was said and to which words."""
    who, wording = turn.incoming.sender, consent_phrases.newest(Purpose.RESULT_READY).id
    await people.say_consent(
        turn.db, who, (Purpose.RESULT_READY,), granted=True, wording=wording, now=turn.now
    )
    detail = {"purpose": str(Purpose.RESULT_READY), "granted": True, "wording": wording}
    on = rights.pseudonym(turn.db, who)
    await trace.leave(turn.db, who="resident", what="consent", on=on, detail=detail, now=turn.now)


async def unwatch(turn: Turn) -> Reply:
    """Let the person hear nothing of it any more."""
    row = await _find(turn, turn.argument)
    if isinstance(row, Reply):
        return row
    gone = await dossiers.unwatch(turn.db, row, turn.incoming.sender)
    return Reply(text=phrases.unwatched(row.receipt_code) if gone else phrases.NOT_WATCHED, choices=(_BACK,))


COMMANDS = {"/hoso": status, "/theodoi": watch, "/thoitheodoi": unwatch}
