"""An end an operator must hear of: exit status 1 and a sentence, never a traceback."""


class Trouble(Exception):
    """Something was refused or is wrong; the text says what, and what to do."""
