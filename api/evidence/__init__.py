"""Evidence: the files behind answers, and the grades that others give them."""
