"""The transparency log of a service: entries in PostgreSQL, placed by one at a time, published as signed heads."""
