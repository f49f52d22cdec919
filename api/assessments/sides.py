"""A sealed submission under the standard and under an overlay of the reader's own, side by side.

Invariants: nothing is stored; neither result changes the other; the overlay and what it gives are shown to the
organisation that made it, and never to the respondent as such.
"""

from api import clock
from api.assessments.details import signed
from api.assessments.rescoring import read_under
from api.assessments.service import is_party, left_out, list_unchecked, result_with_reasons
from api.assessments.side_schemas import OverlayResultsOut
from api.catalogue.service import Catalogue
from api.contexts.service import require_context
from api.db.session import TenantSession
from api.evidence.service import evidence_of, items_of
from api.overlays.reading import Laid, lay, read
from api.problems import Refusal
from api.reviews.reading import review_of
from api.submissions.models import Submission
from api.submissions.service import name_of, terms_of
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest
from questionnaires.movement import Case
from questionnaires.overlays import Difference, set_beside
from questionnaires.scorecards import Scorecard

OWN_READING = "The own result: it is one organisation's reading, and no attestation is ever made of it."


def compare_sides(
    session: TenantSession, principal: Principal, catalogue: Catalogue, submission: Submission, name: str
) -> OverlayResultsOut:
    """Return both results of a sealed submission that the caller sees; refuse the respondent, and what cannot be read.

    Raises Refusal `not_found` where the caller has no such overlay.
    """
    laid = lay(catalogue, read(session, principal, name))
    if submission.tenant_id == tenant_of(principal):
        raise Refusal("forbidden", "An overlay is laid on answers by whom they were shown, not by whom they are of.")
    standard = laid.overlay.base.digest
    found = read_under(session, catalogue, submission, Digest(standard), laid)
    if found is None:
        raise Refusal("invalid", "The overlay lies on criteria that do not read the questionnaire of this submission.")
    terms, on = terms_of(submission), clock.today()
    context = require_context(session, catalogue, terms["context"])
    evidence, review = items_of(evidence_of(session, name_of(submission))), review_of(session, submission)
    case = Case(found.questionnaire.questionnaire, found.document, evidence, laid.standard, context, on, review)
    sides = set_beside(case, laid.steps)
    engine = laid.standard.engine
    said = list_unchecked(engine) + left_out(engine, by_party=is_party(session, submission))
    return OverlayResultsOut.model_validate(
        {
            "submission": submission.id, "assessed_on": on.isoformat(), "questionnaire": found.questionnaire.digest,
            "context": terms["context"], "context_name": context.name, "sealed_under": terms["criteria"],
            "unconfirmed": found.unconfirmed, "lost": found.lost, "overlay": laid.digest,
            "standard": _side(standard, sides.standard, laid),
            "own": _side(laid.criteria_digest, sides.own, laid),
            "differences": [_difference(one) for one in sides.differences],
            "not_checked": [*said, OWN_READING],
        }
    )  # fmt: skip


def _side(digest: str, scorecard: Scorecard, laid: Laid) -> dict[str, object]:
    return {"criteria": digest, "engine": laid.standard.engine, **result_with_reasons(scorecard)}


def _difference(one: Difference) -> dict[str, object]:
    moves = [{**move._asdict(), "residual": signed(move.residual)} for move in one.moves]
    return {
        "row": one.row or None, "standard": one.standard, "own": one.own, "residual": signed(one.residual),
        "moves": moves, "held_by": list(one.held_by),
    }  # fmt: skip
