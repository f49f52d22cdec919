"""Exercise submissions as bundles: real revisions, real scores, any part changed before it is signed."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from attestations import bundle as bundles
from attestations import disclosure, in_toto, results
from attestations.envelope import IN_TOTO_TYPE
from attestations.signing import Signer
from questionnaires import library
from questionnaires.canonical import canonical_bytes, digest
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.disclosure import document_of, leaves_of
from questionnaires.documents import iterate
from questionnaires.redlines import NO_REVIEW, Review
from questionnaires.revisions import revision_digest, revision_json
from questionnaires.scoring import assess, result_of

ANSWERS = Path(__file__).parents[2] / "demo" / "answers"
UUID = "01939f00-0000-7000-8000-00000000000{}"


def salt(number: int) -> bytes:
    return hashlib.sha256(b"test salt %d" % number).digest()[:16]


def named_revisions(revision: int = 1) -> dict[str, Any]:
    """Return the released revisions as a statement names them, with no context row used."""
    questionnaire, criteria, context = released(revision)
    return {
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
            "used_digest": revision_digest(context.used([])),
        },
    }  # fmt: skip


def released(revision: int = 1) -> tuple[Any, Any, Any]:
    questionnaire = library.find(library.questionnaires(), f"surveillance-hrdd@{revision}")
    criteria = library.find(library.criteria(), f"surveillance-hrdd-criteria@{revision}")
    context = library.find(library.contexts(), "exercise@2026-11")
    assert questionnaire is not None
    assert criteria is not None
    assert context is not None
    return questionnaire, criteria, context


def statement_content(**changes: Any) -> dict[str, Any]:
    return {
        "format": "enduse-statement/1",
        "attestation": UUID.format(1),
        "issued_at": "2026-11-25T09:00:00Z",
        "issuer": {"id": UUID.format(2), "name": "Fjordfund"},
        "respondent": {"id": UUID.format(3), "name": "CityFace"},
        "request": {"id": UUID.format(4), "issued_at": "2026-11-01T09:00:00Z", "due_on": "2027-01-31"},
        "declaration": {
            "submission": UUID.format(5),
            "sealed_at": "2026-11-24T09:00:00Z",
            "declared_by": {"name": "A. Person", "role": "Counsel"},
        },
        **named_revisions(),
        "assessed_on": "2026-11-25",
        "leaves": [],
        "result": {"company": {"band": "high"}},
        "not_checked": ["Whether the answers are true."],
        **changes,
    }


class Exercise:
    """The bundle of an exercise submission, all disclosed; its parts may be changed and are signed at the end."""

    def __init__(
        self, name: str, document: Any = None, *, revision: int = 1, grade: str = "V2", review: Review = NO_REVIEW
    ) -> None:
        """Take the answers of a demonstration, or a document, to one of the questionnaire's revisions.

        Evidence of one grade stands behind every answer; `review` is what reviewers decided.
        """
        questionnaire, criteria, context = released(revision)
        document = document or json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))["document"]
        item = {"digest": digest(name), "grade": grade, "dated": "2026-06-30", "graded_by": None}
        self.leaves = leaves_of(document, {key: [item] for _, key, _ in iterate(document)})
        day = date(2026, 11, 25)
        scorecard = assess(questionnaire, *document_of(self.leaves), criteria, context, day, review)
        self.parts = {
            "questionnaire": revision_json(questionnaire),
            "criteria": revision_json(criteria),
            "context": revision_json(context.used(scorecard.places)),
        }
        self.statement = statement_content(result=result_of(scorecard), **named_revisions(revision))

    def leaf(self, question: str, row: str | None = None) -> dict[str, Any]:
        """Return the leaf of an answer."""
        found: dict[str, Any] = next(x for x in self.leaves if x.get("question") == question and x["row"] == row)
        return found

    def score(self) -> None:
        """Let the statement say what the parts, as they stand, give."""
        parts = (
            Questionnaire.model_validate(self.parts["questionnaire"]),
            Criteria.model_validate(self.parts["criteria"]),
            Context.model_validate(self.parts["context"]),
        )
        scorecard = assess(parts[0], *document_of(self.leaves), *parts[1:], date(2026, 11, 25))
        self.statement["result"] = result_of(scorecard)

    def rename(self, part: str, **names: Any) -> None:
        """Give a part other names, in the bundle and in the statement; a context as a whole snapshot."""
        self.parts[part] |= names
        self.statement[part] |= names
        if part == "context":
            self.statement[part]["digest"] = digest(self.parts[part])

    def signed(self, signer: Signer, *, reverse: bool = False) -> bytes:
        """Return the bundle with a statement that fits it."""
        disclosed = [disclosure.Disclosure(disclosure.encode_salt(salt(at)), x) for at, x in enumerate(self.leaves)]
        for part, field in (("questionnaire", "digest"), ("criteria", "digest"), ("context", "used_digest")):
            self.statement[part][field] = digest(self.parts[part])
        leaves = sorted(one.digest for one in disclosed)
        payload = canonical_bytes({**self.statement, "leaves": leaves})
        value = {
            "format": bundles.FORMAT,
            "envelope": signer.sign_envelope(payload).model_dump(mode="json", by_alias=True),
            "disclosures": [{"salt": x.salt, "leaf": x.leaf} for x in (disclosed[::-1] if reverse else disclosed)],
            **self.parts,
        }
        return canonical_bytes(value)

    def signed_2(self, signer: Signer, **changes: Any) -> bytes:
        """Return the bundle of version 2 with every leaf; `changes` go into the predicate."""
        result = changes.pop("whole_result", self.statement["result"])
        used = {"kind": "context", "group": "company", "row": None, "context": self.parts["context"]}
        leaves = [*self.leaves, *results.leaves_of(result), used]
        disclosed = [disclosure.disclose(leaf, salt(at)) for at, leaf in enumerate(leaves)]
        digests = [disclosure.leaf_digest(one["salt"], one["leaf"]) for one in disclosed]
        for part in ("questionnaire", "criteria"):
            self.statement[part]["digest"] = digest(self.parts[part])
        content = {name: value for name, value in self.statement.items() if name not in {"format", "leaves"}}
        content["context"] = {name: content["context"][name] for name in ("id", "revision", "digest")}
        content |= {"result": results.head_of(result), "valid_until": "2027-11-25", "supersedes": None, "status": None}
        payload = in_toto.build({**content, **changes}, digests)
        return bundles.build_2(
            envelope=signer.sign_envelope(payload, IN_TOTO_TYPE), disclosures=disclosed, withheld=[],
            questionnaire=self.parts["questionnaire"], criteria=self.parts["criteria"],
        )  # fmt: skip
