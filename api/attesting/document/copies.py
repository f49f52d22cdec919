"""What the document of a copy says: a reading of a bundle that shows less than was signed.

Invariants: nothing but the bundle goes in, so what the copy withholds cannot be printed; nothing is recomputed, and
what is not shown is counted, never guessed; deployments stand worst first, by row id where names are withheld.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from api.attesting.document.allegations import COPIED_STATUSES
from api.attesting.document.answers import (
    Asked,
    Evidence,
    Given,
    Names,
    Part,
    Proof,
    Registered,
    give,
    number_evidence,
    register,
)
from api.attesting.document.holds import name_cap
from api.attesting.document.picture import Scale, draw_scale
from api.attesting.document.square_code import SquareCode, code_of
from api.attesting.document.wording import mark_of, name_row
from attestations import bundle as bundles
from attestations.in_toto import Predicate
from attestations.in_toto import parse as parse_statement
from questionnaires.canonical import canonical_bytes
from questionnaires.criteria import BANDS, Criteria
from questionnaires.definition import Question, Questionnaire
from questionnaires.documents import AnswerKey

UNITS = 10_000
"""A figure is signed with 4 decimals and drawn in ten-thousandths."""
Leaf = Mapping[str, Any]
Owners = Mapping[tuple[str, str], tuple[str, str]]


class RowView(NamedTuple):
    """A deployment of which the copy shows figures: its mark, what it is called here, and its part of the result."""

    mark: str
    name: str
    product: str
    figures: Mapping[str, Any]


class RedLineView(NamedTuple):
    """A red line as the signed head has it, and how often it stands so."""

    code: str
    name: str
    status: str
    times: int


class CapView(NamedTuple):
    """A cap that applies somewhere."""

    code: str
    name: str


class CopyContent(NamedTuple):
    """Everything that the template of a copy prints."""

    statement: Predicate
    company: Mapping[str, Any]
    coverage: Mapping[str, Any]
    red_lines: tuple[RedLineView, ...]
    caps: tuple[CapView, ...]
    """The caps that apply; none where the engine knows none."""
    evidence: Mapping[str, int] | None
    """How many answers stand on what; None where the engine does not tell."""
    scale: Scale
    deployments: tuple[RowView, ...]
    parts: tuple[Part, ...]
    register: tuple[Registered, ...]
    keyids: tuple[str, ...]
    statement_digest: str
    bundle_digest: str
    shown: int
    withheld: int
    code: SquareCode | None


def is_copy(data: bytes) -> bool:
    """Tell whether a bundle withholds something that was signed; raise RefusedError for one that is malformed."""
    return bool(bundles.parse(data).withheld)


def read_copy(data: bytes) -> CopyContent:
    """Return the content of a copy's document; raise RefusedError for a malformed bundle or statement."""
    bundle = bundles.parse(data)
    payload = bundle.envelope.payload_bytes
    statement = parse_statement(payload)
    questionnaire = Questionnaire.model_validate_json(canonical_bytes(bundle.questionnaire))
    criteria = Criteria.model_validate_json(canonical_bytes(bundle.criteria))
    head, rows = statement.result, _rank(bundle.leaves)
    owners = _owners(bundle.leaves, rows)
    company = head["company"]
    evidence = _evidence(bundle.leaves)
    return CopyContent(
        statement=statement,
        company=company,
        coverage=head["coverage"],
        red_lines=tuple(
            RedLineView(code, criteria.red_lines[code].name, COPIED_STATUSES[status], times)
            for (code, status), times in Counter(
                (line["red_line"], line["status"]) for line in head.get("red_lines", ())
            ).items()
        ),
        caps=tuple(CapView(code, name_cap(code, criteria)) for code in head.get("caps", ())),
        evidence=head.get("evidence"),
        scale=draw_scale(criteria, _units(company["residual_low"]), _units(company["residual"])),
        deployments=tuple(_view(row, owners) for row in rows),
        parts=tuple(_list_parts(questionnaire, bundle.leaves, evidence, owners, head["coverage"])),
        register=register(evidence),
        keyids=tuple(signature.keyid for signature in bundle.envelope.signatures),
        statement_digest=_sha256(payload),
        bundle_digest=_sha256(data),
        shown=len(bundle.disclosures),
        withheld=len(bundle.withheld),
        code=code_of(statement),
    )


