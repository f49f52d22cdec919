"""All tables of the service, whichever feature they are from.

Invariant: whoever writes through the models knows every table that a foreign key could lead to, also a process that
has loaded one feature alone.
"""

import importlib
import pkgutil
from importlib.util import find_spec

import api


def load_models() -> None:
    """Import `models` of every feature that has one: features lie above this package, so they are found by name."""
    for feature in pkgutil.iter_modules(api.__path__):
        if feature.ispkg and find_spec(f"api.{feature.name}.models"):
            importlib.import_module(f"api.{feature.name}.models")
