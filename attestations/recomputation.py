"""Score the disclosed answers again (step 5).

Invariants: only what the bundle carries goes in, and the engine that the statement names does the work; the figures
must be equal as canonical bytes, there is no rounding and no tolerance.
"""

from typing import Any

from attestations.bundle import Bundle
from attestations.reasons import Reason, RefusedError
from attestations.statement import Statement, read_day
from questionnaires.canonical import canonical_bytes


def recompute(bundle: Bundle, statement: Statement) -> dict[str, Any]:
    """Return the result that the disclosed answers give under the bundle's revisions, as in `statement.result`.

    Raises RefusedError (ENGINE_UNKNOWN) where this release has no such engine, and whatever the engine raises where
    the bundle's parts do not fit each other.
    """
    from questionnaires.context import Context
    from questionnaires.criteria import Criteria
    from questionnaires.definition import Questionnaire
    from questionnaires.disclosure import document_of
    from questionnaires.revisions import ENGINES
    from questionnaires.scoring import assess, result_of

    if statement.criteria.engine not in ENGINES:
        raise RefusedError(Reason.ENGINE_UNKNOWN, "This release does not have the engine version that scored.")
    document, evidence = document_of([disclosure.leaf for disclosure in bundle.disclosures])
    scorecard = assess(
        Questionnaire.model_validate_json(canonical_bytes(bundle.questionnaire)),
        document,
        evidence,
        Criteria.model_validate_json(canonical_bytes(bundle.criteria)),
        Context.model_validate_json(canonical_bytes(bundle.context)),
        read_day(statement.assessed_on),
    )
    return result_of(scorecard)
