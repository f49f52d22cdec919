"""The findings on an overlay, as data: the documentation prints this table.

Invariants: every finding keeps an overlay from being published; what is wrong with the text itself, and with what a
condition looks at, is told by the kinds that questionnaires have.
"""

from collections.abc import Mapping

from questionnaires.linting.catalogue import CATALOGUE, Finding, Kind

OVERLAY_FINDINGS: Mapping[str, Kind] = {
    "standard-stays": Kind(
        "error",
        "An overlay names a part of the standard that no overlay changes: rules, tables, evidence, engine.",
        "Take it out; what else you judge goes into weights, bands, red lines or caps of your own.",
    ),
    "standard-hold": Kind(
        "error",
        "An overlay names a red line or a cap of the standard.",
        "Take it out; give one of your own a code such as XL-01 (red line) or XC-01 (cap).",
    ),
    "only-floors": Kind(
        "error",
        "A red line or cap of one's own does more than hold a result down.",
        "Take the key out: own red lines have an effect on the band alone, and nothing lifts own caps.",
    ),
    "unknown-base": Kind(
        "error", "There is no such criteria revision.", "Name a shipped criteria revision with its digest."
    ),
    "base-mismatch": Kind(
        "error", "The name of the base and its digest are of two revisions.", "Name the revision that the digest has."
    ),
    "base-without-holds": Kind(
        "error",
        "The engine of the base reads neither red lines nor caps.",
        "Lay red lines and caps on criteria of engine 2 or later.",
    ),
    "changes-nothing": Kind("error", "The overlay changes nothing.", "Judge something otherwise, or use the standard."),
    "unknown-code": Kind("error", "A code is of another kind of criterion.", "Name a criterion of the kind asked for."),
    "weight-out-of-bounds": Kind(
        "error",
        "A weight is below half or above double the standard's.",
        "Choose a weight within the bounds that are named.",
    ),
    "weights-sum": Kind(
        "error", "With those that stay, the weights do not sum to 100.", "Take elsewhere what you add, or add it."
    ),
    "ceiling-raised": Kind(
        "error",
        "A ceiling lets mitigation take away more than the standard does.",
        "Name the standard's ceiling or a lower one.",
    ),
    "ceiling-order": Kind(
        "error",
        "A graver involvement has a higher ceiling than a lesser one, so that worse answers would improve a result.",
        "Let ceilings fall, or stay, from none over linked and contribute to cause.",
    ),
    "band-raised": Kind(
        "error", "A band begins later than in the standard.", "Let it begin where the standard's does, or earlier."
    ),
    "band-order": Kind(
        "error", "A band begins where a better one does, or before it.", "Let each band begin above the one before it."
    ),
    "no-effect": Kind(
        "error", "A red line or cap has no effect.", "Name a band worse than low, or (caps) a criterion that it holds."
    ),
    "graver-milder": Kind(
        "error", "What is called graver is no worse than the effect.", "Name a worse band, or take `graver` out."
    ),
    "lifted-by-worse": Kind(
        "error",
        "A worse answer, as the standard reads it, would no longer meet the condition.",
        "Widen the condition to what is as bad or worse, or turn it round.",
    ),
    "counts-rows": Kind(
        "error",
        "A condition counts rows, so that more or fewer of them could lift it.",
        "Look at what a deployment is, not at how many there are.",
    ),
    "divided-by-rows": Kind(
        "error",
        "A condition looks at a number that one deployment divides among several, so that splitting it could lift it.",
        "Look at a criterion that reads the sum, such as E4, or at answers that every part repeats.",
    ),
    "criterion-elsewhere": Kind(
        "error",
        "Only a deployment has criteria, and a condition reads one of a company, product or incident.",
        "Let the sign be per deployment, or look at answers.",
    ),
    "reads-mitigation": Kind(
        "error", "A condition reads a mitigation, which is known only later.", "Look at the answers behind it."
    ),
    "circle": Kind(
        "error", "A cap raises a criterion that its own condition hangs on.", "Look at answers, or raise another one."
    ),
}
"""Every kind of finding that only overlays have, by code."""


def find(code: str, pointer: str, problem: str) -> Finding:
    """Return a finding of a kind that overlays or questionnaires have; KeyError for any other."""
    kind = OVERLAY_FINDINGS.get(code) or CATALOGUE[code]
    return Finding(code, kind.severity, pointer, None, problem, kind.mend)
