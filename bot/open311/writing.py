"""Say the same thing in JSON and in XML, as GeoReport v2 maps one to the other.

A list in XML is an element in the plural that holds elements in the singular; in JSON the
outermost name falls away (the Spark convention).
"""

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp import web

from bot.open311.trouble import Trouble

SINGULAR = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2

Value = Mapping[str, Any] | Sequence[Any] | str | float | bool | None


class Form(StrEnum):
    """What the end of an address asks for."""

    JSON = "json"
    XML = "xml"

    @property
    def content_type(self) -> str:
        """Return the type the specification wants."""
        return "application/json" if self is Form.JSON else "text/xml"


def write(form: Form, name: str, value: Value, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Return *value* as *form*; *name* is the outermost element."""
    body = as_json(value) if form is Form.JSON else as_xml(name, value)
    return web.Response(body=body, content_type=form.content_type, charset="utf-8", status=status)


def write_trouble(form: Form, trouble: Trouble) -> web.Response:
    """Return what was wrong, in the shape of the specification."""
    errors = [{"code": int(trouble.status), "description": sentence} for sentence in trouble.sentences]
    response = write(form, "errors", errors, trouble.status)
    if trouble.retry_after_s:
        response.headers["Retry-After"] = str(int(trouble.retry_after_s) + 1)
    return response


def as_json(value: Value) -> bytes:
    r"""Return *value* as JSON.

    >>> as_json([{"code": 400}])
    b'[{"code": 400}]'
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def as_xml(name: str, value: Value) -> bytes:
    r"""Return *value* as an XML document.

    >>> as_xml("errors", [{"code": 400}]).partition(b"\n")[2]
    b'<errors><error><code>400</code></error></errors>'
    """
    root = ET.Element(name)
    _fill(root, value)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _fill(element: ET.Element, value: Value) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _fill(ET.SubElement(element, name), inner)
    elif isinstance(value, str):
        element.text = _NOT_XML.sub("", value)
    elif isinstance(value, Sequence):
        for inner in value:
            _fill(ET.SubElement(element, SINGULAR[element.tag]), inner)
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
