"""Quotas: how much an organisation may keep, and how many requests it may have open."""
