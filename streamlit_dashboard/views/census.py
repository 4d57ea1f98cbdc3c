"""Scenarios: the census of the next runs; upload, check, choose."""

import streamlit as st

from orchestrator.census import CensusError
from streamlit_dashboard import census_store, show
from streamlit_dashboard.runs.watching import show_failure

SAMPLE = "The generated sample of 5,000 employees"

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
    getattr(st, kind)(message)

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
    "The file is checked row by row and stays on this machine, readable by its owner only. Social "
    "security numbers are replaced by tokens before anything is computed, and are shown nowhere."
)
if uploaded and st.button("Check and use", type="primary"):
    try:
        path, report = census_store.add(uploaded.name, uploaded.getvalue())
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
