"""What is true for everybody: procedures, spelling, the calendar, the ward's own address.

Pure: no database, no network, no "now". `procedure` is a card, `catalogue` an edition of all
cards, `fold` and `match` find a card by everyday words, `calendar` counts working days,
`ward` is what the ward says about itself. The facts stand in `data/`, readable by a clerk.
"""
