"""What a letter says of itself: under the picture in a chat, to staff, to whoever checks a code.

Sentences to residents name the kind of letter, never anybody's matter. Staff read names beside
the record they come from.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from knowledge import when
from knowledge.wording import bold
from letters import audience as audiences
from letters import rules
from letters.enclosures import promised
from letters.paper import LetterText
from letters.rules import Kind
from letters.states import TITLES
from records.letters import CivilEvent, EventKind, Letter, LetterState, Recipient, Route

_SAID_BELOW: Final = (LetterState.INCOMPLETE, LetterState.HALTED)  # whoever shows these says why at length
NOT_BY_CHAT: Final = "Chỉ in trao tay, đọc loa, đăng trang; máy không nhắn cho ai."
Choices = tuple[tuple[str, str], ...]
EVENTS: Final[Mapping[EventKind, str]] = {
    EventKind.MARRIAGE: "đăng ký kết hôn",
    EventKind.BIRTH: "đăng ký khai sinh",
    EventKind.DEATH_REPORTED: "tin báo có người mất",
    EventKind.DEATH_REGISTERED: "đăng ký khai tử",
    EventKind.DUE_SOON: "hồ sơ sắp đến hạn",
    EventKind.OVERDUE: "hồ sơ quá hạn",
    EventKind.CONTRIBUTION: "đóng góp",
    EventKind.VALUABLE_FEEDBACK: "góp ý có giá trị",
    EventKind.INITIATIVE_RECOGNISED: "sáng kiến được công nhận",
    EventKind.ACHIEVEMENT: "thành tích",
    EventKind.SERVICE_FAULT_CONFIRMED: "lỗi phục vụ đã xác minh",
    EventKind.DOSSIER_LOST_OR_WRONG: "kết quả mất, hỏng hoặc sai",
}
ROUTES: Final[Mapping[Route, str]] = {
    Route.UNDECIDED: "chưa chọn đường gửi",
    Route.CHAT: "gửi qua chat",
    Route.WAITING: "chờ người nhận nhắn tin",
    Route.PAPER: "in, trao tận tay",
    Route.NONE: "không gửi",
}
# What the approver reads of the record, by the name of the fact; what is not listed is not shown.
RECORD: Final[Mapping[str, str]] = {
    "registered_on": "ngày đăng ký",
    "handed_over_on": "ngày trao giấy",
    "groom_name": "chồng",
    "bride_name": "vợ",
    "child_name": "con",
    "child_born": "ngày sinh",
    "mother_name": "mẹ",
    "father_name": "cha",
    "deceased_name": "người mất",
    "deceased_born": "năm sinh",
    "died_on": "ngày mất",
    "family_name": "đại diện gia đình",
    "family_relation": "quan hệ",
    "viewing": "lễ viếng",
    "applicant_name": "người nộp",
    "dossier_code": "hồ sơ",
    "code": "mã",
    "original_due_on": "hẹn cũ",
    "specific_reason": "lý do",
    "new_due_on": "hẹn mới",
    "giver": "người đóng góp",
    "goods": "hiện vật",
    "amount_vnd": "số tiền (đồng)",
    "cause": "mục đích",
    "decision_number": "số quyết định",
    "group": "tổ dân phố",
    "remark": "ghi chú",
}


def title_of(title: str) -> str:
    """Return "Thư chúc mừng kết hôn" for "THƯ CHÚC MỪNG KẾT HÔN"."""
    return title[:1] + title[1:].lower()


def under_picture(text: LetterText, committee: str, code: str) -> str:
    """Say to the recipient who writes, and how to see that it is true."""
    what = title_of(text.title).lower()
    return f"{committee} gửi {bold(what)}. Kiểm tra thật giả: gõ {bold(f'xm {code}')}."


def waits(text: LetterText, committee: str) -> str:
    """Say what an approved form tells of: its own words are with Zalo."""
    what = title_of(text.title).lower()
    return f"Tin báo: {committee} có {bold(what)} gửi anh/chị. Nhắn một lời cho Trợ lý số để nhận thư."


def verified(letter: Letter, title: str, signed_as: str) -> str:
    """Tell whoever typed a code what it belongs to; nothing of whom or about whom."""
    if letter.state in (LetterState.HALTED, LetterState.WITHHELD):
        return f"Mã này là của một thư phường {bold('đã thu hồi')}. Xin anh/chị đừng dùng thư ấy."
    day = f"{letter.document_date:%d/%m/%Y}" if letter.document_date else ""
    return (
        f"{bold('Đúng là thư của phường.')} {title_of(title)}, số {number(letter)}, "
        f"ngày {day}, {signed_as} ký. Nội dung chỉ có trong bản anh/chị đang giữ."
    )


def number(letter: Letter) -> str:
    """Return "131/TC-UBND" of a signed letter."""
    symbol = letter.facts.get("sheet", {}).get("symbol", "")
    return f"{letter.number:02d}/{symbol}" if letter.number is not None else ""


def to_whom(rows: Sequence[Recipient]) -> str:
    """Return the recipients with their quarter."""
    names = [row.name for row in rows if row.name]
    quarter = next((row.quarter for row in rows if row.quarter), "")
    return " · ".join(part for part in (", ".join(names), quarter) if part) or "chưa rõ người nhận"


def record(event: CivilEvent | None, extra: Mapping[str, object]) -> str:
    """Return what stands in the source record, for whoever approves beside it."""
    if event is None:
        return "lịch lễ của phường"
    facts = {**event.facts, **extra}
    shown = [f"{title} {_said(facts[name])}" for name, title in RECORD.items() if facts.get(name)]
    told = ""
    if event.reported_by:
        told = f"; {event.reported_by} báo, {event.confirmed_by or 'chưa ai'} xác minh"
    return f"{EVENTS[event.kind]} ({event.key}): {', '.join(shown)}{told}"


def _said(value: object) -> str:
    text = str(value)
    year, *rest = text.split("-")
    if len(rest) == 2 and len(year) == 4 and text.replace("-", "").isdigit():  # noqa: PLR2004  an ISO date
        return f"{rest[1]}/{rest[0]}/{year}"
    return text


def card(letter: Letter, title: str, rows: Sequence[Recipient], event: CivilEvent | None, place: str) -> str:
    """Show one letter to whoever decides: what, to whom, from which record, how it will travel."""
    rule = rules.of_template(letter.template)
    lines = [f"{place}{bold(title_of(title))} · {to_whom(rows)}"]
    lines.append(f"Căn cứ: {record(event, letter.facts.get('said', {}))}.")
    if rule is not None and rule.kind is Kind.SOLEMN:
        by_chat = any(row.channel is not None for row in rows)
        lines.append("Gửi qua tài khoản đã xác nhận." if by_chat else "Giao tận tay. Không gửi qua chat.")
    sheet = promised(letter.facts)
    if sheet is not None:
        lines.append(f"Gửi kèm: {sheet['told']}.")
    if rule is not None and rule.encloses:
        lines.append(f"Nhớ bỏ kèm khi giao tay: {rule.encloses}.")
    if (letter.gap or letter.reason) and letter.state not in _SAID_BELOW:
        lines.append(f"Lưu ý: {letter.gap or letter.reason}.")
    return "\n".join(lines)


def state_of(letter: Letter) -> str:
    """Return the state in Vietnamese, with the reason where there is one."""
    why = letter.gap or letter.reason
    return f"{TITLES[letter.state]}{f' ({why})' if why else ''}"


def by_hand(letter: Letter, rows: Sequence[Recipient]) -> bool:
    """Tell whether it is clear already that nobody gets *letter* by chat."""
    rule = rules.of_template(letter.template)
    solemn = rule is not None and rule.kind is Kind.SOLEMN
    nobody = all(row.channel is None and (solemn or row.resident_id is None) for row in rows)
    if letter.occasion is not None:
        return not audiences.can_choose(letter.audience)
    return nobody


def leaves(letter: Letter, rows: Sequence[Recipient]) -> str:
    """Say when a signed letter leaves, if by chat."""
    if letter.occasion is not None and not audiences.can_choose(letter.audience):
        return NOT_BY_CHAT
    if by_hand(letter, rows):
        return "Thư in để trao tận tay."
    return f"Gửi từ {when.moment(letter.due_at)}." if letter.due_at else ""


def for_deciding(letter: Letter) -> Choices:
    """Return what a signer may say to a letter, bound to this version of it."""
    tail = f"{letter.id} {letter.version}"
    asking, samples = ("Hỏi lại phòng", f"/thuhoi {tail}"), ("Xem 3 thư mẫu", f"/thumau {tail}")
    return (
        ("Duyệt", f"/thuky {tail}"),
        ("Sửa lời", f"/thusua {tail}"),
        ("Không gửi", f"/thuthoi {tail}"),
        ("Để sau", f"/thusau {tail}"),
        asking if letter.occasion is None else samples,
    )


def for_mending(letter: Letter, *, typed: bool) -> Choices:
    """Return what a clerk may say to a letter that lacks something; `typed`: a fact would fill a gap."""
    tail = f"{letter.id} {letter.version}"
    return (
        *((("Bổ sung", f"/thubosung {tail}"),) if typed else ()),
        ("Viết lời", f"/thusua {tail}"),
        ("Soạn lại", f"/thusoanlai {tail}"),
        ("Không gửi", f"/thuthoi {tail}"),
        ("Để sau", f"/thusau {tail}"),
    )


def for_halted(letter: Letter, *, may_draft: bool, may_sign: bool) -> Choices:
    """Return what may be said to a halted letter, by what a person may do."""
    tail = f"{letter.id} {letter.version}"
    return (
        *((("Soạn lại", f"/thusoanlai {tail}"),) if may_draft else ()),
        *((("Cho gửi tiếp", f"/thugui {tail}"),) if may_sign else ()),
        ("Để sau", f"/thusau {tail}"),
    )


def for_checking(letter: Letter) -> Choices:
    """Return what a clerk may say to a draft."""
    tail = f"{letter.id} {letter.version}"
    return (
        ("Đã soát", f"/thusoat {tail}"),
        ("Sửa lời", f"/thusua {tail}"),
        ("Không gửi", f"/thuthoi {tail}"),
        ("Để sau", f"/thusau {tail}"),
    )
