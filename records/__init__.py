"""What we know about people: tables, and the few queries over them.

`tables` is the whole schema on one page; `database` opens it. `inbox` and `outbox` are
the two doors: what came in once, what must go out once. `gate` paces the second door.
`people` knows who can be reached and what they agreed to. Nothing here knows a network.
"""
