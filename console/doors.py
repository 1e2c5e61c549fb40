"""The table of every address of the console, and of who may go through.

What is not here is not served: `console.app` gives the router these rows and no other.
"""

from typing import Final

from console import (
    account,
    cases,
    colleagues,
    content,
    content_edit,
    content_publish,
    entering,
    imports,
    imports_deaths,
    journal,
    letters,
    letters_acts,
    letters_greetings,
    letters_one,
    letters_paper,
    people,
    people_dossiers,
    people_merging,
    people_rights,
    procedures,
    procedures_edit,
    procedures_editions,
    procedures_questions,
    procedures_sheets,
    reports,
    today,
    undo,
)
from console.door import Door, Who

DOORS: Final[tuple[Door, ...]] = (
    *entering.DOORS,
    *account.DOORS,
    *undo.DOORS,
    *today.DOORS,
    *cases.DOORS,
    *colleagues.DOORS,
    *journal.DOORS,
    *reports.DOORS,
    *letters.DOORS,
    *letters_paper.DOORS,
    *letters_greetings.DOORS,
    *letters_one.DOORS,
    *letters_acts.DOORS,
    *imports.DOORS,
    *imports_deaths.DOORS,
    *people.DOORS,
    *people_merging.DOORS,
    *people_rights.DOORS,
    *people_dossiers.DOORS,
    *procedures.DOORS,
    *procedures_edit.DOORS,
    *procedures_editions.DOORS,
    *procedures_questions.DOORS,
    *procedures_sheets.DOORS,
    *content.DOORS,
    *content_edit.DOORS,
    *content_publish.DOORS,
)


def table() -> str:
    """Return the rows as docs/quyen-trang-lam-viec.md shows them; `python -m console.doors` prints them."""
    lines = ["| địa chỉ | ai được qua | hai lớp |", "|---|---|---|"]
    for door in sorted(DOORS, key=lambda one: (one.address, one.method)):
        needs = (
            " hoặc ".join(f"`{one}`" for one in sorted(door.needs))
            if isinstance(door.needs, frozenset)
            else ""
        )
        who = needs or ("ai cũng qua" if door.needs is Who.ANYBODY else "ai đã đăng nhập")
        address = door.address.replace("|", "\\|")
        lines.append(f"| `{door.method} {address}` | {who} | {'có' if door.second else ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201  it is asked for its table
