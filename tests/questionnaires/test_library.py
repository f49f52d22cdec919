"""The shipped revisions: released ones never change, and every question leads somewhere."""

import pytest

from questionnaires import library
from questionnaires.answers import AnswerValidator
from questionnaires.criteria import fields_read
from questionnaires.definition import TextField
from tests.questionnaires.conftest import CASES, Revisions, read_case

RELEASED = {
    "surveillance-hrdd@1": "sha256:3a7b6617823b175479e60ad0f68d14337e9eed65dba2a1c740515efaf55717f7",
    "surveillance-hrdd@2": "sha256:96937bf8f71a7129992ff86a7572da88dfeb2150d6fa8e22306dd2bb49eb101d",
    "surveillance-hrdd-criteria@1": "sha256:2dc2b442a1cba74d1aadbd5311186d8c6a0bee4da2a85295f824013dc0aa11ed",
    "surveillance-hrdd-criteria@2": "sha256:7c28f186c0b4121cc3969758f2579a6c034cefa6d72a604634ce645a5eeeb8d6",
    "exercise@2026-11": "sha256:8f99a7b2a1d7129981a5299d9f506eb642c1c2fee36ce29e5dd3baae923e837f",
    "world@2023": "sha256:9b9ffef8bc0c838831f872cafd32f51c11fe1715c0aa4a24a63d182a831efad8",
}
COMPLETENESS = {"OWN-05.areas", "BUY-01.units"}
COUNTED_AGAINST = {"GOV-07.reviewed"}
SCOPE = {"SCP-01.entities"}


def test_released_revisions_never_change() -> None:
    shipped = {**library.questionnaires(), **library.criteria(), **library.contexts()}
    found = {f"{revision.id}@{revision.revision}": digest for digest, revision in shipped.items()}
    assert found == RELEASED


def test_every_field_is_read_by_a_rule_or_has_a_named_purpose(revisions: Revisions) -> None:
    criteria = revisions.criteria
    rules = [item.rule for part in (criteria.risk, criteria.mitigation) for item in part.values()]
    read = frozenset().union(*(fields_read(rule) for rule in rules))
    asked = {f"{q.id}.{name}" for q in revisions.questionnaire.questions.values() for name in q.fields}
    assert read <= asked
    assert asked - read == COMPLETENESS | COUNTED_AGAINST | SCOPE | {"BUY-01.end_user"}


def test_what_a_question_says_it_feeds_is_what_reads_it(revisions: Revisions) -> None:
    criteria, summed = revisions.criteria, {"BUY-01": {"E4"}}
    said = {q.id: set(q.feeds) for q in revisions.questionnaire.questions.values()}
    read: dict[str, set[str]] = {id_: set(summed.get(id_, ())) for id_ in said}
    for code, item in [*criteria.risk.items(), *criteria.mitigation.items()]:
        for reference in fields_read(item.rule):
            read[reference.partition(".")[0]].add(code)
    assert read == said


def test_no_choice_is_called_by_the_value_of_a_criterion(revisions: Revisions) -> None:
    for question in revisions.questionnaire.questions.values():
        for field in question.fields.values():
            assert isinstance(field, TextField) or not {"0", "1", "2", "3", "4"} & set(getattr(field, "choices", {}))


@pytest.mark.parametrize("name", CASES)
def test_every_exercise_is_a_valid_submission(name: str, revisions: Revisions) -> None:
    assert AnswerValidator(revisions.questionnaire).check_document(read_case(name)["document"]) == []


@pytest.mark.parametrize(("place", "rank"), [("NO", True), ("PS", True), ("CN-XJ", True), ("ZZ", False)])
def test_a_place_is_read_as_text_and_an_unlisted_one_stays_open(place: str, rank: bool) -> None:  # a case
    world = library.find(library.contexts(), "world")
    assert world is not None
    assert bool(world.ranks(place)) is rank


def test_a_bare_parent_reads_as_the_worst_of_its_areas() -> None:
    world = library.find(library.contexts(), "world")
    assert world is not None
    assert max(world.territories("UA")) == max(world.territories("UA-43"))
    assert world.used(["UA"]).territories("UA") == world.territories("UA")
