"""Values over the years: lines, bars, stacked bars."""

import altair as alt
import pandas as pd

from streamlit_dashboard.charts.theme import BLUE, COUNTS, GREY, HEIGHT, SERIES, axis, exact, label

YEAR = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))


def lines(
    frame: pd.DataFrame,
    series: dict[str, str],
    *,
    number_format: str,
    target: float | None = None,
    target_label: str = "Target",
) -> alt.LayerChart:
    """Columns of `frame` (key) as lines named by the value, by `year`; `target` is a flat line."""
    long = frame.rename(columns=series).melt(
        id_vars="year", value_vars=list(series.values()), var_name="series"
    )
    return grouped_lines(
        long,
        list(series.values()),
        number_format=number_format,
        target=target,
        target_label=target_label,
    )


def grouped_lines(
    long: pd.DataFrame,
    names: list[str],
    *,
    number_format: str,
    target: float | None = None,
    target_label: str = "Target",
) -> alt.LayerChart:
    """`long` has year, series, value; `names` gives the order of the series."""
    legend = alt.Legend(title=None, orient="top", labelLimit=260, columns=3)
    base = alt.Chart(long, height=HEIGHT).encode(
        x=YEAR,
        y=alt.Y(
            "value:Q",
            title=None,
            axis=axis(number_format),
            scale=alt.Scale(zero=False, nice=True),
        ),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=names, range=list(SERIES)),
            legend=legend if len(names) > 1 else None,
        ),
        # The shape tells the series apart where colours do not.
        shape=alt.Shape("series:N", sort=names, legend=None),
        tooltip=[
            alt.Tooltip("year:O", title="Year"),
            alt.Tooltip("series:N", title=" "),
            alt.Tooltip("value:Q", title="Value", format=exact(number_format)),
        ],
    )
    layers = [
        base.mark_line(strokeWidth=2.5).encode(shape=alt.Undefined),
        base.mark_point(size=70, filled=True, opacity=1),
    ]
    if target is not None:
        rule = alt.Chart(pd.DataFrame({"target": [target], "name": [target_label]}))
        layers.append(rule.mark_rule(strokeDash=[6, 4], color=GREY, size=2).encode(y="target:Q"))
        # Above the plot no line runs through it; the dashes say which line it names.
        layers.append(
            rule.transform_calculate(key="'- - - ' + datum.name")
            .mark_text(align="right", color=GREY)
            .encode(x=alt.value("width"), y=alt.value(-16), text="key:N")
        )
    return alt.layer(*layers)


def bars(frame: pd.DataFrame, column: str, *, number_format: str) -> alt.LayerChart:
    """One column by year, with its value on each bar."""
    base = alt.Chart(frame, height=HEIGHT).encode(
        x=YEAR,
        y=alt.Y(f"{column}:Q", title=None, axis=axis(number_format)),
        tooltip=[
            alt.Tooltip("year:O", title="Year"),
            alt.Tooltip(f"{column}:Q", title="Value", format=number_format),
        ],
    )
    labels = base.mark_text(dy=-8, color=GREY).encode(
        text=alt.Text(f"{column}:Q", format=number_format)
    )
    return base.mark_bar(color=BLUE, size=46) + labels


def stacked(
    long: pd.DataFrame,
    names: dict[str, str],
    *,
    x: alt.X = YEAR,
    number_format: str = COUNTS,
    value_title: str = "People",
    selection: str | None = None,
    total: bool = False,
) -> alt.Chart | alt.LayerChart:
    """`long` has the x column, series, value; `names` maps a series to its colour, bottom first.

    A click on a bar is reported under the name `selection`; `total` writes the sum on top.
    """
    encoded = alt.Chart(long, height=HEIGHT).transform_calculate(
        place=f"indexof({list(names)}, datum.series)"
    )
    chart = encoded.mark_bar(size=46 if x is YEAR else alt.Undefined).encode(
        x=x,
        y=alt.Y("value:Q", title=None, axis=axis(number_format), stack="zero"),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=list(names), range=list(names.values())),
            legend=alt.Legend(title=None, orient="top", labelLimit=260, columns=2),
        ),
        order=alt.Order("place:Q"),
        tooltip=[
            alt.Tooltip(x.shorthand, title=" "),
            alt.Tooltip("series:N", title=" "),
            alt.Tooltip("value:Q", title=value_title, format=exact(number_format)),
        ],
    )
    if selection:
        point = alt.selection_point(name=selection, fields=[_field(x), "series"])
        chart = chart.add_params(point).encode(
            opacity=alt.condition(point, alt.value(1), alt.value(0.35))
        )
    if total:
        tops = (
            alt.Chart(long)
            .transform_aggregate(top="sum(value)", groupby=[_field(x)])
            .transform_calculate(text=label("datum.top", number_format))
            .mark_text(dy=-8, color=GREY)
            .encode(x=x, y="top:Q", text="text:N")
        )
        return chart + tops
    return chart


def _field(x: alt.X) -> str:
    return str(x.shorthand).split(":")[0]