def _rank(leaves: Sequence[Leaf]) -> list[Mapping[str, Any]]:
    """Return the deployments' parts of the result, worst first."""
    found = [leaf["result"] for leaf in leaves if leaf["kind"] == "result" and leaf["group"] == "deployment"]
    return sorted(found, key=_rank_of, reverse=True)


def _rank_of(part: Mapping[str, Any]) -> tuple[int, int, int, int, str]:
    """Return what a part of the result is ordered by, as `questionnaires.rowscores.rank` orders rows."""
    residual, low, inherent = (_units(part[name]) for name in ("residual", "residual_low", "inherent"))
    return BANDS.index(part["band"]), residual, low, inherent, part["row"]


def _owners(leaves: Sequence[Leaf], ranked: Sequence[Mapping[str, Any]]) -> Owners:
    """Return the mark and the name of every row that the copy mentions; the row id where its name is withheld."""
    names: dict[tuple[str, str], str] = {
        (leaf["group"], leaf["row"]): leaf["name"] for leaf in leaves if leaf["kind"] == "row"
    }
    told = [(leaf["group"], leaf["row"]) for leaf in leaves if leaf["kind"] == "answer" and leaf["row"] is not None]
    deployments = [("deployment", part["row"]) for part in ranked]
    rest = sorted({*names, *told} - set(deployments))
    found: dict[tuple[str, str], tuple[str, str]] = {}
    counts: dict[str, int] = {}
    for key in (*deployments, *rest):
        number = counts[key[0]] = counts.get(key[0], 0) + 1
        mark = mark_of(number - 1) if key[0] == "deployment" else f"{_LETTERS[key[0]]}{number}"
        unnamed = name_row(key[1]) if key[1].startswith("~") else key[1]
        found[key] = (mark, names.get(key, unnamed))
    return found


_LETTERS = {"product": "P", "incident": "N"}


def _view(figures: Mapping[str, Any], owners: Owners) -> RowView:
    mark, name = owners["deployment", figures["row"]]
    product = figures["product"]
    return RowView(mark, name, owners.get(("product", product), ("", product))[1] or "product open", figures)


def _evidence(leaves: Sequence[Leaf]) -> Evidence:
    return {
        AnswerKey(leaf["question"], leaf["row"] or ""): leaf["evidence"] for leaf in leaves if leaf["kind"] == "answer"
    }


def _list_parts(
    questionnaire: Questionnaire,
    leaves: Sequence[Leaf],
    evidence: Evidence,
    owners: Owners,
    coverage: Mapping[str, Any],
) -> Iterator[Part]:
    """Yield the sections of which an answer is shown, with these answers."""
    by_question: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        if leaf["kind"] == "answer":
            by_question.setdefault(leaf["question"], []).append(leaf)
    names, numbers = Names(owners, {}), number_evidence(evidence)
    tallies = {tally["section"]: tally for tally in coverage["sections"]}
    for section in questionnaire.sections:
        questions = tuple(
            Asked(question, _give(question, by_question[question.id], numbers, names))
            for question in section.questions
            if question.id in by_question
        )
        if questions:
            yield Part(section.code, section.title, questions, tallies[section.code])


def _give(question: Question, leaves: Sequence[Leaf], numbers: Mapping[str, int], names: Names) -> tuple[Given, ...]:
    found = []
    for leaf in leaves:
        proofs = tuple(sorted(Proof(numbers[item["digest"]], item["grade"]) for item in leaf["evidence"]))
        owner = names.owners.get((leaf["group"], leaf["row"] or ""), ("", ""))
        found.append(give(question, leaf["answer"], owner, proofs, names, accepted=None))
    return tuple(sorted(found, key=lambda given: (len(given.mark), given.mark)))


def _units(figure: str) -> int:
    return int(Decimal(figure) * UNITS)


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
