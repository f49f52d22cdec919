"""Questionnaires, answers and scoring: pure functions of what they are given.

Invariants: no input or output, no clock, no framework, no binary floats; the same arguments give the same bytes on
every machine. The one exception is `questionnaires.library`, which reads the files shipped beside it.
"""
