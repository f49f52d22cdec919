"""Commands and job handlers are named by text: each name must lead to a function."""

import importlib

import pytest

from api.jobs.registry import HANDLERS, PERIODIC, load_handler
from attestations import questionnaire_commands
from attestations.cli import COMMANDS

ALL = {**COMMANDS, **{f"questionnaires {name}": found for name, found in questionnaire_commands.COMMANDS.items()}}


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_command_leads_to_a_function(name: str) -> None:
    module, _, function = ALL[name].target.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_every_handler_leads_to_a_function() -> None:
    assert all(callable(load_handler(target)) for target in HANDLERS.values())
    assert all(callable(load_handler(target)) for _, target in PERIODIC.values())


def test_a_handler_that_is_not_there_is_told() -> None:
    with pytest.raises(ImportError):
        load_handler("api.nowhere:render")
