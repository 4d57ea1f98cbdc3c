"""PlanWise Navigator in a browser: navigation, the scenario in view, progress of runs."""

import gc

import streamlit as st

from streamlit_dashboard import access, problems, sidebar

# No icon of its own: the browser would fetch one of Streamlit's from Google.
st.set_page_config(page_title="PlanWise Navigator", layout="wide")

# The folder is not called `pages`: Streamlit would show files of that name without this script.
PAGES = {
    "Results": [
        st.Page("views/headcount_pay.py", title="Headcount and pay", default=True),
        st.Page("views/people.py", title="People"),
        st.Page("views/plan.py", title="Plan"),
        st.Page("views/compliance.py", title="Compliance tests"),
    ],
    "Tune": [
        st.Page("views/compensation.py", title="Compensation"),
        st.Page("views/plan_design.py", title="Plan design"),
    ],
    "Scenarios": [
        st.Page("views/compare.py", title="Compare"),
        st.Page("views/scenarios.py", title="Manage"),
        st.Page("views/runs.py", title="Runs"),
        st.Page("views/census.py", title="Census"),
    ],
}


@st.cache_resource(show_spinner=False)
def keep_what_is_loaded() -> None:
    """Streamlit looks for garbage whenever a page or the progress of a run has been drawn. What the
    process has loaded is none, and going through it took more time than drawing."""
    gc.freeze()


st.html("<style>.stMainBlockContainer {padding: 3rem 2.5rem 4rem}</style>")
# Before the password, which would otherwise lead to the first page instead of the one asked for.
page = st.navigation(PAGES, position="sidebar" if access.is_admitted() else "hidden")
access.require_password()
with problems.explained():
    with st.sidebar:
        sidebar.show()
    page.run()
    keep_what_is_loaded()
