"""Scenarios: two to five side by side, their differences and what drives them."""

from functools import partial
from itertools import chain

import pandas as pd
import streamlit as st

from streamlit_dashboard import empty, formats, show, state
from streamlit_dashboard.charts import trends
from streamlit_dashboard.charts.theme import COUNTS, PERCENT, SHORT_DOLLARS
from streamlit_dashboard.queries import comparison
from streamlit_dashboard.queries.result import as_result

MOST = 5

published = state.published_scenarios()
if not published:
    empty.required_result()
st.title("Compare scenarios")
in_view = state.scenario()
names = sorted(published, key=lambda name: (name != "baseline", name != in_view, name))
chosen = st.multiselect(
    "Scenarios, the first is the base of the differences",
    names,
    default=names[:2],
    max_selections=MOST,
    key="compared",
)
if len(chosen) < 2:
    st.info(
        "Choose two to five scenarios that have a result."
        if len(names) > 1
        else f"Only {names[0]} has a result so far. Create another scenario on the page Manage, "
        "run it, and compare here."
    )
    st.stop()
results = [as_result(published[name]) for name in chosen]
base, others = results[0], results[1:]
reasons = comparison.same_draws(results)
if reasons:
    st.warning(
        "Not only the settings differ, so part of the differences is not their effect. "
        + " ".join(reasons)
        + " Run the scenarios again with the same seed and census.",
        icon=":material/warning:",
    )
else:
    st.caption(
        "Same seed, census and model: the same people draw the same numbers in every scenario, so "
        "each difference is caused by the settings that differ."
    )

table = comparison.by_year(results)
if table.empty:
    st.info(
        "These results have no year in common. Run the scenarios for the same years on the page "
        "Runs."
    )
    st.stop()
first_year, last_year = int(table["year"].min()), int(table["year"].max())
if len({published[name].years for name in chosen}) > 1:
    st.caption(
        f"The results cover different years. They are compared in {first_year} to {last_year}, the "
        "years that all of them have."
    )
labels = comparison.MEASURES
measure_box, target_box = st.columns([2, 1], vertical_alignment="bottom")
measure = measure_box.selectbox(
    "Measure", list(labels), index=3, format_func=labels.get, key="measure"
)
kind = formats.kind(measure, "float64")
number_format = {"percent": PERCENT, "money": SHORT_DOLLARS}.get(kind, COUNTS)
text = {"percent": partial(formats.percent, places=2), "money": formats.money}.get(
    kind, formats.count
)
scale = 100 if kind == "percent" else 1
given = target_box.number_input(
    "Target, %" if kind == "percent" else "Target",
    value=100 * state.target_pay_growth() if measure == "pay_growth" else None,
    step=0.1 if kind == "percent" else 1.0,
    key=f"target-{measure}",
    placeholder="None",
)
target = None if given is None else given / scale

long = table[["year", "scenario", measure]].rename(columns={"scenario": "series", measure: "value"})
differences = comparison.differences(table, measure, base.scenario_id)
show.chart(
    labels[measure],
    trends.grouped_lines(
        long,
        chosen,
        number_format=number_format,
        target=target,
        target_label=f"Target {text(target)}" if target is not None else "",
    ),
    differences,
    f"compare_{measure}",
    f"Lines of {labels[measure]} by year and scenario",
    kinds={name: kind for name in differences if name != "year"},
)


def signed(value: float) -> str:
    """A difference with its sign, in the unit of the measure."""
    if kind == "percent":
        return formats.points(value)
    return ("+" if value > 0 else "") + text(value)


latest = table[table["year"] == last_year].set_index("scenario")[measure]
# In narrower cards names and amounts would be cut.
in_a_row = min(len(chosen), 3)
rows = [st.columns(in_a_row) for _ in chosen[::in_a_row]]
for card, name in zip(chain(*rows), chosen, strict=False):
    value = latest[name]
    is_base = name == base.scenario_id
    card.metric(
        f"{name}, {last_year}",
        text(value),
        "base of the differences" if is_base else signed(value - latest[base.scenario_id]),
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    if target is not None:
        card.caption(f"{signed(value - target)} from the target")

st.subheader(f"What drives the difference to {base.scenario_id}")
for other in others:
    st.markdown(f"**{other.scenario_id}**")
    left, right = st.columns([2, 3], gap="medium")
    with left:
        drivers = comparison.payroll_drivers(base, other, first_year, last_year)
        st.caption(f"Annual payroll at the end of {last_year}, by step of the walk")
        show.table(drivers, f"drivers_{base.scenario_id}_{other.scenario_id}")
    with right:
        changed = comparison.changed_settings(base, other)
        st.caption("Settings and levers that differ")
        if changed.empty:
            st.write("None: the two results were made from the same settings and levers.")
        else:
            show.table(
                changed.assign(setting=changed["setting"].map(formats.setting)),
                f"settings_{base.scenario_id}_{other.scenario_id}",
                kinds={base.scenario_id: "text", other.scenario_id: "text"},
            )
        costs = comparison.employer_cost_drivers(base, other, last_year)
        st.caption(f"Employer cost in {last_year}, by source")
        show.table(costs, f"costs_{base.scenario_id}_{other.scenario_id}")

with st.expander("Every measure by year", icon=":material/table:"):
    wide: pd.DataFrame = table[["scenario", "year", *labels]]
    show.table(wide, "comparison")
