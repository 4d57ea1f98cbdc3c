"""YAML read exactly: decimals stay text until they are `Decimal`, and every key keeps its line."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from config.problems import Problem, SettingsError

TreePath = tuple[str | int, ...]
_CORE = "tag:yaml.org,2002:"


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[TreePath, int] = {}
        self._open: list[Node] = []

    def value(self, node: Node, path: TreePath) -> Any:
        line = self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if node in self._open:
            self._fail(line, f"*{node.anchor} contains itself: write the values out")
        self._open.append(node)
        value: Any
        if isinstance(node, MappingNode):
            value = self._mapping(node, path)
        else:
            value = [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        self._open.pop()
        return value

    def _mapping(self, node: MappingNode, path: TreePath) -> dict[str | int, Any]:
        values: dict[str | int, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = _scalar(key_node) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str | int) or isinstance(key, bool):
                self._fail(line, f"{shown_key(key_node)} cannot be a key")
            if key in values:
                self._fail(line, f"{key} is given twice: keep one")
            self.lines[(*path, key)] = line
            values[key] = self.value(value_node, (*path, key))
        return values

    def _fail(self, line: int, rule: str) -> None:
        raise SettingsError([Problem(f"{self.source}, line {line}", rule)])


def shown_key(node: Node) -> str:
    """The text of a key that is not usable, for a message."""
    return str(node.value) if isinstance(node, ScalarNode) else "a list or mapping"


def _scalar(node: ScalarNode) -> Any:
    text = node.value
    match node.tag.removeprefix(_CORE) if isinstance(node.tag, str) else str(node.tag):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" | "float":
            return _number(text)
    return text


def _number(text: str) -> int | Decimal | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


# An order reads the same few files several times, and composing them costs most of its preparation.
@lru_cache(maxsize=16)
def _compose(text: str) -> Node | None:
    return YAML(typ="safe", pure=True).compose(text)


def parse(text: str, source: str) -> tuple[Any, dict[TreePath, int]]:
    """Return the value of YAML `text` and the line of every path in it.

    Raises `SettingsError` naming `source` and the line when the text is not YAML or repeats a key.
    """
    try:
        node = _compose(text)
    except MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(
            [Problem(f"{source}{line}", f"not readable as YAML: {error.problem}")]
        ) from error
    except YAMLError as error:
        rule = f"not readable as YAML: {str(error).splitlines()[0]}"
        raise SettingsError([Problem(source, rule)]) from error
    if node is None:
        return None, {}
    reader = _Reader(source)
    return reader.value(node, ()), reader.lines


def read(path: Path, source: str) -> tuple[dict[str | int, Any], dict[TreePath, int]]:
    """Read a YAML file that holds a mapping (an empty file is an empty mapping)."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError([Problem(source, "no such file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(source, f"cannot be read: {error}")]) from error
    value, lines = parse(text, source)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise SettingsError([Problem(source, "must be a mapping of settings (key: value lines)")])
    return value, lines
