"""Registers that arrive as files become rows that can be believed, or are refused with a reason.

Pure reading: no database, no clock, no network. From the file up: `packages` (what is this
file, may it be opened), `cage` (a process to open it in), `pages`, `delimited`, `encodings`,
all held together by `sheet`. Then the register: `kinds` with `columns/*.toml` (the seven
forms), `titles` and `headers` (which column is which), `body`, `cells`, `dates` (the rows).
Last the doubt: `agreement` within a row, `pairing` across rows. `reading` is the whole way.
"""

from records.importers.forms import error_sheet, template_sheet
from records.importers.reading import read
from records.importers.rows import FileRefused, Kind, Reading, Refusal, Row

__all__ = ["FileRefused", "Kind", "Reading", "Refusal", "Row", "error_sheet", "read", "template_sheet"]
