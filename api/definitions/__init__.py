"""Questionnaires: the shipped ones, and a tenant's own from draft to published revision."""
