"""The audit log: who did what, when, in whose name; a chain per organisation that nobody can rewrite unnoticed."""
