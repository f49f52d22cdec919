"""HTTP in general: bodies in, problems out, pages of lists."""
