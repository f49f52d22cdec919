"""The scorecard of engine 2 as it is signed: whole numbers, strings, truths and nothing else.

Invariants: every key of engine 1's result is there with the same meaning, but that `band` and `band_low` are the
printed bands and the computed ones stand beside them; `review` holds all that reviewers decided, so that whoever holds
the answers can recompute the rest.
"""

from typing import Any

from questionnaires import engine_1
from questionnaires.formulas import printed
from questionnaires.redlines import decision_json, review_json
from questionnaires.rowscores import RowScore
from questionnaires.scorecards import Scorecard
from questionnaires.standing import Finding, Hold, RowStanding, Standing


def result_of(scorecard: Scorecard) -> dict[str, Any]:
    """Return the scorecard as JSON, rows sorted by id."""
    standing = scorecard.standing
    assert standing is not None
    plain = engine_1.result_of(scorecard)
    rows = {row.row: row for row in scorecard.rows}
    return {
        **plain,
        "company": {**plain["company"], **_company(scorecard, standing)},
        "deployments": [
            {**row, **_row(rows[row["row"]], standing.rows[row["row"]], standing)} for row in plain["deployments"]
        ],
        "caps": [_hold(hold) for hold in standing.holds],
        "red_lines": [_finding(finding) for finding in standing.findings],
        "evidence": standing.shares._asdict(),
        "review": review_json(standing.review),
    }


def _company(scorecard: Scorecard, standing: Standing) -> dict[str, Any]:
    worst = standing.rows[scorecard.worst.row]
    declared = sum(row.row not in standing.remainders and not row.row.startswith("~") for row in scorecard.rows)
    return {
        "band": standing.band,
        "band_low": standing.band_low,
        "rated": standing.rated,
        "computed_band": scorecard.worst.high.band,
        "computed_band_low": standing.computed_low,
        "avoidable": printed(worst.avoidable),
        "deployments": declared,
        "remainders": len(standing.remainders),
        "self_assessed": worst.self_assessed and standing.band == worst.band,
        "insufficient_disclosure": standing.insufficient_disclosure,
        "not_rated": [row for row in sorted(standing.rows) if not standing.rows[row].rated],
    }


def _row(row: RowScore, stands: RowStanding, standing: Standing) -> dict[str, Any]:
    return {
        "band": stands.band,
        "band_low": stands.band_low,
        "rated": stands.rated,
        "computed_band": row.high.band,
        "computed_band_low": row.low.band,
        "avoidable": printed(stands.avoidable),
        "self_assessed": stands.self_assessed,
        "remainder": row.row in standing.remainders,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "cap": hold.cap,
        "row": hold.row or None,
        "effect": hold.effect,
        "floor": hold.floor,
        "certain": hold.certain,
        "because": list(hold.because),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "red_line": finding.code,
        "candidate": finding.candidate,
        "group": finding.group,
        "row": finding.row or None,
        "status": finding.status,
        "band": finding.band,
        "because": list(finding.because),
        "decision": decision_json(finding.decision) if finding.decision is not None else None,
    }
