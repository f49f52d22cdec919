"""A vendor's answers: the draft that is its own alone, and the sealed submission."""
