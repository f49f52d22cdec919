"""The printable questionnaire: empty, for the people inside a company who will be asked.

Invariants: everything printed comes from the definition; the same definition gives the same bytes; nothing is fetched.
"""
