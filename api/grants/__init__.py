"""Grants: a vendor shows a sealed submission, or part of it, to others, and sees who read what."""
