"""Attestations: sign, seal and verify, offline.

Invariants: no database, no web framework, no renderer, no network; the time and every salt are arguments; what was
signed is kept and checked as bytes, never written anew. Imports run downwards: only `questionnaires` lies below.
"""
