"""The marks with which a sentence stands out, whatever the channel makes of them."""

from collections.abc import Sequence

BOLD_ON, BOLD_OFF = "\x02", "\x03"  # no keyboard types them and `clean` drops them, so nobody can forge them
CHOOSE = "Chọn hoặc gõ số:"
PIECE = 1900  # characters of one delivery: Zalo takes 2,000, Telegram 4,096


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


def segments(text: str) -> list[tuple[str, bool]]:
    r"""Return *text* cut where it begins or ends to stand out, each part with whether it does.

    >>> segments("Lệ phí: \x02không thu\x03.")
    [('Lệ phí: ', False), ('không thu', True), ('.', False)]
    """
    found = []
    for index, part in enumerate(text.split(BOLD_ON)):
        strong, _, rest = part.partition(BOLD_OFF) if index else ("", "", part)
        found += [(strong, True), (plain(rest), False)]
    return [segment for segment in found if segment[0]]


def pieces(text: str, limit: int = PIECE) -> list[str]:
    r"""Cut *text* into pieces of at most *limit* characters, between lines where possible.

    >>> pieces("một\nhai\nba", limit=8)
    ['một\nhai', 'ba']
    """
    found, rest = [], text
    while len(rest) > limit:
        cut = max(rest.rfind("\n", 1, limit + 1), 0) or max(rest.rfind(" ", 1, limit + 1), 0) or limit
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest or not found else found
