"""The marks with which a sentence stands out, whatever the channel makes of them."""

from collections.abc import Sequence

BOLD_ON, BOLD_OFF = "\x02", "\x03"  # no keyboard types them and `clean` drops them, so nobody can forge them
CHOOSE = "Chọn hoặc gõ số:"


def bold(text: str) -> str:
    """Return *text* marked to stand out where the channel can."""
    return f"{BOLD_ON}{text}{BOLD_OFF}"


def plain(text: str) -> str:
    """Return *text* without marks."""
    return text.replace(BOLD_ON, "").replace(BOLD_OFF, "")


def numbered(text: str, lines: Sequence[str]) -> str:
    r"""Return *text* with *lines* numbered under it, for whoever cannot press a button.

    >>> numbered("Loại nào ạ?", ["Cư trú", "Loại khác"])
    'Loại nào ạ?\n\nChọn hoặc gõ số:\n1. Cư trú\n2. Loại khác'
    """
    if not lines:
        return text
    listed = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
    return "\n".join([text, "", CHOOSE, *listed])
