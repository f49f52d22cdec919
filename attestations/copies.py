"""Copies of a bundle of version 2 that show less, under the same signature.

Invariants: a copy never shows more than what it is made from; whatever it leaves out stands in it as a digest, so its
reader sees how much is missing; the signed bytes are those of the original.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from attestations import bundle as bundles
from attestations.disclosure import Disclosure
from questionnaires.rowscores import REMAINDER

Leaf = Mapping[str, Any]


def show_band(_: Leaf) -> bool:
    """Show no leaf: the statement's own head has the band and the coverage."""
    return False


def show_sections(questions: Collection[str], *, names: bool = False) -> Callable[[Leaf], bool]:
    """Return what shows the answers to the questions and each deployment's figures, and with `names` rows by name."""
    return lambda leaf: (
        leaf["question"] in questions if leaf["kind"] == "answer" else _is_figure(leaf) or _is_name(leaf, names)
    )


def show_but(withheld: Collection[tuple[str, str | None]], *, names: bool = False) -> Callable[[Leaf], bool]:
    """Return what shows all answers but those named by question and row (None for the company), and figures.

    With `names` rows are shown by name. What could give a withheld answer away stays out: the rows of the context name
    places, and so do remainders; the company's result has the words of allegations and replies.
    """
    return lambda leaf: (
        (leaf["question"], leaf["row"]) not in withheld
        if leaf["kind"] == "answer"
        else _is_figure(leaf) or _is_name(leaf, names)
    )


def show_all(_: Leaf) -> bool:
    """Show every leaf."""
    return True


def _is_figure(leaf: Leaf) -> bool:
    """Tell whether a leaf is the result of a deployment that was declared: a remainder's id names its place."""
    return leaf["kind"] == "result" and leaf["row"] is not None and not leaf["row"].startswith(REMAINDER)


def _is_name(leaf: Leaf, names: bool) -> bool:
    return names and leaf["kind"] == "row"


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
