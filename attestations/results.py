"""A result in parts: what every copy of an attestation shows, and what can be withheld.

Invariants: the parts together are the whole result, byte for byte; the head names no row, so a copy that shows the band
alone tells nothing of products, end users and places but their number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attestations.in_toto import AnyStatement, Predicate

COMPANY = (
    "band", "band_low", "residual", "residual_low", "rated", "deployments", "people_in_high_or_severe", "people_open",
    "computed_band", "computed_band_low", "avoidable", "remainders", "self_assessed", "insufficient_disclosure",
)  # fmt: skip
"""Fields of the company's result that the head shows, where the engine has them."""
RED_LINE = ("red_line", "status")


def head_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of an engine's result that stands in the statement itself."""
    company = result["company"]
    head = {
        "company": {name: company[name] for name in COMPANY if name in company},
        "coverage": result["coverage"],
    }
    if "evidence" in result:
        head["evidence"] = result["evidence"]
    if "caps" in result:
        head["caps"] = sorted({hold["cap"] for hold in result["caps"]})
    if "red_lines" in result:
        lines = [{name: line[name] for name in RED_LINE} for line in result["red_lines"]]
        head["red_lines"] = sorted(lines, key=lambda line: (line["red_line"], line["status"]))
    return head


def leaves_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the result as leaves: one for the company, one for each deployment."""
    company = {name: part for name, part in result.items() if name != "deployments"}
    rows = [
        {"kind": "result", "group": "deployment", "row": part["row"], "result": part} for part in result["deployments"]
    ]
    return [{"kind": "result", "group": "company", "row": None, "result": company}, *rows]


def shown_result(statement: AnyStatement, leaves: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return as much of the signed result as a bundle's leaves show: at least the statement's own part."""
    if isinstance(statement, Predicate):
        return result_of(leaves) or statement.result
    return statement.result


def result_of(leaves: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the result as far as the leaves disclose it; None where not even the company's is disclosed."""
    parts = [leaf for leaf in leaves if leaf["kind"] == "result"]
    company = next((leaf["result"] for leaf in parts if leaf["group"] == "company"), None)
    if company is None:
        return None
    rows = sorted((leaf["result"] for leaf in parts if leaf["group"] == "deployment"), key=lambda part: part["row"])
    return {**company, "deployments": rows}
