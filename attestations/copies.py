"""Copies of a bundle of version 2 that show less, under the same signature.

Invariants: a copy never shows more than what it is made from; whatever it leaves out stands in it as a digest, so its
reader sees how much is missing; the signed bytes are those of the original.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from attestations import bundle as bundles
from attestations.disclosure import Disclosure

Leaf = Mapping[str, Any]


def show_band(_: Leaf) -> bool:
    """Show no leaf: the statement's own head has the band and the coverage."""
    return False


def show_sections(questions: Collection[str]) -> Callable[[Leaf], bool]:
    """Return what shows the answers to the questions and the figures, but no names of products and deployments."""
    return lambda leaf: leaf["kind"] == "result" or (leaf["kind"] == "answer" and leaf["question"] in questions)


def show_but(withheld: Collection[tuple[str, str | None]]) -> Callable[[Leaf], bool]:
    """Return what shows everything but the answers named by question and row (None for the company)."""
    return lambda leaf: leaf["kind"] != "answer" or (leaf["question"], leaf["row"]) not in withheld


def copy(data: bytes, shown: Callable[[Leaf], bool]) -> bytes:
    """Return a copy of a bundle with the leaves that `shown` holds for; raise RefusedError for another version."""
    bundle = bundles.parse(data)
    if bundle.format != bundles.FORMAT_2:
        raise ValueError("only a bundle of version 2 can be copied in part")
    kept = [one for one in bundle.disclosures if shown(one.leaf)]
    left = [one.digest for one in bundle.disclosures if not shown(one.leaf)]
    value = json.loads(data)
    return bundles.build_2(
        envelope=bundle.envelope,
        disclosures=[_json(one) for one in kept],
        withheld=[*bundle.withheld, *left],
        questionnaire=value["questionnaire"],
        criteria=value["criteria"],
    )


def _json(disclosure: Disclosure) -> dict[str, Any]:
    return {"salt": disclosure.salt, "leaf": dict(disclosure.leaf)}
