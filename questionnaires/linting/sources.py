"""The text of a definition: its value, where each part stands, and keys that stand twice.

Invariants: every scalar is read as text; anchors are never expanded beyond `MOST_PARTS`, so that a small text cannot
stand for an endless definition; what is no YAML is one finding.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from questionnaires.linting.catalogue import Finding, find
from questionnaires.shape import pointer_of

MOST_CHARACTERS = 2_000_000
MOST_PARTS = 400_000
"""Scalars, lists and mappings of a definition with its anchors written out."""
DEEPEST = 60
"""Lists and mappings within each other."""
TOO_DEEP = f"more than {DEEPEST} lists or mappings stand within each other"


class _TooLargeError(Exception):
    """The text is larger than any reader follows."""


class Source:
    """A parsed text: its value, the node that it was made of, and what was found on the way."""

    def __init__(self, value: Any, node: yaml.Node | None, findings: tuple[Finding, ...]) -> None:
        """Keep what was read; a value of None says that nothing could be."""
        self.value = value
        self.findings = findings
        self._node = node
        self._members: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}

    def line_of(self, pointer: str) -> int | None:
        """Return the line, from 1, on which the part that a pointer names begins; its parent's where it has none."""
        if self._node is None:
            return None
        node, line = self._node, self._node.start_mark.line
        for token in pointer.split("/")[1:]:
            step = self._step(node, token.replace("~1", "/").replace("~0", "~"))
            if step is None:
                break
            mark, node = step
            line = mark.start_mark.line
        return line + 1

    def _step(self, node: yaml.Node, name: str) -> tuple[yaml.Node, yaml.Node] | None:
        """Return the node that marks a member's line (a mapping's key) and the member's own node."""
        if isinstance(node, yaml.MappingNode):
            if id(node) not in self._members:
                self._members[id(node)] = {str(key.value): (key, value) for key, value in node.value}
            return self._members[id(node)].get(name)
        if isinstance(node, yaml.SequenceNode) and name.isdecimal() and int(name) < len(node.value):
            item = node.value[int(name)]
            return item, item
        return None


def read_source(text: str) -> Source:
    """Return a text's value with what can be said of the text itself; a value of None where it cannot be read."""
    if len(text) > MOST_CHARACTERS:
        return _refused("too-large", f"the text has more than {MOST_CHARACTERS} characters")
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        if node is not None:
            _measure(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        return _refused("not-readable", said or "this is not YAML", mark.line + 1 if mark else None)
    except yaml.YAMLError:
        return _refused("not-readable", "the text holds a character that YAML does not allow")
    except (RecursionError, _TooLargeError) as error:
        return _refused("too-large", str(error) if isinstance(error, _TooLargeError) else TOO_DEEP)
    if node is None:
        return _refused("not-readable", "the text is empty")
    return Source(_value(node, {}), node, tuple(_doubled(node, ())))


def _refused(code: str, problem: str, line: int | None = None) -> Source:
    return Source(None, None, (find(code, "", problem)._replace(line=line),))


def _members(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _measure(root: yaml.Node) -> None:
    """Raise _TooLargeError where a text is larger or deeper than any reader follows; each node is measured once."""
    known: dict[int, tuple[int, int]] = {}

    def measure(node: yaml.Node, depth: int) -> tuple[int, int]:
        if depth > DEEPEST:  # an anchor that holds itself ends here too
            raise _TooLargeError(TOO_DEEP)
        if id(node) not in known:
            members = [measure(member, depth + 1) for member in _members(node)]
            size, height = 1 + sum(size for size, _ in members), 1 + max((height for _, height in members), default=0)
            known[id(node)] = size, height
        return known[id(node)]

    parts, height = measure(root, 0)
    if height > DEEPEST:
        raise _TooLargeError(TOO_DEEP)
    if parts > MOST_PARTS:
        raise _TooLargeError(f"with its anchors written out the text has more than {MOST_PARTS} parts")


def _value(node: yaml.Node, made: dict[int, Any]) -> Any:
    """Return the value of a node; what an anchor names is made once."""
    if id(node) not in made:
        if isinstance(node, yaml.MappingNode):
            made[id(node)] = {str(key.value): _value(value, made) for key, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            made[id(node)] = [_value(item, made) for item in node.value]
        else:
            made[id(node)] = node.value
    return made[id(node)]


def _doubled(root: yaml.Node, base: tuple[str, ...]) -> Iterator[Finding]:
    """Yield every key that stands twice in one mapping, once per place in the text."""
    pending, seen = [(root, base)], set()
    while pending:
        node, path = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            known: dict[str, int] = {}
            for key, value in node.value:
                name = str(key.value)
                line = key.start_mark.line + 1
                if name in known:
                    problem = f"`{name}` stands on line {known[name]} already"
                    yield find("duplicate-key", pointer_of(*path, name), problem)._replace(line=line)
                known[name] = line
                pending.append((value, (*path, name)))
        elif isinstance(node, yaml.SequenceNode):
            pending.extend((item, (*path, str(index))) for index, item in enumerate(node.value))
