"""Reviews: what reviewers of the asking investor decide about a sealed submission, and what the vendor replies."""
