"""Phản ánh, the whole desk: the list, one case, what is done with it, what is entered, the restricted box."""

from console import case_acts, case_entry, case_page, case_saying, cases_list, restricted
from console.door import Door

DOORS: tuple[Door, ...] = (
    *cases_list.DOORS,
    *case_entry.DOORS,
    *restricted.DOORS,
    *case_page.DOORS,
    *case_acts.DOORS,
    *case_saying.DOORS,
)
