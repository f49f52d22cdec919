"""Carrying answers from one of the vendor's submissions into the draft of another request.

Invariants: both are the caller's own; the one carried from, sealed or not, stays as it is; the draft gets one save, and
nothing in it is overwritten unless that is asked for; what changed its meaning waits for the vendor's word.
"""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from api.campaigns.models import DisclosureRequest
from api.catalogue.service import Catalogue
from api.db.session import TenantSession
from api.definitions.reading import pinned
from api.http.versions import Versions
from api.problems import Flaw, Refusal
from api.submissions.confirming import keys_of, waiting_for, without_saved
from api.submissions.models import Submission
from api.submissions.schemas import CarryIn
from api.submissions.service import Draft, open_draft, refuse, validator_of, write
from api.tenancy import Principal, tenant_of
from questionnaires.carrying import Carried, carry
from questionnaires.documents import AnswerKey
from questionnaires.laying import Laid, lay
from questionnaires.visibility import without_hidden


class Outcome(NamedTuple):
    """The draft after carrying over, and what became of every answer."""

    submission: Submission
    carried: Carried
    laid: Laid


def carry_over(  # noqa: PLR0913, PLR0917  # who, where, from where, and on top of which version
    session: TenantSession,
    principal: Principal,
    catalogue: Catalogue,
    request_id: UUID,
    said: CarryIn,
    expected: Versions,
) -> Outcome:
    """Carry the answers of another own submission into a draft, as one save."""
    draft = open_draft(session, principal, request_id)
    submission = draft.submission
    if submission.version not in expected:
        raise Refusal("changed", "Read the draft again and repeat this on top of it.")
    source = _source(session, principal, submission, said.submission)
    old = pinned(session, catalogue, source.request.tenant_id, source.request.questionnaire_digest).questionnaire
    new = validator_of(session, catalogue, draft.request)
    carried = carry(old, new, without_hidden(old, source.submission.answers))
    unconfirmed = keys_of(source.submission.to_confirm)
    laid = lay(new, carried, submission.answers, overwrite=said.overwrite, unconfirmed=unconfirmed)
    refuse(laid.problems)
    if laid.save:
        waiting = keys_of(without_saved(submission.to_confirm, laid.save)) | _keys(laid.to_confirm)
        write(session, principal, submission, laid.save, "answers.carry", waiting_for(waiting))
    return Outcome(submission, carried, laid)


def _source(session: TenantSession, principal: Principal, draft: Submission, id_: UUID) -> Draft:
    """Return the caller's submission to carry from, with the request that it answers."""
    query = (
        select(Submission, DisclosureRequest)
        .join(
            DisclosureRequest,
            (DisclosureRequest.tenant_id == Submission.issuer_id) & (DisclosureRequest.id == Submission.request_id),
        )
        .where(Submission.tenant_id == tenant_of(principal), Submission.id == id_, Submission.id != draft.id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        flaw = Flaw("/submission", "unknown_submission", "Name another submission of your own organisation.")
        raise Refusal("invalid", "Correct every problem named in errors.", [flaw])
    return Draft(*row)


def _keys(judged: Any) -> frozenset[AnswerKey]:
    return frozenset(one.key for one in judged)
