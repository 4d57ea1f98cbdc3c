"""Colours and sizes shared by all charts.

Colours are from Okabe and Ito's palette, which stays distinct for colour-blind readers; those too
pale for a white page or too dark for a black one are left out, so the same ones serve both themes.
"""

import altair as alt

BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILION, PURPLE = "#E69F00", "#D55E00", "#CC79A7"
GREY = "#8A8A8A"
# White text on it and it on a black page both have a contrast of at least 4.
BLUE_ON_DARK = "#1F85C7"

SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)

WALK = {"total": BLUE, "up": GREEN, "down": VERMILION}

STATUS = {
    "Employed all year": BLUE,
    "Hired this year": GREEN,
    "Left": VERMILION,
    "Hired and left": ORANGE,
}

HEIGHT = 300
COUNTS, DOLLARS, SHORT_DOLLARS, PERCENT = ",.0f", "$,.0f", "$.3~s", ".2~%"


def axis(number_format: str) -> alt.Axis:
    """An axis of numbers."""
    return alt.Axis(
        format=number_format,
        labelExpr=_in_billions("datum.label"),
        # Half a person would be labelled as a whole one, a second time.
        tickMinStep=1 if number_format == COUNTS else alt.Undefined,
    )


def exact(number_format: str) -> str:
    """The format of a tooltip beside an axis of short dollars."""
    return DOLLARS if number_format == SHORT_DOLLARS else number_format


def label(value: str, number_format: str) -> str:
    """The expression for a number written beside its mark; `value` is a Vega expression."""
    return _in_billions(f"format({value}, '{number_format}')")


def _in_billions(text: str) -> str:
    # Vega's short numbers have the prefixes of physics, in which a billion is giga.
    return f"replace({text}, 'G', 'B')"
