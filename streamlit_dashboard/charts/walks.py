"""Waterfalls: from an opening number to a closing one, step by step."""

import altair as alt
import pandas as pd

from streamlit_dashboard.charts.theme import (
    COUNTS,
    DOLLARS,
    GREY,
    HEIGHT,
    SHORT_DOLLARS,
    WALK,
    axis,
    label,
)

# Step names break at blanks, so that every one of them fits under its bar.
AXIS = alt.Axis(labelAngle=0, labelOverlap=False, labelExpr="split(datum.label, ' ')")


def waterfall(steps: pd.DataFrame, *, dollars: bool) -> alt.LayerChart:
    """`steps` has the columns of `queries.walks`: step, amount, kind, base, top."""
    full, short = (DOLLARS, SHORT_DOLLARS) if dollars else (COUNTS, COUNTS)
    order = alt.Sort(list(steps["step"]))
    x = alt.X("step:N", sort=order, title=None, axis=AXIS)
    base = alt.Chart(steps, height=HEIGHT)
    bars = base.mark_bar(size=46).encode(
        x=x,
        y=alt.Y("base:Q", title=None, axis=axis(short)),
        y2="top:Q",
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=list(WALK), range=list(WALK.values())),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("step:N", title="Step"),
            alt.Tooltip("amount:Q", title="Amount", format=full),
            alt.Tooltip("top:Q", title="Then at", format=full),
        ],
    )
    labels = base.transform_calculate(text=label("datum.amount", short)).encode(
        x=x, text="text:N", color=alt.value(GREY)
    )
    above = labels.transform_filter("datum.kind != 'down'").mark_text(dy=-9).encode(y="top:Q")
    below = labels.transform_filter("datum.kind == 'down'").mark_text(dy=10).encode(y="top:Q")
    return bars + above + below
