"""Parts that every page shows in the same way: charts with their table, tables with their CSV."""

import re
from collections.abc import Callable
from decimal import Decimal

import altair as alt
import pandas as pd
import streamlit as st

from orchestrator.explanation import Section, Table
from streamlit_dashboard import formats

# The place before such a text; a number that is written as text may keep its sign.
_FORMULA = re.compile(r"^(?=[=+\-@\t\r])(?![+-][\d.,]+%?$)")


def table(
    frame: pd.DataFrame,
    name: str,
    *,
    height: int | str = "auto",
    kinds: dict[str, formats.Kind] | None = None,
) -> None:
    """A table with formatted columns and its CSV under it; `kinds` of columns whose names, such as
    those of scenarios, do not say what they hold."""
    known = kinds or {}
    st.dataframe(
        frame,
        hide_index=True,
        height=height,
        placeholder="",
        column_config={
            column: formats.column(column, frame[column].dtype, known.get(column))
            for column in frame
        },
    )
    csv_button(frame, name)


def csv_button(frame: pd.DataFrame | Callable[[], pd.DataFrame], name: str) -> None:
    """Offers a table as a CSV file called `name`; a function is asked for it on demand."""

    def content() -> bytes:
        return as_csv(frame() if callable(frame) else frame)

    st.download_button(
        "Download CSV",
        content,
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        on_click="ignore",
        icon=":material/download:",
    )


def as_csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV for a spreadsheet, which is not to compute text that looks like a formula."""
    texts = frame.select_dtypes(exclude=["number", "bool", "datetime"])
    inert = texts.map(lambda cell: _FORMULA.sub("'", cell) if isinstance(cell, str) else cell)
    return frame.assign(**inert).to_csv(index=False).encode("utf-8-sig")


def steps(section: Section) -> str:
    """The steps of an explanation as a Markdown table: what, and how much."""
    rows = [
        f"| {_cell(step.text)} | {'' if step.amount is None else _cell(f'${step.amount:,.2f}')} |"
        for step in section.steps
    ]
    return "\n".join(["| | |", "|:--|--:|", *rows])


def _cell(text: str) -> str:
    # A line break would end the row.
    return formats.literal(" ".join(text.split()))


def explained_table(content: Table) -> None:
    """A table of an explanation: dollars are Decimal."""
    frame = pd.DataFrame(content.rows, columns=content.columns)
    config = {}
    for name in frame:
        is_money = frame[name].map(lambda cell: isinstance(cell, Decimal)).any()
        if is_money:
            frame[name] = frame[name].astype(float)
            config[name] = st.column_config.NumberColumn(formats.words(name), format="dollar")
        else:
            config[name] = st.column_config.Column(formats.words(name))
    st.dataframe(frame, hide_index=True, placeholder="", column_config=config)


def chart(
    title: str,
    picture: alt.Chart | alt.LayerChart,
    frame: pd.DataFrame,
    name: str,
    alt_text: str,
    caption: str = "",
    kinds: dict[str, formats.Kind] | None = None,
) -> None:
    """A chart under its title, with the numbers behind it on demand.

    The tools above its corner save the picture as PNG.
    """
    st.markdown(f"**{title}**")
    st.altair_chart(picture, alt=alt_text, width="stretch")
    if caption:
        st.caption(caption)
    with st.expander("Numbers", icon=":material/table:"):
        table(frame, name, kinds=kinds)
