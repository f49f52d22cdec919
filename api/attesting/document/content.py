"""What the document says: a reading of one bundle, with reasons recomputed from what it discloses.

Invariants: nothing but the bundle goes in; the recomputed result is the signed one, byte for byte, or there is no
document; deployments stand worst first under letters that every page uses.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from api.attesting.document.allegations import Allegation, list_allegations, tally_statuses
from api.attesting.document.answers import Names, Part, Registered, list_parts, register
from api.attesting.document.holds import HoldView, list_holds, list_settled
from api.attesting.document.picture import (
    Contour,
    Mark,
    Scale,
    draw_contours,
    draw_marks,
    draw_scale,
)
from api.attesting.document.square_code import SquareCode, code_of
from api.attesting.document.wording import mark_of, name_row, shape_of, tally_bands
from attestations import bundle as bundles
from attestations.disclosure import ANSWERS
from attestations.in_toto import AnyStatement, parse_any
from attestations.report import TITLES
from attestations.results import shown_result
from attestations.statement import read_day
from questionnaires.canonical import canonical_bytes, digest
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import OneField, Questionnaire
from questionnaires.disclosure import document_of
from questionnaires.documents import AnswerKey, Document, answers_of, value_of
from questionnaires.engine_2.remainders import read_row
from questionnaires.explanation import DeploymentReasons, explain, worst_first
from questionnaires.redlines import review_in
from questionnaires.scoring import PEOPLE, RowScore, Scorecard, assess, result_of


class DocumentError(ValueError):
    """The bundle's answers do not give the result that its statement names, so there is nothing to print."""


class DeploymentView(NamedTuple):
    """A deployment as the tables show it; `figures` is its part of the signed result."""

    mark: str
    row: str
    name: str
    product: str
    place: str
    end_user: str
    people: int | None
    shape: str
    figures: Mapping[str, Any]
    reasons: DeploymentReasons
    declared: bool
    """Whether the vendor named it; else the method put it there, and nothing is known of it."""


class Content(NamedTuple):
    """Everything that the templates print."""

    statement: AnyStatement
    company: Mapping[str, Any]
    coverage: Mapping[str, Any]
    deployments: tuple[DeploymentView, ...]
    tally: str
    """How many declared deployments have which band."""
    holds: tuple[HoldView, ...]
    settled: tuple[str, ...]
    """Contradictions that a reviewer settled."""
    evidence: Mapping[str, int] | None
    """How many answers stand on what; None where the engine does not tell."""
    allegations: tuple[Allegation, ...]
    red_lines: str
    scale: Scale
    contours: tuple[Contour, ...]
    marks: tuple[Mark, ...]
    names: Names
    context: Context
    parts: tuple[Part, ...]
    register: tuple[Registered, ...]
    steps: Mapping[int, str]
    keyids: tuple[str, ...]
    statement_digest: str
    bundle_digest: str
    undisclosed: int
    used_digest: str
    code: SquareCode | None
    """Of the address of the public record; none where the statement names no status list."""


