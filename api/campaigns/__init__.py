"""Disclosure requests: who asks whom, with which revisions, until when."""
