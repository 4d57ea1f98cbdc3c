"""Results: participation, deferrals, employer cost, balances."""

import altair as alt
import streamlit as st

from streamlit_dashboard import empty, formats, show
from streamlit_dashboard.charts import trends
from streamlit_dashboard.charts.theme import (
    BLUE,
    COUNTS,
    DOLLARS,
    GREEN,
    ORANGE,
    PERCENT,
    PURPLE,
    SHORT_DOLLARS,
    SKY,
    axis,
)
from streamlit_dashboard.queries import plan

SOURCES = {
    "employer_match": ("Match", BLUE),
    "employer_nonelective": ("Nonelective", ORANGE),
    "employer_profit_sharing": ("Profit sharing", GREEN),
}
ACCOUNTS = {
    "employee_pre_tax": ("Employee pre-tax", PURPLE),
    "employee_roth": ("Employee Roth", SKY),
    **SOURCES,
}

result = empty.required_result()
st.title("Plan")
yearly = plan.yearly(result)
closing, last = yearly.iloc[-1], int(yearly["year"].iloc[-1])

cards = st.columns(4)
cards[0].metric(
    f"Participation, {last}",
    formats.percent(closing["participation_rate"]),
    f"{formats.count(closing['participants'])} of {formats.count(closing['eligible'])} eligible",
    delta_color="off",
    delta_arrow="off",
    border=True,
)
cards[1].metric(
    f"Average deferral, {last}",
    formats.percent(closing["average_deferral_rate"], 2),
    "of pay, participants",
    delta_color="off",
    delta_arrow="off",
    border=True,
)
cards[2].metric(
    f"Employer cost, {last}",
    formats.money(closing["employer_cost"]),
    f"{formats.percent(closing['employer_cost_rate'], 2)} of participants' pay",
    delta_color="off",
    delta_arrow="off",
    border=True,
)
cards[3].metric(
    f"Balances, end of {last}",
    formats.money(closing["balance"]),
    f"{formats.money(closing['vested_balance'])} vested",
    delta_color="off",
    delta_arrow="off",
    border=True,
)

left, right = st.columns(2)
with left:
    show.chart(
        "Participation of the eligible",
        trends.lines(yearly, {"participation_rate": "Participation"}, number_format=PERCENT),
        yearly[["year", "eligible", "participants", "participation_rate"]],
        "participation",
        "Line of participation by year",
    )
with right:
    head, box = st.columns([3, 1], vertical_alignment="bottom")
    years = [int(year) for year in yearly["year"]]
    year = box.selectbox("Year", years, index=len(years) - 1, key="deferral-year")
    deferrals = plan.deferrals(result, year)
    with head:
        st.markdown("**Deferral rates of participants**")
    st.altair_chart(
        alt.Chart(deferrals, height=262)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X(
                "percent_of_pay:O",
                title="Percent of pay, rounded down",
                axis=alt.Axis(labelAngle=0),
            ),
            y=alt.Y("people:Q", title=None, axis=axis(COUNTS)),
            tooltip=[
                alt.Tooltip("percent_of_pay:O", title="Percent of pay, from"),
                alt.Tooltip("people:Q", title="People", format=COUNTS),
            ],
        ),
        alt=f"Bars of participants by deferral rate in {year}",
    )
    with st.expander("Numbers", icon=":material/table:"):
        show.table(deferrals, f"deferral_rates_{year}")

left, right = st.columns(2)
with left:
    cost = yearly.melt(
        id_vars="year", value_vars=list(SOURCES), var_name="source", value_name="value"
    )
    cost["series"] = cost["source"].map({key: label for key, (label, _) in SOURCES.items()})
    show.chart(
        "Employer contributions by source",
        trends.stacked(
            cost[cost["value"] > 0],
            {
                label: colour
                for label, colour in SOURCES.values()
                if label in set(cost.loc[cost["value"] > 0, "series"])
            },
            number_format=SHORT_DOLLARS,
            value_title="Dollars",
            total=True,
        ),
        yearly[["year", *SOURCES, "forfeitures_used", "employer_cost"]],
        "employer_cost",
        "Stacked bars of employer contributions by year and source",
        "Forfeitures that pay for contributions are not taken off here; employer cost, under "
        "Numbers, is after them.",
    )
with right:
    show.chart(
        "Employer cost as a share of participants' pay",
        trends.lines(
            yearly,
            {"employer_match_rate": "Match", "employer_cost_rate": "After forfeitures"},
            number_format=".2%",
        ),
        yearly[
            [
                "year",
                "employer_cost_rate",
                "employer_match_rate",
                "employer_nonelective_rate",
                "employer_profit_sharing_rate",
            ]
        ],
        "employer_cost_rate",
        "Lines of employer cost over pay by year",
    )

balances, by_account = plan.balances(result), plan.balances_at_year_end(result)
names = {key: label for key, (label, _) in ACCOUNTS.items()}
left, right = st.columns(2)
with left:
    balances["series"] = balances["account"].map(names)
    present = [label for label in names.values() if label in set(balances["series"])]
    colours = {label: colour for label, colour in ACCOUNTS.values() if label in present}
    st.markdown("**Balances every Friday, by account**")
    st.altair_chart(
        alt.Chart(balances, height=300)
        .mark_area()
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y", tickCount="year")),
            y=alt.Y("balance:Q", title=None, axis=axis(SHORT_DOLLARS), stack="zero"),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                legend=alt.Legend(title=None, orient="top", columns=3),
            ),
            tooltip=[
                alt.Tooltip("day:T", title="Friday"),
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("balance:Q", title="Balance", format=DOLLARS),
                alt.Tooltip("vested_balance:Q", title="Vested", format=DOLLARS),
            ],
        ),
        alt="Stacked areas of plan balances by week and account",
    )
    show.csv_button(balances.drop(columns="account"), "balances")
with right:
    show.chart(
        "Balances and vested balances at year end",
        trends.lines(
            yearly, {"balance": "Balance", "vested_balance": "Vested"}, number_format=SHORT_DOLLARS
        ),
        by_account.assign(account=by_account["account"].map(names)),
        "account_walk",
        "Lines of balances and vested balances by year",
        "Balances of former employees who left their money in the plan are included.",
    )
