"""Bundles of the exercise submissions, signed by a development key, as the service builds them."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.assessments.service import NOT_CHECKED
from api.attesting.document import render
from attestations import bundle, disclosure, statement
from attestations.signing import Signer, create_development_keys
from questionnaires import library
from questionnaires.canonical import digest
from questionnaires.disclosure import document_of, leaves_of
from questionnaires.documents import iterate
from questionnaires.revisions import revision_digest, revision_json
from questionnaires.scoring import assess, result_of

ANSWERS = Path(__file__).parents[2] / "demo" / "answers"
UUID = "01939f00-0000-7000-8000-00000000000{}"
REVIEWER = {"id": UUID.format(9), "name": "R. Reviewer"}
Case = dict[str, Any]
MakeBundle = Callable[..., bytes]


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return create_development_keys(tmp_path_factory.mktemp("keys") / "signer", "Test Org", date(2026, 11, 1))


def read_case(name: str) -> Case:
    case: Case = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    return case


@pytest.fixture(scope="session")
def make_bundle(signer: Signer) -> MakeBundle:
    """Return what makes a bundle of an exercise; `change` edits the case first, `stated` the statement."""

    def make(name: str, change: Callable[[Case], None] | None = None, **stated: Any) -> bytes:
        case = read_case(name)
        if change is not None:
            change(case)
        questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@1")
        criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
        context = library.find(library.contexts(), "exercise@2026-11")
        assert questionnaire is not None
        assert criteria is not None
        assert context is not None
        item = {
            "digest": digest(name), "grade": case["evidence"], "dated": case["evidence_dated"], "graded_by": REVIEWER,
        }  # fmt: skip
        evidence = {key: [item] for _, key, _ in iterate(case["document"])}
        leaves = leaves_of(case["document"], evidence)
        scorecard = assess(questionnaire, *document_of(leaves), criteria, context, date(2026, 11, 25))
        used = context.used(scorecard.places)
        disclosed = [
            disclosure.disclose(leaf, hashlib.sha256(b"salt %d" % number).digest()[:16])
            for number, leaf in enumerate(leaves)
        ]
        content = {
            "format": "enduse-statement/1",
            "attestation": UUID.format(1),
            "issued_at": "2026-11-25T09:00:00Z",
            "issuer": {"id": UUID.format(2), "name": "Fjordfund"},
            "respondent": {"id": UUID.format(3), "name": case["vendor"]["name"]},
            "request": {"id": UUID.format(4), "issued_at": "2026-11-01T09:00:00Z", "due_on": "2027-01-31"},
            "declaration": {
                "submission": UUID.format(5), "sealed_at": "2026-11-24T09:00:00Z",
                "declared_by": {"name": "A. Person", "role": "General counsel"},
            },
            "questionnaire": {
                "id": questionnaire.id, "revision": questionnaire.revision, "title": questionnaire.title,
                "digest": revision_digest(questionnaire),
            },
            "criteria": {
                "id": criteria.id, "revision": criteria.revision, "engine": criteria.engine,
                "digest": revision_digest(criteria),
            },
            "context": {
                "id": context.id, "revision": context.revision, "digest": revision_digest(context),
                "used_digest": revision_digest(used),
            },
            "assessed_on": "2026-11-25",
            "leaves": [],
            "result": result_of(scorecard),
            "not_checked": list(NOT_CHECKED),
            **stated,
        }  # fmt: skip
        payload = statement.build(
            content, leaves=[disclosure.leaf_digest(one["salt"], one["leaf"]) for one in disclosed]
        )
        return bundle.build(
            envelope=signer.sign_envelope(payload), disclosures=disclosed, questionnaire=revision_json(questionnaire),
            criteria=revision_json(criteria), context=revision_json(used),
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def cameras(make_bundle: MakeBundle) -> bytes:
    """Return the bundle of four deployments, everything answered."""
    return make_bundle("f2")


@pytest.fixture(scope="session")
def silence(make_bundle: MakeBundle) -> bytes:
    """Return the bundle of one deployment of which nothing is said but the place."""
    return make_bundle("f8")


@pytest.fixture(scope="session")
def cameras_pdf(cameras: bytes) -> bytes:
    return render(cameras)
