"""Results: who is in the workforce, from a bar to the people, from a person to the events."""

from dataclasses import replace

import altair as alt
import streamlit as st

from orchestrator.explanation import StaleResultError, UnknownEmployeeError
from streamlit_dashboard import empty, formats, show
from streamlit_dashboard.charts import trends
from streamlit_dashboard.charts.theme import DOLLARS, STATUS
from streamlit_dashboard.queries import people, workforce
from streamlit_dashboard.queries.workforce import STATUSES, Filter
from streamlit_dashboard.runs.watching import show_failure

SHOWN = 1000
GROUPINGS = {
    "Level": "level",
    "Department": "department",
    "Age": "age_band",
    "Tenure": "tenure_band",
}


def show_explanation(employee_id: str, year: int) -> None:
    """A person's year step by step, with the sections of the law."""
    try:
        with st.spinner(f"Working out {year} from the tables of the run"):
            explained = people.explanation(result, employee_id, year)
    except (StaleResultError, UnknownEmployeeError) as error:
        show_failure(str(error))
        return
    for section in explained.sections:
        if section.title == "Events":
            continue
        with st.expander(section.heading):
            if section.steps:
                st.markdown(show.steps(section))
            if section.table:
                show.explained_table(section.table)


result = empty.required_result()
choices = workforce.choices(result)
st.title("People")

with st.container(border=True):
    row = st.columns(5)
    statuses = row[0].multiselect(
        "Status", list(STATUSES), format_func=STATUSES.get, placeholder="All", key="f-status"
    )
    levels = row[1].multiselect(
        "Level",
        list(choices.levels),
        format_func=lambda level: f"{level} {choices.levels[level]}",
        placeholder="All",
        key="f-level",
    )
    departments = row[2].multiselect(
        "Department", choices.departments, placeholder="All", key="f-department"
    )
    ages = row[3].multiselect("Age", choices.age_bands, placeholder="All", key="f-age")
    tenures = row[4].multiselect("Tenure", choices.tenure_bands, placeholder="All", key="f-tenure")
chosen = Filter(
    statuses=tuple(statuses),
    levels=tuple(levels),
    departments=tuple(departments),
    age_bands=tuple(ages),
    tenure_bands=tuple(tenures),
)


