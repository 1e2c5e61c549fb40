"""What an operator can type, one module a noun. A command says what it did; it decides nothing.

`parser` reads the line and turns every expected trouble into a Vietnamese sentence.
"""
