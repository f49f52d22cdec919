"""Score the disclosed answers again (step 5).

Invariants: only what the bundle carries goes in (what reviewers decided stands in the signed result), and the engine
that the statement names does the work; answers that the questionnaire does not allow are never scored; a problem names
its place and never repeats an answer.
"""

from typing import TYPE_CHECKING, Any

from attestations.bundle import Bundle
from attestations.disclosure import ANSWERS
from attestations.in_toto import AnyStatement
from attestations.problems import MAX_PROBLEMS
from attestations.reasons import Reason, RefusedError
from attestations.results import shown_result
from attestations.statement import read_day
from questionnaires.canonical import canonical_bytes

if TYPE_CHECKING:
    from questionnaires.scoring import Scorecard


def recompute(bundle: Bundle, statement: AnyStatement) -> dict[str, Any]:
    """Return the result that the disclosed answers give under the bundle's revisions, as in `statement.result`.

    Raises what `assess_again` raises.
    """
    from questionnaires.scoring import result_of

    return result_of(assess_again(bundle, statement))


def assess_again(bundle: Bundle, statement: AnyStatement) -> "Scorecard":
    """Return the scorecard of the disclosed answers.

    Raises RefusedError: ENGINE_UNKNOWN where this release has no such engine, NOT_COMPUTABLE where the answers are not
    answers to this questionnaire; and whatever the engine raises where the bundle's parts do not fit each other.
    """
    from attestations.revisions import read_criteria, read_questionnaire
    from questionnaires.context import Context
    from questionnaires.disclosure import LeavesError, document_of
    from questionnaires.redlines import review_in
    from questionnaires.revisions import ENGINES
    from questionnaires.scoring import assess

    if statement.criteria.engine not in ENGINES:
        raise RefusedError(Reason.ENGINE_UNKNOWN, "This release does not have the engine version that scored.")
    if bundle.context is None:
        raise RefusedError(Reason.NOT_COMPUTABLE, "The statement has no leaf with the context.")
    validator = read_questionnaire(canonical_bytes(bundle.questionnaire))
    try:
        document, evidence = document_of([leaf for leaf in bundle.leaves if leaf["kind"] in ANSWERS])
    except LeavesError as error:
        raise _not_answers([f"/disclosures/{error.position}/leaf: {error.rule}"]) from error
    problems = [f"{problem.pointer}: {problem.code}" for problem in validator.check_document(document)]
    if problems:
        raise _not_answers(problems)
    return assess(
        validator.questionnaire,
        document,
        evidence,
        read_criteria(canonical_bytes(bundle.criteria)),
        Context.model_validate_json(canonical_bytes(bundle.context)),
        read_day(statement.assessed_on),
        review_in(shown_result(statement, bundle.leaves)),
    )


def _not_answers(problems: list[str]) -> RefusedError:
    return RefusedError(
        Reason.NOT_COMPUTABLE,
        "The disclosed answers are not answers to this questionnaire.",
        problems[:MAX_PROBLEMS],
    )
