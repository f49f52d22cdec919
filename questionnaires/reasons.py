"""The reasons of a result as a tree: result, index, criterion, then what decided it and the evidence behind that.

Invariants: shares are in ten-thousandths of the residual's points and add up exactly, from the criteria to the result;
what multiplies instead of adding is shown as steps in a fixed order; what decides a value carries no share of its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey
from questionnaires.evidence import EvidenceItem
from questionnaires.explanation import Decider, DeploymentReasons, MitigationReason, RiskReason, explain
from questionnaires.formulas import (
    HIGHER_SHARE,
    INHERENT_SCALE,
    LOWER_SHARE,
    buyer_points,
    end_use_risk,
    inherent_risk,
    reduced,
    rounded,
)
from questionnaires.rowscores import RowScore
from questionnaires.scales import BUYER, MITIGATION
from questionnaires.scorecards import Scorecard

STEPS = ("E3", "E4", "E5", "E6", "buyer", "E1")
"""The order in which end-use risk is built up: severity, likelihood (the buyer's part last), intrusiveness."""


class Part(NamedTuple):
    """One node: `share` is what it adds to its parent (in ten-thousandths), `value` what it is, in words or figures."""

    kind: str
    code: str
    name: str
    value: str
    share: int = 0
    parts: tuple["Part", ...] = ()


Numbered: TypeAlias = tuple[int, Part]
"""A part and its place among all."""


class Sources(NamedTuple):
    """What the reasons are read from: the revisions that scored, and the evidence behind the answers."""

    criteria: Criteria
    questionnaire: Questionnaire
    evidence: Mapping[AnswerKey, Sequence[EvidenceItem]]


def give_reasons(scorecard: Scorecard, sources: Sources) -> tuple[Part, ...]:
    """Return the tree of every deployment, worst first."""
    rows = {row.row: row for row in scorecard.rows}
    told = explain(scorecard, sources.criteria, sources.questionnaire)
    holds = _holds(scorecard)
    return tuple(_deployment(holds, rows[reasons.row], reasons, sources) for reasons in told)


def _deployment(
    holds: Mapping[str, Sequence[Numbered]], row: RowScore, reasons: DeploymentReasons, sources: Sources
) -> Part:
    known: dict[Decider, Part] = {}

    def decided(deciders: Sequence[Decider]) -> tuple[Part, ...]:
        for decider in deciders:
            if decider not in known:
                known[decider] = _decider(decider, row, sources)
        return tuple([known[decider] for decider in deciders])

    risks = {r.code: r for r in (*reasons.buyer, reasons.context, *reasons.end_use)}
    mitigations = {m.code: m for m in reasons.mitigation}
    values = {code: reading.high for code, reading in row.readings.items()}
    buyer, use = _inherent_shares(sources.criteria, values)
    nodes = {code: _risk(risks[code], decided(risks[code].decided_by)) for code in risks}
    buyer_parts = tuple(nodes[code]._replace(share=buyer[code]) for code in BUYER)
    use_parts = tuple(_step(code, use[code], nodes) for code in ("base", *STEPS))
    use_parts += tuple(nodes[code] for code in ("E2", "E7", "E8"))
    inherent = (
        Part("index", "B", "Buyer risk", _points(row.high.buyer_risk), sum(buyer.values()), buyer_parts),
        Part("index", "E", "End-use risk", _points(row.high.end_use_risk), sum(use.values()), use_parts),
    )
    taken = _mitigation_shares(sources.criteria, row, values)
    off = tuple(
        _mitigation(mitigations[code], taken[code], decided(mitigations[code].decided_by)) for code in MITIGATION
    )
    parts = (
        Part("index", "I", "Inherent risk", _points(row.high.inherent), row.high.inherent, inherent),
        Part("index", "M", "Mitigation", _points(row.high.mitigation), sum(taken.values()), off),
        *_bearing(holds, row),
    )
    return Part("deployment", row.row, "Residual risk", _points(row.high.residual), row.high.residual, parts)


def _inherent_shares(criteria: Criteria, values: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Return what each buyer criterion and each step of end-use risk adds to inherent risk."""
    points = buyer_points(criteria, values)
    buyer = sum(points.values())
    steps = _steps(values, buyer)
    use = sum(steps.values())
    higher, lower = (HIGHER_SHARE, LOWER_SHARE) if buyer >= use else (LOWER_SHARE, HIGHER_SHARE)
    exact = [(code, higher * share) for code, share in points.items()]
    exact += [(code, lower * share) for code, share in steps.items()]
    found = dict(_rounded_in_turn(exact, INHERENT_SCALE))
    return {code: found[code] for code in points}, {code: found[code] for code in steps}


def _steps(values: Mapping[str, int], buyer: int) -> dict[str, int]:
    """Return what each step adds to end-use risk, in millionths; `base` is what is left where everything is 0."""
    gravity = max(values["E3"], values["E2"], values["E7"])
    now, known = dict.fromkeys(("E1", "E2", "E3", "E4", "E5", "E6", "E7"), 0), 0
    reached = end_use_risk(now, known)
    found = {"base": reached}
    for code in STEPS:
        if code == "buyer":
            known = buyer
        else:
            now[code] = gravity if code == "E3" else values[code]
        after = end_use_risk(now, known)
        found[code] = after - reached
        reached = after
    return found


def _mitigation_shares(criteria: Criteria, row: RowScore, values: Mapping[str, int]) -> dict[str, int]:
    """Return what each mitigation takes off, as negative shares, in the order of their codes."""
    buyer = sum(buyer_points(criteria, values).values())
    inherent = inherent_risk(buyer, end_use_risk(values, buyer))
    ceiling, weights = criteria.weights.ceilings[row.involvement], criteria.weights.mitigation
    found, points, before = {}, 0, row.high.inherent
    for code in MITIGATION:
        points += weights[code] * row.counted[code]
        after = reduced(inherent, ceiling, points)
        found[code], before = after - before, after
    return found


def _rounded_in_turn(exact: Sequence[tuple[str, int]], scale: int) -> Iterator[tuple[str, int]]:
    """Yield the parts rounded so that any run of them adds up to the rounded sum."""
    total = before = 0
    for code, share in exact:
        total += share
        after = rounded(total, scale)
        yield code, after - before
        before = after


def _risk(reason: RiskReason, parts: tuple[Part, ...]) -> Part:
    return Part("criterion", reason.code, reason.name, f"{reason.value}: {reason.meaning}", 0, parts)


def _step(code: str, share: int, nodes: Mapping[str, Part]) -> Part:
    if code in nodes:
        return nodes[code]._replace(share=share)
    names = {"base": "What is left where every value is 0", "buyer": "The buyer's part of likelihood"}
    return Part("step", code, names[code], "", share)


def _mitigation(reason: MitigationReason, share: int, parts: tuple[Part, ...]) -> Part:
    short = f", {reason.claimed} claimed" if reason.shortfall is not None else ""
    return Part("criterion", reason.code, reason.name, f"{reason.counts}{short}: {reason.meaning}", share, parts)


def _decider(decider: Decider, row: RowScore, sources: Sources) -> Part:
    if decider.kind == "answer":
        question = sources.questionnaire.questions.get(decider.code.partition(".")[0])
        owner = {"product": row.product, "deployment": row.row}.get(question.per, "") if question is not None else ""
        items = sources.evidence.get(AnswerKey(question.id, owner), ()) if question is not None else ()
        parts = tuple(Part("evidence", item.digest, item.grade, str(item.dated or "")) for item in items)
        return Part(
            "answer", decider.code, decider.name, decider.given if decider.given is not None else "open", 0, parts
        )
    return Part(decider.kind, decider.code, decider.name, "")


def _holds(scorecard: Scorecard) -> Mapping[str, Sequence[Numbered]]:
    """Return what holds printed bands, numbered, by row (the company: ""): caps and red lines, without a share."""
    found: defaultdict[str, list[Numbered]] = defaultdict(list)
    standing = scorecard.standing
    if standing is None:
        return found
    for number, hold in enumerate(standing.holds):
        part = Part("cap", hold.cap, hold.effect, hold.floor or "", 0, _places(hold.because))
        found[hold.row].append((number, part))
    for number, finding in enumerate(standing.findings, start=len(standing.holds)):
        part = Part("red_line", finding.code, finding.status, finding.band or "", 0, _places(finding.because))
        found[finding.row].append((number, part))
    return found


def _bearing(holds: Mapping[str, Sequence[Numbered]], row: RowScore) -> list[Part]:
    """Return what holds a deployment: what is the company's, its own and, of red lines, its product's, in order."""
    found = [*holds.get("", ()), *holds.get(row.row, ())]
    if row.product not in {"", row.row}:
        found += [(number, part) for number, part in holds.get(row.product, ()) if part.kind == "red_line"]
    return [part for _, part in sorted(found, key=lambda numbered: numbered[0])]


def _places(because: Sequence[str]) -> tuple[Part, ...]:
    return tuple(Part("place", reference, reference, "") for reference in because)


def _points(figure: int) -> str:
    return f"{figure // 10_000}.{figure % 10_000:04d}"
