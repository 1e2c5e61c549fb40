"""The questions of a report, as replies: what is asked, with which buttons, how far we are."""

from dataclasses import replace
from datetime import datetime, timedelta

from handlers import draft as drafts
from handlers.draft import CATEGORY, CONFIRM, CONTACT, DANGER, PHOTOS, WHAT, WHERE, Draft
from handlers.phrases import report as phrases
from handlers.phrases import safety as safety_phrases
from handlers.talk import LABEL_LENGTH, Choice, Reply, Turn, bold, with_numbers
from knowledge import privacy, when
from knowledge.calendar import here
from knowledge.concerns import Level
from knowledge.fold import fold
from knowledge.places import Neighbour
from knowledge.sending import WAKING, next_sending_moment
from records.cases import Feedback
from records.tables import Purpose

QUIET = timedelta(seconds=2)  # silence after which an album is complete
REMINDER = Purpose.REPLY
REMIND_AFTER = timedelta(hours=20)
DROP = Choice("Bỏ", "/pa bo")
SEND = Choice("Gửi", "/pa gui")
CONTINUE = Choice("Viết tiếp", "/pa tiep")
AFRESH = Choice("Viết phản ánh mới", "/phananh moi")
KEEP_PLACE = Choice("Giữ như vừa gõ", "/pa giu")
NO_PHOTOS = Choice("Không có ảnh", "/pa duanh")
HERE = Choice("Chỉ báo qua đây", "/pa chichat")
CALL_ME = Choice("Gọi lại cho tôi", "/pa goilai")
BACK = Choice("Về đầu", "/menu")
MINE = Choice("Việc của tôi", "/viec")
HALF_DAYS = {"sang": "buổi sáng", "chieu": "buổi chiều"}
VOICE_ONLY = "(tin nhắn thoại)"
FIELDS = 4  # offered at once, with "other" as the fifth
LEVELS = {Level.URGENT: "gấp", Level.NORMAL: "thường", Level.COMPLEX: "phức tạp, cần thời gian"}


def ask(turn: Turn, draft: Draft, question: str, lead: str = "") -> Reply:
    """Return the reply that asks *question*, after *lead*."""
    far = _how_far(turn, draft, question)
    reply = _QUESTIONS[question](turn, draft, far)
    text = f"{lead}\n{reply.text}" if lead else reply.text
    return replace(reply, text=text)


def _how_far(turn: Turn, draft: Draft, question: str) -> str:
    """Return " (2/3)", counting each question once however often it is asked."""
    if question == CONFIRM:
        return ""
    name = WHAT if question == CATEGORY else question
    if name not in draft.asked:
        draft.asked.append(name)
    left = {WHAT if one == CATEGORY else one for one in drafts.open_questions(turn, draft)} - {CONFIRM}
    return phrases.step(draft.asked.index(name) + 1, len({*draft.asked, *left}))


def _what(turn: Turn, draft: Draft, far: str) -> Reply:
    if draft.category or draft.group:
        return _tell_more(turn, draft, far)
    if draft.photos:
        text = phrases.WHAT_OF_PHOTOS.format(photos=phrases.photos(len(draft.photos)), step=far)
    elif draft.place:
        text = phrases.WHAT_OF_PLACE.format(place=bold(draft.place), step=far)
    else:
        text = phrases.WHAT.format(step=far)
    return Reply(text=text, choices=_groups(turn))


def _tell_more(turn: Turn, draft: Draft, far: str) -> Reply:
    codes = turn.concerns.group().get(draft.group, ())
    field = turn.concerns.of(draft.category or codes[0])
    name = field.title if draft.category else draft.group
    text = phrases.TELL_MORE.format(field=name[:1].lower() + name[1:], example=field.example, step=far)
    return Reply(text=text, choices=(DROP,))


def _groups(turn: Turn) -> tuple[Choice, ...]:
    return tuple(
        Choice(name[:LABEL_LENGTH], f"/pa nhom {fold(name)}", name) for name in turn.concerns.group()
    )


def _category(turn: Turn, draft: Draft, far: str) -> Reply:
    codes = [guess.category.code for guess in turn.concerns.guess(draft.text, FIELDS)]
    codes += [code for code in turn.concerns.group().get(draft.group, ()) if code not in codes]
    if not codes:
        choices = _groups(turn)
    else:
        fields = [turn.concerns.of(code) for code in codes[:FIELDS] if code != "other"]
        offered = [Choice(field.name, f"/pa loai {field.code}", field.title) for field in fields]
        choices = (*offered, Choice("Khác", "/pa loai other"))
    text = phrases.VOICE if draft.voice and not draft.text else phrases.CATEGORY
    return Reply(text=text.format(step=far), choices=choices)


