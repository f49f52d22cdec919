"""Whatever can be submitted can be attested: its bundle is made, and gives its score again.

ENDUSE_EXAMPLES sets how many submissions are drawn.
"""

import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from attestations import copies
from attestations.report import Outcome
from attestations.trust import Trust
from attestations.verification import verify
from questionnaires.answers import AnswerValidator
from questionnaires.visibility import without_hidden
from tests.attestations.conftest import AT, Keys
from tests.attestations.exercise import Exercise
from tests.questionnaires.engine_2.conftest import Reviewed, draw, load_questionnaire, reviewed

EXAMPLES = settings(
    max_examples=int(os.environ.get("ENDUSE_EXAMPLES", "10")), deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
QUESTIONNAIRE = load_questionnaire()
VALIDATOR = AnswerValidator(QUESTIONNAIRE)
NOTHING: dict[str, Any] = {"company": {}, "product": {}, "deployment": {}}


def check(exercise: Exercise, keys: Keys, trust: Trust) -> None:
    whole = exercise.signed_2(keys.signer)
    report = verify(whole, trust, AT)
    assert report.outcome is Outcome.PASSED, report.to_json()["steps"]
    part = verify(copies.copy(whole, copies.show_sections({"GOV-01"})), trust, AT)
    assert part.outcome is not Outcome.FAILED, part.to_json()["steps"]


@EXAMPLES
@given(one=reviewed())
@example(one=draw(random.Random(1), 1, 0, 0))
def test_a_drawn_submission_is_attested(one: Reviewed, keys: Keys, trust: Trust) -> None:
    document: Any = without_hidden(QUESTIONNAIRE, one.submission.document)
    assume(not VALIDATOR.check_document(document))  # what the service would refuse before it is sealed
    check(Exercise("drawn", document, revision=2), keys, trust)


@pytest.mark.parametrize("revision", [1, 2])
def test_silence_is_attested(revision: int, keys: Keys, trust: Trust) -> None:
    check(Exercise("nothing", NOTHING, revision=revision), keys, trust)
