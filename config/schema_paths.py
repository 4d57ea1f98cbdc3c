"""Walking the settings schema by dotted path: sections, list elements, valid names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from config.quantities import Section
from config.schema import SimulationConfig

Keys = tuple[str | int, ...]


def fields_of(section: type[Section]) -> dict[str, FieldInfo]:
    """Fields of a section by the name a user writes."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def bare(annotation: Any) -> Any:
    """`annotation` without `Annotated` and without `| None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
            if len(kinds) != 1:
                return annotation
            annotation = kinds[0]
        else:
            return annotation


def as_section(annotation: Any) -> type[Section] | None:
    """The section that `annotation` names, or None for scalars, lists and tables."""
    kind = bare(annotation)
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


@lru_cache(maxsize=1024)
def annotation_at(path: Keys) -> Any:
    """Annotation of the setting at `path`, or None where the schema has nothing."""
    annotation: Any = SimulationConfig
    for key in path:
        kind = bare(annotation)
        if section := as_section(kind):
            field = fields_of(section).get(str(key))
            annotation = field.annotation if field else None
        elif is_list(kind) and isinstance(key, int):
            annotation = get_args(kind)[0]
        else:
            return None
    return annotation


def section_at(path: Keys) -> type[Section] | None:
    """The section at `path`, if there is one."""
    return as_section(annotation_at(path))


def dotted(path: Keys) -> str:
    """`path` as a user writes it."""
    return ".".join(map(str, path))


def all_settings(
    section: type[Section] = SimulationConfig, path: Keys = ()
) -> Iterator[tuple[Keys, FieldInfo]]:
    """Every setting that is not itself a section, lists included, in schema order."""
    for key, field in fields_of(section).items():
        inner = as_section(field.annotation)
        if inner:
            yield from all_settings(inner, (*path, key))
        else:
            yield (*path, key), field


def is_list(annotation: Any) -> bool:
    """Whether the setting is a list."""
    return get_origin(bare(annotation)) is tuple


def element_section(annotation: Any) -> type[Section] | None:
    """The section of a list's elements, or None for a list of scalars."""
    return as_section(get_args(bare(annotation))[0])
