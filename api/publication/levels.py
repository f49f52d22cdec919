"""What is shown at each level of publication: flaws of a proposal, and the copy that it makes.

Invariants: a copy is made of the signed bundle alone; answers that the questionnaire withholds from publication are in
no copy but the whole one.
"""

from collections.abc import Callable, Mapping
from typing import Any

from api.problems import Flaw
from api.publication.schemas import PublicationIn
from attestations import bundle as bundles
from attestations import copies
from questionnaires.canonical import canonical_bytes
from questionnaires.definition import Questionnaire

WHOLE = "all"
Terms = Mapping[str, Any]


def terms_of(asked: PublicationIn) -> dict[str, Any]:
    """Return the terms of a proposal beside its level, in one form: what the other party agrees to."""
    return {
        "sections": sorted(set(asked.sections)),
        "withheld": sorted({(about.question, about.row or "") for about in asked.withheld}),
        "names": asked.level == WHOLE if asked.names is None else asked.names,
    }


def find_flaws(data: bytes, asked: PublicationIn) -> list[Flaw]:
    """Return what is wrong with a proposal about a bundle."""
    bundle = bundles.parse(data)
    sections = {section.code for section in _questionnaire(bundle).sections}
    answered = {(leaf["question"], leaf["row"]) for leaf in bundle.leaves if leaf["kind"] == "answer"}
    flaws = [
        Flaw(f"/sections/{index}", "unknown_section", "Name a section of the questionnaire by its letter.")
        for index, code in enumerate(asked.sections)
        if code not in sections
    ]
    flaws += [
        Flaw(f"/withheld/{index}", "not_answered", "Only an answer that was given can be withheld.")
        for index, about in enumerate(asked.withheld)
        if (about.question, about.row) not in answered
    ]
    for name, level in (("sections", "sections"), ("withheld", "unwithheld")):
        if bool(getattr(asked, name)) != (asked.level == level):
            flaws.append(Flaw(f"/{name}", "level", f"The level {level} needs this, and no other level takes it."))
    if asked.names is not None and asked.names != {"band": False, WHOLE: True}.get(asked.level, asked.names):
        flaws.append(Flaw("/names", "level", "The level band shows no name, and the level all shows every name."))
    return flaws


def make_copy(data: bytes, level: str, terms: Terms) -> bytes:
    """Return the copy of a bundle that a level and its terms show."""
    return copies.copy(data, _shown(bundles.parse(data), level, terms))


def _shown(bundle: bundles.Bundle, level: str, terms: Terms) -> Callable[[copies.Leaf], bool]:
    if level == WHOLE:
        return copies.show_all
    if level == "band":
        return copies.show_band
    questionnaire = _questionnaire(bundle)
    kept = {
        question.id for section in questionnaire.sections for question in section.questions if question.confidential
    }
    if level == "sections":
        chosen = (section for section in questionnaire.sections if section.code in terms["sections"])
        shown = {question.id for section in chosen for question in section.questions}
        return copies.show_sections(shown - kept, names=terms["names"])
    withheld: set[tuple[str, str | None]] = {(question, row or None) for question, row in terms["withheld"]}
    withheld |= {(leaf["question"], leaf["row"]) for leaf in bundle.leaves if leaf.get("question") in kept}
    return copies.show_but(withheld, names=terms["names"])


def _questionnaire(bundle: bundles.Bundle) -> Questionnaire:
    return Questionnaire.model_validate_json(canonical_bytes(bundle.questionnaire))
