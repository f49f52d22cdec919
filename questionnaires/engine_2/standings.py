"""Printed bands: computed, then floors and caps, then "not rated", then red lines.

Invariants: see `standing`; a deployment is held by its own, its product's and its contradictions' holds, the company by
its worst deployment and by what holds the company itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from questionnaires.completeness import Tallies
from questionnaires.definition import Group
from questionnaires.documents import Deployment, joined_answers, owners_of
from questionnaires.engine_2 import disclosures, findings
from questionnaires.engine_2.clashes import Clash
from questionnaires.engine_2.findings import Scenes
from questionnaires.engine_2.inputs import Inputs, Row
from questionnaires.engine_2.reads import Reads
from questionnaires.formulas import avoidable
from questionnaires.rowscores import RowScore, are_rated
from questionnaires.scales import BandName, step_of
from questionnaires.standing import Finding, Hold, RowStanding, Standing


class Scored(NamedTuple):
    """Every deployment, every result (remainders included), what holds, the company's reads.

    `reads` begin with the deployments, in their order; behind them is what else was scored, and what was read twice.
    `remainders` says of every remainder row whether it is certain; `places` are those it was judged by.
    """

    rows: Sequence[Deployment]
    reads: Reads
    scores: list[RowScore]
    holds: list[Hold]
    company: Reads
    clashing: Sequence[Clash]
    remainders: dict[str, bool]
    places: set[str]


def stand(inputs: Inputs, tallies: Tallies, scored: Scored) -> Standing:
    """Return where the company and its deployments stand."""
    found = findings.find(inputs.criteria, _scenes(inputs, scored), inputs.review, inputs.on)
    asked = [inputs.sheet.of(row) for row in scored.rows]
    scored.holds.extend(_coverage_holds(inputs, tallies, asked))
    scored.holds.extend(_clash_holds(scored.clashing))
    audits = _audits(inputs, asked)
    scored.holds.extend(_audit_holds(inputs, scored, audits))
    rows = _stand_rows(inputs, scored, found, audits)
    doubtful = frozenset(row for row, certain in scored.remainders.items() if not certain)
    own = [hold for hold in scored.holds if not hold.row]
    lines = [finding for finding in found if finding.group != "deployment"]
    band = _worst_band([r.band for r in rows.values()], own, [line.band for line in lines])
    sure = [rows[score.row].band_low for score in scored.scores if score.row not in doubtful]
    band_low = _worst_band(sure, [h for h in own if h.certain], [line.band_low for line in lines])
    computed = [score.low.band for score in scored.scores if score.row not in doubtful]
    contradicted = {key for clash in scored.clashing if clash.certain for key in clash.keys}
    return Standing(
        band=band,
        band_low=band_low,
        rated=are_rated(band_low, band),
        computed_low=max(computed, key=step_of),
        rows=rows,
        holds=sorted(scored.holds, key=lambda hold: (hold.cap, hold.row, hold.effect, hold.because)),
        findings=found,
        shares=disclosures.share_out(inputs.answers, inputs.levels, contradicted),
        insufficient_disclosure=any(h.cap == "C-01" and h.because == ("coverage",) for h in scored.holds),
        remainders=frozenset(scored.remainders),
        doubtful=doubtful,
        review=inputs.review,
    )


def _worst_band(rows: Iterable[BandName], holds: Iterable[Hold], lines: Iterable[BandName | None]) -> BandName:
    bands = [*rows, *(hold.floor for hold in holds if hold.floor), *(line for line in lines if line)]
    return max(bands, key=step_of)


def _scenes(inputs: Inputs, scored: Scored) -> Sequence[Scenes]:
    """Return the company, its products, deployments and incidents, each with what is said of it."""
    return [
        Scenes("company", [""], scored.company),
        _others(inputs, "product"),
        Scenes("deployment", [row.row for row in scored.rows], scored.reads),
        _others(inputs, "incident"),
    ]


def _others(inputs: Inputs, group: Group) -> Scenes:
    """Return products or incidents, each with what is said of it and of all that it belongs to."""
    ids = sorted(inputs.document.get(group, {}))
    rows = [
        Row(Deployment("", "", joined_answers(inputs.document, group, id_)), owners_of(inputs.document, group, id_), {})
        for id_ in ids
    ]
    reads = inputs.reads(rows)
    inputs.read_fewest(reads, rows)
    return Scenes(group, ids, reads)


def _coverage_holds(inputs: Inputs, tallies: Tallies, asked: Sequence[disclosures.Asked]) -> Iterable[Hold]:
    rule = inputs.criteria.coverage
    if rule is None:
        return
    items = [q for q in inputs.questionnaire.questions.values() if q.screen or q.id in rule.key_items]
    for one in asked:
        yield from disclosures.hold_by_coverage(rule, items, tallies, one)


def _clash_holds(clashing: Sequence[Clash]) -> Iterable[Hold]:
    for clash in clashing:
        because = tuple(sorted(key.question for key in clash.keys))
        effect = f"{clash.code}: neither answer proves anything, and the worse reading counts."
        yield Hold("C-11", clash.row, effect, because, clash.certain)


Audits = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""Per deployment: the key items without an audit, in the headline and at their best."""


def _audits(inputs: Inputs, asked: Sequence[disclosures.Asked]) -> Audits:
    rule = inputs.criteria.audit
    if rule is None:
        return {}
    questionnaire, levels = inputs.questionnaire, inputs.levels
    return {
        one.row.row: (
            disclosures.unaudited(questionnaire, rule, one, levels, best=False),
            disclosures.unaudited(questionnaire, rule, one, levels, best=True),
        )
        for one in asked
    }


def _audit_holds(inputs: Inputs, scored: Scored, audits: Audits) -> Iterable[Hold]:
    rule = inputs.criteria.audit
    for score in scored.scores:
        lacking, surely = audits.get(score.row, ((), ()))
        if rule is not None and lacking and step_of(score.low.band) < step_of(rule.floor):
            effect = f"No band better than {rule.floor} without an audit of these answers."
            yield Hold("C-08", score.row, effect, lacking, bool(surely), rule.floor)


def _stand_rows(inputs: Inputs, scored: Scored, found: Sequence[Finding], audits: Audits) -> Mapping[str, RowStanding]:
    """Return where each deployment stands; holds and findings are sorted by row once."""
    holds: defaultdict[str, list[Hold]] = defaultdict(list)
    for hold in scored.holds:
        holds[hold.row].append(hold)
    places = {row: content.get("deployment") for row, content in inputs.document.get("incident", {}).items()}
    bearing = findings.sort_by_owner(found, places)
    stands: dict[str, RowStanding] = {}
    for score in scored.scores:
        lines = [*bearing["product", score.product], *bearing["deployment", score.row]]
        stands[score.row] = _stand_row(inputs, score, holds[score.row], lines, audits)
    return stands


def _stand_row(
    inputs: Inputs, score: RowScore, holds: Sequence[Hold], lines: Sequence[Finding], audits: Audits
) -> RowStanding:
    band = _worst_band([score.high.band], holds, [line.band for line in lines])
    band_low = _worst_band([score.low.band], [h for h in holds if h.certain], [line.band_low for line in lines])
    rule = inputs.criteria.audit
    lacking = audits.get(score.row, ((), ()))[0]
    return RowStanding(
        band=band,
        band_low=band_low,
        rated=are_rated(band_low, band),
        self_assessed=rule is not None and bool(lacking) and band == rule.marked,
        avoidable=avoidable(
            inputs.criteria, score.high, {c: r.high for c, r in score.readings.items()}, score.involvement
        ),
    )
