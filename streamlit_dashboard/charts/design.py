"""Pictures of a plan design."""

import altair as alt
import pandas as pd

from streamlit_dashboard.charts.theme import SERIES

HEIGHT = 260


def match_line(points: pd.DataFrame) -> alt.Chart:
    """Match against deferral rate; one line a band of service or points."""
    bands = list(dict.fromkeys(points["band"]))
    return (
        alt.Chart(points, height=HEIGHT)
        .mark_line(strokeWidth=3)
        .encode(
            x=alt.X(
                "deferral_rate:Q",
                title="Deferral, share of pay",
                axis=alt.Axis(format=".0%", values=[step / 100 for step in range(0, 16, 3)]),
                scale=alt.Scale(nice=False),
            ),
            y=alt.Y("match_share:Q", title="Match, share of pay", axis=alt.Axis(format=".1%")),
            color=alt.Color(
                "band:N",
                scale=alt.Scale(domain=bands, range=list(SERIES)),
                legend=alt.Legend(title=None, orient="top") if len(bands) > 1 else None,
            ),
            strokeDash=alt.StrokeDash("band:N", sort=bands, legend=None),
            tooltip=[
                alt.Tooltip("deferral_rate:Q", title="Deferral", format=".2%"),
                alt.Tooltip("match_share:Q", title="Match", format=".2%"),
                alt.Tooltip("band:N", title="Band"),
            ],
        )
    )


def vesting_steps(points: pd.DataFrame) -> alt.Chart:
    """Vested share by years of service, one line a source."""
    sources = list(dict.fromkeys(points["source"]))
    return (
        alt.Chart(points, height=HEIGHT + 40)
        .mark_line(interpolate="step-after", strokeWidth=3, point=True)
        .encode(
            x=alt.X("service_years:Q", title="Years of service", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("vested_share:Q", title="Vested", axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "source:N",
                scale=alt.Scale(domain=sources, range=list(SERIES)),
                legend=alt.Legend(title=None, orient="top", columns=2, symbolStrokeWidth=0),
            ),
            strokeDash=alt.StrokeDash("source:N", sort=sources, legend=None),
            tooltip=[
                alt.Tooltip("source:N", title=" "),
                alt.Tooltip("service_years:Q", title="Years of service"),
                alt.Tooltip("vested_share:Q", title="Vested", format=".0%"),
            ],
        )
    )
