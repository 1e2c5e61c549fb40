"""Pages for staff: a clerk's whole day in a browser, the chairperson's signature on a phone.

It holds no rules of its own: every act is one of `feedback/`, `letters/`, `knowledge/` or
`records/`. `doors.py` is the table of every address, and of who may go through.
"""
