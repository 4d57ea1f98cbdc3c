"""Results: nondiscrimination tests with margins, and the corrections of failed ones."""

import pandas as pd
import streamlit as st

from streamlit_dashboard import empty, formats, show
from streamlit_dashboard.queries import plan

NAMES = {
    "adp": "ADP",
    "acp": "ACP",
    "coverage_410b": "Coverage",
    "top_heavy": "Top-heavy",
}
METHODS = {
    "current": "current-year method",
    "prior": "prior-year method",
    "safe_harbor": "safe harbor, no test",
    "401k": "deferrals",
    "401m": "match",
    "nonelective": "nonelective and profit sharing",
    "determination_date": "at the determination date",
}
RULES = {
    "adp": "Average deferral of the highly compensated against the others (IRC 401(k)(3)).",
    "acp": "Average match of the highly compensated against the others (IRC 401(m)(2)).",
    "coverage_410b": "Share of the others who benefit over that of the highly compensated; at "
    "least 70% (IRC 410(b)).",
    "top_heavy": "Key employees' share of the balances; at most 60% (IRC 416(g)).",
}

result = empty.required_result()
st.title("Compliance tests")
tests = plan.tests(result)
tests["method"] = tests["method"].map(METHODS)
years = [int(year) for year in sorted(tests["year"].unique())]
year = st.segmented_control("Plan year", years, default=years[-1], required=True, key="plan-year")
of_year = tests[tests["year"] == year]
for chunk in (of_year.iloc[:3], of_year.iloc[3:]):
    for column, row in zip(st.columns(3), chunk.itertuples(), strict=False):
        with column.container(border=True):
            st.markdown(f"**{NAMES[row.test]}** · {row.method}")
            if pd.isna(row.passed):
                st.badge("Not tested", icon=":material/remove:", color="gray")
            elif row.passed:
                st.badge("Passed", icon=":material/check:", color="green")
            else:
                st.badge("Failed", icon=":material/close:", color="red")
            if not pd.isna(row.tested_percent):
                side = "at least" if row.test == "coverage_410b" else "at most"
                st.markdown(
                    f"{row.tested_percent:.2f}%, {side} {row.limit_percent:.2f}%  \n"
                    f"Margin **{row.margin_percent:+.2f} points**"
                )
            if row.excess_amount:
                excess = formats.literal(formats.money(row.excess_amount))
                st.markdown(f"To correct: **{excess}**")
            group = "key employees" if row.test == "top_heavy" else "highly compensated"
            st.caption(f"{row.hce_count:,} {group}, {row.nhce_count:,} others. {RULES[row.test]}")

st.subheader("Every test")
show.table(tests.assign(test=tests["test"].map(NAMES)), "compliance_tests")

st.subheader("Corrections")
totals = plan.correction_totals(result)
if totals.empty:
    st.caption("No test failed, so nothing was corrected.")
else:
    st.caption(
        "The excess of the highly compensated becomes a catch-up contribution where they have room "
        "for one (only Roth deferrals where it must be Roth); the rest is refunded. Match that "
        "belongs to refunded deferrals, or that is in excess and not vested, is forfeited."
    )
    show.table(totals.assign(test=totals["test"].map(NAMES)), "correction_totals")
    with st.expander("By person", icon=":material/table:"):
        people = plan.corrections(result)
        show.table(people.assign(test=people["test"].map(NAMES)), "corrections")