def _where(_: Turn, __: Draft, far: str) -> Reply:
    return Reply(text=phrases.WHERE.format(vi_tri=bold("vị trí"), step=far), choices=(DROP,))


def _photos(_: Turn, __: Draft, far: str) -> Reply:
    return Reply(text=phrases.PHOTOS.format(anh=bold("ảnh"), step=far), choices=(NO_PHOTOS, DROP))


def _contact(_: Turn, draft: Draft, far: str) -> Reply:
    if draft.callback:
        return Reply(text=phrases.CALLBACK_PHONE.format(so=bold("số điện thoại")), choices=(HERE, DROP))
    text = phrases.CONTACT.format(so=bold("số điện thoại"), step=far)
    return Reply(text=text, choices=(HERE, CALL_ME, DROP))


def _confirm(turn: Turn, draft: Draft, _: str) -> Reply:
    field = turn.concerns.of(draft.category or "other")
    text = phrases.summary(
        what=privacy.mask(". ".join(draft.text.splitlines())) or VOICE_ONLY,
        where=draft.place,
        photos=len(draft.photos),
        voice=bool(draft.voice),
        level=LEVELS[Level(draft.level or Level.NORMAL)],
        field=field.title,
        phone=" ".join(part for part in (draft.phone, draft.callback and f"(gọi {draft.callback})") if part),
        hide_photos=draft.hide_photos,
        discreet=field.discreet,
        behalf=draft.behalf,
    )
    hide = Choice("Hiện lại ảnh" if draft.hide_photos else "Ẩn ảnh", "/pa anh", _hide_line(draft))
    hiding = (hide,) if draft.photos and not field.discreet else ()
    return Reply(text=text, choices=(SEND, Choice("Sửa", "/pa sua"), DROP, *hiding))


_QUESTIONS = {
    WHAT: _what,
    CATEGORY: _category,
    WHERE: _where,
    PHOTOS: _photos,
    CONTACT: _contact,
    CONFIRM: _confirm,
}


def _hide_line(draft: Draft) -> str:
    return "Cho hiện ảnh công khai" if draft.hide_photos else "Ẩn ảnh khỏi bản công khai"


def warning(turn: Turn, draft: Draft) -> str:
    """Return the sentence about danger, once, when a report turns out to be pressing."""
    if draft.level != Level.URGENT or DANGER in draft.settled:
        return ""
    draft.settle(DANGER)
    number = turn.concerns.of(draft.category).emergency if draft.category else ""
    call = phrases.EMERGENCY_CALL.format(number=bold(number)) if number else ""
    return phrases.DANGER.format(gap=bold("mức gấp"), call=call)


def attitude() -> Reply:
    """Ask what happened at the counter."""
    return Reply(text=safety_phrases.ATTITUDE, choices=(DROP,), solemn=True)


def got_photos(draft: Draft, lost: int) -> str:
    """Say what has been received, unless the question itself says it."""
    left_out = phrases.TOO_MANY.format(most=len(draft.photos), left=lost) if lost else ""
    got = f"Dạ, đã nhận {phrases.photos(len(draft.photos))}." if draft.text or draft.category else ""
    return " ".join(part for part in (got, left_out) if part)


def together(turn: Turn, draft: Draft, reply: Reply) -> Reply:
    """Let the photos of one album share one answer."""
    sender = turn.incoming.sender
    album = turn.incoming.album or draft.id
    key = f"photos:{sender.channel}:{sender.user}:{album}:{turn.memory.step}"
    return replace(reply, key=key[:200], delay=QUIET)


def confirm_point(draft: Draft) -> Reply:
    """Ask whether a shared pin was understood."""
    return Reply(
        text=phrases.POINT_SHOWN.format(place=bold(draft.place)),
        choices=(
            Choice("Đúng", "/pa dung"),
            Choice("Gần đó, để tôi gõ", "/pa chokhac"),
            Choice("Không", "/pa chokhac"),
        ),
    )


def outside(turn: Turn, neighbour: Neighbour | None) -> Reply:
    """Say whose place it is, and what can be done."""
    again = Choice("Chọn lại vị trí", "/pa chokhac")
    if neighbour is None:
        return Reply(text=phrases.far_outside(turn.ward.name), choices=(again, BACK))
    text = phrases.outside(turn.ward.name, neighbour.name)
    contact = Choice(
        "Xem cách liên hệ", f"/phuongban {fold(neighbour.name)}"[:60], f"Xem cách liên hệ {neighbour.name}"
    )
    return Reply(text=text, choices=(contact, again, BACK))


