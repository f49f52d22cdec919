"""Wording that claims an authority which nobody has looked up.

Invariant: a framework counts as checked for a question where one of the question's references to it says so.
"""

import re
from collections.abc import Iterator, Mapping

from questionnaires.definition import Question
from questionnaires.linting.catalogue import Finding, find
from questionnaires.linting.places import Places

FRAMEWORKS: Mapping[str, str] = {
    "UN Guiding Principles": r"\bUN(ited Nations)? Guiding Principles\b|\bUNGPs?\b",
    "OECD": r"\bOECD\b",
    "Covenant on Civil and Political Rights": r"\bCovenant on Civil and Political Rights\b|\bICCPR\b",
    "Universal Declaration of Human Rights": r"\bUniversal Declaration of Human Rights\b|\bUDHR\b",
    "General Data Protection Regulation": r"\bGDPR\b|\bGeneral Data Protection Regulation\b|\b2016/679\b",
    "Artificial Intelligence Act": r"\b(EU )?(AI|Artificial Intelligence) Act\b|\b2024/1689\b",
    "Dual-Use Regulation": r"\bDual-Use Regulation\b|\b2021/821\b",
    "Corporate Sustainability Due Diligence Directive": r"\bCSDDD\b|\b2024/1760\b",
    "Wassenaar Arrangement": r"\bWassenaar\b",
    "Geneva Conventions": r"\bGeneva Conventions?\b",
    "Montreux Document": r"\bMontreux Document\b",
    "Santa Clara Principles": r"\bSanta Clara Principles\b",
    "ISO": r"\bISO(/IEC)? ?\d{3,5}\b",
    "NIST": r"\bNIST\b",
}
"""Names and numbers by which wording cites a framework: pattern by name."""
_PATTERNS = {name: re.compile(pattern) for name, pattern in FRAMEWORKS.items()}


def check_authority(question: Question, places: Places) -> Iterator[Finding]:
    """Yield every framework that the text, the help or the reason of a question cites unchecked."""
    checked = [reference.framework for reference in question.references if reference.checked]
    for name in ("text", "help", "why"):
        text = getattr(question, name)
        for framework, pattern in _PATTERNS.items():
            if pattern.search(text) and not any(pattern.search(title) or framework in title for title in checked):
                problem = f"{question.id} cites {framework}, and no reference to it is checked"
                yield find("unchecked-authority", places.of(question.id, name), problem)
