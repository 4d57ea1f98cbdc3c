"""Results: headcount walk, payroll walk, growth and average pay."""

import streamlit as st

from streamlit_dashboard import empty, formats, show
from streamlit_dashboard.charts import trends
from streamlit_dashboard.charts import walks as walk_charts
from streamlit_dashboard.charts.theme import DOLLARS, PERCENT
from streamlit_dashboard.export_button import workbook_button
from streamlit_dashboard.queries import identity, walks

result = empty.required_result()
yearly = walks.yearly(result)
first, last = int(yearly["year"].iloc[0]), int(yearly["year"].iloc[-1])

heading, action = st.columns([4, 1], vertical_alignment="bottom")
heading.title("Headcount and pay")
with action:
    workbook_button(result)

opening, closing = yearly.iloc[0], yearly.iloc[-1]
settings = identity.settings(result).set_index("setting")["value"]
target_growth = float(settings["simulation.target_growth_rate"])

cards = st.columns(4)
more_people = closing["closing_headcount"] - opening["opening_headcount"]
cards[0].metric(
    f"Headcount, end of {last}",
    formats.count(closing["closing_headcount"]),
    f"{formats.count(more_people)} since {first - 1}",
    delta_color="normal" if more_people else "off",
    delta_arrow="auto" if more_people else "off",
    border=True,
)
cards[1].metric(
    f"Annual payroll, end of {last}",
    formats.money(closing["closing_payroll"]),
    f"{formats.money(closing['closing_payroll'] - opening['opening_payroll'])} since {first - 1}",
    border=True,
)
has_people = closing["closing_headcount"] > 0
cards[2].metric(
    f"Average pay, end of {last}",
    formats.money(closing["average_pay"]) if has_people else "n/a",
    f"{formats.percent(closing['average_pay_growth'])} in {last}" if has_people else None,
    border=True,
)
cards[3].metric(
    f"Pay growth, {last}",
    formats.percent(closing["pay_growth"], 2),
    f"{formats.points(yearly['pay_growth'].diff().iloc[-1])} on {last - 1}"
    if len(yearly) > 1
    else None,
    delta_color="off",
    delta_arrow="off",
    help="People employed at both ends of the year: their annual pay at its end over that at its "
    "start.",
    border=True,
)

options = ["All years", *map(str, yearly["year"])]
chosen = st.segmented_control(
    "Period of the walks", options, default="All years", required=True, key="walk-period"
)
start, end = (first, last) if chosen == "All years" else (int(chosen), int(chosen))
period = f"{start}" if start == end else f"{start} to {end}"
headcount = walks.headcount_walk(result, start, end)
payroll = walks.payroll_walk(result, start, end)


def reconciliation(steps, text) -> str:
    """The walk in one line: opening, each step with its sign, closing."""
    inner = " ".join(
        f"{'-' if amount < 0 else '+'} {text(abs(amount))}" for amount in steps["amount"][1:-1]
    )
    gap = steps["difference"].iloc[-1]
    total = f"{text(steps['amount'].iloc[0])} {inner} = {text(steps['amount'].iloc[-1])}"
    return f"Reconciles: {total}" if gap == 0 else f"Does not reconcile by {text(gap)}: {total}"


def cents(value: float) -> str:
    """Dollars and cents, so that the sum can be checked by hand."""
    return f"{value:,.2f}"


left, right = st.columns(2)
with left:
    show.chart(
        f"Headcount walk, {period}",
        walk_charts.waterfall(headcount, dollars=False),
        headcount[["step", "amount"]].rename(columns={"amount": "people"}),
        f"headcount_walk_{start}_{end}",
        "Waterfall from opening to closing headcount",
        reconciliation(headcount, formats.count),
    )
with right:
    show.chart(
        f"Payroll walk, {period} (annual rates)",
        walk_charts.waterfall(payroll, dollars=True),
        payroll[["step", "amount"]],
        f"payroll_walk_{start}_{end}",
        "Waterfall from opening to closing annual payroll",
        reconciliation(payroll, cents),
    )

left, right = st.columns(2)
with left:
    growth = yearly[["year", "headcount_growth", "average_pay_growth", "pay_growth"]]
    show.chart(
        "Growth a year",
        trends.lines(
            growth,
            {
                "headcount_growth": "Headcount",
                "average_pay_growth": "Average pay",
                "pay_growth": "Pay of continuing staff",
            },
            number_format=PERCENT,
            target=target_growth,
            target_label=f"Headcount target {formats.percent(target_growth)}",
        ),
        growth,
        "growth",
        "Lines of headcount, average pay and continuing staff's pay growth by year",
    )
with right:
    average = yearly[["year", "opening_average_pay", "average_pay", "closing_payroll"]]
    show.chart(
        "Average annual pay at year end",
        trends.bars(average, "average_pay", number_format=DOLLARS),
        average,
        "average_pay",
        "Bars of average pay by year",
    )

with st.expander("Every number by year", icon=":material/table:"):
    show.table(yearly, "yearly")
