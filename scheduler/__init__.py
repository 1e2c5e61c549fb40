"""The clock: `jobs` is the whole timetable on one page, `ticker` the only module that keeps time.

The clock only ticks. Every job asks the tables what is still undone, so a lost tick is made
good by the next and a double one changes nothing.
"""
