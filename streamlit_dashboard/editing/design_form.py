"""Controls for the keys of a plan design, made from the schema: each with its rule beside it.

They take any number: which ones are legal is for the settings to say, and the page shows what they
say.
"""

from collections.abc import Sequence
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pandas as pd
import streamlit as st
from pydantic.fields import FieldInfo

from config.plan_design import PlanDesign, unread_keys
from config.plan_rules import SCHEDULES
from config.quantities import Section, SqlType
from config.schema_paths import as_section, fields_of
from streamlit_dashboard import formats

CUSTOM = "custom"
LISTS = ("tiers", "bands")


def section(design: dict[str, Any], name: str, key: str) -> dict[str, Any]:
    """Controls for one section; returns its values. `key` tells designs apart."""
    kind = as_section(PlanDesign.model_fields[name].annotation)
    assert kind is not None
    return _fields(kind, design[name], (name,), key)


def _fields(
    kind: type[Section], values: dict[str, Any], path: Sequence[str], key: str
) -> dict[str, Any]:
    given: dict[str, Any] = {}
    hidden: frozenset[str] = frozenset()
    for name, field in fields_of(kind).items():
        if name in hidden:
            given[name] = values[name]
            continue
        here = (*path, name)
        inner = as_section(field.annotation)
        if inner:
            given[name] = _fields(inner, values[name], here, key)
            continue
        rule = (field.description or "").replace("`", "")
        if name in LISTS:
            st.caption(rule)
            given[name] = _control(name, field, values[name], here, key)
        else:
            control, note = st.columns(2, vertical_alignment="center")
            with control:
                given[name] = _control(name, field, values[name], here, key)
            note.caption(rule)
        if name == "formula":
            hidden = unread_keys(path[0], given[name])
    return given


def _control(name: str, field: FieldInfo, value: Any, path: Sequence[str], key: str) -> Any:
    label, widget = formats.words(name), "-".join([key, *path])
    annotation = field.annotation
    if name == "tiers":
        return _tiers(value, widget)
    if name == "bands":
        return _bands(value, widget, with_tiers=path[0] == "match")
    if path[0] == "vesting" and name.startswith("employer"):
        return _schedule(label, value, widget)
    if annotation is bool:
        return st.toggle(label, value, key=widget)
    if get_origin(annotation) is Literal:
        choices = list(get_args(annotation))
        return st.selectbox(
            label, choices, index=choices.index(value), format_func=formats.words, key=widget
        )
    if annotation is int:
        return int(st.number_input(label, value=int(value), key=widget))
    if get_origin(annotation) in (Union, UnionType):
        given = st.number_input(
            f"{label}, $",
            value=None if value is None else float(value),
            key=widget,
            placeholder="None",
        )
        return None if given is None else Decimal(str(given))
    if SqlType("DECIMAL(18,6)") in field.metadata:
        given = st.number_input(
            f"{label}, $", value=float(value), step=100.0, format="%.0f", key=widget
        )
        return Decimal(str(given))
    given = st.number_input(
        f"{label}, %", value=float(value * 100), step=0.5, format="%.2f", key=widget
    )
    return share(given)


def share(percent: float) -> Decimal:
    """Percent of a control as the exact share of the file."""
    return round(Decimal(str(percent)) / 100, 6)


def _tiers(tiers: Sequence[dict[str, Decimal]], key: str) -> list[dict[str, Decimal]]:
    frame = pd.DataFrame(
        [
            {"Match, %": float(t["rate"] * 100), "up to, % of pay": float(t["up_to"] * 100)}
            for t in tiers
        ],
        columns=["Match, %", "up to, % of pay"],
        dtype=float,
    )
    edited = st.data_editor(frame, num_rows="dynamic", hide_index=True, key=key)
    return [{"rate": share(rate), "up_to": share(up_to)} for rate, up_to in _complete(edited)]


def _bands(bands: Sequence[dict[str, Any]], key: str, *, with_tiers: bool) -> list[dict[str, Any]]:
    rows = []
    for band in bands:
        parts = band["tiers"] if with_tiers else [{"rate": band["rate"]}]
        for part in parts:
            row = {
                "from": float(band["from"]),
                "to": None if band["to"] is None else float(band["to"]),
                "rate, %": float(part["rate"] * 100),
            }
            if with_tiers:
                row["up to, % of pay"] = float(part["up_to"] * 100)
            rows.append(row)
    columns = ["from", "to", "rate, %"] + (["up to, % of pay"] if with_tiers else [])
    frame = pd.DataFrame(rows, columns=columns, dtype=float)
    edited = st.data_editor(frame, num_rows="dynamic", hide_index=True, key=key)
    merged: dict[tuple[int, int | None], list[Any]] = {}
    needed = [name for name in columns if name != "to"]
    for row in edited.dropna(subset=needed).to_dict("records"):
        end = None if pd.isna(row["to"]) else int(row["to"])
        merged.setdefault((int(row["from"]), end), []).append(row)
    if with_tiers:
        return [
            {
                "from": start,
                "to": end,
                "tiers": [
                    {"rate": share(r["rate, %"]), "up_to": share(r["up to, % of pay"])}
                    for r in members
                ],
            }
            for (start, end), members in merged.items()
        ]
    return [
        {"from": start, "to": end, "rate": share(members[0]["rate, %"])}
        for (start, end), members in merged.items()
    ]


def _schedule(label: str, value: str | dict[int, Decimal], key: str) -> str | dict[int, Decimal]:
    names = [*SCHEDULES, CUSTOM]
    present = value if isinstance(value, str) else CUSTOM
    name = st.selectbox(
        label, names, index=names.index(present), format_func=_schedule_words, key=key
    )
    if name != CUSTOM:
        return name
    table = value if isinstance(value, dict) else dict(enumerate(SCHEDULES["graded_2_6"]))
    frame = pd.DataFrame(
        {
            "Years": [float(year) for year in table],
            "Vested, %": [float(v * 100) for v in table.values()],
        }
    )
    edited = st.data_editor(frame, num_rows="dynamic", hide_index=True, key=f"{key}-table")
    return {int(year): share(vested) for year, vested in _complete(edited)}


def _schedule_words(name: str) -> str:
    kind, _, years = name.partition("_")
    if not years:
        return formats.words(name)
    span = years.replace("_", " to ")
    return f"{formats.words(kind)}, {span} year{'' if years == '1' else 's'}"


def _complete(frame: pd.DataFrame) -> list[tuple[float, ...]]:
    return [tuple(row) for row in frame.dropna().itertuples(index=False)]
