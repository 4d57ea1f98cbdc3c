"""Scenarios: the census of the next runs; upload, check, choose."""

import streamlit as st

from orchestrator.census import CensusError
from streamlit_dashboard import census_store, formats, show, state
from streamlit_dashboard.runs import orders
from streamlit_dashboard.runs.watching import show_failure

SAMPLE = census_store.SAMPLE.capitalize()

scenario = state.scenario()
st.title("Census")
in_use = census_store.in_use()
files = {path.name: path for path in census_store.uploads()}
name_in_use = in_use.name if in_use else SAMPLE
names = [SAMPLE, *files]
# The key names what is in use, so that an upload moves the choice and is not undone by it.
key = f"census-{name_in_use}"
st.radio(
    "Census of the next runs",
    names,
    index=names.index(name_in_use),
    key=key,
    on_change=lambda: census_store.use(files.get(st.session_state[key])),
)
for kind, message in st.session_state.pop("census-accepted", []):
    getattr(st, kind)(formats.literal(message))
if files:
    with st.popover("Delete an upload"):
        doomed = st.selectbox("Uploaded file", list(files), key="doomed-census")
        if st.button("Delete for good", key="delete-census"):
            if orders.reads(files[doomed]):
                show_failure(
                    f"A run under way uses {doomed}. Wait for its end or cancel it on the page "
                    "Runs, then delete the file."
                )
            else:
                census_store.delete(files[doomed])
                st.rerun()

st.subheader("Upload")
st.write(
    "CSV or Parquet, one row an employee. Required columns: employee_id, employee_birth_date, "
    "employee_hire_date, employee_gross_compensation. Social security number, level, department, "
    "hours, deferral rate, balances and the like are optional; unknown columns are ignored and "
    "named."
)
uploaded = st.file_uploader(
    f"Census file, at most {census_store.MOST_MEGABYTES} MB",
    type=list(census_store.SUFFIXES),
    max_upload_size=census_store.MOST_MEGABYTES,
)
st.caption(
    f"The file is checked row by row, with the levels and the start year of scenario {scenario}. "
    "It is kept as it is on this machine, under PLANWISE_HOME and readable by its owner only, "
    "until it is deleted here. Everything computed from it has tokens instead of social security "
    "numbers, which are shown nowhere."
)
if uploaded and st.button("Check and use", type="primary"):
    try:
        path, report = census_store.add(uploaded.name, uploaded.getvalue(), scenario)
    except CensusError as error:
        if error.report is None:
            show_failure(str(error))
        else:
            rejected = error.report
            st.error(
                f"{rejected.rejected_rows:,} of {rejected.source_rows:,} rows are bad, so the "
                "census is not used. Correct them and upload it again.",
                icon=":material/error:",
            )
            show.table(rejected.rejects.to_pandas(), "bad_rows")
    else:
        census_store.use(path)
        accepted = f"{report.accepted_rows:,} people accepted. The next runs use {path.name}."
        st.session_state["census-accepted"] = [
            *(("warning", warning) for warning in report.warnings),
            ("success", accepted),
        ]
        st.rerun()
