"""The ward's letters: from a few facts to words a person signs, and from the words to paper.

`errors` says whose turn it is when a letter cannot be written. `fields` names every fact;
`facts` reads them; `stops` says when a person must write instead. `template` loads the words
of `templates/`, `render` fills them, `address` knows how people are addressed. `paper` says
what stands on a sheet, `press` prints it with `layouts/`. Nothing here sends anything.
"""
