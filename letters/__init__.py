"""The ward's letters: from an event to words a person signs, and on their way, once, to the right family.

Words first: `errors` says whose turn it is when a letter cannot be written. `fields` names every
fact; `facts` reads them; `stops` says when a person must write instead. `template` loads the
words of `templates/`, `render` fills them, `address` knows how people are addressed. `paper`
says what stands on a sheet, `press` prints it with `layouts/`.

Then the desk, in the order a letter takes: `rules` (what moves us, as data), `reading` and
`matching` (facts and people of an event), `drafting` (event → draft or gap), `guard` (every
stop), `waiting` and `desk` (who decides what), `register`, `promises`, `frozen` (what a signature
fixes), `routes` and `release` (the way out), `stopping` (back home), `handing` (by hand). For
greetings: `occasions`, `audience`, `broadcast`, `watching`, `aloud`. `states` is the only list of
allowed moves, `keys` how deliveries are called, `notices` what is said, `policy` what the ward
decides, `work` what every act works with. Nothing here sends anything: it puts deliveries.
"""
