"""Assessments: grading evidence, and the scorecard of a sealed submission."""
