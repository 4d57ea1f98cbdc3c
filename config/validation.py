"""From Pydantic's errors to problems a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from config.layers import Layers, unknown_key
from config.problems import Problem, nearest, shown
from config.quantities import ID_RULE
from config.rules import BrokenRules
from config.schema import SimulationConfig
from config.schema_paths import Keys, dotted, fields_of, section_at

_UNION_BRANCHES = ("literal[", "dict[")


def validate(layers: Layers) -> tuple[SimulationConfig | None, list[Problem]]:
    """Validate the merged tree: the settings, or every problem with its origin."""
    layers.clear_unread()
    try:
        return SimulationConfig.model_validate(layers.tree), []
    except ValidationError as error:
        return None, list(_problems(error, layers))


def _problems(error: ValidationError, layers: Layers) -> Iterator[Problem]:
    for item in error.errors(include_url=False):
        path = tuple(item["loc"])
        branch = next((key for key in path if str(key).startswith(_UNION_BRANCHES)), None)
        if branch is not None:
            if str(branch).startswith("dict[") != isinstance(_value(layers.tree, path), dict):
                continue
            path = tuple(key for key in path if not str(key).startswith(("[", *_UNION_BRANCHES)))
        cause = item.get("ctx", {}).get("error")
        if isinstance(cause, BrokenRules):
            for violation in cause.violations:
                broken = (*path, *violation.path)
                yield _problem(layers, broken, _value(layers.tree, broken), violation.message)
        elif item["type"] == "extra_forbidden":
            yield _problem(layers, path, None, unknown_key(path))
        elif item["type"] == "missing":
            yield _problem(layers, path, None, "is missing: add it")
        else:
            yield _problem(layers, path, item["input"], _rule(item, path), given=True)


def _problem(layers: Layers, path: Keys, value: Any, rule: str, *, given: bool = False) -> Problem:
    shown_value = "" if value is None and not given else shown(value)
    return Problem(layers.source_of(path), rule, dotted(path), shown_value)


def _value(tree: Any, path: Keys) -> Any:
    for key in path:
        if str(key).startswith(_UNION_BRANCHES):
            return tree
        inside = (isinstance(tree, dict) and key in tree) or (
            isinstance(tree, list) and isinstance(key, int) and key < len(tree)
        )
        if not inside:
            return None
        tree = tree[key]
    return tree


def _rule(item: Any, path: Keys) -> str:
    context, value = item.get("ctx", {}), item["input"]
    match item["type"]:
        case "greater_than_equal":
            return f"must be at least {_bound(context, 'ge')}"
        case "greater_than":
            return f"must be above {_bound(context, 'gt')}"
        case "less_than_equal":
            return f"must be at most {_bound(context, 'le')}{_percent(value, context['le'])}"
        case "less_than":
            return f"must be below {_bound(context, 'lt')}{_percent(value, context['lt'])}"
        case "literal_error":
            names = [name.strip("' ") for name in _names(context["expected"])]
            return f"not a valid choice; {nearest(str(value), names)}"
        case "int_type" | "int_parsing" | "int_from_float":
            return "must be a whole number"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "string_type":
            return "must be text; put quotes around it"
        case "string_pattern_mismatch":
            return ID_RULE
        case "decimal_max_places":
            return f"at most {context['decimal_places']} decimal places are kept; round it"
        case "too_short":
            return f"must have at least {context['min_length']} elements"
        case "too_long":
            return f"must have at most {context['max_length']} elements"
        case "tuple_type":
            return "must be a list"
        case "model_type" | "model_attributes_type":
            section = section_at(path)
            keys = f" with the keys {', '.join(fields_of(section))}" if section else ""
            return f"must be a section{keys}"
        case "value_error":
            return str(context["error"])
    return item["msg"]


def _bound(context: dict[str, Any], name: str) -> str:
    """A bound as a number; Pydantic gives a decimal one as the text of its repr."""
    return str(context[name]).removeprefix("Decimal('").removesuffix("')")


def _names(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(", ")


def _percent(value: Any, most: Any) -> str:
    if most == 1 and isinstance(value, int | Decimal) and 1 < value <= 100:
        return f"; it is a share: write {shown(Decimal(value) / 100)} for {shown(value)}%"
    return ""
