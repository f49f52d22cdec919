"""Engine 2: engine 1's figures, and what holds them: caps, floors, completeness, contradictions and red lines.

Invariants: printed is never better than computed; every hold is named with its places; withholding any answer never
improves a printed band or an upper bound; nothing a reviewer decided is read from anywhere but the review given.
"""

from questionnaires.engine_2.assessing import ENGINE, assess
from questionnaires.engine_2.result import result_of

__all__ = ["ENGINE", "assess", "result_of"]
