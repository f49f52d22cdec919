"""What the standard reads as worse, against the ladders that the promises are tested with, written by hand."""

from collections.abc import Mapping
from itertools import pairwise

import pytest

from questionnaires import library
from questionnaires.overlays.adversity import BETTER, WORSE, Adversity
from tests.questionnaires import test_properties as first
from tests.questionnaires.engine_2 import test_promises as second
from tests.questionnaires.engine_2.overlays.own import load_standard

LADDERS: Mapping[str, list[str]] = {name: said.split() for name, said in {**first.WORSE, **second.WORSE}.items()}
READ = Adversity(load_standard().criteria)


@pytest.mark.parametrize("reference", LADDERS)
def test_no_step_down_a_ladder_reads_as_better(reference: str) -> None:
    steps = list(pairwise(LADDERS[reference]))
    assert [step for step in steps if READ.is_worse(reference, step[0], step[1])] == []
    assert any(READ.is_worse(reference, after, before) for before, after in steps)


@pytest.mark.parametrize("reference", sorted({*first.MORE_IS_WORSE, "OWN-09.place_unknown", "OWN-09.total"}))
def test_numbers_of_which_more_is_worse(reference: str) -> None:
    assert READ.amounts(reference) == {WORSE}


@pytest.mark.parametrize("reference", sorted(first.LESS_IS_WORSE))
def test_numbers_of_which_less_is_worse(reference: str) -> None:
    assert READ.amounts(reference) == {BETTER}


@pytest.mark.parametrize("reference", sorted(first.ADDING_IS_WORSE | second.MORE_IS_WORSE))
def test_choices_of_which_none_is_a_good_sign(reference: str) -> None:
    choices = load_standard().questionnaire.field(reference).choices  # type: ignore[union-attr]  # all are of choices
    assert [code for code in choices if READ.helps(reference, code)] == []
    assert any(READ.hurts(reference, code) for code in choices)


@pytest.mark.parametrize("reference", sorted(first.REMOVING_IS_WORSE))
def test_choices_of_which_none_is_a_bad_sign(reference: str) -> None:
    choices = load_standard().questionnaire.field(reference).choices  # type: ignore[union-attr]  # all are of choices
    assert [code for code in choices if READ.hurts(reference, code)] == []
    assert any(READ.helps(reference, code) for code in choices)


def test_what_no_rule_reads_is_neither_worse_nor_better() -> None:
    assert not READ.is_worse("GOV-01.nothing", "a", "b")
    assert READ.amounts("GOV-01.nothing") == frozenset()
    assert not READ.helps("GOV-01.nothing", "a")


def test_the_first_criteria_are_read_too() -> None:
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    assert criteria is not None
    read = Adversity(criteria)
    assert read.is_worse("GOV-06.stop", "none", "independent")
    assert not read.is_worse("GOV-06.stop", "independent", "none")
