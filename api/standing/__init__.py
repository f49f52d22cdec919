"""How attestations stand: the tables of attestations, what suspends one, and what the status list says of it."""
