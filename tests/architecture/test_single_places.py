"""Time, ids and the environment each enter the program at one place, so that every other function is told them."""

import ast
from collections.abc import Iterator

import pytest

TIME = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.gmtime", "time.localtime", "time.strftime", "time.ctime",
}  # fmt: skip
IDS = {f"uuid.uuid{version}" for version in (1, 3, 4, 5, 6, 7, 8)}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.putenv", "os.unsetenv"}

ALLOWED = {
    "time": {"api/clock.py", "attestations/commands.py"},  # the second is the offline command's own edge
    "ids": {"api/ids.py"},
    "environment": {"api/settings.py"},
}


def names_used(tree: ast.Module) -> set[str]:
    """Return the dotted path of every name that comes from an import and is imported, read or called in the module."""
    known = dict(_imported(tree))
    used = set(known.values())
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (path := _dotted(node)) is not None:
            first, _, rest = path.partition(".")
            if first in known:
                used.add(f"{known[first]}.{rest}")
    return used


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := _dotted(node.value)) is not None:
        return f"{left}.{node.attr}"
    return None


def breaches(rule: str, tree: ast.Module) -> set[str]:
    """Return the names in the module that the rule keeps for one place."""
    used = names_used(tree)
    if rule == "ids":
        return {name for name in used if name in IDS or name.startswith("uuid_utils")}
    kept = TIME if rule == "time" else ENVIRONMENT
    return {name for name in used if any(name == one or name.startswith(f"{one}.") for one in kept)}


@pytest.mark.parametrize("rule", ALLOWED)
def test_only_its_own_place_uses_it(rule: str, product: dict[str, ast.Module]) -> None:
    found = {path: names for path, tree in product.items() if (names := breaches(rule, tree))}
    assert {path: names for path, names in found.items() if path not in ALLOWED[rule]} == {}


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("time", "from datetime import datetime as dt\ndt.now()"),
        ("time", "import datetime\ndatetime.date.today()"),
        ("time", "from time import time"),
        ("ids", "import uuid\nuuid.uuid4()"),
        ("ids", "from uuid_utils.compat import uuid7"),
        ("environment", "import os\nos.environ.get('HOME')"),
        ("environment", "from os import getenv as read"),
    ],
)
def test_the_rule_sees_each_way_around_it(rule: str, source: str) -> None:
    assert breaches(rule, ast.parse(source))


@pytest.mark.parametrize("rule", ALLOWED)
def test_the_rule_leaves_others_alone(rule: str) -> None:
    assert not breaches(rule, ast.parse("import os, time\nfrom uuid import UUID\ntime.monotonic()\nos.fspath('x')"))
