"""Cases: what residents report or suggest, from the first word to an answer they accept.

`states` is the only list of allowed moves. `intake` takes a case and gives it a code
(`codes`); `clock` says by when it is answered and when whom to alert; `routing` says who
answers for it. `acts` is what staff do, `replies` what the resident does afterwards. Every
act is one step in the caller's transaction: it changes the case, adds a line to its history,
leaves a `Trace`, and puts what is to be told in the outbox (`alerts`), in the words of
`notices`. For pages: `seeing` and `roll` list what somebody sees, `offers` says what they may do with it,
`speaking` shows what will be read and does it, `explained` and `tally` tell how things stand.
`restricted` is the box for two named persons. `public` is what everybody may see.
Not here: conversations, pages, sending.
"""
