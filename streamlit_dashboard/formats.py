"""Numbers as an analyst reads them, in text and in tables."""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

Number = int | float | Decimal


def count(value: Number) -> str:
    """People or events: 4,378."""
    return f"{value:z,.0f}"


def money(value: Number) -> str:
    """Dollars to the dollar: $1,234,567; above ten million in millions: $41.7 M; above ten
    billion in billions."""
    # What rounds to nothing has no sign.
    sign = "-" if value < -0.5 else ""
    size = abs(value)
    if size >= 10_000_000_000:
        return f"{sign}${size / 1_000_000_000:,.1f} B"
    if size >= 10_000_000:
        return f"{sign}${size / 1_000_000:,.1f} M"
    return f"{sign}${size:,.0f}"


def percent(value: Number | None, places: int = 1) -> str:
    """A share as percent: 0.034 is 3.4%; nothing known is n/a."""
    if value is None or math.isnan(value):
        return "n/a"
    return f"{value * 100:,.{places}f}%"


def points(value: Number, places: int = 2) -> str:
    """A difference of two shares, in percentage points, always with its sign."""
    # Zero is added because a difference that rounds to nothing would otherwise be shown as -0.00.
    return f"{round(float(value) * 100, places) + 0.0:+.{places}f} points"


def moment(iso: str) -> str:
    """A stored UTC time in the reader's own zone: 20 Nov 2026, 10:04."""
    return datetime.fromisoformat(iso).replace(tzinfo=UTC).astimezone().strftime("%d %b %Y, %H:%M")


def literal(text: str) -> str:
    """Text of a census, of settings or of a number, for a place that reads Markdown: it is shown as
    it is."""
    return re.sub(r"([\\`*_~|!$&<>\[\]])", r"\\\1", text)


_ABBREVIATIONS = {"hce", "nhce", "adp", "acp", "cola", "id", "qaca"}


def words(name: str) -> str:
    """A column or code as words: `new_hire_active` is New hire active."""
    parts = re.split("[_ ]", name)
    parts = [part.upper() if part in _ABBREVIATIONS else part for part in parts]
    text = " ".join(parts).strip()
    return text[:1].upper() + text[1:]


def setting(path: str) -> str:
    """The path of a setting as words: `plan.match.dollar_cap` is Plan, match, dollar cap."""
    return words(path.replace(".", ", "))


Kind = Literal["text", "plain", "day", "moment", "money", "percent", "points", "count", "number"]

_PIXELS_BESIDE = 120
# Left alone, a column is as wide as its first rows need, which may have no day.
_PIXELS_OF_A_DAY = 90

EXCEL: dict[Kind, str] = {
    "plain": "0",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "money": "$#,##0.00",
    "percent": "0.00%",
    "points": '0.00"%"',
    "count": "#,##0",
    # As many decimals as there are: a lever of 0.004 is not 0.
    "number": "General",
}
"""Number formats of a spreadsheet by kind."""

_MONEY = {
    "pay",
    "payroll",
    "paid",
    "amount",
    "compensation",
    "cost",
    "balance",
    "contributions",
    "match",
    "nonelective",
    "sharing",
    "refund",
    "forfeitures",
    "forfeited",
    "earnings",
    "distributed",
    "withdrawn",
}
_POINTS = {"percent"}
_SHARES = {"growth", "turnover", "rate", "share", "participation"}
_PLAIN = {"year", "level", "age", "tenure", "place"}


def kind(name: str, dtype: object) -> Kind:
    """What a column holds, by its name and type: names say whether a number is money or a share."""
    text = str(dtype)
    if text.startswith("datetime"):
        return "moment" if name.endswith("_at") else "day"
    if not text.startswith(("float", "int", "uint")):
        return "text"
    parts = set(name.lower().split("_"))
    if name in _PLAIN:
        return "plain"
    if parts & _POINTS:
        return "points"
    if parts & _SHARES:
        return "percent"
    if parts & _MONEY:
        return "money"
    return "number" if text.startswith("float") else "count"


def column(name: str, dtype: object, known: Kind | None = None) -> ColumnConfig:
    """How a table shows a column; `known` when its name does not say what it holds."""
    label = words(name) if known is None else name
    match known or kind(name, dtype):
        case "text" if known:
            # A long text, shown whole when its cell is chosen, must not push its like out.
            return st.column_config.TextColumn(label, width=_PIXELS_BESIDE)
        case "day":
            return st.column_config.DateColumn(label, format="YYYY-MM-DD", width=_PIXELS_OF_A_DAY)
        case "moment":
            return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm")
        case "percent":
            return st.column_config.NumberColumn(label, format="percent")
        case "points":
            return st.column_config.NumberColumn(label, format="%.2f%%")
        case "money":
            return st.column_config.NumberColumn(label, format="dollar")
        case "count" | "number":
            return st.column_config.NumberColumn(label, format="localized")
        case "plain":
            return st.column_config.NumberColumn(label, format="%d")
    return st.column_config.Column(label)
