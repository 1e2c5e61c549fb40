"""Groups of the Official Account (GMF): how their addresses look, and what is never said in one.

A person's address is Zalo's id as it is; a group's begins with "group:". Only groups that the
OA made speak to us; what neighbours write in groups of their own never comes here (zalo.md §7).
"""

import re

PREFIX = "group:"
LONGEST = 100  # characters of an address that our records hold

_MENTION = re.compile(r"\[@[^\[\]]*\]")
_OPENING = "[@"


def address(group_id: str) -> str:
    """Return the address of a group; empty for no id, or for one our records cannot hold."""
    return PREFIX + group_id if group_id and len(PREFIX + group_id) <= LONGEST else ""


def named_by(user: str) -> str:
    """Return the group's id that the address *user* names, empty for a person.

    >>> named_by("group:f414c8f76fa586fbdfb4"), named_by("246845883529197922")
    ('f414c8f76fa586fbdfb4', '')
    """
    return user.removeprefix(PREFIX) if user.startswith(PREFIX) else ""


def without_mentions(text: str) -> str:
    """Return *text* without anything that would ring a member's phone, or everybody's.

    >>> without_mentions("Đèn hỏng [@f414] ở hẻm 42 [[@x]@all]")
    'Đèn hỏng  ở hẻm 42 '
    """
    while _OPENING in text:  # what is left after one removal may be a mention again
        shorter = _MENTION.sub("", text)
        text = shorter if shorter != text else text.replace(_OPENING, "@")
    return text
