"""Drafts of what an organisation writes itself: its own questionnaires, and criteria laid on the standard's."""