def read(data: bytes) -> Content:
    """Return the content of a bundle's document.

    Raises RefusedError for a malformed bundle or statement, and DocumentError where the answers give another result.
    """
    bundle = bundles.parse(data)
    payload = bundle.envelope.payload_bytes
    statement = parse_any(bundle.envelope.payload_type, payload)
    questionnaire = Questionnaire.model_validate_json(canonical_bytes(bundle.questionnaire))
    criteria = Criteria.model_validate_json(canonical_bytes(bundle.criteria))
    context = Context.model_validate_json(canonical_bytes(bundle.context))
    leaves = [leaf for leaf in bundle.leaves if leaf["kind"] in ANSWERS]
    result = shown_result(statement, bundle.leaves)
    document, items = document_of(leaves)
    day, review = read_day(statement.assessed_on), review_in(result)
    scorecard = assess(questionnaire, document, items, criteria, context, day, review)
    if canonical_bytes(result_of(scorecard)) != canonical_bytes(result):
        raise DocumentError("the disclosed answers do not give the result that the statement names")
    evidence = {
        AnswerKey(leaf["question"], leaf["row"] or ""): leaf["evidence"] for leaf in leaves if leaf["kind"] == "answer"
    }
    owners = _owners(scorecard)
    names = Names(owners, context.areas)
    allegations = list_allegations(result, criteria, owners, statement.assessed_on)
    views = _views(scorecard, result, explain(scorecard, criteria, questionnaire), questionnaire, names)
    scores = {row.row: row for row in scorecard.rows}
    return Content(
        statement=statement,
        company=result["company"],
        coverage=result["coverage"],
        deployments=views,
        tally=tally_bands([view.figures for view in views if view.declared]),
        holds=list_holds(result, criteria, questionnaire, names),
        evidence=result.get("evidence"),
        allegations=allegations,
        red_lines=tally_statuses(allegations),
        scale=draw_scale(criteria, scorecard.low.residual, scorecard.worst.high.residual),
        contours=draw_contours(),
        marks=draw_marks([(view.mark, view.shape, scores[view.row]) for view in views]),
        names=names,
        context=context,
        parts=list_parts(questionnaire, scorecard.document, evidence, names, result["coverage"], review.not_applicable),
        settled=list_settled(review, criteria, names),
        register=register(evidence),
        steps=TITLES,
        keyids=tuple(signature.keyid for signature in bundle.envelope.signatures),
        statement_digest=_sha256(payload),
        bundle_digest=_sha256(data),
        undisclosed=statement.leaf_count - len(bundle.disclosures),
        used_digest=digest(bundle.context),
        code=code_of(statement),
    )


def _owners(scorecard: Scorecard) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the mark and name of every row: letters for deployments, worst first; P for products, N for incidents.

    Rows that nobody declared have a letter, too: no two rows of the tables may share one. An incident is named with the
    deployment that it was at.
    """
    document: Document = scorecard.document
    declared = document["deployment"]
    doubtful = scorecard.standing.doubtful if scorecard.standing is not None else frozenset()
    owners = {}
    for number, row in enumerate(worst_first(scorecard)):
        told = declared.get(row.row)
        name = name_row(row.row, certain=row.row not in doubtful) if told is None else told["name"]
        owners["deployment", row.row] = (mark_of(number), name)
    owners |= {
        ("product", row): (f"P{number}", document["product"][row]["name"])
        for number, row in enumerate(sorted(document["product"]), 1)
    }
    owners |= {
        ("incident", row): (f"N{number}", _name_incident(document["incident"][row], owners))
        for number, row in enumerate(sorted(document.get("incident", {})), 1)
    }
    return owners


def _name_incident(incident: Mapping[str, Any], owners: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    at = owners.get(("deployment", incident["deployment"] or ""))
    return f"{incident['name']} (at {at[0]})" if at else f"{incident['name']} (at no deployment)"


def _views(
    scorecard: Scorecard,
    result: Mapping[str, Any],
    reasons: tuple[DeploymentReasons, ...],
    questionnaire: Questionnaire,
    names: Names,
) -> tuple[DeploymentView, ...]:
    figures = {part["row"]: part for part in result["deployments"]}
    return tuple(
        _view(row, scorecard.document, figures[row.row], reason, questionnaire, names)
        for row, reason in zip(worst_first(scorecard), reasons, strict=True)
    )


def _view(  # noqa: PLR0913, PLR0917  # the parts that a row is read from
    row: RowScore,
    document: Document,
    figures: Mapping[str, Any],
    reasons: DeploymentReasons,
    questionnaire: Questionnaire,
    names: Names,
) -> DeploymentView:
    answers = answers_of(document, "deployment", row.row)
    user = value_of(answers.get("BUY-01"))
    kinds = questionnaire.field("BUY-01.kind")
    words = kinds.choices if isinstance(kinds, OneField) else {}
    mark, name = names.owners["deployment", row.row]
    missing = read_row(row.row)
    area = user.get("area") if missing is None else missing.area
    return DeploymentView(
        mark=mark,
        row=row.row,
        name=name,
        product=names.product(row.product) or "product open",
        place=names.place(area) if area else "place open",
        end_user=words.get(user.get("kind", ""), "kind of end user open"),
        people=value_of(answers.get(PEOPLE)).get("people"),
        shape=shape_of(figures),
        figures=figures,
        reasons=reasons,
        declared=row.row in document["deployment"],
    )


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
