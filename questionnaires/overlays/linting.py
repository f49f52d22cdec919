"""Reading an overlay and telling all that is wrong with it, each with its place and what mends it.

Invariants: whatever the value, the answer is findings; what no overlay may touch is told beside what has a wrong form;
an overlay without a finding can be applied.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from pydantic import ValidationError

from questionnaires.canonical import Digest
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.linting import in_order
from questionnaires.linting.catalogue import Finding
from questionnaires.linting.refusals import MOST_REFUSALS, refusals_of
from questionnaires.overlays.applying import lay_on
from questionnaires.overlays.bounds import check_bounds
from questionnaires.overlays.catalogue import find
from questionnaires.overlays.lines import check_lines
from questionnaires.overlays.model import Overlay
from questionnaires.shape import pointer_of

STANDARDS_OWN = frozenset(Criteria.model_fields) - frozenset(Overlay.model_fields)
"""The parts of criteria that an overlay does not have."""
MORE_THAN_A_FLOOR = {"red_lines": ("at_most", "revokes", "months", "lifted"), "caps": ("unless", "third_party_only")}


class Standard(NamedTuple):
    """The criteria that an overlay lies on, with their digest, and the newest questionnaire that they read."""

    digest: Digest
    criteria: Criteria
    questionnaire: Questionnaire


def read_overlay(value: Any) -> tuple[Overlay | None, tuple[Finding, ...]]:
    """Return the overlay that a value describes, None where the model refuses it, and what no overlay may say."""
    found = list(islice(_find_forbidden(value), MOST_REFUSALS))  # what comes after those, the model refuses
    try:
        overlay = Overlay.model_validate(_without(value, {one.pointer for one in found}))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, in_order([*found, *refusals_of(value, details)])
    return overlay, in_order(found)


def check_overlay(overlay: Overlay, standard: Standard | None) -> tuple[Finding, ...]:
    """Return what is wrong with an overlay beside the standard that it names; None says that there is no such one."""
    if standard is None:
        problem = f"no shipped criteria have this digest, so {overlay.base.revision} cannot be read"
        return (find("unknown-base", "/base/digest", problem),)
    found = list(_check_base(overlay, standard))
    if not found:
        found += check_bounds(overlay, standard.criteria)
        found += check_lines(overlay, standard.criteria, standard.questionnaire)
        found += _find_circles(overlay, standard)
    return in_order(found)


def _check_base(overlay: Overlay, standard: Standard) -> Iterator[Finding]:
    criteria = standard.criteria
    if overlay.base.digest != standard.digest:
        yield find("unknown-base", "/base/digest", "this is not the digest of the criteria it was held against")
    elif overlay.base.revision != f"{criteria.id}@{criteria.revision}":
        problem = f"the digest is that of {criteria.id}@{criteria.revision}"
        yield find("base-mismatch", "/base/revision", problem)


def _find_circles(overlay: Overlay, standard: Standard) -> Iterator[Finding]:
    """Yield the caps after which criteria would hang on each other in a circle, each with those before it."""
    caps = dict(standard.criteria.caps)
    for code, cap in overlay.caps.items():
        before = dict(caps)
        try:
            caps |= lay_on(standard.criteria, {code: cap}, before).caps
        except ValidationError:
            yield find("circle", pointer_of("caps", code, "at_least"), f"{code} hangs on what it raises")


def _find_forbidden(value: Any) -> Iterator[Finding]:
    """Yield what no overlay may say, wherever it stands in a value."""
    for name in _members(value):
        if name in STANDARDS_OWN:
            yield find("standard-stays", pointer_of(name), f"`{name}` stays as the standard has it")
    if "buyer_shares" in _members(_members(value).get("weights")):
        yield find("standard-stays", "/weights/buyer_shares", "`buyer_shares` is part of the method")
    for part, own in (("red_lines", "XL-"), ("caps", "XC-")):
        for code, entry in _members(_members(value).get(part)).items():
            if not code.startswith(own):
                yield find("standard-hold", pointer_of(part, code), f"`{code}` is no code of your own")
                continue
            for name in MORE_THAN_A_FLOOR[part]:
                if name in _members(entry):
                    yield find("only-floors", pointer_of(part, code, name), f"`{name}` is the standard's alone")


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _without(value: Any, pointers: set[str], at: tuple[str, ...] = ()) -> Any:
    """Return a value without the members that pointers name: they are told once."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: _without(part, pointers, (*at, str(name)))
        for name, part in value.items()
        if pointer_of(*at, str(name)) not in pointers
    }
