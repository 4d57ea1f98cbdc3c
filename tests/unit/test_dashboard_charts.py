"""Charts are legible whatever their numbers are."""

import pandas as pd

from streamlit_dashboard.charts import trends
from streamlit_dashboard.charts.theme import COUNTS, PERCENT, SHORT_DOLLARS, axis

GROWTH = pd.DataFrame({"year": [2025, 2026], "growth": [0.03, 0.04]})


def test_an_axis_of_people_has_no_tick_between_two_people() -> None:
    assert axis(COUNTS).to_dict()["tickMinStep"] == 1
    assert "tickMinStep" not in axis(SHORT_DOLLARS).to_dict()


def test_the_label_of_a_target_lies_above_the_lines_and_not_on_one() -> None:
    chart = trends.lines(
        GROWTH, {"growth": "Growth"}, number_format=PERCENT, target=0.035, target_label="Target"
    ).to_dict()
    [label] = [layer for layer in chart["layer"] if layer["mark"]["type"] == "text"]
    assert label["encoding"]["y"]["value"] < 0
