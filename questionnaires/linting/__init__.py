"""Findings on a questionnaire before it is published: what is broken, what is never asked, what nobody will understand.

Invariants: pure and deterministic; the same text gives the same findings in the same order; the cost grows with the
size of the definition; whatever the text holds, the answer is findings.
"""

import re
from collections.abc import Iterable, Sequence

from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.linting.catalogue import CATALOGUE, Finding, Kind, Severity
from questionnaires.linting.places import Places
from questionnaires.linting.reach import check_reach
from questionnaires.linting.refusals import read_definition
from questionnaires.linting.sources import read_source
from questionnaires.linting.speech import check_translation
from questionnaires.linting.use import check_feeds, check_use
from questionnaires.linting.wording import check_wording
from questionnaires.translations import Translation

__all__ = ["CATALOGUE", "Finding", "Kind", "Severity", "lint", "lint_source"]

_CRITERIA = re.compile(r"B[1-9]|E[1-8]|M([1-9]|10)|CTX|[CX]-[0-9]{2}|RL-[0-9]{2}")


class _AnyCriteria:
    """Every code that some criteria revision could have."""

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and _CRITERIA.fullmatch(code) is not None


def lint(
    questionnaire: Questionnaire, criteria: Sequence[Criteria] = (), translations: Sequence[Translation] = ()
) -> tuple[Finding, ...]:
    """Return what is to be mended in a questionnaire, in how criteria read it and in translations, in reading order."""
    places = Places(questionnaire)
    found = [*check_reach(questionnaire, places), *check_wording(questionnaire, places)]
    for revision in criteria:
        found += check_use(questionnaire, revision, places)
    if not criteria:
        found += check_feeds(questionnaire, _AnyCriteria(), places)
    for translation in translations:
        found += check_translation(questionnaire, translation)
    return in_order(found)


def lint_source(
    text: str, criteria: Sequence[Criteria] = (), translations: Sequence[Translation] = ()
) -> tuple[Finding, ...]:
    """Return what is to be mended in the text (YAML or JSON) of a questionnaire, each with its line.

    What the model refuses comes alone: the other checks need a definition that it takes.
    """
    source = read_source(text)
    found = list(source.findings)
    if source.value is not None:
        questionnaire, refused = read_definition(source.value)
        found += refused if questionnaire is None else lint(questionnaire, criteria, translations)
    return in_order(one._replace(line=one.line or source.line_of(one.pointer)) for one in found)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings once each, in the order of their places, numbers counted as numbers."""
    return tuple(sorted(dict.fromkeys(findings), key=_place))


def _place(finding: Finding) -> tuple[list[tuple[int, int, str]], str, str]:
    tokens = finding.pointer.split("/")
    return [(0, int(t), "") if t.isdecimal() else (1, 0, t) for t in tokens], finding.code, finding.problem
