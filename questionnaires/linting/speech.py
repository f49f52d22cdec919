"""What translations of a questionnaire leave out, and what they translate that no longer stands there."""

from collections.abc import Iterator

from questionnaires.definition import Questionnaire
from questionnaires.linting.catalogue import Finding, find
from questionnaires.revisions import revision_digest
from questionnaires.translations import Translation, coverage


def check_translation(questionnaire: Questionnaire, translation: Translation) -> Iterator[Finding]:
    """Yield what a translation misses, and what in it speaks of another wording; the places are the original's."""
    language = translation.language
    if translation.questionnaire != revision_digest(questionnaire):
        yield find("translation-of-another", "", f"the translation into {language} names another revision")
    found = coverage(questionnaire, translation)
    for place in found.missing:
        yield find("translation-missing", place, f"there is no translation into {language}")
    for place in found.stale:
        yield find("translation-stale", place, f"the translation into {language} was made from another wording")
    for place in found.unknown:
        yield find("translation-unknown", place, f"the translation into {language} translates what is not there")