async def neighbour_contact(turn: Turn) -> Reply:
    """Tell how to reach the ward next door."""
    known = [near for near in turn.ward.places.neighbours if fold(near.name) == fold(turn.argument)]
    if not known:
        return Reply(text=phrases.far_outside(turn.ward.name), choices=(BACK,))
    text = phrases.neighbour_contact(known[0].name, known[0].contact)
    return Reply(text=text, choices=(Choice("Chọn lại vị trí", "/pa chokhac"), BACK))


def old_ward(turn: Turn) -> Reply | None:
    """Answer a place in a former ward that now belongs to somebody else."""
    gone = [old for old in turn.ward.old_wards.find(turn.text) if old.became != turn.ward.name]
    if not gone:
        return None
    near = next((one for one in turn.ward.places.neighbours if fold(one.name) == fold(gone[0].became)), None)
    reply = outside(turn, near)
    told = phrases.old_ward(f"{gone[0].name} cũ nay thuộc {gone[0].became}")
    return replace(reply, text=f"{told}\n{reply.text}")


def nearer(wide: str) -> Reply:
    """Ask once more about a place that is wide or unknown."""
    text = phrases.nearer(wide) if wide else phrases.WHERE_AGAIN
    return Reply(text=text, choices=(KEEP_PLACE, DROP))


def contact_again() -> Reply:
    """Say what a telephone number looks like."""
    return Reply(text=phrases.CONTACT_WRONG, choices=(HERE, CALL_ME, DROP))


def when_to_call() -> Reply:
    """Ask for half a day."""
    choices = tuple(Choice(name.capitalize(), f"/pa goilai {code}") for code, name in HALF_DAYS.items())
    return Reply(text=phrases.CALLBACK, choices=(*choices, DROP))


def which_part() -> Reply:
    """Ask which part is to be changed."""
    parts = {"viec": "Việc", "nhom": "Nhóm", "noi": "Nơi", "anh": "Ảnh", "lienhe": "Liên hệ"}
    return Reply(
        text=phrases.EDIT, choices=tuple(Choice(name, f"/pa sua {code}") for code, name in parts.items())
    )


def same_thing(case: Feedback, metres: int | None, lead: str) -> Reply:
    """Ask whether it is a thing somebody has reported already."""
    text = phrases.nearby(case.code, metres, when.short_day(here(case.taken_at).date()))
    return Reply(
        text=f"{lead}\n{text}" if lead else text,
        choices=(
            Choice("Theo dõi chung", f"/pa theo {case.code}", "Theo dõi chung việc đó"),
            Choice("Việc khác, gửi mới", "/pa moi"),
        ),
    )


def unfinished(turn: Turn, draft: Draft) -> Reply:
    """Ask whether a report that was left is to go on."""
    title = drafts.title(turn, draft)
    about = f" về {bold(title[:1].lower() + title[1:])}" if title else ""
    return Reply(text=phrases.UNFINISHED.format(about=about), choices=(CONTINUE, AFRESH, DROP))


def reminder(turn: Turn, draft: Draft) -> tuple[str, list[tuple[str, str]]]:
    """Return what reminds of a report that was left, and its buttons."""
    reply = unfinished(turn, draft)
    return with_numbers(reply.text, reply.choices), [(one.label, one.say) for one in reply.choices]


def tomorrow(turn: Turn) -> datetime:
    """Return when the reminder leaves: the next day, while people are awake."""
    return next_sending_moment(turn.now + REMIND_AFTER, WAKING)


def dropped() -> Reply:
    """Say that nothing was kept."""
    return Reply(text=phrases.DROPPED, choices=(Choice("Gửi phản ánh", "/phananh"), BACK))


def nothing_open(turn: Turn) -> Reply:
    """Answer an old button: what was sent last, or that nothing is being written."""
    if turn.memory.last_case:
        text = phrases.SENT_BEFORE.format(code=bold(turn.memory.last_case))
        return Reply(text=text, choices=(MINE, AFRESH, BACK))
    return Reply(text=phrases.NOTHING_OPEN, choices=(Choice("Gửi phản ánh", "/phananh"), BACK))


def sent(turn: Turn, case: Feedback, key: str) -> Reply:
    """Confirm a case with its code, its desk and its promised hour."""
    if not key:
        return Reply(text=phrases.SENT_BEFORE.format(code=bold(case.code)), choices=(MINE, BACK))
    term = turn.concerns.of(case.category).term(Level(case.level), here(turn.now).date())
    text = phrases.sent(
        code=case.code,
        key=key,
        desk=turn.ward.desks.desk(case.desk).name,
        promised=when.moment(case.due_at),
        why=phrases.term_in_words(term.minutes, term.working_days),
    )
    return Reply(text=text, choices=(MINE, BACK))


def following(case: Feedback) -> Reply:
    """Confirm that somebody follows another's case."""
    return Reply(text=phrases.following(case.code), choices=(MINE, BACK))
