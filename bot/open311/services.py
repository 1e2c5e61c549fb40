"""What can be reported, what may be said with it, and where this server stands.

Discreet fields are not offered: an application of others is no place for a confidential matter.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.open311.writing import Form
from knowledge.concerns import Category, Concerns
from knowledge.ward import Ward

PATH = "/open311/v2"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
EXTERNAL_ID = "external_id"
KEYWORDS = 8  # of a field
_PATTERN = frozenset("…/_")  # signs of a phrase that is no plain word (knowledge.concern_words)


def offered(concerns: Concerns) -> Iterator[Category]:
    """Return the fields in which others may report."""
    return (category for category in concerns.categories if not category.discreet)


def find(concerns: Concerns, code: str) -> Category | None:
    """Return the field *code*, if others may report in it."""
    return next((category for category in offered(concerns) if category.code == code), None)


def listed(concerns: Concerns) -> list[dict[str, Any]]:
    """Return the service list."""
    groups = {code: name for name, codes in concerns.group().items() for code in codes}
    return [_service(category, groups.get(category.code, "")) for category in offered(concerns)]


def _service(category: Category, group: str) -> dict[str, Any]:
    plain = [phrase for phrase in category.words if _PATTERN.isdisjoint(phrase)]
    return {
        "service_code": category.code,
        "service_name": category.title,
        "description": f"Ví dụ: {category.example}.",
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join([category.name, *plain[:KEYWORDS]]),
        "group": group,
    }


def definition(category: Category) -> dict[str, Any]:
    """Return what may be said in this field beyond the specification's own arguments."""
    notes = [_note(1, _urgent(category))] if category.emergency else []
    return {"service_code": category.code, "attributes": [*notes, _external_id(len(notes) + 1)]}


def _urgent(category: Category) -> str:
    return f"Đang nguy hiểm thì gọi {category.emergency} trước, rồi mới gửi phản ánh."


def _note(order: int, text: str) -> dict[str, Any]:
    """Return an attribute that only tells something."""
    return _attribute(order, "note", text, variable=False)


def _external_id(order: int) -> dict[str, Any]:
    text = (
        "Mã của ứng dụng cho phản ánh này, tối đa 40 ký tự. Gửi lại với cùng mã thì vẫn là một việc; "
        "nên có, để mất mạng giữa chừng thì gửi lại được."
    )
    return _attribute(order, EXTERNAL_ID, text, variable=True)


def _attribute(order: int, code: str, text: str, *, variable: bool) -> dict[str, Any]:
    return {
        "variable": variable,
        "code": code,
        "datatype": "string",
        "required": False,
        "datatype_description": "Một dòng chữ",
        "order": order,
        "description": text,
        "values": [],
    }


def discovery(ward: Ward, url: str) -> Mapping[str, Any]:
    """Return where the service stands and whom to ask for a key."""
    changed = f"{ward.desks.checked.checked_on:%Y-%m-%d} 00:00"
    endpoint = {
        "specification": SPECIFICATION,
        "url": url,
        "changeset": changed,
        "type": "production",
        "formats": [form.content_type for form in (Form.XML, Form.JSON)],
    }
    return {
        "changeset": changed,
        "contact": f"{ward.committee}, {ward.address}, điện thoại {ward.phone}",
        "key_service": f"Xin khóa (api_key) tại {ward.committee}, điện thoại {ward.phone}. Chỉ đọc thì không cần khóa.",
        "endpoints": [endpoint],
    }
