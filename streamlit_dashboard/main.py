"""PlanWise Navigator in a browser: navigation, the scenario in view, progress of runs."""

import streamlit as st

from streamlit_dashboard import access, problems, sidebar

st.set_page_config(page_title="PlanWise Navigator", page_icon=":material/explore:", layout="wide")

PAGES = {
    "Results": [
        st.Page("pages/headcount_pay.py", title="Headcount and pay", default=True),
        st.Page("pages/people.py", title="People"),
        st.Page("pages/plan.py", title="Plan"),
        st.Page("pages/compliance.py", title="Compliance tests"),
    ],
    "Tune": [
        st.Page("pages/compensation.py", title="Compensation"),
        st.Page("pages/plan_design.py", title="Plan design"),
    ],
    "Scenarios": [
        st.Page("pages/compare.py", title="Compare"),
        st.Page("pages/scenarios.py", title="Manage"),
        st.Page("pages/runs.py", title="Runs"),
        st.Page("pages/census.py", title="Census"),
    ],
}

st.html("<style>.stMainBlockContainer {padding: 3rem 2.5rem 4rem}</style>")
access.require_password()
page = st.navigation(PAGES)
with problems.explained():
    with st.sidebar:
        sidebar.show()
    page.run()