def clicked(event) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Years and statuses of the bars that were clicked."""
    points = event.selection.get("bar", []) if event else []
    code = {label: status for status, label in STATUSES.items()}
    years = tuple(sorted({int(point["year"]) for point in points if "year" in point}))
    return years, tuple({code[point["series"]] for point in points if "series" in point})


left_head, right_head, year_box = st.columns([4, 3, 1], vertical_alignment="bottom")
left_head.markdown("**Workforce by status** (click a bar to list its people)")
grouping = right_head.segmented_control(
    "Group by", list(GROUPINGS), default="Level", required=True, key="grouping"
)
year = year_box.selectbox("Year", choices.years, index=len(choices.years) - 1, key="group-year")
left, right = st.columns(2)
by_status = workforce.by_status(result, chosen)
by_status["series"] = by_status["status"].map(STATUSES)
long = by_status.rename(columns={"people": "value"})
with left:
    event = st.altair_chart(
        trends.stacked(long, STATUS, selection="bar"),
        on_select="rerun",
        key="status-bars",
        alt="Stacked bars of people by year and status",
    )
    with st.expander("Numbers", icon=":material/table:"):
        show.table(
            by_status.assign(status=by_status["series"])[
                ["year", "status", "people", "average_pay", "annual_pay"]
            ],
            "workforce_by_status",
        )
picked_years, picked_statuses = clicked(event)
with right:
    grouped = workforce.by_group(result, replace(chosen, years=(year,)), GROUPINGS[grouping])
    grouped["series"] = grouped["status"].map(STATUSES)
    orders = {
        "Level": [str(level) for level in choices.levels],
        "Department": list(choices.departments),
        "Age": list(choices.age_bands),
        "Tenure": list(choices.tenure_bands),
    }
    x = alt.X(
        "grouping:N",
        title=None,
        sort=orders[grouping],
        # Names of two words break, so that every department is named under its bar.
        axis=alt.Axis(
            labelAngle=0,
            labelOverlap=False,
            labelFontSize=9 if grouping == "Department" else alt.Undefined,
            labelExpr="split(datum.label, ' ')",
        ),
    )
    st.altair_chart(
        trends.stacked(grouped.rename(columns={"people": "value"}), STATUS, x=x),
        alt=f"Stacked bars of people by {grouping.lower()} and status in {year}",
    )
    with st.expander("Numbers", icon=":material/table:"):
        show.table(
            grouped.assign(status=grouped["series"])[
                ["grouping", "status", "people", "average_pay"]
            ].rename(columns={"grouping": grouping}),
            f"workforce_by_{grouping.lower()}",
        )

st.subheader("People behind the bars")
year_box, search_box, note = st.columns([2, 2, 3], vertical_alignment="bottom")
listed_year = year_box.selectbox(
    "Year",
    ["All years", *choices.years],
    index=len(choices.years),
    key="list-year",
    disabled=bool(picked_years),
)
search = search_box.text_input("Employee id contains", key="list-search")
years = picked_years or (() if listed_year == "All years" else (listed_year,))
listed = replace(
    chosen,
    years=years,
    statuses=picked_statuses or chosen.statuses,
    search=search.strip(),
)
rows, persons = workforce.count(result, listed)
picked = ", ".join(
    [*map(str, picked_years), *(STATUSES[status].lower() for status in picked_statuses)]
)
note.caption(
    f"{formats.count(persons)} {'person' if persons == 1 else 'people'}"
    + (f" in {formats.count(rows)} person-years" if rows != persons else "")
    + (f", bar: {picked} (click it again to release)" if picked else "")
    + (f"; the first {formats.count(SHOWN)} are listed, the CSV has all" if rows > SHOWN else "")
)
table = workforce.people(result, listed, SHOWN)
selection = st.dataframe(
    table,
    hide_index=True,
    height=320,
    placeholder="",
    on_select="rerun",
    selection_mode="single-row",
    # Rows are selected by their place, so other rows must not inherit a selection.
    key=f"people-table-{result.run_id}-{listed}",
    column_config={name: formats.column(name, table[name].dtype) for name in table}
    # Wide enough for every reason: the first people may have none.
    | {"reason": st.column_config.Column("Reason", width=90)},
)
show.csv_button(lambda: workforce.everybody(result, listed), "people")

chosen_rows = selection.selection.rows
typed = st.text_input(
    "Person",
    value=str(table["employee_id"].iloc[chosen_rows[0]]) if chosen_rows else "",
    placeholder="Select a row above, or type an employee id",
)
if typed:
    person = people.known_id(result, typed.strip())
    if person is None:
        st.warning(f"Nobody in this result has the employee id {formats.literal(typed)}.")
        st.stop()
    states = people.states(result, person)
    latest = states.iloc[-1]
    st.subheader(f"{formats.literal(person)}, year by year")
    level = int(latest["level_id"])
    st.markdown(
        f"{STATUSES[latest['detailed_status_code']]} · "
        f"level {level} {formats.literal(choices.levels[level])} · "
        f"age {latest['current_age']}, tenure {latest['current_tenure']} · "
        f"{formats.literal(formats.money(latest['current_compensation']))} a year"
    )
    left, right = st.columns([1, 2])
    with left:
        pay = states.rename(columns={"simulation_year": "year"})
        st.markdown("**Annual pay at year end**")
        st.altair_chart(
            trends.lines(pay, {"current_compensation": "Annual pay"}, number_format=DOLLARS),
            alt="Line of annual pay by year",
        )
    with right:
        st.markdown("**Every event**")
        show.table(people.events(result, person), f"events_{person}", height=320)
    explained_year = st.segmented_control(
        "How every amount of a year came about",
        [int(year) for year in states["simulation_year"]],
        key=f"explained-{person}",
    )
    if explained_year:
        show_explanation(person, explained_year)
